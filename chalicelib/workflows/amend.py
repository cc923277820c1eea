"""Amend: edits, deletions, hidings and reactions change what is shown and keep what was there.

One that arrives before its message is kept on a stub, which the message completes when it comes.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain import instant
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.message import Direction, Edit, Message, Reaction
from chalicelib.domain.promise import Fold
from chalicelib.workflows import place
from chalicelib.workflows.change import persist, settle, stamped, terms_of
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.place import Place
from chalicelib.workflows.ports import Commit, DuplicateMessageError, Parts, Reference, StaleError

Amend = Callable[[Message], Message]


def edit(parts: Parts, event: ChannelEvent) -> str:
    """Add a later text to a message.

    The earlier ones stay; the newest is shown, whatever order they come in.
    """
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    made = Edit(event.key, event.text, at, event.edit_number)

    def amended(message: Message) -> Message:
        if any(known.key == made.key for known in message.edits):
            return message
        return replace(message, edits=(*message.edits, made))

    return _amend(parts, event, amended, EntryKind.MESSAGE_EDITED)


def delete(parts: Parts, event: ChannelEvent) -> str:
    """Mark a message as deleted by its author or the platform.

    It is no longer shown, and it is kept.
    """
    at, _ = instant.clamp(event.occurred_at, event.received_at)

    def amended(message: Message) -> Message:
        return message if message.deleted_at is not None else replace(message, deleted_at=at)

    return _amend(parts, event, amended, EntryKind.MESSAGE_DELETED)


def hide(parts: Parts, event: ChannelEvent) -> str:
    """Mark a public message as hidden from other people, or as shown again."""
    return _amend(
        parts, event, lambda message: replace(message, hidden=event.kind is EventKind.HIDE), None
    )


def react(parts: Parts, event: ChannelEvent) -> str:
    """Keep one person's reaction to a message; an empty one takes it back."""
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    by = (event.author or event.contact).id if event.author or event.contact else ""  # type: ignore[union-attr]

    def amended(message: Message) -> Message:
        others = tuple(reaction for reaction in message.reactions if reaction.by != by)
        mine = (Reaction(by, event.emoji, at),) if event.emoji else ()
        known = next((reaction for reaction in message.reactions if reaction.by == by), None)
        newer = known is None or known.at <= at
        return replace(message, reactions=(*others, *mine)) if newer else message

    return _amend(parts, event, amended, None)


def _amend(parts: Parts, event: ChannelEvent, amended: Amend, kind: EntryKind | None) -> str:
    def once() -> str:
        where = place.find(parts, event)
        if where is None:
            return _early(parts, event)
        if where.message is None:
            return _stub(parts, event, where, amended)
        after = amended(where.message)
        if after == where.message:
            return "unchanged"
        parts.conversations.commit(_commit(parts, event, after, kind))
        return "amended"

    return persist(once)


def _commit(parts: Parts, event: ChannelEvent, after: Message, kind: EntryKind | None) -> Commit:
    """Return the change of a message.

    With a log entry and a new version where agents must notice it.
    """
    conversation = parts.conversations.get(after.conversation_id)
    if kind is None or after.stub or conversation is None or conversation.case is None:
        return Commit(update=(after,))
    fold = Fold(conversation.case).note(kind, event.received_at, message_id=after.id)
    new = settle(conversation, fold, terms_of(parts, conversation, conversation.case))
    return Commit(conversation=new, update=(after,), entries=stamped(fold, new))


def _stub(parts: Parts, event: ChannelEvent, where: Place, amended: Amend) -> str:
    at, clamped = instant.clamp(event.occurred_at, event.received_at)
    stub = Message(
        id=where.message_id,
        conversation_id=where.conversation_id,
        direction=Direction.INBOUND,
        public=event.public,
        sent_at=at,
        received_at=event.received_at,
        platform_id=event.message_id,
        clamped=clamped,
        stub=True,
    )
    try:
        parts.conversations.commit(Commit(insert=(amended(stub),)))
    except DuplicateMessageError as duplicate:  # its message came between our read and our write
        raise StaleError(stub.id) from duplicate
    return "early"


def _early(parts: Parts, event: ChannelEvent) -> str:
    """Keep a deletion of a message that we have not seen and whose author the platform does not name."""
    if event.kind is not EventKind.DELETE or not event.public:
        raise RetryLaterError(f"{event.kind.value} of a message that has not arrived")
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    note = Reference(event.channel, event.account_id, event.message_id, deleted_at=at)
    stored = parts.conversations.put_reference(note)
    if stored.message_id:  # the message came between our read and our write
        raise StaleError(event.message_id)
    return "early"
