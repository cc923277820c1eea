"""What Twilio posts: a message of a customer, or how far one of ours has come (protocols 4.2).

Both are forms about one message. Twilio says no time: that of the arrival counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, Parsed, PayloadError, SignatureError, Unreadable
from chalicelib.channels.twilio import content, signature
from chalicelib.channels.twilio.reasons import told
from chalicelib.domain.channel import Channel
from chalicelib.domain.consent import START, STOP, asks_help, consent
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState

WHATSAPP = "whatsapp:"
"""What stands before an address on WhatsApp; one without is a telephone number for SMS."""

_STATES = {
    "sent": ReceiptState.SENT,
    "partially_delivered": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "failed": ReceiptState.FAILED,
    "undelivered": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}
_OPT_OUT = {"STOP": STOP, "START": START}

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Post:
    """One form.

    `account_id` is the handle's that the address names; `token` our own message id where a status
    callback's address held it.
    """

    form: Form
    received_at: datetime
    account_id: str = ""
    token: str = ""


def parse(body: bytes, received_at: datetime, account_id: str, event_id: str) -> Parsed:
    """Return the one event of a body. Raises PayloadError when it is nothing of Twilio's."""
    if body.lstrip()[:1] in (b"{", b"["):
        wire.read(body)
        return Parsed(ignored=("twilio.json",))
    post = Post(_form(body), received_at, account_id, _token(event_id))
    try:
        found = event_of(post)
    except PayloadError as error:
        return Parsed(unreadable=(Unreadable(error.reason, body),))
    if isinstance(found, Ignored):
        return Parsed(ignored=(found.word,))
    return Parsed((found,))


def event_of(post: Post) -> ChannelEvent | Ignored:
    """Return the event of a form. Raises PayloadError when a message lacks what it must have."""
    sid = wire.ident(post.form, "MessageSid") or wire.ident(post.form, "SmsSid")
    if not sid:
        return Ignored("twilio.call" if post.form.get("CallSid") else "twilio.other")
    status = wire.word(post.form.get("MessageStatus") or post.form.get("SmsStatus", ""))
    if status in ("received", "receiving", "none"):
        return _message(post, sid)
    return _receipt(post, sid, status)


def address(value: str) -> tuple[Channel, str]:
    """Return the channel and the plain address: `whatsapp:+1555` is WhatsApp's `+1555`."""
    if value.lower().startswith(WHATSAPP):
        return Channel.WHATSAPP, value[len(WHATSAPP) :].strip()
    return Channel.SMS, value.strip()


def _form(body: bytes) -> Form:
    try:
        listed = signature.fields(body)
    except SignatureError as error:
        raise PayloadError(error.reason) from None
    form = {name: values[0] for name, values in listed.items()}
    if not {"AccountSid", "MessageSid", "SmsSid"} & form.keys():
        raise PayloadError("not_twilio")
    return form


def _token(event_id: str) -> str:
    name, _, token = event_id.partition("=")
    return token if name == signature.REPLY else ""


def _message(post: Post, sid: str) -> ChannelEvent:
    channel, sender = address(wire.ident(post.form, "From"))
    _, ours = address(wire.ident(post.form, "To"))
    if not sender or not (ours or post.account_id):
        raise PayloadError("from_missing" if not sender else "to_missing")
    held = content.content_of(post.form)
    opted, flags = _consent(post.form, channel, held.text)
    customer = Person(
        sender, wire.text(post.form, "ProfileName"), aliases=_aliases(post.form, sender)
    )
    return ChannelEvent(
        key=sid,
        kind=EventKind.MESSAGE,
        channel=channel,
        account_id=ours or post.account_id,
        public=False,
        received_at=post.received_at,
        contact=customer,
        author=customer,
        message_id=sid,
        parent_id=wire.ident(post.form, "OriginalRepliedMessageSid"),
        text=held.text,
        attachments=held.attachments,
        subject=held.subject,
        consent=opted,
        flags=(*flags, *held.flags),
    )


def _receipt(post: Post, sid: str, status: str) -> ChannelEvent | Ignored:
    """Return how far a message of ours has come.

    The account is the handle's whose callback was called: a messaging service may have sent it
    from another of its numbers.
    """
    state = _STATES.get(status)
    if state is None:
        return Ignored(f"twilio.status_{status}")
    channel, ours = address(wire.ident(post.form, "From"))
    to_channel, customer = address(wire.ident(post.form, "To"))
    account_id = post.account_id or ours
    if not account_id:
        raise PayloadError("from_missing")
    code = wire.text(post.form, "ErrorCode")
    bare = ChannelEvent(
        key=f"{sid}:{status}",
        kind=EventKind.RECEIPT,
        channel=to_channel if customer else channel,
        account_id=account_id,
        public=False,
        received_at=post.received_at,
        contact=Person(customer) if customer else None,
        message_id=sid,
        receipt=state,
        reply_token=post.token,
    )
    if state is not ReceiptState.FAILED:
        return bare
    text = told(code) or wire.text(post.form, "ErrorMessage") or "Twilio could not deliver it."
    return replace(bare, error_code=code or status, error_text=text)


def _consent(form: Form, channel: Channel, text: str) -> tuple[str, tuple[str, ...]]:
    """Return (stop, start or nothing; flags): Twilio's own word where it gives one.

    Without Advanced Opt-Out Twilio acts on the standard words on SMS and does not say so.
    """
    kind = wire.text(form, "OptOutType").upper()
    by_sms = channel is Channel.SMS
    opted = _OPT_OUT.get(kind, "") if kind else consent(text, carrier=by_sms)
    wants_help = kind == "HELP" or (by_sms and not kind and asks_help(text))
    return opted, ("help",) if wants_help else ()


def _aliases(form: Form, sender: str) -> tuple[str, ...]:
    """Return further ids of the same WhatsApp account: its number's digits, its BSUID."""
    given = (wire.ident(form, "WaId"), address(wire.ident(form, "ExternalUserId"))[1])
    return tuple(dict.fromkeys(one for one in given if one and one != sender))
