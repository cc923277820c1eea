"""Exposure: from the first sight of personal data in public until nobody can see it any more."""

import contextlib
import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import EventKind
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.policy import Target
from chalicelib.workflows import resolve
from chalicelib.workflows.errors import RefusedError
from tests.unit.workflows.story import POLICY, Story

EXPOSE = ClockName.EXPOSE
PUBLIC = {"channel": Channel.FACEBOOK_PAGE, "public": True, "post_id": "post-1"}
PRIVATE_NUMBER = "202-555-0123"
PROMISES = replace(POLICY, targets=(*POLICY.targets, Target(EXPOSE, 900)))


def telling(policy=PROMISES, **facts):
    """Return a story in which a detector knows one number and one mail address."""
    story = Story(policy, **facts)
    story.parts.detector.words = {PRIVATE_NUMBER: "phone", "ana@example.com": "email"}
    return story


def exposing(text=f"Call me: {PRIVATE_NUMBER}", **facts):
    story = telling(**facts)
    story.loop.ingest(story.comment(text, message_id="c-1"))
    story.loop.rest()
    return story


def happens(story, kind, message_id="c-1", **facts):
    event = story.event(kind, message_id, **(PUBLIC | facts))
    return story.loop.ingest(event)


def announced(story):
    return [(one.severity.value, one.clock) for one in story.parts.alerts.announced]


def test_a_public_message_with_personal_data_is_marked_and_timed_at_once():
    story = exposing()
    (message,) = story.messages
    assert message.personal == ("phone",)
    assert story.case.exposed == (message.id,)
    assert story.clock(EXPOSE).due_at == story.at(minutes=15)
    (found,) = story.told(EntryKind.PERSONAL_DATA_FOUND)
    assert (found.reason, found.message_id) == ("phone", message.id)
    assert PRIVATE_NUMBER not in repr(story.log)


def test_a_message_without_any_and_a_private_one_are_not():
    for event in (lambda s: s.comment("Hello"), lambda s: s.message(f"Call {PRIVATE_NUMBER}")):
        story = telling()
        story.loop.ingest(event(story))
        assert (story.messages[0].personal, story.case.clock(EXPOSE)) == ((), None)


def test_people_are_warned_and_told_of_the_breach_while_the_case_is_open():
    story = exposing()
    story.loop.run(minutes=20)
    assert announced(story)[:2] == [("warning", "expose"), ("breach", "expose")]
    (warning, breach) = story.parts.alerts.announced[:2]
    assert "time to hide personal data runs out in" in warning.sms
    assert "time to hide personal data ran out" in breach.sms
    assert PRIVATE_NUMBER not in repr(story.parts.alerts.announced)


@pytest.mark.parametrize("replied", [True, False])
def test_people_are_told_as_well_when_the_case_has_been_resolved(replied):
    story = exposing()
    if replied:
        story.replies("We will call you.")
        story.loop.rest()
    story.resolves()
    story.loop.run(minutes=20)
    assert [one for one in announced(story) if one[1] == "expose"] == [
        ("warning", "expose"),
        ("breach", "expose"),
    ]
    assert story.clock(EXPOSE).breached_at == story.clock(EXPOSE).due_at
    story.loop.run(days=2)
    assert story.case.follow_up.waived == "the conversation is public"
    story.loop.run(days=2)
    assert story.case.status is Status.CLOSED
    assert story.clock(EXPOSE).outcome is Outcome.BREACHED


def test_data_in_a_thank_you_after_the_survey_wakes_the_machine_that_waits_for_the_end():
    story = exposing("Where is my parcel?")
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(hours=30)  # the survey has been waived: the machine waits for the closing
    story.parts.detector.words = {"thank": "phone"}
    story.loop.ingest(story.comment("thank you", message_id="c-2"))
    assert story.case.status is Status.RESOLVED
    due = story.clock(EXPOSE).due_at
    story.loop.run(minutes=20)
    assert [one for one in announced(story) if one[1] == "expose"] == [
        ("warning", "expose"),
        ("breach", "expose"),
    ]
    assert story.clock(EXPOSE).breached_at == due
    story.loop.run(days=4)
    assert story.case.status is Status.CLOSED


