"""The fuzz targets: one a parser, each with the bodies it begins from.

A target takes any bytes and returns, or raises AssertionError: only events that survive the queue,
words to count by, odd elements that can be read again, or the channel's own error are allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec

from chalicelib.channels.contract import Parsed, PayloadError, SignatureError
from chalicelib.channels.registry import room
from chalicelib.domain.event import ChannelEvent
from chalicelib.entrypoints.receiving import written_event
from tests.contract.channels.specimen import Specimen, Words
from tests.contract.channels.specimens import SPECIMENS

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LONGEST_WORD = 140
STATES = ("sent", "delivered", "read", "failed")


@dataclass(frozen=True, slots=True)
class Target:
    """One parser. `check` raises AssertionError (or whatever a broken parser raises)."""

    name: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def parses(it: Specimen, body: bytes) -> None:
    """Check that parsing any body ends as it may."""
    try:
        parsed = room(it.room).parse(body, NOW, account_id=it.handle.account_id, event_id="d1")
    except PayloadError as error:
        parsed = Parsed(ignored=(error.reason,))
    assert isinstance(parsed, Parsed)
    for event in parsed.events:
        _survives(event)
    for odd in parsed.unreadable:
        assert _word(odd.reason), odd.reason
        again = room(it.room).parse(odd.raw, NOW, account_id=it.handle.account_id, event_id="d1")
        assert again.unreadable, odd.reason
    assert all(_word(word) for word in parsed.ignored), parsed.ignored


def proves(it: Specimen, body: bytes) -> None:
    """Check that bytes as a body and as its proof are refused, or are exactly what was signed."""
    name = it.signature_header()
    proof = body[:200].decode("latin-1")
    headers = {**it.sign(b"{}").headers, name: proof} if name else {}
    try:
        proven = room(it.room).verify(body, headers, it.secret, NOW, url="https://care.example.com")
    except SignatureError as error:
        proven, reason = None, error.reason
    else:
        reason = "proven"
    assert _word(reason), reason
    assert proven is None or proven.body == body


def seeds(it: Specimen) -> tuple[bytes, ...]:
    """Return every body that a specimen knows how to make."""
    words = Words()
    made = [
        it.message(words),
        it.message(Words(text="héllo 🙂", numeric=True)),
        it.batch([words, Words(id="2")]),
        it.echo(words, "token"),
        it.edit(words),
        it.delete(words),
        it.reaction(words),
        *(it.receipt(words, state) for state in STATES),
        it.unknown(),
        it.odd(),
    ]
    return tuple(body for body in made if body is not None)


def _survives(event: ChannelEvent) -> None:
    try:
        written = written_event(event)
    except UnicodeEncodeError:
        return  # half a character: the door keeps the body
    again = msgspec.json.decode(written, type=ChannelEvent)
    assert again == event


def _word(word: str) -> bool:
    return word.isascii() and 0 < len(word) <= LONGEST_WORD


def targets() -> list[Target]:
    """Return all targets: each surface's parser, and each room's proof."""
    found = [Target(f"parse-{it.name}", partial(parses, it), seeds(it)) for it in SPECIMENS]
    rooms = {it.room: it for it in SPECIMENS}
    found += [
        Target(f"verify-{name}", partial(proves, it), seeds(it)) for name, it in rooms.items()
    ]
    return found
