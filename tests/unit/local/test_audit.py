"""The audit finds nothing in an honest day, and finds each thing that is spoiled in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import DeliveryState, Direction
from chalicelib.domain.page import PageState
from infra.local.day.audit import audit
from infra.local.day.facts import Machine, Paged
from infra.local.day.finding import Kind
from infra.local.day.plan import plan
from infra.local.day.summary import summarise
from tests.unit.local import honest

PLAN = plan()
SCENES = {customer.scene: customer for customer in PLAN.customers}
ORDINARY = SCENES["direct message"]
ANGRY, LEFT = SCENES["angry"], SCENES["nobody answers"]


@pytest.fixture
def facts():
    return honest.facts(PLAN)


def kinds(facts):
    return {finding.kind for finding in audit(PLAN, facts)}


def about(facts, customer):
    return [f.what for f in audit(PLAN, facts) if f.customer == customer]


def spoil(facts, customer, **changes):
    """Return the facts with one customer's talk changed."""
    (talk,) = facts.talks[customer.ref]
    return replace(facts, talks={**facts.talks, customer.ref: (replace(talk, **changes),)})


def spoil_case(facts, customer, **changes):
    (talk,) = facts.talks[customer.ref]
    case = replace(talk.case, **changes)
    return spoil(facts, customer, conversation=replace(talk.conversation, case=case))


def messages(facts, customer):
    return facts.talks[customer.ref][0].messages


def test_an_honest_day_has_no_findings(facts):
    assert audit(PLAN, facts) == []


def test_an_honest_day_is_summed_up_as_well(facts):
    summary = summarise(facts, audit(PLAN, facts))
    assert summary.well
    assert sum(row[1] for row in summary.channels) == sum(
        m.direction is Direction.INBOUND
        for talks in facts.talks.values()
        for m in talks[0].messages
    )
    assert ("first_response", sum(c.ends.case for c in PLAN.customers) - 2, 2, 0) in summary.clocks


def test_a_missing_conversation_is_lost(facts):
    left = {ref: talks for ref, talks in facts.talks.items() if ref != ORDINARY.ref}
    assert Kind.LOST in kinds(replace(facts, talks=left))


def test_a_second_conversation_is_a_duplicate(facts):
    twice = facts.talks[ORDINARY.ref] * 2
    assert Kind.DUPLICATED in kinds(replace(facts, talks={**facts.talks, ORDINARY.ref: twice}))


def test_a_strangers_conversation_is_wrong(facts):
    more = {**facts.talks, "stranger": facts.talks[ORDINARY.ref]}
    assert kinds(replace(facts, talks=more)) == {Kind.WRONG}


def test_a_missing_message_is_lost(facts):
    rest = tuple(m for m in messages(facts, ORDINARY) if m.direction is not Direction.INBOUND)
    assert Kind.LOST in kinds(spoil(facts, ORDINARY, messages=rest))


def test_a_message_stored_twice_is_a_duplicate(facts):
    assert Kind.DUPLICATED in kinds(spoil(facts, ORDINARY, messages=messages(facts, ORDINARY) * 2))


def test_a_message_that_shows_another_text_is_wrong(facts):
    other = tuple(
        replace(m, text="other") if m.direction is Direction.INBOUND else m
        for m in messages(facts, ORDINARY)
    )
    assert Kind.WRONG in kinds(spoil(facts, ORDINARY, messages=other))


def test_an_edit_whose_first_text_is_gone_is_lost(facts):
    customer = SCENES["edited later"]
    bare = tuple(replace(m, text=m.shown, edits=()) for m in messages(facts, customer))
    assert Kind.LOST in kinds(spoil(facts, customer, messages=bare))


def test_a_removed_message_that_still_shows_is_wrong(facts):
    customer = SCENES["removed later"]
    shown = tuple(replace(m, deleted_at=None) for m in messages(facts, customer))
    assert Kind.WRONG in kinds(spoil(facts, customer, messages=shown))


def test_a_reply_received_twice_is_a_duplicate(facts):
    again = next(one for one in facts.received if one.customer == ORDINARY.ref)
    assert Kind.DUPLICATED in kinds(replace(facts, received=[*facts.received, again]))


def test_a_reply_never_received_is_lost(facts):
    rest = [one for one in facts.received if one.customer != ORDINARY.ref]
    assert Kind.LOST in kinds(replace(facts, received=rest))


def test_a_reply_to_the_wrong_customer_is_wrong(facts):
    one = next(one for one in facts.received if one.customer == ORDINARY.ref)
    astray = replace(one, customer=ANGRY.ref)
    assert Kind.WRONG in kinds(replace(facts, received=[*facts.received, astray]))


def test_a_reply_that_hangs_in_the_table_is_wrong(facts):
    hanging = tuple(
        replace(m, delivery=replace(m.delivery, state=DeliveryState.UNKNOWN)) if m.delivery else m
        for m in messages(facts, ORDINARY)
    )
    assert Kind.WRONG in kinds(spoil(facts, ORDINARY, messages=hanging))


def test_a_lost_reply_that_is_not_marked_failed_is_wrong(facts):
    customer = SCENES["cannot be reached"]
    without = tuple(m for m in messages(facts, customer) if m.direction is Direction.INBOUND)
    assert about(spoil(facts, customer, messages=without), customer)


def test_a_native_reply_that_is_not_imported_is_wrong(facts):
    customer = SCENES["answered in the app"]
    rest = tuple(m for m in messages(facts, customer) if m.id != "n")
    assert about(spoil(facts, customer, messages=rest), customer)


