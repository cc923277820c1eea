"""Answers about promises: each clock of a case as the API shows it."""

from datetime import datetime

import msgspec

from chalicelib.domain.clock import Clock


class WarnAnswer(msgspec.Struct):
    """A warning to come: at `at`, `percent` of the promise is used up."""

    percent: int
    at: datetime


class ClockAnswer(msgspec.Struct):
    """One promise.

    `state`: running, paused, met, breached, cancelled or superseded; `due_at` and `warnings` mean
    nothing while paused. `warnings` are those that have not been given yet, nearest first.
    """

    name: str
    state: str
    due_at: datetime
    warnings: tuple[WarnAnswer, ...]
    started_at: datetime
    target_seconds: int
    breached_at: datetime | None
    stopped_at: datetime | None
    seconds_left: int | None


def clock(one: Clock, now: datetime) -> ClockAnswer:
    """Return what the API shows of a clock; `seconds_left` is below zero once it ran out."""
    running = one.outcome is None and one.paused_at is None
    to_come = one.warns if one.outcome is None else ()
    return ClockAnswer(
        name=one.name.value,
        state=one.outcome.value if one.outcome else "running" if running else "paused",
        due_at=one.due_at,
        warnings=tuple(WarnAnswer(percent=warn.percent, at=warn.at) for warn in to_come),
        started_at=one.started_at,
        target_seconds=one.target_seconds,
        breached_at=one.breached_at,
        stopped_at=one.stopped_at,
        seconds_left=int((one.due_at - now).total_seconds()) if running else None,
    )
