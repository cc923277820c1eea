"""The API's pages: what people are told together, and that somebody has it."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from chalicelib.domain.page import Member, Page, PageState, Telling
from chalicelib.domain.paging import MOST, case_link, cases, phrase, worst
from chalicelib.entrypoints.access import EVERYONE
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.bodies import Strict
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.ladder import reading

ONE = "/api/pages/{page_id}"


class PagesQuery(Strict):
    """Which pages to list, and how many members of each to show, the worst first."""

    team: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    members: Annotated[int, Meta(ge=0, le=100)] = 0


class MemberAnswer(Answer):
    """One thing that a page tells of. `due_at` is its deadline, `what` says it in words."""

    conversation_id: str
    case_number: int
    clock: str
    severity: str
    handle: str
    channel: str
    due_at: datetime
    what: str
    link: str


class TellingAnswer(Answer):
    """Who was told, by what, when, and what became of it. Never a number or an address."""

    rung: int
    medium: str
    to: str
    at: datetime
    state: str
    reason: str


class PageAnswer(Answer):
    """A page of a team. `count` is its cases; `members` are shown as far as asked for.

    `climbs_at`: when the next rung is told; `frozen_until`: how long somebody has it for.
    """

    id: str
    team: str
    queue: str
    severity: str
    state: PageState
    opened_at: datetime
    count: int
    rung: int
    climbs_at: datetime | None
    acknowledged_by: str
    acknowledged_at: datetime | None
    frozen_until: datetime | None
    over_at: datetime | None
    over_because: str
    members: tuple[MemberAnswer, ...]
    told: tuple[TellingAnswer, ...]


class PagesAnswer(Answer):
    """Pages that are not over, newest first."""

    pages: tuple[PageAnswer, ...]


@route("GET", "/api/pages", roles=EVERYONE, query=PagesQuery, answer=PagesAnswer)
def list_pages(asked: Asked) -> PagesAnswer:
    """List the open and the acknowledged pages of one's teams, newest first."""
    query: PagesQuery = asked.query
    found = reading.pages(asked.parts, asked.actor, query.team, query.limit)
    return PagesAnswer(pages=tuple(_page(asked, page, query.members) for page in found))


@route("GET", ONE, roles=EVERYONE, answer=PageAnswer)
def get_page(asked: Asked, page_id: str) -> PageAnswer:
    """Read a page: its members with links to their cases, and who was told by what and when."""
    return _page(asked, reading.page(asked.parts, asked.actor, page_id), MOST)


@route("POST", ONE + "/acknowledge", roles=EVERYONE, answer=PageAnswer)
def post_page_acknowledge(asked: Asked, page_id: str) -> PageAnswer:
    """Acknowledge a page: it is held for a while, and climbs on if it is not settled by then."""
    from chalicelib.workflows.ladder.acknowledge import acknowledge

    found = reading.page(asked.parts, asked.actor, page_id)
    return _page(asked, acknowledge(asked.parts, found.id, asked.actor.id), MOST)


def _page(asked: Asked, page: Page, shown: int) -> PageAnswer:
    members = tuple(asked.parts.pages.members(page.id, MOST))
    return PageAnswer(
        id=page.id,
        team=page.team,
        queue=page.queue,
        severity=page.severity.value,
        state=page.state,
        opened_at=page.opened_at,
        count=len(cases(members)),
        rung=page.rung,
        climbs_at=page.climbs_at,
        acknowledged_by=page.acknowledged_by,
        acknowledged_at=page.acknowledged_at,
        frozen_until=page.frozen_until,
        over_at=page.over_at,
        over_because=page.over_because,
        members=tuple(_member(asked, member) for member in worst(members)[:shown]),
        told=tuple(_telling(telling) for telling in page.told),
    )


def _member(asked: Asked, member: Member) -> MemberAnswer:
    return MemberAnswer(
        conversation_id=member.conversation_id,
        case_number=member.case_number,
        clock=member.clock,
        severity=member.severity.value,
        handle=member.handle,
        channel=member.channel,
        due_at=member.due_at,
        what=phrase(member, asked.parts.now()),
        link=case_link(asked.parts.desk_url, member),
    )


def _telling(telling: Telling) -> TellingAnswer:
    return TellingAnswer(
        rung=telling.rung,
        medium=telling.medium.value,
        to=telling.to,
        at=telling.at,
        state=telling.state,
        reason=telling.reason,
    )
