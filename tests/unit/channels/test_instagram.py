"""Instagram."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, ReceiptState

IG, IGSID = "17840000000000001", "9900000000000001"


@pytest.fixture(scope="module")
def direct(read):
    return read("instagram_direct")


@pytest.fixture(scope="module")
def public(read):
    return {event.message_id: event for event in read("instagram_public").events}


def by(parsed, message_id, *kinds):
    return next(e for e in parsed.events if e.message_id == message_id and e.kind in kinds)


def test_a_direct_message_is_private(direct):
    event = by(direct, "ig_1", EventKind.MESSAGE)
    assert (event.channel, event.public, event.contact.id) == (Channel.INSTAGRAM, False, IGSID)


@pytest.mark.parametrize(
    ("mid", "subject", "kind", "url"),
    [
        ("ig_story", "story_reply", "story", "https://lookaside.example/story"),
        ("ig_mention", "story_mention", "story_mention", "https://lookaside.example/m"),
        ("ig_share", "ig_reel", "ig_reel", "https://ig.example/r"),
        ("ig_heart", "like_heart", "like_heart", ""),
    ],
)
def test_story_replies_mentions_and_shares(direct, mid, subject, kind, url):
    event = by(direct, mid, EventKind.MESSAGE)
    assert event.subject == subject
    assert [(a.kind, a.url) for a in event.attachments] == [(kind, url)]


def test_an_unsend_is_a_deletion_of_the_message(direct):
    assert by(direct, "ig_1", EventKind.DELETE).contact.id == IGSID


@pytest.mark.parametrize("mid", ["ig_echo", "ig_echo_unmarked"])
def test_what_we_wrote_is_an_echo_even_when_it_is_not_marked(direct, mid):
    event = by(direct, mid, EventKind.ECHO, EventKind.MESSAGE)
    assert (event.kind, event.contact.id, event.author.id) == (EventKind.ECHO, IGSID, IG)


@pytest.mark.parametrize("mid", ["ig_self", "ig_self_text"])
def test_messages_to_oneself_are_echoes_of_nobody(direct, mid):
    event = by(direct, mid, EventKind.ECHO, EventKind.MESSAGE)
    assert (event.kind, event.contact) == (EventKind.ECHO, None)


def test_seen_names_the_message(direct):
    event = by(direct, "ig_echo", EventKind.RECEIPT)
    assert (event.receipt, event.watermark_at) == (ReceiptState.READ, None)


def test_a_time_in_words_is_read(direct):
    event = by(direct, "ig_iso", EventKind.MESSAGE)
    assert event.occurred_at == datetime(2025, 11, 24, 16, 0, 20, tzinfo=UTC)


def test_a_comment_belongs_to_its_media(public):
    event = public["17919000000000001"]
    assert (event.kind, event.public, event.subject) == (EventKind.MESSAGE, True, "comment")
    assert (event.post_id, event.parent_id) == ("18170000000000001", "17918000000000001")
    assert (event.contact.id, event.contact.username) == (IGSID, "ana.r")
    assert event.occurred_at == datetime(2025, 11, 24, 16, 0, 20, tzinfo=UTC)  # entry.time, seconds


def test_a_comment_on_an_ad_is_a_comment_on_the_original_post(public):
    """It may come twice, for both media: both are one message of one conversation."""
    event = public["17919000000000002"]
    assert event.post_id == "18170000000000001"
    assert event.attachments[0].kind == "advert"


@pytest.mark.parametrize("number", ["3", "4"])
def test_our_own_comment_is_an_echo(public, number):
    event = public[f"1791900000000000{number}"]
    assert (event.kind, event.contact, event.author.username) == (EventKind.ECHO, None, "acme")


def test_live_comments_are_comments_and_hidden_authors_nobody(public):
    assert public["17919000000000005"].subject == "comment"
    assert public["17919000000000006"].contact is None


def test_a_mention_says_where_and_not_who(public):
    event = public["17919000000000055"]
    assert (event.subject, event.post_id, event.contact) == (
        "mention",
        "mention:18170000000000055",
        None,
    )
    assert public["18170000000000056"].subject == "mention"


def test_other_fields_are_counted(read):
    assert read("instagram_public").ignored == ("instagram.story_insights",)
