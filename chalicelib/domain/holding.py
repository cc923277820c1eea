"""Holding: who holds a case, what it takes of their capacity, and how it is offered and let go.

An agent holds the cases that were given to them and those that are offered to them: both take of
what the agent can carry, so that the loads of all agents are the sums of what they hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.case import PAUSED, Case, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.shift import Weights

FREE: Mapping[str, object] = {
    "queued_at": None,
    "offered_to": "",
    "offered_until": None,
    "refused_by": (),
    "requeue_at": None,
    "nobody_looked_for": None,
    "nobody_since": None,
}
"""What a case forgets when it is given to somebody or comes to rest: how one was looked for."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a case takes, in hundredths of a case, of whose capacity. No agent: of nobody's."""

    agent_id: str = ""
    weight: int = 0


def held(case: Case | None) -> Held:
    """Return who carries a case, and how much of it: its agent, or whom it is offered to."""
    holder = (case.assignee or case.offered_to) if case is not None and case.open else ""
    return Held(holder, case.weight) if case is not None and holder else Held()


def weight(case: Case, conversation: Conversation, weights: Weights) -> int:
    """Return what a case takes of an agent's capacity (definitions, part 4).

    It depends on where the customer last wrote, and on whether it waits for the customer.
    """
    if case.status is Status.WAITING_CUSTOMER:
        return weights.waiting
    if conversation.channel is Channel.EMAIL:
        return weights.email
    return weights.public if conversation.latest_public else weights.private


def offer(fold: Fold, agent_id: str, at: datetime, seconds: int, **why: object) -> Fold:
    """Offer the case to an agent for so many seconds. Who has it stays undecided until then."""
    until = at + timedelta(seconds=seconds)
    found = {**FREE, "refused_by": fold.case.refused_by}
    fold = fold.change(**{**found, "offered_to": agent_id, "offered_until": until})
    return fold.note(EntryKind.CASE_OFFERED, at, MACHINE, agent_id=agent_id, until=until, **why)


def decline(fold: Fold, at: datetime, reason: str = "") -> Fold:
    """Let the agent whom the case is offered to refuse it: it goes to the next."""
    actor = fold.case.offered_to
    return _passed(fold).note(EntryKind.OFFER_DECLINED, at, actor, agent_id=actor, reason=reason)


def expire(fold: Fold, at: datetime, reason: str = "nobody answered the offer") -> Fold:
    """Let the offer be over: the agent has not answered, or has left. It goes to the next."""
    was = fold.case.offered_to
    return _passed(fold).note(EntryKind.OFFER_EXPIRED, at, agent_id=was, reason=reason)


def _passed(fold: Fold) -> Fold:
    case = fold.case
    refused = tuple(dict.fromkeys((*case.refused_by, case.offered_to)))
    return fold.change(offered_to="", offered_until=None, queued_at=None, refused_by=refused)


def let_go(fold: Fold, at: datetime, reason: str, actor: str = MACHINE) -> Fold:
    """Take the case from its agent, back to where one is looked for. No clock changes.

    One that has been put aside stays so. It goes back to this agent if possible.
    """
    was = fold.case.assignee
    fold = fold.change(assignee="", assigned_at=None, preferred=was, **FREE)
    if fold.case.status not in PAUSED:
        fold = fold.change(status=fold.case.standing)
    return fold.note(EntryKind.CASE_UNASSIGNED, at, actor, agent_id=was, reason=reason)
