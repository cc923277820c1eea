"""The life of a case: it begins, is given to people, and ends.

Pure functions from a case and what happened to it to the case after it, with the log's entries.
Every function takes and returns a `Fold`. What replies do is said in reply.py, waiting in wait.py,
resolving in resolve.py, the survey in follow_up.py, and nowhere else (docs/definitions.md, part 2).
"""

from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain import promise
from chalicelib.domain.case import PAUSED, Case, Status, unanswered
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import MACHINE, EntryKind, instants
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.holding import FREE
from chalicelib.domain.wait import end_pause

if TYPE_CHECKING:
    from chalicelib.domain.acting import World

HUMAN = ClockName.FIRST_RESPONSE_HUMAN
WORKING = (ClockName.ASSIGN, ClockName.OWN)
"""What is promised about a team's work: from when the case reaches the team."""

CUSTOMERS = (ClockName.FIRST_RESPONSE, HUMAN, ClockName.RESOLUTION)
"""What is promised to a customer with the first message."""


def open_case(  # noqa: PLR0913 - a message has two instants, and its writer may be remembered
    number: int,
    terms: Terms,
    *,
    sent_at: datetime,
    received_at: datetime,
    message_id: str,
    vip: bool = False,
    priority: str = "",
) -> Fold:
    """Begin a case with the customer's first message.

    The clocks of who works (`assign`, `own`) run from when it reached us, those of the customer
    from when it was sent. `vip`: the customer is remembered as such. A case begins without a
    `priority`, but may be decided again as if it had had it from the beginning (redecide.py).
    """
    case = Case(
        number=number,
        status=Status.NEW,
        handle=terms.handle.id,
        team=terms.handle.team,
        opened_at=sent_at,
        policy_version=terms.policy.version,
        asks=(sent_at,),
        vip=vip,
        priority=priority,
    )
    known = instants(received_at=received_at) | ({"vip": "yes"} if vip else {})
    facts = {"message_id": message_id, "policy_version": case.policy_version}
    fold = Fold(case).note(EntryKind.CASE_OPENED, sent_at, inputs=known, **facts)
    for name in WORKING:
        fold = promise.begin(fold, name, received_at, terms)
    for name in CUSTOMERS:
        fold = promise.begin(fold, name, sent_at, terms)
    return fold


def receive(
    fold: Fold, terms: Terms, at: datetime, message_id: str, *, received_at: datetime | None = None
) -> Fold:
    """Take in a further message of the customer on an open case.

    Waiting ends, and somebody owes an answer. A message sent before our last reply but seen only
    now counts from that reply, so that it is not taken as answered.
    """
    known = instants(received_at=received_at)
    fold = fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id, inputs=known)
    fold = end_pause(fold, terms, at, MACHINE, "customer wrote")
    if fold.case.replies:
        at = max(at, fold.case.replies[-1].at)
    fold = fold.change(asks=unanswered(*fold.case.asks, at))
    return _owe(fold.move(fold.case.standing, at), terms, at)


def _owe(fold: Fold, terms: Terms, at: datetime) -> Fold:
    first = fold.case.clock(ClockName.FIRST_RESPONSE)
    answered = bool(fold.case.replies) if first is None else first.outcome is not None
    if not answered:
        return _opened_earlier(fold, terms, at)
    fold = promise.begin_earlier(fold, ClockName.NEXT_RESPONSE, at, terms)
    return promise.begin(fold, ClockName.NEXT_RESPONSE, at, terms)


def _opened_earlier(fold: Fold, terms: Terms, at: datetime) -> Fold:
    """Let the case begin with an older message, and with it what is promised to the customer.

    What is promised since people were handed the case counts from there as before.
    """
    begun = fold.case.opened_at
    fold = fold.change(opened_at=min(begun, at))
    for name in CUSTOMERS:
        clock = promise.running(fold, name)
        if clock is not None and (name is not HUMAN or clock.started_at == begun):
            fold = promise.begin_earlier(fold, name, at, terms)
    return fold


def handed_over(fold: Fold, terms: Terms, at: datetime) -> Fold:
    """Hand a case over to people at `at`, after a machine has answered first.

    The promise that a person answers counts from there. Nothing once a person has answered.
    """
    clock = promise.running(fold, HUMAN)
    if fold.case.replies or not fold.case.open or (clock is not None and clock.started_at >= at):
        return fold
    fold = promise.cancel(fold.note(EntryKind.HANDED_OVER, at), HUMAN, at, "handed over to people")
    return promise.begin(fold, HUMAN, at, terms)


