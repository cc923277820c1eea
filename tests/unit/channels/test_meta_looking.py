"""Probing, fetching files, fetching back and the guide of Meta's room."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.channels.meta import media
from chalicelib.channels.meta.room import MetaRoom
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment, EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    FetchError,
    FetchLaterError,
    HealthState,
    Missed,
    PollError,
)
from infra.local.simulator.taker import Told
from tests.unit.channels.serving import serving

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PAGE = Handle("page", Channel.FACEBOOK_PAGE, "PAGE", "Acme", "care")
MESSENGER = Handle("messenger", Channel.MESSENGER, "PAGE", "Acme", "care")
IG = Handle("instagram", Channel.INSTAGRAM, "IG", "@acme", "care")
PHONE = Handle("phone", Channel.WHATSAPP, "PN1", "Acme", "care", settings={"waba_id": "WABA1"})
SECRET = {
    "app_id": "77",
    "app_secrets": ["app-secret"],
    "verify_token": "verify-token-1",
    "tokens": {"PAGE": "page-token", "IG": "ig-token", "PN1": "wa-token"},
    "expires": {"IG": "2027-01-09"},
}
GONE = {"error": {"code": 190, "message": "ended: page-token"}}


class Meta:
    """Answers by (method, path) what a test says, and keeps what was asked."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def take(self, asked):
        self.asked.append(asked)
        found = self.answers[asked.method, asked.path.removeprefix("/instagram")]
        answer = found(asked) if callable(found) else found
        if isinstance(answer, Told):
            return answer
        status = 400 if "error" in answer else 200
        return Told(status, json.dumps(answer).encode())


def places(url):
    return Places(
        url,
        instagram_graph_url=url + "/instagram",
        private_urls=True,
        read_seconds=0.3,
        now=lambda: NOW,
    )


def probe(handle, answers, secret=SECRET):
    meta = Meta(answers)
    with serving(meta.take) as url:
        return MetaRoom().probe(handle, "https://x/webhooks/meta", secret, places(url)), meta.asked


# -- probing -------------------------------------------------------------------------------------

WALL = ["feed", "mention", "ratings"]


def apps(fields, app="77"):
    return {
        "data": [{"id": "1", "subscribed_fields": []}, {"id": app, "subscribed_fields": fields}]
    }


def test_a_subscribed_account_is_well():
    health, asked = probe(PAGE, {("GET", "/v26.0/PAGE/subscribed_apps"): apps([*WALL, "more"])})
    assert (health.state, health.problem) == (HealthState.WELL, "")
    assert asked[0].headers["authorization"] == "Bearer page-token"
    assert "page-token" not in json.dumps(asked[0].query)


@pytest.mark.parametrize("have", [{"data": []}, apps(["feed", "messages"]), apps(WALL, "other")])
def test_a_lost_subscription_is_renewed_and_keeps_what_was_there(have):
    health, asked = probe(
        PAGE,
        {
            ("GET", "/v26.0/PAGE/subscribed_apps"): have,
            ("POST", "/v26.0/PAGE/subscribed_apps"): {"success": True},
        },
    )
    assert (health.state, health.missed_since) == (HealthState.REPAIRED, None)
    kept = {"messages"} if "messages" in json.dumps(have) else set()
    body = asked[1].body.decode().removeprefix("subscribed_fields=")
    assert set(body.split("%2C")) == set(WALL) | kept


def test_a_subscription_that_cannot_be_renewed_is_broken():
    health, _ = probe(
        PAGE,
        {
            ("GET", "/v26.0/PAGE/subscribed_apps"): {"data": []},
            ("POST", "/v26.0/PAGE/subscribed_apps"): {"error": {"code": 200, "message": "no role"}},
        },
    )
    assert health.state is HealthState.BROKEN
    assert "200: no role" in health.problem


def test_a_token_that_ended_is_said_and_not_shown():
    health, _ = probe(PAGE, {("GET", "/v26.0/PAGE/subscribed_apps"): GONE})
    assert health.state is HealthState.BROKEN
    assert "no longer valid" in health.problem
    assert "page-token" not in health.problem


