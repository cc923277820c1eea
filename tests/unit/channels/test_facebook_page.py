"""The wall of a page."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind

PAGE, ANA = "104500000000001", "7000000000000002"


@pytest.fixture(scope="module")
def comments(read):
    return read("page_comments")


@pytest.fixture(scope="module")
def posts(read):
    return {event.message_id: event for event in read("page_posts").events}


def by(parsed, message_id, kind=EventKind.MESSAGE):
    return next(e for e in parsed.events if (e.message_id, e.kind) == (message_id, kind))


def test_a_comment_is_public_and_belongs_to_its_post(comments):
    event = by(comments, "55501_9001")
    assert (event.channel, event.account_id, event.public) == (Channel.FACEBOOK_PAGE, PAGE, True)
    assert event.post_id == event.parent_id == PAGE + "_55501"
    assert (event.contact.id, event.contact.name, event.author) == (
        ANA,
        "Zoë Müller",
        event.contact,
    )
    assert (event.subject, event.text) == ("comment", "Where is my parcel?")
    assert event.occurred_at == datetime(2025, 11, 24, 16, 0, 9, tzinfo=UTC)  # seconds, not ms
    assert event.permalink == "https://www.facebook.com/acme/posts/55501"


def test_a_reply_names_the_comment_it_answers(comments):
    assert by(comments, "55501_9002").parent_id == "55501_9001"


def test_a_comment_of_only_a_photo_has_no_words(comments):
    event = by(comments, "55501_9003")
    assert event.text == ""
    assert [(a.kind, a.url) for a in event.attachments] == [
        ("photo", "https://scontent.example/p.jpg")
    ]


def test_a_hidden_author_is_nobody(comments):
    event = by(comments, "55501_9004")
    assert (event.contact, event.author) == (None, None)


def test_flat_numeric_ids_of_older_payloads_become_text(comments):
    assert by(comments, "55501_9005").contact.id == "7000000000000005"


def test_our_own_comment_is_an_echo_and_never_a_customer(comments):
    event = by(comments, "55501_9006", EventKind.ECHO)
    assert (event.contact, event.author.id, event.parent_id) == (None, PAGE, "55501_9001")


@pytest.mark.parametrize("message_id", ["55501_9001", "55501_9002"])
def test_edit_and_edited_mean_the_same_and_carry_the_time_of_the_edit(comments, message_id):
    event = by(comments, message_id, EventKind.EDIT)
    assert event.text.endswith(("please?", "??"))
    assert event.occurred_at > by(comments, message_id).occurred_at


def test_removing_hiding_and_unhiding_are_told_apart(comments):
    assert by(comments, "55501_9001", EventKind.DELETE).text == ""
    assert by(comments, "55501_9002", EventKind.HIDE)
    assert by(comments, "55501_9002", EventKind.UNHIDE)


def test_unknown_items_and_verbs_are_counted(comments):
    assert comments.ignored == ("page.feed.comment.mute", "page.feed.hologram.add")


def test_visitor_posts_are_messages_and_their_edits_too(posts, read):
    event = posts[PAGE + "_55602"]
    assert (event.kind, event.subject, event.contact.id) == (EventKind.MESSAGE, "post", ANA)
    assert event.post_id == event.message_id
    assert [a.kind for a in event.attachments] == ["link"]
    edit = by(read("page_posts"), PAGE + "_55601", EventKind.EDIT)
    assert edit.text == "Your shop is closed today?"


def test_the_brands_own_posts_are_echoes(posts):
    for number in ("55603", "55604"):
        event = posts[f"{PAGE}_{number}"]
        assert (event.kind, event.subject, event.contact) == (EventKind.ECHO, "post", None)
    assert len(posts[PAGE + "_55604"].attachments) == 2


def test_a_share_is_a_message_only_with_words(posts):
    assert (posts[PAGE + "_55501"].kind, posts[PAGE + "_55501"].detail) == (
        EventKind.NOTICE,
        "share",
    )
    assert posts[PAGE + "_55605"].kind is EventKind.MESSAGE


def test_reactions_are_put_changed_and_taken_back(read):
    found = read("page_reactions").events
    assert {event.kind for event in found} == {EventKind.REACTION}
    assert [(e.message_id, e.emoji) for e in found] == [
        (PAGE + "_55501", "😠"),
        ("55501_9006", "❤️"),
        ("55501_9006", ""),
        (PAGE + "_55501", "👍"),
        ("55501_9001", "👍"),
    ]
    assert (found[-1].contact, found[-1].author.id) == (None, PAGE)


def test_a_mention_has_no_author_unless_an_older_payload_names_one(read):
    first, second = read("page_mentions_ratings").events[:2]
    assert (first.kind, first.subject, first.contact) == (EventKind.MESSAGE, "mention", None)
    assert (first.message_id, first.post_id, first.public) == ("1_2", "88_1", True)
    assert (second.message_id, second.contact.name) == ("88_3", "Kim")


def test_ratings_are_messages_with_a_verdict(read):
    found = read("page_mentions_ratings").events[2:]
    assert [(e.kind.value, e.message_id, e.text, e.detail) for e in found] == [
        ("message", "990001", "Bad service", "negative"),
        ("edit", "990001", "Better now", ""),
        ("message", "990002", "", "4"),
        ("message", "990001_5", "I agree", ""),
        ("delete", "990001", "", ""),
    ]
    assert found[0].contact.id == "7000000000000008"
    assert found[3].post_id == "990001"


def test_other_news_of_a_page_are_counted(read):
    assert read("page_mentions_ratings").ignored == ("page.hours",)
