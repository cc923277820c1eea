"""What a message of LINE holds: words, files, places, stickers."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.domain.event import Attachment

MOST_KEYWORDS = 3
"""Of the words that LINE gives a sticker. It picks them anew for each event: the first will do."""


@dataclass(frozen=True, slots=True)
class Content:
    """The words and parts of a message, and what kind it is."""

    subject: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def content_of(message: wire.Json) -> Content | None:
    """Return what a message holds; None when its kind is newer than this code.

    Raises PayloadError when a part is not what LINE documents.
    """
    kind = wire.text(message, "type")
    reader = _READERS.get(kind)
    return reader(message, kind) if reader else None


def _text(message: wire.Json, kind: str) -> Content:
    return Content(kind, wire.text(message, "text"))


def _file(message: wire.Json, kind: str) -> Content:
    """Return a file: LINE keeps it under the message's id, unless somebody else holds it."""
    provider = wire.table(message, "contentProvider")
    outside = wire.text(provider, "type") == "external"
    url = wire.text(provider, "originalContentUrl") if outside else ""
    if outside and not url:
        raise PayloadError("content_url_missing")
    one = Attachment(
        "document" if kind == "file" else kind,
        url=url,
        media_id="" if outside else wire.ident(message, "id"),
        name=wire.text(message, "fileName"),
    )
    return Content(kind, "", (one,))


def _place(message: wire.Json, kind: str) -> Content:
    spot = f"{wire.text(message, 'latitude')},{wire.text(message, 'longitude')}"
    parts = (wire.text(message, "title"), wire.text(message, "address"))
    title = ", ".join(part for part in parts if part)
    return Content(kind, "", (Attachment(kind, name=spot, title=title),))


def _sticker(message: wire.Json, kind: str) -> Content:
    """Return a sticker. LINE gives no picture of it, only words for what it shows."""
    words = wire.rows(message, "keywords")[:MOST_KEYWORDS]
    title = ", ".join(wire.clean(word) for word in words if isinstance(word, str))
    one = Attachment(kind, name=wire.ident(message, "stickerId"), title=title)
    return Content(kind, wire.text(message, "text"), (one,))


_READERS: dict[str, Callable[[wire.Json, str], Content]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "file"), _file),
    "location": _place,
    "sticker": _sticker,
}
