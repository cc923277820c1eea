"""Bombs: what is made to cost much costs little, and never more than its own request.

The bounds are more than ten times what was measured on a slow machine: they hold on any, and still
tell a bound from a runaway.
"""

import json
import tracemalloc

import pytest

from chalicelib.entrypoints.bodies import BODY_LIMIT as BODY
from chalicelib.entrypoints.receiving import MOST_KEPT
from chalicelib.entrypoints.webhooks import BODY_LIMIT as DELIVERY
from chalicelib.gateways.queues import BATCH_COUNT, FifoQueue
from tests.fakes.effort import bounded
from tests.fakes.house import ACCOUNT, AGENT, HOOK_SECRET, signed
from tests.hostile.deliveries import (
    META,
    SHOP,
    comment,
    hook,
    page,
    post,
    post_hook,
    take_in,
    talk,
)

EVENTS = 10_000
SECONDS = 30.0
"""For the longest delivery, rightly signed: measured 2 under coverage."""
REFUSED = 0.5
"""For what is refused unread: measured 0.04 for the longest; reading that takes 2."""
MEGABYTES = 256  # the door has 1,024
HEAD = b'{"object":"page","entry":[{"id":"' + ACCOUNT.encode() + b'","time":1,"messaging":['
TAIL = b"]}]}"


def filled(piece: bytes, limit: int = DELIVERY) -> bytes:
    """Return a list of that piece, as long as a delivery may be."""
    return b"[" + b",".join([piece] * ((limit - 2) // (len(piece) + 1))) + b"]"


BOMBS = {
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep in an event": HEAD + b'{"message":' * 100_000 + b"1" + b"}" * 100_000 + TAIL,
    "never closed": b"[" * DELIVERY,
    "a million keys": b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000))[:DELIVERY] + b"}",
    "many keys": b"{" + b",".join(b'"%d":1' % n for n in range(290_000)) + b"}",
    "many keys in an event": HEAD
    + b"{"
    + b",".join(b'"%d":1' % n for n in range(290_000))
    + b"}"
    + TAIL,
    "a key twice": b'{"object":"page","object":"page","entry":[]}',
    "many numbers": filled(b"1"),
    "many lists": filled(b"[]"),
    "many objects": filled(b"{}"),
    "many bodies": filled(b'{"object":"page","entry":[]}'),
    "many empty entries": b'{"object":"page","entry":' + filled(b"{}", DELIVERY - 40) + b"}",
    "5,000 digits": HEAD + b'{"timestamp":' + b"9" * 5_000 + b"}" + TAIL,
    "a million digits": b"9" * 1_000_000,
    "a long fraction": b"0." + b"9" * 1_000_000,
    "infinite": HEAD + b'{"timestamp":1e999}' + TAIL,
    "not a number": HEAD + b'{"timestamp":NaN}' + TAIL,
    "bad UTF-8": HEAD + b'{"message":{"mid":"m","text":"\xff\xfe\xc0\x80"}}' + TAIL,
    "overlong UTF-8": b'"\xf0\x82\x82\xac"',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"object":"page"}'.encode("utf-16"),
    "escapes": b'"' + b"\\u0000" * 400_000 + b'"',
    "white space": b" " * DELIVERY,
    "nothing": b"",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("door", [META, SHOP])
def test_a_signed_bomb_is_kept_whole_or_refused_and_costs_little(house, door, bomb):
    """A platform may go wrong, and a secret may be known: then too the door answers in time."""
    knock = post if door == META else post_hook
    answer = bounded(SECONDS, knock, house, bomb, afresh=house.parts.blobs.kept.clear)
    assert answer.status in (200, 413)
    assert house.parts.inbox.sent == []
    if answer.status == 200 and answer.json["kept"]:
        ((body, facts),) = house.parts.blobs.kept.values()
        assert body == bomb
        assert not facts["reason"].startswith("parser_")  # refused by the parser, not broken in it


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_of_nobody_is_refused_before_anything_of_it_is_read(house, bomb, monkeypatch):
    """The signature covers the raw bytes, so a stranger's body is hashed and never parsed."""

    def parsed(*_, **__):
        raise AssertionError("a body without proof was parsed")

    monkeypatch.setattr("chalicelib.channels.wire.read", parsed)
    strange = "whsec_" + HOOK_SECRET[:5:-1]
    for path, headers in (
        (META, signed(bomb, "a guess")),
        (SHOP, hook(bomb, house.parts.now().timestamp(), strange)),
    ):
        answer = bounded(REFUSED, post, house, bomb, headers, path)
        assert answer.status in (401, 413)
    assert house.parts.blobs.kept == {}


