"""Stuck.

A machine has failed or gone; say so where a person sees it, and start it again from the truth in
the table.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain import lifecycle, outlook
from chalicelib.domain.agent import Presence
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import Message
from chalicelib.workflows import machine
from chalicelib.workflows.change import (
    Ask,
    CaseRef,
    Done,
    carry_out,
    persist,
    settle,
    stamped,
    terms_of,
)
from chalicelib.workflows.errors import NotNowError
from chalicelib.workflows.ports import Commit, Parts
from chalicelib.workflows.routing.alone import looked
from chalicelib.workflows.routing.drain import drain
from chalicelib.workflows.routing.leave import left

GRACE = timedelta(minutes=2)
SWEEP_AT_ONCE = 200


def stuck(parts: Parts, case: CaseRef, error: str) -> Mapping[str, object]:
    """Mark the case whose machine gave up.

    The alert follows from the log row. Doing it twice changes nothing.
    """

    def once() -> None:
        conversation = machine.read(parts, case)
        newest = machine.current(conversation, case)
        if newest is not None:
            _mark(parts, conversation, newest, error[:200] or "unknown error")

    persist(once)
    return {"phase": machine.SUPERSEDED}


def _mark(parts: Parts, conversation: Conversation, case: Case, reason: str) -> bool:
    if case.stuck:
        return False
    fold = lifecycle.mark_stuck(Fold(case), parts.now(), reason)
    machine.commit_fold(parts, conversation, fold)
    parts.meter.count("CaseStuck", team=case.team)
    return True


def restart(parts: Parts, ask: Ask) -> Done:
    """Give the case a fresh execution: one generation later, started by the table's stream."""

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = conversation.case
        if case is None or outlook.phase(case) is outlook.Phase.CLOSED:
            raise NotNowError("There is no case here that could go on.", code="closed")
        fold = lifecycle.restart(Fold(case), parts.now(), ask.actor.id, "restarted by hand")
        new = settle(conversation, fold, terms_of(parts, conversation, case))
        return Commit(conversation=new, entries=stamped(fold, new)), None

    return carry_out(parts, ask, ("restart",), decide)


def sweep(parts: Parts) -> int:
    """Mark every open case whose machine should have looked at it minutes ago and did not.

    Returns how many. Also gives waiting cases to agents with room, whom a queue that lagged behind
    may have missed, or who let them pass before; looks for teams whose cases wait for nobody; and
    for cases that were given to somebody who left in that moment. The same work each time, whatever
    happened: it finds what an execution that vanished, or never began, left behind.
    """
    found = 0
    before = parts.now() - GRACE
    for team in parts.policies.current().teams:
        for candidate in parts.views.overdue(team.id, before, SWEEP_AT_ONCE):
            found += persist(partial(_late, parts, candidate.id, before))
        drain(parts, team.id, anew=True)
        looked(parts, team.id)
    for agent in parts.agents.all():
        if agent.load and agent.presence is Presence.OFFLINE:
            left(parts, agent.id)
    return found


def _late(parts: Parts, conversation_id: str, before: datetime) -> bool:
    """Mark a case if it is late. The list it comes from lags; the row itself decides."""
    conversation = parts.conversations.get(conversation_id)
    if conversation is None or conversation.case is None:
        return False
    case = conversation.case
    moment = outlook.next_moment(case, terms_of(parts, conversation, case))
    if moment is None or moment >= before:
        return False
    return _mark(parts, conversation, case, "its machine did not look when it was due")
