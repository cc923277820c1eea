"""An independent reading of the definitions, by brute force: slow, and written another way.

It steps through time in quarters of an hour, on which every frame edge and zone change of the
tests lies, and asks of each step whether the local clock has reached an opening and not yet its
closing. It knows nothing of spans, days or remaining time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.calendar import Calendar

STEP = timedelta(minutes=15)
ZERO = timedelta()
WARM_UP = timedelta(hours=30)


class Event(NamedTuple):
    """Something that happened to a clock."""

    kind: str
    at: datetime


def open_steps(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    """Yield (begin, end, open) for ever, from `start` on."""
    zone = ZoneInfo(calendar.zone)
    step = datetime(start.year, start.month, start.day, tzinfo=UTC) - WARM_UP
    reached = datetime.min  # noqa: DTZ901 - the furthest local reading so far, a wall time
    while True:
        reached = max(reached, step.astimezone(zone).replace(tzinfo=None))
        if step + STEP > start:
            yield max(step, start), step + STEP, _open_at(calendar, reached)
        step += STEP


def _open_at(calendar: Calendar, wall: datetime) -> bool:
    if calendar.always:
        return True
    frames = calendar.week.get(wall.weekday(), ())
    if wall.date() in calendar.holidays:
        frames = ()
    frames = calendar.special_days.get(wall.date(), frames)
    now, midnight = wall.time(), time()
    return any(f.opens <= now and (now < f.closes or f.closes == midnight) for f in frames)


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the sum of the open steps between two instants."""
    total = ZERO
    for begin, finish, is_open in open_steps(calendar, start):
        if begin >= end:
            return total
        total += (min(finish, end) - begin) * is_open
    raise AssertionError


@dataclass
class Log:
    """All the events of one clock, read in one pass to the stretches in which it ran."""

    start: datetime
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)
    running_since: datetime | None = None
    stopped_at: datetime | None = None
    again: bool = False

    @classmethod
    def read(cls, start: datetime, events: list[Event]) -> "Log":
        """Return the log after the events, in their order."""
        log = cls(start, running_since=start)
        for kind, at in events:
            getattr(log, f"_{kind}")(at)
        return log

    def due(self, calendar: Calendar, target: timedelta) -> datetime | None:
        """Return min { t >= start : working time = target }; None when paused before it."""
        for begin, end in [*self.stretches, (self.running_since, None)]:
            if begin is None:
                return None
            for lower, upper, is_open in open_steps(calendar, begin):
                if end is not None and lower >= end:
                    break
                length = ((upper if end is None else min(upper, end)) - lower) * is_open
                if target <= length:
                    return lower + target
                target -= length
        return None

    def _pause(self, at: datetime) -> None:
        if self.stopped_at is None and self.running_since is not None:
            self.stretches.append((self.running_since, at))
            self.running_since = None

    def _resume(self, at: datetime) -> None:
        if self.stopped_at is None and self.running_since is None:
            self.again |= at != self.start
            self.running_since = at

    def _stop(self, at: datetime) -> None:
        if self.stopped_at is None:
            self.stopped_at = at

    def _unstop(self, _: datetime) -> None:
        self.stopped_at = None

    def _reopen(self, at: datetime) -> None:
        if self.stopped_at is None:
            return
        if self.running_since is not None:
            self.stretches.append((self.running_since, self.stopped_at))
        self.again |= at != self.start
        self.running_since = at
        self.stopped_at = None

    def _move_start(self, at: datetime) -> None:
        if self.again or at >= self.start:
            return
        if self.stretches:
            self.stretches[0] = (at, self.stretches[0][1])
        else:
            self.running_since = at
        self.start = at
