"""Redecide: let cases go on under the policy that is in force now, from the same starts."""

from collections.abc import Iterator

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.fold import Fold
from chalicelib.domain.redecide import redecide as decided
from chalicelib.workflows import machine
from chalicelib.workflows.change import persist
from chalicelib.workflows.errors import NotFoundError, NotNowError
from chalicelib.workflows.history.log import entries, terms_in
from chalicelib.workflows.ports import Parts, Query

AT_ONCE = 100


def redecide(parts: Parts, conversation_id: str, actor: str, *, number: int = 0) -> int:
    """Decide the newest case of a conversation anew under the current policy version.

    Returns how many of its clocks came out otherwise. Doing it again changes nothing. `number`: it
    must be that case. Raises NotFoundError when there is none, NotNowError when another one has
    begun since.
    """
    return persist(lambda: _redecide(parts, conversation_id, actor, number))


def _redecide(parts: Parts, conversation_id: str, actor: str, number: int) -> int:
    conversation = parts.conversations.get(conversation_id)
    case = conversation.case if conversation else None
    if conversation is None or case is None:
        raise NotFoundError("There is no such case.")
    if number not in (0, case.number):
        raise NotNowError("A later case has begun; this one is over.", code="not_newest")
    terms = terms_in(parts.policies.current(), conversation)
    log = entries(parts, conversation_id, case.number)
    fold = decided(Fold(case), log, terms, parts.now(), actor)
    machine.commit_fold(parts, conversation, fold)
    changed = [entry for entry in fold.entries if "clocks" in entry.inputs]
    return int(changed[0].inputs["clocks"]) if changed else 0


def open_cases(parts: Parts, team: str = "") -> Iterator[str]:
    """Give the conversations with an open case of a team, or of every team of the policy.

    All of a team are listed before the first is given: what is decided anew changes its place in
    the list. A case that begins meanwhile begins under the current version anyway.
    """
    teams = [team] if team else [known.id for known in parts.policies.current().teams]
    for name in teams:
        yield from [found.id for found in _listed(parts, name)]


def _listed(parts: Parts, team: str) -> Iterator[Conversation]:
    cursor = ""
    while True:
        page = parts.views.open_cases(Query(team=team, limit=AT_ONCE, cursor=cursor))
        yield from page.rows
        cursor = page.cursor
        if not cursor:
            return
