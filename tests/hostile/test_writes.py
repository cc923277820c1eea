"""Writes: a change takes the fields it declares, and no other, whoever sends it."""

import pytest

from chalicelib.entrypoints.catalogue import catalogue
from tests.contract.test_pages_contract import page
from tests.fakes.house import ADMIN
from tests.unit.entrypoints.test_access import BODIES, UNVERSIONED, path_of
from tests.unit.entrypoints.test_answers import CHANGES

ROUTES = catalogue()

EXTRA = (
    "role teams assignee status load capacity presence rev id key token generation actor author_id "
    "conversation_id case_number team priority due_at delivery __proto__ __class__ $where Version"
).split()
"""Names of what is stored and of what elsewhere has meant trouble."""


def state(store):
    kept = (store.heads, store.messages, store.logs, store.people, store.page_rows)
    return [dict(held) for held in kept]


@pytest.mark.parametrize("name", [*EXTRA, ""])
@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.name)
def test_a_field_that_is_not_declared_is_refused_and_changes_nothing(house, route, name):
    found = house.customer_writes()
    body = BODIES.get(route.name, {})
    body = body | ({} if route.name in UNVERSIONED else {"version": found.version})
    if name in route.body.__struct_fields__:
        return  # this change declares it
    before = state(house.store)
    path = path_of(route, found, agent_id="ann")
    for value in ("admin", 1, None, ["care"], {"a": 1}):
        answer = house.gateway.change(route.method, path, body | {name: value}, ADMIN)
        assert (answer.status, answer.code) == (400, "bad_body")
        assert not name or len(name) < 5 or name not in answer.json["error"]["message"]
    assert state(house.store) == before


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.name)
def test_every_change_forbids_unknown_fields(route):
    assert route.body.__struct_config__.forbid_unknown_fields


def test_whoever_is_present_cannot_make_himself_anything_else(house):
    """What an agent may change of his own row is whether he is there."""
    before = house.store.people["ann"]
    answer = house.gateway.change("PUT", "/api/me/presence", {"presence": "away"}, ADMIN)
    assert answer.status == 200
    assert house.store.people["ann"] == before


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.method == "GET"], ids=lambda route: route.name
)
def test_reading_changes_nothing(house, route):
    """So that no link and no picture can make somebody's browser change anything."""
    found = house.customer_writes()
    house.store.pages.open(page("p1", climbs_at=house.parts.now()), None)
    before = state(house.store)
    assert house.gateway.get(path_of(route, found), ADMIN).status == (
        404 if "{index}" in route.path else 200
    )
    assert state(house.store) == before
