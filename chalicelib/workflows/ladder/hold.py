"""Hold: a page's machine waits, for its next moment or for a change of the page."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import climbing
from chalicelib.domain.page import Page, PageState
from chalicelib.workflows.change import persist
from chalicelib.workflows.machine import LEEWAY, RENEW_AFTER
from chalicelib.workflows.ports import Parts

WAITING, OVER, SUPERSEDED = "waiting", "over", "superseded"

LONGEST_WAIT = timedelta(days=1)
"""How long a machine waits at most before it looks again, when nothing is due."""


@dataclass(frozen=True, slots=True)
class PageRef:
    """Which page, and which execution of its machine, a step works for."""

    page_id: str
    generation: int


def look(parts: Parts, page: Page, ref: PageRef) -> Mapping[str, object]:
    """Return what the machine is told: the phase, and how long to wait (seconds)."""
    moment = climbing.moment(page)
    if page.generation != ref.generation:
        return {"phase": SUPERSEDED, "wait_seconds": 1}
    if moment is None:
        return {"phase": OVER, "wait_seconds": 1}
    wait = min(moment - parts.now(), LONGEST_WAIT).total_seconds()
    return {"phase": WAITING, "wait_seconds": max(1, math.ceil(wait))}


def read(parts: Parts, page_id: str) -> Page:
    """Return the page of a step. Raises LookupError when it is gone."""
    page = parts.pages.get(page_id)
    if page is None:
        raise LookupError(f"no page {page_id}")
    return page


def hold(parts: Parts, ref: PageRef, token: str, wait_seconds: int, loops: int) -> None:
    """Let the machine wait for `wait_seconds`, which it counts itself.

    Its token is written on the condition that the page is still the one that was read; where there
    is something to do before, it is woken at once. After many loops it hands over to a fresh
    execution, since a history is not endless.
    """
    if loops >= RENEW_AFTER:
        persist(lambda: _renew(parts, ref))
    persist(lambda: _hold(parts, ref, token, timedelta(seconds=wait_seconds)))


def _hold(parts: Parts, ref: PageRef, token: str, wait: timedelta) -> None:
    page = read(parts, ref.page_id)
    armed_for = _armed_for(page, ref, parts.now(), wait)
    if armed_for is None:
        parts.ladders.wake(token, look(parts, page, ref))
    else:
        parts.pages.arm(page.id, page.rev, token, armed_for)


def _armed_for(page: Page, ref: PageRef, now: datetime, wait: timedelta) -> datetime | None:
    """Return the instant the wait is for, or None when it would end too late for it."""
    moment = climbing.moment(page)
    if page.generation != ref.generation or moment is None:
        return None
    ends = now + wait
    if moment >= ends:
        return ends
    return moment if max(moment, now) + LEEWAY >= ends else None


def _renew(parts: Parts, ref: PageRef) -> None:
    page = read(parts, ref.page_id)
    if page.generation == ref.generation and page.state is not PageState.OVER:
        parts.pages.save(renewed(page))


def renewed(page: Page) -> Page:
    """Return the page with a fresh execution to come: the table's stream starts it."""
    return replace(page, generation=page.generation + 1, token="", armed_for=None)
