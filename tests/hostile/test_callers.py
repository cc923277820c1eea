"""Wrong callers: whoever asks for what belongs to another team gets nothing of it, by no way in.

tests/unit/entrypoints/test_access.py walks every route as every role; here are the ways around.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.agent import Agent, Role
from chalicelib.domain.authority import Limit, PromiseKind
from chalicelib.domain.channel import Channel
from chalicelib.domain.message import Direction
from chalicelib.entrypoints.catalogue import catalogue
from chalicelib.store import cursors, keys
from tests.contract.test_pages_contract import member
from tests.contract.test_pages_contract import page as opened
from tests.fakes.gateway import Person
from tests.fakes.house import ADMIN, AGENT, LEAD, POLICY, STRANGER
from tests.hostile.deliveries import page, post, take_in, talk
from tests.unit.entrypoints.test_access import BODIES, UNVERSIONED, path_of

ROUTES = catalogue()

CANARY = "canary-words-of-another-team"
CUSTOMER = "canary-customer"
LIMITS = (
    Limit(PromiseKind.REFUND, "agent", cents=5000, currency="EUR"),
    Limit(PromiseKind.REFUND, "lead", cents=50_000, currency="EUR"),
)
REFUND = {"kind": "refund", "amount": "60.00", "currency": "EUR"}

OUTSIDERS = {
    "agent of another team": STRANGER,
    "lead of another team": Person("zoe", Role.LEAD),
    "agent of no team": Person("ned", Role.AGENT),
    "somebody whom no admin has set up": Person("new", Role.LEAD),
}
"""Nobody of these may see a conversation of team care."""


OWNED = ("{conversation_id}", "{contact_id}", "{page_id}")
"""What belongs to a team, in a path."""


@pytest.fixture
def theirs(house):
    """A conversation of team care, with its words, and people of other teams.

    A reply in it waits for approval, and a page tells of it.
    """
    house.store.agents.save(Agent("zoe", "Zoe", teams=("shop",), role=Role.LEAD))
    house.store.agents.save(Agent("ned", "Ned"))
    house.store.policies.publish(replace(POLICY, version="v2", limits=LIMITS))
    house.store.policies.make_current("v2")
    post(house, page(messaging=[talk(1, CANARY, CUSTOMER)]))
    assert take_in(house) == 0
    (found,) = house.store.heads.values()
    reply = {"text": CANARY, "promises": [REFUND], "version": found.version}
    path = f"/api/conversations/{found.id}/replies"
    assert house.gateway.change("POST", path, reply, AGENT).status == 202
    now = house.parts.now()
    house.store.pages.open(opened(climbs_at=now, opened_at=now), None)
    house.store.pages.join("one", member(conversation_id=found.id))
    return house.conversation(found.id)


def ids_of(house, found):
    """Return what a path to this conversation can name, all of it there."""
    messages = house.store.messages.values()
    (message_id,) = [one.id for one in messages if one.direction is Direction.INBOUND]
    (approval,) = found.case.approvals
    ids = {"message_id": message_id, "approval_id": approval.id, "page_id": "one"}
    return ids | {"agent_id": "ann"}


def ways_in(found, ids):
    """Return every path of the API with these ids in it."""
    return [(route, path_of(route, found, **ids)) for route in ROUTES]


def test_what_is_refused_below_is_there(house, theirs):
    """Else a path would be refused because it leads to nothing."""
    found = dict.fromkeys(OWNED, False)
    for route, path in ways_in(theirs, ids_of(house, theirs)):
        if route.method == "GET":
            answer = house.gateway.get(path, LEAD)
            assert answer.status == (404 if "{index}" in route.path else 200), route.name
            found |= {name: True for name in OWNED if name in route.path}
    assert all(found.values())
    assert theirs.id in house.gateway.get("/api/approvals", LEAD).body
    assert theirs.id in house.gateway.get("/api/pages?members=9", LEAD).body
    assert tried(house, LEAD).json["cases"] == 1


def tried(house, person):
    (route,) = [one for one in ROUTES if one.name == "post_dry_run"]
    return call(house, route, route.path, person, 1)


@pytest.mark.parametrize("outsider", OUTSIDERS.values(), ids=OUTSIDERS)
def test_a_dry_run_counts_nothing_of_another_team(house, theirs, outsider):
    """The policy that is tried is for all teams, the cases are one's own."""
    answer = tried(house, outsider)
    if outsider.role is Role.AGENT:
        assert answer.status == 403
    else:
        assert (answer.json["cases"], answer.json["tallies"]) == (0, [])
        assert answer.json["pages"] == []


def call(house, route, path, person, version):
    if route.method == "GET":
        return house.gateway.get(path, person)
    body = BODIES.get(route.name, {}) | ({} if route.name in UNVERSIONED else {"version": version})
    return house.gateway.change(route.method, path, body, person)


