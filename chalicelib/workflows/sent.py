"""Sent: the platform took a reply of ours, or did not; the case hears of it in the same write."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import delivery, lifecycle
from chalicelib.domain.case import Case
from chalicelib.domain.conversation import Conversation, Pending
from chalicelib.domain.message import DeliveryState, Message, Origin
from chalicelib.domain.promise import Fold
from chalicelib.workflows.change import settle, stamped, terms_of
from chalicelib.workflows.ports import Commit, Parts, Reference

HUMAN = frozenset({Origin.HEARBACK, Origin.NATIVE_APP})


def accepted(
    parts: Parts, message: Message, at: datetime, *, platform_id: str, state: DeliveryState
) -> str:
    """Record that the platform took a message at `at`.

    The clocks stop there, and its platform id leads back to it.

    Raises StaleError when message or conversation changed meanwhile: read again.
    """
    after = delivery.advance(
        replace(message, platform_id=platform_id or message.platform_id), state, at
    )
    conversation = parts.conversations.get(message.conversation_id)
    commit = Commit(update=(after,))
    if conversation is not None:
        commit = _with_case(parts, conversation, commit, message, at)
    reference = _reference(parts, conversation, after)
    parts.conversations.commit(replace(commit, references=(reference,) if reference else ()))
    return "accepted"


def failed(
    parts: Parts, message: Message, at: datetime, *, error_code: str, error_text: str
) -> str:
    """Record that a message did not reach the customer, and why: the clocks it stopped run on."""
    after = delivery.advance(
        message, DeliveryState.FAILED, at, error_code=error_code, error_text=error_text[:500]
    )
    if after == message:
        return "unchanged"
    conversation = parts.conversations.get(message.conversation_id)
    if conversation is None or conversation.case is None:
        parts.conversations.commit(Commit(update=(after,)))
        return "failed"
    terms = terms_of(parts, conversation, conversation.case)
    reason = f"{error_code} {error_text}".strip()[:200]
    fold = Fold(conversation.case)
    if message.origin is Origin.SURVEY:
        fold = lifecycle.waive(fold, at, f"could not be sent: {error_code or 'no reason given'}")
    else:
        fold = lifecycle.reply_failed(fold, terms, at, message.id, reason)
    new = replace(settle(conversation, fold, terms), pending=_without(conversation, message))
    parts.conversations.commit(
        Commit(conversation=new, update=(after,), entries=stamped(fold, new))
    )
    parts.meter.count("ReplyFailed", channel=conversation.channel.value)
    return "failed"


def _with_case(
    parts: Parts, conversation: Conversation, commit: Commit, message: Message, at: datetime
) -> Commit:
    pending = _without(conversation, message)
    if conversation.case is None:
        new = replace(conversation, pending=pending, version=conversation.version + 1)
        return replace(commit, conversation=new)
    terms = terms_of(parts, conversation, conversation.case)
    fold = Fold(conversation.case)
    if message.origin is Origin.SURVEY:
        fold = lifecycle.follow_up_sent(fold, at, message.id)
    elif message.origin in HUMAN and _belongs(conversation.case, message):
        fold = lifecycle.reply_sent(fold, terms, at, message.id, message.author_id)
    new = replace(settle(conversation, fold, terms), pending=pending)
    return replace(commit, conversation=new, entries=stamped(fold, new))


def _belongs(case: Case, message: Message) -> bool:
    return message.case_number in (0, case.number)


def _without(conversation: Conversation, message: Message) -> tuple[Pending, ...]:
    return tuple(pending for pending in conversation.pending if pending.message_id != message.id)


def _reference(
    parts: Parts, conversation: Conversation | None, message: Message
) -> Reference | None:
    if conversation is None or not message.platform_id:
        return None
    known = parts.conversations.reference(
        conversation.channel, conversation.account_id, message.platform_id
    )
    if known is not None and known.message_id:
        return None
    return Reference(
        conversation.channel,
        conversation.account_id,
        message.platform_id,
        conversation.id,
        message.id,
        rev=known.rev if known else 0,
    )
