"""The plan of the day: the same for the same seed, complete, and possible."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.channel import Channel
from infra.local.day.plan import DEFAULT_SEED, plan
from infra.local.day.story import SURVEY_BEGINS, Do, Does
from infra.local.simulator.faults import Fault

SEEDS = st.integers(min_value=0, max_value=99_999)


def test_the_same_seed_is_the_same_day():
    assert plan(DEFAULT_SEED) == plan(DEFAULT_SEED)


def test_another_seed_is_another_day():
    ids = [{action.id for action in plan(seed).actions} for seed in (1, 2)]
    refs = [set(plan(seed).by_ref()) for seed in (1, 2)]
    assert not ids[0] & ids[1]
    assert not refs[0] & refs[1]


@given(SEEDS)
def test_actions_are_in_order_of_time(seed):
    times = [action.at for action in plan(seed).actions]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] < 60


@given(SEEDS)
def test_every_id_is_of_one_message(seed):
    made = plan(seed)
    said = [a for a in made.actions if a.does is Does.SAY]
    said += [r.action for c in made.customers for r in c.reactions]
    assert len({a.id for a in said}) == len(said)
    assert len({c.ref for c in made.customers}) == len(made.customers)


@given(SEEDS)
def test_every_answer_is_said_by_one_customer_alone(seed):
    """Only then can the audit tell that a reply reached the right one, once."""
    replies = [text for c in plan(seed).customers for text in c.ends.replies]
    assert len(set(replies)) == len(replies)


@given(SEEDS)
def test_what_must_come_of_it_is_what_agents_do(seed):
    for customer in plan(seed).customers:
        said = tuple(step.text for step in customer.steps if step.do is Do.REPLY)
        assert said == customer.ends.replies + customer.ends.lost_replies
        assert customer.ends.closed is any(s.do is Do.RESOLVE for s in customer.steps)


@given(SEEDS)
def test_edits_and_removals_are_about_messages_that_are_said(seed):
    made = plan(seed)
    said = {a.id: a for a in made.actions if a.does is Does.SAY}
    for action in made.actions:
        if action.does in (Does.EDIT, Does.REMOVE):
            assert said[action.id].customer == action.customer


def test_the_day_has_everything_that_it_promises():
    made = plan()
    does = Counter(action.does for action in made.actions)
    scenes = Counter(customer.scene for customer in made.customers)
    faults = {fault for customer in made.customers for fault in customer.faults}
    assert 40 <= len(made.customers) <= 60
    assert set(does) == set(Does)
    assert {customer.channel for customer in made.customers} == {
        Channel.FACEBOOK_PAGE,
        Channel.MESSENGER,
        Channel.INSTAGRAM,
        Channel.WHATSAPP,
        Channel.WEBHOOK,
    }
    assert scenes.keys() >= {
        "visitor post",
        "story reply",
        "album at once",
        "no phone number",
        "edit before message",
        "angry",
        "thankful",
        "nobody answers",
        "answered in the app",
        "asked back",
    }
    assert faults == {Fault.THROTTLED, Fault.SILENT, Fault.GONE}


def test_the_edit_really_comes_before_its_message():
    made = plan()
    (ref,) = (
        c.ref
        for c in made.customers
        if c.scene == "edit before message" and c.channel is Channel.MESSENGER
    )
    assert [a.does for a in made.actions if a.customer == ref] == [Does.EDIT, Does.SAY]


def test_an_album_arrives_at_one_moment():
    made = plan()
    refs = [c.ref for c in made.customers if c.scene == "album at once"]
    for ref in refs:
        first, second = (a for a in made.actions if a.customer == ref)
        assert first.at == second.at
        assert first.id != second.id


def test_the_angry_customer_is_angry_once_and_the_thankful_one_is_not():
    by_scene = {c.scene: c for c in plan().customers}
    angry, thankful = by_scene["angry"], by_scene["thankful"]
    assert [r.hears for r in angry.reactions] == [SURVEY_BEGINS]
    assert (angry.ends.reopens, angry.ends.surveys, angry.ends.scores) == (1, 1, (1,))
    assert (thankful.ends.reopens, thankful.ends.scores) == (0, (5,))
