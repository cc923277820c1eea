"""Moments: when a running clock has something to record, and what."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.clock import MILLISECOND, Clock, ran_out, reaches


def due_moments(clock: Clock, now: datetime) -> tuple[bool, bool]:
    """Return (warn now, breach now): what a wake-up at `now` must record and has not recorded yet.

    Warns when `now` >= warn_at, breaches when `now` > due_at; a clock that breaches without a
    warning is not warned. A paused clock still owes what came to pass before its pause. Record
    by setting `warned_at` to `warn_at`, `breached_at` to `due_at`.
    """
    if clock.outcome is not None or clock.breached_at is not None:
        return False, False
    if ran_out(clock, now):
        return False, True
    warned = clock.warned_at is not None
    return not warned and clock.warn_at <= now and reaches(clock, clock.warn_at), False


def next_moment(clocks: Sequence[Clock]) -> datetime | None:
    """Return the nearest instant at which `due_moments` says something to record, or None.

    A clock breaches one millisecond after due, because at due it can still be met. What has not
    been recorded in time gives an instant in the past.
    """
    return min((moment for clock in clocks if (moment := _next_moment(clock))), default=None)


def _next_moment(clock: Clock) -> datetime | None:
    if clock.outcome is not None or clock.breached_at is not None:
        return None
    if clock.warned_at is None and clock.warn_at <= clock.due_at:
        return clock.warn_at if reaches(clock, clock.warn_at) else None
    return clock.due_at + MILLISECOND if reaches(clock, clock.due_at) else None
