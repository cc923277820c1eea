"""Tell: what was claimed leaves, by each carrier, and what became of it is written down.

A carrier that cannot be reached holds up nobody else: its telling is put off, and tried again. Once
more in vain, and the next rung is due at once where a telephone or a paging system was meant.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain import budget, climbing, paging
from chalicelib.domain.calling import Due
from chalicelib.domain.climbing import Standing
from chalicelib.domain.ladder import SUBSCRIBERS, Medium
from chalicelib.domain.page import Page, Telling, TellingState
from chalicelib.workflows.change import persist
from chalicelib.workflows.ladder import words
from chalicelib.workflows.ladder.hold import read
from chalicelib.workflows.ladder.ports import Carried
from chalicelib.workflows.ports import BudgetError, Parts

AGAIN = timedelta(seconds=60)
"""After how long a carrier that could not be reached is tried again."""

SPEND_NAME = "paging"
"""Under which name the month's SMS to our own people are counted."""

NOT_ANSWERED = "the carrier did not answer"

log = logging.getLogger(__name__)


def tell(parts: Parts, page: Page, standings: tuple[Standing, ...], dues: tuple[Due, ...]) -> None:
    """Make the calls of a page that was claimed, and record what became of them."""
    speech = words.Speech(parts, page, standings)
    results = {due.telling: _called(parts, speech, due) for due in dues}
    for done in results.values():
        parts.meter.count("PageTold", medium=done.medium.value, state=done.state)
        if done.state in climbing.LOST:
            parts.meter.count("PageTellingFailed", medium=done.medium.value)
    if results:
        persist(lambda: _record(parts, page.id, results))


def _record(parts: Parts, page_id: str, results: dict[Telling, Telling]) -> None:
    page = read(parts, page_id)
    parts.pages.save(climbing.recorded(page, results, parts.now()))


def _called(parts: Parts, speech: words.Speech, due: Due) -> Telling:
    """Make one call; return the telling with its end."""
    telling, page = due.telling, speech.page
    try:
        carried = _carried(parts, speech, due)
    except BudgetError:
        parts.meter.count("PagingOverBudget")
        return replace(telling, state=TellingState.OVER_BUDGET.value, reason="")
    except Exception:
        # Whatever breaks at one carrier must not keep the others from being used.
        log.exception("A page could not be told.")
        carried = Carried(taken=False, reason=NOT_ANSWERED, again=True)
    if not carried.taken:
        return _lost(parts, telling, carried)
    if carried.ref:
        parts.pages.note_ref(carried.ref, page.id)
    parts.pages.note_told(known_as(page, telling.to), telling.medium, parts.now())
    return replace(telling, state=TellingState.SENT.value, ref=carried.ref, reason="")


def _lost(parts: Parts, telling: Telling, carried: Carried) -> Telling:
    """Return a telling that was not taken: put off the first time, then failed.

    The topics are tried for as long as the page is there: other systems hear of it by them alone.
    """
    first = not telling.reason or telling.medium is Medium.TOPIC
    reason = carried.reason or NOT_ANSWERED
    if carried.again and first:
        until = parts.now() + AGAIN
        return replace(telling, state=TellingState.DELAYED.value, reason=reason, until=until)
    return replace(telling, state=TellingState.FAILED.value, reason=reason)


def _carried(parts: Parts, speech: words.Speech, due: Due) -> Carried:
    telling = due.telling
    match telling.medium:
        case Medium.SMS:
            return _texted(parts, speech, due)
        case Medium.EMAIL:
            call = speech.to(telling.to)
            return parts.pager.email(due.address, paging.subject(call), paging.body(call))
        case Medium.WEBHOOK:
            return _system(parts, speech, telling.to, climbing.TRIGGER)
        case _:
            parts.alerts.announce(speech.alert(telling))
            return Carried(taken=True)


def _texted(parts: Parts, speech: words.Speech, due: Due) -> Carried:
    """Send an SMS within the month's budget; what certainly did not leave is given back."""
    money = parts.policies.current().paging
    month = budget.month(parts.now())
    text = paging.text(speech.to(due.telling.to))
    parts.budgets.spend(SPEND_NAME, month, money.sms_micros, money.sms_budget_micros)
    carried = parts.pager.sms(due.address, text)
    if not carried.taken and not carried.again:
        parts.budgets.spend(SPEND_NAME, month, -money.sms_micros, None)
    return carried


def _system(parts: Parts, speech: words.Speech, to: str, action: str) -> Carried:
    endpoints = parts.policies.current().paging.endpoints
    found = next((one for one in endpoints if one.id == to), None)
    if found is None:
        return Carried(taken=False, reason="it is not configured any more")
    return parts.pager.webhook(found, action, paging.facts(speech.to(to)))


def inform(parts: Parts, page: Page, action: str) -> bool:
    """Tell the paging systems that know of a page what became of it; return whether any was told.

    Told again when the process dies before it is written down: they fold by the page's id. One that
    cannot be reached is counted and let be: its people see the page in the desk.
    """
    systems = climbing.systems(page)
    if page.informed == action or not systems:
        return False
    members = parts.pages.members(page.id, paging.MOST)
    speech = words.Speech(parts, page, tuple(Standing(one) for one in members))
    for system in systems:
        carried = _system(parts, speech, system, action)
        if not carried.taken:
            parts.meter.count("PageTellingFailed", medium=Medium.WEBHOOK.value)
    parts.pages.save(replace(page, informed=action))
    return True


def known_as(page: Page, to: str) -> str:
    """Return under which name it is kept when somebody was told: the topics by their queue."""
    return f"{SUBSCRIBERS}/{page.queue}" if to == SUBSCRIBERS else to
