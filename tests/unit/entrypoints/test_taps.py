"""The page behind a link: a look changes nothing, a tap takes it, and it is told whose it is."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agent import Agent
from chalicelib.domain.alert import Severity
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Member, Page, PageState, Telling
from chalicelib.entrypoints import tap_page
from chalicelib.entrypoints.api import HEADERS

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def page(house):
    """An open page of team care with two cases, told to lou by SMS."""
    now = house.parts.now()
    told = (Telling(2, Medium.SMS, "lou", now, "sent", "r1"),)
    later = now + timedelta(minutes=10)
    made = Page("p1", "care/breach", "care", "usual", "v1", Severity.BREACH, now, now,
                rung=3, climbs_at=later, told=told)  # fmt: skip
    house.store.pages.open(made, None)
    for number in range(2):
        house.store.pages.join("p1", member(number, now))
    house.parts.now.advance(60)
    return made


def member(number, now, **facts):
    made = Member(f"k{number}", f"c{number}", 1, "first_response", Severity.BREACH, "acme-<b>",
                  "messenger", now - timedelta(minutes=number), "")  # fmt: skip
    return replace(made, **facts)


def read(house):
    return house.store.pages.get("p1")


def look(house, token="p1.lou", query=""):
    return house.gateway.get(f"/p/{token}{query}")


def tap(house, token="p1.lou", body=b"", headers=FORM):
    return house.gateway.call("POST", f"/p/{token}", body, headers)


@pytest.mark.parametrize("query", ["", "?ask", "?x=1"])
def test_a_look_changes_nothing_however_often(house, page, query):
    before, writes = read(house), len(house.parts.trail.steps)
    for _ in range(3):
        answer = look(house, query=query)
        assert answer.status == 200
        assert "2 cases. Began 1 min ago." in answer.body
        assert "Nobody has it. If nobody acknowledges: manager by SMS and email" in answer.body
        assert '<form id="take" method="post"><button>I take it</button></form>' in answer.body
    assert read(house) == before
    assert len(house.parts.trail.steps) == writes
    assert page.id == "p1"


def test_a_tap_takes_the_page_and_says_until_when_and_what_it_is(house, page):
    answer = tap(house)
    assert answer.status == 200
    taken = read(house)
    assert (taken.state, taken.acknowledged_by) == (PageState.ACKNOWLEDGED, "lou")
    assert "You have it. Nobody else is told until 2026-11-02 09:16 UTC" in answer.body
    assert '<a href="https://desk.example.com/c/c1">acme-&lt;b&gt;: first response' in answer.body
    assert "<button" not in answer.body
    assert "<script" not in answer.body
    assert house.parts.meter.total("PageTapped") == 1
    assert page.id == taken.id


def test_a_second_tap_is_the_first(house, page):
    tap(house)
    first = read(house)
    house.parts.now.advance(60)
    assert "You have it" in tap(house).body
    assert read(house) == first
    assert "You have it" in look(house).body


def test_who_taps_second_reads_who_has_it(house, page):
    tap(house)
    for answer in (look(house, "p1.ann"), tap(house, "p1.ann")):
        assert "Lou has it. Nobody else is told until" in answer.body
        assert "/c/c1" not in answer.body
        assert "<script" not in answer.body
    assert read(house).acknowledged_by == "lou"


def test_a_tap_after_the_end_changes_nothing(house, page):
    tap(house)
    over = house.store.pages.save(replace(read(house), state=PageState.OVER, frozen_until=None))
    for answer in (look(house), tap(house)):
        assert "It is over: there is nothing left to do." in answer.body
        assert "<form" not in answer.body
    assert read(house) == over


def test_a_page_that_goes_on_says_who_had_it_and_may_be_taken_again(house, page):
    tap(house)
    taken = read(house)
    house.store.pages.save(replace(taken, state=PageState.OPEN, frozen_until=None, climbs_at=None))
    answer = look(house, "p1.ann")
    assert "Lou had it, and it is not settled. Nobody else is told after this" in answer.body
    assert "<form" in answer.body


def test_a_page_held_without_an_end_says_only_who(house, page):
    house.store.pages.save(
        replace(read(house), state=PageState.ACKNOWLEDGED, acknowledged_by="lou")
    )
    assert "<strong>You have it.</strong>" in look(house).body


def test_in_a_browser_that_somebody_looks_at_the_form_posts_itself(house, page):
    """Not where the link came by email: some scanners there run scripts."""
    body = look(house).body
    assert body.count("<script") == 1
    for word in ("form.submit()", "visibilityState==='visible'", "!navigator.webdriver"):
        assert word in body
    assert "<script" not in look(house, query="?ask").body


def test_only_this_pages_own_script_and_style_may_run(house, page):
    answer, other = look(house), look(house)
    policy = answer.headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', answer.body))
    assert policy == (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert len(nonce) >= 20
    assert nonce not in other.body
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    others = {name: value for name, value in HEADERS.items() if "Policy" not in name}
    assert answer.headers.items() >= others.items()
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("token", ["nonsense", "gone.lou", "p1.", ".lou", "x" * 5000])
def test_a_link_of_no_page_is_404_in_plain_words_and_counted(house, page, token):
    for answer in (look(house, token), tap(house, token)):
        assert answer.status == 404
        assert "This link leads to no page." in answer.body
        assert answer.headers["Content-Type"].startswith("text/html")
    assert house.parts.meter.total("PageLinkRefused") == 2
    assert read(house).state is PageState.OPEN


@pytest.mark.parametrize("call", [look, tap])
def test_an_outage_says_to_tap_again_and_tells_nothing_else(house, page, call, caplog):
    def fail(*_):
        raise ValueError("secret words")

    house.parts.links.person = fail
    answer = call(house)
    assert (answer.status, "tap the link again" in answer.body) == (503, True)
    assert "secret words" not in answer.body
    assert house.parts.meter.total("DoorFailed", door="api_handler") == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize("body", [b"", b"{}", b"take=no&state=over", b"\xff\x00" * 1000])
def test_what_a_tap_sends_along_is_not_read(house, page, kind, body):
    event = house.gateway.event("POST", "/p/p1.lou", b"", {"Content-Type": kind})
    event["body"] = body.decode("latin-1")
    assert house.gateway.app(event, None)["statusCode"] == 200
    assert read(house).acknowledged_by == "lou"


def test_times_are_those_of_whoever_looks(house, page):
    ann = house.store.agents.get("ann")
    house.store.agents.save(replace(ann, zone="Europe/Berlin"))
    assert (
        "You have it. Nobody else is told until 2026-11-02 10:16 CET" in tap(house, "p1.ann").body
    )


def test_a_system_or_somebody_without_a_row_may_tap(house, page):
    assert "You have it" in tap(house, "p1.pagerduty").body
    assert "pagerduty has it" in look(house, "p1.ann").body


def test_of_a_storm_the_worst_fifty_are_listed(house, page):
    now = house.parts.now()
    for number in range(2, 60):
        house.store.pages.join("p1", member(number, now))
    body = tap(house).body
    assert body.count("<li>") == tap_page.LISTED
    assert "And 10 more in the desk." in body


def test_names_are_shown_as_text_not_as_markup(house, page):
    house.store.agents.save(Agent("eve", "<img src=x>"))
    tap(house, "p1.eve")
    assert "&lt;img src=x&gt; has it" in look(house).body
