"""Clocks: one promise about a case each, as plain data and pure functions.

A clock is folded forward by the events of its case. Folding gives what one pass over the whole log
gives; the rules are part 1 and 2 of the definitions (docs/definitions.md):

    due = min { t >= started_at : open time from started_at to t, less pauses and gaps, = target }
    breached = due < stopped_at, or due < now while not stopped; equality is met

Only the running stretch is kept, so a pause that is older than the stretch (`at` before
`resumed_at`) counts from the beginning of it. The verdict of a stop is exact however late the stop
is learnt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.calendar import Calendar, add_working_time, working_time
from chalicelib.domain.warn import WARN_PERCENTS, Warn

MILLISECOND = timedelta(milliseconds=1)


class ClockName(StrEnum):
    """The promises that can be made."""

    ASSIGN = "assign"
    FIRST_RESPONSE = "first_response"
    FIRST_RESPONSE_HUMAN = "first_response_human"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    UPDATE = "update"
    OWN = "own"
    APPROVE = "approve"
    FOLLOW_UP = "follow_up"
    THANKS = "thanks"
    EXPOSE = "expose"


class Outcome(StrEnum):
    """How a stopped clock ended."""

    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise about a case. `(name, seq)` is unique in a case.

    `used_ms` is the open time spent before `resumed_at`, the start of the running stretch, and
    while paused (`paused_at` set) before `paused_at`. `warns` are the warnings that have not been
    recorded, lowest percent first: a recorded one is taken away, so that none is given twice. While
    paused, `due_at` and `warns` keep their last instants, which mean nothing unless they are at or
    before `paused_at`: then they had come to pass. `breached_at` is `due_at` once it has been
    recorded, never the time a timer woke. `outcome` None: still running or paused. A clock that
    ended while paused keeps `paused_at`, so that unstop can give the pause back.
    """

    name: ClockName
    seq: int
    started_at: datetime
    target_seconds: int
    policy_version: str
    calendar: str
    resumed_at: datetime
    due_at: datetime
    warns: tuple[Warn, ...] = ()
    used_ms: int = 0
    paused_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    outcome: Outcome | None = None
    reason: str = ""

    @property
    def warn_at(self) -> datetime | None:
        """Return the instant of the next warning, or None when all were given."""
        return self.warns[0].at if self.warns else None


def start(  # noqa: PLR0913 - it names all that a clock is begun under, once
    name: ClockName,
    seq: int,
    at: datetime,
    target_seconds: int,
    calendar: Calendar,
    *,
    calendar_name: str,
    policy_version: str,
    warn_percents: Sequence[int] = WARN_PERCENTS,
) -> Clock:
    """Return a running clock that began at `at`. Raises CalendarError when it is never open."""
    kept = (target_seconds, policy_version, calendar_name)
    warns = tuple(Warn(percent, at) for percent in sorted(set(warn_percents)))
    return _planned(Clock(name, seq, at, *kept, resumed_at=at, due_at=at, warns=warns), calendar)