@pytest.mark.parametrize("outsider", OUTSIDERS.values(), ids=OUTSIDERS)
def test_no_way_in_shows_or_changes_anything_of_another_team(house, theirs, outsider):
    before = dict(house.store.messages), dict(house.store.page_rows)
    for route, path in ways_in(theirs, ids_of(house, theirs)):
        answer = call(house, route, path, outsider, theirs.version)
        assert answer.status != 500
        assert CANARY not in answer.body, route.name
        assert CUSTOMER not in answer.body, route.name
        assert theirs.id not in answer.body, route.name
        if any(name in route.path for name in OWNED):
            assert answer.status in (403, 404), route.name
    assert house.conversation(theirs.id) == theirs
    assert (house.store.messages, house.store.page_rows) == before


@pytest.mark.parametrize("outsider", OUTSIDERS.values(), ids=OUTSIDERS)
def test_what_is_not_theirs_answers_like_what_is_not_there(house, theirs, outsider):
    """A different word, or a different status, would tell which conversations exist."""
    nowhere = replace(theirs, id="a" * 26, contact_id="a" * 26)
    there = ways_in(theirs, ids_of(house, theirs))
    not_there = ways_in(nowhere, {"page_id": "no-such-page", "agent_id": "ann"})
    for (route, path), (_, other) in zip(there, not_there, strict=True):
        if path != other:
            first = call(house, route, path, outsider, theirs.version)
            second = call(house, route, other, outsider, theirs.version)
            assert (first.status, first.json) == (second.status, second.json), route.name


@pytest.mark.parametrize("outsider", OUTSIDERS.values(), ids=OUTSIDERS)
def test_a_forged_cursor_opens_no_contact(house, theirs, outsider):
    """A cursor is no secret: whoever knows the code can write one."""
    position = keys.at(house.parts.now(), "z")
    for at in (position, "000000000000000#a", "~"):
        forged = cursors.write(at, "contact", theirs.contact_id)
        path = f"/api/contacts/{theirs.contact_id}?cursor={forged}"
        answer = house.gateway.get(path, outsider)
        assert answer.status in (404, 400), at
        assert CUSTOMER not in answer.body
    forged = cursors.write("999999999999999#z", "contact", theirs.contact_id)
    mine = house.gateway.get(f"/api/contacts/{theirs.contact_id}?cursor={forged}", AGENT)
    assert mine.status == 200


def test_the_next_page_of_a_contact_stays_open_to_who_saw_the_first(house, theirs):
    after_all = cursors.write("000000000000000#a", "contact", theirs.contact_id)
    answer = house.gateway.get(f"/api/contacts/{theirs.contact_id}?cursor={after_all}", AGENT)
    assert answer.status == 200
    assert answer.json["conversations"] == []


@pytest.mark.parametrize("what", ["messages", "history"])
def test_a_cursor_of_one_conversation_is_worth_nothing_on_another(house, theirs, what):
    other = house.customer_writes("about something else")
    foreign = cursors.write(keys.at(house.parts.now(), "z"), what, theirs.id)
    path = f"/api/conversations/{other.id}/{what}?cursor={foreign}"
    assert house.gateway.get(path, ADMIN).code == "bad_cursor"


@pytest.mark.parametrize(
    "query", ["team=care", "assignee=ann", "assignee=lou", "team=care&limit=1"]
)
def test_no_list_shows_cases_of_another_team(house, theirs, query):
    path = f"/api/conversations/{theirs.id}/take"
    assert house.gateway.change("POST", path, {"version": theirs.version}, AGENT).status == 200
    shown = house.gateway.get(f"/api/cases?{query}", ADMIN).body
    assert (theirs.id in shown) == (query != "assignee=lou")
    for name, outsider in OUTSIDERS.items():
        answer = house.gateway.get(f"/api/cases?{query}", outsider)
        assert answer.status in (200, 403), name
        assert theirs.id not in answer.body, name
        assert CUSTOMER not in answer.body, name


def test_a_message_of_another_conversation_is_not_there(house, theirs):
    other = house.customer_writes("about something else")
    message_id = next(mid for owner, mid in house.store.messages if owner == theirs.id)
    path = f"/api/conversations/{other.id}/messages/{message_id}/resend"
    assert house.gateway.change("POST", path, {"version": other.version}, AGENT).status == 404


def test_a_case_goes_to_nobody_of_another_team(house, theirs):
    path = f"/api/conversations/{theirs.id}/assign"
    body = {"agent_id": STRANGER.name, "version": theirs.version}
    assert house.gateway.change("POST", path, body, ADMIN).code == "not_of_team"


def test_a_key_that_another_person_used_shows_nothing_of_what_it_did(house, theirs):
    """An Idempotency-Key repeats a change for those who may make it, and is no way to read it."""
    path = f"/api/conversations/{theirs.id}/notes"
    body = {"text": CANARY, "version": theirs.version}
    assert house.gateway.change("POST", path, body, AGENT, "a-known-key").status == 200
    for outsider in OUTSIDERS.values():
        answer = house.gateway.change("POST", path, body, outsider, "a-known-key")
        assert answer.status == 404
        assert CANARY not in answer.body


