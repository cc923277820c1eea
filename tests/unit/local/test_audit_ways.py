"""The audit of what is beside question and answer finds each thing that is spoiled in it."""

from dataclasses import replace

import pytest

from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.message import Direction
from infra.local.day.audit import audit, wanted
from infra.local.day.finding import Kind
from infra.local.day.plan import plan
from infra.local.day.summary import summarise
from tests.unit.local import honest

PLAN = plan()
SCENES = {customer.scene: customer for customer in PLAN.customers}
EXPOSED, LED, STOPS = SCENES["exposed in public"], SCENES["led by a link"], SCENES["stops us"]
SPENT, PICTURE, MAIL = SCENES["budget spent"], SCENES["picture"], SCENES["correspondence"]
AWAY, ORDINARY = SCENES["out of office"], SCENES["direct message"]


@pytest.fixture
def facts():
    return honest.facts(PLAN)


def found(facts, customer=None):
    return [(f.kind, f.what) for f in audit(PLAN, facts) if f.customer == customer]


def talk_of(facts, customer):
    return facts.talks[customer.ref][0]


def spoil(facts, customer, **changes):
    talk = replace(talk_of(facts, customer), **changes)
    return replace(facts, talks={**facts.talks, customer.ref: (talk,)})


def spoil_head(facts, customer, **changes):
    head = replace(talk_of(facts, customer).conversation, **changes)
    return spoil(facts, customer, conversation=head)


def spoil_inbound(facts, customer, **changes):
    messages = tuple(
        replace(m, **changes) if m.direction is Direction.INBOUND else m
        for m in talk_of(facts, customer).messages
    )
    return spoil(facts, customer, messages=messages)


@pytest.mark.parametrize("customer", [EXPOSED, LED, SCENES["not summoned"]], ids=lambda c: c.scene)
def test_who_was_invited_must_be_in_a_private_talk(facts, customer):
    assert found(spoil_head(facts, customer, side=None), customer)
    head = talk_of(facts, customer).conversation
    waiting = replace(head.side, joined_at=None)
    assert found(spoil_head(facts, customer, side=waiting), customer)


def test_nobody_else_is_joined_to_a_private_talk(facts):
    side = talk_of(facts, LED).conversation.side
    assert found(spoil_head(facts, ORDINARY, side=side), ORDINARY)


@pytest.mark.parametrize("public", [True, False])
def test_a_case_of_two_sides_has_messages_on_both(facts, public):
    ((kind, _),) = found(spoil_inbound(facts, LED, public=public), LED)
    assert kind is Kind.LOST


def test_the_two_sides_are_one_case(facts):
    assert found(spoil_inbound(facts, LED, case_number=2), LED)


def test_an_invitation_must_come_once(facts):
    rest = [r for r in facts.received if not r.text.startswith(LED.ends.invited)]
    assert (Kind.LOST, "was invited 0 times") in found(replace(facts, received=rest), LED)
    invitation = next(r for r in facts.received if r.text.startswith(LED.ends.invited))
    twice = replace(facts, received=[*facts.received, invitation])
    assert (Kind.DUPLICATED, "was invited 2 times") in found(twice, LED)


def test_personal_data_must_be_found_and_only_where_it_is(facts):
    assert found(spoil_inbound(facts, EXPOSED, personal=()), EXPOSED)
    assert found(spoil_inbound(facts, ORDINARY, personal=("email",)), ORDINARY)


def test_what_shows_personal_data_must_be_hidden_in_time(facts):
    assert found(spoil_inbound(facts, EXPOSED, hidden=False), EXPOSED)
    case = talk_of(facts, EXPOSED).case
    late = tuple(
        replace(c, outcome=Outcome.BREACHED) if c.name is ClockName.EXPOSE else c
        for c in case.clocks
    )
    for clocks in (late, case.clocks[:1]):
        assert found(spoil_head(facts, EXPOSED, case=replace(case, clocks=clocks)), EXPOSED)


def test_the_wish_for_no_messages_must_be_kept(facts):
    assert found(spoil_head(facts, STOPS, opted_out_at=None), STOPS)
    assert found(spoil_head(facts, ORDINARY, opted_out_at=honest.NOW), ORDINARY)


def test_what_must_be_refused_must_have_been(facts):
    assert found(replace(facts, refusals=()), STOPS)
    more = [*facts.refusals, (ORDINARY.ref, "opted_out")]
    assert found(replace(facts, refusals=more), ORDINARY)


