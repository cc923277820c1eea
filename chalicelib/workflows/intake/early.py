"""Early: what arrives before the message it is about is kept on a stub.

The message completes the stub when it comes, so nothing of it is lost.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain import delivery, instant
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.message import Direction, Message
from chalicelib.workflows.intake.place import Place
from chalicelib.workflows.ports import (
    Commit,
    DuplicateMessageError,
    Parts,
    Reference,
    StaleError,
)


def keep(
    parts: Parts,
    event: ChannelEvent,
    where: Place,
    amended: Callable[[Message], Message],
    *,
    direction: Direction = Direction.INBOUND,
) -> str:
    """Keep what an event says of a message that we do not know yet. Returns `early`.

    The reference says that there is a stub: a reply of ours that turns out to be this message finds
    it when the platform's id becomes known. Raises StaleError when the message, or what is to
    become of our reply, was written meanwhile.
    """
    at, clamped = instant.clamp(event.occurred_at, event.received_at)
    stub = Message(
        id=where.message_id,
        conversation_id=where.conversation_id,
        direction=direction,
        public=event.public,
        sent_at=at,
        received_at=event.received_at,
        platform_id=event.message_id,
        clamped=clamped,
        stub=True,
    )
    stub = amended(stub)
    known = where.reference or Reference(event.channel, event.account_id, event.message_id)
    deleted_at = known.deleted_at or stub.deleted_at
    noted = replace(known, conversation_id=where.conversation_id, deleted_at=deleted_at)
    try:
        parts.conversations.commit(Commit(insert=(stub,), references=(noted,)))
    except DuplicateMessageError as duplicate:  # it came between our read and our write
        raise StaleError(stub.id) from duplicate
    return "early"


def foreseen(parts: Parts, message: Message, reference: Reference | None) -> Message:
    """Return a message as it will be once what arrived before it has completed it.

    For looking at what it shows; `completed` itself happens when the message is stored.
    """
    if reference is None or not reference.conversation_id:
        return message
    stub = parts.conversations.message(reference.conversation_id, message.id)
    return completed(message, stub) if stub is not None and stub.stub else message


def completed(message: Message, stub: Message) -> Message:
    """Return the message with what arrived before it.

    Edits, a deletion, a hiding, reactions and, if it is ours, how far it has come.
    """
    return replace(
        message,
        edits=(*message.edits, *stub.edits),
        deleted_at=message.deleted_at or stub.deleted_at,
        hidden=stub.hidden,
        hidden_at=stub.hidden_at,
        reactions=(*message.reactions, *stub.reactions),
        delivery=delivery.further(message.delivery, stub.delivery),
    )
