"""Transfer: a case goes to another team, with its log and its promises."""

from dataclasses import replace

from chalicelib.domain import lifecycle
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Message
from chalicelib.workflows.change import Ask, Done, carry_out, open_case, settle, stamped, terms_of
from chalicelib.workflows.errors import NotFoundError, RefusedError
from chalicelib.workflows.ports import Commit, Parts, Request


def transfer(parts: Parts, ask: Ask, team: str, reason: str) -> Done:
    """Give the case to another team. Its agent has room again, and one of that team is looked for.

    Who may: whoever sees the case, and nobody else (admins see all). Asked again under its key it
    is answered as before, though the case is not one's own any more.

    Raises RefusedError without a reason, for an unknown team or the one that has it, NotNowError
    when the case is not open.
    """
    if not reason.strip():
        raise RefusedError("Giving a case away needs a reason.", code="no_reason")
    what = ("team", team, reason)

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        case = open_case(conversation)
        terms = terms_of(parts, conversation, case)
        if terms.policy.team(team) is None and parts.policies.current().team(team) is None:
            raise RefusedError("There is no such team.", code="no_such_team")
        if case.team == team:
            raise RefusedError("That team has the case already.", code="same_team")
        fold = lifecycle.change_team(Fold(case), terms, team, parts.now(), ask.actor.id)
        fold = replace(fold, entries=tuple(_because(entry, reason) for entry in fold.entries))
        new = settle(conversation, fold, terms)
        return Commit(conversation=new, entries=stamped(fold, new)), None

    try:
        return carry_out(parts, ask, what, decide)
    except NotFoundError:
        before = _given_before(parts, ask, what)
        if before is None:
            raise
        return before


def _because(entry: Entry, reason: str) -> Entry:
    return replace(entry, reason=reason) if entry.kind is EntryKind.TEAM_CHANGED else entry


def _given_before(parts: Parts, ask: Ask, what: tuple[str, ...]) -> Done | None:
    """Return what the same request led to before, or None: whoever made it need not see it now."""
    request = Request(key=digest("request", ask.key), fingerprint=digest(ask.actor.id, *what))
    known = parts.conversations.request(ask.conversation_id, request.key)
    conversation = parts.conversations.get(ask.conversation_id)
    if known is None or conversation is None or known.fingerprint != request.fingerprint:
        return None
    return Done(conversation, repeated=True)
