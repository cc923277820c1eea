"""YouTube's comments as the API lists them, and whatever else it may answer."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.contract import PayloadError
from chalicelib.channels.youtube import cursor, failures
from chalicelib.channels.youtube.room import YoutubeRoom
from chalicelib.domain.event import EventKind

UC = "UCacme0000000000000000aa"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
THREADS = (Path(__file__).parents[2] / "events" / "youtube" / "threads.json").read_bytes()


def parse(body):
    return YoutubeRoom().parse(body, NOW, account_id=UC)


def test_a_list_of_threads_holds_comments_edits_replies_and_other_things():
    found = parse(THREADS)
    assert [(e.kind, e.message_id[-8:], e.contact and e.contact.id) for e in found.events] == [
        (EventKind.MESSAGE, "00000001", "UCana00000000000000000aa"),
        (EventKind.EDIT, "00000001", "UCana00000000000000000aa"),
        (EventKind.ECHO, ".9abcDEF", None),
        (EventKind.MESSAGE, "00000002", None),
    ]
    first, edit, own, about_us = found.events
    assert (first.text, first.contact.name) == ("Does it come in blue? 💙", "@ana.r")
    assert edit.occurred_at == datetime(2026, 11, 21, 9, 44, 30, tzinfo=UTC)
    assert own.parent_id == first.message_id
    assert about_us.post_id == UC
    assert found.ignored == ("youtube.playlistitem",)
    assert found.unreadable == ()


def test_the_same_list_tells_the_same_events():
    assert [event.key for event in parse(THREADS).events] == [
        event.key for event in parse(THREADS).events
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "kind id snippet replies comments topLevelComment videoId authorChannelId value "
                "publishedAt updatedAt textDisplay parentId totalReplyCount".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(["youtube#commentThread", "youtube#comment", "youtube#x"])


@given(st.lists(st.tuples(KINDS, anything), max_size=4))
def test_whatever_is_listed_is_read_kept_or_counted(items):
    rows = [{**row, "kind": kind} if isinstance(row, dict) else row for kind, row in items]
    found = parse(json.dumps({"items": rows}).encode())
    for odd in found.unreadable:
        assert parse(odd.raw).unreadable


@given(st.binary(max_size=60))
def test_any_bytes_are_a_body_or_a_payload_error(body):
    with contextlib.suppress(PayloadError):
        parse(body)


def test_too_many_elements_are_refused():
    with pytest.raises(PayloadError, match="too_many"):
        parse(json.dumps({"items": [0] * 10_001}).encode())


def test_a_cursor_stays_small_however_much_was_seen():
    kept = cursor.read("", NOW)
    for number in range(5_000):
        kept.fresh(f"mark{number:06d}", NOW - timedelta(seconds=number % 600))
        kept.replies[f"UgxThread{number:015d}"] = 7
    kept.ended()
    text = kept.text()
    assert len(text) < 30_000
    again = cursor.read(text, NOW)
    assert (again.at, len(again.seen), len(again.replies)) == (int(NOW.timestamp()), 500, 300)
    assert "mark000000" in again.seen  # the newest are kept


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 7, 1, 10, 0, tzinfo=UTC), 21),  # summer: seven hours behind
        (datetime(2026, 11, 21, 10, 0, tzinfo=UTC), 22),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),  # the day that the clocks go back
    ],
)
def test_a_quota_is_there_again_at_midnight_in_california(now, hours):
    assert failures.until_midnight(now) == hours * 3_600
