"""What carriers tell of a page's tellings, and what follows from one that did not arrive."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.climbing import ESCALATING, TOLD
from chalicelib.domain.page import Page, PageState, Telling, TellingState

TOKEN = "page-"  # noqa: S105  (no secret: a mark)
"""How the token of a page's SMS or email begins, which carriers hand back with their receipts."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a carrier says of a telling that did not arrive: its id for it, why, and when."""

    ref: str
    reason: str
    at: datetime


def delivered(page: Page, ref: str) -> Page:
    """Return the page with the telling of that carrier's id delivered, unless it had failed."""
    return _told(page, ref, lambda one: replace(one, state=TellingState.DELIVERED.value))


def failed(page: Page, failure: Failure) -> Page:
    """Return the page with that telling failed, and its next rung due at once.

    The rung waits its time when somebody else was reached as loudly since, and when the page does
    not climb: somebody has it, it is over, or its ladder is at the end.
    """
    ref = failure.ref
    found = next((one for one in page.told if one.ref == ref and one.state in TOLD), None)
    if found is None or not ref:
        return page
    lost = TellingState.FAILED.value
    marked = _told(page, ref, lambda one: replace(one, state=lost, reason=failure.reason))
    due = page.climbs_at is None or page.climbs_at <= failure.at
    still = due or page.state is not PageState.OPEN
    if still or any(_stands_in(one, found) for one in marked.told):
        return marked
    return replace(marked, climbs_at=failure.at, token="", armed_for=None)


def _told(page: Page, ref: str, changed: Callable[[Telling], Telling]) -> Page:
    told = tuple(
        changed(one) if ref and one.ref == ref and one.state in TOLD else one for one in page.told
    )
    return replace(page, told=told) if told != page.told else page


def _stands_in(other: Telling, gone: Telling) -> bool:
    """Return whether another telling of the same rung or a later one does for one that failed.

    An email does not do for an SMS: it wakes nobody.
    """
    if other.rung < gone.rung or other.state not in TOLD:
        return False
    return other.medium in ESCALATING or gone.medium not in ESCALATING
