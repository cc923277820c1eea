"""What carriers tell of a page: recorded once; where nobody was reached, the next rung."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.alert import Severity
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Page, PageState, Telling
from chalicelib.domain.page_receipt import Failure, delivered
from chalicelib.domain.page_receipt import failed as told_failed

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
NEXT = NOW + timedelta(minutes=10)
SMS = Telling(2, Medium.SMS, "lou", NOW, "sent", "r1")
EMAIL = Telling(2, Medium.EMAIL, "lou", NOW, "sent", "r2")
OTHER = Telling(2, Medium.SMS, "ann", NOW, "sent", "r3")


def page(*told, **more):
    facts = {"rung": 3, "climbs_at": NEXT, "token": "t", "armed_for": NEXT} | more
    return Page("p", "care/breach", "care", "usual", "v1", Severity.BREACH, NOW, NOW,
                told=told, **facts)  # fmt: skip


def failed(of, ref, reason, at):
    return told_failed(of, Failure(ref, reason, at))


def states(of):
    return [one.state for one in of.told]


def test_a_delivered_telling_is_marked_and_nothing_else_moves():
    before = page(SMS, EMAIL)
    after = delivered(before, "r1")
    assert states(after) == ["delivered", "sent"]
    assert replace(after, told=before.told) == before
    assert delivered(after, "r1") == after


def test_an_sms_that_failed_brings_the_next_rung_to_now_and_wakes_the_machine():
    after = failed(page(SMS), "r1", "blocked", NOW)
    assert (after.climbs_at, after.token, after.armed_for) == (NOW, "", None)
    assert after.told == (replace(SMS, state="failed", reason="blocked"),)


def test_a_failure_told_twice_is_one_failure():
    once = failed(page(SMS), "r1", "blocked", NOW)
    assert failed(once, "r1", "again", NEXT) is once
    assert delivered(once, "r1") is once


def test_one_that_was_delivered_and_then_failed_after_all_has_failed():
    assert states(failed(delivered(page(SMS), "r1"), "r1", "x", NOW)) == ["failed"]


def test_an_email_does_not_stand_in_for_an_sms_but_another_sms_does():
    assert failed(page(SMS, EMAIL), "r1", "x", NOW).climbs_at == NOW
    assert failed(page(SMS, OTHER), "r1", "x", NOW).climbs_at == NEXT
    assert failed(page(SMS, replace(OTHER, state="failed")), "r1", "x", NOW).climbs_at == NOW


def test_anybody_reached_stands_in_for_an_email():
    assert failed(page(EMAIL, SMS), "r2", "x", NOW).climbs_at == NEXT
    assert failed(page(EMAIL), "r2", "x", NOW).climbs_at == NOW


def test_who_was_reached_on_an_earlier_rung_does_not_stand_in():
    assert failed(page(replace(OTHER, rung=1), SMS), "r1", "x", NOW).climbs_at == NOW
    assert failed(page(SMS, replace(OTHER, rung=3)), "r1", "x", NOW).climbs_at == NEXT


@pytest.mark.parametrize("state", [PageState.ACKNOWLEDGED, PageState.OVER])
def test_a_page_that_somebody_has_or_that_is_over_does_not_climb(state):
    after = failed(page(SMS, state=state), "r1", "x", NOW)
    assert (after.climbs_at, after.token) == (NEXT, "t")
    assert states(after) == ["failed"]


def test_at_the_end_of_the_ladder_and_when_due_anyway_nothing_is_brought_forward():
    """The last rung is repeated in its time: a dead number must not be called again at once."""
    ended = failed(page(SMS, climbs_at=None, repeats_at=NEXT), "r1", "x", NOW)
    assert (ended.climbs_at, ended.repeats_at, ended.token) == (None, NEXT, "t")
    assert failed(page(SMS, climbs_at=NOW), "r1", "x", NOW).token == "t"


@pytest.mark.parametrize("ref", ["", "unknown"])
def test_an_id_that_no_telling_has_changes_nothing(ref):
    before = page(replace(SMS, ref=""), EMAIL)
    assert failed(before, ref, "x", NOW) is before
    assert delivered(before, ref) is before
