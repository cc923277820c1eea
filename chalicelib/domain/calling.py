"""Calling: whom a page tells now, by which medium.

Pure: the page, its ladder, what is not settled, who is who and the time. A plan is claimed by a
conditional write before anybody is told, so that no two looks tell the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.climbing import LIVE, OWED, TOLD, news, short
from chalicelib.domain.crew import LIMITED, Reach
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Page, Telling, TellingState
from chalicelib.domain.rungs import Climb, View, climb, first, reach, severity

KEPT_TELLINGS = 60
"""How many earlier tellings a page remembers."""

KEPT_KNOWN = 6000
"""How many members a page can tell apart from news."""


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody to be told now. `address` is a telephone number or an email address."""

    telling: Telling
    address: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A page as it is claimed, and whom to tell. The page as it was: nothing was due."""

    page: Page
    calls: tuple[Due, ...] = ()


def candidates(view: View) -> tuple[tuple[int, Reach], ...]:
    """Return all that is due now, as (rung, reach), each medium of each person once.

    Rungs whose time has come, the last one again, the first ones for news, and what was folded
    before. `last_told` is not looked at yet.
    """
    found: dict[tuple[Medium, str], tuple[int, Reach]] = {}
    for rung in climb(view).rungs:
        _add(found, rung, reach(view, rung))
    if _news_due(view):
        fresh = news(view.page, view.standings)
        for rung in first(view):
            _add(found, rung, reach(view, rung, fresh))
    for owed in view.page.told:
        if _owing(view, owed):
            who = (owed.medium, owed.to)
            again = (one for one in reach(view, owed.rung) if (one.medium, one.to) == who)
            _add(found, owed.rung, tuple(again))
    return tuple(found.values())


def claim(view: View) -> Plan:
    """Return the page with all that is due written down as `sending`, and the calls to make.

    Also what is folded because the person was told a moment ago, and what their quiet hours keep.
    """
    due, next_ = candidates(view), climb(view)
    owing = any(_owing(view, one) for one in view.page.told)
    if not (next_.rungs or next_.moves or _news_due(view) or owing):
        return Plan(view.page)
    tellings = [_telling(view, rung, to) for rung, to in due]
    calls = tuple(
        Due(telling, to.address)
        for telling, (_, to) in zip(tellings, due, strict=True)
        if telling.state == TellingState.SENDING
    )
    return Plan(_claimed(view, next_, tellings), calls)


def _claimed(view: View, next_: Climb, tellings: list[Telling]) -> Page:
    page, fresh_too = view.page, 0 in next_.rungs or _news_due(view)
    fresh = {(one.medium, one.to) for one in tellings}
    kept = [
        one
        for one in page.told
        if one.state not in OWED or not (_owing(view, one) or (one.medium, one.to) in fresh)
    ]
    keys = dict.fromkeys((*page.known, *(short(one.member.key) for one in view.standings)))
    return replace(
        page,
        rung=next_.index,
        climbs_at=next_.climbs_at,
        repeats_at=next_.repeats_at,
        repeats=next_.repeats,
        count=len(keys),
        told=_trimmed(kept, tellings),
        known=tuple(keys)[-KEPT_KNOWN:] if fresh_too else page.known,
        news_at=None if fresh_too else page.news_at,
        severity=severity(view),
    )


def _add(
    found: dict[tuple[Medium, str], tuple[int, Reach]], rung: int, reaches: tuple[Reach, ...]
) -> None:
    for one in reaches:
        found.setdefault((one.medium, one.to), (rung, one))


def _news_due(view: View) -> bool:
    return view.page.news_at is not None and view.page.news_at <= view.now


def _owing(view: View, one: Telling) -> bool:
    """Return whether somebody is told now because it was put off before."""
    return one.state in OWED and one.until is not None and one.until <= view.now


def _telling(view: View, rung: int, to: Reach) -> Telling:
    reason = _put_off(view, to)
    made = Telling(rung, to.medium, to.to, view.now, TellingState.SENDING, reason=reason)
    if to.medium is Medium.IN_APP:
        return replace(made, state=TellingState.SENT)
    if to.hushed:
        return replace(made, state=TellingState.QUIET)
    until = _told_again_at(view, to)
    if to.medium in LIMITED and until > view.now:
        return replace(made, state=TellingState.FOLDED, until=until)
    return made


def _put_off(view: View, to: Reach) -> str:
    """Return why the carrier did not take it before, so that a second time is a failure."""
    who = (to.medium, to.to)
    return next(
        (
            one.reason
            for one in view.page.told
            if (one.medium, one.to) == who and one.state == TellingState.DELAYED
        ),
        "",
    )


def _told_again_at(view: View, to: Reach) -> datetime:
    """Return from when somebody may be told again by a medium, of this page or another."""
    who = (to.medium, to.to)
    mine = [one.at for one in view.page.told if (one.medium, one.to) == who and one.state in TOLD]
    last = max([*mine, *([view.last_told[who]] if who in view.last_told else [])], default=None)
    return last + timedelta(seconds=view.crew.paging.person_seconds) if last else view.now


def _trimmed(earlier: list[Telling], tellings: list[Telling]) -> tuple[Telling, ...]:
    """Return the new tellings and the newest of the earlier ones.

    All that is not done with stays, and the newest to each paging system, which is told the end.
    """
    newest = earlier[-KEPT_TELLINGS:]
    systems = {one.to: one for one in earlier if one.medium is Medium.WEBHOOK}.values()
    live = (one for one in earlier if one.state in LIVE or one in systems)
    return (*(one for one in live if one not in newest), *newest, *tellings)
