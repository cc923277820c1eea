"""Receipt: what the platform says became of a message of ours."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import delivery, instant
from chalicelib.domain.event import ChannelEvent, ReceiptState
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Message
from chalicelib.workflows.answering import sent
from chalicelib.workflows.change import persist
from chalicelib.workflows.intake import early, place
from chalicelib.workflows.intake.place import Place
from chalicelib.workflows.ports import Commit, Parts

LOOK_BACK = 20


def receipt(parts: Parts, event: ChannelEvent) -> str:
    """Move our message's delivery on, never back.

    A message that failed after all runs its clocks on. One that the platform tells of before it
    has answered our call is kept until then.
    """
    state = event.receipt
    if state is None:
        return "noticed"
    if event.message_id or event.reply_token:
        return persist(lambda: _one(parts, event, state))
    return persist(lambda: _before(parts, event, state))


def _one(parts: Parts, event: ChannelEvent, receipt: ReceiptState) -> str:
    where = place.find(parts, event)
    if where is None:
        return "unmatched"
    if where.message is None:
        return _early(parts, event, where, receipt)
    if where.message.stub:
        return _write(parts, where.message, _noted(where.message, event, receipt))
    if where.message.direction is not Direction.OUTBOUND:
        return "unmatched"
    return _apply(parts, event, where.message, receipt)


def _early(parts: Parts, event: ChannelEvent, where: Place, receipt: ReceiptState) -> str:
    """Keep a receipt that can only be for a reply whose acceptance we have not heard of."""
    conversation = parts.conversations.get(where.conversation_id)
    if conversation is None or not conversation.pending or not event.message_id:
        return "unmatched"
    return early.keep(
        parts,
        event,
        where,
        lambda stub: _noted(stub, event, receipt),
        direction=Direction.OUTBOUND,
    )


def _noted(stub: Message, event: ChannelEvent, receipt: ReceiptState) -> Message:
    at = _at(event)
    known = stub if stub.delivery else replace(stub, delivery=Delivery(DeliveryState.QUEUED, at))
    return delivery.advance(
        known,
        delivery.RECEIPTS[receipt],
        at,
        error_code=event.error_code,
        error_text=event.error_text,
    )


def _before(parts: Parts, event: ChannelEvent, receipt: ReceiptState) -> str:
    """Apply a receipt for everything up to an instant.

    To our newest messages, the only ones that can still change.
    """
    at_home, outcome = place.locate(parts, event), "unmatched"
    if not at_home.conversation_id or event.watermark_at is None:
        return "unmatched"
    for where in filter(None, (at_home.conversation_id, at_home.twin)):
        for message in parts.views.messages(where, LOOK_BACK).rows:
            if _covered(message, event, event.watermark_at):
                outcome = _apply(parts, event, message, receipt)
    return outcome


def _covered(message: Message, event: ChannelEvent, watermark_at: datetime) -> bool:
    """Return whether a message is ours, reached this side of the talk, and is no newer."""
    if message.direction is not Direction.OUTBOUND or message.delivery is None:
        return False
    here = message.public == event.public and message.sent_at <= watermark_at
    return here and message.delivery.state in delivery.REACHED


def _apply(parts: Parts, event: ChannelEvent, message: Message, receipt: ReceiptState) -> str:
    at = _at(event)
    if receipt is ReceiptState.FAILED:
        return sent.failed(
            parts, message, at, error_code=event.error_code, error_text=event.error_text
        )
    state = delivery.RECEIPTS[receipt]
    after = delivery.advance(message, state, at)
    reached = message.delivery is not None and message.delivery.state in delivery.REACHED
    if reached or after == message:
        return _write(parts, message, after)
    who = event.contact.id if event.contact and not event.public else ""
    return sent.accepted(
        parts, message, at, platform_id=event.message_id, state=state, recipient=who
    )


def _write(parts: Parts, before: Message, after: Message) -> str:
    if after == before:
        return "unchanged"
    parts.conversations.commit(Commit(update=(after,)))
    return "advanced"


def _at(event: ChannelEvent) -> datetime:
    at, _ = instant.clamp(event.occurred_at, event.received_at)
    return at
