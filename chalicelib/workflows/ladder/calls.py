"""Calls: what one person or system is told of a page, put together from the table."""

from chalicelib.domain.agent import Agent
from chalicelib.domain.climbing import ladder_of
from chalicelib.domain.ladder import Ladder, Rung
from chalicelib.domain.page import Member, Page
from chalicelib.domain.paging import MOST, Call
from chalicelib.workflows.ports import Parts


def call(parts: Parts, page: Page, person: str = "") -> Call:
    """Return the call of a page to `person`: an agent's id, an endpoint's, or `subscribers`.

    Nobody: a call without a link.
    """
    agent = parts.agents.get(person) if person else None
    link = parts.links.link(page.id, person) if person else ""
    return put_together(parts, page, tuple(parts.pages.members(page.id, MOST)), agent, link)


def put_together(
    parts: Parts, page: Page, members: tuple[Member, ...], agent: Agent | None, link: str
) -> Call:
    """Return the call of a page with these members. No agent: what is told is a system."""
    policy = parts.policies.current()
    team = policy.team(page.team)
    return Call(
        page=page,
        members=members,
        team=(team.name if team else "") or page.team,
        now=parts.now(),
        link=link,
        answerable=bool(agent and policy.paging.sms_handle),
        desk_url=parts.desk_url,
        following=_following(ladder_of(parts.policies.get(page.policy_version), page), page),
        zone=agent.zone if agent else "UTC",
    )


def name_of(parts: Parts, person: str) -> str:
    """Return what people call an agent or a system: the name, or the id where there is none."""
    agent = parts.agents.get(person) if person else None
    return agent.name if agent and agent.name else person


def _following(ladder: Ladder, page: Page) -> Rung | None:
    """Return the rung that comes next: after the last one the last one again."""
    if page.climbs_at is not None and page.rung < len(ladder.rungs):
        return ladder.rungs[page.rung]
    return ladder.rungs[-1] if page.repeats_at is not None and ladder.rungs else None
