"""Answer: one of our own people answers a page by SMS.

A text from an agent's telephone to the number that pages leave by is never a customer's case. The
answer is kept at its page before anything follows from it, so that a repeated delivery finds the
page that it was for, and not the next one.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain import budget, page_answer
from chalicelib.domain.agent import Agent
from chalicelib.domain.climbing import TOLD
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Page, PageState, Telling
from chalicelib.workflows.change import persist
from chalicelib.workflows.ladder.acknowledge import acknowledge
from chalicelib.workflows.ladder.calls import call, name_of
from chalicelib.workflows.ladder.receipt import NO_PAGE
from chalicelib.workflows.ladder.tell import SPEND_NAME
from chalicelib.workflows.ports import BudgetError, Parts

ANSWER_RUNG = -1
"""The rung of what is no rung: an answer that is kept beside the tellings."""

ANSWERED, HELPED = "answered", "helped"

LOOKED_AT = 50
"""How many of a team's pages are looked at: nobody has more open at once."""


def answer(parts: Parts, event: ChannelEvent) -> str:
    """Take an answer; return what became of it, empty where the sender is none of our people.

    Raises what a write raises, so that the queue delivers it again.
    """
    people = _people(parts, event.contact.id if event.contact else "")
    if not people:
        return ""
    meaning = page_answer.meaning(event.text)
    outcome = "page_stop"
    if meaning == page_answer.TAKE:
        outcome = persist(lambda: _take(parts, event, people))
    elif meaning == page_answer.UNKNOWN:
        outcome = persist(lambda: _help(parts, event, people))
    parts.meter.count("PageAnswered", outcome=outcome)
    return outcome


def _people(parts: Parts, sender: str) -> list[Agent]:
    """Return the agents whose telephone it is; several may share one (the on-call telephone)."""
    number = page_answer.number(sender)
    if not number:
        return []
    return [one for one in parts.agents.all() if page_answer.number(one.phone) == number]


def _take(parts: Parts, event: ChannelEvent, people: list[Agent]) -> str:
    """Acknowledge the newest page that waits for this person, and say whose it is."""
    found = _page(parts, event, people)
    if found is None:
        return _nothing(parts, people[0])
    page, agent = found
    if _done(page, agent, event):
        return "page_answered_before"
    _keep(parts, page, agent, event, ANSWERED)
    page = acknowledge(parts, page.id, agent.id)
    if page.state is PageState.OVER:
        return _nothing(parts, agent)
    told, mine = call(parts, page, agent.id), _mine(page, agent)
    words = (
        page_answer.taken(told)
        if mine
        else page_answer.held(told, name_of(parts, page.acknowledged_by))
    )
    _text(parts, agent, words)
    return "page_taken" if mine else "page_held"


def _help(parts: Parts, event: ChannelEvent, people: list[Agent]) -> str:
    """Say once a page how to answer. The text is nobody's case."""
    found = _page(parts, event, people)
    if found is None:
        return _nothing(parts, people[0])
    page, agent = found
    if any(one.to == agent.id and one.state == HELPED for one in page.told):
        return "page_helped_before"
    _keep(parts, page, agent, event, HELPED)
    _text(parts, agent, page_answer.helped(call(parts, page, agent.id)))
    return "page_helped"


def _page(parts: Parts, event: ChannelEvent, people: list[Agent]) -> tuple[Page, Agent] | None:
    """Return the page that this answer was for before, else the newest that was told by SMS.

    Open ones before those that somebody has. Pages of any team: a manager is told of them too.
    """
    teams = parts.policies.current().teams
    listed = [page.id for team in teams for page in parts.pages.listed(team.id, LOOKED_AT)]
    read = (parts.pages.get(page_id) for page_id in listed)  # a list may lag behind
    pages = [page for page in read if page is not None and page.state is not PageState.OVER]
    told = [(page, who) for page in pages if (who := _told(page, people)) is not None]
    told.sort(key=lambda one: one[0].opened_at, reverse=True)
    told.sort(key=lambda one: (not _kept(one[0], event), one[0].state is not PageState.OPEN))
    return told[0] if told else None


def _told(page: Page, people: list[Agent]) -> Agent | None:
    reached = {
        telling.to
        for telling in page.told
        if telling.medium is Medium.SMS and telling.state in TOLD
    }
    return next((agent for agent in people if agent.id in reached), None)


def _kept(page: Page, event: ChannelEvent) -> bool:
    return any(one.rung == ANSWER_RUNG and one.ref == event.key for one in page.told)


def _done(page: Page, agent: Agent, event: ChannelEvent) -> bool:
    """Return whether this very answer has acknowledged the page: the queue delivered it again."""
    kept = next((one for one in page.told if one.ref == event.key), None)
    if kept is None or page.acknowledged_at is None or page.acknowledged_by != agent.id:
        return False
    return page.acknowledged_at >= kept.at


def _mine(page: Page, agent: Agent) -> bool:
    return page.state is PageState.ACKNOWLEDGED and page.acknowledged_by == agent.id


def _keep(parts: Parts, page: Page, agent: Agent, event: ChannelEvent, state: str) -> None:
    """Write the answer down at its page, once. Raises StaleError when the page has moved on."""
    if _kept(page, event):
        return
    kept = Telling(ANSWER_RUNG, Medium.SMS, agent.id, parts.now(), state, event.key)
    parts.pages.save(replace(page, told=(*page.told, kept)))


def _nothing(parts: Parts, agent: Agent) -> str:
    """Say that there is nothing to take, at most once in a while."""
    at, now = parts.pages.told_at(agent.id, ANSWERED), parts.now()
    pause = timedelta(seconds=parts.policies.current().paging.person_seconds)
    if at is None or now - at >= pause:
        parts.pages.note_told(agent.id, ANSWERED, now)
        _text(parts, agent, page_answer.NOTHING)
    return "page_nothing"


def _text(parts: Parts, agent: Agent, words: str) -> None:
    """Send an SMS within the month's budget. One that does not leave is let be: all is done."""
    money = parts.policies.current().paging
    try:
        month = budget.month(parts.now())
        parts.budgets.spend(SPEND_NAME, month, money.sms_micros, money.sms_budget_micros)
    except BudgetError:
        return
    carried = parts.pager.sms(page_answer.number(agent.phone), words)
    if carried.ref:
        parts.pages.note_ref(carried.ref, NO_PAGE)