@pytest.mark.parametrize("piece", [b"{}", b"[]", b'{"":[]}'])
def test_a_bomb_takes_no_more_memory_than_a_door_has(house, piece):
    """Measured on a part of the longest delivery, because measuring takes ten times as long."""
    part = 8
    body = filled(piece, DELIVERY // part)
    post(house, page())
    tracemalloc.start()
    try:
        post(house, body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak * part < MEGABYTES * 2**20


class Wire:
    """SQS's client, as far as the queue uses it: what it was asked, and what it refuses for now."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def send_message_batch(self, QueueUrl, Entries):
        assert sum(len(entry["MessageBody"]) for entry in Entries) <= 262_144
        self.batches.append([entry["MessageDeduplicationId"] for entry in Entries])
        return {}


def test_ten_thousand_events_in_one_delivery_are_all_queued_in_full_batches(house):
    """Ten times what Meta puts into one delivery."""
    house.parts.inbox = FifoQueue(wire := Wire(), "queue")
    body = page(messaging=[talk(n, f"text {n}", f"c{n % 500}") for n in range(EVENTS)])
    answer = bounded(SECONDS, post, house, body, afresh=wire.batches.clear)
    assert answer.json == {"queued": EVENTS, "ignored": 0, "kept": 0}
    assert len({key for batch in wire.batches for key in batch}) == EVENTS
    assert len(wire.batches) == EVENTS // BATCH_COUNT


def test_more_events_than_that_are_kept_and_not_lost(house):
    body = page(messaging=[talk(n, "x", "c") for n in range(EVENTS + 1)])
    assert post(house, body).json == {"queued": 0, "ignored": 0, "kept": 1}
    assert [kept for kept, _ in house.parts.blobs.kept.values()] == [body]


@pytest.mark.parametrize(("odd", "written"), [(MOST_KEPT, MOST_KEPT), (MOST_KEPT + 1, 1)])
def test_many_odd_elements_cost_few_writes(house, odd, written):
    """Ten thousand writes to the bucket would outlast the gateway, and all would come again."""
    body = page(messaging=[talk(1, "a good one"), *[f"odd {n}" for n in range(odd)]])
    assert post(house, body).json == {"queued": 1, "ignored": 0, "kept": odd}
    assert len(house.parts.blobs.kept) == written
    if written == 1:
        assert [kept for kept, _ in house.parts.blobs.kept.values()] == [body]


TEXTS = {
    "right to left": "\u202eevil\u202c \u2066x\u2069",
    "NUL": "a\0b",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\u2028",
    "not characters": "\ufffe\uffff\U0001fffe",
    "combining": "Z" + "\u0335" * 5_000,
    "outside the first plane": "\U0001f600" * 500,
    "markup": "<script>alert(1)</script>{{7*7}}${7*7}%n%s' OR 1=1 --",
    "a log line": '\n{"level":"ERROR","message":"forged"}\r\n',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_odd_text_is_text_and_arrives_as_it_was_written(house, text):
    """It is never run, never a format, never a log line: whoever shows it shows text."""
    post(house, page(messaging=[talk(1, text)], changes=[comment(2, "c2", message=text)]))
    assert take_in(house) == 0
    stored = [message.text for message in house.store.messages.values()]
    assert stored == [text, text]
    for conversation_id, _ in house.store.messages:
        answer = house.gateway.get(f"/api/conversations/{conversation_id}", AGENT)
        assert answer.json["messages"]["messages"][0]["text"] == text


def test_half_a_surrogate_pair_arrives_as_a_mark_of_what_is_missing(house):
    body = page(messaging=[talk(1, "PLACE")]).replace(b"PLACE", b"a\\ud83db\\udc00")
    post(house, body)
    assert take_in(house) == 0
    (stored,) = house.store.messages.values()
    assert stored.text == "a\ufffdb\ufffd"


API_BOMBS = {
    "deep lists": b"[" * (BODY // 2) + b"]" * (BODY // 2),
    "deep objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "deep in a field": b'{"version":1,"text":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "deep in an unknown field": b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "many keys": b"{" + b",".join(b'"%d":1' % n for n in range(6_000)) + b"}",
    "a key twice": b'{"version":0,"version":1,"text":"x"}',
    "the text twice": b'{"version":1,"text":"seen","text":"sent"}',
    "5,000 digits": b'{"version":' + b"9" * 5_000 + b',"text":"x"}',
    "huge exponent": b'{"version":1e999,"text":"x"}',
    "a fraction": b'{"version":1.5,"text":"x"}',
    "not a number": b'{"version":NaN,"text":"x"}',
    "below zero": b'{"version":-1,"text":"x"}',
    "bad UTF-8": b'{"version":1,"text":"\xff\xfe"}',
    "half a surrogate pair": b'{"version":1,"text":"\\ud83d"}',
    "a byte order mark": b'\xef\xbb\xbf{"version":1,"text":"x"}',
    "UTF-16": '{"version":1,"text":"x"}'.encode("utf-16"),
    "two values": b'{"version":1,"text":"x"}{}',
    "nothing": b"",
    "white space": b" " * BODY,
    "too long a text": b'{"version":1,"text":"' + b"x" * 10_001 + b'"}',
    "blank": b'{"version":1,"text":" \\n\\u2003"}',
}
TOO_LONG = b'{"version":1,"text":"' + b"x" * 1_000_000 + b'"}'


def write(house, body, found):
    headers = {"Idempotency-Key": "a-proper-key", "Content-Type": "application/json"}
    path = f"/api/conversations/{found.id}/replies"
    return house.gateway.call("POST", path, body, headers, person=AGENT, as_base64=True)


@pytest.mark.parametrize("bomb", API_BOMBS.values(), ids=API_BOMBS)
def test_a_bomb_to_the_api_is_a_400_at_once(house, bomb):
    found = house.customer_writes()
    answer = bounded(REFUSED, write, house, bomb, found)
    assert (answer.status, answer.code) == (400, "bad_body")
    assert house.conversation(found.id) == found


def test_a_body_over_the_limit_is_a_413_before_it_is_read(house, monkeypatch):
    found = house.customer_writes()
    monkeypatch.setattr("msgspec.json.decode", None)
    assert write(house, TOO_LONG, found).status == 413


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_odd_text_of_an_agent_is_text_too(house, text):
    found = house.customer_writes()
    body = json.dumps({"version": found.version, "text": text[:1_900]}).encode()
    answer = write(house, body, found)
    assert answer.status == 202
    assert answer.json["message"]["text"] == text[:1_900]
