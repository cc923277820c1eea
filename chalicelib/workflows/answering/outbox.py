"""Outbox: send what is stored, once where the platform lets one tell, and never lose it."""

import json
from dataclasses import asdict, dataclass, replace
from functools import partial

from chalicelib.domain import delivery
from chalicelib.domain.channel import THREADED, Invite
from chalicelib.domain.conversation import Conversation, spot
from chalicelib.domain.entry import MACHINE
from chalicelib.domain.event import Attachment
from chalicelib.domain.ident import inbound_id
from chalicelib.domain.message import Delivery, DeliveryState, Message, Origin
from chalicelib.workflows.answering import sent
from chalicelib.workflows.answering.limits import invite_until
from chalicelib.workflows.answering.spot import can_at, handle_at, opted_out_at, room_at
from chalicelib.workflows.change import persist
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.networks import NO_ANSWER, File, Outgoing, SendResult, SendState, Template
from chalicelib.workflows.ports import Commit, Parts

LINK_SECONDS = 3600
"""How long a platform may fetch a file that leaves with a message."""

LONGEST_THREAD = 20
"""How many ids of a thread a mail carries."""


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
    body = json.dumps(asdict(order)).encode()
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
    result = refusal or _send(parts, conversation, message)
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
        sent.delayed(parts, after)
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
    return can_at(parts, spot(conversation, public=message.public)).repeatable


def _refusal(parts: Parts, conversation: Conversation, message: Message) -> SendResult | None:
    """Return why a message may not leave any more.

    What changed while it waited: the customer opted out, its window closed, its file is gone. A
    person's words may have longer than a survey or a rule's reply, and nobody is asked how it was
    whose case is open again.
    """
    survey = message.origin is Origin.SURVEY
    case = conversation.case
    if survey and (case is None or case.open or case.follow_up.message_id != message.id):
        return _refused("case_reopened", "the case is open again")
    if any(file.refused for file in message.attachments):
        return _refused("file_refused", "a file of it may not be sent")
    at = spot(conversation, public=message.public)
    if opted_out_at(parts, conversation, at) is not None:
        return _refused("opted_out", "the customer asked for no more messages")
    if message.invites and not message.public:
        until = invite_until(parts, conversation, message.parent_id)
        late = until is not None and parts.now() >= until
        return _refused("invite_closed", "it was too late to invite by it") if late else None
    room = room_at(parts, at)
    typed = not survey and message.author_id != MACHINE
    if message.template or (room.open and (typed or not room.human_only)):
        return None
    return _refused("window_closed", "the channel's window closed before it left")


def _refused(code: str, text: str) -> SendResult:
    return SendResult(SendState.FAILED, error_code=code, error_text=text)


def _send(parts: Parts, conversation: Conversation, message: Message) -> SendResult:
    """Send it once. Where an invitation goes to the public id itself, that is who got it."""
    outgoing = _outgoing(parts, conversation, message)
    result = parts.sender.send(outgoing)
    if outgoing.invite and not result.recipient:
        can = can_at(parts, spot(conversation, public=True))
        if can.invite is Invite.DIRECT_MESSAGE:
            return replace(result, recipient=outgoing.recipient)
    return result


def _outgoing(parts: Parts, conversation: Conversation, message: Message) -> Outgoing:
    at = spot(conversation, public=message.public)
    invite = message.invites and not message.public
    answered = message.parent_id or at.last_inbound_id
    return Outgoing(
        token=message.id,
        handle=handle_at(parts.policies.current(), at),
        recipient=conversation.contact_ref if invite else at.contact_ref,
        public=at.public,
        text=message.text,
        reply_to_id=answered,
        post_id=at.post_id,
        human=message.origin is Origin.HEARBACK and message.author_id != MACHINE,
        outside_window=not invite and room_at(parts, at).human_only,
        invite=invite,
        files=tuple(_file(parts, one) for one in message.attachments if one.key),
        template=_template(message.template),
        title=conversation.title,
        thread=conversation.id,
        answers=_thread(parts, conversation, answered) if at.channel in THREADED else (),
        contact_name=conversation.contact_name,
    )


def _file(parts: Parts, one: Attachment) -> File:
    url = parts.media.link(one.key, LINK_SECONDS, name=one.name, mime_type=one.mime_type)
    return File(one.name, one.mime_type, one.size, url, partial(parts.media.get, one.key))


def _template(words: tuple[str, ...]) -> Template | None:
    return Template(words[0], words[1], words[2:]) if words else None


def _thread(parts: Parts, conversation: Conversation, answered: str) -> tuple[str, ...]:
    """Return the platform ids of a thread up to the message answered, oldest first."""
    message_id = inbound_id(conversation.channel, conversation.account_id, answered)
    message = parts.conversations.message(conversation.id, message_id)
    before = tuple(reversed(message.answers)) if message else ()
    return tuple(one for one in (*before, answered) if one)[-LONGEST_THREAD:]


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
        sent.accepted(
            parts,
            message,
            at,
            platform_id=result.platform_id,
            state=state,
            recipient=result.recipient,
        )
        return state.value
    ours = (message.rounds, now.attempts) == (order.rounds, attempt.attempts)
    if not ours or now.state not in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
        return now.state.value
    return _not_accepted(parts, message, now, result)


def _not_accepted(parts: Parts, message: Message, now: Delivery, result: SendResult) -> str:
    wait = None
    if result.state is SendState.RETRY:
        wait = delivery.back_off(now.attempts, result.retry_after_seconds)
    if result.state is SendState.UNKNOWN or (wait is None and _doubted(parts, message, result)):
        _set(parts, message, now, DeliveryState.UNKNOWN, result)
        parts.meter.count("ReplyUnknown")
        return DeliveryState.UNKNOWN.value
    if wait is None:
        code = result.error_code or result.error_class.value
        sent.failed(parts, message, parts.now(), error_code=code, error_text=result.error_text)
        return DeliveryState.FAILED.value
    _set(parts, message, now, DeliveryState.QUEUED, result)
    raise RetryLaterError("the platform did not take it yet", seconds=int(wait.total_seconds()))


def _doubted(parts: Parts, message: Message, result: SendResult) -> bool:
    """Return whether the last of several attempts may have arrived after all.

    Where the platform recognises repeats, one without an answer is made again; the last one is not.
    """
    unanswered = result.state is SendState.RETRY and result.error_code == NO_ANSWER
    return unanswered and _repeatable(parts, message)


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
    sent.delayed(parts, replace(message, delivery=after))
