"""What customers say: messages, messages taken back, and pressed buttons."""

from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.line.content import Content, content_of
from chalicelib.channels.line.element import Element, Found
from chalicelib.domain.event import Attachment, EventKind


def said(element: Element) -> Found:
    """Return a message.

    One of a kind that is newer than this code is a message all the same where it was written to
    the brand alone.
    """
    message = wire.table(element.value, "message")
    number = wire.ident(message, "id")
    if not number:
        raise PayloadError("message_id_missing")
    bare = element.event(EventKind.MESSAGE)
    content = content_of(message)
    if content is None and bare.public:
        return Ignored(f"line.message_{wire.word(wire.text(message, 'type'))}")
    found = content or Content("unsupported")
    return replace(
        bare,
        message_id=number,
        parent_id=wire.ident(message, "quotedMessageId"),
        text=found.text,
        attachments=found.attachments,
        subject=found.subject,
        flags=("summoned",) if bare.public and _names_us(message) else (),
    )


def unsent(element: Element) -> Found:
    """Return that a customer took a message back: LINE asks everybody to forget it."""
    number = wire.ident(wire.table(element.value, "unsend"), "messageId")
    if not number:
        raise PayloadError("message_id_missing")
    return replace(element.event(EventKind.DELETE), message_id=number)


def pressed(element: Element) -> Found:
    """Return the press of a button: what it stands for counts as said.

    A press is no message of LINE's and has no id but the event's. One that only turned the page of
    a menu says nothing.
    """
    press = wire.table(element.value, "postback")
    given = wire.table(press, "params")
    if wire.text(given, "newRichMenuAliasId"):
        return Ignored("line.menu_switched")
    data = wire.text(press, "data")
    chosen = next(
        (wire.text(given, key) for key in ("datetime", "date", "time") if key in given), ""
    )
    return replace(
        element.event(EventKind.MESSAGE),
        message_id=f"press-{element.id}",
        text=chosen or data,
        attachments=(Attachment("button", title=chosen, name=data),),
        subject="button",
    )


def _names_us(message: wire.Json) -> bool:
    named = wire.rows(wire.table(message, "mention"), "mentionees")
    return any(wire.flag(wire.as_object(one, "mentionee"), "isSelf") for one in named)
