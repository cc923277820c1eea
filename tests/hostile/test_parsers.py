"""Parsers: whatever bytes come, an answer within bounds or an error of our own, nothing else."""

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.channels.contract import PayloadError
from chalicelib.channels.instant import instant
from chalicelib.channels.wire import read
from chalicelib.entrypoints.receiving import read_event
from chalicelib.store import cursors
from chalicelib.workflows.ports import CursorError
from tests.fakes.effort import bounded
from tests.fakes.house import ACCOUNT, ADMIN, AGENT, open_house
from tests.hostile.deliveries import post, post_hook, take_in
from tests.unit.channels.test_fuzz import BODIES as RECORDED
from tests.unit.channels.test_fuzz import bodies
from tests.unit.entrypoints.test_access import BODIES, UNVERSIONED, path_of
from tests.unit.entrypoints.test_answers import CHANGES, VALUES

SECONDS = 5.0
"""Of the processor for one small body, which takes milliseconds."""

RECORDED_ACCOUNT = b"104500000000001"
ANYTHING = settings(deadline=None, suppress_health_check=list(HealthCheck))
RAW = {name: [json.dumps(body).encode() for body in found] for name, found in RECORDED.items()}
PIECES = st.sampled_from(
    [
        *(b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"-", b"1e9", b"\x00"),
        *(b"\xff", b"\\ud800", b"\\u0000", "\u202e".encode(), b"9" * 40, b'"id":', b'{"a":' * 70),
    ]
)


@st.composite
def scratched(draw, name):
    """Return the bytes of a recorded body with a few places overwritten, cut out or blown up."""
    raw = bytearray(draw(st.sampled_from(RAW[name])))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 6))] = draw(PIECES | st.binary(max_size=4))
    return bytes(raw)


def delivered(name, body):
    """Deliver to a house of its own, and let its inbox work; return the answer and the parts."""
    with open_house() as house:
        answer = post(house, body) if name == "meta" else post_hook(house, body)
        take_in(house)
    return answer, house.parts


def asked(route, odd, person):
    """Ask for a change in a house of its own, with these fields of a right body replaced."""
    with open_house() as house:
        found = house.customer_writes()
        version = {} if route.name in UNVERSIONED else {"version": found.version}
        raw = json.dumps(BODIES.get(route.name, {}) | version | odd).encode()
        path = path_of(route, found, agent_id="ann")
        headers = {"Idempotency-Key": f"key-{len(raw):05d}"}
        return house.gateway.call(route.method, path, raw, headers, person=person)


@pytest.mark.parametrize("name", ["meta", "standard"])
@settings(ANYTHING, max_examples=300)
@given(data=st.data())
def test_a_delivery_of_any_shape_is_taken_and_no_parser_fails(name, data):
    """Through the door and the inbox; `parser_...` is what the door notes when a parser broke."""
    body = data.draw(scratched(name) | bodies(name))
    body = body.replace(RECORDED_ACCOUNT, ACCOUNT.encode())
    answer, parts = bounded(SECONDS, delivered, name, body)
    assert answer.status == 200
    reasons = [facts["reason"] for _, facts in parts.blobs.kept.values()]
    assert not [reason for reason in reasons if reason.startswith("parser_")], reasons
    assert all(reason.isascii() and len(reason) < 80 for reason in reasons)
    assert parts.meter.total("MessageFailed") == 0


@settings(ANYTHING, max_examples=300)
@given(st.binary(max_size=200) | scratched("meta") | scratched("standard"))
def test_the_reader_of_json_returns_or_refuses(raw):
    try:
        value = bounded(SECONDS, read, raw)
    except PayloadError as refused:
        value, reason = None, refused.reason
    else:
        reason = ""
    assert reason.isascii()
    assert reason or value == json.loads(raw)


@settings(ANYTHING, max_examples=300)
@given(st.binary(max_size=100) | scratched("standard") | st.just(b'{"pointer":"x"}'))
def test_a_letter_that_is_none_is_an_error_that_the_queue_counts(house, raw):
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError, KeyError)):
        bounded(SECONDS, read_event, house.parts, raw)


@settings(ANYTHING, max_examples=300)
@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_a_cursor_is_ours_or_refused(word):
    try:
        assert cursors.write(cursors.read(word, "a", "b"), "a", "b") == word
    except CursorError:
        assert word


@settings(ANYTHING, max_examples=300)
@given(
    st.text(max_size=40)
    | st.integers()
    | st.floats()
    | st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,12}([+-][0-9]{2}:?[0-9]{2}|Z)?\Z")
)
def test_a_time_is_a_time_or_none(value):
    found = bounded(SECONDS, instant, value)
    assert found is None or (found.utcoffset() is not None and found.microsecond % 1000 == 0)


ODD = VALUES | st.sampled_from(
    ["\0", "\u202e", "ann\n", "9" * 5_000, 10**400, 2**53 + 1, -1, 1e308]
)


@settings(ANYTHING, max_examples=300)
@given(data=st.data())
def test_a_body_of_the_api_is_taken_or_refused_and_never_a_fault(data):
    """A right body with one or two fields replaced, doubled or taken away, for every change."""
    route = data.draw(st.sampled_from(CHANGES))
    names = st.sampled_from([*route.body.__struct_fields__, "x"])
    odd = data.draw(st.dictionaries(names, ODD, min_size=1, max_size=2))
    person = data.draw(st.sampled_from([AGENT, ADMIN]))
    answer = bounded(SECONDS, asked, route, odd, person)
    assert answer.status in (200, 202, 400, 403, 404, 409, 413, 422), answer.body
    assert answer.status in (200, 202) or answer.code
