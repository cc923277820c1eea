"""Outgoing webhooks: signed as the specification says, sent to public addresses only."""

import base64
import socket

import pytest
from standardwebhooks import Webhook

from chalicelib.channels import address, hooks, transport
from chalicelib.channels.hooks import EndpointSender
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import ErrorClass, SendState

KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NEXT = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
HELD = {"hook-crm": {"secrets": [KEY, NEXT]}}
BODY = b'{"type":"case.opened","timestamp":"2026-11-21T10:00:00.000Z","data":{}}'


def deliver(platform, path="/in", **secrets):
    sender = EndpointSender((secrets or HELD).__getitem__, platform.places)
    return sender.deliver(platform.url + path, "hook-crm", "evt1", BODY)


def test_an_event_is_signed_with_every_secret_as_the_library_would(platform):
    assert deliver(platform).state is SendState.ACCEPTED
    (asked,) = platform.asked
    assert asked.body == BODY
    assert asked.headers["content-type"] == "application/json"
    at = platform.places.now()
    assert asked.headers["webhook-id"] == "evt1"
    assert asked.headers["webhook-timestamp"] == str(int(at.timestamp()))
    expected = [Webhook(key).sign("evt1", at, BODY.decode()) for key in (KEY, NEXT)]
    assert asked.headers["webhook-signature"].split(" ") == expected


def test_the_library_takes_what_was_sent_now(platform):
    """The oracle reads the clock itself, so this one event is signed at the real time."""
    from dataclasses import replace
    from datetime import UTC, datetime

    places = replace(platform.places, now=lambda: datetime.now(UTC))
    EndpointSender(HELD.__getitem__, places).deliver(platform.url, "hook-crm", "evt1", BODY)
    (asked,) = platform.asked
    for key in (KEY, NEXT):
        assert Webhook(key).verify(asked.body.decode(), asked.headers)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_taken(platform, status):
    platform.status, platform.answer = status, b""
    assert deliver(platform).state is SendState.ACCEPTED


def test_410_says_never_again(platform):
    platform.status = 410
    result = deliver(platform)
    assert (result.state, result.error_class, result.error_code) == (
        SendState.FAILED, ErrorClass.RECIPIENT, "gone",
    )  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 413, 422, 500, 502, 503])
def test_everything_else_may_be_taken_later_and_redirects_are_not_followed(platform, status):
    platform.status = status
    platform.headers = {"location": platform.url + "/elsewhere", "retry-after": "soon"}
    result = deliver(platform)
    assert (result.state, result.error_code) == (SendState.RETRY, f"http_{status}")
    assert result.retry_after_seconds == 0
    assert [asked.path for asked in platform.asked] == ["/in"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_receiver_says_when(platform, status):
    platform.status, platform.headers = status, {"Retry-After": "120"}
    assert deliver(platform).retry_after_seconds == 120


def test_a_time_after_another_refusal_is_not_listened_to(platform):
    platform.status, platform.headers = 400, {"Retry-After": "120"}
    assert deliver(platform).retry_after_seconds == 0


def test_a_receiver_that_does_not_answer_in_time_is_tried_again(platform, monkeypatch):
    monkeypatch.setattr(hooks, "READ_SECONDS", 0.2)
    platform.manner = "hang"
    result = deliver(platform)
    assert (result.state, result.error_code) == (SendState.RETRY, "no_answer")


def test_a_receiver_that_hangs_up_or_is_not_there_is_tried_again(platform):
    platform.manner = "drop"
    assert deliver(platform).error_code == "no_answer"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        sender = EndpointSender(HELD.__getitem__, platform.places)
        result = sender.deliver(url, "hook-crm", "evt1", BODY)
    assert (result.state, result.error_code) == (SendState.RETRY, "not_reached")


@pytest.mark.parametrize(
    "secret",
    [{}, {"secrets": []}, {"secrets": "whsec_x"}, {"secrets": ["whsec_c2hvcnQ="]}, {"secrets": 7}],
)
def test_without_a_usable_secret_nothing_leaves_and_an_operator_has_time(platform, secret):
    result = deliver(platform, **{"hook-crm": secret})
    assert (result.state, result.error_code) == (SendState.RETRY, "no_secret")
    assert platform.asked == []


def test_a_secret_that_is_not_there_is_the_same(platform):
    result = deliver(platform, other={"secrets": [KEY]})
    assert (result.state, result.error_code) == (SendState.RETRY, "no_secret")


ADDRESSES = {"crm.example.com": "93.184.216.34", "inside.example.com": "192.168.1.9"}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://crm.example.com/in", "not_https"),
        ("https://127.0.0.1/in", "private_address"),
        ("https://169.254.169.254/in", "private_address"),
        ("https://[::1]/in", "private_address"),
        ("https://[fd00::1]/in", "private_address"),
        ("https://inside.example.com/in", "private_address"),
        ("https://me:pw@crm.example.com/in", "malformed"),
        ("crm.example.com", "malformed"),
    ],
)
def test_no_private_address_is_ever_called(monkeypatch, url, code):
    called = []
    monkeypatch.setattr(transport, "exchange", called.append)
    monkeypatch.setattr(address.socket, "getaddrinfo", resolved)
    result = EndpointSender(HELD.__getitem__, Places()).deliver(url, "hook-crm", "evt1", BODY)
    assert (result.state, result.error_code) == (SendState.FAILED, code)
    assert called == []


def test_the_address_that_was_checked_is_the_one_called(monkeypatch):
    called = []

    def exchange(request):
        called.append(request)
        return transport.Answer(200, b"")

    monkeypatch.setattr(transport, "exchange", exchange)
    monkeypatch.setattr(address.socket, "getaddrinfo", resolved)
    sender = EndpointSender(HELD.__getitem__, Places())
    url = "https://crm.example.com/in"
    assert sender.deliver(url, "hook-crm", "evt1", BODY).state is SendState.ACCEPTED
    (request,) = called
    assert (request.address, request.read_seconds) == ("93.184.216.34", 20.0)
    assert (
        sender.deliver("https://x.example.com", "hook-crm", "e", BODY).error_code == "not_reached"
    )


def resolved(host, port, **_):
    found = ADDRESSES.get(host, host)
    if found == host and host.endswith(".com"):
        raise socket.gaierror
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]
