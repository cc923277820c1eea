"""Our own people answer a page by SMS: once, for the right page, and never as a customer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agent import Agent
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind
from chalicelib.domain.ladder import Medium, Paging
from chalicelib.domain.page import PageState, Telling
from chalicelib.workflows.ladder.acknowledge import acknowledge
from chalicelib.workflows.ports import StaleError
from tests.fakes.outside import CrashError
from tests.unit.workflows.paged import ANN, CUSTOMER, LOU, PAGING, POLICY, Paged

LINK = "https://acme.example/p/p1.lou"


@pytest.fixture
def paged():
    return Paged()


def test_ok_takes_the_page_holds_it_and_says_so(paged):
    paged.page()
    assert paged.takes_in(paged.text("Ok")) == "page_taken"
    page = paged.read()
    assert (page.state, page.acknowledged_by) == (PageState.ACKNOWLEDGED, "lou")
    assert (page.token, page.frozen_until) == ("", paged.parts.now() + timedelta(minutes=15))
    (told,) = paged.parts.pager.told
    assert (told.to, told.text) == (LOU, f"Yours until 09:16 UTC. 2 cases. {LINK}")
    assert paged.parts.meter.total("PageAnswered", outcome="page_taken") == 1


@pytest.mark.parametrize("words", ["ok", "who are you?", "STOP", "", "HELP"])
def test_no_text_of_ours_is_ever_a_case(paged, words):
    paged.page()
    for _ in range(2):
        paged.takes_in(paged.text(words, consent="stop" if words == "STOP" else ""))
    paged.parts.now.advance(hours=1)
    assert paged.store.heads == {}
    assert paged.store.messages == {}


def test_the_same_text_from_anybody_else_is_a_customers_message(paged):
    paged.page()
    assert paged.takes_in(paged.text("ok", CUSTOMER)) == "stored"
    assert paged.read().state is PageState.OPEN
    assert len(paged.store.heads) == 1
    assert paged.parts.pager.told == []


@pytest.mark.parametrize("contact", [None, "care"])
def test_a_sender_without_a_number_is_nobody_of_ours(paged, contact):
    paged.store.agents.save(Agent("bare", "Bare"))
    paged.page()
    event = paged.text("ok")
    event = replace(event, contact=replace(event.contact, id=contact) if contact else event.contact)
    if contact is None:
        from chalicelib.workflows.ladder.heard import heard

        assert heard(paged.parts, replace(event, contact=None)) == ""
    else:
        assert paged.takes_in(event) == "stored"


def test_at_another_number_of_the_brand_our_people_are_customers_like_any(paged):
    paged.page()
    assert paged.takes_in(paged.text("ok", account_id="+15550101")) == "stored"
    assert paged.read().state is PageState.OPEN


@pytest.mark.parametrize("kind", [EventKind.REACTION, EventKind.NOTICE])
def test_what_is_no_message_goes_its_usual_way(paged, kind):
    paged.page()
    paged.takes_in(paged.text("ok", kind=kind))
    assert paged.read().state is PageState.OPEN


def test_without_a_paging_handle_nothing_is_an_answer():
    paged = Paged(replace(POLICY, paging=Paging()))
    paged.page()
    assert paged.takes_in(paged.text("ok")) == "stored"


def test_a_handle_that_names_no_number_answers_nothing():
    paged = Paged(replace(POLICY, paging=Paging(sms_handle="gone")))
    assert paged.takes_in(paged.text("ok")) == "stored"


def test_the_newest_open_page_is_taken_then_the_next(paged):
    paged.page("p1")
    paged.page("p2")
    assert paged.takes_in(paged.text("ok")) == "page_taken"
    assert (paged.read("p1").state, paged.read("p2").state) == ("open", "acknowledged")
    assert paged.takes_in(paged.text("ok")) == "page_taken"
    assert paged.read("p1").acknowledged_by == "lou"
    assert len(paged.parts.pager.told) == 2


def test_a_page_told_to_somebody_else_is_not_taken(paged):
    paged.page(to="ann")
    paged.page("p2", told=(Telling(2, Medium.EMAIL, "lou", paged.parts.now(), "sent"),))
    paged.page("p3", told=(Telling(2, Medium.SMS, "lou", paged.parts.now(), "failed"),))
    assert paged.takes_in(paged.text("ok")) == "page_nothing"
    assert {paged.read(one).state for one in ("p1", "p2", "p3")} == {PageState.OPEN}


def test_somebody_of_another_team_who_was_told_may_take_it(paged):
    paged.page(to="ann")
    assert paged.takes_in(paged.text("ja", ANN)) == "page_taken"
    assert paged.parts.pager.told[0].text.startswith("Yours until 10:16 CET.")


def test_people_who_share_a_telephone_answer_as_the_one_who_was_told(paged):
    paged.store.agents.save(Agent("duty", "Duty", phone=LOU))
    paged.page(to="lou")
    paged.takes_in(paged.text("ok"))
    assert paged.read().acknowledged_by == "lou"


def test_who_answers_second_hears_who_has_it(paged):
    paged.page()
    acknowledge(paged.parts, "p1", "ann")
    assert paged.takes_in(paged.text("ok")) == "page_held"
    assert paged.read().acknowledged_by == "ann"
    assert paged.parts.pager.told[0].text.startswith("Ann has it until 09:16 UTC.")


def test_an_answer_delivered_twice_takes_one_page_and_is_confirmed_once(paged):
    paged.page("p1")
    paged.page("p2")
    answer = paged.text("ok")
    assert paged.takes_in(answer) == "page_taken"
    assert paged.takes_in(answer) == "page_answered_before"
    assert paged.read("p1").state is PageState.OPEN
    assert len(paged.parts.pager.told) == 1


def test_an_answer_delivered_again_after_the_freeze_takes_nothing_anew(paged):
    paged.page()
    answer = paged.text("ok")
    paged.takes_in(answer)
    paged.store.pages.save(replace(paged.read(), state=PageState.OPEN))
    paged.parts.now.advance(hours=1)
    assert paged.takes_in(answer) == "page_answered_before"
    assert paged.takes_in(paged.text("ok")) == "page_taken"


def test_a_process_that_dies_anywhere_never_takes_a_second_page():
    """Each place where a call leaves is tried; the queue delivers the answer again."""
    places, place = None, 0
    while places is None or place < places:
        paged = Paged()
        paged.page("p1")
        paged.page("p2")
        answer, before = paged.text("ok"), len(paged.parts.trail.steps)
        paged.parts.trail.crash_at = before + place
        try:
            paged.takes_in(answer)
            places = place  # it went through: every place has been tried
        except CrashError:
            paged.takes_in(answer)
        paged.parts.trail.crash_at = None
        assert paged.read("p1").state is PageState.OPEN, place
        assert paged.read("p2").acknowledged_by == "lou", place
        assert paged.store.heads == {}, place
        place += 1
    assert places > 10


def test_who_is_not_understood_is_told_how_once_a_page(paged):
    paged.page()
    assert paged.takes_in(paged.text("what is it?")) == "page_helped"
    assert paged.takes_in(paged.text("hello?")) == "page_helped_before"
    assert [one.text for one in paged.parts.pager.told] == [
        f"Answer OK to take the page of Customer Care. {LINK}"
    ]
    assert paged.read().state is PageState.OPEN


def test_help_asked_for_twice_by_one_delivery_is_written_down_once(paged):
    paged.page()
    text, page = paged.text("hm"), paged.read()
    kept = Telling(-1, Medium.SMS, "x", paged.parts.now(), "helped", text.key)
    paged.store.pages.save(replace(page, told=(*page.told, kept)))
    assert paged.takes_in(text) == "page_helped"
    assert len([one for one in paged.read().told if one.rung == -1]) == 1


def test_stop_is_the_carriers_word_and_is_not_answered(paged):
    paged.page()
    assert paged.takes_in(paged.text("STOP")) == "page_stop"
    assert paged.parts.pager.told == []
    assert paged.read().state is PageState.OPEN


@pytest.mark.parametrize("words", ["ok", "what?"])
def test_where_nothing_waits_it_is_said_once_in_a_while(paged, words):
    for _ in range(2):
        assert paged.takes_in(paged.text(words)) == "page_nothing"
    assert len(paged.parts.pager.told) == 1
    assert paged.parts.pager.told[0].text.startswith("Nothing to take")
    paged.parts.now.advance(PAGING.person_seconds)
    paged.takes_in(paged.text(words))
    assert len(paged.parts.pager.told) == 2


def test_a_page_that_is_over_is_not_taken(paged):
    paged.page(state=PageState.OVER)
    assert paged.takes_in(paged.text("ok")) == "page_nothing"


def test_a_page_that_ends_as_the_answer_comes_is_not_called_yours(paged, monkeypatch):
    paged.page()
    over = replace(paged.read(), state=PageState.OVER)
    monkeypatch.setattr("chalicelib.workflows.ladder.answer.acknowledge", lambda *_: over)
    assert paged.takes_in(paged.text("ok")) == "page_nothing"
    assert paged.parts.pager.told[0].text.startswith("Nothing to take")


def test_a_page_that_a_list_still_shows_after_it_is_gone_is_left_out(paged, monkeypatch):
    gone = paged.page()
    monkeypatch.setattr(paged.store.pages, "listed", lambda team, limit: [gone] if team else [])
    paged.store.page_rows.clear()
    assert paged.takes_in(paged.text("ok")) == "page_nothing"


def test_a_page_that_climbs_at_the_same_moment_is_read_again(paged, monkeypatch):
    paged.page()
    save, tries = paged.store.pages.save, []

    def stale_once(page):
        tries.append(page)
        if len(tries) == 1:
            raise StaleError(page.id)
        return save(page)

    monkeypatch.setattr(paged.store.pages, "save", stale_once)
    assert paged.takes_in(paged.text("ok")) == "page_taken"


def test_a_confirmation_is_paid_from_the_months_budget(paged):
    paged.page()
    paged.takes_in(paged.text("ok"))
    assert paged.parts.budgets.spent("paging", "2026-11") == PAGING.sms_micros


def test_with_the_budget_spent_the_answer_counts_and_nothing_is_sent():
    paged = Paged(replace(POLICY, paging=replace(PAGING, sms_budget_micros=0)))
    paged.page()
    assert paged.takes_in(paged.text("ok")) == "page_taken"
    assert paged.parts.pager.told == []
    assert paged.read().acknowledged_by == "lou"


def test_a_confirmation_that_does_not_leave_changes_nothing(paged):
    paged.page()
    paged.parts.pager.refused[LOU] = "opted_out"
    assert paged.takes_in(paged.text("ok")) == "page_taken"


def test_other_channels_are_not_looked_at(paged):
    paged.takes_in(paged.text("ok", channel=Channel.MESSENGER))
    assert "before pages.listed" not in paged.parts.trail.steps
