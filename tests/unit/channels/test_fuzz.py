"""Whatever a signed body holds, parsing it ends in events or in PayloadError, nothing else."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.contract import Parsed, PayloadError
from chalicelib.channels.registry import room

EVENTS = Path(__file__).parents[2] / "events"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
BODIES = {
    name: [json.loads(path.read_text()) for path in sorted((EVENTS / name).glob("*.json"))]
    for name in ("meta", "standard")
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**31), 10**31),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["0", "random_mid", "\ud83d", "104500000000001", "US.1", "x" * 600, "9" * 40]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "text", "mid", "url"]), st.integers(), max_size=2),
)


def paths(value, here=()):
    yield here
    if isinstance(value, dict):
        for key, child in value.items():
            yield from paths(child, (*here, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from paths(child, (*here, index))


def mutate(draw, value):
    """Change one place of the body: replace, remove, double, or take a piece from elsewhere."""
    everywhere = list(paths(value))
    path = draw(st.sampled_from(everywhere))
    if not path:
        return draw(ODD)
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    last = path[-1]
    how = draw(st.sampled_from(["replace", "remove", "graft", "rename"]))
    if how == "replace":
        parent[last] = draw(ODD)
    elif how == "remove":
        del parent[last]
    elif how == "graft":
        piece = value
        for step in draw(st.sampled_from(everywhere)):
            piece = piece[step]
        parent[last] = copy.deepcopy(piece)
    elif isinstance(parent, dict):
        parent[draw(st.sampled_from(["field", "value", "standby", "message", "item"]))] = parent[
            last
        ]
    return value


@st.composite
def bodies(draw, name):
    value = copy.deepcopy(draw(st.sampled_from(BODIES[name])))
    for _ in range(draw(st.integers(1, 4))):
        value = mutate(draw, value) if isinstance(value, dict | list) else value
    return json.dumps(value).encode()


def check(name, body):
    try:
        parsed = room(name).parse(body, NOW, account_id="forum", event_id="msg_1")
    except PayloadError:
        return
    assert isinstance(parsed, Parsed)
    for event in parsed.events:
        again = msgspec.json.decode(msgspec.json.encode(event), type=type(event))
        assert again == event  # it survives the queue
    for odd in parsed.unreadable:
        assert room(name).parse(odd.raw, NOW).unreadable == (odd,)
    for word in parsed.ignored:
        assert word.isascii()
        assert len(word) <= 140


@given(bodies("meta"))
def test_mutated_bodies_of_meta(body):
    check("meta", body)


@given(bodies("standard"))
def test_mutated_generic_bodies(body):
    check("standard", body)


@pytest.mark.parametrize("name", ["meta", "standard"])
@given(body=st.binary(max_size=200))
def test_arbitrary_bytes(name, body):
    check(name, body)


@pytest.mark.parametrize("name", ["meta", "standard"])
def test_a_bomb_ends_quickly_in_a_refusal(name):
    for bomb in (
        b"[" * 2_000_000,
        b'{"a":' * 500_000,
        b"9" * 3_000_000,
        b'{"a":' + b"9" * 1_000_000 + b"}",
    ):
        with pytest.raises(PayloadError):
            room(name).parse(bomb, NOW)
