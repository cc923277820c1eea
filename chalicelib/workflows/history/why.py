"""Why: what led to what in one case, for who may see it."""

from chalicelib.domain.access import Actor
from chalicelib.domain.replay import View
from chalicelib.domain.why import Decision, explain
from chalicelib.workflows import read
from chalicelib.workflows.errors import NotFoundError
from chalicelib.workflows.history.log import entries, terms_by_version
from chalicelib.workflows.ports import Parts


def why(
    parts: Parts, actor: Actor, conversation_id: str, number: int = 0
) -> tuple[int, tuple[Decision, ...]]:
    """Return the number of a case and every decision of it, oldest first.

    `number` 0: the newest. Raises NotFoundError for a conversation this person may not see, and for
    a case that is not there.
    """
    conversation = read.conversation(parts, actor, conversation_id)
    newest = conversation.case.number if conversation.case else 0
    wanted = number or newest
    log = entries(parts, conversation_id, wanted)
    if not log:
        raise NotFoundError("There is no such case.", code="no_such_case")
    view = View(terms_by_version(parts, conversation))
    return wanted, tuple(explain(log, view))
