"""Shifts and routing's settings: who is planned to work when, and how cases find people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.calendar import (
    Calendar,
    CalendarError,
    add_working_time,
    open_spans,
    working_time,
)

MOMENT = timedelta(milliseconds=1)
"""The shortest time that counts."""

Span = tuple[datetime, datetime]
"""A stretch of time, from the first instant to the second."""


@dataclass(frozen=True, slots=True)
class Shift:
    """People of a team who are planned to work while a calendar is open. No agents: all of them."""

    id: str
    team: str
    hours: Calendar
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """What a case takes of its agent's capacity, in hundredths of a case (definitions, part 4)."""

    public: int = 100
    private: int = 70
    email: int = 50
    waiting: int = 10


@dataclass(frozen=True, slots=True)
class Need:
    """Which skills a case asks for: those of its handle, channel, topic label or language.

    Empty fields match anything. A skill is a word that agents carry ("billing", "fr").
    """

    skill: str
    handle: str = ""
    channel: str = ""
    label: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """How cases find people.

    `offer_seconds` 0: a case is given, and taken as accepted. Otherwise it is offered, and goes to
    the next after so long. `away_seconds` after an agent went offline the cases go back into the
    queue. `handling_seconds` is how long handling a case is expected to take: the queue is ordered
    by what is left of the deadline after it, for labels of their own where they differ.
    `nobody_seconds`: how long before the first deadline it is told that nobody is on shift.
    """

    offer_seconds: int = 0
    away_seconds: int = 180
    handling_seconds: int = 300
    handling_by_label: tuple[tuple[str, int], ...] = ()
    nobody_seconds: int = 900
    weights: Weights = Weights()
    needs: tuple[Need, ...] = ()


def is_open(hours: Calendar, at: datetime) -> bool:
    """Return whether a calendar is open at an instant."""
    return hours.always or working_time(hours, at, at + MOMENT) > timedelta(0)


def of_team(shifts: Iterable[Shift], team: str) -> tuple[Shift, ...]:
    """Return the shifts of a team. None: its people may work at any time."""
    return tuple(shift for shift in shifts if shift.team == team)


def on_shift(shifts: Iterable[Shift], team: str, agent_id: str, at: datetime) -> bool:
    """Return whether an agent of a team is planned to work at an instant."""
    planned = of_team(shifts, team)
    return not planned or any(
        is_open(shift.hours, at) for shift in planned if agent_id in (shift.agents or (agent_id,))
    )


def open_now(shifts: Iterable[Shift], team: str, at: datetime) -> bool:
    """Return whether a team has a shift that is open at an instant. Without shifts: it has not."""
    return any(is_open(shift.hours, at) for shift in of_team(shifts, team))


def next_opening(shift: Shift, after: datetime) -> datetime | None:
    """Return when a shift is open next: `after` itself when it is. None: not within ten years."""
    try:
        return add_working_time(shift.hours, after, MOMENT) - MOMENT
    except CalendarError:
        return None


def spans(hours: Iterable[Calendar], start: datetime, end: datetime) -> tuple[Span, ...]:
    """Return when at least one of the calendars is open between two instants, joined, in order."""
    found: list[Span] = []
    for opens, closes in sorted(span for one in hours for span in open_spans(one, start, end)):
        if found and opens <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], closes)
        else:
            found.append((opens, closes))
    return tuple(found)


def gaps(wanted: Sequence[Span], covered: Sequence[Span]) -> tuple[Span, ...]:
    """Return the parts of what is wanted that nothing covers. Both are joined and in order."""
    found: list[Span] = []
    for opens, closes in wanted:
        for begins, ends in covered:
            if begins < closes and ends > opens:
                found += [(opens, begins)] if opens < begins else []
                opens = ends  # noqa: PLW2901 - what is left of this span to be covered
        found += [(opens, closes)] if opens < closes else []
    return tuple(found)
