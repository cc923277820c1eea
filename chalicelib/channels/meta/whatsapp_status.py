"""WhatsApp's news of our own messages and of the account: statuses, errors, account fields."""

from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored
from chalicelib.channels.meta import whatsapp_person
from chalicelib.channels.meta.element import Element, Found
from chalicelib.channels.meta.whatsapp_line import Line, first_error, required
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState

_NOTICES = (
    "account",
    "phone_number",
    "message_template",
    "template",
    "user_preferences",
    "security",
    "group",
    "business",
)
_STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "played": ReceiptState.READ,
    "failed": ReceiptState.FAILED,
}
_TOLD = ("deleted", "warning")


def of_status(line: Line) -> Found:
    """Return how far a message of ours has come. Raises PayloadError when it names none."""
    item = line.item
    message_id, status = wire.ident(item, "id"), wire.text(item, "status")
    contact = whatsapp_person.of_recipient(item, line.contacts)
    who = contact.id if contact and wire.text(item, "recipient_type") == "group" else ""
    code, text = first_error(item)
    state = _STATES.get(status)
    if state is None:
        return [_other(line, status, contact, who)]
    return [
        replace(
            line.event(EventKind.RECEIPT, required(message_id), status, who),
            message_id=message_id,
            contact=contact,
            receipt=state,
            reply_token=wire.text(item, "biz_opaque_callback_data"),
            error_code=code,
            error_text=text,
        )
    ]


def _other(line: Line, status: str, contact: Person | None, who: str) -> ChannelEvent | Ignored:
    """Return a status that says nothing of the delivery: a notice when it is a known one."""
    word = wire.word(status)
    if word not in _TOLD:
        return Ignored(f"whatsapp.status.{word}")
    message_id = required(wire.ident(line.item, "id"))
    bare = line.event(EventKind.NOTICE, message_id, status, who)
    code, _ = first_error(line.item)
    detail = f"status_{word}"
    return replace(bare, message_id=message_id, contact=contact, detail=detail, error_code=code)


def of_error(line: Line) -> ChannelEvent:
    """Return an error that belongs to no message, as news of the account."""
    bare = line.event(EventKind.NOTICE, "error", line.element.fingerprint)
    code, text = first_error({"errors": [dict(line.item)]})
    account_id = line.account_id or line.element.entry_id
    return replace(bare, account_id=account_id, detail="error", error_code=code, error_text=text)


def of_account(element: Element, account_id: str) -> ChannelEvent | Ignored:
    """Return news of the account: templates, quality, preferences. They are counted only."""
    if not element.field.startswith(_NOTICES):
        return Ignored(f"whatsapp.{wire.word(element.field)}")
    account = account_id or element.entry_id
    bare = element.event(EventKind.NOTICE, Channel.WHATSAPP, account, element.fingerprint)
    return replace(bare, public=False, detail=wire.word(element.field))
