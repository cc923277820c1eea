"""Direct messages: the same objects in both of X's APIs."""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.channels import wire
from chalicelib.channels.contract import Ignored, PayloadError
from chalicelib.channels.x import words
from chalicelib.channels.x.activity_post import best
from chalicelib.channels.x.told import Told, ident, required, when
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, ReceiptState

ENCRYPTED = "encrypted"
UNREADABLE = "(An encrypted message. It can only be read in X's own app.)"
UNREADABLE_OURS = "(Our own encrypted message, sent in X's own app.)"

_OWN_APPS = ("Twitter", "X ")
"""How the names of X's own applications begin: what is typed there was typed by a person."""


def created(told: Told, raw: wire.Json, apps: wire.Json | None = None) -> ChannelEvent | Ignored:
    """Return a message, or the brand's own as an echo.

    Raises PayloadError when it lacks what identifies it.
    """
    kind = wire.text(raw, "type")
    if kind != "message_create":
        return Ignored(f"x.dm.{wire.word(kind)}")
    create = wire.table(raw, "message_create")
    sender, message_id = required(create, "sender_id"), required(raw, "id")
    own = sender == told.account_id
    other = ident(wire.table(create, "target"), "recipient_id") if own else sender
    if not other:
        raise PayloadError("recipient_id_missing")
    data = wire.table(create, "message_data")
    media = [wire.as_object(one, "media") for one in _media(data)]
    links = words.links(wire.table(data, "entities")) + media
    attachments = tuple(_attachment(one) for one in media)
    text = words.shown(wire.text(data, "text"), 0, links)
    return replace(
        told.event(EventKind.ECHO if own else EventKind.MESSAGE, when(raw)),
        contact=told.person(other),
        author=told.person(sender),
        message_id=message_id,
        text=text,
        attachments=attachments,
        subject="text" if text or not attachments else attachments[0].kind,
        app_id=_app(create, apps or {}) if own else "",
    )


def encrypted(told: Told, raw: wire.Json) -> ChannelEvent | Ignored:
    """Return a message of XChat, which nobody but the two can read.

    Its placeholder is a message all the same: somebody waits for an answer.
    """
    sender = required(raw, "sender_id")
    own = sender == told.account_id
    both = ident(raw, "conversation_id").split(":")
    others = [one for one in both if one and one != told.account_id] if len(both) > 1 else []
    if own and len(others) != 1:
        return Ignored("x.chat.group_sent")
    return replace(
        told.event(EventKind.ECHO if own else EventKind.MESSAGE, when(raw)),
        contact=told.person(others[0] if own else sender),
        author=told.person(sender),
        message_id=required(raw, "id"),
        text=UNREADABLE_OURS if own else UNREADABLE,
        subject=ENCRYPTED,
        flags=(ENCRYPTED,),
    )


def read(told: Told, raw: wire.Json) -> ChannelEvent | Ignored:
    """Return that the customer has read all up to now; that we have is of no interest.

    X names the last message read, which may be the customer's own, so the instant counts.
    """
    reader = required(raw, "sender_id")
    at = when(raw)
    if reader == told.account_id:
        return Ignored("x.dm.read_by_us")
    if at is None:
        raise PayloadError("created_timestamp_missing")
    person = told.person(reader)
    return replace(
        told.event(EventKind.RECEIPT, at),
        contact=person,
        author=person,
        receipt=ReceiptState.READ,
        watermark_at=at,
    )


def _media(data: wire.Json) -> Iterable[object]:
    """Return the media of a message: one object, or a list in some payloads."""
    media = wire.table(data, "attachment").get("media")
    if media is None:
        return []
    return media if isinstance(media, list) else [media]


def _attachment(raw: wire.Json) -> Attachment:
    """Return a file. A video's own address comes before its preview's."""
    video, mime_type = best(wire.rows(wire.table(raw, "video_info"), "variants"), "bitrate")
    kind = "image" if wire.text(raw, "type") in ("", "photo") else "video"
    picture = wire.text(raw, "media_url_https") or wire.text(raw, "media_url")
    return Attachment(kind, url=video or picture, mime_type=mime_type)


def _app(create: wire.Json, apps: wire.Json) -> str:
    """Return the application that sent our message, empty where that was X's own."""
    app_id = ident(create, "source_app_id")
    name = wire.text(wire.table(apps, app_id), "name")
    return "" if name.startswith(_OWN_APPS) else app_id