def answered_by_rule(fold: Fold, terms: Terms, at: datetime) -> Fold:
    """Take in that a rule wrote the customer an answer at `at`: from there a person owes one.

    Only the first such answer hands over, and only in time: later ones give people no more time,
    and a promise that is broken already stays broken.
    """
    clock = promise.running(fold, HUMAN)
    if clock is None or clock.started_at != fold.case.opened_at or at >= clock.due_at:
        return fold
    return handed_over(fold, terms, at)


def change_team(fold: Fold, terms: Terms, team: str, at: datetime, actor: str) -> Fold:
    """Give the case to another team: its agent lets go of it, and one of that team is looked for.

    Waiting and snoozing end. The promises that count for a team begin anew, under that team's
    targets; the others go on as they are.
    """
    fold = end_pause(fold, terms, at, actor, "given to another team")
    facts = {"old": fold.case.team, "new": team}
    fold = fold.change(
        team=team, status=Status.QUEUED, assignee="", assigned_at=None, preferred="", **FREE
    ).note(EntryKind.TEAM_CHANGED, at, actor, value=team, inputs=facts)
    fold = promise.cancel(fold, ClockName.ASSIGN, at, "given to another team")
    fold = promise.meet(fold, ClockName.OWN, at)
    for name in WORKING:
        fold = promise.begin(fold, name, at, terms)
    return fold


def assign(fold: Fold, agent_id: str, at: datetime, actor: str, **why: object) -> Fold:
    """Give the case to an agent. One that has been put aside stays so.

    Any offer of it is over. `why` are facts of the log's entry: inputs, policy_version.
    """
    fold = fold.change(assignee=agent_id, assigned_at=at, **FREE)
    if fold.case.status not in PAUSED:
        fold = fold.change(status=fold.case.standing)
    fold = fold.note(EntryKind.CASE_ASSIGNED, at, actor, agent_id=agent_id, **why)
    return promise.meet(fold, ClockName.ASSIGN, at)


def queue(fold: Fold, at: datetime, reason: str, **why: object) -> Fold:
    """Let the case wait for somebody: nobody of the team may have it now.

    `why` are facts of the log's entry: inputs, policy_version.
    """
    fold = fold.change(status=Status.QUEUED, queued_at=at)
    return fold.note(EntryKind.CASE_QUEUED, at, MACHINE, reason=reason, **why)


def close(fold: Fold, at: datetime, reason: str = "reopen window over") -> Fold:
    """Close the case: what still runs ends without a verdict, unless it has run out."""
    fold = fold.change(status=Status.CLOSED, closed_at=at, **FREE)
    return promise.end(fold, at, "closed").note(EntryKind.CASE_CLOSED, at, reason=reason)


def tick(fold: Fold, terms: Terms, now: datetime, world: "World | None" = None) -> Fold:
    """Do what time alone brings about: warnings, breaches, rules, the end of a snooze.

    `world` is what rules need to know of the outside. Doing it twice changes nothing.
    """
    fold = promise.tick(fold, now)
    until = fold.case.snoozed_until
    if fold.case.status is Status.SNOOZED and until is not None and now >= until:
        fold = _ruled(fold, terms, until, world)
        # What did not run while the customer wished to wait may have come to pass since.
        fold = promise.tick(end_pause(fold, terms, until, MACHINE, "snooze over"), now)
    return _ruled(fold, terms, now, world)


def _ruled(fold: Fold, terms: Terms, now: datetime, world: "World | None") -> Fold:
    if not terms.policy.rules:
        return fold
    from chalicelib.domain import acting  # noqa: PLC0415 - rare, and it acts by what is here

    return acting.elapse(fold, terms, now, world or acting.NOWHERE)


def mark_stuck(fold: Fold, at: datetime, reason: str) -> Fold:
    """Mark that the machine of this case has failed and a person must look."""
    return fold.change(stuck=reason).note(EntryKind.CASE_STUCK, at, reason=reason)


def restart(fold: Fold, at: datetime, actor: str, reason: str) -> Fold:
    """Give the case a new execution, made from the truth in the table."""
    fold = fold.change(stuck="", generation=fold.case.generation + 1)
    return fold.note(EntryKind.CASE_RESTARTED, at, actor, reason=reason)
