"""Headers: every answer has them, a refusal too, whoever asked and whatever went wrong."""

import pytest

from app import app
from chalicelib.entrypoints.api import HEADERS
from chalicelib.workflows.ports import BusyError
from tests.fakes.house import ADMIN, AGENT, STRANGER, VERIFY_TOKEN
from tests.fakes.trail import OutageError
from tests.hostile.deliveries import META, SHOP, page, post, talk

SERVED = sorted((method, path) for path, methods in app.routes.items() for method in methods)
KEYED = {"Idempotency-Key": "a-proper-key", "Content-Type": "application/json"}
ID = "a" * 26


def fail(*_, **__):
    raise OutageError


def filled(path):
    names = {"conversation_id": ID, "contact_id": ID, "message_id": "m1", "agent_id": "ann"}
    names |= {"page_id": "p1", "token": "p1.ann", "approval_id": ID}
    return path.format(**names, index="0", network="standard", handle="acme-shop")


OWN = "Content-Security-Policy"
"""The header of which the page behind a link has its own: test_taps.py holds it to its words."""


def check(answer):
    if answer.headers["Content-Type"].startswith("text/html"):
        common = {name: value for name, value in HEADERS.items() if name != OWN}
        assert answer.headers.items() >= common.items()
        assert set(HEADERS[OWN].split("; ")) <= set(answer.headers[OWN].split("; "))
        assert "Traceback" not in answer.body
        return answer.status
    assert answer.headers.items() >= HEADERS.items()
    kind = answer.headers["Content-Type"]
    assert kind == "application/json" or (kind == "text/plain" and answer.status == 200)
    if answer.status >= 400:
        error = answer.json["error"]
        assert set(error) <= {"code", "message", "request_id", "instead"}
        assert "Traceback" not in answer.body
    return answer.status


def test_the_headers_are_these():
    """What each is for stands in docs/security.md."""
    assert HEADERS["Cache-Control"] == "no-store"
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    policy = HEADERS["Content-Security-Policy"].split("; ")
    assert policy == ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
    assert HEADERS["Referrer-Policy"] == "no-referrer"
    assert int(HEADERS["Strict-Transport-Security"].split(";")[0].split("=")[1]) >= 31_536_000


@pytest.mark.parametrize("person", [None, AGENT, ADMIN])
@pytest.mark.parametrize(("method", "path"), SERVED)
def test_every_route_answers_everybody_with_them(house, method, path, person):
    """An empty body, a broken one, another type, another method, and an outage."""
    call = house.gateway.call
    assert check(call(method, filled(path), b"", KEYED, person=person)) < 500
    assert check(call(method, filled(path), b"{", KEYED, person=person)) < 500
    typed = KEYED | {"Content-Type": "text/xml"}
    assert check(call(method, filled(path), b"<a/>", typed, person=person)) in range(200, 416)
    assert check(call("PATCH", filled(path), b"{}", KEYED, person=person)) == 405
    house.parts.agents.get = house.parts.policies.current = house.parts.secrets.get = fail
    check(call(method, filled(path), b"{}", KEYED, person=person))


def conflict(house):
    found = house.customer_writes()
    path = f"/api/conversations/{found.id}/notes"
    return house.gateway.change("POST", path, {"text": "x", "version": 99}, AGENT)


def reused(house):
    found = house.customer_writes()
    path = f"/api/conversations/{found.id}/notes"
    for text in ("one", "two"):
        body = {"text": text, "version": found.version}
        answer = house.gateway.change("POST", path, body, AGENT, "only-once")
    return answer


def busy(house):
    found = house.customer_writes()

    def refuse(_):
        raise BusyError

    house.store.before_commit.append(refuse)
    path = f"/api/conversations/{found.id}/notes"
    return house.gateway.change("POST", path, {"text": "x", "version": found.version}, AGENT)


def broken(house):
    house.parts.agents.get = fail
    return house.gateway.get("/api/me", AGENT)


def not_taken(house):
    house.parts.inbox.failures = 9
    return post(house, page(messaging=[talk(1, "x")]))


def challenge(house, token=VERIFY_TOKEN):
    query = f"hub.mode=subscribe&hub.challenge=1&hub.verify_token={token.replace(' ', '+')}"
    return house.gateway.get(f"{META}?{query}")


BY_STATUS = [
    (200, lambda house: post(house, page())),
    (200, challenge),
    (400, lambda house: house.gateway.get("/api/cases?limit=0", AGENT)),
    (401, lambda house: post(house, b"{}", {}, SHOP)),
    (403, lambda house: challenge(house, "guess")),
    (403, lambda house: house.gateway.get("/api/cases?team=care", STRANGER)),
    (404, lambda house: house.gateway.get(f"/api/conversations/{ID}", AGENT)),
    (405, lambda house: house.gateway.call("PUT", META)),
    (409, conflict),
    (413, lambda house: post(house, b" " * 3_000_001)),
    (415, lambda house: house.gateway.call("POST", META, b"x", {"Content-Type": "image/png"})),
    (422, reused),
    (500, broken),
    (503, busy),
    (503, not_taken),
]


@pytest.mark.parametrize(("status", "ask"), BY_STATUS)
def test_every_status_has_them(house, status, ask):
    assert check_loosely(ask(house)) == status


def check_loosely(answer):
    """A conflict also carries the newer state."""
    assert answer.headers.items() >= HEADERS.items()
    if answer.status >= 400:
        assert set(answer.json) <= {"error", "conversation"}
    return answer.status


def test_a_refusal_names_no_part_of_the_machine(house):
    """No version, no product, no path of a file."""
    answer = broken(house)
    told = f"{answer.headers}{answer.body}".lower()
    for word in ("python", "chalice", "server", "powered", ".py", "outage", "dynamodb", "line "):
        assert word not in told
