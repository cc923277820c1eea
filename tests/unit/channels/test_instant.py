"""Seconds, milliseconds, text: one instant."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.instant import instant

AT = datetime(2025, 11, 24, 16, 0, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        1764000009,
        "1764000009",
        1764000009000,
        "1764000009000",
        1764000009.0,
        "2025-11-24T16:00:09+0000",
        "2025-11-24T16:00:09Z",
        "2025-11-24T17:00:09+01:00",
        "2025-11-24T16:00:09",
    ],
)
def test_every_way_to_write_one_instant(value):
    assert instant(value) == AT


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        0,
        "0",
        -5,
        True,
        False,
        "soon",
        [],
        {},
        10**15,
        10**40,
        float("inf"),
        float("nan"),
        "9" * 19,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٣٤",
    ],
)
def test_what_is_no_time_of_a_message_is_none(value):
    assert instant(value) is None


@given(st.integers(1_000_000_000_000, 4_000_000_000_000))
def test_milliseconds_are_kept(milliseconds):
    found = instant(milliseconds)
    assert round(found.timestamp() * 1000) == milliseconds
    assert instant(str(milliseconds)) == found
    assert found.microsecond % 1000 == 0
