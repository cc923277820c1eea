"""A mail's parts: which hold its words, and which are files.

Every part has a path, 1 for the first below the top, 2.1 for the first in the second, so that a
worker finds it again in the stored mail when the file is fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from typing import TypeAlias, cast

from chalicelib.channels import markup
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.email.headers import Headers, as_text, decoded, shown
from chalicelib.domain.event import Attachment, kind_of

MOST_WORK = 8_000_000
"""Lines times boundaries: what parsing takes grows with both. 40 MB in one file: 1.6 million."""

MOST_BORDERS = 20_000
"""Lines that may begin a part: one takes a sixth of a millisecond."""

MOST_FIELDS = 100_000
"""Lines that may be header fields, wherever they stand: a million fill the worker's memory."""

MOST_FILES = 50
LONGEST_HEADER = 2_000
LONGEST_BODY = 1_000_000
"""Characters of a body that are read for its words; the mail itself is kept whole."""

HTML = "html"
ORIGINAL = "original"
Part: TypeAlias = "Message[str, str]"


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail holds: its words and its files. `more`: there were files that are left out."""

    text: str
    files: tuple[Attachment, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class _Body:
    """Words of a part and of what is below it, as plain text and as HTML."""

    plain: str = ""
    html: str = ""

    @property
    def text(self) -> str:
        return self.plain if self.plain.strip() else markup.text_of(self.html)


def read(raw: bytes) -> Part:
    """Return the mail as a tree of parts. Raises PayloadError for one that cannot be taken apart.

    The older policy of the library on purpose: its parts never look into a header by themselves,
    so that no header can make them fail.
    """
    if _is_intricate(raw):
        raise PayloadError("mail_intricate")
    try:
        mail = message_from_bytes(raw, policy=policy.compat32)
        for part in mail.walk():
            _shorten(part)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        raise PayloadError("mail_malformed") from None
    return mail


def content(mail: Part, key: str) -> Content:
    """Return what the mail holds. `key` is where it is stored: each file says where it is.

    Raises PayloadError for parts in parts without end.
    """
    reader = _Reader(key)
    try:
        body = reader.body(mail, "")
    except RecursionError:
        raise PayloadError("mail_too_deep") from None
    original = Attachment(
        ORIGINAL, media_id=f"{key}#", mime_type="message/rfc822", name="original.eml"
    )
    return Content(shown(body.text), (*reader.files, original), reader.more)


def part_at(mail: Part, path: str) -> Part:
    """Return the part of a path. Raises LookupError when there is none."""
    found = mail
    for step in path.split(".") if path else ():
        below = parts_of(found)
        if not step.isdecimal() or not 0 < int(step) <= len(below):
            raise LookupError(path)
        found = below[int(step) - 1]
    return found


def parts_of(part: Part) -> list[Part]:
    """Return the parts of a part, none of one that has none.

    Never asks such a one for its text: the standard library would decode it, and fails on a
    charset's name with a NUL in it.
    """
    below = part.get_payload() if part.is_multipart() else None
    return cast("list[Part]", below) if isinstance(below, list) else []


def bytes_of(part: Part) -> bytes:
    """Return what a part holds, its transfer encoding undone; a mail in a mail as it stands."""
    if part.get_content_maintype() == "message" and part.is_multipart():
        return b"\n".join(bytes(one) for one in part.get_payload() if isinstance(one, Message))
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        found = None
    return found if isinstance(found, bytes) else b""


def text_of(part: Part) -> str:
    """Return the text of a part in whatever charset it is."""
    return as_text(bytes_of(part), str(part.get_param("charset") or ""))


class _Reader:
    """Walks through the parts and keeps what it finds."""

    def __init__(self, key: str) -> None:
        self.files: list[Attachment] = []
        self.more = False
        self._key = key

    def body(self, part: Part, path: str) -> _Body:
        kind, name = part.get_content_type(), _name(part)
        below = parts_of(part)
        if below and kind != "message/rfc822":
            return self._several(part, [(one, _below(path, n)) for n, one in enumerate(below, 1)])
        attached = _disposition(part) == "attachment" or name
        if not attached and kind == "text/plain":
            return _Body(plain=text_of(part)[:LONGEST_BODY])
        if not attached and kind == "text/html":
            self._file(part, path, HTML)
            return _Body(html=text_of(part)[:LONGEST_BODY])
        self._file(part, path, "", name)
        return _Body()

    def _several(self, part: Part, below: list[tuple[Part, str]]) -> _Body:
        bodies = [self.body(one, path) for one, path in below]
        if part.get_content_subtype() == "alternative":
            plain = [one.plain for one in bodies if one.plain.strip()]
            html = [one.html for one in bodies if one.html.strip()]
            return _Body(plain[-1] if plain else "", html[-1] if html else "")
        spoken = [one for one in bodies if one.plain.strip() or one.html.strip()]
        if len(spoken) == 1:
            return spoken[0]
        return _Body("\n\n".join(one.text.strip("\n") for one in spoken))

    def _file(self, part: Part, path: str, kind: str, name: str = "") -> None:
        if len(self.files) >= MOST_FILES:
            self.more = True
            return
        mime_type = part.get_content_type()
        given = Headers(part).raw("content-id").strip().strip("<>")[:255]
        one = Attachment(
            kind or kind_of(mime_type),
            media_id=f"{self._key}#{path}",
            mime_type=mime_type[:100],
            name=name,
            content_id=given,
            size=_size(part),
        )
        self.files.append(one)


def _is_intricate(raw: bytes) -> bool:
    """Return whether parsing would take too long: each bound holds for what grows with it.

    A delivery status becomes a part at every empty line.
    """
    boundaries = sum(1 for _ in re.finditer(rb"boundary", raw, re.IGNORECASE))
    reports = re.search(rb"delivery-status", raw, re.IGNORECASE) is not None
    groups = len(re.findall(rb"\n\r?\n", raw)) if reports else 0
    return (
        raw.count(b"\n") * (boundaries + 1) > MOST_WORK
        or max(raw.count(b"\n--"), groups) > MOST_BORDERS
        or sum(1 for _ in re.finditer(rb"^[^\s:]{1,76}:", raw, re.MULTILINE)) > MOST_FIELDS
    )


def _below(path: str, number: int) -> str:
    return f"{path}.{number}" if path else str(number)


def _size(part: Part) -> int:
    """Return about how many bytes a part has, without decoding it: base64 is a third longer."""
    below = parts_of(part)
    if below:
        return sum(_size(one) for one in below)
    try:
        payload = part.get_payload()
    except (ValueError, LookupError):
        return len(bytes_of(part))
    length = len(payload) if isinstance(payload, str) else 0
    encoded = str(part.get("content-transfer-encoding") or "").strip().lower() == "base64"
    return length * 3 // 4 if encoded else length


def _disposition(part: Part) -> str:
    return Headers(part).word("content-disposition")


def _name(part: Part) -> str:
    """Return the name of a file: of the disposition or of the type, RFC 2231 or RFC 2047."""
    try:
        given = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        given = ""
    plain = shown(decoded(str(given)))
    return re.split(r"[/\\]", plain)[-1].strip()[:200]


def _shorten(part: Part) -> None:
    """Cut the headers that the library takes apart itself, which takes long over long ones."""
    for name, value in _long(part):
        part.replace_header(name, value[:LONGEST_HEADER])


def _long(part: Part) -> Iterator[tuple[str, str]]:
    for name in ("content-type", "content-disposition"):
        value = part.get(name)
        if value is not None and len(str(value)) > LONGEST_HEADER:
            yield name, str(value)
