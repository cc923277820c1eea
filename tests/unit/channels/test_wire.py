"""Strict JSON and typed access."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{} {}", "not_json"),
        (b"\xff\xfe", "not_utf8"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'{"x":{"a":1,"a":1}}', "duplicate_key"),
        (b'{"a":NaN}', "not_json_nan"),
        (b'{"a":-Infinity}', "not_json_infinity"),
        (b'{"a":1e999}', "number_too_long"),
        (b'{"a":' + b"9" * 5_000 + b"}", "number_too_long"),
        (b'{"a":0.' + b"9" * 5_000 + b"}", "number_too_long"),
        (b"[" * 100_000, "too_deep"),
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "too_deep"),
        (b" " * (wire.MAX_BYTES + 1), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_plain_json_within_bounds_is_refused(body, reason):
    with pytest.raises(PayloadError) as refused:
        wire.read(body)
    assert refused.value.reason == reason


def test_json_at_the_bounds_is_read():
    assert wire.read(b"[" * 64 + b"]" * 64)
    assert wire.read(b'{"a":123456789012345678901234567890}') == {
        "a": 123456789012345678901234567890
    }
    assert wire.read(b" [1.5, null, true] ") == [1.5, None, True]
    assert len(wire.read(b"[" + b"{}," * 200 + b"{}]")) == 201


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_what_json_writes_is_read_back(value):
    assert wire.read(json.dumps(value).encode()) == value


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_the_canonical_form_does_not_depend_on_the_order_of_keys(value):
    assert wire.canonical(dict(reversed(value.items()))) == wire.canonical(value)


def test_half_an_emoji_is_replaced_because_utf8_cannot_carry_it():
    assert wire.text(wire.as_object(wire.read(rb'{"t":"cut \ud83d"}'), "x"), "t") == "cut \ufffd"
    assert wire.text(wire.as_object(wire.read(rb'{"t":"\ud83d\ude2e"}'), "x"), "t") == "😮"


def test_ids_are_text_and_a_float_has_lost_digits():
    assert wire.ident({"id": 104500000000001}, "id") == "104500000000001"
    assert wire.ident({"id": None}, "id") == ""
    for odd in (1.5, 1e21, True, [], {}):
        with pytest.raises(PayloadError):
            wire.ident({"id": odd}, "id")
    with pytest.raises(PayloadError):
        wire.ident({"id": "x" * 513}, "id")


def test_a_missing_field_is_empty_and_one_of_the_wrong_kind_is_an_error():
    assert (wire.text({}, "a"), wire.rows({}, "a"), wire.table({}, "a")) == ("", (), {})
    for read, odd in ((wire.text, {}), (wire.text, True), (wire.rows, {}), (wire.table, [])):
        with pytest.raises(PayloadError):
            read({"a": odd}, "a")


@pytest.mark.parametrize(
    ("value", "expected"), [(3, 3), ("3", 3), ("x", 0), (None, 0), ("٣", 0), (1.5, 0)]
)
def test_numbers_come_as_numbers_or_text(value, expected):
    assert wire.number({"n": value}, "n") == expected


@given(st.text())
def test_a_word_to_count_by_is_short_and_plain(value):
    word = wire.word(value)
    assert 0 < len(word) <= 40
    assert set(word) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