def test_in_a_closed_case_people_are_told_at_once():
    story = exposing("Where is my parcel?")
    story.resolves()
    story.loop.run(days=4)
    assert story.case.status is Status.CLOSED
    happens(story, EventKind.EDIT, text=f"Call {PRIVATE_NUMBER}", edit_number=1)
    story.loop.run(seconds=11)
    assert story.case.clock(EXPOSE) is None
    (alert,) = [one for one in story.parts.alerts.announced if one.clock == "expose"]
    assert (alert.severity, "personal data in public, hide it" in alert.sms) == ("warning", True)
    assert alert.body.count(PRIVATE_NUMBER) == 0


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (EventKind.HIDE, EntryKind.MESSAGE_HIDDEN),
        (EventKind.DELETE, EntryKind.MESSAGE_DELETED),
    ],
)
def test_hiding_or_deleting_it_stops_the_clock_when_the_platform_says_it_was(kind, entry):
    story = exposing()
    happened = story.at(minutes=14)
    story.loop.run(minutes=40)
    assert story.clock(EXPOSE).breached_at is not None
    assert happens(story, kind, occurred_at=happened) == "amended"
    clock = story.clock(EXPOSE)
    assert (clock.outcome, clock.stopped_at, clock.breached_at) == (Outcome.MET, happened, None)
    assert story.case.exposed == ()
    assert story.told(EntryKind.BREACH_WITHDRAWN)
    assert len(story.told(entry)) == 1
    assert happens(story, kind, occurred_at=happened) == "unchanged"


def test_shown_again_it_is_exposed_again():
    story = exposing()
    happens(story, EventKind.HIDE, occurred_at=story.at(seconds=5))
    story.parts.now.advance(600)
    happens(story, EventKind.UNHIDE)
    assert story.clock(EXPOSE).seq == 2
    assert story.clock(EXPOSE).due_at == story.at(minutes=15)
    assert len(story.told(EntryKind.MESSAGE_SHOWN)) == 1
    assert story.case.exposed == (story.messages[0].id,)


def test_hiding_what_shows_nothing_personal_leaves_the_log_alone():
    story = exposing("You are slow!")
    version = story.conversation.version
    happens(story, EventKind.HIDE)
    assert story.conversation.version == version
    assert story.messages[0].hidden


def test_an_edit_that_adds_personal_data_exposes_it():
    story = exposing("Call me!")
    story.parts.now.advance(60)
    happens(story, EventKind.EDIT, text=f"Call me: {PRIVATE_NUMBER}", edit_number=1)
    assert story.messages[0].personal == ("phone",)
    assert story.clock(EXPOSE).started_at == story.parts.now()
    happens(story, EventKind.EDIT, text=f"{PRIVATE_NUMBER}, ana@example.com", edit_number=2)
    assert [e.reason for e in story.told(EntryKind.PERSONAL_DATA_FOUND)] == ["phone", "email"]
    assert story.clock(EXPOSE).seq == 1


def test_an_edit_that_takes_it_out_ends_the_exposure():
    story = exposing()
    story.parts.now.advance(60)
    happens(story, EventKind.EDIT, text="Call me!", edit_number=1)
    assert (story.messages[0].personal, story.case.exposed) == ((), ())
    assert (story.clock(EXPOSE).outcome, story.clock(EXPOSE).stopped_at) == (
        Outcome.MET,
        story.parts.now(),
    )


def test_an_older_edit_that_comes_later_changes_nothing():
    story = exposing("Call me!")
    happens(story, EventKind.EDIT, text="Call me, please!", edit_number=2)
    happens(story, EventKind.EDIT, text=f"Call {PRIVATE_NUMBER}", edit_number=1)
    assert (story.messages[0].personal, story.case.clock(EXPOSE)) == ((), None)


def test_what_is_added_while_it_is_hidden_is_exposed_when_it_is_shown():
    story = exposing("Call me!")
    happens(story, EventKind.HIDE, occurred_at=story.at(seconds=1))
    happens(story, EventKind.EDIT, text=f"Call {PRIVATE_NUMBER}", edit_number=1)
    assert (story.messages[0].personal, story.case.exposed) == (("phone",), ())
    happens(story, EventKind.UNHIDE, occurred_at=story.at(seconds=9))
    assert story.case.exposed == (story.messages[0].id,)


def test_edits_of_what_is_deleted_or_private_are_not_looked_at():
    story = exposing()
    happens(story, EventKind.DELETE)
    happens(story, EventKind.EDIT, text="ana@example.com", edit_number=1)
    assert (story.messages[0].personal, story.case.exposed) == (("phone",), ())
    private = telling()
    private.writes(message_id="m-1")
    private.loop.ingest(private.event(EventKind.EDIT, "m-1", text=PRIVATE_NUMBER))
    assert private.messages[0].personal == ()


@pytest.mark.parametrize(
    "kinds",
    [(EventKind.HIDE,), (EventKind.DELETE,), (EventKind.HIDE, EventKind.DELETE)],
)
def test_what_was_hidden_or_deleted_before_it_reached_us_was_never_exposed(kinds):
    story = telling()
    comment = story.comment(f"Call {PRIVATE_NUMBER}", message_id="c-1")
    for kind in kinds:
        happens(story, kind)
    assert story.loop.ingest(comment) == "completed"
    assert (story.case.exposed, story.case.clock(EXPOSE)) == ((), None)
    assert story.told(EntryKind.PERSONAL_DATA_FOUND) == []


