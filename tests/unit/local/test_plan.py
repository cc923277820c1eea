"""The plan of the day: the same for the same seed, complete, and possible."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.channel import Channel
from chalicelib.gateways.detector import Detector
from infra import configuration
from infra.local.day import cast
from infra.local.day.audit import SAYS
from infra.local.day.plan import DEFAULT_SEED, plan
from infra.local.day.scenes import FIRST_LOOK, LAST_LOOK
from infra.local.day.story import SURVEY_BEGINS, Do, Does, told
from infra.local.day.wishes import SEARCHED
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
    said = [a for a in made.actions if a.does in SAYS]
    said += [a for c in made.customers for r in c.reactions for a in r.actions]
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
        ends = customer.ends
        said = tuple(step.text for step in customer.steps if step.do is Do.REPLY)
        assert said == ends.replies + ends.lost_replies
        assert (ends.closed and ends.case) is any(s.do is Do.RESOLVE for s in customer.steps)
        assert [s.text for s in customer.steps if s.do is Do.INVITE] == [ends.invited] * bool(
            ends.invited
        )
        assert tuple(s.refusal for s in customer.steps if s.do is Do.TRY) == ends.refused
        assert tuple(s.file for s in customer.steps if s.file) == ends.files_out


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
    reacted = {a.does for c in made.customers for r in c.reactions for a in r.actions}
    assert 60 <= len(made.customers) <= 70
    assert set(does) | reacted == set(Does)
    assert {customer.channel for customer in made.customers} == set(Channel)
    assert {step.do for customer in made.customers for step in customer.steps} == set(Do)
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
        "exposed in public",
        "not summoned",
        "led by a link",
        "stops us",
        "budget spent",
        "talked about",
        "picture",
        "correspondence",
        "out of office",
    }
    assert faults == {Fault.THROTTLED, Fault.SILENT, Fault.GONE}


def test_every_channel_has_an_ordinary_customer():
    """Who asks, is answered and goes away content: one at least on each."""
    ordinary = {
        customer.channel
        for customer in plan().customers
        if [step.do for step in customer.steps] == [Do.REPLY, Do.RESOLVE] and not customer.faults
    }
    assert ordinary == set(Channel)


def test_nobody_shows_personal_data_in_public_but_who_is_to():
    made, detector = plan(), Detector()
    for customer in made.customers:
        public = [a for a in made.actions if a.customer == customer.ref and a.post]
        found = {f.kind for a in public for f in detector.find(a.text, "DE")}
        assert tuple(found) == customer.ends.personal


def test_only_what_names_the_brand_is_found_by_no_search():
    said = [a for a in plan().actions if SEARCHED in a.text]
    assert [a.does for a in said] == [Does.TALK]
    (search,) = configuration.load(cast.CARE).searches
    assert search.words == SEARCHED


def test_what_nobody_tells_us_of_is_looked_for_early_enough():
    """A look comes every 15 seconds, on YouTube and for words once a minute."""
    for action in plan().actions:
        if not told(action):
            slow = action.channel is Channel.YOUTUBE or action.does is Does.TALK
            assert action.at <= (FIRST_LOOK if slow else LAST_LOOK)


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
