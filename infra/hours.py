"""Opening hours of care.yaml: "09:00-17:30" on named days, made into the domain's frames."""

from collections.abc import Iterator
from datetime import date, time
from itertools import pairwise

from chalicelib.domain.calendar import Calendar, Frame
from infra.care_file import CalendarShape

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = time(0)


def calendar(shape: CalendarShape, closed: frozenset[date] = frozenset()) -> Calendar:
    """Return the calendar, closed on those days besides its own holidays.

    Work past midnight becomes two frames, the second on the next day.
    """
    week: dict[int, list[Frame]] = {}
    for name, frames in shape.week.items():
        day = DAYS.index(name.lower())
        for opens, closes in map(_times, frames):
            _add(week, day, opens, closes)
    special = {
        day: tuple(Frame(*_times(frame)) for frame in frames)
        for day, frames in shape.special_days.items()
    }
    return Calendar(
        zone=shape.zone,
        week={
            day: tuple(sorted(frames, key=lambda frame: frame.opens))
            for day, frames in sorted(week.items())
        },
        holidays=frozenset(shape.holidays) | closed,
        special_days=special,
        always=shape.always,
    )


def problems(shape: CalendarShape) -> Iterator[str]:
    """Yield what is wrong with the hours, one sentence each."""
    unknown = [name for name in shape.week if name.lower() not in DAYS]
    if unknown:
        yield f"{', '.join(unknown)} is no weekday: write monday to sunday"
    unreadable = list(_unreadable(shape))
    yield from unreadable
    if unknown or unreadable:
        return
    for day, frames in shape.special_days.items():
        if any(closes <= opens and closes != MIDNIGHT for opens, closes in map(_times, frames)):
            yield f"the special day {day} goes past midnight: write it as two special days"
            return
    if not shape.always and not any([*shape.week.values(), *shape.special_days.values()]):
        yield "it never opens"
    yield from _overlaps(calendar(shape))


def _overlaps(made: Calendar) -> Iterator[str]:
    days: dict[str, tuple[Frame, ...]] = {DAYS[day]: frames for day, frames in made.week.items()}
    days |= {str(day): frames for day, frames in made.special_days.items()}
    for name, frames in days.items():
        in_order = sorted(frames, key=lambda frame: frame.opens)
        if any(
            first.closes == MIDNIGHT or second.opens < first.closes
            for first, second in pairwise(in_order)
        ):
            yield f"the frames of {name} overlap"


def _add(week: dict[int, list[Frame]], day: int, opens: time, closes: time) -> None:
    if closes > opens or closes == MIDNIGHT:
        week.setdefault(day, []).append(Frame(opens, closes))
        return
    week.setdefault(day, []).append(Frame(opens, MIDNIGHT))
    week.setdefault((day + 1) % 7, []).append(Frame(MIDNIGHT, closes))


def _unreadable(shape: CalendarShape) -> Iterator[str]:
    for day, frames in [*shape.week.items(), *shape.special_days.items()]:
        for frame in frames:
            try:
                opens, closes = _times(frame)
            except ValueError:
                yield f"{frame!r} on {day} is no frame: write it like 09:00-17:30 (in quotes)"
                continue
            if opens == closes != MIDNIGHT:
                yield f"{frame!r} on {day} is empty"


def _times(frame: str) -> tuple[time, time]:
    opens, separator, closes = frame.replace(" ", "").partition("-")
    if not separator:
        raise ValueError(frame)
    return _time(opens), _time(closes)


def _time(text: str) -> time:
    return MIDNIGHT if text == "24:00" else time.fromisoformat(text)
