"""Mastodon: what its posts say, and how far a look has come."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.channels.contract import PayloadError, SignatureError
from chalicelib.channels.markup import LONGEST
from chalicelib.channels.mastodon import cursor, inbound
from chalicelib.channels.mastodon.room import MastodonRoom
from chalicelib.channels.mastodon.sending import text_of
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.event import EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Outgoing
from tests.fakes.effort import bounded

EVENTS = Path(__file__).parents[2] / "events" / "mastodon"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
READER = inbound.Reader("14715", "social.example", NOW, lambda number: f"root-of-{number}")
ROOM = MastodonRoom()


_LONG_LINK = (
    '<a href="https://shop.example/a/very/long/path"><span class="invisible">https://</span>'
    '<span class="ellipsis">shop.example/a/very</span><span class="invisible">/long/path</span></a>'
)


def recorded(name):
    return json.loads((EVENTS / f"{name}.json").read_bytes())


def status(**changes):
    return {
        "id": "103",
        "created_at": "2026-11-21T09:58:00.000Z",
        "visibility": "public",
        "content": "<p>hi</p>",
        "account": {"id": "7", "acct": "ana"},
        **changes,
    }


def handle(**settings):
    return Handle("m", Channel.MASTODON, "14715", "Acme", "care", settings=settings)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two<br />three</p>", "one\ntwo\nthree"),
        ("plain &lt;b&gt; &amp; &quot;quoted&quot;", 'plain <b> & "quoted"'),
        ('<p><a href="#" class="mention">@<span>acme</span></a> hi</p>', "@acme hi"),
        (_LONG_LINK, "https://shop.example/a/very/long/path"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<p>a</p><blockquote>b</blockquote>", "a\n\n> b"),
        ("<p>unclosed <b", "unclosed"),
        ("&#x1F600; &#99999999999;", "😀 \ufffd"),
    ],
)
def test_a_post_is_read_as_it_is_shown_with_whole_links(html, text):
    (event,) = READER.mention(status(content=html))
    assert event.text == text


def test_an_enormous_post_is_set_aside_and_not_cut():
    with pytest.raises(PayloadError):
        READER.mention(status(content="x" * (LONGEST + 1)))
    (event,) = READER.mention(status(content="x" * LONGEST))
    assert len(event.text) == LONGEST


@pytest.mark.parametrize("bomb", ["<!--", "<a ", "<", "<a href='", "<script>", "<![CDATA["])
def test_reading_a_post_takes_as_long_as_it_is_long(bomb):
    bounded(60, READER.mention, status(content=bomb * (LONGEST // len(bomb))))


@given(some.text(alphabet="<>!-[]/&;#abc \"'=\n", max_size=80))
def test_no_markup_is_a_fault(html):
    with suppress(PayloadError):
        READER.mention(status(content=html))


def test_a_public_mention_says_who_what_and_where():
    (event,) = READER.mention(recorded("mention")["status"])
    assert (event.kind, event.channel, event.public) == (
        EventKind.MESSAGE,
        Channel.MASTODON,
        True,
    )
    assert (event.contact.id, event.contact.name) == ("zoe@other.example", "Zoé")
    assert (event.message_id, event.parent_id) == ("103186126728896492", "103186038209478945")
    assert event.post_id == "root-of-103186038209478945"
    assert event.text == "broken\n\n@acme it broke\n\n- yes\n- no"
    assert event.occurred_at == datetime(2026, 11, 20, 7, 49, 1, 940_000, tzinfo=UTC)
    assert event.permalink == "https://other.example/@zoe/103"
    (picture, clip) = event.attachments
    assert (picture.kind, picture.url, picture.title) == (
        "image",
        "https://files.example/a.png",
        "a shoe",
    )
    assert (clip.kind, clip.url) == ("video", "https://far.example/b.mp4")


def test_a_person_of_our_own_instance_has_a_whole_address_too():
    (event,) = READER.mention(status(account={"id": "7", "acct": "Ana"}))
    assert event.contact.id == "ana@social.example"
    assert event.post_id == event.message_id


@pytest.mark.parametrize(
    ("visibility", "public"),
    [("public", True), ("unlisted", True), ("private", False), ("direct", False), ("new", False)],
)
def test_only_what_all_may_read_is_public(visibility, public):
    (event,) = READER.mention(status(visibility=visibility, in_reply_to_id="9"))
    assert (event.public, event.post_id) == (public, "root-of-9" if public else "")


def test_a_post_that_was_edited_before_we_saw_it_is_a_message_and_its_edit():
    said, edited = READER.mention(status(edited_at="2026-11-21T09:59:00.000Z"))
    assert (said.kind, edited.kind) == (EventKind.MESSAGE, EventKind.EDIT)
    assert said.key != edited.key
    assert edited.occurred_at == datetime(2026, 11, 21, 9, 59, tzinfo=UTC)
    again = READER.edit(status(edited_at="2026-11-21T09:59:30.000Z"))
    assert again.key != edited.key


def test_a_bots_words_are_automatic():
    (event,) = READER.mention(status(account={"id": "7", "acct": "feed", "bot": True}))
    assert event.automatic


def test_our_own_answers_are_echoes_and_our_other_posts_nothing():
    ana = {"id": "7", "acct": "ana"}
    own = status(
        account={"id": "14715", "acct": "acme"},
        content="<p>@<span>ana</span> until six</p>",
        mentions=[{"id": "8", "acct": "bo"}, ana],
        in_reply_to_account_id="7",
        in_reply_to_id="99",
    )
    public = READER.echo(own)
    assert (public.kind, public.contact, public.parent_id) == (EventKind.ECHO, None, "99")
    assert public.text == "until six"
    private = READER.echo({**own, "visibility": "direct"})
    assert (private.contact.id, private.public) == ("ana@social.example", False)
    begun = READER.echo({**own, "visibility": "direct", "in_reply_to_id": None})
    assert begun.contact.id == "ana@social.example"
    first = READER.echo({**own, "visibility": "direct", "in_reply_to_account_id": "5"})
    assert first.contact.id == "bo@social.example"
    assert READER.echo(status(in_reply_to_id=None)) is None
    assert READER.echo({**own, "in_reply_to_id": None}) is None
    assert READER.echo(status(in_reply_to_id=None, visibility="direct")) is None


@pytest.mark.parametrize(
    "odd",
    [
        {},
        status(id=None),
        status(id=[]),
        status(account=None),
        status(account="ana"),
        status(account={"acct": ""}),
        status(content=[]),
        status(media_attachments="x"),
        status(media_attachments=[5]),
        status(poll={"options": [5]}),
    ],
)
def test_a_post_that_cannot_be_read_says_so(odd):
    with pytest.raises(PayloadError):
        READER.mention(odd)


def test_what_was_set_aside_can_be_read_again():
    row = {"id": "1", "status": status(in_reply_to_id="9")}
    found = ROOM.parse(inbound.kept(row, "social.example"), NOW, account_id="14715")
    assert [event.post_id for event in found.events] == ["9"]
    own = status(account={"id": "14715", "acct": "acme"}, in_reply_to_id="9")
    kept = inbound.kept(own, "social.example")
    assert ROOM.parse(kept, NOW, account_id="14715").events[0].kind is EventKind.ECHO
    own = inbound.kept(status(account={"id": "14715", "acct": "acme"}), "d")
    assert ROOM.parse(own, NOW, account_id="14715").events == ()
    odd = inbound.kept({"id": "1"}, "social.example")
    assert ROOM.parse(odd, NOW, account_id="14715").unreadable[0].raw == odd
    for body in (b"", b"[]", b"{}", b"nonsense"):
        with pytest.raises(PayloadError):
            ROOM.parse(body, NOW, account_id="14715")


def test_nobody_calls_here():
    with pytest.raises(SignatureError):
        ROOM.verify(b"{}", {}, {}, NOW)
    with pytest.raises(SignatureError):
        ROOM.handshake({}, {})


def test_a_cursor_is_read_as_it_was_written_and_odd_ones_begin_anew():
    kept = cursor.Cursor("9", "10", "11", {"9": "2026"})
    assert cursor.read(kept.written()) == kept
    for odd in ("", "nonsense", "[]", "5", '{"edited":5}', "{}"):
        assert cursor.read(odd) == cursor.Cursor()


def test_ids_grow_beyond_what_a_float_holds():
    assert cursor.newest("9007199254740993", "9007199254740992") == "9007199254740993"
    assert cursor.newest("99", "100") == "100"
    assert cursor.newest("", "1") == "1"


def test_the_settings_say_how_often_and_how_long():
    assert [ROOM.polls(handle(every=every)) for every in ("", "120", "1", "x", "²")] == [
        60,
        120,
        15,
        60,
        60,
    ]
    assert ROOM.capabilities(handle(), public=True).text_limit == 465
    assert ROOM.capabilities(handle(text_limit="5000"), public=True).text_limit == 4965
    assert ROOM.capabilities(handle(text_limit="²"), public=True).text_limit == 465
    assert ROOM.capabilities(handle(), public=True).invite is Invite.DIRECT_MESSAGE
    assert ROOM.capabilities(handle(), public=False).invite is Invite.NONE
    assert ROOM.probes(handle()) == 86_400


def test_the_guide_names_the_instance_and_no_key():
    there = handle(instance="https://social.example")
    empty, stored = (ROOM.guide(there, "", secret) for secret in ({}, {"token": "geheim-1"}))
    assert any('{"token"' in step for step in empty)
    assert any("is stored" in step for step in stored)
    assert any("https://social.example/settings/applications/new" in step for step in stored)
    assert "geheim-1" not in "".join(stored)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("On its way.", "@ana@social.example On its way."),
        ("Hi @Ana@social.example, it is.", "Hi @Ana@social.example, it is."),
        ("As said, @ana@social.example.", "As said, @ana@social.example."),
        ("@ana@social.example.org hi", "@ana@social.example @ana@social.example.org hi"),
        ("@ana@social.example-two hi", "@ana@social.example @ana@social.example-two hi"),
        ("x@ana@social.example", "@ana@social.example x@ana@social.example"),
    ],
)
def test_an_answer_names_whom_it_is_for_and_a_longer_name_is_somebody_else(text, sent):
    """Without the name nobody is told; in private the other one would read it instead."""
    handle = Handle("acme-m", Channel.MASTODON, "14715", "@acme", "care")
    outgoing = Outgoing("t", handle, "ana@social.example", public=False, text=text)
    assert text_of(outgoing) == sent
