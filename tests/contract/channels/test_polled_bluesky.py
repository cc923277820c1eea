"""What every channel keeps, kept by one that is looked at: Bluesky, against a whole service."""

import base64
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.channels.bluesky import cursor, inbound, sessions
from chalicelib.channels.bluesky.sending import facets_of
from chalicelib.channels.contract import PayloadError, SignatureError
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.event import EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    File,
    HealthState,
    Outgoing,
    PollError,
    SendState,
    Wanted,
)
from infra.local.simulator.bluesky import BlueskyKeys, BlueskyPlatform
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Told
from tests.contract.channels.platform import platform
from tests.contract.channels.specimen import NOW
from tests.fakes.listening import listening

KEYS = BlueskyKeys("did:plc:acme", "acme.example", "app-pass-word-1234")
SECRET = {"identifier": KEYS.handle, "password": KEYS.password}
HANDLE = Handle("acme-bluesky", Channel.BLUESKY, KEYS.did, "Acme", "care")
ROOM = room("bluesky")
ANA, ZOE = "did:plc:ana", "did:plc:zoe"
REPLY = Outgoing("token-1", HANDLE, ANA, True, "We are on it.")
PRIVATE = replace(REPLY, public=False)


class There:
    """A service, and looks at it that go on where the last one ended."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.now = NOW
        self.platform = BlueskyPlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: self.now
        )
        self.cursor = ""

    def wrote(self, text="Where is my order?", person=ANA, **more):
        how = {name: more.pop(name) for name in ("named", "reason") if name in more}
        return self.platform.write(Happening("", person, NOW, text=text, **more), **how)

    def whispered(self, text="psst", person=ANA, **how):
        return self.platform.whisper(Happening("", person, NOW, text=text), **how)

    def look(self, **wanted):
        handle = wanted.pop("handle", HANDLE)
        found = ROOM.poll(Wanted(handle, cursor=self.cursor, **wanted), SECRET, self.places)
        self.cursor = found.cursor
        return found

    def all(self):
        events = []
        for _ in range(30):
            found = self.look()
            events += found.events
            if not found.again_seconds:
                return events
        raise AssertionError("the looks never end")


@pytest.fixture(autouse=True)
def _no_session():
    sessions._OPEN.clear()
    yield
    sessions._OPEN.clear()


@pytest.fixture
def there():
    it = There()
    with listening(it.platform) as url:
        it.places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: it.now)
        yield it


def test_a_mention_is_found_once_and_says_who_what_and_where(there):
    uri = there.wrote(name="Ana")
    (event,) = there.look().events
    assert (event.kind, event.text, event.public) == (
        EventKind.MESSAGE,
        "Where is my order?",
        True,
    )
    assert (event.contact.id, event.contact.name, event.account_id) == (ANA, "Ana", KEYS.did)
    assert (event.message_id, event.post_id, event.parent_id) == (uri, uri, "")
    assert (event.occurred_at, event.subject) == (NOW, "mention")
    assert event.permalink == f"https://bsky.app/profile/{ANA}/post/{uri.rpartition('/')[2]}"
    assert there.look().events == ()


def test_looking_again_from_the_same_place_brings_the_same_events(there):
    there.wrote("first")
    there.wrote("second")
    first = there.look().events
    there.cursor = ""
    again = there.look().events
    assert [event.text for event in first] == ["first", "second"]
    assert [event.key for event in first] == [event.key for event in again]
    assert len({event.key for event in first}) == 2


def test_nothing_is_lost_however_much_came_since_the_last_look(there):
    there.wrote("first")
    there.look()
    wrote = Counter(there.wrote(f"message {number}") for number in range(120))
    assert Counter(event.message_id for event in there.all()) == wrote
    there.wrote("afterwards")
    assert [event.text for event in there.all()] == ["afterwards"]


def test_what_comes_while_a_long_list_is_read_is_not_lost(there):
    there.wrote("first")
    there.look()
    for number in range(60):
        there.wrote(f"message {number}")
    first = there.look()
    there.wrote("meanwhile")
    texts = Counter(event.text for event in (*first.events, *there.all(), *there.all()))
    assert set(texts) == {"meanwhile", *(f"message {number}" for number in range(60))}


def test_posts_of_one_instant_are_all_found(there):
    there.platform._stamp = lambda: "2026-11-21T10:00:00.000Z"
    there.wrote("first")
    assert len(there.look().events) == 1
    there.wrote("second of the same instant")
    assert [event.text for event in there.look().events] == ["second of the same instant"]
    assert there.look().events == ()


def test_the_very_first_look_takes_in_nothing_old(there):
    there.wrote("old")
    there.whispered("old too")
    there.now = NOW + timedelta(days=2)
    assert there.look().events == ()
    there.wrote("new")
    there.whispered("new too")
    assert [event.text for event in there.all()] == ["new", "new too"]


def test_answers_in_one_thread_belong_to_its_first_post(there):
    root = there.wrote("root", person=ZOE, named=False)
    middle = there.wrote("middle", person=ZOE, parent=root, named=False)
    there.wrote("leaf", parent=middle, reason="reply")
    (event,) = there.look().events
    assert (event.post_id, event.parent_id) == (root, middle)


def test_other_news_is_counted(there):
    there.wrote("liked", reason="like")
    found = there.look()
    assert (found.events, found.ignored) == ((), ("bluesky.like",))


def test_what_the_brand_answers_in_its_own_app_is_an_echo(there):
    question = there.wrote()
    there.platform.native(question, "until six", NOW)
    there.platform.native("", "New shoes are here", NOW)
    found = there.look()
    _, echo = found.events
    assert (echo.kind, echo.text, echo.contact, echo.parent_id) == (
        EventKind.ECHO,
        "until six",
        None,
        question,
    )
    assert found.ignored == ("bluesky.own_post",)


def test_a_private_message_is_private_and_what_the_brand_wrote_is_an_echo(there):
    there.look()
    number = there.whispered("my address is ...")
    there.whispered("thanks", own=True)
    said, echo = there.all()
    assert (said.kind, said.public, said.post_id, said.contact.id) == (
        EventKind.MESSAGE,
        False,
        "",
        ANA,
    )
    assert said.message_id == f"talk-ana/{number}"
    assert (echo.kind, echo.contact.id, echo.text) == (EventKind.ECHO, ANA, "thanks")
    assert there.look().events == ()


def test_a_log_is_read_to_its_end_at_once(there):
    there.look()
    there.whispered()
    assert [there.look().again_seconds for _ in range(2)] == [1, 0]


def test_what_the_brand_only_passes_on_is_nobodys_message(there):
    root = there.wrote("root", named=False, person=ZOE)
    shared = there.platform._posts[there.wrote("shared", named=False, parent=root)]
    reason = {"$type": "app.bsky.feed.defs#reasonRepost"}
    there.platform._feed = lambda query: {"feed": [{"post": shared, "reason": reason}]}
    assert there.look().events == ()


def test_private_messages_can_be_left_alone(there):
    public = replace(HANDLE, settings={"private": "no"})
    there.look(handle=public)
    assert not [one for one in there.platform.asked if "chat." in one.path]


@pytest.mark.parametrize(
    "text",
    ["a", "héllo 🙂👨👩", "\u202eolleh", "a\nb\tc", "<script>", '"\\/é', "0", "x" * 90_000],
    ids=["one", "emoji", "right to left", "lines", "markup", "quotes", "zero", "enormous"],
)
def test_words_arrive_as_they_were_written(there, text):
    there.wrote(text)
    assert there.look().events[0].text == text


def test_an_empty_message_is_no_fault(there):
    there.wrote("")
    assert there.look().events[0].text == ""


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_not(there):
    there.look()
    there.wrote("before")
    odd = there.wrote("odd")
    there.wrote("after")
    there.platform._posts[odd]["author"] = "nobody"
    there.whispered()
    there.platform._logs[-1]["message"]["sender"] = {}
    found = there.look()
    assert [event.text for event in found.events] == ["before", "after"]
    assert len(found.odd) == 2
    for raw in found.odd:
        again = ROOM.parse(raw, NOW, account_id=KEYS.did)
        assert (again.events, len(again.unreadable)) == ((), 1)
    assert there.all() == []


def test_a_row_without_a_time_holds_nothing_up(there):
    there.wrote("first")
    there.look()
    there.wrote("second")
    usual = there.platform._notifications

    def answered(query):
        told = usual(query)
        return {**told, "notifications": [{"indexedAt": []}, *told["notifications"]]}

    there.platform._notifications = answered
    begun = {"$type": "chat.bsky.convo.defs#logBeginConvo", "rev": "4", "convoId": "c"}
    there.platform._logs.append(begun)
    found = there.look()
    assert ([event.text for event in found.events], len(found.odd)) == (["second"], 1)
    assert found.ignored == ("bluesky.beginconvo",)
    assert there.look().events == ()


def test_what_was_set_aside_can_be_read_again(there):
    uri = there.wrote()
    row = there.platform._posts[uri]
    (event,) = ROOM.parse(inbound.kept("post", row), NOW, account_id=KEYS.did).events
    assert event.message_id == uri
    begun = inbound.kept("log", {"$type": "chat.bsky.convo.defs#logBeginConvo"})
    assert ROOM.parse(begun, NOW, account_id=KEYS.did).ignored == ("bluesky.beginconvo",)
    for body in (b"", b"[]", b"{}", b"nonsense"):
        with pytest.raises(PayloadError):
            ROOM.parse(body, NOW, account_id=KEYS.did)
    assert ROOM.parse(b'{"kind": "x", "row": {}}', NOW, account_id="x").unreadable


def test_words_are_searched_for_and_nobody_twice(there):
    there.wrote("my acme shoes broke", named=False, person=ZOE)
    there.platform.native("", "acme news", NOW)
    (event,) = there.look(words="acme", most=20).events
    assert event.contact.id == ZOE
    assert there.look(words="acme", most=20).events == ()
    there.wrote("acme again", named=False, person=ZOE)
    assert [event.text for event in there.look(words="acme").events] == ["acme again"]


# -- what a post holds ---------------------------------------------------------------------------

READER = inbound.Reader(KEYS.did, NOW, lambda talk: "did:plc:other")


def post(**record):
    author = {"did": ANA, "handle": "ana.example"}
    row = {"uri": f"at://{ANA}/app.bsky.feed.post/3k", "author": author, "record": record}
    return READER.post({**row, "indexedAt": "2026-11-21T09:00:00.000Z"})


def facet(start, end, uri):
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"uri": uri}]}


def test_links_are_whole_though_they_are_shown_short():
    text = "é see shop.example/a... now"
    whole = [facet(7, 24, "https://shop.example/a/very/long/path")]
    assert post(text=text, facets=whole).text == "é see https://shop.example/a/very/long/path now"
    twice = [facet(0, 2, "https://a.example"), facet(1, 4, "https://b.example")]
    assert post(text="abcdef", facets=twice).text == "ahttps://b.exampleef"
    for odd in (facet(5, 2, "x"), facet(0, 99, "x"), facet(-1, 2, "x"), {"index": {}}):
        assert post(text="abc", facets=[odd]).text == "abc"


def test_pictures_links_films_and_quotes_come_with_the_post():
    image = {"alt": "a shoe", "image": {"ref": {"$link": "bafy1"}, "mimeType": "image/png"}}
    (picture,) = post(text="", embed={"images": [image]}).attachments
    assert picture.url == f"https://cdn.bsky.app/img/feed_fullsize/plain/{ANA}/bafy1@jpeg"
    assert (picture.kind, picture.title, picture.mime_type) == ("image", "a shoe", "image/png")
    outside = {"uri": "https://a.example", "title": "A"}
    quoted = {"uri": f"at://{ZOE}/app.bsky.feed.post/3z", "cid": "c"}
    both = {"media": {"external": outside}, "record": {"record": quoted}}
    link, quote = post(text="", embed=both).attachments
    assert (link.url, link.title) == ("https://a.example", "A")
    assert quote.url == f"https://bsky.app/profile/{ZOE}/post/3z"
    film = {"video": {"ref": {"$link": "bafy2"}}, "alt": "a film"}
    assert post(text="", embed=film).attachments[0].media_id == "bafy2"
    assert post(text="", embed={"record": quoted}).attachments[0].kind == "post"


def test_nobody_writes_in_the_future():
    assert post(text="", createdAt="2099-01-01T00:00:00Z").occurred_at < NOW
    assert post(text="").occurred_at == datetime(2026, 11, 21, 9, tzinfo=UTC)


def log(kind, **more):
    head = {"$type": f"chat.bsky.convo.defs#log{kind}", "rev": "3", "convoId": "c1"}
    message = {"id": "m1", "text": "hi", "sender": {"did": ANA}, "sentAt": NOW.isoformat()}
    return READER.log({**head, "message": message, **more})


def test_reactions_come_and_go():
    reaction = {"value": "👍", "sender": {"did": ANA}, "createdAt": NOW.isoformat()}
    given, taken = log("AddReaction", reaction=reaction), log("RemoveReaction", reaction=reaction)
    assert (given.kind, given.emoji, given.message_id) == (EventKind.REACTION, "👍", "c1/m1")
    assert (taken.emoji, taken.contact.id) == ("", ANA)
    assert given.key != taken.key
    own = log("AddReaction", reaction={**reaction, "sender": {"did": KEYS.did}})
    assert (own.contact.id, own.author.id) == ("did:plc:other", KEYS.did)
    with pytest.raises(PayloadError):
        log("AddReaction", reaction={})


def test_a_shared_post_comes_with_its_message_and_other_entries_are_counted():
    quoted = {"record": {"uri": f"at://{ZOE}/app.bsky.feed.post/3z"}}
    message = {"id": "m1", "text": "look", "sender": {"did": ANA}, "embed": quoted}
    assert log("CreateMessage", message=message).attachments[0].kind == "post"
    assert log("DeleteMessage") == "bluesky.deletemessage"
    deleted = {"id": "m1", "sender": {"did": ANA}}
    assert log("CreateMessage", message=deleted) == "bluesky.createmessage"
    assert log("ReadMessage") == "bluesky.readmessage"


@given(
    some.recursive(
        some.none() | some.text(max_size=5),
        lambda inner: (
            some.lists(inner)
            | some.dictionaries(
                some.sampled_from(
                    [
                        "uri",
                        "author",
                        "did",
                        "record",
                        "reply",
                        "root",
                        "text",
                        "facets",
                        "index",
                        "embed",
                        "images",
                        "image",
                        "ref",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_no_post_is_a_fault(row):
    with suppress(PayloadError):
        READER.post(row if isinstance(row, dict) else {"record": row})


def test_a_cursor_is_read_as_it_was_written_and_odd_ones_begin_anew():
    mark = cursor.Mark("2026", ("a",), "50", "2027", ("b", "c"))
    kept = cursor.Cursor(mark, cursor.Mark(), mark, "3k")
    assert cursor.read(kept.written()) == kept
    for odd in ("", "nonsense", "[]", "5", '{"named":5}', '{"own":"x"}', "{}"):
        assert cursor.read(odd) == cursor.Cursor()


# -- what we say ---------------------------------------------------------------------------------


def test_a_public_answer_names_the_post_and_the_first_of_its_thread(there):
    root = there.wrote("root", person=ZOE, named=False)
    leaf = there.wrote("leaf", parent=root)
    result = ROOM.send(replace(REPLY, reply_to_id=leaf, post_id=root), SECRET, there.places)
    (received,) = there.ledger.received()
    assert (received.customer, received.text) == (ANA, REPLY.text)
    assert received.platform_id == result.platform_id
    content = json.loads(there.platform.asked[-1].body)
    assert content["repo"] == KEYS.did
    assert content["record"]["reply"]["root"]["uri"] == root
    assert content["record"]["reply"]["parent"]["uri"] == leaf
    assert content["record"]["reply"]["parent"]["cid"].startswith("bafy")
    assert content["record"]["createdAt"] == "2026-11-21T10:00:00Z"
    assert there.look().events[-1].message_id == result.platform_id


def test_an_answer_to_a_first_post_has_it_twice(there):
    root = there.wrote()
    ROOM.send(replace(REPLY, post_id=root), SECRET, there.places)
    reply = json.loads(there.platform.asked[-1].body)["record"]["reply"]
    assert reply["root"] == reply["parent"]


def test_pictures_are_uploaded_before_the_answer(there):
    picture = File("a.png", "image/png", 9, "https://files.example.com/a", lambda: b"the bytes")
    outgoing = replace(REPLY, post_id=there.wrote(), files=(picture, picture))
    assert ROOM.send(outgoing, SECRET, there.places).state is SendState.ACCEPTED
    images = json.loads(there.platform.asked[-1].body)["record"]["embed"]["images"]
    assert [one["image"]["mimeType"] for one in images] == ["image/png", "image/png"]
    film = replace(outgoing, files=(replace(picture, mime_type="video/mp4"),))
    assert ROOM.send(film, SECRET, there.places).error_code == "file_kind"
    assert ROOM.send(replace(PRIVATE, files=(picture,)), SECRET, there.places).error_code == (
        "cannot_file"
    )


@pytest.mark.parametrize("outgoing", [PRIVATE, replace(REPLY, invite=True)])
def test_a_private_answer_goes_to_the_talk_with_the_customer(there, outgoing):
    result = ROOM.send(outgoing, SECRET, there.places)
    (received,) = there.ledger.received()
    assert (received.customer, received.platform_id) == (ANA, result.platform_id)
    assert result.platform_id.startswith("talk-ana/")


def test_links_are_marked_by_their_bytes():
    (link,) = facets_of("é see https://shop.example/a?b=1, or http://x")
    assert link["index"] == {"byteStart": 7, "byteEnd": 33}
    assert link["features"][0]["uri"] == "https://shop.example/a?b=1"
    assert facets_of("see https://[bad and nothing") == []


@pytest.mark.parametrize(
    ("fault", "state", "error_class"),
    [
        (Fault.THROTTLED, SendState.RETRY, ErrorClass.THROTTLED),
        (Fault.GONE, SendState.FAILED, ErrorClass.RECIPIENT),
        (Fault.WINDOW, SendState.FAILED, ErrorClass.CONTENT),
        (Fault.SILENT, SendState.UNKNOWN, ErrorClass.UNANSWERED),
    ],
)
def test_what_goes_wrong_is_understood(there, fault, state, error_class):
    for outgoing in (PRIVATE, replace(REPLY, post_id=there.wrote())):
        there.faults.add(ANA, fault)
        result = ROOM.send(outgoing, SECRET, there.places)
        assert (result.state, result.error_class) == (state, error_class)
        assert result.retry_after_seconds == (2 if fault is Fault.THROTTLED else 0)


def test_what_cannot_be_sent_is_refused_without_a_call(there):
    for outgoing, code in (
        (replace(PRIVATE, recipient="hidden:x"), "no_recipient"),
        (REPLY, "nothing_to_answer"),
        (replace(REPLY, reply_to_id="12"), "nothing_to_answer"),
    ):
        assert ROOM.send(outgoing, SECRET, there.places).error_code == code
    for secret in ({}, {"identifier": "a"}, {"identifier": "a", "password": 5}):
        assert ROOM.send(REPLY, secret, there.places).error_class is ErrorClass.CHANNEL
    assert there.platform.asked == []


def test_a_post_that_is_gone_is_not_answered(there):
    gone = replace(REPLY, reply_to_id="at://did:plc:x/app.bsky.feed.post/9")
    assert ROOM.send(gone, SECRET, there.places).error_code == "gone"
    odd = there.wrote()
    there.platform._posts[odd]["cid"] = None
    result = ROOM.send(replace(REPLY, reply_to_id=odd), SECRET, there.places)
    assert (result.state, result.error_code) == (SendState.FAILED, "odd_answer")


class Scripted:
    """A service that answers each method with what a test says."""

    prefix = "bluesky"

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def take(self, asked):
        self.asked.append(asked)
        name = asked.path.rpartition(".")[2]
        usual = {"accessJwt": "a.b.c", "did": KEYS.did} if name == "createSession" else {}
        answer = self.answers.get(name, usual)
        if isinstance(answer, Told):
            return answer
        return Told(200, json.dumps(answer).encode())


def no(status, name="", **headers):
    body = {"error": name, "message": f"about {KEYS.password}"} if name else {}
    return Told(status, json.dumps(body).encode(), headers=headers)


CONVO = {"convo": {"id": "c1"}}
CASES = [
    (no(429, "RateLimitExceeded", **{"retry-after": "7"}), SendState.RETRY, ErrorClass.THROTTLED),
    (no(503), SendState.RETRY, ErrorClass.UNAVAILABLE),
    (no(500, "InternalServerError"), SendState.UNKNOWN, ErrorClass.UNANSWERED),
    (no(502), SendState.UNKNOWN, ErrorClass.UNANSWERED),
    (no(401, "AuthenticationRequired"), SendState.FAILED, ErrorClass.CHANNEL),
    (no(400, "AccountTakedown"), SendState.FAILED, ErrorClass.CHANNEL),
    (no(302), SendState.FAILED, ErrorClass.CHANNEL),
    (no(400, "MessagesDisabled"), SendState.FAILED, ErrorClass.RECIPIENT),
    (no(400, "InvalidRequest"), SendState.FAILED, ErrorClass.CONTENT),
    ({}, SendState.UNKNOWN, ErrorClass.UNANSWERED),
    ({"id": []}, SendState.UNKNOWN, ErrorClass.UNANSWERED),
    (Told(200, b"nonsense"), SendState.UNKNOWN, ErrorClass.UNANSWERED),
]


@pytest.mark.parametrize(("answer", "state", "error_class"), CASES)
def test_every_kind_of_no_is_understood(answer, state, error_class):
    service = Scripted(getConvoForMembers=CONVO, sendMessage=answer)
    with listening(service) as url:
        places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: NOW)
        result = ROOM.send(PRIVATE, SECRET, places)
    assert (result.state, result.error_class) == (state, error_class)
    assert result.error_code
    assert KEYS.password not in result.error_text


@pytest.mark.parametrize("step", ["createSession", "getConvoForMembers"])
def test_what_fails_before_the_sending_has_sent_nothing(step):
    for answer in (no(500), Told(silent=True), {}):
        service = Scripted(**{"getConvoForMembers": CONVO, step: answer})
        with listening(service) as url:
            places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: NOW)
            result = ROOM.send(PRIVATE, SECRET, places)
        assert result.state in (SendState.RETRY, SendState.FAILED)
        assert not [one for one in service.asked if "sendMessage" in one.path]


@pytest.mark.parametrize("answer", [no(500), no(413, "PayloadTooLarge"), {}, {"blob": 5}])
def test_a_picture_that_cannot_be_uploaded_is_not_left_out(answer):
    parent = {"uri": "at://x/y/z", "cid": "c", "record": {}}
    service = Scripted(getPosts={"posts": [parent]}, uploadBlob=answer)
    picture = File("a.png", "image/png", 9, "https://files.example.com/a", lambda: b"the bytes")
    with listening(service) as url:
        places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: NOW)
        outgoing = replace(REPLY, reply_to_id="at://x/y/z", files=(picture,))
        result = ROOM.send(outgoing, SECRET, places)
        service.answers["getPosts"] = no(500)
        assert ROOM.send(outgoing, SECRET, places).state is SendState.RETRY
    assert result.state in (SendState.RETRY, SendState.FAILED)
    assert not [one for one in service.asked if "createRecord" in one.path]


def test_a_session_that_cannot_be_opened_anew_has_sent_nothing():
    service = Scripted(getConvoForMembers=CONVO, sendMessage=no(400, "ExpiredToken"))
    opened = service.take

    def take(asked):
        service.answers |= (
            {"createSession": Told(silent=True)} if "sendMessage" in asked.path else {}
        )
        return opened(asked)

    service.take = take
    with listening(service) as url:
        places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: NOW)
        assert ROOM.send(PRIVATE, SECRET, places).state is SendState.RETRY


def test_one_session_serves_many_calls_and_an_ended_one_is_opened_anew(there):
    def begun():
        return sum("createSession" in one.path for one in there.platform.asked)

    there.look()
    ROOM.send(PRIVATE, SECRET, there.places)
    assert begun() == 1
    there.platform.expire()
    assert ROOM.send(PRIVATE, SECRET, there.places).state is SendState.ACCEPTED
    assert begun() == 2
    there.now = NOW + timedelta(hours=2)
    there.look()
    assert begun() == 3


def test_a_password_without_access_to_messages_says_so_and_begins_no_other_session():
    scope = Told(400, b'{"error":"InvalidToken","message":"Bad token scope"}')
    empty = {"listNotifications": {"notifications": []}, "getAuthorFeed": {"feed": []}}
    service = Scripted(**empty, listConvos=scope)
    with listening(service) as url:
        places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: NOW)
        with pytest.raises(PollError, match="no_chat_scope") as error:
            ROOM.poll(Wanted(HANDLE), SECRET, places)
    assert error.value.lasting
    assert sum("createSession" in one.path for one in service.asked) == 1


def test_a_session_lasts_as_long_as_its_token_says():
    def session(claims, did="did:x"):
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return sessions.read({"accessJwt": f"e30.{body}.s", "did": did}, NOW)

    assert session({"exp": int(NOW.timestamp()) + 60}).ends_at == NOW + timedelta(seconds=60)
    for odd in ({}, {"exp": "x"}, {"exp": 10**30}, {"exp": -1}, [], "x"):
        assert session(odd).ends_at == NOW + timedelta(minutes=15)
    for token in ("", "é", None, 5):
        assert sessions.read({"accessJwt": token, "did": "did:x"}, NOW) is None
    assert session({}, did=None) is None
    assert sessions.read({"accessJwt": "nodots", "did": "did:x"}, NOW).ends_at > NOW


@pytest.mark.parametrize(
    ("answer", "reason", "lasting", "wait"),
    [
        (
            no(429, "RateLimitExceeded", **{"ratelimit-reset": str(int(NOW.timestamp()) + 42)}),
            "RateLimitExceeded",
            False,
            42,
        ),
        (no(503), "http_503", False, 0),
        (no(401, "AccountDeactivated"), "AccountDeactivated", True, 0),
        ({}, "odd_answer", False, 0),
        (Told(silent=True), "no_answer", False, 0),
    ],
)
def test_a_service_that_cannot_be_read_says_why(answer, reason, lasting, wait):
    service = Scripted(listNotifications=answer, searchPosts=answer)
    with listening(service) as url:
        places = Places(urls={"bluesky": url}, private_urls=True, now=lambda: NOW)
        for words in ("", "acme"):
            with pytest.raises(PollError) as error:
                ROOM.poll(Wanted(HANDLE, words=words), SECRET, places)
            found = (error.value.reason, error.value.lasting, error.value.wait_seconds)
            assert found == (reason, lasting, wait)
    with pytest.raises(PollError, match="not_reached"):
        ROOM.poll(Wanted(HANDLE), SECRET, places)
    with pytest.raises(PollError, match="no_password"):
        ROOM.poll(Wanted(HANDLE), {}, places)


def test_a_wrong_password_is_broken_and_is_in_no_address(there):
    wrong = {**SECRET, "password": "other-pass-word"}
    assert ROOM.send(PRIVATE, wrong, there.places).error_class is ErrorClass.CHANNEL
    assert all("pass-word" not in one.path + str(one.query) for one in there.platform.asked)


def test_a_probe_says_whose_password_it_is(there):
    def probe(handle=HANDLE, secret=SECRET):
        return ROOM.probe(handle, "", secret, there.places)

    assert probe().state is HealthState.WELL
    assert KEYS.did in probe(replace(HANDLE, account_id="did:plc:x")).problem
    assert probe(secret={**SECRET, "password": "other"}).state is HealthState.BROKEN
    assert probe(secret={}).state is HealthState.BROKEN
    there.platform._whose = lambda query: {"did": KEYS.did, "active": False, "status": "x"}
    assert probe().state is HealthState.BROKEN
    with platform() as shown:
        shown.status = 503
        assert ROOM.probe(HANDLE, "", SECRET, shown.places("bluesky")).state is HealthState.UNKNOWN


def test_nobody_calls_here():
    with pytest.raises(SignatureError):
        ROOM.verify(b"{}", {}, {}, NOW)
    with pytest.raises(SignatureError):
        ROOM.handshake({}, {})


def test_limits_and_guide_can_be_shown_before_anybody_types():
    assert ROOM.capabilities(HANDLE, public=True).invite is Invite.DIRECT_MESSAGE
    assert ROOM.capabilities(HANDLE, public=True).text_limit == 300
    assert ROOM.capabilities(HANDLE, public=False).text_limit == 1000
    often = [
        ROOM.polls(replace(HANDLE, settings={"every": every})) for every in ("", "120", "1", "²")
    ]
    assert often == [60, 120, 15, 60]
    assert ROOM.probes(HANDLE) == 86_400
    empty, stored = (ROOM.guide(HANDLE, "", secret) for secret in ({}, SECRET))
    assert any("app password" in step for step in empty)
    assert any("is stored" in step for step in stored)
    assert KEYS.password not in "".join(stored)
