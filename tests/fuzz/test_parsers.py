"""No bytes make a parser or a proof end otherwise than it may: a short run of make fuzz."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import targets
from tests.unit.channels.test_fuzz import mutate

ANYTHING = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = st.sampled_from(
    [
        *(b"", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"&", b"=", b"%", b"+", b"\r\n"),
        *(b"null", b"-", b"1e9", b"\x00", b"\xff", b"\\ud800", b"%ff", b"%00", b"9" * 40),
        *(b"\r\n\r\n", b"--", b"=?utf-8?q?=ff?=", b"Content-Type: x/y; charset=nothing\r\n"),
    ]
)


@st.composite
def bodies(draw, seeds):
    """Return a seed with a few places overwritten, cut out or blown up, or changed as JSON."""
    seed = draw(st.sampled_from(seeds))
    try:
        value = json.loads(seed)
    except ValueError:
        value = None
    if isinstance(value, dict | list) and draw(st.booleans()):
        value = copy.deepcopy(value)
        for _ in range(draw(st.integers(1, 4))):
            value = mutate(draw, value) if isinstance(value, dict | list) else value
        return json.dumps(value).encode()
    raw = bytearray(seed)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 12))] = draw(PIECES | st.binary(max_size=4))
    return bytes(raw)


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
@ANYTHING
@given(data=st.data())
def test_changed_bodies_end_as_they_may(target, data):
    target.check(data.draw(bodies(target.seeds)))


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
@ANYTHING
@given(body=st.binary(max_size=300))
def test_any_bytes_end_as_they_may(target, body):
    target.check(body)


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_what_a_platform_really_sends_ends_well(target):
    for seed in target.seeds:
        target.check(seed)