@pytest.mark.parametrize(
    "answer",
    [{"error": {"code": 4, "message": "busy"}}, Told(502, b"<html>"), Told(silent=True)],
)
def test_a_platform_that_does_not_answer_leaves_it_open(answer):
    health, _ = probe(PAGE, {("GET", "/v26.0/PAGE/subscribed_apps"): answer})
    assert health.state is HealthState.UNKNOWN


def test_no_token_is_broken_without_a_call():
    health, asked = probe(PAGE, {}, {"tokens": {}})
    assert (health.state, asked) == (HealthState.BROKEN, [])
    assert "PAGE" in health.problem


def test_instagram_by_its_own_login_is_asked_at_its_own_host_and_says_when_its_token_ends():
    rows = {"data": [{"subscribed_fields": ["comments", "messages"]}]}  # without an app's id
    health, asked = probe(IG, {("GET", "/v26.0/IG/subscribed_apps"): rows})
    assert (health.state, health.expires_at) == (HealthState.WELL, datetime(2027, 1, 9, tzinfo=UTC))
    assert asked[0].path.startswith("/instagram/")
    by_page = replace(IG, settings={"page_id": "P2"})
    health, _ = probe(by_page, {("GET", "/v26.0/P2/subscribed_apps"): apps(["messages"])})
    assert health.state is HealthState.WELL


def test_whatsapp_is_subscribed_by_its_business_account_without_fields():
    path = "/v26.0/WABA1/subscribed_apps"
    there = {"data": [{"whatsapp_business_api_data": {"id": "77", "name": "Hearback"}}]}
    health, _ = probe(PHONE, {("GET", path): there})
    assert health.state is HealthState.WELL
    answers = {("GET", path): {"data": []}, ("POST", path): {"success": True}}
    health, asked = probe(PHONE, answers)
    assert (health.state, asked[1].body) == (HealthState.REPAIRED, b"")


def test_a_number_without_its_business_account_says_what_is_missing():
    bare = replace(PHONE, settings={})
    health, _ = probe(bare, {("GET", "/v26.0/PN1"): {"id": "PN1"}})
    assert (health.state, "waba_id" in health.problem) == (HealthState.UNKNOWN, True)
    health, _ = probe(bare, {("GET", "/v26.0/PN1"): GONE})
    assert health.state is HealthState.BROKEN


def test_a_handle_may_choose_its_fields():
    chosen = replace(PAGE, settings={"fields": "feed, name"})
    health, _ = probe(chosen, {("GET", "/v26.0/PAGE/subscribed_apps"): apps(["feed", "name"])})
    assert health.state is HealthState.WELL


def test_odd_lists_of_apps_are_no_subscription():
    answers = {
        ("GET", "/v26.0/PAGE/subscribed_apps"): {"data": ["odd"]},
        ("POST", "/v26.0/PAGE/subscribed_apps"): {"success": True},
    }
    assert probe(PAGE, answers)[0].state is HealthState.REPAIRED


def test_accounts_are_probed_every_hour():
    assert MetaRoom().probes(PAGE) == 3_600
    assert MetaRoom().polls(PAGE) == 0


# -- files ---------------------------------------------------------------------------------------


def fetched(answers, attachment, handle=PHONE, secret=SECRET, most=1_000):
    meta = Meta(answers)
    with serving(meta.take) as url:
        meta.answers = {key: one(url) if callable(one) else one for key, one in answers.items()}
        if callable(attachment):
            attachment = attachment(url)
        fetch = MetaRoom().fetch
        return fetch(handle, attachment, most, secret=secret, places=places(url)), meta.asked


def named(url):
    return {"url": f"{url}/file", "mime_type": "image/png", "file_size": 5}


def test_a_whatsapp_file_is_asked_for_by_its_id_and_fetched_with_our_token():
    answers = {("GET", "/v26.0/M1"): named, ("GET", "/file"): Told(200, b"hello", "image/png")}
    found, asked = fetched(answers, Attachment("image", media_id="M1"))
    assert found.body == b"hello"
    assert asked[0].query["phone_number_id"] == "PN1"
    assert [one.headers["authorization"] for one in asked] == ["Bearer wa-token"] * 2


