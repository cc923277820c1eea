"""Rungs: which of a ladder's rungs are due for a page, and whom each reaches.

Pure: the page, its ladder, what is not settled, who is who and the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.alert import Severity
from chalicelib.domain.climbing import Standing
from chalicelib.domain.clock import ClockName
from chalicelib.domain.crew import LOUDER, Crew, Reach, reached
from chalicelib.domain.ladder import Ladder, Medium
from chalicelib.domain.page import LEAD_PERCENT, Page

MOST_DOUBLINGS = 4
"""How often the time between two repeats of the last rung doubles: 15 min becomes 4 h."""

WAKING = frozenset({Medium.SMS, Medium.EMAIL, Medium.WEBHOOK})
"""The media that are worth repeating: somebody can be woken by them."""


@dataclass(frozen=True, slots=True)
class View:
    """All that a page decides by. `standings` are the members that are not settled.

    `last_told` says when somebody was last told by a medium, by (medium, name).
    """

    page: Page
    ladder: Ladder
    standings: tuple[Standing, ...]
    crew: Crew
    now: datetime
    last_told: Mapping[tuple[Medium, str], datetime]


@dataclass(frozen=True, slots=True)
class Climb:
    """The rungs that are due, the one after them, and when that or a repeat is due.

    `moves`: something of that is not as the page has it.
    """

    rungs: tuple[int, ...]
    index: int
    climbs_at: datetime | None
    repeats_at: datetime | None = None
    repeats: int = 0
    moves: bool = True


def climb(view: View) -> Climb:
    """Return which rungs are due.

    A rung that reaches nobody leads to the next at once; one that is not for pages of this severity
    is passed in its time. After the last one the last is repeated.
    """
    rungs, index, at = view.ladder.rungs, view.page.rung, view.page.climbs_at
    if index >= len(rungs):
        return _repeated(view)
    taken: list[int] = []
    while index < len(rungs) and (at is None or at <= view.now):
        taken.append(index)
        heard = not _meant(view, index) or any(not one.hushed for one in reach(view, index))
        index += 1
        if index < len(rungs) and heard:
            gap = rungs[index].after_seconds - rungs[index - 1].after_seconds
            at = (at or view.now) + timedelta(seconds=max(0, gap))
    if index >= len(rungs):
        return Climb(tuple(taken), index, None, view.now + _pause(view.ladder, 0))
    return Climb(tuple(taken), index, at, moves=bool(taken))


def _meant(view: View, rung: int) -> bool:
    severities = view.ladder.rungs[rung].severities
    return not severities or severity(view) in severities


def _repeated(view: View) -> Climb:
    page, rungs = view.page, view.ladder.rungs
    if page.repeats_at is not None and page.repeats_at > view.now:
        return Climb((), page.rung, None, page.repeats_at, page.repeats, moves=False)
    waking = [
        index
        for index in range(len(rungs))
        if any(one.medium in WAKING and not one.hushed for one in reach(view, index))
    ]
    again = page.repeats + 1
    return Climb(tuple(waking[-1:]), page.rung, None, view.now + _pause(view.ladder, again), again)


def _pause(ladder: Ladder, repeats: int) -> timedelta:
    return timedelta(seconds=max(60, ladder.freeze_seconds) * 2 ** min(repeats, MOST_DOUBLINGS))


def first(view: View) -> tuple[int, ...]:
    """Return the rungs already climbed that news goes to: those due as it leaves."""
    rungs = view.ladder.rungs
    return tuple(
        index
        for index in range(min(view.page.rung, len(rungs)))
        if rungs[index].after_seconds == rungs[0].after_seconds
    )


def reach(
    view: View, rung: int, standings: tuple[Standing, ...] | None = None
) -> tuple[Reach, ...]:
    """Return whom a rung reaches now, for all that is not settled or (`standings`) a part of it.

    The lead is not told of warnings before the last.
    """
    of = view.standings if standings is None else standings
    crew = view.crew
    holders = (_holder(one, crew.team.lead) for one in of)
    assignees = tuple(dict.fromkeys(name for name in holders if name))
    if not any(one.member.percent in (0, *range(LEAD_PERCENT, 101)) for one in of):
        crew = replace(crew, team=replace(crew.team, lead=""))
    return reached(crew, view.ladder.rungs[rung], assignees, severity(view), view.now)


def _holder(one: Standing, lead: str) -> str:
    """Return who has to do something first: who has the case, or who decides what waits in it.

    That is the lead: who has the case is often who asked, and nobody approves their own words.
    """
    waits = one.member.clock == ClockName.APPROVE.value
    return (lead or one.assignee) if waits else one.assignee


def severity(view: View) -> Severity:
    """Return how loud the page is now: it never becomes quieter."""
    loud = [view.page.severity, *(one.member.severity for one in view.standings)]
    return max(loud, key=LOUDER.index)
