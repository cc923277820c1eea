"""The oracle: when a promise runs out, worked out slowly and on its own from the definitions.

Part 1 of docs/definitions.md: W(a, b) = the integral of open(t) * (1 - paused(t)), due = the first
t with W(start, t) = target, breached iff stopped after due. No function of chalicelib is used: the
local clock is read minute by minute.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.simulation.calendars import HOURS, Hours

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ZERO = timedelta()
Span = tuple[datetime, datetime | None]


def due(running: Sequence[Span], target: timedelta, hours: str) -> datetime | None:
    """Return when `target` of open time has passed in the running spans; None: not in them.

    The last span may have no end.
    """
    left = target
    for begin, end in running:
        for opens, closes in open_spans(hours, begin):
            last = closes if end is None else min(closes, end)
            if end is not None and opens >= end:
                break
            if left <= last - opens:
                return opens + left
            left -= last - opens
    return None


def open_spans(hours: str, begin: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open spans from `begin` on; one without end where it is always open."""
    if not hours:
        yield begin, begin + timedelta(days=4000)
        return
    day = begin.date()
    for _ in range(400):
        for opens, closes in _of_day(hours, day):
            if closes > begin:
                yield max(opens, begin), closes
        day += DAY


@lru_cache(maxsize=4096)
def _of_day(hours: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return the open spans of a UTC day: every minute's local time is looked up in the hours."""
    calendar, found = HOURS[hours], []
    zone, at = ZoneInfo(calendar.zone), datetime.combine(day, time(), UTC)
    began = None
    for _ in range(1440):
        opened = _is_open(calendar, at.astimezone(zone))
        if opened and began is None:
            began = at
        if not opened and began is not None:
            found.append((began, at))
            began = None
        at += MINUTE
    if began is not None:
        found.append((began, at))
    return tuple(found)


def _is_open(hours: Hours, local: datetime) -> bool:
    day = local.date().isoformat()
    frames = hours.special.get(day)
    if frames is None:
        closed = day in hours.holidays or local.weekday() not in hours.weekdays
        frames = () if closed else hours.frames
    at = f"{local:%H:%M}"
    return any(opens <= at < closes for opens, closes in frames)
