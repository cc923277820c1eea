"""The fuzz targets: one a parser, each with the bodies it begins from.

A target takes any bytes and returns, or raises AssertionError: only events that survive the queue,
words to count by, odd elements that can be read again, or the channel's own error are allowed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from unittest import mock

import msgspec

from chalicelib.channels import transport
from chalicelib.channels.contract import Parsed, PayloadError, SignatureError
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.policy import Handle
from chalicelib.entrypoints.receiving import written_event
from chalicelib.workflows.networks import PollError, Wanted
from tests.contract.channels.specimen import Specimen, Words
from tests.contract.channels.specimens import SPECIMENS

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LONGEST_WORD = 140
EVENTS = Path(__file__).parents[1] / "events"
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


AUTHOR = {"did": "did:plc:ana", "handle": "ana.example"}
RECORD = {"$type": "app.bsky.feed.post", "text": "Hi", "createdAt": "2026-11-21T09:00:00Z"}
BLUESKY = {
    "accessJwt": "a.b.c",
    "refreshJwt": "a.b.c",
    "did": "did:plc:acme",
    "notifications": [
        {
            "uri": "at://did:plc:ana/app.bsky.feed.post/1",
            "cid": "c",
            "author": AUTHOR,
            "reason": "mention",
            "record": RECORD,
            "indexedAt": "2026-11-21T09:00:00Z",
        }
    ],
    "feed": [],
    "logs": [],
    "convos": [],
}
SOCIAL = {"instance": "https://social.example"}
POLLED: dict[str, tuple[Handle, dict[str, object]]] = {
    "youtube": (
        Handle("tube", Channel.YOUTUBE, "UCacme0000000000000000aa", "Acme", "care"),
        {"api_key": "key"},
    ),
    "mastodon": (
        Handle("social", Channel.MASTODON, "14715", "Acme", "care", settings=SOCIAL),
        {"token": "token"},
    ),
    "bluesky": (
        Handle("sky", Channel.BLUESKY, "did:plc:acme", "Acme", "care"),
        {"identifier": "acme.example", "password": "password"},
    ),
}


def looks(name: str, body: bytes) -> None:
    """Check that a look ends as it may when its network answers every call with this body."""
    handle, secret = POLLED[name]
    answer = transport.Answer(200, body)
    with mock.patch.object(transport, "exchange", return_value=answer):
        try:
            found = room(name).poll(Wanted(handle), secret, Places(now=lambda: NOW))
        except PollError as error:
            found, reason = None, error.reason
        else:
            reason = "looked"
    assert _word(reason), reason
    if found is None:
        return
    for event in found.events:
        _survives(event)
    assert all(_word(word) for word in found.ignored), found.ignored
    for odd in found.odd:
        again = room(name).parse(odd, NOW, account_id=handle.account_id)
        assert again.unreadable or again.events, odd  # alone it may be readable


def answers(name: str) -> tuple[bytes, ...]:
    """Return what a network may answer a look with."""
    recorded = [path.read_bytes() for path in sorted((EVENTS / name).glob("*.json"))]
    if name == "mastodon":
        recorded = [b"[" + one + b"]" for one in recorded]
    return (*recorded, json.dumps(BLUESKY).encode(), b"[]", b"{}")


def targets() -> list[Target]:
    """Return all targets: each surface's parser, each look, and each room's proof."""
    found = [Target(f"parse-{it.name}", partial(parses, it), seeds(it)) for it in SPECIMENS]
    found += [Target(f"look-{name}", partial(looks, name), answers(name)) for name in POLLED]
    rooms = {it.room: it for it in SPECIMENS}
    found += [
        Target(f"verify-{name}", partial(proves, it), seeds(it)) for name, it in rooms.items()
    ]
    return found
