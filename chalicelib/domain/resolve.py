"""Resolving and reopening: a case comes to rest, or goes on (docs/definitions.md, part 2)."""

from datetime import datetime, timedelta

from chalicelib.domain import approving, promise
from chalicelib.domain.case import OPEN, Case, FollowUp, Status, unanswered
from chalicelib.domain.clock import Clock, ClockName, Outcome
from chalicelib.domain.entry import MACHINE, EntryKind, instants
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.holding import FREE
from chalicelib.domain.promise import ANSWERS, POSITIVE, WAIVED

DONE = frozenset(Status) - OPEN


def resolve(  # noqa: PLR0913 - what the channel and the outbox say comes in from outside
    fold: Fold,
    terms: Terms,
    at: datetime,
    actor: str,
    *,
    reason: str,
    last_moment: datetime | None = None,
    on_its_way: bool = False,
) -> Fold:
    """Resolve the case.

    The survey leaves after the policy's delay, or earlier at `last_moment`, the last at which its
    channel would still take it. Response clocks still running end without a verdict, unless a reply
    is `on_its_way`: the platform accepting it stops them. Nobody waits for a word any more, and
    nothing for approval.
    """
    delayed = at + timedelta(seconds=terms.policy.follow_delay_seconds)
    leaves = delayed if last_moment is None or last_moment < at else min(delayed, last_moment)
    fold = fold.change(
        status=Status.RESOLVED,
        resolved_at=at,
        resolved_by=actor,
        resolution=reason,
        snoozed_until=None,
        waiting_reason="",
        preferred=fold.case.assignee or fold.case.preferred,
        **FREE,
        follow_up_at=leaves,
    )
    facts = instants(last_moment=last_moment) | ({"on_its_way": "yes"} if on_its_way else {})
    fold = fold.note(EntryKind.CASE_RESOLVED, at, actor, reason=reason, inputs=facts)
    fold = _kept(approving.drop(fold, at, approving.RESOLVED), at, reason, on_its_way=on_its_way)
    if fold.case.follow_up.score:
        return fold
    return promise.begin(fold, ClockName.FOLLOW_UP, delayed, terms)


def _kept(fold: Fold, at: datetime, reason: str, *, on_its_way: bool) -> Fold:
    """Stop what a solution keeps, and end what nobody waits for any more."""
    for name in (ClockName.RESOLUTION, ClockName.OWN):
        fold = promise.meet(fold, name, at)
    for name in (ClockName.ASSIGN, ClockName.UPDATE, *(() if on_its_way else ANSWERS)):
        fold = promise.cancel(fold, name, at, f"resolved: {reason}")
    return fold


def closes_at(case: Case, terms: Terms) -> datetime:
    """Return when a resolved case closes: the end of its reopen window."""
    return (case.resolved_at or case.opened_at) + timedelta(
        seconds=terms.policy.reopen_window_seconds
    )


def reopen(  # noqa: PLR0913 - the queue's time is our own, the cause's may be the platform's
    fold: Fold,
    terms: Terms,
    at: datetime,
    actor: str,
    cause: str,
    *,
    queued_at: datetime | None = None,
) -> Fold:
    """Open a resolved or closed case again.

    It goes back to its agent if possible, and the gap since it was resolved is not counted. It
    enters the queue at `queued_at` (None: at `at`). An answered survey stays; an unanswered one is
    asked again.
    """
    case = fold.case
    fold = fold.change(
        status=Status.QUEUED,
        queued_at=None,
        assignee="",
        preferred=case.assignee or case.preferred,
        generation=case.generation + (case.status is Status.CLOSED),
        reopens=case.reopens + 1,
        resolved_at=None,
        resolved_by="",
        resolution="",
        closed_at=None,
        follow_up=case.follow_up if case.follow_up.score else FollowUp(),
        follow_up_at=None,
    ).note(EntryKind.CASE_REOPENED, at, actor, reason=cause, inputs=instants(queued_at=queued_at))
    for name in (ClockName.ASSIGN, ClockName.OWN):
        fold = promise.begin(fold, name, queued_at or at, terms)
    return _owe_again(fold, terms, at)


def _owe_again(fold: Fold, terms: Terms, at: datetime) -> Fold:
    fold = promise.cancel(fold, ClockName.FOLLOW_UP, at, "reopened")
    fold = promise.reopen(fold, ClockName.RESOLUTION, at, terms)
    fold = fold.change(asks=fold.case.asks or (at,))
    human = fold.case.clock(ClockName.FIRST_RESPONSE_HUMAN)
    if _goes_on(human):
        fold = promise.reopen(fold, ClockName.FIRST_RESPONSE_HUMAN, at, terms)
    first = fold.case.clock(ClockName.FIRST_RESPONSE)
    if _goes_on(first):
        return promise.reopen(fold, ClockName.FIRST_RESPONSE, at, terms)
    if first is not None and first.outcome is None:
        return fold
    return promise.begin(fold, ClockName.NEXT_RESPONSE, at, terms)


def _goes_on(clock: Clock | None) -> bool:
    """Return whether a promise ended without an answer, and not because none was needed."""
    if clock is None or clock.outcome is not Outcome.CANCELLED:
        return False
    return not clock.reason.startswith((WAIVED, POSITIVE))


def receive_after_resolve(
    fold: Fold, terms: Terms, at: datetime, message_id: str, *, queued_at: datetime | None = None
) -> Fold:
    """Take in a message of the customer within the reopen window: the same case goes on."""
    known = instants(received_at=queued_at)
    fold = fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id, inputs=known)
    at = max(at, fold.case.resolved_at or at)
    fold = fold.change(asks=unanswered(*fold.case.asks, at))
    return reopen(fold, terms, at, MACHINE, "the customer wrote again", queued_at=queued_at)


def thank(fold: Fold, at: datetime, message_id: str) -> Fold:
    """Take in a thank-you after resolving: it is kept, reopens nothing and starts no clock."""
    return fold.note(EntryKind.MESSAGE_RECEIVED, at, message_id=message_id, reason="thanks")