@pytest.mark.parametrize(
    "changes", [{"number": 2}, {"closed_at": None}, {"reopens": 3}, {"stuck": "yes"}]
)
def test_a_case_that_ended_otherwise_is_wrong(facts, changes):
    assert Kind.WRONG in kinds(spoil_case(facts, ORDINARY, **changes))


def test_a_survey_answer_that_is_not_in_the_log_is_wrong(facts):
    (talk,) = facts.talks[ANGRY.ref]
    assert Kind.WRONG in kinds(spoil(facts, ANGRY, entries=talk.entries[:1]))


def test_a_breach_that_is_not_in_the_log_is_lost(facts):
    assert Kind.LOST in kinds(spoil(facts, LEFT, entries=()))


def test_a_breach_recorded_late_is_wrong(facts):
    (talk,) = facts.talks[LEFT.ref]
    late = tuple(replace(e, at=e.at + timedelta(milliseconds=1)) for e in talk.entries)
    assert Kind.WRONG in kinds(spoil(facts, LEFT, entries=late))


def test_a_breach_recorded_twice_is_a_duplicate(facts):
    (talk,) = facts.talks[LEFT.ref]
    assert Kind.DUPLICATED in kinds(spoil(facts, LEFT, entries=talk.entries * 2))


def test_an_alert_told_twice_is_a_duplicate(facts):
    assert kinds(replace(facts, notices=[*facts.notices, facts.notices[0]])) == {Kind.DUPLICATED}


def test_an_alert_that_one_subscriber_missed_is_lost(facts):
    assert kinds(replace(facts, notices=facts.notices[1:])) == {Kind.LOST}


def test_alerts_that_nobody_got_are_lost(facts):
    assert kinds(replace(facts, notices=[])) == {Kind.LOST}


def paged(facts, **changes):
    """Return the facts with their one page changed."""
    (one,) = facts.pages
    members = changes.pop("members", one.members)
    return replace(facts, pages=[Paged(replace(one.page, **changes), members)])


def test_a_breach_that_is_on_no_page_is_lost(facts):
    assert kinds(paged(facts, members=facts.pages[0].members[1:])) == {Kind.LOST}


def test_a_page_that_told_nobody_is_lost(facts):
    assert kinds(paged(facts, told=())) == {Kind.LOST}


@pytest.mark.parametrize("known", [{"acknowledged_at": honest.NOW}, {"state": PageState.OVER}])
def test_what_somebody_has_or_what_is_over_need_not_be_told_to_everybody(facts, known):
    scores = [one for one in facts.notices if one.clock == "survey"]
    assert kinds(replace(paged(facts, told=(), **known), notices=scores)) == set()


def test_a_breach_that_was_taken_back_and_came_again_is_no_duplicate(facts):
    (talk,) = facts.talks[LEFT.ref]
    first = next(one for one in talk.entries if one.kind is EntryKind.DEADLINE_BREACHED)
    again = (*talk.entries, first)
    assert Kind.DUPLICATED in kinds(spoil(facts, LEFT, entries=again))
    back = replace(first, kind=EntryKind.BREACH_WITHDRAWN)
    assert kinds(spoil(facts, LEFT, entries=(*again, back))) == set()


def test_an_alert_about_nothing_is_wrong(facts):
    more = replace(facts.notices[0], key="other", cases=(("other-1", "survey", ""),))
    assert kinds(replace(facts, notices=[*facts.notices, more])) == {Kind.WRONG}


@pytest.mark.parametrize("text", ["x" * 161, "ж"])
def test_an_sms_that_does_not_fit_is_wrong(facts, text):
    spoiled = [replace(one, text=text) for one in facts.notices]
    assert kinds(replace(facts, notices=spoiled)) == {Kind.WRONG}


def test_a_customers_words_in_an_alert_are_wrong(facts):
    words = next(m.text for m in messages(facts, LEFT))
    spoiled = [replace(one, text=f"x {words}") for one in facts.notices]
    assert Kind.WRONG in kinds(replace(facts, notices=spoiled))


@pytest.mark.parametrize("status", [500, 0, 403])
def test_a_webhook_that_was_not_taken_is_lost(facts, status):
    first = replace(facts.delivered[0], status=status)
    assert kinds(replace(facts, delivered=[first, *facts.delivered[1:]])) == {Kind.LOST}


def test_a_webhook_that_was_never_sent_is_lost(facts):
    assert kinds(replace(facts, delivered=facts.delivered[1:])) == {Kind.LOST}


def test_a_forgery_that_was_taken_is_wrong(facts):
    taken = [replace(one, status=200) for one in facts.delivered]
    assert kinds(replace(facts, delivered=taken)) == {Kind.WRONG}


def test_an_unreadable_body_that_was_not_kept_is_lost(facts):
    assert kinds(replace(facts, quarantined=[])) == {Kind.LOST}


def test_dead_letters_are_lost(facts):
    assert kinds(replace(facts, dead={"inbox": 1})) == {Kind.LOST}


def test_a_failed_execution_is_wrong(facts):
    assert kinds(replace(facts, machine=Machine({"FAILED": 1}, 3))) == {Kind.WRONG}


def test_a_finding_names_the_customer(facts):
    finding = next(f for f in audit(PLAN, replace(facts, talks={})) if f.customer == ORDINARY)
    assert ORDINARY.name in str(finding)
    assert "lost" in str(finding)
