"""Webhooks: 2xx for what is proven and queued, 401 or 403 for the rest, and nothing is lost."""

import base64
import hashlib
import hmac
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.entrypoints.webhooks import BODY_LIMIT
from tests.fakes.house import ACCOUNT, APP_SECRET, HOOK_SECRET, OLD_SECRET, signed

META, SHOP = "/webhooks/meta", "/webhooks/standard/acme-shop"
ASKED = f"{META}?hub.mode=subscribe&hub.challenge=1"
TOKEN = "hub.verify_token=a+verify+token"


def messaging(*texts, account=ACCOUNT, sender="4711"):
    """Return a Messenger delivery with one event for each text."""
    events = [
        {
            "sender": {"id": sender},
            "recipient": {"id": account},
            "timestamp": 1793610000000 + number,
            "message": {"mid": f"m_{sender}_{number}", "text": text},
        }
        for number, text in enumerate(texts)
    ]
    body = {
        "object": "page",
        "entry": [{"id": account, "time": 1793610000000, "messaging": events}],
    }
    return json.dumps(body).encode()


def post(house, body, headers=None, path=META, *, as_base64=True):
    return house.gateway.call(
        "POST", path, body, signed(body) if headers is None else headers, as_base64=as_base64
    )


def hook(house, body, *, secret=HOOK_SECRET, at=None, path=SHOP):
    """Post as a Standard Webhooks sender does."""
    stamp = str(int((at or house.parts.now()).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, b"msg_1." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(made).decode(),
    }
    return post(house, body, headers, path)


@pytest.mark.parametrize("as_base64", [True, False])
def test_a_delivery_is_queued_event_by_event(house, as_base64):
    answer = post(house, messaging("one", "two", "three"), as_base64=as_base64)
    assert (answer.status, answer.json) == (200, {"queued": 3, "ignored": 0, "kept": 0})
    sent = house.parts.inbox.sent
    assert [json.loads(one.body)["text"] for one in sent] == ["one", "two", "three"]
    assert len({one.group for one in sent}) == 1
    assert len({one.key for one in sent}) == 3


def test_conversations_are_groups_of_their_own(house):
    post(house, messaging("from one", sender="1"))
    post(house, messaging("from another", sender="2"))
    assert len({one.group for one in house.parts.inbox.sent}) == 2


def test_a_repeated_delivery_has_the_same_keys(house):
    post(house, messaging("one"))
    post(house, messaging("one"))
    assert len(house.parts.inbox.sent) == 1


def test_the_secret_before_the_rotation_still_proves(house):
    body = messaging("one")
    assert post(house, body, signed(body, OLD_SECRET)).status == 200
    assert post(house, body, signed(body, "a secret long gone")).status == 401


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha256=",
        "sha256=xyz",
        "sha1=" + "0" * 40,
        "sha256=" + "0" * 64,
        "sha256=" + "é" * 64,
        "\x00",
        "x" * 9000,
    ],
)
def test_a_wrong_signature_is_a_401_whatever_it_holds(house, value):
    answer = post(house, messaging("one"), {"X-Hub-Signature-256": value})
    assert (answer.status, answer.code) == (401, "not_proven")
    assert house.parts.inbox.sent == []
    assert house.parts.meter.total("WebhookRefused", room="meta") == 1


def test_no_signature_is_a_401(house):
    assert post(house, messaging("one"), {}).status == 401


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from([META, SHOP]),
    st.dictionaries(
        st.sampled_from(
            [
                "X-Hub-Signature-256",
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature",
                "svix-id",
            ]
        ),
        st.text(max_size=80),
    ),
    st.binary(max_size=200),
)
def test_no_header_makes_it_a_fault(house, path, headers, body):
    assert post(house, body, headers, path).status in (401, 403)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda v: json.dumps(v).encode()
    )
)
def test_a_signed_body_that_cannot_be_read_is_kept_whole(house, body):
    house.parts.blobs.kept.clear()
    answer = post(house, body)
    assert answer.status == 200
    if answer.json["kept"]:
        assert body in [kept for kept, _ in house.parts.blobs.kept.values()]


def test_what_was_kept_says_why_and_is_counted(house):
    post(house, b"{not json")
    ((key, (body, facts)),) = house.parts.blobs.kept.items()
    assert key.startswith("body/meta/2026/11/02/")
    assert body == b"{not json"
    assert facts["room"] == "meta"
    assert facts["reason"]
    assert house.parts.meter.total("Quarantined", channel="meta") == 1


def test_a_body_kept_twice_is_kept_once(house):
    post(house, b"{not json")
    post(house, b"{not json")
    assert len(house.parts.blobs.kept) == 1


def test_a_parser_that_fails_costs_nothing(house, monkeypatch):
    """A fault of ours must not make the platform repeat for days and then give up."""

    def fail(*_, **__):
        raise RecursionError

    monkeypatch.setattr("chalicelib.channels.meta.room.MetaRoom.parse", fail)
    body = messaging("one")
    assert post(house, body).json == {"queued": 0, "ignored": 0, "kept": 1}
    assert [kept for kept, _ in house.parts.blobs.kept.values()] == [body]


def test_one_odd_element_does_not_cost_the_others(house):
    body = json.loads(messaging("one", "two"))
    body["entry"][0]["messaging"].insert(1, "not an object")
    answer = post(house, json.dumps(body).encode())
    assert answer.json == {"queued": 2, "ignored": 0, "kept": 1}


