"""The OpenAPI document and the API agree: what it allows is taken, what it forbids refused."""

import json
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from chalicelib.entrypoints.access import ANYBODY
from chalicelib.entrypoints.bodies import BODY_LIMIT
from chalicelib.entrypoints.catalogue import catalogue
from chalicelib.entrypoints.openapi import document
from tests.fakes.house import ADMIN, AGENT, LEAD, STRANGER, House, open_house
from tests.fakes.wsgi import WsgiGateway

ROUTES = catalogue()

EXAMPLES = 12
LARGE = BODY_LIMIT // 2


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with open_house() as opened:
        opened.customer_writes()
        yield opened


@pytest.fixture(scope="module")
def described(house):
    """Return the API's own description, read from the API."""
    bridge = WsgiGateway(house.gateway, (AGENT, LEAD, ADMIN, STRANGER))
    return schemathesis.openapi.from_wsgi("/api/openapi.json", bridge)


def aim(house, case):
    """Point a request at what is there, as its newest version, so that it gets past the look-up."""
    found = next(iter(house.store.heads.values()))
    real = {"conversation_id": found.id, "contact_id": found.contact_id, "agent_id": "ann"}
    for name, value in (case.path_parameters or {}).items():
        case.path_parameters[name] = real.get(name, value)
    if isinstance(case.body, dict) and isinstance(case.body.get("version"), int):
        case.body["version"] = found.version


def requests_of(described, route, mode):
    """Return a strategy for requests of one route, right or (mode negative) wrong ones."""
    return described[route.path][route.method].as_strategy(generation_mode=mode)


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_api_does_what_its_description_says(house, described, route, mode, data):
    """Any input: declared statuses, declared answers, wrong data refused, never a fault of ours.

    Whether a right request is accepted depends on the state of the case, so that is not checked.
    """
    if mode is GenerationMode.NEGATIVE and not (route.body or route.query or "{" in route.path):
        return  # nothing of such a request can be wrong
    case = data.draw(requests_of(described, route, mode))
    if mode is GenerationMode.POSITIVE:
        aim(house, case)
    case.headers["Authorization"] = f"Bearer {ADMIN.name}"
    excluded = [positive_data_acceptance, ignored_auth]  # the token is ours, whatever was drawn
    if len(json.dumps(case.body, default=str)) > LARGE:  # may be refused by its size alone
        excluded.append(negative_data_rejection)
    case.call_and_validate(excluded_checks=excluded)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nobody_gets_nothing(described, route, data):
    case = data.draw(requests_of(described, route, GenerationMode.POSITIVE))
    case.headers.pop("Authorization", None)
    assert case.call().status_code == (200 if route.roles == ANYBODY else 401)


def test_every_route_is_described_with_its_roles_and_its_token(house):
    paths = house.gateway.get("/api/openapi.json").json["paths"]
    for route in ROUTES:
        operation = paths[route.path][route.method.lower()]
        assert operation["x-roles"] == sorted(route.roles)
        assert bool(operation["security"]) == (route.roles != ANYBODY)
        assert operation["summary"].endswith(".")
    assert sum(len(methods) for methods in paths.values()) == len(ROUTES)


def test_the_description_tells_nothing_about_the_machine():
    text = str(document(ROUTES, "1")["components"]["schemas"]["ConversationAnswer"])
    assert "token" not in text
    assert "rev" not in text.replace("revoke", "")


def test_every_reference_leads_somewhere():
    described = document(ROUTES, "1")
    known = described["components"]["schemas"]
    wanted = set()

    def walk(node):
        if isinstance(node, dict):
            wanted.update([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(described)
    assert wanted <= {f"#/components/schemas/{name}" for name in known}
