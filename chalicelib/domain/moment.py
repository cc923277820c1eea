"""Moments: when a running clock has something to record, and what."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.clock import MILLISECOND, Clock, ran_out, reaches
from chalicelib.domain.warn import Warn


def due_moments(clock: Clock, now: datetime) -> tuple[tuple[Warn, ...], bool]:
    """Return (warnings, breach): what a look at `now` must record and has not recorded yet.

    A warning from its instant on, a breach after `due_at`. All that came to pass is recorded,
    however late the look: the warnings before the breach, each at its own instant. A paused clock
    still owes what came to pass before its pause. An ended one owes nothing: what it owed was
    recorded with its end.
    """
    if clock.outcome is not None or clock.breached_at is not None:
        return (), False
    until = min(now, clock.due_at)
    warns = tuple(warn for warn in clock.warns if warn.at <= until and reaches(clock, warn.at))
    return warns, ran_out(clock, now)


def recorded(clock: Clock, now: datetime) -> Clock:
    """Return the clock with all recorded that is due at `now`."""
    warns, breach = due_moments(clock, now)
    left = tuple(warn for warn in clock.warns if warn not in warns)
    return replace(clock, warns=left, breached_at=clock.due_at if breach else clock.breached_at)


def next_moment(clocks: Sequence[Clock]) -> datetime | None:
    """Return the nearest instant at which `due_moments` says something to record, or None.

    A clock breaches one millisecond after due, because at due it can still be met. What has not
    been recorded in time gives an instant in the past.
    """
    return min((moment for clock in clocks if (moment := _next_moment(clock))), default=None)


def _next_moment(clock: Clock) -> datetime | None:
    if clock.outcome is not None or clock.breached_at is not None:
        return None
    if clock.warn_at is not None and clock.warn_at <= clock.due_at:
        return clock.warn_at if reaches(clock, clock.warn_at) else None
    return clock.due_at + MILLISECOND if reaches(clock, clock.due_at) else None
