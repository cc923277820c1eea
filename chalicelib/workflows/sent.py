"""Sent: the platform took a reply of ours, or did not; the case hears of it in the same write."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import delivery
from chalicelib.domain.conversation import Conversation, inbound_id
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.follow_up import follow_up_failed, follow_up_sent
from chalicelib.domain.message import DeliveryState, Message, Origin
from chalicelib.domain.reply import reply_failed, reply_sent
from chalicelib.workflows.change import settle, stamped, terms_of
from chalicelib.workflows.early import completed
from chalicelib.workflows.ports import Commit, Parts, Reference

HUMAN = frozenset({Origin.HEARBACK, Origin.NATIVE_APP})


def accepted(
    parts: Parts, message: Message, at: datetime, *, platform_id: str, state: DeliveryState
) -> str:
    """Record that the platform took a message at `at`.

    The clocks stop there, and its platform id leads back to it. What the platform told of that id
    before is taken in; that may be that it failed after all.

    Raises StaleError when message or conversation changed meanwhile: read again.
    """
    conversation = parts.conversations.get(message.conversation_id)
    named = replace(message, platform_id=platform_id or message.platform_id)
    after = delivery.advance(named, state, at)
    commit = Commit(update=(after,))
    if conversation is not None and named.platform_id:
        commit = _referred(parts, conversation, after)
    _write(parts, conversation, commit, at)
    return "accepted"


def failed(
    parts: Parts, message: Message, at: datetime, *, error_code: str, error_text: str
) -> str:
    """Record that a message did not reach the customer, and why: the clocks it stopped run on.

    Raises StaleError when message or conversation changed meanwhile: read again.
    """
    after = delivery.advance(
        message, DeliveryState.FAILED, at, error_code=error_code, error_text=error_text[:500]
    )
    if after == message:
        return "unchanged"
    conversation = parts.conversations.get(message.conversation_id)
    _write(parts, conversation, Commit(update=(after,)), at)
    return "failed"


def _write(parts: Parts, conversation: Conversation | None, commit: Commit, at: datetime) -> None:
    """Commit a message whose delivery is settled, with what it does to its conversation."""
    message = commit.update[0]
    if conversation is None:
        parts.conversations.commit(commit)
        return
    pending = tuple(p for p in conversation.pending if p.message_id != message.id)
    new, case = replace(conversation, pending=pending), conversation.case
    if case is not None and message.case_number in (0, case.number):
        terms = terms_of(parts, conversation, case)
        fold = _told(Fold(case), terms, message, at)
        if fold.entries:
            new = replace(settle(conversation, fold, terms), pending=pending)
            commit = replace(commit, entries=stamped(fold, new))
    if new != conversation:
        commit = replace(commit, conversation=new)
    parts.conversations.commit(commit)
    if message.delivery is not None and message.delivery.state is DeliveryState.FAILED:
        parts.meter.count("ReplyFailed", channel=conversation.channel.value)


def _told(fold: Fold, terms: Terms, message: Message, at: datetime) -> Fold:
    """Return the case after what became of a message of ours."""
    found = message.delivery
    if found is None or (message.origin not in HUMAN and message.origin is not Origin.SURVEY):
        return fold
    survey = message.origin is Origin.SURVEY
    if found.state is DeliveryState.FAILED:
        reason = f"{found.error_code} {found.error_text}".strip()[:200]
        if survey:
            why = f"could not be sent: {found.error_code or 'no reason given'}"
            return follow_up_failed(fold, at, message.id, why)
        return reply_failed(fold, terms, at, message.id, reason)
    if survey:
        return follow_up_sent(fold, at, message.id)
    return reply_sent(fold, terms, at, message.id, message.author_id, written_at=message.sent_at)


def _referred(parts: Parts, conversation: Conversation, message: Message) -> Commit:
    """Return the commit that lets the platform's id lead to our message, if it does not yet.

    With what the platform told of that id before it answered our call.
    """
    channel, account_id = conversation.channel, conversation.account_id
    known = parts.conversations.reference(channel, account_id, message.platform_id)
    if known is not None and known.message_id:
        return Commit(update=(message,))
    if known is not None:
        message = replace(message, deleted_at=message.deleted_at or known.deleted_at)
        stub_id = inbound_id(channel, account_id, message.platform_id)
        stub = parts.conversations.message(known.conversation_id, stub_id)
        message = completed(message, stub) if stub else message
    reference = known or Reference(channel, account_id, message.platform_id)
    there = replace(reference, conversation_id=message.conversation_id, message_id=message.id)
    return Commit(update=(message,), references=(there,))
