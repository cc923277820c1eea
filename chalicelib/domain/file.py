"""Files: what their bytes are, which we take, and which a browser may show.

What a sender declares is not believed where the bytes say something else: a page that calls itself
a picture would run in the desk. The marks are those of https://mimesniff.spec.whatwg.org and of
the formats' own specifications.
"""

import re
import unicodedata

from chalicelib.domain.event import Attachment
from chalicelib.domain.message import Direction, Message

UPLOAD = "upload/"
"""Where an agent's browser puts what shall leave with a reply: gone after a week unless it is used.
"""

MEDIA = "media/"
"""Where the files of stored messages are kept."""

POINTERS = frozenset(
    """advert contact fallback link location postback product quick_reply referral share template
    venue webpage""".split()
)
"""Kinds of attachment whose address is a place to look at, and no file."""

UNKNOWN = "application/octet-stream"
PROGRAM = "application/x-executable"
HTML = "text/html"
SVG = "image/svg+xml"
LONGEST_NAME = 120
SNIFFED_BYTES = 4_096

_MARKS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
    (b"ID3\x02", "audio/mpeg"),
    (b"ID3\x03", "audio/mpeg"),
    (b"ID3\x04", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"BEGIN:VCARD", "text/vcard"),
    (b"BEGIN:VCALENDAR", "text/calendar"),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa\xce", PROGRAM),
    (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"dex\n", PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", PROGRAM),  # a Windows shortcut
    (b"#!", PROGRAM),
)

_BRANDS = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"heim": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
}
"""The brands of ISO base media files that are no plain mp4."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_WRITTEN = {
    b"word/": f"{_OFFICE}.wordprocessingml.document",
    b"xl/": f"{_OFFICE}.spreadsheetml.sheet",
    b"ppt/": f"{_OFFICE}.presentationml.presentation",
}
_OPEN_OFFICE = ("text", "spreadsheet", "presentation")

_DECLARED = frozenset(
    """text/plain text/csv text/vcard text/x-vcard text/calendar text/rtf application/rtf
    application/msword application/vnd.ms-excel application/vnd.ms-powerpoint
    application/json application/vnd.ms-outlook message/rfc822 audio/aac audio/amr audio/mpeg
    audio/3gpp""".split()
)
"""What has no mark of its own, or a weak one, and does nothing when it is opened."""

_SHOWN = frozenset(
    """image/jpeg image/png image/gif image/webp image/avif audio/mpeg audio/mp4 audio/ogg audio/amr
    audio/wav audio/aac audio/flac audio/3gpp video/mp4 video/webm video/quicktime video/3gpp
    video/ogg application/pdf""".split()
)
"""What a browser may show in its own window: nothing that runs."""

_PROGRAM_ENDINGS = frozenset(
    """ade adp apk app appx appxbundle bat cab chm cmd com cpl dll dmg ex exe hta ins iso isp jar js
    jse lib lnk mde msc msi msix msixbundle msp mst nsh pif ps1 psm1 reg scr sct sh shb sys url vb
    vbe vbs vhd vxd wsc wsf wsh xll docm dotm xlsm xltm xlam pptm potm ppsm sldm ppam deb rpm pkg
    command scf application gadget""".split()
)
"""What mail services refuse too (https://support.google.com/mail/answer/6590), and documents with
macros."""

_SCRIPTED = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe)[\s>]", re.IGNORECASE)
_DRAWN = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.()+@=,\- ]+")


def wanted(message: Message) -> bool:
    """Return whether a stored message has a file that is not kept yet and was not refused."""
    if message.stub or message.deleted_at is not None:
        return False
    return bool(missing(message))


def missing(message: Message) -> tuple[int, ...]:
    """Return which of a message's attachments are still to be fetched.

    A customer's at the platform, or those of a reply where the browser put them.
    """
    arrived = message.direction is Direction.INBOUND
    lacks = _at_platform if arrived else _uploaded
    return tuple(place for place, one in enumerate(message.attachments) if lacks(one))


def _at_platform(one: Attachment) -> bool:
    there = bool(one.url or one.media_id) and one.kind not in POINTERS
    return there and not one.key and not one.refused


def _uploaded(one: Attachment) -> bool:
    return one.key.startswith(UPLOAD) and not one.refused


def sniffed(body: bytes) -> str:
    """Return the mime type that the bytes themselves tell, or nothing."""
    start = body[:SNIFFED_BYTES]
    return _container(start) or _marked(start) or _markup(start)


def mime_type(body: bytes, declared: str = "") -> str:
    """Return what a file is: what its bytes say, else what was declared where that is harmless."""
    plain = declared.partition(";")[0].strip().lower()
    return sniffed(body) or (plain if plain in _DECLARED else UNKNOWN)


def refusal(body: bytes, name: str) -> str:
    """Return why a file is not kept, as a machine word, or nothing.

    Programs and scripts are refused, whatever they are called and whatever they are.
    """
    ending = name.rpartition(".")[2].lower().strip() if "." in name else ""
    if ending in _PROGRAM_ENDINGS or sniffed(body) == PROGRAM:
        return "program"
    return ""


def shown_inline(mime: str) -> bool:
    """Return whether a browser may show it in its window: never html and svg, which can run."""
    return mime in _SHOWN


def served_as(mime: str) -> str:
    """Return the type under which a file is served: its own, unless a browser would run it."""
    return mime if mime in _SHOWN or mime in _DECLARED or mime in _known() else UNKNOWN


def safe_name(name: str) -> str:
    """Return a file's name without path, control characters and what is special in some system."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = _UNSAFE.sub("_", last).strip(" .")
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: LONGEST_NAME - 9]}.{ending[:8]}" if dot else plain[:LONGEST_NAME]


def _known() -> frozenset[str]:
    found = {mime for _, mime in _MARKS} | set(_BRANDS.values()) | set(_WRITTEN.values())
    opened = {f"application/vnd.oasis.opendocument.{kind}" for kind in _OPEN_OFFICE}
    boxed = {"application/zip", "video/x-matroska", "video/3gpp"}
    return frozenset((found | opened | boxed) - {PROGRAM})


def _container(start: bytes) -> str:
    """Return the type of a file whose mark is followed by what it holds."""
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return "video/3gpp" if brand[:3] == b"3gp" else _BRANDS.get(brand, "video/mp4")
    if start[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(start[8:12], "")
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in start[:64] else "video/x-matroska"
    if start[:4] == b"OggS":
        return "video/ogg" if b"theora" in start[:64] else "audio/ogg"
    if start[:4] == b"PK\x03\x04":
        return _zipped(start)
    return ""


def _zipped(start: bytes) -> str:
    for kind in _OPEN_OFFICE:
        mime = f"application/vnd.oasis.opendocument.{kind}"
        if b"mimetype" + mime.encode() in start[:128]:
            return mime
    return next((mime for part, mime in _WRITTEN.items() if part in start), "application/zip")


def _marked(start: bytes) -> str:
    for mark, mime in _MARKS:
        if start.startswith(mark):
            return mime
    if start[:2] == b"MZ" and b"\x00" in start[:64]:  # a text may begin with these letters
        return PROGRAM
    # The sync word of an MPEG audio frame: eleven bits, then layer II or III.
    if start[:1] == b"\xff" and len(start) > 1 and start[1] & 0xE6 in (0xE2, 0xE4):
        return "audio/mpeg"
    return ""


def _markup(start: bytes) -> str:
    text = start.replace(b"\x00", b"")  # UTF-16 too
    if _SCRIPTED.search(text):
        return HTML
    return SVG if _DRAWN.search(text) else ""
