"""Delivery: how far a reply has come, and when a failed attempt is tried again."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.event import ReceiptState
from chalicelib.domain.message import Delivery, DeliveryState, Message

_RANK = {
    DeliveryState.HELD: -1,
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.UNKNOWN: 2,
    DeliveryState.ACCEPTED: 3,
    DeliveryState.SENT: 4,
    DeliveryState.FAILED: 5,
    DeliveryState.DELIVERED: 6,
    DeliveryState.READ: 7,
    DeliveryState.DECLINED: 8,
}
RECEIPTS = {
    ReceiptState.SENT: DeliveryState.SENT,
    ReceiptState.DELIVERED: DeliveryState.DELIVERED,
    ReceiptState.READ: DeliveryState.READ,
    ReceiptState.FAILED: DeliveryState.FAILED,
}
REACHED = frozenset(
    {DeliveryState.ACCEPTED, DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ}
)
"""The states in which the platform has taken the message."""

ATTEMPTS = 6
_BACK_OFF_SECONDS = (2, 10, 60, 300, 900)
LONGEST_BACK_OFF_SECONDS = 6 * 3600


def advance(
    message: Message,
    state: DeliveryState,
    at: datetime,
    *,
    error_code: str = "",
    error_text: str = "",
) -> Message:
    """Return the message with its delivery moved on, or the same message.

    A state never goes back, whatever order receipts come in.

    `failed` is final unless the platform reports it delivered after all.
    """
    now = message.delivery or Delivery(DeliveryState.QUEUED, at)
    if _RANK[state] <= _RANK[now.state]:
        return message
    return replace(
        message,
        delivery=replace(now, state=state, at=at, error_code=error_code, error_text=error_text),
    )


def further(ours: Delivery | None, early: Delivery | None) -> Delivery | None:
    """Return whichever of two notes about one outbound message has come further.

    `early` arrived before we knew the message it is about.
    """
    if ours is None or early is None or _RANK[early.state] <= _RANK[ours.state]:
        return ours
    return replace(early, attempts=ours.attempts)


def back_off(attempts: int, asked_seconds: int = 0) -> timedelta | None:
    """Return how long to wait after that many failed attempts (at least what the platform asked).

    Or None: give up, after the last attempt or when the platform asks for longer than a queue can
    hold a message back.
    """
    if attempts >= ATTEMPTS or asked_seconds > LONGEST_BACK_OFF_SECONDS:
        return None
    own = _BACK_OFF_SECONDS[max(1, attempts) - 1]
    return timedelta(seconds=max(own, asked_seconds))
