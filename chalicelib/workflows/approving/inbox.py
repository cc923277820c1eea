"""Inbox: what waits for approval and this person may decide, nearest deadline first.

Read from a team's list of open cases, which knows by itself in which of them something waits. So a
page costs the same few requests however many cases are open.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.approval import may_approve, may_decline
from chalicelib.domain.case import Approval
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.outlook import deadline
from chalicelib.workflows.approving.authority import person
from chalicelib.workflows.errors import ForbiddenError
from chalicelib.workflows.ports import Page, Parts, Query

MOST_TEAMS = 20
"""How many teams are looked through for one list."""

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ToDecide:
    """One approval that a person may decide. `approvable`: not only decline."""

    approval: Approval
    approvable: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation, and what waits in it that this person may decide."""

    conversation: Conversation
    waiting: tuple[ToDecide, ...]


def inbox(parts: Parts, actor: Actor, team: str, limit: int, cursor: str = "") -> Page[Found]:
    """Return what waits in a team's cases and is this person's to decide.

    A page may be shorter than asked for, or empty, and still have a cursor. Raises ForbiddenError
    for a team that is not this person's, CursorError.
    """
    if not actor.sees(team):
        raise ForbiddenError("You are not of that team.")
    page = parts.views.open_cases(Query(team, limit=limit, cursor=cursor, approvals=True))
    policy, who = parts.policies.current(), person(parts, actor)
    found = []
    for row in page.rows:
        case = row.case
        waiting = tuple(
            ToDecide(one, may_approve(policy, who, case, one))
            for one in (case.approvals if case else ())
            if case and may_decline(policy, who, case, one)
        )
        found += [Found(row, waiting)] if waiting else []
    return Page(tuple(found), page.cursor)


def inboxes(parts: Parts, actor: Actor, limit: int) -> tuple[tuple[Found, ...], tuple[str, ...]]:
    """Return the nearest of all teams that this person sees, and the teams that have more.

    An admin sees every team of the policy. At most MOST_TEAMS are looked through.
    """
    of_all = tuple(team.id for team in parts.policies.current().teams)
    teams = of_all if actor.role is Role.ADMIN else actor.teams
    looked, unseen = teams[:MOST_TEAMS], teams[MOST_TEAMS:]
    pages = {team: inbox(parts, actor, team, limit) for team in looked}
    rows = [(_due(row), team, row) for team, page in pages.items() for row in page.rows]
    rows.sort(key=lambda found: found[0])
    cut = {team for _, team, _ in rows[limit:]}
    more = tuple(team for team in looked if team in cut or pages[team].cursor)
    return tuple(row for _, _, row in rows[:limit]), (*more, *unseen)


def _due(found: Found) -> datetime:
    case = found.conversation.case
    return (deadline(case) if case else None) or NEVER
