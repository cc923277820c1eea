"""Edits, deletions, hidings and reactions: nothing is lost, whatever order they come in."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import EventKind, Person
from chalicelib.domain.message import Direction
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.intake import ingest
from tests.unit.workflows.story import ANA, PAGE, Story

PUBLIC = {"channel": Channel.FACEBOOK_PAGE, "public": True, "post_id": "post-1"}


def test_an_edit_shows_the_new_text_and_keeps_the_old():
    story = Story()
    event = story.message("My oder 12", message_id="m-1")
    story.loop.ingest(event)
    version = story.conversation.version
    edit = story.event(EventKind.EDIT, "m-1", text="My order 12", edit_number=1)
    assert story.loop.ingest(edit) == "amended"
    assert story.loop.ingest(edit) == "unchanged"
    (message,) = story.messages
    assert (message.shown, message.text) == ("My order 12", "My oder 12")
    assert story.conversation.version == version + 1
    assert story.told(EntryKind.MESSAGE_EDITED)[0].message_id == message.id


def test_edits_in_any_order_show_the_newest():
    for order in itertools.permutations((1, 2, 3)):
        story = Story()
        story.writes("text 0", message_id="m-1")
        for number in order:
            edit = story.event(EventKind.EDIT, "m-1", text=f"text {number}", edit_number=number)
            story.loop.ingest(edit)
        assert story.messages[0].shown == "text 3"


@pytest.mark.parametrize("facts", [{}, PUBLIC], ids=["private", "public"])
def test_what_came_before_its_message_is_there_when_it_comes(facts):
    story = Story()
    message = story.message("My oder", message_id="m-1", **facts)
    story.parts.now.advance(5)
    edit = story.event(EventKind.EDIT, "m-1", text="My order", edit_number=1, **facts)
    hide = story.event(EventKind.HIDE, "m-1", **facts)
    delete = story.event(EventKind.DELETE, "m-1", **facts)
    assert story.loop.ingest(edit) == "early"
    assert story.loop.ingest(edit) == "unchanged"
    assert story.loop.ingest(hide) == "amended"
    assert story.loop.ingest(delete) == "amended"
    assert story.store.heads == {}  # what nobody has said yet opens no case
    assert story.loop.ingest(message) == "completed"
    assert story.loop.ingest(message) == "duplicate"
    (stored,) = story.messages
    assert (stored.stub, stored.text, stored.hidden) == (False, "My oder", True)
    assert stored.deleted_at is not None
    assert stored.shown == ""
    assert [made.text for made in stored.edits] == ["My order"]
    assert (stored.case_number, story.case.number) == (1, 1)


def test_a_reaction_before_its_private_message_is_kept():
    story = Story()
    message = story.message(message_id="m-1")
    assert story.loop.ingest(story.event(EventKind.REACTION, "m-1", emoji="❤️")) == "early"
    story.loop.ingest(message)
    assert [(r.by, r.emoji) for r in story.messages[0].reactions] == [("ana", "❤️")]


def test_a_deletion_by_nobody_in_particular_waits_for_its_comment():
    story = Story()
    comment = story.comment(message_id="c-1")
    delete = replace(story.event(EventKind.DELETE, "c-1", **PUBLIC), contact=None)
    assert story.loop.ingest(delete) == "early"
    assert story.loop.ingest(delete) == "early"
    assert story.loop.ingest(comment) == "stored"
    assert story.messages[0].deleted_at is not None
    assert story.loop.ingest(delete) == "unchanged"


def test_a_deletion_by_nobody_finds_the_stub_that_an_edit_made():
    story = Story()
    comment = story.comment(message_id="c-1")
    story.loop.ingest(story.event(EventKind.EDIT, "c-1", text="new", **PUBLIC))
    delete = replace(story.event(EventKind.DELETE, "c-1", **PUBLIC), contact=None)
    assert story.loop.ingest(delete) == "amended"
    story.loop.ingest(comment)
    assert story.messages[0].deleted_at is not None


def test_an_early_deletion_by_nobody_then_an_edit_then_the_comment():
    story = Story()
    comment = story.comment(message_id="c-1")
    story.loop.ingest(replace(story.event(EventKind.DELETE, "c-1", **PUBLIC), contact=None))
    assert story.loop.ingest(story.event(EventKind.EDIT, "c-1", text="new", **PUBLIC)) == "early"
    story.loop.ingest(comment)
    assert story.messages[0].deleted_at is not None
    assert story.messages[0].edits[0].text == "new"


def test_a_deletion_by_a_moderator_before_the_comment_reaches_the_comment():
    story = Story()
    comment = story.comment(message_id="c-1")
    moderator = Person("mod")
    story.loop.ingest(story.event(EventKind.DELETE, "c-1", **(PUBLIC | {"contact": moderator})))
    story.loop.ingest(comment)
    stored = [m for m in story.store.messages.values() if not m.stub]
    assert stored[0].deleted_at is not None


def test_hiding_and_showing_again_end_with_the_newer_of_them():
    for order in itertools.permutations((EventKind.HIDE, EventKind.UNHIDE)):
        story = Story()
        story.loop.ingest(story.comment(message_id="c-1"))
        hide = story.event(EventKind.HIDE, "c-1", occurred_at=story.at(seconds=1), **PUBLIC)
        show = story.event(EventKind.UNHIDE, "c-1", occurred_at=story.at(seconds=2), **PUBLIC)
        events = {EventKind.HIDE: hide, EventKind.UNHIDE: show}
        for kind in order:
            story.loop.ingest(events[kind])
        assert story.messages[0].hidden is False


def test_one_reaction_a_person_and_an_empty_one_takes_it_back():
    story = Story()
    story.writes(message_id="m-1")
    bob = Person("bob")
    story.loop.ingest(story.event(EventKind.REACTION, "m-1", emoji="👍", author=bob))
    story.parts.now.advance(5)
    story.loop.ingest(story.event(EventKind.REACTION, "m-1", emoji="❤️", author=bob))
    late = story.event(
        EventKind.REACTION, "m-1", emoji="😢", author=bob, occurred_at=story.at(seconds=-9)
    )
    assert story.loop.ingest(late) == "unchanged"
    story.loop.ingest(story.event(EventKind.REACTION, "m-1", emoji="👍"))
    assert [(r.by, r.emoji) for r in story.messages[0].reactions] == [("bob", "❤️"), ("ana", "👍")]
    gone = story.event(EventKind.REACTION, "m-1", emoji="", author=bob)
    story.loop.ingest(gone)
    assert [r.by for r in story.messages[0].reactions if r.emoji] == ["ana"]
    again = story.event(EventKind.REACTION, "m-1", emoji="❤️", author=bob)
    assert story.loop.ingest(again) == "unchanged"


def test_a_like_of_the_brands_own_post_leaves_nothing_behind():
    story = Story()
    like = story.event(EventKind.REACTION, "post-1", emoji="👍", **PUBLIC)
    assert story.loop.ingest(like) == "unmatched"
    assert story.loop.ingest(replace(like, contact=None)) == "unmatched"
    assert story.store.messages == story.store.references == {}


def test_the_brands_reaction_to_a_comment_is_kept_as_the_brands():
    story = Story()
    story.loop.ingest(story.comment(message_id="c-1"))
    like = story.event(EventKind.REACTION, "c-1", emoji="👍", author=Person(PAGE), **PUBLIC)
    story.loop.ingest(replace(like, contact=None))
    nobody = replace(like, contact=None, author=None, emoji="❤️")
    story.loop.ingest(nobody)
    assert [r.by for r in story.messages[0].reactions] == [PAGE, ""]


def test_an_edit_of_nobody_knows_what_is_tried_again_for_a_while():
    story = Story()
    edit = replace(story.event(EventKind.EDIT, "m-1", text="x"), contact=None)
    with pytest.raises(RetryLaterError):
        ingest.ingest(story.parts, edit)
    story.parts.now.advance(600)
    assert ingest.ingest(story.parts, edit) == "unmatched"
    private = replace(story.event(EventKind.DELETE, "m-1"), contact=None)
    assert story.loop.ingest(private) == "dead"


def test_a_message_that_comes_between_reading_and_writing_the_stub_gets_the_edit():
    story = Story()
    message = story.message("old", message_id="m-1")
    edit = story.event(EventKind.EDIT, "m-1", text="new")
    taken: list[str] = []

    def faster(_: object) -> None:
        if not taken:
            taken.append("yes")
            ingest.ingest(story.parts, message)

    story.store.before_commit.append(faster)
    assert story.loop.ingest(edit) == "amended"
    assert (story.messages[0].shown, story.messages[0].text) == ("new", "old")


def test_a_stub_that_comes_between_reading_and_writing_the_message_is_completed():
    story = Story()
    message = story.message("old", message_id="m-1")
    edit = story.event(EventKind.EDIT, "m-1", text="new")
    taken: list[str] = []

    def faster(_: object) -> None:
        if not taken:
            taken.append("yes")
            ingest.ingest(story.parts, edit)

    story.store.before_commit.append(faster)
    assert story.loop.ingest(message) == "completed"
    assert (story.messages[0].shown, story.conversation.messages) == ("new", 1)


def test_an_edit_in_a_conversation_without_a_case_is_kept_without_a_log():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana", message_id="e-1"))
    edit = story.event(EventKind.EDIT, "e-1", text="Hello Ana")
    assert story.loop.ingest(edit) == "amended"
    assert story.messages[0].shown == "Hello Ana"
    assert story.messages[0].direction is Direction.OUTBOUND


def test_times_of_long_ago_are_not_believed():
    story = Story()
    ancient = story.parts.now() - timedelta(days=30)
    story.writes(message_id="m-1", occurred_at=ancient)
    assert story.messages[0].sent_at == story.parts.now()
    assert story.messages[0].clamped
    assert story.messages[0].author_id == ANA.id


@pytest.mark.parametrize("told", [None, timedelta(hours=3)])
def test_a_reaction_without_a_believable_time_counts_from_its_receipt(told):
    story = Story()
    story.writes("hello", message_id="m-1")
    now = story.parts.now()
    when = None if told is None else now + told
    story.loop.ingest(story.event(EventKind.REACTION, "m-1", emoji="👍", occurred_at=when))
    assert [reaction.at for reaction in story.messages[0].reactions] == [now]
