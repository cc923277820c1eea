"""The simulated PagerDuty and Opsgenie, with our own calls against them, over a real socket."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.channels.guarded import Poster
from chalicelib.channels.places import Places
from chalicelib.domain.ladder import PagingEndpoint, PagingKind
from chalicelib.domain.policy import Policy
from chalicelib.gateways.pager import Carriers, Pager
from chalicelib.workflows.ladder.ports import Carried
from infra.local.simulator import paging
from infra.local.simulator.paging import OpsgenieTaker, PagerDutyTaker
from infra.local.simulator.taker import Asked, Told
from tests.fakes.listening import listening

ROUTING, GENIE = "r" * 32, "g" * 36
SECRETS = {"duty": {"routing_key": ROUTING}, "genie": {"api_key": GENIE}}
FACTS = {
    "page": "k7m2p4",
    "summary": "Care: 12 cases " + "x" * 200,
    "severity": "breach",
    "team": "care",
    "count": "12",
    "link": "https://acme.example/p/x",
    "body": "Care: 12 cases.",
    "at": "2026-11-02T09:25:00.000+00:00",
}
TAKERS = {
    PagingKind.PAGERDUTY: ("duty", lambda: PagerDutyTaker(ROUTING)),
    PagingKind.OPSGENIE: ("genie", lambda: OpsgenieTaker(GENIE)),
}


def pager(kind, url):
    never = lambda: pytest.fail("not this carrier")
    poster = lambda: Poster(Places(private_urls=True))
    carriers = Carriers(never, never, never, poster, never, {kind.value: url})
    return Pager(lambda: Policy("v1"), SECRETS.__getitem__, carriers)


@pytest.mark.parametrize("kind", TAKERS)
def test_a_page_is_one_incident_from_its_trigger_to_its_end(kind):
    name, made = TAKERS[kind]
    taker, endpoint = made(), PagingEndpoint(name, kind, name)
    with listening(taker) as url:
        carrier = pager(kind, url)
        for action, state, times in (
            ("trigger", "triggered", 1),
            ("trigger", "triggered", 2),
            ("acknowledge", "acknowledged", 2),
            ("resolve", "resolved", 2),
        ):
            assert carrier.webhook(endpoint, action, FACTS) == Carried(taken=True)
            (incident,) = taker.board.incidents()
            assert (incident.key, incident.state, incident.times) == ("k7m2p4", state, times)
        assert incident.summary.startswith("Care: 12 cases")
        assert incident.details["count"] == "12"
        assert carrier.webhook(endpoint, "trigger", FACTS).taken
        assert [(one.state, one.times) for one in taker.board.incidents()] == [("triggered", 1)]


@pytest.mark.parametrize("kind", TAKERS)
def test_a_wrong_key_is_refused_for_good(kind):
    name, _ = TAKERS[kind]
    wrong = PagerDutyTaker("w" * 32) if kind is PagingKind.PAGERDUTY else OpsgenieTaker("w")
    with listening(wrong) as url:
        carried = pager(kind, url).webhook(PagingEndpoint(name, kind, name), "trigger", FACTS)
    assert (carried.taken, carried.again) == (False, False)
    assert wrong.board.incidents() == ()


def event(**changed):
    about = {"summary": "s", "source": "s", "severity": "error"}
    base = {"routing_key": ROUTING, "event_action": "trigger", "dedup_key": "k", "payload": about}
    return json.dumps(base | changed).encode()


@pytest.mark.parametrize(
    "asked",
    [
        Asked("GET", "/v2/enqueue", body=event()),
        Asked("POST", "/v2/other", body=event()),
        Asked("POST", "/v2/enqueue", body=event(event_action="shout")),
        Asked("POST", "/v2/enqueue", body=event(dedup_key="")),
        Asked("POST", "/v2/enqueue", body=event(payload="x")),
        Asked("POST", "/v2/enqueue", body=event(payload={"summary": "s"})),
        Asked("POST", "/v2/enqueue", body=b"{"),
        Asked("POST", "/v2/enqueue", body=b"[]"),
    ],
)
def test_pagerduty_takes_only_the_shape_of_an_event(asked):
    taker = PagerDutyTaker(ROUTING)
    assert taker.take(asked).status == 400
    assert taker.board.incidents() == ()


ALERT = {"message": "m", "alias": "k", "priority": "P2"}


@pytest.mark.parametrize(
    ("path", "query", "alert"),
    [
        ("/v2/alerts", {}, ALERT | {"message": "m" * 131}),
        ("/v2/alerts", {}, ALERT | {"priority": "P9"}),
        ("/v2/alerts", {}, ALERT | {"alias": ""}),
        ("/v2/alerts/k/close", {}, {}),
        ("/v2/alerts/k/delete", {"identifierType": "alias"}, {}),
    ],
)
def test_opsgenie_takes_only_the_shape_of_an_alert(path, query, alert):
    taker = OpsgenieTaker(GENIE)
    headers = {"authorization": f"GenieKey {GENIE}"}
    taken = taker.take(Asked("POST", path, query, headers, json.dumps(alert).encode()))
    assert (taken.status, taker.board.incidents()) == (422, ())


def test_what_is_not_there_cannot_be_moved_on():
    taker = PagerDutyTaker(ROUTING)
    body = event(event_action="resolve")
    assert taker.take(Asked("POST", "/v2/enqueue", body=body)).status == 202
    assert taker.board.incidents() == ()


class Door:
    """A page's door: notes what it was called with."""

    prefix = "p"

    def __init__(self, status=200):
        self.called, self.status = [], status

    def take(self, asked):
        self.called.append((asked.method, asked.path))
        return Told(self.status)


def test_a_tap_fetches_and_posts_and_a_preview_only_fetches():
    token = "k7m2p4." + "a" * 24
    with listening(door := Door()) as url:
        link = paging.link_in(f"BREACH Care: 2 cases. Ack: {url}/{token} or answer OK")
        assert link == f"{url}/{token}"
        assert paging.preview(link) == 200
        assert door.called == [("GET", f"/{token}")]
        assert paging.tap(link) == 200
        assert door.called[1:] == [("GET", f"/{token}"), ("POST", f"/{token}")]
    assert paging.link_in("no link here https://acme.example/c/x") == ""
    with listening(door := Door(404)) as url:
        assert paging.tap(f"{url}/{token}") == 404
        assert len(door.called) == 1


def test_an_answer_is_a_message_of_that_telephone_to_that_number():
    at = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    one = paging.answer("+15550111", "+15550100", "ok", at)
    assert (one.account, one.person, one.text, one.at) == ("+15550100", "+15550111", "ok", at)
    assert one.id != replace(one, id="").id
    assert one.id != paging.answer("+15550111", "+15550100", "ok", at.replace(minute=31)).id
