"""Keys are unique, sortable, and fit into DynamoDB whatever they are made of."""

import hashlib
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.channel import Channel
from chalicelib.store import keys

ANYTHING = st.text(st.characters(), max_size=400)
EARLIEST, LATEST = datetime(1970, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 - Hypothesis adds the zone
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))


@given(ANYTHING, ANYTHING)
@example("a#b", "a%23b")
@example("%%", "")
@example("x" * 241, hashlib.sha256(b"x" * 241).hexdigest())
@example("\ud800", "\\ud800")
def test_different_parts_never_give_one_key(one, other):
    assert (keys.escape(one) == keys.escape(other)) == (one == other)


@given(ANYTHING)
def test_a_part_is_short_printable_and_has_no_separator(part):
    escaped = keys.escape(part)
    assert len(escaped) <= keys.LONGEST_PART
    assert escaped.isascii()
    assert escaped == "" or escaped.isprintable()
    assert "#" not in escaped


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
@example("a#b", "c", "a", "b#c")
@example("", "a", "a", "")
def test_parts_keep_their_places(account, platform, other_account, other_platform):
    one = keys.reference(Channel.X, account, platform)
    other = keys.reference(Channel.X, other_account, other_platform)
    assert (one == other) == ((account, platform) == (other_account, other_platform))


def test_keys_fit_into_dynamodb():
    longest = "\ud800" * 5000
    assert len(keys.identity_of_contact(Channel.FACEBOOK_PAGE, longest, longest)) < 1024
    assert len(keys.reference(Channel.FACEBOOK_PAGE, longest, longest)) < 2048


@given(MOMENTS, MOMENTS)
def test_moments_sort_by_time(one, other):
    one, other = (at.replace(microsecond=at.microsecond // 1000 * 1000) for at in (one, other))
    assert (keys.moment(one) < keys.moment(other)) == (one < other)
    assert len(keys.moment(one)) == 15


def test_a_moment_before_counting_began_sorts_first():
    began = datetime(1970, 1, 1, tzinfo=UTC)
    assert keys.moment(began - timedelta(days=1)) == keys.moment(began) == "0" * 15


@given(st.lists(ANYTHING, min_size=1))
def test_a_shard_is_one_of_the_shards(ids):
    assert {keys.shard(each) for each in ids} <= set(range(keys.SHARDS))


def test_conversations_are_spread_over_all_shards():
    assert {keys.shard(f"c{number}") for number in range(100)} == set(range(keys.SHARDS))
