"""Calendars: when work is done, in local wall time, and how much of it lies between two instants.

Rules (definitions, part 1): frames are local, durations are real elapsed time, and an amount that
ends exactly at closing time ends at closing time. A frame opens, and closes, the first time the
local clock reads that time or later. So when the clock is put back, a time that comes twice counts
at its first coming; when it is put forward, a time that is skipped counts at the end of the gap,
and a frame that lies wholly in the gap is empty.

Zones are read by `zoneinfo`, which looks at the machine's own data first. The package `tzdata`
ships with the application; where PYTHONTZPATH is set to nothing, the rules come from it alone and
results do not depend on the machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZERO = timedelta()
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
TEN_YEARS = timedelta(days=3653)
MIDNIGHT = time()


class CalendarError(ValueError):
    """Raised when a calendar cannot be used.

    The zone is unknown, a frame does not end after it begins, or the calendar never opens.
    """


@dataclass(frozen=True, slots=True)
class Frame:
    """An open stretch of one local day, from `opens` (included) to `closes` (excluded).

    `closes` at midnight (00:00) means the end of that day, so that overnight work is two frames.
    Raises CalendarError when it does not end after it begins.
    """

    opens: time
    closes: time

    def __post_init__(self) -> None:
        """Refuse a frame that would be empty or run backwards."""
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            raise CalendarError(f"a frame must end after it begins: {self.opens} to {self.closes}")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours.

    `week` maps a weekday (0 Monday .. 6 Sunday) to its frames; a day that is missing is closed.
    `holidays` are closed whatever the weekday; `special_days` replace the frames of one date and
    win over holidays. `always`: open all the time, whatever the rest says. Frames may come in any
    order; time that two of them cover counts once.
    """

    zone: str = "UTC"
    week: dict[int, tuple[Frame, ...]] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    special_days: dict[date, tuple[Frame, ...]] = field(default_factory=dict)
    always: bool = False


ALWAYS = Calendar(always=True)


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the open time between two instants, in real elapsed time.

    Zero when `end` is not after `start`. Raises CalendarError for an unknown zone, ValueError for
    an instant without a zone.
    """
    start, end = _utc(start), _utc(end)
    if calendar.always or end <= start:
        return max(end - start, ZERO)
    zone = _zone(calendar.zone)
    day, last = _day_before(start, zone), end.astimezone(zone).date() + DAY
    total = ZERO
    while day <= last:
        for opens, closes in _spans(calendar, zone, day):
            total += max(min(closes, end) - max(opens, start), ZERO)
        day += DAY
    return total


def open_spans(
    calendar: Calendar, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield when the calendar is open between two instants, in order and without overlap.

    Work over midnight is two spans that touch. Raises CalendarError for an unknown zone, ValueError
    for an instant without a zone.
    """
    start, end = _utc(start), _utc(end)
    if calendar.always:
        yield from [(start, end)] if start < end else []
        return
    zone = _zone(calendar.zone)
    day, last = _day_before(start, zone), end.astimezone(zone).date() + DAY
    while day <= last:
        for opens, closes in _spans(calendar, zone, day):
            if max(opens, start) < min(closes, end):
                yield max(opens, start), min(closes, end)
        day += DAY


def add_working_time(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """Return the first instant at or after `start` by which `amount` of open time has passed.

    An amount of zero has passed at `start` itself, open or closed. Raises CalendarError for an
    unknown zone or when the calendar never opens again within ten years, ValueError for a negative
    amount or a start without a zone.
    """
    start = _utc(start)
    if amount < ZERO:
        raise ValueError(f"an amount of working time must not be negative: {amount}")
    if calendar.always or not amount:
        return start + amount
    for opens, closes in _spans_from(calendar, start):
        if amount <= closes - opens:
            return opens + amount
        amount -= closes - opens
    raise CalendarError(f"the calendar ({calendar.zone}) never opens within ten years of {start}")


def _spans_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open spans from `start` on; end after ten years without one."""
    zone = _zone(calendar.zone)
    day = opened = _day_before(start, zone)
    while day - opened <= TEN_YEARS:
        for opens, closes in _spans(calendar, zone, day):
            if closes > start:
                opened = day
                yield max(opens, start), closes
        day += DAY


def _spans(calendar: Calendar, zone: ZoneInfo, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the open spans of one local date as UTC instants, in order and without overlap."""
    covered = None
    for frame in sorted(_frames(calendar, day), key=lambda frame: frame.opens):
        last_day = day + DAY if frame.closes == MIDNIGHT else day
        opens = _first_reading(zone, datetime.combine(day, frame.opens))
        closes = _first_reading(zone, datetime.combine(last_day, frame.closes))
        opens = opens if covered is None else max(opens, covered)
        if opens < closes:
            covered = closes
            yield opens, closes


def _frames(calendar: Calendar, day: date) -> tuple[Frame, ...]:
    if day in calendar.special_days:
        return calendar.special_days[day]
    return () if day in calendar.holidays else calendar.week.get(day.weekday(), ())


def _first_reading(zone: ZoneInfo, wall: datetime) -> datetime:
    """Return the first instant at which the local clock reads `wall` or later."""
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(instant, zone) == wall:
        return instant
    # `wall` is skipped. Before the gap its second reading (fold=1) lies, after the gap the first;
    # zoneinfo does not tell where the gap ends, which is always a whole second, so halve.
    before = wall.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    low, high = 0, (instant - before) // SECOND + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _wall(before + middle * SECOND, zone) < wall:
            low = middle
        else:
            high = middle
    return before + high * SECOND


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    # A zone's own fold would make two equal readings differ.
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _day_before(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date from which to look: after midnight a clock put back reads the day before."""
    return instant.astimezone(zone).date() - DAY


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # a folder of zones, as "America", is OSError
        raise CalendarError(f"unknown time zone: {name!r}") from error


def _utc(instant: datetime) -> datetime:
    """Return the instant in UTC: two times of one zone would subtract as wall times."""
    if instant.utcoffset() is None:
        raise ValueError(f"an instant needs a time zone: {instant}")
    return instant.astimezone(UTC)
