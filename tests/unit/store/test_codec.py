"""What is stored is read back the same, also by a version that knows less."""

import json
from dataclasses import is_dataclass
from datetime import UTC, date, datetime, time
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.agent import Agent
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.contact import Contact
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Message
from chalicelib.domain.policy import Policy, Survey
from chalicelib.store import codec
from tests.contract.store_engines import NOON, conversation, message

TEXT = st.text(st.characters(), max_size=20)
EARLIEST, LATEST = datetime(1970, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - Hypothesis adds the zone
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)

PLAIN = {
    str: TEXT,
    datetime: MOMENTS,
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    type(None): st.none(),
}


def of(shape):
    """Return anything of that shape, with any text (lone surrogates too) and aware times."""
    if shape in PLAIN:
        return PLAIN[shape]
    if is_dataclass(shape):
        return st.builds(shape, **{name: of(hint) for name, hint in get_type_hints(shape).items()})
    if get_origin(shape) is tuple:
        return st.lists(of(get_args(shape)[0]), max_size=2).map(tuple)
    if get_origin(shape) is dict:
        return st.dictionaries(*map(of, get_args(shape)), max_size=2)
    if get_args(shape):
        return st.one_of(*map(of, get_args(shape)))
    return st.sampled_from(shape)


@pytest.mark.parametrize("shape", [Conversation, Message, Entry, Agent, Contact])
def test_every_noun_comes_back_the_same(shape):
    @given(of(shape))
    def check(noun):
        assert codec.decode(codec.encode(noun), shape) == noun

    check()


def test_calendars_of_a_policy_come_back_the_same():
    hours = Calendar(
        "Europe/Paris",
        {0: (Frame(time(9), time(0)),)},
        frozenset({date(2026, 1, 1)}),
        {date(2026, 5, 1): ()},
    )
    policy = Policy("1", calendars={"office": hours}, survey=Survey(enabled=False))
    assert codec.decode(codec.encode(policy), Policy) == policy


def test_what_is_empty_by_default_is_left_out_and_what_is_not_is_kept():
    body = json.loads(codec.encode(Survey(enabled=False, text="", reopen_at_most=0)))
    assert body == {"enabled": False, "text": "", "reopen_at_most": 0}
    assert set(json.loads(codec.encode(Contact("c", "", NOON)))) == {"id", "name", "created_at"}
    assert "case" not in json.loads(codec.encode(conversation()))


def test_fields_of_a_newer_version_are_ignored():
    body = json.loads(codec.encode(Contact("c", "Ann", NOON))) | {"shoe_size": 43}
    assert codec.decode(json.dumps(body), Contact) == Contact("c", "Ann", NOON)


def test_a_body_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="Object missing required field"):
        codec.decode('{"id": "c"}', Contact)
    with pytest.raises(ValueError, match="Expecting property name"):
        codec.decode("{]", Contact)


def test_a_row_that_would_not_fit_is_refused_with_its_size():
    with pytest.raises(codec.TooLargeError, match="Message of 35"):
        codec.encode(message(conversation(), text="x" * codec.LARGEST))


def test_the_longest_text_of_any_channel_fits():
    told = message(conversation(), text="\U0001f642" * 16_384)
    assert codec.decode(codec.encode(told), Message) == told
