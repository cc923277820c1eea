"""Acknowledge: somebody takes a page. It is still until the freeze ends.

By the desk, by the link or by answering the SMS; whoever is first has it.
"""

from chalicelib.domain import climbing
from chalicelib.domain.page import Page
from chalicelib.workflows.change import persist
from chalicelib.workflows.errors import NotFoundError
from chalicelib.workflows.ports import Parts


def acknowledge(parts: Parts, page_id: str, by: str) -> Page:
    """Take a page for `by`, an agent's id; return it as it is now.

    One that somebody has, or that is over, stays as it is: a second answer finds who was first.
    The machine wakes by the table's stream. Raises NotFoundError when there is no such page.
    """
    return persist(lambda: _acknowledge(parts, page_id, by))


def _acknowledge(parts: Parts, page_id: str, by: str) -> Page:
    page = parts.pages.get(page_id)
    if page is None:
        raise NotFoundError("There is no such page.", code="no_such_page")
    ladder = climbing.ladder_of(parts.policies.get(page.policy_version), page)
    taken = climbing.acknowledge(page, by, parts.now(), ladder)
    if taken is page:
        return page
    saved = parts.pages.save(taken)
    parts.meter.count("PageAcknowledged", team=page.team, kind=page.kind)
    return saved
