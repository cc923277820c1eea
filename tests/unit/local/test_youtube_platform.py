"""The simulated YouTube by itself: who may call, what a call costs, what it refuses."""

import json
from datetime import UTC, datetime

import pytest

from infra.local.simulator.faults import Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Asked
from infra.local.simulator.youtube import YoutubeKeys, YoutubePlatform

NOW = datetime(2026, 3, 6, 10, tzinfo=UTC)
KEYS = YoutubeKeys("UC1", "key", "client", "secret", "refresh")
V3 = "/youtube/v3"
OWN = {"authorization": f"Bearer {KEYS.access_token}"}


def made(**how):
    ledger = Ledger()
    platform = YoutubePlatform(KEYS, ledger, Faults({}), lambda _: None, lambda: NOW, **how)
    platform.write(Happening("UC1", "UCana", NOW, id="Ugx1", name="@ana", text="Hi", post="v1"))
    return platform, ledger


def get(platform, path, headers=None, **query):
    told = platform.take(Asked("GET", path, query, {"x-goog-api-key": "key"} | (headers or {})))
    return told.status, json.loads(told.body)


def post(platform, path, content=None, headers=OWN, **query):
    body = json.dumps(content).encode() if content is not None else b""
    told = platform.take(Asked("POST", path, query, headers, body))
    return told.status, json.loads(told.body or b"{}")


def reply(platform, parent="Ugx1", **more):
    snippet = {"snippet": {"parentId": parent, "textOriginal": "Hello"}}
    return post(platform, f"{V3}/comments", snippet, **more)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("client_id=client&client_secret=secret&refresh_token=refresh", 200),
        ("client_id=client&client_secret=secret&refresh_token=old", 400),
        ("", 400),
    ],
)
def test_a_refresh_token_gets_an_access_token(form, status):
    told = made()[0].take(Asked("POST", "/token", body=form.encode()))
    assert told.status == status
    assert ("access_token" in json.loads(told.body)) is (status == 200)


def test_a_key_reads_and_does_not_write():
    platform, ledger = made()
    threads = f"{V3}/commentThreads"
    assert get(platform, threads, allThreadsRelatedToChannelId="UC1")[0] == 200
    assert get(platform, threads, allThreadsRelatedToChannelId="UC2")[0] == 404
    wrong = {"x-goog-api-key": "other"}
    assert get(platform, threads, wrong, allThreadsRelatedToChannelId="UC1")[0] == 400
    assert reply(platform, headers={"x-goog-api-key": "key"})[0] == 401
    assert get(platform, f"{V3}/channels")[0] == 401
    assert get(platform, f"{V3}/channels", OWN)[1]["items"][0]["id"] == "UC1"
    assert len(ledger.refused()) == 4
    assert ledger.received() == ()


def test_writing_costs_fifty_units_and_reading_one():
    platform, _ = made(quota=51)
    assert reply(platform)[0] == 200
    assert get(platform, f"{V3}/comments", parentId="Ugx1")[0] == 200
    status, body = get(platform, f"{V3}/comments", parentId="Ugx1")
    assert (status, body["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")


def test_replies_have_one_level_and_an_existing_thread():
    platform, _ = made()
    status, body = reply(platform)
    assert (status, body["snippet"]["parentId"]) == (200, "Ugx1")
    assert reply(platform, body["id"])[0] == 404
    assert reply(platform, "Ugx9")[0] == 404
    assert get(platform, f"{V3}/comments", parentId="Ugx9")[0] == 404


def test_a_comment_that_is_held_is_not_shown():
    platform, _ = made()
    path = f"{V3}/comments/setModerationStatus"
    assert post(platform, path, id="Ugx1", moderationStatus="heldForReview")[0] == 204
    shown = get(platform, f"{V3}/commentThreads", allThreadsRelatedToChannelId="UC1")[1]
    assert shown["items"] == []
    assert post(platform, path, id="Ugx9", moderationStatus="published")[0] == 404
    assert post(platform, path, id="Ugx1", moderationStatus="odd")[0] == 400
    assert get(platform, f"{V3}/videos", OWN)[0] == 404
