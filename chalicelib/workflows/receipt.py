"""Receipt: what the platform says became of a message of ours."""

from chalicelib.domain import delivery, instant
from chalicelib.domain.event import ChannelEvent, ReceiptState
from chalicelib.domain.message import DeliveryState, Direction, Message
from chalicelib.workflows import place, sent
from chalicelib.workflows.change import persist
from chalicelib.workflows.ports import Commit, Parts

LOOK_BACK = 20


def receipt(parts: Parts, event: ChannelEvent) -> str:
    """Move our message's delivery on, never back.

    A message that failed after all runs its clocks on.
    """
    if event.receipt is None:
        return "noticed"
    if event.message_id or event.reply_token:
        return persist(lambda: _one(parts, event))
    return persist(lambda: _before(parts, event))


def _one(parts: Parts, event: ChannelEvent) -> str:
    where = place.find(parts, event)
    if where is None or where.message is None or where.message.direction is not Direction.OUTBOUND:
        return "unmatched"
    return _apply(parts, event, where.message)


def _before(parts: Parts, event: ChannelEvent) -> str:
    """Apply a receipt for everything up to an instant.

    To our newest messages, the only ones that can still change.
    """
    where = place.home(event)
    if not where or event.watermark_at is None:
        return "unmatched"
    page = parts.views.messages(where, LOOK_BACK)
    outcome = "unmatched"
    for message in page.rows:
        ours = message.direction is Direction.OUTBOUND and message.sent_at <= event.watermark_at
        if ours and message.delivery is not None and message.delivery.state in delivery.REACHED:
            outcome = _apply(parts, event, message)
    return outcome


def _apply(parts: Parts, event: ChannelEvent, message: Message) -> str:
    assert event.receipt is not None
    state = delivery.RECEIPTS[event.receipt]
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    waiting = message.delivery is not None and message.delivery.state not in delivery.REACHED
    if event.receipt is ReceiptState.FAILED:
        return sent.failed(
            parts, message, at, error_code=event.error_code, error_text=event.error_text
        )
    if (
        waiting
        and message.delivery is not None
        and message.delivery.state is not DeliveryState.FAILED
    ):
        return sent.accepted(parts, message, at, platform_id=event.message_id, state=state)
    after = delivery.advance(message, state, at)
    if after == message:
        return "unchanged"
    if message.delivery is not None and message.delivery.state is DeliveryState.FAILED:
        return sent.accepted(parts, message, at, platform_id=event.message_id, state=state)
    parts.conversations.commit(Commit(update=(after,)))
    return "advanced"
