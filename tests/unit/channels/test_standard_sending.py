"""Our replies as Standard Webhooks."""

import base64
import json
import socket
from dataclasses import replace

import pytest
from standardwebhooks import Webhook

from chalicelib.channels import address
from chalicelib.channels.sender import ChannelSender
from chalicelib.channels.standard import signature
from chalicelib.channels.standard.room import StandardRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendState

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NEXT = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
HANDLE = Handle("forum", Channel.WEBHOOK, "forum", "Forum", "care")
REPLY = Outgoing("msgtoken1", HANDLE, "c-1", True, "Hello ü", reply_to_id="m-1", post_id="t-9")


def send(platform, message=REPLY, **secret):
    secret = {"url": platform.url + "/in", "out_secrets": [KEY, NEXT], **secret}
    return ChannelSender({"forum": secret}.__getitem__, platform.places).send(message)


def test_a_reply_is_signed_with_every_secret_and_describes_itself(platform):
    platform.answer = {"id": "r-1"}
    result = send(platform)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "r-1")
    asked = platform.asked[0]
    assert asked.content == {
        "type": "message.reply",
        "timestamp": "2026-11-21T10:00:00.000Z",
        "data": {
            "id": "msgtoken1",
            "contact": {"id": "c-1"},
            "text": "Hello ü",
            "public": True,
            "thread": "t-9",
            "in_reply_to": "m-1",
        },
    }
    for secret in (KEY, NEXT):
        assert signature.verify(asked.body, asked.headers, [secret], platform.places.now())
    expected = Webhook(KEY).sign("msgtoken1", platform.places.now(), asked.body.decode())
    assert asked.headers["webhook-signature"].split(" ")[0] == expected


def test_files_are_named_with_where_to_fetch_them(platform):
    cat = File("cat.png", "image/png", 9, "https://files.example.com/cat.png", lambda: b"")
    result = send(platform, replace(REPLY, text="", files=(cat,)))
    assert result.state is SendState.ACCEPTED
    assert platform.asked[0].content["data"]["files"] == [
        {"name": "cat.png", "mime_type": "image/png", "size": 9, "url": cat.url}
    ]
    many = send(platform, replace(REPLY, files=(cat,) * 11))
    assert many.error_code == "too_many_files"


def test_the_guide_says_where_to_post_and_shows_no_key():
    url = "https://care.example.com/webhooks/standard/forum"
    for secret, stored in (({}, "forum is not stored"), ({"secrets": [KEY]}, "forum is stored")):
        told = "\n".join(StandardRoom().guide(HANDLE, url, secret))
        assert url in told
        assert stored in told
        assert KEY not in told


def test_a_repeat_carries_the_same_id_so_that_the_receiver_can_tell(platform):
    send(platform)
    send(platform)
    assert [asked.headers["webhook-id"] for asked in platform.asked] == ["msgtoken1"] * 2


def test_an_answer_without_an_id_leaves_our_own(platform):
    platform.status, platform.answer = 204, b""
    assert send(platform).platform_id == "msgtoken1"


@pytest.mark.parametrize(
    ("status", "state", "error_class"),
    [
        (429, SendState.RETRY, ErrorClass.THROTTLED),
        (502, SendState.RETRY, ErrorClass.THROTTLED),
        (500, SendState.RETRY, ErrorClass.UNAVAILABLE),
        (301, SendState.FAILED, ErrorClass.CHANNEL),
        (410, SendState.FAILED, ErrorClass.CHANNEL),
        (404, SendState.FAILED, ErrorClass.CHANNEL),
        (422, SendState.FAILED, ErrorClass.CONTENT),
    ],
)
def test_each_class_of_answers(platform, status, state, error_class):
    platform.status, platform.headers = status, {"retry-after": "9", "location": platform.url}
    result = send(platform)
    assert (result.state, result.error_class, result.error_code) == (
        state,
        error_class,
        f"http_{status}",
    )
    assert result.retry_after_seconds == (9 if state is SendState.RETRY else 0)
    assert len(platform.asked) == 1


@pytest.mark.parametrize("manner", ["hang", "drop"])
def test_no_answer_may_be_tried_again_because_the_receiver_can_tell(platform, manner):
    platform.manner = manner
    assert send(platform).state is SendState.RETRY


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        ({"url": None}, "no_url"),
        ({"out_secrets": None}, "no_url"),
        ({"out_secrets": []}, "no_secret"),
        ({"out_secrets": ["whsec_"]}, "no_secret"),
        ({"url": "ftp://example.org/"}, "url_refused"),
        ({"url": "https://user:pass@example.org/"}, "url_refused"),
        ({"url": "https://[broken"}, "url_refused"),
        ({"url": "https://example.org:99999/"}, "url_refused"),
        ({"url": "nonsense"}, "url_refused"),
    ],
)
def test_a_handle_that_is_not_set_up_is_told_to_people(platform, secret, code):
    result = send(platform, **secret)
    assert (result.state, result.error_class, result.error_code) == (
        SendState.FAILED,
        ErrorClass.CHANNEL,
        code,
    )
    assert platform.asked == []


def test_in_the_cloud_only_https_to_public_addresses_is_called(platform):
    places = replace(platform.places, private_urls=False)
    for url in (platform.url, platform.url.replace("http:", "https:"), "https://localhost/"):
        secret = {"url": url, "out_secrets": [KEY]}
        result = ChannelSender({"forum": secret}.__getitem__, places).send(REPLY)
        assert result.error_code == "url_refused"
    assert platform.asked == []


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a9fe:a9fe", False),
    ],
)
def test_which_addresses_are_public(ip, public):
    assert address.is_public(ip) is public


def resolving(monkeypatch, *addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in addresses]
    monkeypatch.setattr(address.socket, "getaddrinfo", lambda *_, **__: found)


def test_the_address_that_was_checked_is_the_one_to_connect_to(monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "93.184.216.35")
    assert address.checked("https://example.org/in", private=False) == "93.184.216.34"


def test_one_private_address_among_public_ones_is_refused(monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "10.0.0.1")
    with pytest.raises(address.RefusedUrlError):
        address.checked("https://example.org/in", private=False)


def test_a_name_that_cannot_be_resolved_just_now_is_tried_again(platform, monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(address.socket, "getaddrinfo", fail)
    secret = {"url": "https://example.org/in", "out_secrets": [KEY]}
    places = replace(platform.places, private_urls=False)
    result = ChannelSender({"forum": secret}.__getitem__, places).send(REPLY)
    assert (result.state, result.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)


def test_the_longest_reply_stays_below_what_the_specification_asks(platform):
    send(platform, replace(REPLY, text="a" * 10_000))
    assert len(platform.asked[0].body) < 20_000
    assert json.loads(platform.asked[0].body)["data"]["text"] == "a" * 10_000
