"""Climb: a page looks at itself, tells whom it must, and says when it looks again.

Every look reads everything anew: what has been settled is told to nobody. Whom a look tells is
written down before anybody is told, so that a look that is repeated tells the same, and only what
nobody knows to have left: told twice rather than never.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, partial

from chalicelib.domain import calling, climbing
from chalicelib.domain.calling import Due
from chalicelib.domain.climbing import Standing
from chalicelib.domain.crew import LIMITED, Crew
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Member, Page, PageState, TellingState
from chalicelib.domain.policy import Team
from chalicelib.domain.rungs import View
from chalicelib.domain.settled import settled
from chalicelib.workflows.ladder.hold import PageRef, look, read
from chalicelib.workflows.ladder.raising import MOST_MEMBERS, raise_again
from chalicelib.workflows.ladder.tell import inform, known_as, tell
from chalicelib.workflows.ports import Parts, StaleError
from chalicelib.workflows.routing.passing import somebody

MOST_LOOKS = 40
"""How often one step looks: each rung that reaches nobody leads to the next at once."""


def climb(parts: Parts, ref: PageRef) -> Mapping[str, object]:
    """Do all that is due for a page; return what its machine is told.

    Raises LookupError when the page is gone.
    """
    for _ in range(MOST_LOOKS):
        page = read(parts, ref.page_id)
        if page.generation != ref.generation:
            break
        try:
            if not _changed(parts, page):
                break
        except StaleError:
            continue
    return look(parts, read(parts, ref.page_id), ref)


def _changed(parts: Parts, page: Page) -> bool:
    """Make one look; return whether another one is needed. Raises StaleError."""
    now = parts.now()
    if page.state is PageState.OVER:
        _left_behind(parts, page)
        return inform(parts, page, climbing.RESOLVE)
    frozen = page.state is PageState.ACKNOWLEDGED
    if frozen and page.frozen_until is not None and page.frozen_until > now:
        return inform(parts, page, climbing.ACKNOWLEDGE)
    standings = standing(parts, parts.pages.members(page.id, MOST_MEMBERS))
    if not standings:
        return _ended(parts, page, "settled")
    return _told(parts, climbing.thaw(page, now) if frozen else page, standings)


def _told(parts: Parts, page: Page, standings: tuple[Standing, ...]) -> bool:
    """Tell whom an open page must tell now; return whether it must be looked at again."""
    unknown = [one for one in page.told if one.state == TellingState.SENDING]
    if unknown:
        crew = crew_of(parts, page)
        tell(
            parts,
            page,
            standings,
            tuple(Due(one, crew.address(one.medium, one.to)) for one in unknown),
        )
        return True
    if page.warns and climbing.told(page, standings):
        return _ended(parts, page, "told")
    plan = calling.claim(_view(parts, climbing.hears(page, standings, parts.now()), standings))
    if plan.page == page:
        return False
    tell(parts, parts.pages.save(plan.page), standings, plan.calls)
    return True


def _ended(parts: Parts, page: Page, because: str) -> bool:
    parts.pages.save(climbing.end(page, because, parts.now()))
    parts.meter.count("PageOver", team=page.team, kind=page.kind, because=because)
    return True


def _left_behind(parts: Parts, page: Page) -> None:
    """Page anew what joined while the page was ending."""
    standings = standing(parts, parts.pages.members(page.id, MOST_MEMBERS))
    left = climbing.news(page, standings) if page.warns else standings
    for one in left:
        raise_again(parts, page.team, one.member, page.queue)


def standing(parts: Parts, members: Sequence[Member]) -> tuple[Standing, ...]:
    """Return those of the members that are not settled, by their cases as they are now."""
    ids = list(dict.fromkeys(one.conversation_id for one in members))
    heads = {head.id: head for head in parts.conversations.several(ids)}
    there = cache(partial(somebody, parts))
    return tuple(
        Standing(one, head.case.assignee, head.case.priority)
        for one in members
        if (head := heads.get(one.conversation_id)) is not None
        and head.case is not None
        and not settled(one, head, there)
    )


def crew_of(parts: Parts, page: Page) -> Crew:
    """Return who is who for a page, as the people are now."""
    policy = parts.policies.current()
    agents = {agent.id: agent for agent in parts.agents.all()}
    return Crew(policy.team(page.team) or Team(page.team), agents, policy.paging)


def _view(parts: Parts, page: Page, standings: tuple[Standing, ...]) -> View:
    ladder = climbing.ladder_of(parts.policies.get(page.policy_version), page)
    view = View(page, ladder, standings, crew_of(parts, page), parts.now(), {})
    told: dict[tuple[Medium, str], datetime] = {}
    for _, to in calling.candidates(view):
        if to.medium in LIMITED:
            at = parts.pages.told_at(known_as(page, to.to), to.medium)
            told |= {(to.medium, to.to): at} if at else {}
    return View(page, ladder, standings, view.crew, view.now, told)
