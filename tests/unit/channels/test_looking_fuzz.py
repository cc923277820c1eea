"""Whatever a platform answers when it is looked at, looking ends in events or in PollError."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels import transport
from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.places import Places
from chalicelib.channels.youtube.room import YoutubeRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, Missed, PollError, Wanted

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PLACES = Places(now=lambda: NOW)
NAMES = (
    "data id from to message messages created_time updated_time username attachments image_data "
    "url participants comments_count replies text timestamp parent paging cursors after next error "
    "code items kind snippet comments topLevelComment videoId authorChannelId value publishedAt "
    "updatedAt totalReplyCount nextPageToken subscribed_fields whatsapp_business_api_data success"
).split()
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.sampled_from(["", "PAGE", "x", "2026-11-21T09:00:00+0000", "youtube#commentThread", "é"])
)
ANYTHING = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=20,
)
LISTED = st.fixed_dictionaries({"data": ANYTHING, "items": ANYTHING}) | ANYTHING
TOKENS = {"tokens": {"PAGE": "t", "IG": "t", "PN1": "t"}, "app_secrets": ["s"], "app_id": "7"}


@contextlib.contextmanager
def answered(*answers):
    """Let every call of the platform be answered with these, one after the other, for ever."""
    left = iter([json.dumps(answer).encode() for answer in answers] * 60)

    def exchange(request):
        return transport.Answer(200, next(left, b"{}"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "exchange", exchange)
        yield


HANDLES = st.sampled_from(
    [
        Handle("page", Channel.FACEBOOK_PAGE, "PAGE", "Acme", "care"),
        Handle("messenger", Channel.MESSENGER, "PAGE", "Acme", "care"),
        Handle("instagram", Channel.INSTAGRAM, "IG", "@acme", "care"),
        Handle("phone", Channel.WHATSAPP, "PN1", "A", "care", settings={"waba_id": "W"}),
    ]
)


@given(HANDLES, LISTED, LISTED)
def test_metas_past_is_events_or_an_error(handle, first, second):
    missed = Missed(handle, NOW - timedelta(days=1), NOW)
    with answered(first, second), contextlib.suppress(PollError):
        for page in MetaRoom().fetch_back(missed, TOKENS, PLACES):
            assert all(event.account_id == handle.account_id for event in page)


@given(HANDLES, ANYTHING, ANYTHING)
def test_a_probe_of_meta_ends_in_a_health(handle, first, second):
    with answered(first, second):
        assert isinstance(MetaRoom().probe(handle, "", TOKENS, PLACES), Health)


@given(LISTED, LISTED, st.text(max_size=30))
def test_a_look_at_youtube_is_events_or_an_error(first, second, cursor):
    handle = Handle("tube", Channel.YOUTUBE, "UC1", "Acme", "care")
    with answered(first, second), contextlib.suppress(PollError):
        found = YoutubeRoom().poll(Wanted(handle, cursor=cursor), {"api_key": "k"}, PLACES)
        for odd in found.odd:
            assert YoutubeRoom().parse(odd, NOW, account_id="UC1").unreadable
