"""Settling: a resolution that answers the customer first, as two changes or as one that waits."""

from dataclasses import replace

from chalicelib.domain.approving import RESOLVE
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.ident import digest
from chalicelib.domain.message import Message
from chalicelib.workflows.answering.hold import hold
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.answering.reply import drafted, reply
from chalicelib.workflows.answering.spot import chosen
from chalicelib.workflows.approving import authority
from chalicelib.workflows.approving.authority import Need
from chalicelib.workflows.change import Ask, Done, carry_out, read_for
from chalicelib.workflows.ports import Commit, Parts
from chalicelib.workflows.resolve import check_reason, resolve


def settle(parts: Parts, ask: Ask, reason: str, draft: Draft) -> Done:
    """Answer the customer and resolve the case.

    Two changes, one version each, under keys of their own: repeated after a crash in between, the
    first is recognised and the second goes on from the version it made. What needs approval is one
    change instead: the words are held, and both wait for one decision.
    """
    check_reason(reason)
    answer = replace(ask, key=f"{ask.key} reply")
    found = _need(parts, ask, answer, draft)
    if found is not None:
        return _hold(parts, ask, reason, draft, found)
    reply(parts, answer, draft)
    return resolve(parts, replace(ask, version=ask.version + 1), reason)


def _need(parts: Parts, ask: Ask, answer: Ask, draft: Draft) -> Need | None:
    """Return why it needs approval. Once its reply is stored, that has been looked at."""
    conversation = read_for(parts, ask)
    if parts.conversations.request(conversation.id, digest("request", answer.key)) is not None:
        return None
    wish = authority.wish_at(chosen(conversation, draft.side), draft.promised)
    return authority.need(parts, conversation, ask.actor, wish)


def _hold(parts: Parts, ask: Ask, reason: str, draft: Draft, found: Need) -> Done:
    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        message, agent = drafted(parts, ask, conversation, draft)
        waits = authority.waiting(ask, RESOLVE, message.id, reason)
        return hold(parts, conversation, message, found, waits, taker=agent)

    return carry_out(parts, ask, ("resolve", reason, *draft.words), decide)
