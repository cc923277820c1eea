"""Outbox: send what is stored, once where the platform lets one tell, and never lose it."""

import json
from dataclasses import dataclass, replace

from chalicelib.domain import delivery, window
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Delivery, DeliveryState, Message, Origin
from chalicelib.domain.policy import Handle
from chalicelib.workflows import sent
from chalicelib.workflows.change import persist
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.ports import Commit, Outgoing, Parts, SendResult, SendState


@dataclass(frozen=True, slots=True)
class Order:
    """What the outbox queue carries.

    Which message to send, and in which round (a person may have it sent again).
    """

    conversation_id: str
    message_id: str
    rounds: int = 0


def enqueue(parts: Parts, order: Order) -> None:
    """Put an order on the outbox queue.

    Called by the table's stream for every stored reply that waits to be sent.

    A conversation is a group: its replies leave in the order they were written.
    """
    body = json.dumps(
        {
            "conversation_id": order.conversation_id,
            "message_id": order.message_id,
            "rounds": order.rounds,
        }
    ).encode()
    parts.outbox.send(body, group=order.conversation_id, key=f"{order.message_id}-{order.rounds}")


def deliver(parts: Parts, order: Order) -> str:
    """Carry out one order. Returns the message's state after it.

    The attempt is noted before it is made. So a process that dies in between finds the note
    when the queue tells it again, and does
    not send a second time: the message becomes `unknown`, for its echo or a person to settle,
    unless the platform recognises
    repeats. Raises RetryLaterError, with the wait, when the platform certainly did not take it
    and may do so later.
    """
    message = persist(lambda: _begin(parts, order))
    if message is None or message.delivery is None:
        return "settled"
    if message.delivery.state is DeliveryState.UNKNOWN:
        return DeliveryState.UNKNOWN.value
    conversation = parts.conversations.get(order.conversation_id)
    if conversation is None:
        raise LookupError(f"no conversation {order.conversation_id}")
    refusal = _refusal(parts, conversation, message)
    result = refusal or parts.sender.send(_outgoing(parts, conversation, message))
    return _record(parts, order, result)


def _begin(parts: Parts, order: Order) -> Message | None:
    """Note the attempt.

    None when there is nothing to send (sent, failed, or a newer order took over).
    """
    message = parts.conversations.message(order.conversation_id, order.message_id)
    if message is None or message.delivery is None or order.rounds != message.rounds:
        return None
    now = message.delivery
    interrupted = now.state is DeliveryState.SENDING
    if interrupted and not _repeatable(parts, message):
        after = replace(message, delivery=replace(now, state=DeliveryState.UNKNOWN, at=parts.now()))
        parts.conversations.commit(Commit(update=(after,)))
        parts.meter.count("ReplyUnknown")
        return after
    if now.state is not DeliveryState.QUEUED and not interrupted:
        return None
    sending = Delivery(DeliveryState.SENDING, parts.now(), now.attempts + 1)
    parts.conversations.commit(Commit(update=(replace(message, delivery=sending),)))
    return replace(message, delivery=sending, rev=message.rev + 1)


def _repeatable(parts: Parts, message: Message) -> bool:
    conversation = parts.conversations.get(message.conversation_id)
    if conversation is None:
        return False
    return parts.sender.capabilities(conversation.channel, public=conversation.public).repeatable


def _refusal(parts: Parts, conversation: Conversation, message: Message) -> SendResult | None:
    """Return why a survey may not leave any more: its window closed while it waited.

    A person's words may have longer.
    """
    can = parts.sender.capabilities(conversation.channel, public=conversation.public)
    room = window.room(can, conversation.last_inbound_at, parts.now())
    if room.open and not (room.human_only and message.origin is Origin.SURVEY):
        return None
    return SendResult(
        SendState.FAILED,
        error_code="window_closed",
        error_text="the channel's window closed before it left",
    )


def _outgoing(parts: Parts, conversation: Conversation, message: Message) -> Outgoing:
    policy = parts.policies.current()
    handle = policy.handle(conversation.handle) or policy.handle_of(
        conversation.channel, conversation.account_id
    )
    if handle is None:
        handle = Handle(
            conversation.handle,
            conversation.channel,
            conversation.account_id,
            conversation.handle,
            "",
        )
    can = parts.sender.capabilities(conversation.channel, public=conversation.public)
    room = window.room(can, conversation.last_inbound_at, parts.now())
    return Outgoing(
        token=message.id,
        handle=handle,
        recipient=conversation.contact_ref,
        public=conversation.public,
        text=message.text,
        reply_to_id=message.parent_id or conversation.last_inbound_id,
        post_id=conversation.post_id,
        human=message.origin is Origin.HEARBACK,
        outside_window=room.human_only,
    )


def _record(parts: Parts, order: Order, result: SendResult) -> str:
    """Write down how the attempt ended.

    An echo or a receipt may have been faster; what they wrote stands.
    """

    def once() -> str:
        message = parts.conversations.message(order.conversation_id, order.message_id)
        if message is None or message.delivery is None:
            return "settled"
        if message.delivery.state in delivery.REACHED and (
            message.platform_id or not result.platform_id
        ):
            return message.delivery.state.value
        if result.state is SendState.ACCEPTED:
            sent.accepted(
                parts,
                message,
                parts.now(),
                platform_id=result.platform_id,
                state=DeliveryState.ACCEPTED,
            )
            return DeliveryState.ACCEPTED.value
        if message.delivery.state is not DeliveryState.SENDING:
            return message.delivery.state.value
        return _not_accepted(parts, message, result)

    return persist(once)


def _not_accepted(parts: Parts, message: Message, result: SendResult) -> str:
    assert message.delivery is not None
    attempts = message.delivery.attempts
    if result.state is SendState.UNKNOWN:
        _set(parts, message, DeliveryState.UNKNOWN, result)
        parts.meter.count("ReplyUnknown")
        return DeliveryState.UNKNOWN.value
    wait = (
        delivery.back_off(attempts, result.retry_after_seconds)
        if result.state is SendState.RETRY
        else None
    )
    if wait is None:
        sent.failed(
            parts,
            message,
            parts.now(),
            error_code=result.error_code or result.error_class.value,
            error_text=result.error_text,
        )
        return DeliveryState.FAILED.value
    _set(parts, message, DeliveryState.QUEUED, result)
    raise RetryLaterError("the platform did not take it yet", seconds=int(wait.total_seconds()))


def _set(parts: Parts, message: Message, state: DeliveryState, result: SendResult) -> None:
    assert message.delivery is not None
    after = replace(
        message.delivery,
        state=state,
        at=parts.now(),
        error_code=result.error_code,
        error_text=result.error_text[:500],
    )
    parts.conversations.commit(Commit(update=(replace(message, delivery=after),)))
