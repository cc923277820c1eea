"""What a topic of End User Messaging tells: a customer's SMS, or what became of one of ours.

https://docs.aws.amazon.com/sms-voice/latest/userguide/two-way-sms-payload.html and
https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-format.html
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, Parsed, PayloadError, Unreadable
from chalicelib.channels.instant import instant
from chalicelib.channels.sms import envelope, sns
from chalicelib.domain.channel import Channel
from chalicelib.domain.consent import asks_help, consent
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState

_STATES = {
    "TEXT_SENT": ReceiptState.SENT,
    "TEXT_SUCCESSFUL": ReceiptState.SENT,  # the carrier took it; not every one says more
    "TEXT_DELIVERED": ReceiptState.DELIVERED,
}
_FAILED = {
    "TEXT_INVALID": "The number is not valid.",
    "TEXT_INVALID_MESSAGE": "The carrier does not take this text.",
    "TEXT_UNREACHABLE": "The phone is switched off or out of reach.",
    "TEXT_CARRIER_UNREACHABLE": "The customer's carrier could not be reached.",
    "TEXT_BLOCKED": "The number is blocked: the customer or the carrier takes no messages.",
    "TEXT_CARRIER_BLOCKED": "The customer's carrier blocked the message.",
    "TEXT_SPAM": "The carrier filtered the message as unwanted.",
    "TEXT_TTL_EXPIRED": "The message could not be delivered in time.",
    "TEXT_PROTECT_BLOCKED": "The account's own protect configuration blocked the message.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a topic. `at` is SNS's time of it, `event_id` SNS's id."""

    fields: wire.Json
    received_at: datetime
    at: datetime | None = None
    event_id: str = ""
    account_id: str = ""


def parse(body: bytes, received_at: datetime, account_id: str, event_id: str) -> Parsed:
    """Return the one event of an envelope, or of a bare message.

    Raises PayloadError when it is neither.
    """
    found = envelope.read(body)
    if found is not None and found.kind != envelope.NOTIFICATION:
        return Parsed(ignored=(f"sns.{wire.word(found.kind)}",))
    try:
        told = Told(_fields(found, body), received_at, account_id=account_id, event_id=event_id)
        if found is not None:
            at, event_id = instant(found.text("Timestamp")), event_id or found.text("MessageId")
            told = replace(told, at=at, event_id=event_id)
        event = _event(told)
    except PayloadError as error:
        return Parsed(unreadable=(Unreadable(error.reason, body),))
    return Parsed(ignored=(event.word,)) if isinstance(event, Ignored) else Parsed((event,))


def _fields(found: envelope.Envelope | None, body: bytes) -> wire.Json:
    return sns.fields_of(found) if found else wire.as_object(wire.read(body), "body")


def _event(told: Told) -> ChannelEvent | Ignored:
    if told.fields.get("eventType") is not None:
        return _receipt(told)
    if told.fields.get("inboundMessageId") is None and told.fields.get("messageBody") is None:
        return Ignored("sms.other")
    return _message(told)


def _message(told: Told) -> ChannelEvent:
    fields = told.fields
    message_id = wire.ident(fields, "inboundMessageId") or told.event_id
    sender = wire.ident(fields, "originationNumber")
    account_id = wire.ident(fields, "destinationNumber") or told.account_id
    for name, value in (("id", message_id), ("from", sender), ("to", account_id)):
        if not value:
            raise PayloadError(f"{name}_missing")
    text = wire.text(fields, "messageBody")
    customer = Person(sender)
    return ChannelEvent(
        key=message_id,
        kind=EventKind.MESSAGE,
        channel=Channel.SMS,
        account_id=account_id,
        public=False,
        received_at=told.received_at,
        occurred_at=told.at,
        contact=customer,
        author=customer,
        message_id=message_id,
        parent_id=wire.ident(fields, "previousPublishedMessageId"),
        text=text,
        subject="text",
        # the keyword is what AWS took the message for, and acted on
        consent=consent(text) or consent(wire.text(fields, "messageKeyword")),
        flags=("help",) if asks_help(text) else (),
    )


def _receipt(told: Told) -> ChannelEvent | Ignored:
    fields = told.fields
    kind = wire.text(fields, "eventType")
    state = ReceiptState.FAILED if kind in _FAILED else _STATES.get(kind)
    if state is None:
        return Ignored(f"sms.{wire.word(kind)}")
    message_id = wire.ident(fields, "messageId")
    account_id = told.account_id or wire.ident(fields, "originationPhoneNumber")
    if not message_id or not account_id:
        raise PayloadError("id_missing" if not message_id else "from_missing")
    customer = wire.ident(fields, "destinationPhoneNumber")
    bare = ChannelEvent(
        key=f"{message_id}:{wire.word(kind)}",
        kind=EventKind.RECEIPT,
        channel=Channel.SMS,
        account_id=account_id,
        public=False,
        received_at=told.received_at,
        occurred_at=instant(fields.get("eventTimestamp")) or told.at,
        contact=Person(customer) if customer else None,
        message_id=message_id,
        receipt=state,
        reply_token=wire.ident(wire.table(fields, "context"), "token"),
    )
    if state is not ReceiptState.FAILED:
        return bare
    said = _FAILED[kind] or wire.text(fields, "messageStatusDescription")
    return replace(bare, error_code=wire.word(kind), error_text=said)