def pause(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Return the clock paused at `at`; a breach recorded for a moment after that is withdrawn.

    Pausing a paused or ended clock changes nothing.
    """
    if clock.outcome is not None or clock.paused_at is not None:
        return clock
    at = max(at, clock.resumed_at)
    return replace(
        clock,
        used_ms=_used_until(clock, at, calendar),
        paused_at=at,
        breached_at=clock.breached_at if clock.due_at <= at else None,
    )


def resume(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Return the clock running again from `at`, due as one pass over start, pauses and resume says.

    Resuming a running or ended clock changes nothing.
    """
    if clock.outcome is not None or clock.paused_at is None:
        return clock
    resumed = replace(clock, resumed_at=max(at, clock.paused_at), paused_at=None)
    return _planned(resumed, calendar)


def stop(clock: Clock, at: datetime) -> Clock:
    """Return the clock ended at `at`: met when `at` <= due, else breached at due.

    Equality is met, and a breach recorded meanwhile is withdrawn. A stop while paused is met,
    unless the clock ran out before the pause. Of two stops the earlier one counts, in whatever
    order they are learnt.
    """
    if clock.stopped_at is not None and clock.stopped_at <= at:
        return clock
    return _ended(clock, at, Outcome.MET, "")


def cancel(clock: Clock, at: datetime, reason: str) -> Clock:
    """Return the clock ended without a verdict; one that ran out before `at` is breached at due.

    Cancelling an ended clock changes nothing.
    """
    if clock.outcome is not None:
        return clock
    return _ended(clock, at, Outcome.CANCELLED, reason)


def reopen(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Return an ended clock running again from `at`, the gap since `stopped_at` excluded.

    It runs even if it was paused when it ended. A breach stays recorded. Reopening a clock that
    has not ended changes nothing.
    """
    if clock.stopped_at is None:
        return clock
    reopened = replace(
        clock,
        used_ms=_used_until(clock, clock.stopped_at, calendar),
        resumed_at=max(at, clock.stopped_at),
        paused_at=None,
        stopped_at=None,
        outcome=None,
        reason="",
    )
    return _planned(reopened, calendar)


def unstop(clock: Clock) -> Clock:
    """Return an ended clock as if its stop (by a reply that failed) had never been."""
    return replace(clock, stopped_at=None, outcome=None, reason="")


def move_start(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Return the clock begun at the earlier instant `at`: an older message arrived late.

    What is recorded or decided moves along: a breach to the new deadline, and a stop that is now
    late becomes a breach. Nothing changes when `at` is not earlier, or once the clock has run again
    after a pause or a gap: where its earlier stretches lay is no longer known.
    """
    if at >= clock.started_at or clock.resumed_at != clock.started_at:
        return clock
    fresh = replace(clock, started_at=at, resumed_at=at, due_at=at, used_ms=0)
    moved = _planned(fresh, calendar)
    moved = replace(
        moved,
        used_ms=_milliseconds(calendar, at, clock.paused_at) if clock.paused_at else 0,
        breached_at=moved.due_at if clock.breached_at else None,
    )
    if clock.stopped_at is None or clock.outcome is None:
        return moved
    return _ended(moved, clock.stopped_at, clock.outcome, clock.reason)


def _planned(clock: Clock, calendar: Calendar) -> Clock:
    """Return the running clock with its moments set, and a breach only if it still is true.

    A moment that came to pass before `resumed_at` stays where it was.
    """
    target_ms = clock.target_seconds * 1000
    due_at = _moment(clock, target_ms, clock.due_at, calendar)
    breached_at = clock.breached_at if clock.breached_at == due_at else None
    warns = tuple(
        Warn(warn.percent, _moment(clock, target_ms * warn.percent // 100, warn.at, calendar))
        for warn in clock.warns
    )
    return replace(clock, due_at=due_at, warns=warns, breached_at=breached_at)


def _moment(clock: Clock, total_ms: int, last: datetime, calendar: Calendar) -> datetime:
    if clock.used_ms >= total_ms:
        return last
    rest = timedelta(milliseconds=total_ms - clock.used_ms)
    return add_working_time(calendar, clock.resumed_at, rest)


def _ended(clock: Clock, at: datetime, in_time: Outcome, reason: str) -> Clock:
    late = ran_out(clock, at)
    return replace(
        clock,
        stopped_at=at,
        outcome=Outcome.BREACHED if late else in_time,
        breached_at=clock.due_at if late else None,
        reason=reason,
    )


def ran_out(clock: Clock, at: datetime) -> bool:
    """Return whether the clock had passed its deadline by `at`. Exactly there it had not."""
    return at > clock.due_at and reaches(clock, clock.due_at)


def reaches(clock: Clock, moment: datetime) -> bool:
    """Return whether the clock runs until `moment` and not only until an earlier pause."""
    return clock.paused_at is None or moment <= clock.paused_at


def _used_until(clock: Clock, at: datetime, calendar: Calendar) -> int:
    """Return the open milliseconds spent until `at`, which is not before the running stretch."""
    if clock.paused_at is None:
        return clock.used_ms + _milliseconds(calendar, clock.resumed_at, at)
    # Ended while paused. A stop that is learnt late can lie before the pause.
    return clock.used_ms - _milliseconds(calendar, max(at, clock.resumed_at), clock.paused_at)


def _milliseconds(calendar: Calendar, begin: datetime, end: datetime) -> int:
    return working_time(calendar, begin, end) // MILLISECOND
