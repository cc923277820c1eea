"""A log row sets rules off once, and costs nothing where no rule asks for it."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import EventKind, Person
from chalicelib.domain.message import Direction
from chalicelib.domain.rule import Trigger
from chalicelib.workflows.rules import fire, react
from tests.unit.workflows.ruled import HOUR, Ruled, moved, received, rule, when
from tests.unit.workflows.story import Story

RECEIVED = {EntryKind.MESSAGE_RECEIVED}


def reads(story: Story) -> int:
    return len(story.parts.trail.steps)


def test_without_a_rule_for_its_kinds_a_row_costs_no_read():
    story = Ruled(rule("score", ("label", "x"), on=Trigger.SCORE_RECEIVED))
    story.hears()
    before = [step for step in story.parts.trail.steps if "conversations" in step]
    assert react.react(story.parts, story.conversation.id, 1, RECEIVED, "v1") == 0
    assert [step for step in story.parts.trail.steps if "conversations" in step] == before


def test_a_row_whose_version_of_the_policy_is_not_told_is_looked_up():
    story = Ruled(received("mark", ("note", "x")))
    story.hears()
    assert react.react(story.parts, story.conversation.id, 1, RECEIVED) == 0  # done already
    assert react.react(story.parts, story.conversation.id, 1, {EntryKind.CLOCK_MET}) == 0
    assert len(story.fired) == 1


def test_what_is_not_there_any_more_sets_nothing_off():
    story = Ruled(received("mark", ("note", "x")))
    assert react.react(story.parts, "nowhere", 1, RECEIVED) == 0
    story.hears()
    assert react.react(story.parts, story.conversation.id, 99, RECEIVED) == 0
    head = story.conversation
    story.store.heads[head.id] = replace(head, case=None)
    assert react.react(story.parts, head.id, 1, RECEIVED, "v1") == 0


def test_a_message_that_is_gone_has_no_words():
    story = Ruled(
        received("words", ("label", "x"), when=when(words=("parcel",))),
        received("any", ("note", "y")),
    )
    story.writes()
    story.store.messages.clear()
    story.loop.rest()
    assert [one.rule for one in story.fired] == ["any"]


def test_two_processes_that_react_at_once_fire_once():
    story = Ruled(received("mark", ("note", "x")))
    story.hears()
    before = story.parts.conversations

    class Blind:
        """Knows of no request, as a process that looked before the other wrote."""

        def __getattr__(self, name: str) -> object:
            return (lambda *_: None) if name == "request" else getattr(before, name)

    story.parts.conversations = Blind()
    assert react.react(story.parts, story.conversation.id, 1, RECEIVED, "v1") == 0
    assert len(story.fired) == 1


def test_an_edit_is_no_message_that_was_received():
    story = Ruled(received("words", ("label", "x"), when=when(words=("refund",))))
    event = story.message("hello")
    story.loop.ingest(event)
    story.loop.rest()
    story.loop.ingest(story.event(EventKind.EDIT, event.message_id, text="refund"))
    story.loop.rest()
    assert story.fired == []


def test_the_title_of_a_mail_is_among_its_words():
    story = Ruled(received("words", ("label", "x"), when=when(words=("refund",))))
    story.hears("Please.", title="Refund for 4711")
    assert len(story.fired) == 1


def test_of_missed_replies_of_one_rule_only_the_last_leaves():
    story = Ruled(
        rule(
            "ask",
            ("reply", "Still there?"),
            ("note", "asked"),
            status=Status.ASSIGNED,
            after_seconds=HOUR,
            repeat_seconds=HOUR,
        )
    )
    story.hears()
    case = story.case
    now = story.at(hours=4)
    story.parts.now.set(now)
    terms = fire.terms_of(story.parts, story.conversation, case)
    fold = fire.ticked(story.parts, story.conversation, terms, now)
    fire.commit(story.parts, story.conversation, fold, terms)
    assert len(story.fired) == 4
    assert [one.reason.split(":")[0] for one in story.skipped] == ["said_later"] * 3
    assert len(story.said(Direction.OUTBOUND)) == 1
    assert len(story.said(Direction.NOTE)) == 4


def test_somebody_without_a_name_is_greeted_without_one():
    story = Ruled(received("hello", ("reply", "Hello {name}, {handle} here. {name}")))
    nameless = Person("bob")
    story.hears(contact=nameless)
    assert story.sent() == ["Hello, Acme here."]


def test_a_customer_with_braces_in_the_name_fills_in_no_more():
    story = Ruled(received("hello", ("reply", "Hello {name}!")))
    story.hears(contact=Person("bob", "{handle}"))
    assert story.sent() == ["Hello {handle}!"]


def test_a_conversation_without_a_case_has_no_rules():
    story = Ruled(moved("any", ("label", "x")))
    story.hears()
    bare = replace(story.conversation, case=None)
    with pytest.raises(ValueError, match="no rules"):
        fire.case_of(bare)
