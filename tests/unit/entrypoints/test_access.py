"""Who may call what: every route, as every role, as nobody, and as somebody of another team."""

import json

import pytest

from app import app
from chalicelib.domain.agent import Role
from chalicelib.entrypoints.access import ANYBODY, role_of
from chalicelib.entrypoints.catalogue import catalogue
from tests.fakes.gateway import Person
from tests.fakes.house import ADMIN, AGENT, LEAD, STRANGER

ROUTES = catalogue()

SIGNED = {"/webhooks/meta", "/webhooks/{network}/{handle}"}
"""The routes that a platform's signature opens instead of a token."""

LINKED = {"/p/{token}"}
"""The route that a signed link opens instead of a token: tests/hostile/test_links.py."""

PEOPLE = {Role.AGENT: AGENT, Role.LEAD: LEAD, Role.ADMIN: ADMIN}
BODIES = {
    "post_reply": {"text": "On its way."},
    "post_note": {"text": "Called the depot."},
    "post_invite": {"text": "Please write to us in private."},
    "post_check": {"text": "On its way."},
    "post_upload": {"name": "a.png", "mime_type": "image/png", "size": 1},
    "post_assign": {"agent_id": "ann"},
    "post_resolve": {"reason": "answered"},
    "post_refuse": {"reason": "too kind"},
    "post_reopen": {"reason": "not over"},
    "post_wait": {"on": "customer", "reason": "asked for the order number"},
    "post_snooze": {"until": "2026-11-03T09:00:00Z"},
    "post_priority": {"priority": "high"},
    "post_vip": {"vip": True},
    "post_labels": {"add": ["refund"]},
    "post_language": {"language": "de"},
    "post_thank": {"how": "a like"},
    "post_no_answer": {"reason": "only praise"},
    "post_team": {"team": "shop", "reason": "it is about an order"},
    "post_decline": {"reason": "at lunch"},
    "post_dry_run": {"since": "2026-11-01T00:00:00Z", "until": "2026-11-30T00:00:00Z"},
    "put_presence": {"presence": "away"},
    "put_agent": {"rev": 0, "name": "New"},
}
UNVERSIONED = {
    "put_presence",
    "put_agent",
    "post_check",
    "post_upload",
    "post_dry_run",
    "post_page_acknowledge",
}


def path_of(route, found, **ids):
    """Return a route's path to this conversation; what `ids` does not name is not there."""
    gone = {"message_id": "m1", "agent_id": "new", "index": "0", "page_id": "p1"}
    gone |= {"approval_id": "a" * 26}
    here = {"conversation_id": found.id, "contact_id": found.contact_id}
    return route.path.format(**gone | here | ids)


def ask(house, route, person):
    """Call a route with something it takes, on a fresh conversation."""
    found = house.customer_writes(f"about {route.name} {person}")
    path = path_of(route, found)
    if route.method == "GET":
        return house.gateway.get(path, person)
    version = {} if route.name in UNVERSIONED else {"version": found.version}
    return house.gateway.change(route.method, path, BODIES.get(route.name, {}) | version, person)


def test_every_route_of_the_app_is_declared():
    """A route that Chalice serves and nobody declared would be open to all."""
    served = {(method, path) for path, methods in app.routes.items() for method in methods}
    declared = {(route.method, route.path) for route in ROUTES}
    assert {(m, p) for m, p in served if p not in SIGNED | LINKED} == declared
    assert {p for _, p in served} - {r.path for r in ROUTES} == SIGNED | LINKED


def test_every_declared_role_is_a_role_and_only_the_description_is_open():
    assert [route.name for route in ROUTES if route.roles == ANYBODY] == ["get_openapi"]
    assert all(route.roles <= set(Role) for route in ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_the_gateway_checks_the_token_of_every_route_that_needs_one(route):
    entry = app.routes[route.path][route.method]
    assert (entry.authorizer is None) == (route.roles == ANYBODY)
    assert entry.cors is None


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_role_gets_in_where_it_is_declared_and_nowhere_else(house, route, role):
    answer = ask(house, route, PEOPLE[role])
    if route.roles == ANYBODY or role in route.roles:
        assert answer.status not in (400, 401, 403, 500, 503), answer.body
    else:
        assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_nobody_gets_in_anywhere_but_to_the_description(house, route):
    answer = ask(house, route, None)
    assert answer.status == (200 if route.roles == ANYBODY else 401)


@pytest.mark.parametrize(
    "claims", [{}, {"cognito:username": ""}, {"sub": "x"}, {"cognito:username": 7}]
)
def test_a_token_without_a_name_is_nobody(house, claims):
    event = house.gateway.event("GET", "/api/me")
    event["requestContext"]["authorizer"] = {"claims": claims}
    assert house.gateway.app(event, None)["statusCode"] == 401


@pytest.mark.parametrize("authorizer", [None, "x", {}, {"claims": None}, {"claims": "ann"}])
def test_an_authorizer_without_claims_is_nobody(house, authorizer):
    event = house.gateway.event("GET", "/api/me")
    event["requestContext"]["authorizer"] = authorizer
    assert house.gateway.app(event, None)["statusCode"] == 401


def test_a_token_without_a_group_of_ours_may_do_nothing(house):
    event = house.gateway.event("GET", "/api/me", person=AGENT)
    event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = "visitors"
    assert house.gateway.app(event, None)["statusCode"] == 403


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in ROUTES
        if "{conversation_id}" in route.path or "{contact_id}" in route.path
    ],
    ids=lambda route: route.name,
)
def test_what_belongs_to_another_team_is_not_there(house, route):
    """404 and not 403: that it exists is nobody's business.

    Where the role is wrong, 403 says so first.
    """
    answer = ask(house, route, STRANGER)
    assert answer.status == (404 if Role.AGENT in route.roles else 403)


def test_the_role_comes_from_the_token_and_not_from_the_body(house):
    answer = house.gateway.change("PUT", "/api/agents/ann", {"rev": 1, "role": "admin"}, AGENT)
    assert answer.status == 403


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("agent", Role.AGENT),
        ("agent,lead", Role.LEAD),
        ("[agent admin]", Role.ADMIN),
        (["lead"], Role.LEAD),
        ("administrators", None),
        ("Admin", None),
        ("", None),
        (None, None),
        ({"admin": 1}, None),
    ],
)
def test_the_highest_group_counts_in_whatever_form_the_gateway_hands_it_over(groups, role):
    assert role_of(groups) is role


def test_a_person_without_an_agents_row_sees_no_team(house):
    """The pool may know somebody whom no admin has set up yet."""
    found = house.customer_writes()
    person = Person("new-in-the-pool", Role.LEAD)
    assert house.gateway.get("/api/me", person).json["teams"] == []
    assert house.gateway.get(f"/api/conversations/{found.id}", person).status == 404
    assert json.loads(house.gateway.get("/api/cases", person).body)["conversations"] == []
