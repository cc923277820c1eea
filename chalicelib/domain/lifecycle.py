"""The life of a case: it begins, is given to people, and ends.

Pure functions from a case and what happened to it to the case after it, with the log's entries.
Every function takes and returns a `Fold`. What replies do is said in reply.py, waiting in wait.py,
resolving in resolve.py, the survey in follow_up.py, and nowhere else (docs/definitions.md, part 2).
"""

from datetime import datetime

from chalicelib.domain import promise
from chalicelib.domain.case import PAUSED, Case, Status, unanswered
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.wait import end_pause


def open_case(
    number: int, terms: Terms, *, sent_at: datetime, received_at: datetime, message_id: str
) -> Fold:
    """Begin a case with the customer's first message.

    The `assign` clock runs from when it reached us, the others from when it was sent.
    """
    case = Case(
        number=number,
        status=Status.NEW,
        handle=terms.handle.id,
        team=terms.handle.team,
        opened_at=sent_at,
        policy_version=terms.policy.version,
        asks=(sent_at,),
    )
    fold = Fold(case).note(EntryKind.CASE_OPENED, sent_at, message_id=message_id)
    fold = promise.begin(fold, ClockName.ASSIGN, received_at, terms)
    fold = promise.begin(fold, ClockName.FIRST_RESPONSE, sent_at, terms)
    return promise.begin(fold, ClockName.RESOLUTION, sent_at, terms)


def receive(fold: Fold, terms: Terms, at: datetime, message_id: str) -> Fold:
    """Take in a further message of the customer on an open case.

    Waiting ends, and somebody owes an answer. A message sent before our last reply but seen only
    now counts from that reply, so that it is not taken as answered.
    """
    fold = fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id)
    fold = end_pause(fold, terms, at, MACHINE, "customer wrote")
    if fold.case.replies:
        at = max(at, fold.case.replies[-1].at)
    fold = fold.change(asks=unanswered(*fold.case.asks, at))
    return _owe(fold.change(status=fold.case.standing), terms, at)


def _owe(fold: Fold, terms: Terms, at: datetime) -> Fold:
    first = fold.case.clock(ClockName.FIRST_RESPONSE)
    answered = bool(fold.case.replies) if first is None else first.outcome is not None
    if not answered:
        fold = fold.change(opened_at=min(fold.case.opened_at, at))
        fold = promise.begin_earlier(fold, ClockName.FIRST_RESPONSE, at, terms)
        return promise.begin_earlier(fold, ClockName.RESOLUTION, at, terms)
    fold = promise.begin_earlier(fold, ClockName.NEXT_RESPONSE, at, terms)
    return promise.begin(fold, ClockName.NEXT_RESPONSE, at, terms)


def assign(fold: Fold, agent_id: str, at: datetime, actor: str) -> Fold:
    """Give the case to an agent. One that has been put aside stays so."""
    fold = fold.change(assignee=agent_id, assigned_at=at, queued_at=None)
    if fold.case.status not in PAUSED:
        fold = fold.change(status=fold.case.standing)
    fold = fold.note(EntryKind.CASE_ASSIGNED, at, actor, agent_id=agent_id)
    return promise.meet(fold, ClockName.ASSIGN, at)


def queue(fold: Fold, at: datetime, reason: str) -> Fold:
    """Let the case wait for somebody: nobody of the team is present with room."""
    fold = fold.change(status=Status.QUEUED, queued_at=at)
    return fold.note(EntryKind.CASE_QUEUED, at, reason=reason)


def close(fold: Fold, at: datetime, reason: str = "reopen window over") -> Fold:
    """Close the case: what still runs ends without a verdict, unless it has run out."""
    fold = fold.change(status=Status.CLOSED, closed_at=at)
    for name in ClockName:
        fold = promise.cancel(fold, name, at, "closed")
    return fold.note(EntryKind.CASE_CLOSED, at, reason=reason)


def tick(fold: Fold, terms: Terms, now: datetime) -> Fold:
    """Do what time alone brings about: warnings, breaches, the end of a snooze.

    Doing it twice changes nothing.
    """
    fold = promise.tick(fold, now)
    until = fold.case.snoozed_until
    if fold.case.status is Status.SNOOZED and until is not None and now >= until:
        fold = end_pause(fold, terms, until, MACHINE, "snooze over")
    return fold


def mark_stuck(fold: Fold, at: datetime, reason: str) -> Fold:
    """Mark that the machine of this case has failed and a person must look."""
    return fold.change(stuck=reason).note(EntryKind.CASE_STUCK, at, reason=reason)


def restart(fold: Fold, at: datetime, actor: str, reason: str) -> Fold:
    """Give the case a new execution, made from the truth in the table."""
    fold = fold.change(stuck="", generation=fold.case.generation + 1)
    return fold.note(EntryKind.CASE_RESTARTED, at, actor, reason=reason)