def test_signed_events_of_an_unknown_kind_are_counted(house):
    body = {
        "object": "page",
        "entry": [{"id": ACCOUNT, "time": 1, "changes": [{"field": "tea_time", "value": {}}]}],
    }
    answer = post(house, json.dumps(body).encode())
    assert answer.status == 200
    assert answer.json["queued"] + answer.json["ignored"] == 1
    assert house.parts.blobs.kept == {}


def test_a_delivery_over_the_limit_is_a_413_before_anything_is_read(house):
    body = b" " * (BODY_LIMIT + 1)
    assert post(house, body).status == 413
    assert post(house, messaging("x" * 1000)).status == 200


def test_when_nothing_can_be_queued_the_platform_shall_send_it_again(house):
    house.parts.inbox.failures = 1
    answer = post(house, messaging("one", "two"))
    assert (answer.status, answer.code) == (503, "not_taken")
    assert house.parts.meter.total("EventNotQueued") == 2


def test_when_some_could_not_be_queued_it_shall_send_all_again_and_nothing_doubles(house):
    body = messaging("one", "two", "three")
    post(house, body)
    keys = [one.key for one in house.parts.inbox.take()]
    house.parts.inbox._seen.clear()
    house.parts.inbox.refuse = {keys[1]}
    assert post(house, body).status == 503
    house.parts.inbox.refuse = set()
    assert post(house, body).status == 200
    assert sorted(one.key for one in house.parts.inbox.sent) == sorted(keys)


def test_when_the_quarantine_fails_the_platform_shall_send_it_again(house):
    house.parts.blobs.failures = 1
    assert post(house, b"{not json").status == 503


@pytest.mark.parametrize("path", [META, SHOP])
def test_when_the_secrets_cannot_be_read_the_platform_shall_send_it_again(house, path):
    """It is our outage: a 401 would make the platform give up."""
    house.parts.secrets.failures = 1
    assert post(house, messaging("one"), path=path).status == 503


def test_a_long_event_goes_by_the_bucket(house):
    from chalicelib.entrypoints.receiving import read_event

    text = "long " * 50_000
    assert post(house, messaging(text)).json["queued"] == 1
    (sent,) = house.parts.inbox.sent
    assert len(sent.body) < 200
    assert read_event(house.parts, sent.body).text == text


def test_characters_that_sqs_refuses_arrive_all_the_same(house):
    from chalicelib.entrypoints.receiving import read_event

    text = "a\ufffeb\uffffc\x00d"
    post(house, messaging(text))
    (sent,) = house.parts.inbox.sent
    assert not set("\ufffe\uffff\x00") & set(sent.body.decode())
    assert read_event(house.parts, sent.body).text.replace("\x00", "") == text.replace("\x00", "")


def test_half_a_character_is_not_lost(house):
    body = messaging("PLACE").replace(b"PLACE", b"\\ud83d")
    answer = post(house, body)
    assert answer.status == 200
    assert answer.json["queued"] + answer.json["kept"] == 1


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", None],
)
def test_the_type_of_a_signed_body_does_not_matter(house, content_type):
    body = messaging("one")
    headers = {**signed(body), "Content-Type": content_type or ""}
    if content_type is None:
        del headers["Content-Type"]
    assert post(house, body, headers).status == 200


def test_the_handshake_echoes_the_challenge_as_plain_text(house):
    answer = house.gateway.get(f"{ASKED}158201444&{TOKEN}")
    assert (answer.status, answer.body) == (200, "1158201444")
    assert answer.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    "path",
    [
        META,
        ASKED,
        f"{ASKED}&hub.verify_token=wrong",
        f"{ASKED}&hub.verify_token=%C3%A9",
        f"{META}?hub.mode=other&hub.challenge=1&{TOKEN}",
        f"{META}?hub.mode=subscribe&hub.challenge=%3Cb%3E+x&{TOKEN}",
    ],
)
def test_any_other_handshake_is_a_403(house, path):
    assert house.gateway.get(path).status == 403


def test_a_verify_token_that_was_never_set_opens_nothing(house):
    house.parts.secrets.held["meta"] = {"app_secrets": [APP_SECRET], "verify_token": ""}
    assert house.gateway.get(f"{ASKED}&hub.verify_token=").status == 403


def test_a_standard_webhook_is_queued_for_its_handle(house):
    data = {"id": "1", "thread": "t1", "text": "Hi", "contact": {"id": "u1", "name": "Uma"}}
    body = {"type": "message.created", "timestamp": "2026-11-02T09:00:00Z", "data": data}
    answer = hook(house, json.dumps(body).encode())
    assert (answer.status, answer.json["queued"]) == (200, 1)
    (sent,) = house.parts.inbox.sent
    assert json.loads(sent.body)["account_id"] == "shop"


@pytest.mark.parametrize("name", ["acme-help", "nobody", "../meta", "%00"])
def test_a_handle_that_takes_no_webhooks_answers_like_a_wrong_signature(house, name):
    assert hook(house, b"{}", path=f"/webhooks/standard/{name.replace('/', '%2f')}").status == 401


def test_an_old_standard_webhook_is_refused(house):
    from datetime import timedelta

    assert hook(house, b"{}", at=house.parts.now() - timedelta(minutes=6)).status == 401
