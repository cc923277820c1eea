"""What a message holds: words, files, places; and what only tells that a chat changed."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.domain.event import Attachment

MOST_OPTIONS = 30
"""Answers of a poll, or tasks of a list, that are shown."""


@dataclass(frozen=True, slots=True)
class Content:
    """The words and parts of a message, and what kind it is."""

    subject: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """How a kind of file is kept: as which kind, and what it is when Telegram does not say."""

    kind: str
    mime_type: str = ""


def content_of(message: wire.Json) -> Content | None:
    """Return what a message holds; None when it has no part that we know.

    Raises PayloadError when a part is not what Telegram documents.
    """
    text = wire.text(message, "text") or wire.text(message, "caption")
    for key, reader in _PARTS.items():
        if message.get(key) is not None:
            found = reader(message, key)
            return Content(key, text or found.text, found.attachments)
    return Content("text", text) if text else None


def service_of(message: wire.Json) -> str:
    """Return which change of its chat a message without content tells of; empty when unknown."""
    return next((key for key in message if key in _SERVICE or key.endswith(_ENDINGS)), "")


def is_live_place(message: wire.Json) -> bool:
    """Return whether it is a place that moves: each step of it comes as another edit."""
    return bool(wire.number(wire.table(message, "location"), "live_period"))


def _photo(message: wire.Json, key: str) -> Content:
    """Return the largest of a picture's sizes: the last."""
    sizes = wire.rows(message, key)
    if not sizes:
        return Content(key)
    return _files(wire.as_object(sizes[-1], "photo"), File("image", "image/jpeg"))


def _file(message: wire.Json, key: str) -> Content:
    return _files(wire.table(message, key), _FILES[key])


def _files(raw: wire.Json, file: File) -> Content:
    title = " - ".join(
        part for part in (wire.text(raw, "performer"), wire.text(raw, "title")) if part
    )
    one = Attachment(
        file.kind,
        media_id=wire.ident(raw, "file_id"),
        mime_type=wire.text(raw, "mime_type") or file.mime_type,
        name=wire.text(raw, "file_name"),
        title=title or wire.text(raw, "emoji"),
    )
    return Content(file.kind, "", (one,))


def _sticker(message: wire.Json, key: str) -> Content:
    sticker = wire.table(message, key)
    moving = "video/webm" if wire.flag(sticker, "is_video") else "application/gzip"
    still = not wire.flag(sticker, "is_video") and not wire.flag(sticker, "is_animated")
    return _files(sticker, File("sticker", "image/webp" if still else moving))


def _place(message: wire.Json, key: str) -> Content:
    """Return a venue, which has a name and an address, or a bare location."""
    found = wire.table(message, key)
    spot = wire.table(found, "location") or found
    name = f"{wire.text(spot, 'latitude')},{wire.text(spot, 'longitude')}"
    parts = (wire.text(found, "title"), wire.text(found, "address"))
    title = ", ".join(part for part in parts if part)
    return Content(key, "", (Attachment("location", name=name, title=title),))


def _card(message: wire.Json, key: str) -> Content:
    card = wire.table(message, key)
    parts = (wire.text(card, "first_name"), wire.text(card, "last_name"))
    title = " ".join(part for part in parts if part)
    return Content(
        key, "", (Attachment("contact", name=wire.text(card, "phone_number"), title=title),)
    )


def _dice(message: wire.Json, key: str) -> Content:
    dice = wire.table(message, key)
    return Content(key, f"{wire.text(dice, 'emoji')} {wire.number(dice, 'value')}".strip())


def _listed(message: wire.Json, key: str) -> Content:
    """Return a poll or a list of tasks as lines."""
    found = wire.table(message, key)
    head = wire.text(found, "question") or wire.text(found, "title")
    rows = [*wire.rows(found, "options"), *wire.rows(found, "tasks")][:MOST_OPTIONS]
    lines = [wire.text(wire.as_object(row, key), "text") for row in rows]
    return Content(key, "\n".join([head, *(f"- {line}" for line in lines)]))


def _titled(message: wire.Json, key: str) -> Content:
    return Content(key, wire.text(wire.table(message, key), "title"))


def _web_app(message: wire.Json, key: str) -> Content:
    given = wire.table(message, key)
    data = Attachment("web_app", name=wire.text(given, "data"))
    return Content(key, wire.text(given, "button_text"), (data,))


def _bare(_message: wire.Json, key: str) -> Content:
    return Content(key, "", (Attachment(key),))


_FILES = {
    "animation": File("video", "video/mp4"),
    "document": File("document"),
    "video": File("video", "video/mp4"),
    "audio": File("audio", "audio/mpeg"),
    "voice": File("audio", "audio/ogg"),
    "video_note": File("video", "video/mp4"),
}
_PARTS: dict[str, Callable[[wire.Json, str], Content]] = {
    "photo": _photo,
    **dict.fromkeys(_FILES, _file),  # an animation comes as a document as well: it stands first
    "sticker": _sticker,
    "venue": _place,  # comes with a location as well
    "location": _place,
    "contact": _card,
    "dice": _dice,
    "poll": _listed,
    "checklist": _listed,
    "game": _titled,
    "invoice": _titled,
    "web_app_data": _web_app,
    "story": _bare,
    "paid_media": _bare,
}
_SERVICE = frozenset(
    """
    new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo
    migrate_to_chat_id migrate_from_chat_id pinned_message successful_payment users_shared
    chat_shared connected_website write_access_allowed proximity_alert_triggered boost_added
    chat_background_set giveaway giveaway_winners gift unique_gift passport_data
    checklist_tasks_done checklist_tasks_added
    """.split()
)
_ENDINGS = (
    "_created",
    "_changed",
    "_scheduled",
    "_started",
    "_ended",
    "_invited",
    "_edited",
    "_closed",
    "_reopened",
    "_hidden",
    "_unhidden",
    "_completed",
    "_refunded",
    "_approved",
    "_declined",
    "_payment",
)