def test_the_files_of_messenger_are_fetched_without_a_token():
    answers = {("GET", "/file"): Told(200, b"hello", "image/png")}
    at = lambda url: Attachment("image", url=f"{url}/file")
    found, asked = fetched(answers, at, MESSENGER)
    assert found.body == b"hello"
    assert "authorization" not in asked[0].headers


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://mmg.whatsapp.net/v/1", True),
        ("https://scontent.xx.fbcdn.net/1", True),
        ("http://lookaside.fbsbx.com/1", False),
        ("https://lookaside.fbsbx.com.evil.example/1", False),
        ("https://evilwhatsapp.net/1", False),
        ("https://evil.example/lookaside.fbsbx.com", False),
        ("https://lookaside.fbsbx.com@evil.example/", False),
        ("https://graph.facebook.com/1", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_our_token_goes_to_meta_alone(url, good):
    assert media.trusted(url, Places()) is good


def test_a_strange_address_is_never_asked():
    answers = {("GET", "/v26.0/M1"): {"url": "https://evil.example/1"}}
    with pytest.raises(FetchError, match="strange_address"):
        fetched(answers, Attachment("image", media_id="M1"))
    with pytest.raises(FetchError, match="strange_address"):
        fetched({}, Attachment("image", url="https://evil.example/1"))


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        ({"error": {"code": 190, "message": "no"}}, FetchError, "no_access"),
        ({"error": {"code": 100, "message": "no"}}, FetchError, "gone"),
        ({"error": {"code": 4, "message": "busy"}}, FetchLaterError, "4"),
        (Told(502, b"<html>"), FetchLaterError, "http_502"),
        ({"url": "https://x", "file_size": 1_001}, FetchError, "too_large"),
        ({"url": ["odd"]}, FetchError, "no_url"),
    ],
)
def test_a_file_that_is_not_to_be_had_says_why(answer, error, reason):
    with pytest.raises(error, match=reason):
        fetched({("GET", "/v26.0/M1"): answer}, Attachment("image", media_id="M1"))


def test_without_a_token_no_file_is_asked_for():
    with pytest.raises(FetchError, match="no_token"):
        fetched({}, Attachment("image", media_id="M1"), secret={})


# -- fetching back -------------------------------------------------------------------------------

SINCE = NOW - timedelta(hours=2)


def iso(minutes):
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def back(handle, answers, secret=SECRET):
    meta = Meta(answers)
    with serving(meta.take) as url:
        missed = Missed(handle, SINCE, NOW)
        pages = MetaRoom().fetch_back(missed, secret, places(url))
        return [event for page in pages for event in page], meta.asked


def said(mid, minutes, sender, to, text="Hi", **more):
    ends = {"from": {"id": sender}, "to": {"data": [{"id": to}]}}
    return {"id": mid, "created_time": iso(minutes), "message": text, **ends, **more}


