"""Climbing: what becomes of a page, and when it looks again.

Pure: it waits, is acknowledged, thaws, escalates and ends. Whom it tells is in `calling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.ident import digest
from chalicelib.domain.ladder import Ladder, Medium, Rung
from chalicelib.domain.page import NOTICES, Member, Page, PageState, Telling, TellingState
from chalicelib.domain.policy import Policy

TRIGGER, ACKNOWLEDGE, RESOLVE = "trigger", "acknowledge", "resolve"
"""What paging systems are told of a page."""

NOTICE_SECONDS = 5
"""How long a rule's notices gather."""

ESCALATING = frozenset({Medium.SMS, Medium.WEBHOOK})
"""The media whose failure makes the next rung due at once: nobody may have noticed anything."""

OWED = frozenset({TellingState.FOLDED.value, TellingState.DELAYED.value})
"""The states of a telling that is told again."""

LIVE = OWED | {TellingState.SENDING.value}
"""The states of a telling that something still follows from."""

TOLD = frozenset(
    {TellingState.SENDING.value, TellingState.SENT.value, TellingState.DELIVERED.value}
)
"""The states of a telling that reached somebody, or may have."""

LOST = frozenset({TellingState.FAILED.value, TellingState.OVER_BUDGET.value})
"""The ends of a telling by which nobody was told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A member that is not settled, and who holds its case now (empty: nobody)."""

    member: Member
    assignee: str = ""
    priority: str = ""


def moment(page: Page) -> datetime | None:
    """Return when a page looks next by itself, or None when it is over."""
    if page.state is PageState.OVER:
        return None
    if page.state is PageState.ACKNOWLEDGED:
        return page.frozen_until
    owed = (one.until for one in page.told if one.state in OWED)
    moments = (page.climbs_at, page.repeats_at, page.news_at, *owed)
    return min((at for at in moments if at is not None), default=page.leaves_at)


def acknowledge(page: Page, by: str, at: datetime, ladder: Ladder) -> Page:
    """Return the page taken by somebody: it is still until the freeze ends, and wakes its machine.

    One that is not open stays as it is: the first answer counts.
    """
    if page.state is not PageState.OPEN:
        return page
    return replace(
        page,
        state=PageState.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_at=at,
        frozen_until=at + timedelta(seconds=ladder.freeze_seconds),
        token="",
        armed_for=None,
    )


def thaw(page: Page, now: datetime) -> Page:
    """Return an acknowledged page as open again: the next rung, or a repeat, is due at once.

    What was owed from before is not: the next rung tells of it.
    """
    kept = tuple(one for one in page.told if one.state not in OWED)
    ended = page.climbs_at is None
    return replace(
        page,
        state=PageState.OPEN,
        frozen_until=None,
        climbs_at=None if ended else now,
        repeats_at=now if ended else None,
        told=kept,
    )


def end(page: Page, because: str, now: datetime) -> Page:
    """Return the page as over."""
    return replace(
        page,
        state=PageState.OVER,
        over_at=now,
        over_because=because,
        climbs_at=None,
        repeats_at=None,
        news_at=None,
        frozen_until=None,
        token="",
        armed_for=None,
    )


def told(page: Page, standings: tuple[Standing, ...]) -> bool:
    """Return whether all that a page tells of was told to all that it owes it to."""
    owes = any(one.state in LIVE for one in page.told)
    return bool(page.rung) and not owes and not news(page, standings)


def news(page: Page, standings: tuple[Standing, ...]) -> tuple[Standing, ...]:
    """Return the members that the page has not told of yet."""
    known = set(page.known)
    return tuple(one for one in standings if short(one.member.key) not in known)


def hears(page: Page, standings: tuple[Standing, ...], now: datetime) -> Page:
    """Return the page with news due where members joined that nobody told it of."""
    unheard = page.rung and page.news_at is None and news(page, standings)
    return replace(page, news_at=now) if unheard else page


def short(key: str) -> str:
    """Return what a page remembers of a member it has told of."""
    return digest(key)[:8]


def recorded(page: Page, results: Mapping[Telling, Telling], now: datetime) -> Page:
    """Return the page with what became of its tellings.

    Where an SMS or a paging system did not take it, the next rung is due at once, if there is one.
    """
    systems = [one for one in results.values() if one.medium is Medium.WEBHOOK]
    page = replace(
        page,
        told=tuple(results.get(one, one) for one in page.told),
        informed=TRIGGER if any(one.state in TOLD for one in systems) else page.informed,
    )
    lost = any(one.state in LOST and one.medium in ESCALATING for one in results.values())
    climbs = page.state is PageState.OPEN and page.climbs_at is not None
    return replace(page, climbs_at=min(now, page.climbs_at or now)) if lost and climbs else page


def ladder_of(policy: Policy, page: Page) -> Ladder:
    """Return the ladder that a page climbs, of the policy it began under.

    What a rule tells goes to those whom the rule names, in the desk, by email and on the topic.
    """
    if page.kind != NOTICES:
        return policy.ladder(page.team)
    names = page.queue.removeprefix(f"{page.team}/{NOTICES}/")
    media = (Medium.IN_APP, Medium.EMAIL, Medium.TOPIC)
    return Ladder(NOTICES, (Rung(0, tuple(names.split(",")), media),), NOTICE_SECONDS)


def systems(page: Page) -> tuple[str, ...]:
    """Return the paging systems that know of a page."""
    told = (one.to for one in page.told if one.medium is Medium.WEBHOOK and one.state in TOLD)
    return tuple(dict.fromkeys(told))
