"""Sent: the platform took a reply of ours, or did not; the case hears of it in the same write."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import delivery
from chalicelib.domain.conversation import Conversation, spot
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.follow_up import follow_up_failed, follow_up_sent
from chalicelib.domain.ident import inbound_id
from chalicelib.domain.message import DeliveryState, Message, Origin
from chalicelib.domain.reply import reply_failed, reply_sent, unseen
from chalicelib.workflows.change import settle, stamped, terms_of
from chalicelib.workflows.intake import pair, place
from chalicelib.workflows.intake.early import completed
from chalicelib.workflows.ports import Commit, Parts, Reference
from chalicelib.workflows.routing.load import loaded

HUMAN = frozenset({Origin.HEARBACK, Origin.NATIVE_APP})


def accepted(  # noqa: PLR0913 - what the platform told of it comes in several parts
    parts: Parts,
    message: Message,
    at: datetime,
    *,
    platform_id: str,
    state: DeliveryState,
    recipient: str = "",
) -> str:
    """Record that the platform took a message at `at`.

    The clocks stop there, and its platform id leads back to it. What the platform told of that id
    before is taken in; that may be that it failed after all. `recipient` is who got an invitation
    to a private talk, where the platform tells: that talk is joined to the conversation.

    Raises StaleError when message or conversation changed meanwhile: read again.
    """
    conversation = parts.conversations.get(message.conversation_id)
    named = replace(message, platform_id=platform_id or message.platform_id)
    after = delivery.advance(named, state, at)
    commit = Commit(update=(after,))
    if conversation is not None and named.platform_id:
        commit = _referred(parts, conversation, after)
    if conversation is not None and after.invites and recipient:
        commit = _joined(parts, conversation, commit, recipient, at)
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


def delayed(parts: Parts, message: Message) -> None:
    """Record that an attempt to send a message failed, or that nobody knows how it ended.

    The case notes it, so that its machine watches what the message should have stopped, even after
    resolving. Raises StaleError when message or conversation changed meanwhile: read again.
    """
    conversation = parts.conversations.get(message.conversation_id)
    commit, case = Commit(update=(message,)), conversation.case if conversation else None
    concerned = case is not None and message.case_number in (0, case.number)
    if conversation is not None and case is not None and concerned and not case.delayed:
        fold = Fold(replace(case, delayed=True))
        new = settle(conversation, fold, terms_of(parts, conversation, case))
        commit = replace(commit, conversation=replace(new, version=conversation.version))
    parts.conversations.commit(commit)


def _joined(
    parts: Parts, conversation: Conversation, commit: Commit, recipient: str, at: datetime
) -> Commit:
    """Return the commit with the private talk in which an invited customer is now known.

    An invitation by a link names nobody: who comes by it is met when coming.
    """
    side, message = conversation.side, commit.update[0]
    if message.public or side is None or side.joined_at is not None:
        return commit
    scope = place.scoped(side.channel, side.account_id)
    guest = pair.guest(side, recipient, scope, at)
    private = parts.conversations.get(guest.conversation_id)
    if not pair.free(parts, conversation, private):
        return replace(commit, entries=_noted(conversation, message, at, pair.TALKING))
    joined = pair.join(conversation, guest, private)
    return replace(
        commit,
        conversation=joined.conversation,
        joining=joined.joining,
        contact=joined.contact,
        identities=joined.identities,
        entries=_noted(conversation, message, at, ""),
    )


def _noted(
    conversation: Conversation, message: Message, at: datetime, reason: str
) -> tuple[Entry, ...]:
    number = conversation.case.number if conversation.case else 0
    return (Entry(EntryKind.TALK_JOINED, at, number, message_id=message.id, reason=reason),)


def _write(parts: Parts, conversation: Conversation | None, commit: Commit, at: datetime) -> None:
    """Commit a message whose delivery is settled, with what it does to its conversation.

    The commit may bring a conversation that has changed already, and entries of its own.
    """
    message = commit.update[0]
    if conversation is None:
        parts.conversations.commit(commit)
        return
    pending = tuple(p for p in conversation.pending if p.message_id != message.id)
    new = replace(commit.conversation or conversation, pending=pending)
    fold = _moved(parts, conversation, commit, at)
    if fold is not None:
        terms = terms_of(parts, conversation, fold.case)
        new = settle(new, fold, terms)
        commit = replace(commit, entries=stamped(fold, new))
    elif commit.entries:
        new = replace(new, version=new.version + 1)
        stamp = tuple(replace(entry, version=new.version) for entry in commit.entries)
        commit = replace(commit, entries=stamp)
    if new != conversation:
        commit = loaded(parts, conversation, replace(commit, conversation=new))
    parts.conversations.commit(commit)
    if message.delivery is not None and message.delivery.state is DeliveryState.FAILED:
        parts.meter.count("ReplyFailed", channel=conversation.channel.value)


def _moved(parts: Parts, conversation: Conversation, commit: Commit, at: datetime) -> Fold | None:
    """Return the case after what became of a message of ours, or None when nothing did."""
    case, message = conversation.case, commit.update[0]
    if case is None:
        return None
    fold = Fold(case)
    if message.case_number in (0, case.number):
        fold = _told(fold, terms_of(parts, conversation, case), message, at)
    fold = replace(fold, entries=(*fold.entries, *commit.entries))
    return fold if fold.entries else None


def _told(fold: Fold, terms: Terms, message: Message, at: datetime) -> Fold:
    """Return the case after what became of a message of ours."""
    found = message.delivery
    if found is None or (message.origin not in HUMAN and message.origin is not Origin.SURVEY):
        return fold
    if message.author_id == MACHINE:
        return fold  # no person answered: the promises stand
    survey = message.origin is Origin.SURVEY
    if found.state is DeliveryState.FAILED:
        reason = f"{found.error_code} {found.error_text}".strip()[:200]
        if survey:
            why = f"could not be sent: {found.error_code or 'no reason given'}"
            return follow_up_failed(fold, at, message.id, why)
        return reply_failed(fold, terms, at, message.id, reason)
    if survey:
        return follow_up_sent(fold, at, message.id)
    written_at, by, seen = message.sent_at, message.author_id, message.seen
    late = unseen(fold.case, written_at, seen) if seen is not None else ()
    return reply_sent(fold, terms, at, message.id, by, written_at=written_at, unseen=late)


def _referred(parts: Parts, conversation: Conversation, message: Message) -> Commit:
    """Return the commit that lets the platform's id lead to our message, if it does not yet.

    With what the platform told of that id before it answered our call.
    """
    at = spot(conversation, public=message.public)
    channel, account_id = at.channel, at.account_id
    known = parts.conversations.reference(channel, account_id, message.platform_id)
    if known is not None and known.message_id and not message.invites:
        return Commit(update=(message,))
    if known is not None:
        message = replace(message, deleted_at=message.deleted_at or known.deleted_at)
        stub_id = inbound_id(channel, account_id, message.platform_id)
        stub = parts.conversations.message(known.conversation_id, stub_id)
        message = completed(message, stub) if stub and stub.stub else message
    reference = known or Reference(channel, account_id, message.platform_id)
    there = replace(reference, conversation_id=message.conversation_id, message_id=message.id)
    return Commit(update=(message,), references=(there,))
