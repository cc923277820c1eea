"""Place: which conversation and which message an event is about."""

from dataclasses import dataclass

from chalicelib.domain.conversation import conversation_id, inbound_id
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.message import Message
from chalicelib.workflows.ports import Parts, Reference


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event belongs. `message` is None when its message has not arrived."""

    conversation_id: str
    message_id: str
    message: Message | None


def home(event: ChannelEvent) -> str:
    """Return the conversation of an event whose customer is known, else nothing.

    An item whose author the platform hides is a conversation of its own, so that it too is
    answered.
    """
    if event.contact is not None:
        ref = event.contact.id
    elif event.kind is EventKind.MESSAGE and event.message_id:
        ref = f"hidden:{event.message_id}"
    else:
        return ""
    return conversation_id(
        event.channel, event.account_id, ref, event.post_id if event.public else ""
    )


def refer(parts: Parts, event: ChannelEvent, platform_id: str) -> Reference | None:
    """Return where a platform's message id leads, or None when we never kept it."""
    return (
        parts.conversations.reference(event.channel, event.account_id, platform_id)
        if platform_id
        else None
    )


def find(parts: Parts, event: ChannelEvent) -> Place | None:
    """Return what an edit, a deletion, a reaction or a receipt is about.

    None when not even the conversation is known.
    """
    reference = refer(parts, event, event.message_id)
    if reference is not None and reference.message_id:
        message = parts.conversations.message(reference.conversation_id, reference.message_id)
        return Place(reference.conversation_id, reference.message_id, message)
    where = home(event)
    if not where:
        return None
    if event.reply_token:
        ours = parts.conversations.message(where, event.reply_token)
        if ours is not None:
            return Place(where, ours.id, ours)
    message_id = inbound_id(event.channel, event.account_id, event.message_id)
    return Place(where, message_id, parts.conversations.message(where, message_id))
