"""The clock of the wall: looks are made, what they bring is queued, a failure stops no other."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle, Search
from chalicelib.entrypoints import schedules
from chalicelib.entrypoints.receiving import read_event
from chalicelib.workflows.networks import Health, HealthState, Missed, Polled, PollError

SOCIAL = Handle("acme-social", Channel.MASTODON, "77", "@acme", "care")
TUBE = Handle("acme-tube", Channel.YOUTUBE, "UC1", "Acme", "care")
EVENT = {
    "version": "0",
    "id": "1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "1",
    "time": "2026-11-22T10:00:00Z",
    "region": "eu-central-1",
    "resources": [],
    "detail": {},
}


class Context:
    """What Lambda gives a handler."""

    function_name = "poll"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:1:function:poll"
    aws_request_id = "request-1"


@pytest.fixture
def watched(house):
    """A house that polls two networks."""
    policy = replace(house.parts.policies.current(), version="v2", handles=(SOCIAL, TUBE))
    house.parts.policies.publish(policy)
    house.parts.policies.make_current("v2")
    house.parts.network.every = {"acme-social": 60, "acme-tube": 60}
    return house


def said(parts, number: int, channel: Channel = Channel.MASTODON) -> ChannelEvent:
    account = {"mastodon": "77", "youtube": "UC1"}[channel.value]
    key, at = f"k{number}", parts.now()
    return ChannelEvent(
        key, EventKind.MESSAGE, channel, account, public=True, received_at=at, message_id=key
    )


def queued(parts) -> list[str]:
    return [read_event(parts, sent.body).key for sent in parts.inbox.take()]


def cursor(parts, name: str) -> str:
    return json.loads(parts.marks.kept[f"poll#{name}"].value)["cursor"]


def test_what_a_look_brings_is_queued_and_then_its_cursor_is_kept(watched):
    parts = watched.parts
    parts.network.looks = [Polled(events=(said(parts, 1), said(parts, 2)), cursor="c1")]
    schedules.poll(EVENT, Context())
    assert queued(parts) == ["k1", "k2"]
    assert cursor(parts, "acme-social") == "c1"


def test_more_at_once_is_fetched_in_the_same_run(watched):
    parts = watched.parts
    looks = [Polled((said(parts, 1),), cursor="c1", again_seconds=1), Polled(cursor="t1")]
    parts.network.looks = [*looks, Polled((said(parts, 2),), cursor="c2")]
    schedules.poll(EVENT, Context())
    assert queued(parts) == ["k1", "k2"]
    assert cursor(parts, "acme-social") == "c2"


def test_a_queue_that_is_down_keeps_the_cursor_where_it_was(watched):
    parts = watched.parts
    parts.network.looks = [Polled((said(parts, 1),), cursor="c1"), Polled(cursor="t1")]
    parts.inbox.failures = 1
    schedules.poll(EVENT, Context())
    assert cursor(parts, "acme-social") == ""
    assert cursor(parts, "acme-tube") == "t1"  # the other look was made all the same
    assert parts.meter.total("PollFailed", handle="acme-social", reason="failed") == 1


def test_a_network_that_cannot_be_read_stops_no_other(watched):
    parts = watched.parts
    parts.network.looks = [PollError("unavailable"), Polled((said(parts, 3, Channel.YOUTUBE),))]
    schedules.poll(EVENT, Context())
    assert queued(parts) == ["k3"]


def test_what_a_look_cannot_read_is_kept_whole(watched):
    parts = watched.parts
    parts.network.looks = [Polled(odd=(b'{"odd": 1}',), cursor="c1")]
    schedules.poll(EVENT, Context())
    ((body, facts),) = parts.blobs.kept.values()
    assert body == b'{"odd": 1}'
    assert (facts["room"], facts["account"]) == ("mastodon", "77")


def test_a_search_is_looked_at_like_a_handle(watched):
    parts = watched.parts
    search = Search("brand", "acme-social", "acme", enabled=True)
    policy = replace(parts.policies.current(), version="v3", searches=(search,))
    parts.policies.publish(policy)
    parts.policies.make_current("v3")
    schedules.poll(EVENT, Context())
    assert [wanted.words for wanted in parts.network.wanted] == ["", "", "acme"]


def test_what_was_missed_is_fetched_back_after_a_repair(watched):
    parts = watched.parts
    parts.network.health = {"acme-social": Health(HealthState.WELL)}
    schedules.watch(EVENT, Context())
    parts.network.health = {"acme-social": Health(HealthState.REPAIRED, "it was gone")}
    parts.network.back = {"acme-social": [(said(parts, 1),), (said(parts, 2),)]}
    parts.now.advance(days=1)
    schedules.watch(EVENT, Context())
    assert queued(parts) == ["k1", "k2"]
    assert parts.meter.total("FetchedBack", handle="acme-social") == 2


def test_a_platform_that_gives_nothing_back_is_counted(watched):
    parts = watched.parts
    missed = Missed(SOCIAL, parts.now() - timedelta(hours=1), parts.now())

    def refuses(_):
        raise PollError("forbidden")

    parts.network.fetch_back = refuses
    assert schedules.fetch_back(parts, missed) == 0
    assert parts.meter.total("FetchBackFailed", reason="forbidden") == 1