def test_the_reply_without_money_must_say_why_it_failed(facts):
    other = tuple(
        replace(m, delivery=replace(m.delivery, error_code="551")) if m.delivery else m
        for m in talk_of(facts, SPENT).messages
    )
    assert found(spoil(facts, SPENT, messages=other), SPENT)


def test_a_spent_budget_must_be_told_of(facts):
    assert found(replace(facts, counted={"BudgetSpent": 0}))
    assert not found(replace(facts, counted={}))


@pytest.mark.parametrize("files", [{}, {honest.KEY: honest.SIZE + 1}])
def test_a_file_must_be_in_the_bucket_whole(facts, files):
    ((kind, _),) = found(replace(facts, files=files), PICTURE)
    assert kind is Kind.LOST


def test_a_file_must_leave_with_the_mail_and_with_no_other(facts):
    assert found(replace(facts, enclosed=()), MAIL)
    assert found(replace(facts, enclosed=list(facts.enclosed) * 2), MAIL)


def test_an_automatic_mail_must_open_nothing(facts):
    case = talk_of(facts, ORDINARY).case
    assert found(spoil_head(facts, AWAY, case=case), AWAY)


def test_a_broken_connection_is_wrong(facts):
    state = {"acme-x": "broken the token is no longer valid"}
    ((kind, what),) = found(replace(facts, health=state))
    assert kind is Kind.WRONG
    assert "acme-x" in what


# -- the company's own system --------------------------------------------------------------------


def test_a_case_that_nobody_told_the_companys_system_of_is_lost(facts):
    ((kind, _),) = found(replace(facts, hooks=list(facts.hooks[2:])))
    assert kind is Kind.LOST


def test_an_event_that_was_never_taken_is_lost(facts):
    refused = [h for h in facts.hooks if h.status == 503]
    assert {kind for kind, _ in found(replace(facts, hooks=refused))} == {Kind.LOST}


def test_an_event_that_was_taken_twice_is_a_duplicate(facts):
    taken = next(one for one in facts.hooks if one.status == 200)
    ((kind, _),) = found(replace(facts, hooks=[*facts.hooks, taken]))
    assert kind is Kind.DUPLICATED


@pytest.mark.parametrize(
    "changes", [{"kind": "message.received"}, {"event_id": "new", "data": {"case_id": "other-1"}}]
)
def test_an_event_that_nobody_asked_for_is_wrong(facts, changes):
    taken = replace(next(one for one in facts.hooks if one.status == 200), **changes)
    same = [one for one in facts.hooks if one.event_id != taken.event_id]
    assert Kind.WRONG in {kind for kind, _ in found(replace(facts, hooks=[*same, taken]))}


# -- the figures ---------------------------------------------------------------------------------


def test_the_figures_are_counted_from_the_facts(facts):
    made = summarise(facts, audit(PLAN, facts))
    cases = sum(customer.ends.case for customer in PLAN.customers)
    assert (made.exposed, made.hidden, made.moved) == (1, 1, 3)
    assert (made.hooks, made.hooks_repeated) == (cases, cases)
    assert (made.files_in, made.files_out) == (sum(c.ends.files_in for c in PLAN.customers), 1)
    assert made.spent == [("acme-x", 135_000)]
    assert made.connections == [("repaired", 1), ("well", 1)]


def test_a_message_counts_where_it_was_said(facts):
    made = {row[0]: row[1:] for row in summarise(facts, ()).channels}
    before = made["messenger"][0]
    talk = talk_of(facts, EXPOSED)
    assert [m.public for m in talk.inbound()] == [True, False]
    alone = replace(facts, talks={EXPOSED.ref: (talk,)})
    assert {row[0]: row[1] for row in summarise(alone, ()).channels} == {
        "facebook_page": 1,
        "messenger": 1,
    }
    assert before > 1


def test_what_is_not_hidden_is_not_counted_as_hidden(facts):
    made = summarise(spoil_inbound(facts, EXPOSED, hidden=False), ())
    assert (made.exposed, made.hidden) == (1, 0)


@pytest.mark.parametrize("scene", ["talked about", "led by a link", "out of office"])
def test_whatever_somebody_says_must_stand_in_the_table(scene):
    customer = SCENES[scene]
    said = [a.id for a in PLAN.actions if a.customer == customer.ref]
    said += [a.id for r in customer.reactions for a in r.actions]
    assert sorted(one.id for one in wanted(PLAN, customer)) == sorted(said)
