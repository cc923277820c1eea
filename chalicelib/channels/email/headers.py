"""Headers of a mail, read by our own bounded lines.

The standard library's parsed headers raise on malformed addresses and ids, and take long over long
ones; so each value is taken raw, cut to a bound and decoded here, and nothing raises.
"""

import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from chalicelib.channels import wire

LONGEST = 8_192
LONGEST_ID = 512  # ids become keys of the table, which end at 1,024 bytes
MOST_IDS = 40
_NO_TEXT = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
"""Python's codecs that are no charset of a mail, or take long."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f]")
_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[^\s<>()\[\],;:\"\\@]{1,255}")
_REGION = "@{}.amazonses.com"


@dataclass(frozen=True, slots=True)
class Named:
    """A mail address, in lower case, and the name that stands before it."""

    address: str
    name: str = ""


class Headers:
    """The headers of one part of a mail."""

    def __init__(self, part: "Message[str, str]") -> None:
        self._held: dict[str, list[str]] = {}
        for name, value in part.raw_items():
            self._held.setdefault(str(name).lower(), []).append(_unfolded(str(value)))

    def raw(self, name: str) -> str:
        """Return the first value as it stands there, unfolded; nothing when there is none."""
        return next(iter(self._held.get(name, ())), "")

    def all(self, name: str) -> Sequence[str]:
        """Return every value of that name."""
        return self._held.get(name, ())

    def text(self, name: str) -> str:
        """Return the value for people: encoded words decoded, no control characters."""
        return decoded(self.raw(name))

    def word(self, name: str) -> str:
        """Return the value in lower case, without its parameters and comments."""
        return re.split(r"[;(]", self.raw(name), maxsplit=1)[0].strip().lower()

    def people(self, name: str) -> tuple[Named, ...]:
        """Return the addresses of a header; none for `undisclosed-recipients:;` and the like."""
        return _people(self.all(name)[:5])

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the message ids of a header, in order, without their angle brackets."""
        return ids_of(self.raw(name))

    def at(self, name: str) -> str:
        """Return the instant of a header as ISO 8601; nothing when it is no date."""
        try:
            return parsedate_to_datetime(self.raw(name)[:100]).isoformat()
        except (ValueError, TypeError, IndexError, OverflowError):
            return ""


def ids_of(value: str) -> tuple[str, ...]:
    """Return the message ids in a text, the first MOST_IDS and the last, each once."""
    bracketed = re.findall(r"<([^<>]*)>", value)
    found = bracketed or value.split()
    cleaned = ("".join(one.split()) for one in found)
    known = tuple(
        dict.fromkeys(one for one in cleaned if _ID.fullmatch(one) and len(one) <= LONGEST_ID)
    )
    return known if len(known) <= MOST_IDS else (known[0], *known[1 - MOST_IDS :])


def sent_id(message_id: str, region: str) -> str:
    """Return the Message-ID that SES gives a mail of ours, from its own id of it.

    "AWS overrides the header": <id>@email.amazonses.com in us-east-1, <id>@<region>.amazonses.com
    elsewhere (protocols part 5).
    """
    if "@" in message_id:
        return message_id
    return message_id + _REGION.format("email" if region in ("us-east-1", "") else region)


def decoded(value: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded, whatever they hold."""
    try:
        pieces = decode_header(value) if "=?" in value else [(value, None)]
    except (HeaderParseError, binascii.Error, ValueError):
        pieces = [(value, None)]
    text = "".join(
        as_text(piece, charset or "") if isinstance(piece, bytes) else piece
        for piece, charset in pieces
    )
    return " ".join(shown(text).split())


def as_text(data: bytes, charset: str) -> str:
    """Return the text of some bytes, by the charset they claim or by the likeliest one."""
    name = charset.strip().strip("\"'").lower().replace("-", "_")
    wanted = () if name in _NO_TEXT else (charset.strip().strip("\"'"),)
    for one in (*wanted, "utf-8"):
        try:
            return data.decode(one or "utf-8")
        except (LookupError, ValueError, RecursionError):
            continue
    return data.decode("cp1252", "replace")


def shown(text: str) -> str:
    """Return the text as it can be kept: no control characters, no halves of characters."""
    return wire.clean(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def _people(values: Iterable[str]) -> tuple[Named, ...]:
    listed = [value[:LONGEST] for value in values if value.strip()]
    try:
        pairs = getaddresses(listed)
    except (ValueError, IndexError, TypeError, RecursionError):
        pairs = []
    found = [_named(name, address) for name, address in pairs]
    good = tuple(one for one in found if one is not None)
    if good or not listed:
        return good
    loose = (_named("", one) for value in listed for one in _ADDRESS.findall(value))
    return tuple(one for one in loose if one is not None)[:1]


def _named(name: str, address: str) -> Named | None:
    plain = shown("".join(address.split())).lower()
    fits = _ADDRESS.fullmatch(plain)
    return Named(plain, decoded(name)[:255]) if fits else None


def _unfolded(value: str) -> str:
    """Return the value in one line, bounded, its 8-bit bytes read as what they most likely are."""
    flat = re.sub(r"[\r\n]+[ \t]*", " ", value[:LONGEST]).strip()
    if flat.isascii():
        return flat
    return as_text(flat.encode("utf-8", "surrogateescape"), "utf-8")
