"""Read: what a signed-in person may see of conversations and contacts."""

from chalicelib.domain.access import Actor
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.workflows.change import team_of
from chalicelib.workflows.errors import ForbiddenError, NotFoundError
from chalicelib.workflows.ports import Page, Parts, Query


def conversation(parts: Parts, actor: Actor, conversation_id: str) -> Conversation:
    """Return a conversation this person may see.

    Raises NotFoundError for any other, there or not.
    """
    found = parts.conversations.get(conversation_id)
    if found is None or not actor.sees(team_of(parts, found)):
        raise NotFoundError("There is no such conversation.")
    return found


def open_cases(parts: Parts, actor: Actor, query: Query) -> Page[Conversation]:
    """List open cases of a team or an agent, nearest deadline first.

    As far as this person may see them.

    Raises ForbiddenError for a team that is not this person's. An agent's list shows the cases
    of this person's teams only.
    """
    if query.team and not actor.sees(query.team):
        raise ForbiddenError("You are not of that team.")
    page = parts.views.open_cases(query)
    return Page(tuple(row for row in page.rows if actor.sees(team_of(parts, row))), page.cursor)


def contact(
    parts: Parts, actor: Actor, contact_id: str, limit: int, cursor: str = ""
) -> tuple[Contact, tuple[Identity, ...], Page[Conversation]]:
    """Return a person with identities and conversations across channels.

    Of those this person may see.

    Raises NotFoundError when there is no such contact, or none of its conversations is this
    person's to see.
    """
    found = parts.views.contact(contact_id)
    if found is None:
        raise NotFoundError("There is no such contact.")
    page = parts.views.conversations_of(contact_id, limit, cursor)
    seen = tuple(row for row in page.rows if actor.sees(team_of(parts, row)))
    if not seen and not (cursor and _met(parts, actor, contact_id, limit)):
        raise NotFoundError("There is no such contact.")
    return found, tuple(parts.views.identities(contact_id)), Page(seen, page.cursor)


def _met(parts: Parts, actor: Actor, contact_id: str, limit: int) -> bool:
    """Return whether the first page shows this person something: a cursor alone proves nothing."""
    first = parts.views.conversations_of(contact_id, limit)
    return any(actor.sees(team_of(parts, row)) for row in first.rows)
