"""Moderating: carry out the order to hide, show again or remove a customer's public item.

The same care as for replies (outbox.py): the attempt is noted before it is made, and what the
platform says is written down. But each of these acts may be made twice without harm, so one that
nobody answered is simply made again.
"""

from dataclasses import replace

from chalicelib.domain import delivery
from chalicelib.domain import moderation as rules
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.message import DeliveryState, Message, Moderation
from chalicelib.workflows.change import handle_of, persist, settle, stamped, terms_of
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.intake import exposure
from chalicelib.workflows.intake.exposure import Change
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState
from chalicelib.workflows.ports import Commit, Parts

DONE = SendResult(SendState.ACCEPTED)
"""The answer for an item that its author removed before we could: there is nothing left to do."""


def carry_out(parts: Parts, conversation_id: str, message_id: str, rounds: int) -> str:
    """Carry out one order. Returns the moderation's state after it, or `settled`.

    Raises RetryLaterError, with the wait, when the platform did not do it, or did not say whether
    it did, and may be asked again.
    """
    message = persist(lambda: _begin(parts, conversation_id, message_id, rounds))
    if message is None or message.moderation is None:
        return "settled"
    conversation = parts.conversations.get(conversation_id)
    if conversation is None:
        raise LookupError(f"no conversation {conversation_id}")
    asked = message.moderation
    handle = handle_of(parts.policies.current(), conversation)
    result = (
        DONE
        if message.deleted_at is not None
        else parts.sender.moderate(handle, message.platform_id, asked.action)
    )
    return persist(lambda: _record(parts, message, asked, result))


def _begin(parts: Parts, conversation_id: str, message_id: str, rounds: int) -> Message | None:
    """Note the attempt. None when there is nothing to do (done, failed, or asked anew)."""
    message = parts.conversations.message(conversation_id, message_id)
    asked = message.moderation if message else None
    if message is None or asked is None or asked.rounds != rounds:
        return None
    if asked.state not in rules.ON_ITS_WAY:
        return None
    interrupted = asked.state is DeliveryState.SENDING
    doubt = ErrorClass.UNANSWERED.value if interrupted else asked.error_code
    sending = replace(
        asked,
        state=DeliveryState.SENDING,
        at=parts.now(),
        attempts=asked.attempts + 1,
        error_code=doubt,
    )
    after = replace(message, moderation=sending)
    parts.conversations.commit(Commit(update=(after,)))
    return replace(after, rev=message.rev + 1)


def _record(parts: Parts, tried: Message, attempt: Moderation, result: SendResult) -> str:
    """Write down how the attempt ended, unless a later one has taken its place."""
    message = parts.conversations.message(tried.conversation_id, tried.id)
    now = message.moderation if message else None
    if message is None or now is None:
        return "settled"
    ours = (now.rounds, now.attempts) == (attempt.rounds, attempt.attempts)
    if not ours or now.state is not DeliveryState.SENDING:
        return now.state.value
    if result.state is SendState.ACCEPTED:
        return _accepted(parts, message, now)
    return _not_accepted(parts, message, now, result)


def _accepted(parts: Parts, message: Message, now: Moderation) -> str:
    at = parts.now()
    done = replace(now, state=DeliveryState.ACCEPTED, at=at, error_code="", error_text="")
    after = rules.carried_out(replace(message, moderation=done), now.action, at)
    seen = (after.hidden, after.deleted_at) != (message.hidden, message.deleted_at)
    kind = rules.ENTRIES[now.action] if seen else None
    _write(parts, message, after, kind)
    return done.state.value


def _not_accepted(parts: Parts, message: Message, now: Moderation, result: SendResult) -> str:
    unanswered = result.state is SendState.UNKNOWN
    code = result.error_code or result.error_class.value
    after = replace(
        now,
        at=parts.now(),
        error_code=ErrorClass.UNANSWERED.value if unanswered else code,
        error_text=result.error_text[:500],
    )
    wait = None
    if result.state in (SendState.RETRY, SendState.UNKNOWN):
        wait = delivery.back_off(now.attempts, result.retry_after_seconds)
    if wait is None:
        after = replace(after, state=_end(now, unanswered=unanswered))
        parts.meter.count("ModerationFailed", action=now.action)
        _write(parts, message, replace(message, moderation=after), EntryKind.MODERATION_FAILED)
        return after.state.value
    if not unanswered and now.error_code == ErrorClass.UNANSWERED.value:
        after = replace(after, error_code=now.error_code)  # the doubt of an earlier attempt stays
    again = replace(after, state=DeliveryState.QUEUED)
    parts.conversations.commit(Commit(update=(replace(message, moderation=again),)))
    raise RetryLaterError("the platform did not do it yet", seconds=int(wait.total_seconds()))


def _end(now: Moderation, *, unanswered: bool) -> DeliveryState:
    """Return how an order that is given up stands.

    A removal may have been carried out by the attempt without an answer: then the next is told that
    there is nothing to remove, which proves no failure.
    """
    doubt = now.action == rules.DELETE and now.error_code == ErrorClass.UNANSWERED.value
    return DeliveryState.UNKNOWN if unanswered or doubt else DeliveryState.FAILED


def _write(parts: Parts, before: Message, after: Message, kind: EntryKind | None) -> None:
    """Commit what became of an order, with the log's entry and what it does to the case."""
    conversation = parts.conversations.get(after.conversation_id)
    if conversation is None or kind is None or after.moderation is None:
        parts.conversations.commit(Commit(update=(after,)))
        return
    parts.conversations.commit(
        _noted(
            parts,
            conversation,
            Change(before, after, after.moderation.at, after.moderation.at),
            kind,
        )
    )


def _noted(parts: Parts, conversation: Conversation, change: Change, kind: EntryKind) -> Commit:
    message, case = change.after, conversation.case
    asked = message.moderation
    assert asked is not None
    failed = kind is EntryKind.MODERATION_FAILED
    why = f"{asked.action}: {asked.error_code or 'no reason given'}" if failed else ""
    if case is None:
        new = replace(conversation, version=conversation.version + 1)
        entry = Entry(kind, asked.at, 0, asked.by, message_id=message.id, reason=why)
        entries = (replace(entry, version=new.version),)
        return Commit(conversation=new, update=(message,), entries=entries)
    terms = terms_of(parts, conversation, case)
    fold = Fold(case).note(
        kind, asked.at, asked.by, message_id=message.id, reason=why, inputs=exposure.said(change)
    )
    fold = exposure.followed(fold, terms, change)
    new = settle(conversation, fold, terms)
    return Commit(conversation=new, update=(message,), entries=stamped(fold, new))
