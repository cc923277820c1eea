"""Links of pages under attack: nobody takes a page without the very link that was sent to them."""

import base64
import re
from dataclasses import replace

import pytest

from chalicelib.domain.agent import Agent
from chalicelib.domain.alert import Severity
from chalicelib.domain.page import Page, PageState
from chalicelib.gateways.links import Links

KEY = "the key of this stage, 32 letters"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def door(house):
    """The company with the real links, two open pages, and a door to them."""
    house.parts.secrets.held["links"] = {"key": KEY}
    house.parts.links = Links(
        house.parts.secrets.get,
        lambda: "https://acme.example/api",
        lambda: (agent.id for agent in house.store.agents.all()),
    )
    now = house.parts.now()
    for page_id in ("k7m2p4", "k7m2p5"):
        house.store.pages.open(
            Page(page_id, f"care/{page_id}", "care", "usual", "v1", Severity.BREACH, now, now), None
        )
    return house


def token(door, page="k7m2p4", person="lou"):
    return door.parts.links.link(page, person).rpartition("/")[2]


def attempts(door, made):
    """Look and tap; return the statuses."""
    tapped = door.gateway.call("POST", f"/p/{made}", b"", FORM)
    return {door.gateway.get(f"/p/{made}").status, tapped.status}


def untouched(door):
    pages = [door.store.pages.get(one) for one in ("k7m2p4", "k7m2p5")]
    return all(page.state is PageState.OPEN and page.rev == 1 for page in pages)


def test_the_right_link_opens_its_own_page_alone(door):
    assert attempts(door, token(door)) == {200}
    assert door.store.pages.get("k7m2p4").acknowledged_by == "lou"
    assert door.store.pages.get("k7m2p5").state is PageState.OPEN


def test_every_cut_and_every_changed_letter_is_refused(door):
    made = token(door)
    cut = [made[:length] for length in range(1, len(made))]
    changed = [
        made[:place] + ("a" if letter != "a" else "b") + made[place + 1 :]
        for place, letter in enumerate(made)
    ]
    for forged in (*cut, *changed, made + "a", made.upper(), made + "%20"):
        assert attempts(door, forged) == {404}, forged
    assert untouched(door)


def test_parts_of_two_right_links_make_no_third(door):
    mine, other, theirs = token(door), token(door, "k7m2p5"), token(door, person="ann")
    for forged in (
        "k7m2p5." + mine.partition(".")[2],
        other[:-16] + mine[-16:],
        mine[:-24] + theirs[-24:-16] + mine[-16:],
        mine[:-16] + theirs[-16:],
    ):
        assert attempts(door, forged) == {404}
    assert untouched(door)


def test_the_person_is_the_links_and_nothing_that_is_sent_along(door):
    made = token(door)
    headers = FORM | {"X-Person": "ada", "Authorization": "Bearer ada", "Cookie": "person=ada"}
    door.gateway.call("POST", f"/p/{made}?person=ada&by=ada", b"by=ada&person=ada", headers)
    assert door.store.pages.get("k7m2p4").acknowledged_by == "lou"


def test_a_link_is_of_no_use_once_its_person_has_left_or_the_key_is_another(door):
    made = token(door)
    door.store.people.pop("lou")
    assert attempts(door, made) == {404}
    door.store.agents.save(Agent("lou"))
    door.parts.secrets.held["links"] = {"key": "another key of the same length.."}
    assert attempts(door, made) == {404}
    assert untouched(door)


def test_a_replay_after_the_end_changes_nothing(door):
    made = token(door)
    attempts(door, made)
    over = door.store.pages.save(
        replace(door.store.pages.get("k7m2p4"), state=PageState.OVER, over_because="settled")
    )
    assert attempts(door, made) == {200}
    assert door.store.pages.get("k7m2p4") == over


@pytest.mark.parametrize(
    "odd",
    ["a" * 8_000, "." * 500, "%2e%2e%2f" * 40, "k7m2p4.' OR 1=1 --", "<script>alert(1)",
     "k7m2p4.\u0000", "\u202e" * 30, "null", "k7m2p4", "k7m2p4." + "a" * 24],
)  # fmt: skip
def test_odd_tokens_are_404_and_are_not_echoed(door, odd):
    tapped = door.gateway.call("POST", f"/p/{odd}", b"", FORM)
    assert tapped.status == 404
    assert odd not in tapped.body
    assert untouched(door)


def test_a_scanner_that_only_fetches_never_takes_a_page(door):
    """Whatever it is called, with whatever query, however often."""
    made = token(door)
    for query in ("", "?", "?ask", "?x=1", "?take=1&method=POST&_method=POST"):
        for _ in range(3):
            headers = {"User-Agent": "preview", "X-Http-Method-Override": "POST"}
            answer = door.gateway.call("GET", f"/p/{made}{query}", None, headers)
            assert answer.status == 200
    assert untouched(door)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_known(door, method):
    assert door.gateway.call(method, f"/p/{token(door)}", b"", FORM).status == 405
    assert untouched(door)


def test_a_forged_link_is_counted_and_costs_no_read(door):
    before = len(door.parts.trail.steps)
    door.store.around = door.parts.trail.around
    attempts(door, "k7m2p4." + "a" * 24)
    reads = [one for one in door.parts.trail.steps[before:] if "secrets" not in one]
    assert reads == []
    assert door.parts.meter.total("PageLinkRefused") == 2


def test_neither_key_nor_link_is_in_a_log_line(door, caplog):
    made = token(door)
    attempts(door, made)
    attempts(door, made[:-1] + "7")
    said = " ".join(record.getMessage() for record in caplog.records)
    assert KEY not in said
    assert made not in said
    assert not re.search(re.escape(made[-24:-1]), said)


def test_a_link_names_nobody(door):
    door.store.agents.save(Agent("eve@example.com"))
    made = token(door, person="eve@example.com")
    assert "eve" not in made
    assert b"eve" not in base64.b32decode(made[-24:].upper())
