"""X: searches, files, and whether it still delivers."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.channels.places import Places
from chalicelib.channels.x import fetching, probing, replaying
from chalicelib.channels.x.room import XRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, EventKind, Person
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    FetchError,
    FetchLaterError,
    Health,
    HealthState,
    Missed,
    PollError,
    Wanted,
)
from infra.local.simulator.taker import Told
from tests.fakes.listening import listening
from tests.fakes.scripted import Scripted, told

NOW = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
US, ANA = "1111111111111111111", "2222222222222222222"
HANDLE = Handle("acme-x", Channel.X, US, "Acme", "care")
SECRET = {"consumer_secrets": ["c"], "access_token": "access-token", "bearer": "app-bearer"}
URL = "https://care.example/webhooks/x/acme-x"
ROOM = XRoom()


@contextmanager
def network(script):
    scripted = Scripted("x", script)
    with listening(scripted) as url:
        scripted.places = Places(urls={"x": url}, private_urls=True, now=lambda: NOW)
        yield scripted


# -- searches ------------------------------------------------------------------------------------

SEARCH = "GET /2/tweets/search/recent"


def found(*ids, **more):
    posts = [{"id": i, "author_id": ANA, "text": f"acme {i}", "conversation_id": i} for i in ids]
    users = [{"id": ANA, "username": "ana_r", "name": "Ana"}]
    meta = {"newest_id": ids[0], "result_count": len(ids)} if ids else {"result_count": 0}
    return {"data": posts, "includes": {"users": users}, "meta": meta, **more}


def poll(answer, words="acme OR akme", secret=SECRET, **wanted):
    with network({SEARCH: answer}) as x:
        return ROOM.poll(Wanted(HANDLE, words, **wanted), secret, x.places), x


def test_a_search_finds_posts_oldest_first_and_says_where_to_go_on():
    polled, x = poll(told(found("900", "850")), most=20)
    assert [event.message_id for event in polled.events] == ["850", "900"]
    first = polled.events[0]
    assert (first.kind, first.public, first.text) == (EventKind.MESSAGE, True, "acme 850")
    assert (first.contact, first.account_id) == (Person(ANA, "Ana", "ana_r"), US)
    assert (first.flags, first.cost_micros) == ((), 0)
    assert polled.cursor == "900"
    query = x.asked[0].query
    assert query["query"] == f"(acme OR akme) -is:retweet -from:{US}"
    assert (query["max_results"], "since_id" in query) == ("20", False)
    assert x.asked[0].headers["authorization"] == "Bearer app-bearer"


def test_the_next_search_begins_after_the_last():
    polled, x = poll(told(found()), cursor="900")
    assert x.asked[0].query["since_id"] == "900"
    assert (polled.events, polled.cursor, polled.cost_micros) == ((), "900", 10_000)


@pytest.mark.parametrize("cursor", ["", "odd", "٣"])
def test_a_cursor_that_is_none_is_left_out(cursor):
    _, x = poll(told(found("5")), cursor=cursor)
    assert "since_id" not in x.asked[0].query


@pytest.mark.parametrize(("most", "asked"), [(1, "10"), (50, "50"), (500, "100")])
def test_a_search_asks_for_as_many_as_x_allows(most, asked):
    _, x = poll(told(found()), most=most)
    assert x.asked[0].query["max_results"] == asked


def test_each_post_and_writer_is_paid_for_and_never_more_than_was_said():
    polled, _ = poll(told(found("9", "8", "7")))
    assert polled.cost_micros == 3 * 5_000 + 10_000
    assert ROOM.search_cost(3) == 10 * 15_000
    assert ROOM.search_cost(20) == 20 * 15_000
    assert ROOM.search_cost(999) == 100 * 15_000


def test_the_webhook_and_the_search_tell_of_one_event():
    polled, _ = poll(told(found("5")))
    post = {"id": "5", "author_id": ANA, "text": "acme 5"}
    body = b'{"data":{"event_uuid":"5","event_type":"post.mention.create","payload":%s}}'
    raw = body % json.dumps(post).encode()
    (event,) = ROOM.parse(raw, NOW, account_id=US).events
    assert event.key == polled.events[0].key


def test_odd_posts_and_reposts_do_not_stop_a_search():
    answer = found("9")
    answer["data"] += [
        {"id": "8", "text": "whose?"},
        {"id": "7", "author_id": ANA, "referenced_tweets": [{"type": "retweeted", "id": "1"}]},
        "odd",
    ]
    polled, _ = poll(told(answer))
    assert ([event.message_id for event in polled.events], polled.ignored) == (["9"], ("x.repost",))
    (odd,) = polled.odd
    assert ROOM.parse(odd, NOW).unreadable[0].reason == "author_id_missing"
    mended = odd.replace(b'"id":"8"', b'"id":"8","author_id":"%s"' % ANA.encode())
    (event,) = ROOM.parse(mended, NOW).events
    assert (event.message_id, event.account_id, event.contact.name) == ("8", US, "Ana")


def test_a_cursor_that_lies_too_far_back_is_dropped():
    too_old = told({"detail": "'since_id' must be a tweet id created after"}, 400)
    polled, x = poll([too_old, told(found("9"))], cursor="5")
    assert [event.message_id for event in polled.events] == ["9"]
    assert ["since_id" in asked.query for asked in x.asked] == [True, False]


@pytest.mark.parametrize(
    ("answer", "reason", "lasting", "wait"),
    [
        (told({}, 401), "http_401", True, 0),
        (told({}, 400), "http_400", True, 0),
        (told({}, 402), "no_credits", True, 0),
        (told({}, 429, retry_after="33"), "http_429", False, 33),
        (told({}, 503), "http_503", False, 60),
        (told({}, 500), "http_500", False, 0),
        (told(b"<html>"), "not_json", False, 0),
        (Told(silent=True), "no_answer", False, 0),
    ],
)
def test_a_search_that_failed_says_whether_it_will_pass(answer, reason, lasting, wait):
    with pytest.raises(PollError) as failed:
        poll(answer)
    error = failed.value
    assert (error.reason, error.lasting, error.wait_seconds) == (reason, lasting, wait)


def test_nothing_is_looked_for_without_words_or_a_token():
    for words, secret in ((" ", SECRET), ("acme", {})):
        with pytest.raises(PollError) as failed:
            poll({}, words, secret)
        assert failed.value.lasting
    assert ROOM.polls(HANDLE) == 0


# -- files ---------------------------------------------------------------------------------------

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)
DM_URL = "https://ton.twitter.com/1.1/ton/data/dm/11/22/oP5p.jpg"
DM_PATH = "GET /2/dm_conversations/media/11/22/oP5p.jpg"


def fetch(script, attachment, most=1_000):
    with network(script) as x:
        if attachment.url.startswith("/"):
            attachment = Attachment("image", url=x.places.urls["x"] + attachment.url)
        return ROOM.fetch(HANDLE, attachment, most, secret=SECRET, places=x.places), x


@pytest.mark.parametrize("url", [DM_URL, DM_URL.replace("twitter", "x") + ":large"])
def test_a_picture_of_a_direct_message_needs_the_accounts_key(url):
    fetched, x = fetch({DM_PATH: told(PICTURE)}, Attachment("image", url=url))
    assert fetched.body == PICTURE
    assert x.asked[0].headers["authorization"] == "Bearer access-token"


def test_a_public_picture_is_fetched_without_a_key():
    fetched, x = fetch({"GET /a.png": told(PICTURE)}, Attachment("image", url="/a.png"))
    assert fetched.body == PICTURE
    assert "authorization" not in x.asked[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/1.1/ton/data/dm/11/22/oP5p.jpg",
        "https://ton.twitter.com.example.org/1.1/ton/data/dm/11/22/a.jpg",
        DM_URL.replace("oP5p.jpg", "../../../users/me"),
    ],
)
def test_no_key_goes_anywhere_but_to_x(url, monkeypatch):
    asked = []
    monkeypatch.setattr(fetching.download, "fetch", lambda *call: asked.append(call))
    ROOM.fetch(HANDLE, Attachment("image", url=url), 10, secret=SECRET, places=Places())
    assert asked[0][:3] == (url, {}, 10)


def test_a_file_that_the_post_only_names_is_looked_up():
    with network({}) as x:
        base = x.places.urls["x"]
        x.script["GET /2/media/3_77"] = [
            told({"data": {"media_key": "3_77", "type": "photo", "url": base + "/a.png"}})
        ]
        x.script["GET /a.png"] = [told(PICTURE)]
        attachment = Attachment("image", media_id="3_77")
        fetched = ROOM.fetch(HANDLE, attachment, 1_000, secret=SECRET, places=x.places)
    assert fetched.body == PICTURE
    headers = [asked.headers.get("authorization") for asked in x.asked]
    assert headers == ["Bearer app-bearer", None]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (told({}, 404), FetchError),
        (told({"data": {"type": "video"}}), FetchError),
        (told({"data": {"type": ["odd"]}}), FetchError),
        (told({}, 429), FetchLaterError),
        (told({}, 503), FetchLaterError),
        (Told(silent=True), FetchLaterError),
    ],
)
def test_a_file_that_cannot_be_looked_up(answer, error):
    with pytest.raises(error):
        fetch({"GET /2/media/3_77": answer}, Attachment("image", media_id="3_77"))


@pytest.mark.parametrize("media_id", ["", "../users/me", "3_", "a_1"])
def test_a_file_without_an_address_is_none(media_id):
    with pytest.raises(FetchError, match="no_url"):
        fetch({}, Attachment("image", media_id=media_id))


# -- is it still alive? --------------------------------------------------------------------------


def hooks(*, valid=True, url=URL):
    other = {"id": "8", "url": "https://elsewhere.example/x", "valid": True}
    return told({"data": [other, {"id": "9", "url": url, "valid": valid}]})


def subscribed(*kinds, webhook_id="9", user=US):
    rows = [
        {
            "subscription_id": str(number),
            "event_type": kind,
            "filter": {"user_id": user},
            "webhook_id": webhook_id,
        }
        for number, kind in enumerate(kinds)
    ]
    return told({"data": rows})


EVERY = (*probing.NEEDED, *probing.WANTED)
WELL = {
    "GET /2/webhooks": hooks(),
    "GET /2/users/me": told({"data": {"id": US}}),
    "GET /2/activity/subscriptions": subscribed(*EVERY),
    "POST /2/activity/subscriptions": told({"data": {}}),
    **{f"PUT /2/activity/subscriptions/{number}": told({}) for number in range(9)},
}


def probe(script=None, secret=SECRET):
    with network({**WELL, **(script or {})}) as x:
        return ROOM.probe(HANDLE, URL, secret, x.places), x


def test_what_is_well_is_left_alone():
    health, x = probe()
    assert health == Health(HealthState.WELL)
    assert all(call.startswith("GET") for call in x.calls())
    assert ROOM.probes(HANDLE) == 86_400
    tokens = {asked.path: asked.headers["authorization"] for asked in x.asked}
    assert tokens["/2/users/me"] == "Bearer access-token"
    assert tokens["/2/webhooks"] == "Bearer app-bearer"


def test_a_webhook_that_was_switched_off_is_revived_and_a_day_may_be_missing():
    script = {
        "GET /2/webhooks": hooks(valid=False),
        "PUT /2/webhooks/9": told({"data": {"valid": True}}),
    }
    health, _ = probe(script)
    assert health.state is HealthState.REPAIRED
    assert health.missed_since == NOW - timedelta(hours=24)


def test_a_webhook_that_x_looks_at_later_is_asked_for_again():
    script = {
        "GET /2/webhooks": [hooks(valid=False), hooks()],
        "PUT /2/webhooks/9": told({"data": {"attempted": True}}),
    }
    assert probe(script)[0].state is HealthState.REPAIRED


@pytest.mark.parametrize("answer", [told({}), told({}, 400), Told(silent=True)])
def test_a_webhook_that_stays_off_is_told_to_people(answer):
    health, _ = probe({"GET /2/webhooks": hooks(valid=False), "PUT /2/webhooks/9": answer})
    assert health.state is HealthState.BROKEN
    assert "switched the webhook off" in health.problem


def test_a_webhook_that_stays_off_is_told_even_if_the_list_fails_then():
    script = {
        "GET /2/webhooks": [hooks(valid=False), told({}, 500)],
        "PUT /2/webhooks/9": told({}),
    }
    assert probe(script)[0].state is HealthState.BROKEN


def test_a_webhook_that_is_not_there_is_told_with_its_address():
    health, _ = probe({"GET /2/webhooks": hooks(url=URL + "-old")})
    assert health.state is HealthState.BROKEN
    assert URL in health.problem


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        ({"GET /2/webhooks": told({}, 401)}, HealthState.BROKEN, "app's bearer token"),
        ({"GET /2/webhooks": told({}, 500)}, HealthState.UNKNOWN, "HTTP 500"),
        ({"GET /2/webhooks": Told(silent=True)}, HealthState.UNKNOWN, "did not answer"),
        ({"GET /2/users/me": told({}, 401)}, HealthState.BROKEN, "account's access token"),
        ({"GET /2/users/me": told({"data": {"id": "5"}})}, HealthState.BROKEN, "account 5"),
        ({"GET /2/users/me": told({})}, HealthState.BROKEN, "account nobody"),
        ({"GET /2/activity/subscriptions": told({}, 429)}, HealthState.UNKNOWN, "HTTP 429"),
    ],
)
def test_what_x_says_of_keys_and_itself(script, state, words):
    health, _ = probe(script)
    assert health.state is state
    assert words in health.problem
    assert health.missed_since is None


def test_a_revived_webhook_with_a_dead_token_is_still_broken():
    script = {
        "GET /2/webhooks": hooks(valid=False),
        "PUT /2/webhooks/9": told({"data": {"valid": True}}),
        "GET /2/users/me": told({}, 401),
    }
    assert probe(script)[0].state is HealthState.BROKEN


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ({}, "no bearer and no access_token"),
        ({"bearer": "b"}, "no access_token"),
        ({"access_token": "a"}, "no bearer"),
    ],
)
def test_a_secret_that_lacks_a_key_is_told(secret, words):
    health, x = probe(secret=secret)
    assert (health.state, x.asked) == (HealthState.BROKEN, [])
    assert words in health.problem


def test_missing_subscriptions_are_made_again():
    script = {"GET /2/activity/subscriptions": subscribed("post.create", "dm.received", "dm.sent")}
    health, x = probe(script)
    assert health.state is HealthState.REPAIRED
    assert "post.mention.create" in health.problem
    made = x.contents()
    assert {one["event_type"] for one in made} == set(EVERY) - {
        "post.create",
        "dm.received",
        "dm.sent",
    }
    assert made[0] == {
        "event_type": "post.mention.create",
        "filter": {"user_id": US},
        "tag": "acme-x",
        "webhook_id": "9",
    }
    assert x.asked[-1].headers["authorization"] == "Bearer access-token"


def test_subscriptions_of_another_account_are_not_ours():
    script = {"GET /2/activity/subscriptions": subscribed(*EVERY, user="5")}
    assert len(probe(script)[1].contents()) == len(EVERY)


def test_subscriptions_that_lead_elsewhere_are_led_here():
    script = {"GET /2/activity/subscriptions": subscribed(*EVERY, webhook_id="8")}
    health, x = probe(script)
    assert health.state is HealthState.REPAIRED
    assert x.contents() == [{"webhook_id": "9"}] * len(EVERY)


def test_what_is_only_good_to_have_breaks_nothing():
    script = {
        "GET /2/activity/subscriptions": subscribed(*probing.NEEDED),
        "POST /2/activity/subscriptions": told({}, 403),
    }
    assert probe(script)[0] == Health(HealthState.WELL)


def test_what_is_needed_and_refused_is_told():
    script = {
        "GET /2/activity/subscriptions": subscribed(*probing.NEEDED[1:]),
        "POST /2/activity/subscriptions": told({}, 403),
    }
    health, _ = probe(script)
    assert health.state is HealthState.BROKEN
    assert "post.mention.create" in health.problem


# -- what was missed -----------------------------------------------------------------------------

REPLAY = "POST /2/webhooks/replay"


def back(script, hours=3, secret=SECRET, until=NOW):
    missed = Missed(HANDLE, NOW - timedelta(hours=hours), until)
    with network({"GET /2/webhooks": hooks(), REPLAY: told({}), **script}) as x:
        return list(ROOM.fetch_back(missed, secret, x.places)), x


def test_x_is_asked_for_the_stretch_again_window_by_window():
    pages, x = back({})
    assert pages == []
    assert x.contents() == [
        {"webhook_id": "9", "from_date": "202611210700", "to_date": "202611210900"},
        {"webhook_id": "9", "from_date": "202611210900", "to_date": "202611210950"},
    ]


def test_no_more_is_asked_for_than_x_has():
    spans = list(replaying.windows(NOW - timedelta(days=9), NOW, NOW))
    assert spans[0][0] == datetime(2026, 11, 20, 10, 1, tzinfo=UTC)
    assert spans[-1][1] == datetime(2026, 11, 21, 9, 50, tzinfo=UTC)
    assert all(start < end <= start + timedelta(hours=2) for start, end in spans)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]


def test_a_stretch_that_is_too_fresh_or_too_old_is_not_asked_for():
    assert back({}, hours=0.1)[1].asked == []
    assert back({}, hours=99, until=NOW - timedelta(hours=30))[1].asked == []


def test_the_end_of_a_stretch_is_asked_for_with_its_whole_minute():
    until = NOW - timedelta(hours=1)
    _, x = back({}, hours=2, until=until)
    assert x.contents()[-1]["to_date"] == "202611210901"


@pytest.mark.parametrize(
    ("script", "reason", "lasting"),
    [
        ({REPLAY: told({}, 401)}, "http_401", True),
        ({REPLAY: told({}, 429)}, "http_429", False),
        ({REPLAY: Told(silent=True)}, "no_answer", False),
        ({"GET /2/webhooks": told({}, 403)}, "webhooks_unread", True),
        ({"GET /2/webhooks": told({}, 500)}, "webhooks_unread", False),
        ({"GET /2/webhooks": hooks(url="https://other.example")}, "no_webhook", True),
    ],
)
def test_a_stretch_that_could_not_be_asked_for_is_told(script, reason, lasting):
    with pytest.raises(PollError) as failed:
        back(script)
    assert (failed.value.reason, failed.value.lasting) == (reason, lasting)


def test_without_a_token_nothing_can_be_asked_for():
    with pytest.raises(PollError, match="no_bearer"):
        back({}, secret={})


# -- how to connect it ---------------------------------------------------------------------------


def test_the_steps_name_the_address_the_secret_and_what_it_lacks():
    steps = "\n".join(ROOM.guide(HANDLE, URL, {}))
    for word in (URL, "acme-x", "monthly_budget_usd", "lacks: consumer_secrets, access_token"):
        assert word in steps
    assert "  " not in steps


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "ends after two hours"),
        ({"consumer_key": "k", "access_token_secret": "s"}, "The secret is complete."),
    ],
)
def test_the_steps_warn_of_a_token_that_ends(more, words):
    steps = "\n".join(ROOM.guide(HANDLE, URL, {**SECRET, **more}))
    assert words in steps
    assert "app-bearer" not in steps