def test_what_was_hidden_before_it_reached_us_is_exposed_when_it_is_shown():
    story = telling()
    comment = story.comment(f"Call {PRIVATE_NUMBER}", message_id="c-1")
    happens(story, EventKind.HIDE)
    story.loop.ingest(comment)
    assert story.messages[0].personal == ("phone",)
    happens(story, EventKind.UNHIDE, occurred_at=story.at(seconds=5))
    assert story.case.exposed == (story.messages[0].id,)


def test_a_deletion_by_nobody_in_particular_before_the_comment_exposes_nothing():
    story = telling()
    comment = story.comment(f"Call {PRIVATE_NUMBER}", message_id="c-1")
    delete = replace(story.event(EventKind.DELETE, "c-1", **PUBLIC), contact=None)
    story.loop.ingest(delete)
    story.loop.ingest(comment)
    assert (story.messages[0].personal, story.case.clock(EXPOSE)) == ((), None)


def test_an_edit_before_its_comment_says_what_the_comment_shows():
    for text, kinds in ((f"Call {PRIVATE_NUMBER}", ("phone",)), ("Call me", ())):
        story = telling()
        comment = story.comment("ana@example.com", message_id="c-1")
        happens(story, EventKind.EDIT, text=text, edit_number=1)
        assert story.loop.ingest(comment) == "completed"
        assert story.messages[0].personal == kinds
        assert len(story.messages[0].edits) == 1
        assert bool(story.case.exposed) == bool(kinds)


def test_two_messages_are_exposed_until_the_last_of_them_is_covered():
    for order in itertools.permutations(("c-1", "c-2")):
        story = exposing()
        story.loop.ingest(story.comment("ana@example.com", message_id="c-2"))
        story.parts.now.advance(60)
        happens(story, EventKind.HIDE, order[0])
        assert story.clock(EXPOSE).outcome is None
        happens(story, EventKind.HIDE, order[1])
        assert story.clock(EXPOSE).outcome is Outcome.MET


def test_without_such_a_promise_it_is_marked_and_nobody_is_alerted():
    story = exposing(policy=POLICY)
    story.loop.run(minutes=30)
    assert story.case.exposed
    assert story.parts.alerts.announced == []


def test_the_machine_sleeps_no_longer_than_until_the_exposure_is_due():
    story = exposing("Where is my parcel?")
    story.parts.now.advance(60)
    story.loop.ingest(story.comment(f"Call {PRIVATE_NUMBER}", message_id="c-2"))
    assert story.conversation.token == ""  # the table's stream wakes it
    story.loop.rest()
    assert story.conversation.armed_for == story.clock(EXPOSE).warn_at


ACTIONS = {
    "shows": lambda s: s.loop.ingest(s.comment(f"{PRIVATE_NUMBER}", message_id=f"x-{s.number}")),
    "writes": lambda s: s.loop.ingest(s.comment("Hello?")),
    "thanks": lambda s: s.loop.ingest(s.comment(f"thanks {PRIVATE_NUMBER}")),
    "hides": lambda s: happens(s, EventKind.HIDE),
    "reveals": lambda s: happens(s, EventKind.UNHIDE),
    "edits in": lambda s: happens(s, EventKind.EDIT, text=PRIVATE_NUMBER, edit_number=s.number),
    "edits out": lambda s: happens(s, EventKind.EDIT, text="Hello", edit_number=s.number),
    "deletes": lambda s: happens(s, EventKind.DELETE),
    "resolves": lambda s: s.resolves(),
    "reopens": lambda s: resolve.reopen(s.parts, s.ask(), "not settled"),
}
PASSES = {"a minute": 1, "ten minutes": 10, "half a day": 720, "five days": 7200}


@given(
    st.lists(st.sampled_from(sorted(ACTIONS)) | st.sampled_from(sorted(PASSES)), max_size=14),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_in_every_life_the_machine_waits_and_no_exposure_is_overlooked(life, staffed):
    story = telling(agents=("ann",) if staffed else ())
    story.loop.ingest(story.comment(f"Call {PRIVATE_NUMBER}", message_id="c-1"))
    story.loop.rest()
    for what in life:
        with contextlib.suppress(RefusedError):
            if what in PASSES:
                story.loop.run(minutes=PASSES[what])
            else:
                ACTIONS[what](story)
        story.loop.rest()
        check(story)


def check(story):
    here, now = story.conversation, phase(story.case)
    assert bool(here.token) == (now is not Phase.CLOSED)
    clock = story.case.clock(EXPOSE)
    running = clock is not None and clock.outcome is None
    if running:
        late = story.parts.now() - clock.due_at
        assert clock.breached_at is not None or late <= timedelta(seconds=12)
        assert story.case.exposed
    if now is not Phase.CLOSED and story.case.exposed and not running:
        assert clock is None or story.case.reopens  # it ended when an earlier round was closed
    seen = {
        message.id
        for message in story.messages
        if message.personal and not message.hidden and message.deleted_at is None
    }
    assert set(story.case.exposed) <= seen
