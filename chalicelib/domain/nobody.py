"""Nobody on shift: told of a case before its first deadline, once while nobody is there.

A case that nobody has is looked at `nobody_seconds` before its first deadline, or at once when it
began to wait later than that. Where a shift opens before the deadline, the look is half-way between
the two: people come with their shift, and nobody is woken for that. After the deadline nothing is
said of it: the breach is told.
"""

from datetime import datetime, timedelta

from chalicelib.domain import shift
from chalicelib.domain.case import Case, Status
from chalicelib.domain.clock import Clock
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.policy import Policy


def waits(case: Case) -> bool:
    """Return whether an open case has nobody, and is offered to nobody."""
    return case.open and not case.assignee and not case.offered_to


def first(case: Case) -> Clock | None:
    """Return the running clock that runs out first and has not yet, or None."""
    running = [
        clock
        for clock in case.clocks
        if clock.outcome is None and clock.paused_at is None and clock.breached_at is None
    ]
    return min(running, key=lambda clock: clock.due_at, default=None)


def look_at(case: Case, policy: Policy) -> datetime | None:
    """Return when it has to be looked whether anybody is on shift for a case, or None."""
    clock = first(case)
    if clock is None or not waits(case) or _looked_for(case):
        return None
    ahead = timedelta(seconds=policy.routing.nobody_seconds)
    began = case.queued_at or case.status_since or case.opened_at
    since = max(clock.due_at - ahead, began)
    return _with_shift(case, policy, since, clock.due_at) if since < clock.due_at else None


def _looked_for(case: Case) -> bool:
    """Return whether somebody is just being looked for: in vain, it is queued."""
    return case.queued_at is None and case.status in (Status.NEW, Status.QUEUED)


def _with_shift(case: Case, policy: Policy, at: datetime, due_at: datetime) -> datetime:
    openings = [
        opens
        for planned in shift.of_team(policy.shifts, case.team)
        if (opens := shift.next_opening(planned, at)) is not None
    ]
    opens = min(openings, default=at)
    if not at < opens < due_at:
        return at
    return opens + timedelta(seconds=(due_at - opens) // timedelta(seconds=2))


def moment(case: Case, policy: Policy) -> datetime | None:
    """Return the instant of the next look, or None: it was made, or has told already."""
    if case.nobody_since is not None:
        return None
    at = look_at(case, policy)
    return None if at == case.nobody_looked_for else at


def look(fold: Fold, policy: Policy, now: datetime, *, somebody: bool) -> Fold:
    """Make the look that is due at `now`, at its own instant. Doing it twice changes nothing."""
    fold = came(fold) if somebody else fold
    at = moment(fold.case, policy)
    if at is None or at > now:
        return fold
    fold = fold.change(nobody_looked_for=at)
    return fold if somebody else _told(fold, at, now)


def left(fold: Fold, policy: Policy, now: datetime, *, missed: bool = False) -> Fold:
    """Tell at `now` that the last one has left, if it is not long until the first deadline.

    `missed`: a shift is open and nobody came, which is told however long it is. Nothing when it
    was told before.
    """
    at = look_at(fold.case, policy)
    if at is None or fold.case.nobody_since is not None or not (missed or at <= now):
        return fold
    return _told(fold.change(nobody_looked_for=at), now, now)


def came(fold: Fold) -> Fold:
    """Note that somebody is there: the next time that nobody is will be told again."""
    return fold if fold.case.nobody_since is None else fold.change(nobody_since=None)


def _told(fold: Fold, at: datetime, now: datetime) -> Fold:
    clock = first(fold.case)
    if clock is None or now > clock.due_at:
        return fold
    return fold.change(nobody_since=at).note(
        EntryKind.NOBODY_ON_SHIFT,
        at,
        clock=clock.name,
        seq=clock.seq,
        until=clock.due_at,
        reason=f"nobody of {fold.case.team} is on shift and present",
        inputs={"team": fold.case.team, "deadline": clock.due_at.isoformat()},
    )
