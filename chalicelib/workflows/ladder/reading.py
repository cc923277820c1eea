"""Reading: which pages a person may see, in the desk or by the API.

Those of the teams one sees, of the teams that name one as lead, manager or on call, and every page
that one was told of.
"""

from collections.abc import Sequence

from chalicelib.domain.access import Actor
from chalicelib.domain.page import Page
from chalicelib.domain.policy import Team
from chalicelib.workflows.errors import ForbiddenError, NotFoundError
from chalicelib.workflows.ports import Parts


def pages(parts: Parts, actor: Actor, team: str, limit: int) -> Sequence[Page]:
    """Return the pages that are not over, newest first, of one team or (empty) of all one sees.

    Raises ForbiddenError for a team that is not this person's.
    """
    seen = [one.id for one in parts.policies.current().teams if _sees(actor, one)]
    if team and team not in seen:
        raise ForbiddenError("You are not of that team.")
    wanted = (team,) if team else seen
    found = [page for one in wanted for page in parts.pages.listed(one, limit)]
    return sorted(found, key=lambda page: page.opened_at, reverse=True)[:limit]


def page(parts: Parts, actor: Actor, page_id: str) -> Page:
    """Return a page this person may see. Raises NotFoundError for any other, there or not."""
    found = parts.pages.get(page_id)
    if found is None or not _may_see(parts, actor, found):
        raise NotFoundError("There is no such page.")
    return found


def _may_see(parts: Parts, actor: Actor, found: Page) -> bool:
    team = parts.policies.current().team(found.team) or Team(found.team)
    return _sees(actor, team) or any(telling.to == actor.id for telling in found.told)


def _sees(actor: Actor, team: Team) -> bool:
    return actor.sees(team.id) or actor.id in (team.lead, team.manager, *team.on_call)
