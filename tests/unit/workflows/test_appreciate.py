"""Praise is thanked, and what needs no answer is owed none."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.policy import Target
from chalicelib.workflows import appreciate, wait
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError
from tests.unit.workflows.story import POLICY, Story

FIRST, THANKS = ClockName.FIRST_RESPONSE, ClockName.THANKS
KIND = replace(POLICY, targets=(*POLICY.targets, Target(THANKS, 14_400)))


@pytest.fixture
def story():
    """A customer has praised us, and the machine waits."""
    found = Story(KIND)
    found.writes("You are wonderful")
    found.loop.rest()
    return found


def praise(story, message=None, **ask):
    message = message or story.messages[-1]
    return appreciate.appreciate(story.parts, story.ask(**ask), message.id)


def test_a_case_of_praise_misses_no_answer_and_is_late_with_thanks_alone(story):
    praise(story)
    story.loop.run(hours=5)
    breached = [e.clock for e in story.told(EntryKind.DEADLINE_BREACHED)]
    assert breached == [THANKS]
    assert story.clock(FIRST).outcome is Outcome.CANCELLED
    due = story.messages[0].sent_at.timestamp() + 14_400
    assert story.told(EntryKind.DEADLINE_BREACHED)[0].at.timestamp() == due


def test_a_reply_is_thanks(story):
    praise(story)
    story.replies("Thank you!")
    story.loop.rest()
    assert story.clock(THANKS).outcome is Outcome.MET


def test_a_like_is_thanks(story):
    praise(story)
    appreciate.thank(story.parts, story.ask(), "a like")
    assert story.clock(THANKS).outcome is Outcome.MET
    assert story.told(EntryKind.THANKS_GIVEN)[0].reason == "a like"
    with pytest.raises(NotNowError) as refused:
        appreciate.thank(story.parts, story.ask(), "a like")
    assert refused.value.code == "not_owed"


def test_praise_after_resolving_leaves_the_case_resolved_and_is_watched(story):
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.rest()
    story.writes("Thank you so much!")
    story.loop.rest()
    assert story.case.status is Status.RESOLVED
    praise(story)
    story.loop.rest()
    story.loop.run(hours=5)
    assert not story.case.open
    breached = [e.clock for e in story.told(EntryKind.DEADLINE_BREACHED)]
    assert breached == [THANKS]


def test_marking_twice_under_one_key_is_done_once(story):
    praise(story, key="only-once")
    assert praise(story, key="only-once", version=1).repeated
    assert len(story.told(EntryKind.PRAISE_FOUND)) == 1


def test_only_a_message_of_the_customer_in_this_case_can_be_praise(story):
    ours = story.replies()
    for message in (ours, replace(ours, id="unknown")):
        with pytest.raises(NotFoundError):
            praise(story, message)
    first = story.messages[0]
    story.store.messages[(first.conversation_id, first.id)] = replace(first, stub=True)
    with pytest.raises(NotFoundError):
        praise(story, first)
    story.store.messages[(first.conversation_id, first.id)] = replace(first, case_number=9)
    with pytest.raises(NotFoundError):
        praise(story, first)


def test_a_closed_case_is_left_alone(story):
    story.resolves()
    story.loop.run(hours=80)
    with pytest.raises(NotNowError) as refused:
        praise(story)
    assert refused.value.code == "closed"


def test_without_a_case_nothing_is_owed(story):
    head = story.conversation
    story.store.heads[head.id] = replace(head, case=None)
    with pytest.raises(NotNowError) as refused:
        appreciate.thank(story.parts, story.ask(), "a like")
    assert refused.value.code == "no_case"


def test_what_needs_no_answer_is_owed_none(story):
    appreciate.waive_answer(story.parts, story.ask(), "praise only")
    story.loop.run(hours=2)
    assert story.case.asks == ()
    assert not [e for e in story.told(EntryKind.DEADLINE_BREACHED) if e.clock is FIRST]
    (told,) = story.told(EntryKind.ANSWER_WAIVED)
    assert (told.actor, told.reason) == ("ann", "praise only")
    with pytest.raises(NotNowError) as refused:
        appreciate.waive_answer(story.parts, story.ask(), "again")
    assert refused.value.code == "not_owed"


def test_what_was_late_already_stays_late(story):
    story.loop.run(minutes=61)
    appreciate.waive_answer(story.parts, story.ask(), "praise only")
    assert story.clock(FIRST).outcome is Outcome.BREACHED


def test_why_no_answer_is_needed_must_be_said_and_of_an_open_case(story):
    with pytest.raises(RefusedError) as refused:
        appreciate.waive_answer(story.parts, story.ask(), "  ")
    assert refused.value.code == "no_reason"
    story.resolves()
    with pytest.raises(NotNowError) as not_now:
        appreciate.waive_answer(story.parts, story.ask(), "x")
    assert not_now.value.code == "not_open"


def test_a_snooze_that_the_customer_wished_pauses_the_resolution(story):
    before = story.clock(ClockName.RESOLUTION).due_at
    until = story.at(hours=30)
    wait.snooze(story.parts, story.ask(), until, asked=True)
    story.loop.run(hours=31)
    moved = story.clock(ClockName.RESOLUTION).due_at - before
    assert moved == until - story.told(EntryKind.CASE_SNOOZED)[0].at
