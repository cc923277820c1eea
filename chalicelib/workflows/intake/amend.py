"""Amend: edits, deletions, hidings and reactions change what is shown and keep what was there.

One that arrives before its message is kept (early.py), and the message completes it when it comes.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain import instant, moderation
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.message import Edit, Message, Reaction
from chalicelib.workflows.change import handle_of, persist, settle, stamped, terms_of
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.intake import early, exposure, personal, place
from chalicelib.workflows.intake.exposure import Change
from chalicelib.workflows.ports import Commit, Parts, Reference

Amend = Callable[[Message], Message]

HIDINGS = {EventKind.HIDE: EntryKind.MESSAGE_HIDDEN, EventKind.UNHIDE: EntryKind.MESSAGE_SHOWN}

PATIENCE = timedelta(minutes=3)
"""How long the queue tells again of what has no place yet: then its message will not come."""


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
        if message.deleted_at is not None:
            return message
        return replace(moderation.confirmed(message, moderation.DELETE, at), deleted_at=at)

    return _amend(parts, event, amended, EntryKind.MESSAGE_DELETED)


def hide(parts: Parts, event: ChannelEvent) -> str:
    """Mark a public message as hidden from other people, or as shown again. The newest counts."""
    at, hides = _told_at(event), event.kind is EventKind.HIDE
    action = moderation.HIDE if hides else moderation.UNHIDE

    def amended(message: Message) -> Message:
        if message.hidden_at is not None and message.hidden_at >= at:
            return message
        return replace(moderation.confirmed(message, action, at), hidden=hides, hidden_at=at)

    return _amend(parts, event, amended, None)


def react(parts: Parts, event: ChannelEvent) -> str:
    """Keep one person's reaction to a message; an empty one takes it back.

    Reactions to what the brand published are not ours to keep: nobody waits for an answer to them.
    """
    at = _told_at(event)
    person = event.author or event.contact
    by = person.id if person else ""

    def amended(message: Message) -> Message:
        known = next((reaction for reaction in message.reactions if reaction.by == by), None)
        made = Reaction(by, event.emoji, at)
        if known is not None and _rank(known) >= _rank(made):
            return message
        # One that was taken back stays, without an emoji: else a repeat of the older one would
        # bring it back.
        others = tuple(reaction for reaction in message.reactions if reaction.by != by)
        return replace(message, reactions=(*others, made))

    return _amend(parts, event, amended, None)


def _told_at(event: ChannelEvent) -> datetime:
    """Return the platform's time however old it is: a repeat of days later is no newer for that."""
    told = event.occurred_at
    if told is None or told > event.received_at + instant.AHEAD:
        return event.received_at
    return told


def _rank(reaction: Reaction) -> tuple[datetime, bool, str]:
    """Return what orders a person's reactions, the same whatever order they arrive in.

    The newest counts, and of the same second (some platforms tell no more) the taking back.
    """
    return reaction.at, not reaction.emoji, reaction.emoji


def _amend(parts: Parts, event: ChannelEvent, amended: Amend, kind: EntryKind | None) -> str:
    def once() -> str:
        where = place.find(parts, event)
        if where is None:
            return _nowhere(parts, event)
        if where.message is not None:
            return _change(parts, event, where.message, amended(where.message), kind)
        if event.kind is EventKind.REACTION and event.public:
            return "unmatched"  # the reaction's person need not be the message's author
        return early.keep(parts, event, where, amended)

    return persist(once)


def _change(
    parts: Parts, event: ChannelEvent, before: Message, after: Message, kind: EntryKind | None
) -> str:
    """Write a change of a message.

    With a log entry and a new version where agents must notice it.
    """
    if after == before:
        return "unchanged"
    conversation = parts.conversations.get(after.conversation_id)
    case = conversation.case if conversation else None
    commit = Commit(update=(after,))
    if conversation is not None and case is not None and not after.stub:
        after = _looked_at(parts, conversation, before, after)
        terms = terms_of(parts, conversation, case)
        change = Change(before, after, _told_at(event), event.received_at)
        fold = _noted(Fold(case), terms, change, event, kind)
        commit = Commit(update=(after,))
        if fold.entries:
            new = settle(conversation, fold, terms)
            commit = replace(commit, conversation=new, entries=stamped(fold, new))
    parts.conversations.commit(commit)
    return "amended"


def _looked_at(
    parts: Parts, conversation: Conversation, before: Message, after: Message
) -> Message:
    """Return the message with the kinds of personal data that its new text shows."""
    if not after.public or after.deleted_at is not None or after.shown == before.shown:
        return after
    handle = handle_of(parts.policies.current(), conversation)
    return replace(after, personal=personal.look(parts, after, handle))


def _noted(
    fold: Fold, terms: Terms, change: Change, event: ChannelEvent, kind: EntryKind | None
) -> Fold:
    """Return the case with what the log says of a change, and what that does to its clocks.

    A hiding is worth an entry only where personal data was or is to be seen.
    """
    if kind is None and exposure.followed(fold, terms, change).case == fold.case:
        return fold
    said = kind or HIDINGS[event.kind]
    known = exposure.said(change)
    fold = fold.note(said, event.received_at, message_id=change.after.id, inputs=known)
    return exposure.followed(fold, terms, change)


def _nowhere(parts: Parts, event: ChannelEvent) -> str:
    """Deal with an event of a message that we have not seen and whose author nobody names.

    A public deletion waits for its message. For the rest the queue is patient for a while.
    """
    if event.kind is EventKind.DELETE and event.public and event.message_id:
        return _deleted_early(parts, event)
    if event.kind is not EventKind.REACTION and parts.now() - event.received_at < PATIENCE:
        raise RetryLaterError(f"{event.kind.value} of a message that has not arrived")
    return "unmatched"


def _deleted_early(parts: Parts, event: ChannelEvent) -> str:
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    known = place.refer(parts, event, event.message_id)
    if known is None:
        note = Reference(event.channel, event.account_id, event.message_id, deleted_at=at)
        parts.conversations.commit(Commit(references=(note,)))
    return "early"
