"""Outbox: send what is stored, once where the platform lets one tell, and never lose it."""

import json
from dataclasses import dataclass, replace

from chalicelib.domain import delivery, window
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Delivery, DeliveryState, Message, Origin
from chalicelib.workflows import sent
from chalicelib.workflows.change import can_of, handle_of, persist
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.networks import Outgoing, SendResult, SendState
from chalicelib.workflows.ports import Commit, Parts


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

    The attempt is noted before it is made. So a process that dies in between finds the note when
    the queue tells it again, and does not send a second time: the message becomes `unknown`, for
    its echo or a person to settle, unless the platform recognises repeats. Raises RetryLaterError,
    with the wait, when the platform certainly did not take it and may do so later.
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
    attempt = message.delivery
    return persist(lambda: _record(parts, order, attempt, result))


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
    return can_of(parts, conversation).repeatable


def _refusal(parts: Parts, conversation: Conversation, message: Message) -> SendResult | None:
    """Return why a message may not leave any more: its window closed while it waited.

    A person's words may have longer than a survey, and nobody is asked how it was whose case is
    open again.
    """
    survey = message.origin is Origin.SURVEY
    case = conversation.case
    if survey and (case is None or case.open or case.follow_up.message_id != message.id):
        return _refused("case_reopened", "the case is open again")
    can = can_of(parts, conversation)
    room = window.room(can, conversation.last_inbound_at, parts.now())
    if room.open and not (room.human_only and survey):
        return None
    return _refused("window_closed", "the channel's window closed before it left")


def _refused(code: str, text: str) -> SendResult:
    return SendResult(SendState.FAILED, error_code=code, error_text=text)


def _outgoing(parts: Parts, conversation: Conversation, message: Message) -> Outgoing:
    can = can_of(parts, conversation)
    room = window.room(can, conversation.last_inbound_at, parts.now())
    return Outgoing(
        token=message.id,
        handle=handle_of(parts.policies.current(), conversation),
        recipient=conversation.contact_ref,
        public=conversation.public,
        text=message.text,
        reply_to_id=message.parent_id or conversation.last_inbound_id,
        post_id=conversation.post_id,
        human=message.origin is Origin.HEARBACK,
        outside_window=room.human_only,
    )


def _record(parts: Parts, order: Order, attempt: Delivery, result: SendResult) -> str:
    """Write down how the attempt ended.

    An echo or a receipt may have been faster; what they wrote stands. A repeat of the order may
    have found our note and given up on us; what we know is better.
    """
    message = parts.conversations.message(order.conversation_id, order.message_id)
    now = message.delivery if message else None
    if message is None or now is None:
        return "settled"
    if now.state in delivery.REACHED and (message.platform_id or not result.platform_id):
        return now.state.value
    if result.state is SendState.ACCEPTED:
        at, state = parts.now(), DeliveryState.ACCEPTED
        sent.accepted(parts, message, at, platform_id=result.platform_id, state=state)
        return state.value
    ours = (message.rounds, now.attempts) == (order.rounds, attempt.attempts)
    if not ours or now.state not in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
        return now.state.value
    return _not_accepted(parts, message, now, result)


def _not_accepted(parts: Parts, message: Message, now: Delivery, result: SendResult) -> str:
    wait = None
    if result.state is SendState.UNKNOWN:
        _set(parts, message, now, DeliveryState.UNKNOWN, result)
        parts.meter.count("ReplyUnknown")
        return DeliveryState.UNKNOWN.value
    if result.state is SendState.RETRY:
        wait = delivery.back_off(now.attempts, result.retry_after_seconds)
    if wait is None:
        code = result.error_code or result.error_class.value
        sent.failed(parts, message, parts.now(), error_code=code, error_text=result.error_text)
        return DeliveryState.FAILED.value
    _set(parts, message, now, DeliveryState.QUEUED, result)
    raise RetryLaterError("the platform did not take it yet", seconds=int(wait.total_seconds()))


def _set(
    parts: Parts, message: Message, now: Delivery, state: DeliveryState, result: SendResult
) -> None:
    after = replace(
        now,
        state=state,
        at=parts.now(),
        error_code=result.error_code,
        error_text=result.error_text[:500],
    )
    parts.conversations.commit(Commit(update=(replace(message, delivery=after),)))
