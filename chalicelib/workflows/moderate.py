"""Moderate: hide, show again or remove a customer's public item, by a person's wish or by rule."""

import json
from dataclasses import replace

from chalicelib.domain import moderation
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.message import Message
from chalicelib.workflows import change
from chalicelib.workflows.change import Ask, Done, handle_of, persist
from chalicelib.workflows.errors import NotFoundError, NotNowError
from chalicelib.workflows.intake import exposure
from chalicelib.workflows.moderating import carry_out
from chalicelib.workflows.ports import Commit, Parts

__all__ = ["carry_out", "enqueue", "moderate", "protect"]

ACTION = "moderate"
"""What the order on the outbox says it is, where a reply's says nothing."""

SENTENCES = {
    "deleted": "The message is not there any more.",
    "on_its_way": "The platform has been asked already.",
    "already_hidden": "The message is hidden already.",
    "not_hidden": "The message is not hidden.",
}


def moderate(parts: Parts, ask: Ask, message_id: str, action: str) -> Done:
    """Store that a person wants a customer's public item hidden, shown again or removed.

    The table's stream has it carried out; the message's `moderation` says how far it is. Raises
    NotFoundError when there is no such item, NotNowError when the channel cannot, or the item's
    state does not allow it.
    """

    def decide(conversation: Conversation) -> tuple[Commit, Message | None]:
        message = parts.conversations.message(conversation.id, message_id)
        if message is None or not moderation.is_item(message):
            raise NotFoundError("There is no such public message of a customer.")
        if not _able(parts, conversation, action):
            raise NotNowError(
                f"This channel does not let a brand {action} what customers write.",
                code=f"cannot_{action}",
                instead=("ask the customer to remove it", "report it to the platform"),
            )
        hindrance = moderation.hindrance(message, action, parts.now())
        if hindrance:
            raise NotNowError(SENTENCES[hindrance], code=hindrance)
        asked = moderation.ordered(message, action, ask.actor.id, parts.now())
        new = replace(conversation, version=conversation.version + 1)
        return Commit(conversation=new, update=(asked,)), asked

    return change.carry_out(parts, ask, (ACTION, action, message_id), decide)


def _able(parts: Parts, conversation: Conversation, action: str) -> bool:
    handle = handle_of(parts.policies.current(), conversation)
    return moderation.can(parts.sender.capabilities(handle, public=True), action)


def enqueue(parts: Parts, conversation_id: str, message_id: str, rounds: int) -> None:
    """Put an order on the outbox queue. Called by the table's stream.

    A message is a group of its own: what is public must not wait for a reply that the platform
    does not take yet.
    """
    body = {
        "action": ACTION,
        "conversation_id": conversation_id,
        "message_id": message_id,
        "rounds": rounds,
    }
    key = f"{message_id}-{ACTION}-{rounds}"
    parts.outbox.send(json.dumps(body).encode(), group=f"{ACTION}-{message_id}", key=key)


def protect(parts: Parts, conversation_id: str, message_id: str) -> None:
    """Do what the policy's rule says about a public message with personal data.

    It is hidden at once where the channel can, and its writer is asked into a private talk. Called
    by the table's stream; told twice, it does nothing twice.
    """
    privacy = parts.policies.current().privacy
    found = parts.conversations.message(conversation_id, message_id)
    if found is None or not found.personal:
        return
    if privacy.hide:
        persist(lambda: _hidden_by_rule(parts, conversation_id, message_id))
    if privacy.invite and moderation.is_item(found) and found.deleted_at is None:
        _invited(parts, conversation_id, privacy.invite)


def _hidden_by_rule(parts: Parts, conversation_id: str, message_id: str) -> None:
    """Order the hiding, unless something was ordered before: a person may have shown it again."""
    message = parts.conversations.message(conversation_id, message_id)
    conversation = parts.conversations.get(conversation_id)
    if message is None or conversation is None or message.moderation is not None:
        return
    if exposure.shows(message) and _able(parts, conversation, moderation.HIDE):
        asked = moderation.ordered(message, moderation.HIDE, MACHINE, parts.now())
        parts.conversations.commit(Commit(update=(asked,)))


def _invited(parts: Parts, conversation_id: str, text: str) -> None:
    from chalicelib.workflows.answering.invite import invite_by_rule  # noqa: PLC0415 - few stages want it

    parts.meter.count("InvitedByRule", outcome=invite_by_rule(parts, conversation_id, text))
