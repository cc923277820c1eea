"""Moderation: what the brand has done to a customer's public item, and what may be asked now."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.channel import Capabilities
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import DeliveryState, Direction, Message, Moderation

HIDE, UNHIDE, DELETE = "hide", "unhide", "delete"

ENTRIES = {
    HIDE: EntryKind.MESSAGE_HIDDEN,
    UNHIDE: EntryKind.MESSAGE_SHOWN,
    DELETE: EntryKind.MESSAGE_DELETED,
}
"""What the log says once the platform has done it."""

ON_ITS_WAY = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})


PATIENCE = timedelta(minutes=15)
"""How long an order is waited for before it may be given again."""


def is_item(message: Message | None) -> bool:
    """Return whether a message is a customer's public item, which can be moderated."""
    return (
        message is not None
        and message.public
        and message.direction is Direction.INBOUND
        and bool(message.platform_id)
        and not message.stub
    )


def can(able: Capabilities, action: str) -> bool:
    """Return whether the channel lets a brand do this to a customer's public item."""
    return able.deletes if action == DELETE else able.hides


def hindrance(message: Message, action: str, now: datetime) -> str:
    """Return why this cannot be asked of a message now, as a machine word; empty if it can.

    An order that has not moved for a while holds nothing up: a new one takes its place.
    """
    asked = message.moderation
    if message.deleted_at is not None:
        return "deleted"
    if asked is not None and asked.state in ON_ITS_WAY and now - asked.at < PATIENCE:
        return "on_its_way"
    if action != DELETE and message.hidden == (action == HIDE):
        return "already_hidden" if message.hidden else "not_hidden"
    return ""


def ordered(message: Message, action: str, by: str, at: datetime) -> Message:
    """Return the message with an action asked of the platform. Each asking is a round of its own.

    `by` is an agent's id or MACHINE.
    """
    rounds = message.moderation.rounds + 1 if message.moderation else 1
    asked = Moderation(action, DeliveryState.QUEUED, by, at, rounds)
    return replace(message, moderation=asked)


def carried_out(message: Message, action: str, at: datetime) -> Message:
    """Return the message as it is once the platform has done it, at `at`.

    What is gone stays as it was, and what a platform has told of a later instant stands.
    """
    if message.deleted_at is not None:
        return message
    if action == DELETE:
        return replace(message, deleted_at=at)
    if message.hidden_at is not None and message.hidden_at > at:
        return message
    return replace(message, hidden=action == HIDE, hidden_at=at)


def confirmed(message: Message, action: str, at: datetime) -> Message:
    """Return the message after the platform told of such an action by itself.

    That settles an order of which nobody knew whether it was carried out.
    """
    asked = message.moderation
    if asked is None or asked.action != action or asked.state is not DeliveryState.UNKNOWN:
        return message
    done = replace(asked, state=DeliveryState.ACCEPTED, at=at, error_code="", error_text="")
    return replace(message, moderation=done)
