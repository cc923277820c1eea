"""WhatsApp Cloud: messages, statuses, echoes of the phone app, and changes of a customer's ids."""

import re
from collections.abc import Callable
from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.meta import whatsapp_person, whatsapp_status
from chalicelib.channels.meta.element import Element, Found
from chalicelib.channels.meta.whatsapp_content import content_of
from chalicelib.channels.meta.whatsapp_line import LISTS, Line, first_error, required
from chalicelib.domain.event import ChannelEvent, EventKind, Person

OBJECT = "whatsapp_business_account"
_TALK = ("messages", "standby", "smb_message_echoes", "message_echoes", "user_id_update")
_ECHOES = ("smb_message_echoes", "message_echoes")
_CODE = re.compile(r"[A-Za-z0-9]{20}", re.ASCII)
"""An invitation's code, alone: what a link wa.me/<number>?text=<code> lets the customer send."""


def read(element: Element) -> Found:
    """Return the events of one change.

    Raises PayloadError when a message or status lacks what identifies it.
    """
    value = element.body
    account_id = wire.ident(wire.table(value, "metadata"), "phone_number_id")
    if element.field not in _TALK:
        return [whatsapp_status.of_account(element, account_id)]
    brand = wire.text(wire.table(value, "metadata"), "display_phone_number")
    found: Found = []
    for key in LISTS:
        for raw in wire.rows(value, key):
            item = wire.as_object(raw, "item")
            line = Line(element, account_id, brand, wire.rows(value, "contacts"), item)
            found += _of_line(line, key)
    return found or [Ignored(f"whatsapp.{wire.word(element.field)}.empty")]


def _of_line(line: Line, key: str) -> Found:
    if key == "errors":
        return [whatsapp_status.of_error(line)]
    if not line.account_id:
        raise PayloadError("phone_number_id_missing")
    if key == "statuses":
        return whatsapp_status.of_status(line)
    if key == "user_id_update":
        return _identities(line, *whatsapp_person.of_update(line.item))
    if key == "message_echoes" or line.element.field in _ECHOES:
        contact = whatsapp_person.of_item(line.item, line.contacts, "to")
        return _message(line, contact, Person(line.brand or line.account_id))
    contact = whatsapp_person.of_item(line.item, line.contacts, "from")
    return _message(line, contact, contact)


def _message(line: Line, contact: Person | None, author: Person | None) -> Found:
    message_id, kind = wire.ident(line.item, "id"), wire.text(line.item, "type")
    if not message_id:
        raise PayloadError("id_missing")
    if kind == "system":
        return _system(line)
    if contact is None:
        raise PayloadError("sender_missing")
    reader = _KINDS.get(kind, _said)
    found = reader(line, message_id)
    if found.kind is EventKind.MESSAGE and author is not contact:
        found = replace(found, kind=EventKind.ECHO)
    return [replace(found, contact=contact, author=author)]


def _said(line: Line, message_id: str) -> ChannelEvent:
    content = content_of(line.item)
    code, text = first_error(line.item)
    return replace(
        line.event(EventKind.MESSAGE, message_id),
        message_id=message_id,
        parent_id=wire.ident(wire.table(line.item, "context"), "id"),
        text=content.text,
        attachments=content.attachments,
        subject=content.subject,
        error_code=code,
        error_text=text,
        ref=content.text if _CODE.fullmatch(content.text) else "",
    )


def _reaction(line: Line, message_id: str) -> ChannelEvent:
    reaction = wire.table(line.item, "reaction")
    target = required(wire.ident(reaction, "message_id"))
    return replace(
        line.event(EventKind.REACTION, message_id),
        message_id=target,
        emoji=wire.text(reaction, "emoji"),
    )


def _edit(line: Line, message_id: str) -> ChannelEvent:
    edit = wire.table(line.item, "edit")
    target = required(wire.ident(edit, "original_message_id"))
    content = content_of(wire.table(edit, "message"))
    return replace(line.event(EventKind.EDIT, message_id), message_id=target, text=content.text)


def _revoke(line: Line, message_id: str) -> ChannelEvent:
    target = required(wire.ident(wire.table(line.item, "revoke"), "original_message_id"))
    return replace(line.event(EventKind.DELETE, message_id), message_id=target)


def _welcome(line: Line, message_id: str) -> ChannelEvent:
    return replace(line.event(EventKind.NOTICE, message_id), detail="request_welcome")


def _system(line: Line) -> Found:
    system = wire.table(line.item, "system")
    if "changed" in wire.text(system, "type") and "identity" not in wire.text(system, "type"):
        return _identities(line, *whatsapp_person.of_system(line.item))
    bare = line.event(EventKind.NOTICE, "system", wire.ident(line.item, "id"))
    contact = whatsapp_person.of_item(line.item, (), "from")
    return [replace(bare, contact=contact, detail=wire.word(wire.text(system, "type") or "system"))]


def _identities(line: Line, known: Person | None, new: tuple[str, ...]) -> Found:
    if known is None or not new:
        return [Ignored("whatsapp.identity.unchanged")]
    when = wire.canonical(line.item.get("timestamp"))
    return [
        replace(
            line.event(EventKind.IDENTITY, known.id, one, when), contact=known, new_contact_id=one
        )
        for one in new
    ]


_KINDS: dict[str, Callable[[Line, str], ChannelEvent]] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "request_welcome": _welcome,
}