@pytest.mark.parametrize("use", ["access", "refresh", "", None, ["id"]])
def test_only_an_id_token_says_who_asks(house, use):
    event = house.gateway.event("GET", "/api/me", person=AGENT)
    event["requestContext"]["authorizer"]["claims"]["token_use"] = use
    assert house.gateway.app(event, None)["statusCode"] == 401
    event["requestContext"]["authorizer"]["claims"]["token_use"] = "id"
    assert house.gateway.app(event, None)["statusCode"] == 200


CLAIMED = [
    {"role": "admin"},
    {"cognito:groups": "admin"},
    {"X-Role": "admin"},
]


@pytest.mark.parametrize("claimed", CLAIMED)
def test_nothing_but_the_token_says_who_somebody_is(house, claimed):
    """No header, no query and no field of the body is asked for the role."""
    event = house.gateway.event("GET", "/api/agents", headers=claimed, person=AGENT)
    assert house.gateway.app(event, None)["statusCode"] == 403
    event = house.gateway.event("GET", "/api/me", headers={"Authorization": "Bearer ada"} | claimed)
    assert house.gateway.app(event, None)["statusCode"] == 401


ODD = st.text(
    st.sampled_from("a2#\0%/._-~\n\r \u0430\uff41\u2024\u202e'\"<{é$\U0001f600"), max_size=40
)
LOOK_ALIKES = [
    "\u0430nn",
    "ann\u200b",
    "\uff41nn",
    "ann\n",
    "ANN",
    "ann ",
    " ann",
    "ann\0",
    "a\u0301nn",
]


def asked(house, method, resource, values, body):
    """Call with path values that the gateway would hand over as they are."""
    sent = json.dumps(body).encode()
    headers = {"Idempotency-Key": "a-proper-key", "Content-Type": "application/json"}
    event = house.gateway.event(method, "/api/me", sent, headers, person=ADMIN, as_base64=True)
    event |= {"resource": resource, "pathParameters": values, "path": "/x"}
    event["requestContext"]["resourcePath"] = resource
    return house.gateway.app(event, None)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([route for route in ROUTES if "{" in route.path]), ODD)
def test_no_odd_id_finds_anything_or_is_a_fault(house, theirs, route, odd):
    held = (house.store.heads, house.store.messages, house.store.people, house.store.page_rows)
    before = [dict(one) for one in held]
    for value in (odd, theirs.id + odd, theirs.id.upper() + odd, f"{theirs.id}#{odd}"):
        names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
        values = dict.fromkeys(names, value)
        if value == theirs.id or (names == ["agent_id"] and value.isascii() and value.isalnum()):
            continue
        body = BODIES.get(route.name, {}) | ({} if route.name in UNVERSIONED else {"version": 1})
        raw = asked(house, route.method, route.path, values, body)
        if names != ["agent_id"]:
            assert raw["statusCode"] == 404, (value, raw["body"])
            assert CANARY not in raw["body"]
        assert raw["statusCode"] < 500
    if "agent_id" not in route.path:
        assert list(held) == before


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_name_that_looks_like_another_is_another(house, theirs, name):
    """From the token, in a path and in a body."""
    assert house.gateway.get(f"/api/conversations/{theirs.id}", Person(name)).status == 404
    raw = asked(house, "PUT", "/api/agents/{agent_id}", {"agent_id": name}, {"rev": 0})
    assert raw["statusCode"] == (200 if name == "ANN" else 404)
    path = f"/api/conversations/{theirs.id}/assign"
    body = {"agent_id": name, "version": theirs.version}
    answer = house.gateway.change("POST", path, body, LEAD)
    assert answer.status in ((404, 409) if name == "ANN" else (400,))
    teams = {"rev": 0, "teams": [name]}
    answer = house.gateway.change("PUT", "/api/agents/x", teams, ADMIN)
    assert answer.status == (200 if name == "ANN" else 400)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([route for route in ROUTES if route.query]),
    st.sampled_from(["limit", "cursor", "team", "assignee", "status", "channel", "x"]),
    ODD | st.binary(max_size=30).map(lambda raw: cursors.write(repr(raw), "contact")),
)
def test_no_query_is_a_fault(house, theirs, route, name, value):
    values = {"contact_id": theirs.contact_id, "conversation_id": theirs.id}
    event = house.gateway.event("GET", route.path.format(**values), person=LEAD)
    event["multiValueQueryStringParameters"] = {name: [value]}
    raw = house.gateway.app(event, None)
    assert raw["statusCode"] in (200, 400, 403), raw["body"]


PARTS = st.text(max_size=40) | st.sampled_from(["", "#", "##", "\0", "%", "%23", "%%", "a" * 300])


@settings(max_examples=500, deadline=None)
@given(st.tuples(PARTS, PARTS), st.tuples(PARTS, PARTS))
def test_different_parts_never_give_one_key(some, others):
    """Whatever a platform or a person calls a thing, it cannot reach into another's rows."""
    builders = (
        lambda a, b: keys.reference(Channel.MESSENGER, a, b),
        lambda a, b: keys.identity(Channel.MESSENGER, a, b),
        lambda a, b: f"{keys.held_by(a)} {keys.queued(b)}",
    )
    for build in builders:
        assert (build(*some) == build(*others)) == (some == others)
        assert build(*some).isprintable()
        assert build(*some).isascii()