def test_missed_direct_messages_come_back_as_their_webhooks_would_have_told_them():
    picture = {"data": [{"id": "1", "image_data": {"url": "https://cdn.example.com/1"}}]}
    rest = [
        {"mime_type": "audio/mp4", "file_url": "https://cdn.example.com/2"},
        {"video_data": {"url": "https://cdn.example.com/3"}},
        {"file_url": "https://cdn.example.com/4", "image_data": {}},
    ]
    talk = {
        "id": "t_1",
        "updated_time": iso(5),
        "messages": {
            "data": [
                said("m_3", 5, "PAGE", "7", "We look"),
                said("m_2", 10, "7", "PAGE", "", attachments=picture),
                said("m_4", 11, "7", "PAGE", "", attachments={"data": rest}),
                said("m_1", 300, "7", "PAGE", "Old"),
                {"id": "m_0", "from": {"id": "7"}},  # no time
                {"id": "m_9", "created_time": iso(3), "message": "nobody"},
            ]
        },
    }
    events, asked = back(MESSENGER, {("GET", "/v26.0/PAGE/conversations"): {"data": [talk]}})
    assert [(e.message_id, e.kind, e.contact.id) for e in events] == [
        ("m_3", EventKind.ECHO, "7"),
        ("m_2", EventKind.MESSAGE, "7"),
        ("m_4", EventKind.MESSAGE, "7"),
    ]
    assert [(a.kind, a.url) for a in events[1].attachments] == [
        ("image", "https://cdn.example.com/1")
    ]
    assert [one.kind for one in events[2].attachments] == ["audio", "video", "file"]
    assert asked[0].query["platform"] == "messenger"
    webhook = {
        "object": "page",
        "entry": [
            {
                "id": "PAGE",
                "messaging": [
                    {
                        "sender": {"id": "7"},
                        "recipient": {"id": "PAGE"},
                        "timestamp": 1,
                        "message": {"mid": "m_2", "text": ""},
                    }
                ],
            }
        ],
    }
    (told,) = MetaRoom().parse(json.dumps(webhook).encode(), NOW).events
    same = ("channel", "account_id", "message_id", "contact", "post_id", "public")
    assert [getattr(told, name) for name in same] == [getattr(events[1], name) for name in same]


def test_fetching_back_twice_tells_the_same_events():
    talk = {"id": "t_1", "updated_time": iso(5), "messages": {"data": [said("m", 5, "7", "PAGE")]}}
    answers = {("GET", "/v26.0/PAGE/conversations"): {"data": [talk]}}
    assert [e.key for e in back(MESSENGER, answers)[0]] == [
        e.key for e in back(MESSENGER, answers)[0]
    ]


def test_pages_are_followed_by_their_cursor_until_all_is_older():
    def conversations(asked):
        after = asked.query.get("after", "")
        number = int(after or 1)
        talk = {
            "id": f"t_{number}",
            "updated_time": iso(number * 50),
            "messages": {"data": [said(f"m_{number}", number * 50, "7", "PAGE")]},
        }
        paging = {"cursors": {"after": str(number + 1)}, "next": "https://x/?access_token=secret"}
        return {"data": [talk], "paging": paging}

    events, asked = back(MESSENGER, {("GET", "/v26.0/PAGE/conversations"): conversations})
    assert [event.message_id for event in events] == ["m_1", "m_2"]
    assert [one.query.get("after") for one in asked] == [None, "2", "3"]


def test_a_long_conversation_is_read_on():
    more = {"cursors": {"after": "A"}, "next": "https://x"}
    talk = {
        "id": "t_1",
        "updated_time": iso(5),
        "messages": {"data": [said("m_2", 5, "7", "PAGE")], "paging": more},
    }
    answers = {
        ("GET", "/v26.0/PAGE/conversations"): {"data": [talk]},
        ("GET", "/v26.0/t_1/messages"): {
            "data": [said("m_1", 9, "7", "PAGE"), said("m_0", 300, "7", "PAGE")],
            "paging": more,
        },
    }
    events, asked = back(MESSENGER, answers)
    assert [event.message_id for event in events] == ["m_2", "m_1"]
    assert len(asked) == 2


