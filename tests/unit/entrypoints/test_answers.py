"""Every answer: its headers, and the one shape of every error, Chalice's own included."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.entrypoints.api import HEADERS
from chalicelib.entrypoints.bodies import BODY_LIMIT
from chalicelib.entrypoints.catalogue import catalogue
from tests.fakes.house import ADMIN, AGENT, signed

ROUTES = catalogue()


def keyed(**more):
    return {"Idempotency-Key": "a-proper-key", "Content-Type": "application/json"} | more


CALLS = {
    200: lambda house: house.gateway.get("/api/me", AGENT),
    400: lambda house: house.gateway.change("PUT", "/api/me/presence", {"presence": "lost"}, AGENT),
    401: lambda house: house.gateway.get("/api/me"),
    403: lambda house: house.gateway.get("/api/agents", AGENT),
    404: lambda house: house.gateway.get("/api/conversations/none", AGENT),
    405: lambda house: house.gateway.call("DELETE", "/api/me", person=AGENT),
    413: lambda house: house.gateway.call(
        "PUT", "/api/me/presence", b" " * (BODY_LIMIT + 1), keyed(), person=AGENT
    ),
    415: lambda house: house.gateway.call(
        "PUT", "/api/me/presence", b"<a/>", keyed(**{"Content-Type": "text/xml"}), person=AGENT
    ),
}


def fail(*_, **__):
    raise RuntimeError("the table is on fire")


@pytest.mark.parametrize("status", CALLS)
def test_every_answer_has_its_headers_and_its_shape(house, status):
    answer = CALLS[status](house)
    assert answer.status == status
    assert answer.headers.items() >= (HEADERS | {"Content-Type": "application/json"}).items()
    if status >= 400:
        error = answer.json["error"]
        assert set(error) <= {"code", "message", "request_id", "instead"}
        assert error["request_id"] == "request-1"


def test_a_fault_has_them_too(house, monkeypatch):
    monkeypatch.setattr(house.parts.agents, "get", fail)
    answer = house.gateway.get("/api/me", AGENT)
    assert (answer.status, answer.code) == (500, "internal")
    assert answer.headers.items() >= HEADERS.items()
    assert "fire" not in answer.body


def test_parts_that_cannot_be_made_are_a_fault_like_any_other(house, monkeypatch):
    monkeypatch.setattr("chalicelib.bootstrap.parts", fail)
    assert house.gateway.get("/api/me", AGENT).code == "internal"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_webhook_answers_have_them_too(house, method):
    answer = house.gateway.call(method, "/webhooks/meta", b"{}", signed(b"{}"))
    assert answer.headers.items() >= HEADERS.items()


def test_what_is_allowed_instead_of_a_wrong_method_is_said(house):
    assert house.gateway.call("DELETE", "/api/me", person=AGENT).headers["Allow"] == "GET"


def test_no_answer_opens_the_api_to_other_origins(house):
    headers = {"Origin": "https://evil.example"}
    answer = house.gateway.call("GET", "/api/me", None, headers, person=AGENT)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"away"',
        b"{",
        b'{"presence":"away"} x',
        b'{"presence":null}',
        b'{"presence":["away"]}',
        b'{"presence":"away","role":"admin"}',
        b'{"presence":"\xff"}',
        b"[" * 60_000,
        b'{"presence":' + b'{"a":' * 10_000,
        b'{"presence":"\\ud800"}',
    ],
)
def test_a_body_that_is_not_what_the_route_takes_is_a_400_that_quotes_nothing(house, body):
    answer = house.gateway.call(
        "PUT", "/api/me/presence", body, keyed(), person=AGENT, as_base64=True
    )
    assert (answer.status, answer.code) == (400, "bad_body")
    assert "role" not in answer.body
    assert len(answer.body) < 400


def test_base64_that_is_none_is_a_400(house):
    event = house.gateway.event(
        "PUT", "/api/me/presence", b"", keyed(), person=AGENT, as_base64=True
    )
    event["body"] = "no base64!"
    raw = house.gateway.app(event, None)
    assert raw["statusCode"] == 400


def test_half_a_character_in_the_body_is_a_400(house):
    event = house.gateway.event("PUT", "/api/me/presence", b"", keyed(), person=AGENT)
    event["body"] = '{"presence":"\ud800"}'
    assert json.loads(house.gateway.app(event, None)["body"])["error"]["code"] == "bad_body"


def test_a_body_without_a_type_is_read_as_json(house):
    headers = {"idempotency-key": "in-lower-case-as-http2"}
    answer = house.gateway.call(
        "PUT", "/api/me/presence", b'{"presence":"away"}', headers, person=AGENT
    )
    assert answer.status == 200


CHANGES = [route for route in ROUTES if route.body]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_is_a_fault(house, data):
    """Whatever is sent to any change: a refusal in our shape, never a fault of ours."""
    if not house.store.heads:
        house.customer_writes()
    found = next(iter(house.store.heads.values()))
    route = data.draw(st.sampled_from(CHANGES))
    names = st.sampled_from(route.body.__struct_fields__)
    sent = data.draw(
        st.dictionaries(names, VALUES).map(lambda v: json.dumps(v).encode()) | st.binary()
    )
    ids = {"message_id": "m1", "agent_id": "ann", "approval_id": "a" * 26}
    path = route.path.format(conversation_id=found.id, **ids)
    answer = house.gateway.call(route.method, path, sent, keyed(), person=ADMIN, as_base64=True)
    assert answer.status < 500
    assert answer.status in (200, 202) or answer.code


def test_an_event_that_is_no_request_is_answered_too(house):
    raw = house.gateway.app({"hello": "world"}, None)
    assert raw["statusCode"] == 500
    assert raw["headers"].items() >= HEADERS.items()


def test_the_longest_text_fits_the_bodys_limit(house):
    """Both limits are ours: the text's must be the one that a person meets."""
    found = house.customer_writes()
    text = "\N{GRINNING FACE}" * 10_000
    body = {"text": text, "version": found.version}
    raw = json.dumps(body, ensure_ascii=False).encode()
    path = f"/api/conversations/{found.id}/notes"
    assert house.gateway.call("POST", path, raw, keyed(), person=AGENT).status == 200
    longer = json.dumps({"text": "x" * 10_001, "version": 2}).encode()
    assert house.gateway.call("POST", path, longer, keyed(), person=AGENT).code == "bad_body"
