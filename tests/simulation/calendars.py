"""Opening hours for companies, in words of their own: for the policy and, apart, for the oracle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from chalicelib.domain.calendar import Calendar, Frame

Frames = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a company works: frames of the day from "HH:MM" to "HH:MM" (24:00 is its end)."""

    zone: str
    frames: Frames
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[str, ...] = ()
    special: Mapping[str, Frames] = field(default_factory=dict)


EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
HOURS = {
    "office": Hours("Europe/Berlin", (("09:00", "17:00"),), holidays=("2026-11-18",)),
    "shop": Hours(
        "America/New_York",
        (("09:00", "12:00"), ("13:00", "17:30")),
        (0, 1, 2, 3, 4, 5),
        special={"2026-11-05": (("12:00", "14:00"),), "2026-11-27": ()},
    ),
    "night": Hours("Asia/Kolkata", (("00:00", "02:00"), ("22:00", "24:00")), EVERY_DAY),
}


def calendar(hours: Hours) -> Calendar:
    """Return the calendar of a policy for these hours."""
    frames = _frames(hours.frames)
    return Calendar(
        hours.zone,
        dict.fromkeys(hours.weekdays, frames),
        frozenset(date.fromisoformat(day) for day in hours.holidays),
        {date.fromisoformat(day): _frames(of) for day, of in hours.special.items()},
    )


def _frames(frames: Frames) -> tuple[Frame, ...]:
    return tuple(Frame(_time(opens), _time(closes)) for opens, closes in frames)


def _time(written: str) -> time:
    return time() if written == "24:00" else time.fromisoformat(written)