def test_missed_comments_of_a_page_come_back_with_their_place():
    post = {"id": "PAGE_5", "from": {"id": "PAGE"}, "created_time": iso(9_000)}
    visit = {"id": "PAGE_6", "from": {"id": "8", "name": "Bob"}, "message": "Hello"}
    found = [
        {
            "id": "5_2",
            "from": {"id": "7", "name": "Ana"},
            "message": "And now?",
            "parent": {"id": "5_1"},
            "is_hidden": True,
        },
        {"id": "5_1", "from": {"id": "PAGE"}, "message": "Soon"},
    ]
    old = {"id": "5_0", "created_time": iso(300), "from": {"id": "7"}, "message": "Old"}
    answers = {
        ("GET", "/v26.0/PAGE/feed"): {
            "data": [
                {**visit, "created_time": iso(20), "updated_time": iso(20)},
                {**post, "updated_time": iso(10)},
                {"id": "PAGE_4", "updated_time": iso(400)},
            ]
        },
        ("GET", "/v26.0/PAGE_6/comments"): {"data": []},
        ("GET", "/v26.0/PAGE_5/comments"): {
            "data": [{**one, "created_time": iso(10)} for one in found] + [old]
        },
    }
    events, _ = back(PAGE, answers)
    assert [(e.kind, e.message_id, e.post_id, e.parent_id) for e in events] == [
        (EventKind.MESSAGE, "PAGE_6", "PAGE_6", ""),
        (EventKind.MESSAGE, "5_2", "PAGE_5", "5_1"),
        (EventKind.HIDE, "5_2", "PAGE_5", "5_1"),
        (EventKind.ECHO, "5_1", "PAGE_5", "PAGE_5"),
    ]
    assert events[1].contact.id == "7"


def test_missed_instagram_comments_and_messages_come_back():
    comment = {
        "id": "1791",
        "text": "Nice",
        "timestamp": iso(10),
        "from": {"id": "9", "username": "ana"},
        "replies": {
            "data": [
                {"id": "1792", "text": "Thanks", "timestamp": iso(9), "from": {"id": "IG"}},
            ]
        },
    }
    talk = {
        "id": "t_1",
        "updated_time": iso(5),
        "messages": {
            "data": [
                {
                    **said("m_2", 5, "another-id-of-ours", "9", "Hello"),
                    "from": {"id": "another-id-of-ours", "username": "acme"},
                }
            ]
        },
    }
    answers = {
        ("GET", "/v26.0/IG"): {"id": "IG", "username": "acme"},
        ("GET", "/v26.0/IG/conversations"): {"data": [talk]},
        ("GET", "/v26.0/IG/media"): {
            "data": [{"id": "1817", "comments_count": 2}, {"id": "1818", "comments_count": 0}]
        },
        ("GET", "/v26.0/1817/comments"): {"data": [comment]},
    }
    events, asked = back(IG, answers)
    assert [(e.kind, e.message_id, e.post_id, e.parent_id) for e in events] == [
        (EventKind.ECHO, "m_2", "", ""),
        (EventKind.MESSAGE, "1791", "1817", ""),
        (EventKind.ECHO, "1792", "1817", "1791"),
    ]
    assert all(one.path.startswith("/instagram/") for one in asked)


def test_whatsapp_keeps_nothing_for_us():
    assert back(PHONE, {}) == ([], [])


@pytest.mark.parametrize(
    ("answer", "lasting", "wait"),
    [
        (GONE, True, 0),
        ({"error": {"code": 32, "message": "busy"}}, False, 0),
        (Told(503, b"", headers={"Retry-After": "9"}), False, 9),
        (Told(200, b"not json"), False, 0),
    ],
)
def test_a_platform_that_does_not_show_its_past_is_an_error(answer, lasting, wait):
    with pytest.raises(PollError) as failed:
        back(PAGE, {("GET", "/v26.0/PAGE/feed"): answer})
    assert (failed.value.lasting, failed.value.wait_seconds) == (lasting, wait)
    assert "token" not in failed.value.reason


def test_without_a_token_nothing_is_asked_back():
    with pytest.raises(PollError, match="no_token"):
        back(PAGE, {}, {})


# -- the guide -----------------------------------------------------------------------------------


@pytest.mark.parametrize("handle", [PAGE, MESSENGER, IG, PHONE], ids=lambda one: one.id)
def test_the_guide_names_url_and_verify_token_and_no_key(handle):
    url = "https://care.example.com/webhooks/meta"
    told = "\n".join(MetaRoom().guide(handle, url, SECRET))
    assert url in told
    assert "verify-token-1" in told
    assert not any(key in told for key in ("app-secret", "page-token", "ig-token", "wa-token"))
    assert "the verify_token of secret meta" in "\n".join(MetaRoom().guide(handle, url, {}))
