"""What every channel keeps, kept by one that is looked at: Mastodon, against a whole instance."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.channels.mastodon import polling, threads
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room
from chalicelib.domain.channel import Channel
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
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.mastodon import MastodonKeys, MastodonPlatform
from tests.contract.channels.platform import platform
from tests.contract.channels.specimen import NOW
from tests.fakes.listening import listening

KEYS = MastodonKeys("14715", "access-token-1234567890", "acme", "social.example")
SECRET = {"token": KEYS.token}
HANDLE = Handle(
    "acme-mastodon",
    Channel.MASTODON,
    KEYS.account,
    "Acme",
    "care",
    settings={"instance": "https://social.example"},
)
ROOM = room("mastodon")
ANA, ZOE = "ana@social.example", "zoe@other.example"
REPLY = Outgoing("token-1", HANDLE, ANA, True, "We are on it.")


class There:
    """An instance, and looks at it that go on where the last one ended."""

    def __init__(self):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.now = NOW
        self.platform = MastodonPlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: self.now
        )
        self.cursor = ""

    def wrote(self, text="Where is my order?", person=ANA, **more):
        how = {name: more.pop(name) for name in ("public", "named") if name in more}
        return self.platform.write(Happening("", person, NOW, text=text, **more), **how)

    def look(self, **wanted):
        found = ROOM.poll(Wanted(HANDLE, cursor=self.cursor, **wanted), SECRET, self.places)
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


@pytest.fixture
def there():
    it = There()
    with listening(it.platform) as url:
        it.places = Places(urls={"mastodon": url}, private_urls=True, now=lambda: it.now)
        yield it


def test_a_mention_is_found_once_and_says_who_what_and_where(there):
    number = there.wrote(name="Ana", media="files.example/a.png")
    (event,) = there.look().events
    assert (event.kind, event.text, event.public) == (
        EventKind.MESSAGE,
        "Where is my order?",
        True,
    )
    assert (event.contact.id, event.contact.name, event.account_id) == (ANA, "Ana", "14715")
    assert (event.message_id, event.post_id, event.occurred_at) == (number, number, NOW)
    assert event.attachments[0].url == "https://files.example/a.png"
    assert there.look().events == ()


def test_looking_again_from_the_same_place_brings_the_same_events(there):
    there.wrote("first")
    there.wrote("second", public=False)
    first = there.look().events
    there.cursor = ""
    again = there.look().events
    assert [event.key for event in first] == [event.key for event in again]
    assert len({event.key for event in first}) == 2


def test_long_numbers_stay_what_they_are(there):
    numbers = ["9007199254740993", "9007199254740992", "9007199254740995"]
    for number in numbers:
        there.wrote(number, id=number)
    events = there.look().events
    assert {event.message_id: event.text for event in events} == {one: one for one in numbers}


def test_nothing_is_lost_however_much_came_since_the_last_look(there):
    there.wrote("first")
    there.look()
    wrote = Counter(there.wrote(f"message {number}") for number in range(95))
    events = there.all()
    assert Counter(event.message_id for event in events) == wrote
    assert [event.text for event in events] == [f"message {number}" for number in range(95)]


def test_the_very_first_look_takes_in_nothing_old(there):
    old = there.wrote("old")
    there.platform.edit(old, "old and edited", NOW)
    there.now = NOW + timedelta(days=2)
    assert there.look().events == ()
    there.platform.edit(old, "edited again", there.now)
    assert [event.kind for event in there.look().events] == [EventKind.EDIT]


def test_answers_in_one_thread_belong_to_its_first_post(there):
    root = there.wrote("root", person=ZOE, named=False)
    middle = there.wrote("middle", person=ZOE, parent=root, named=False)
    answer = there.wrote("leaf", parent=middle)
    there.wrote("after the leaf", parent=answer)
    events = there.look().events
    assert [event.post_id for event in events] == [root, root]
    asked = [one.path for one in there.platform.asked if "/context" in one.path]
    assert asked == [f"/api/v1/statuses/{middle}/context"]


def test_an_answer_to_what_is_gone_begins_its_thread_there(there):
    there.wrote("lost", parent="404404404")
    assert there.look().events[0].post_id == "404404404"


def test_a_look_that_asked_for_many_threads_goes_on_at_once(there):
    there.wrote("first")
    there.look()
    roots = [there.wrote(f"root {number}", named=False) for number in range(25)]
    for root in roots:
        there.wrote("answer", parent=root)
    found = there.look()
    assert (len(found.events), found.again_seconds) == (threads.MOST_THREADS, 1)
    assert [event.post_id for event in (*found.events, *there.all())] == roots


def test_a_thread_too_long_to_be_read_whole_still_has_its_first_post(there):
    reader = threads.Threads(None)
    cut = b'{"ancestors":[{"id":"103186126728896492","created_at":"2026'
    found = threads.api.Found(None, cut)
    patched = lambda call, instance: found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads.api, "ask", patched)
        assert reader.root("9") == "103186126728896492"
        found = threads.api.Found({"ancestors": [5]}, b"{}")
        assert reader.root("10") == "10"


def test_an_edit_names_its_message_and_is_told_once(there):
    number = there.wrote("Where is my oder?")
    (said,) = there.look().events
    there.platform.edit(number, "Where is my order?", NOW + timedelta(minutes=1))
    (edit,) = there.look().events
    assert (edit.kind, edit.message_id, edit.text) == (
        EventKind.EDIT,
        number,
        "Where is my order?",
    )
    assert edit.key != said.key
    assert edit.post_id == said.post_id
    assert there.look().events == ()
    there.platform.edit(number, "Where are my orders?", NOW + timedelta(minutes=2))
    assert [event.text for event in there.look().events] == ["Where are my orders?"]


def test_a_message_edited_before_it_was_seen_comes_with_its_edit(there):
    there.wrote("first")
    there.look()
    number = there.wrote("tpyo")
    there.platform.edit(number, "typo", NOW + timedelta(minutes=1))
    assert [event.kind for event in there.look().events] == [EventKind.MESSAGE, EventKind.EDIT]
    assert there.look().events == ()


def test_what_is_not_for_all_is_private(there):
    there.wrote("my address is ...", public=False)
    (event,) = there.look().events
    assert (event.public, event.post_id, event.contact.id) == (False, "", ANA)


def test_what_the_brand_answers_in_its_own_app_is_an_echo(there):
    question = there.wrote()
    there.platform.native(question, f"@{ANA} until six", NOW)
    secret = there.wrote("secret", public=False)
    there.platform.native(secret, f"@{ANA} thanks", NOW, public=False)
    there.platform.native("", "New shoes are here", NOW)
    found = there.look()
    public, private = [event for event in found.events if event.kind is EventKind.ECHO]
    assert (public.text, public.contact, public.parent_id) == ("until six", None, question)
    assert (private.text, private.contact.id, private.public) == ("thanks", ANA, False)
    assert found.ignored == ("mastodon.own_post",)
    assert there.look().events == ()


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "héllo 🙂👨‍👩‍👧‍👦",
        "\u202eolleh",
        "a\nb",
        "<script>alert(1)</script>",
        '"\\/é',
        "0",
        "x" * 90_000,
    ],
    ids=["one", "emoji", "right to left", "lines", "markup", "quotes", "zero", "enormous"],
)
def test_words_arrive_as_they_were_written(there, text):
    there.wrote(text)
    assert there.look().events[0].text == text


def test_an_empty_message_is_no_fault(there):
    there.wrote("")
    assert there.look().events[0].text == ""


def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_not(there):
    there.wrote("before")
    odd = there.wrote("odd")
    there.wrote("after")
    there.platform._statuses[odd].visibility = ["what"]
    found = there.look()
    assert [event.text for event in found.events] == ["before", "after"]
    again = ROOM.parse(found.odd[0], NOW, account_id=KEYS.account)
    assert (again.events, len(again.unreadable)) == ((), 1)
    assert there.look().odd == ()


def test_rows_without_an_id_are_set_aside_and_hold_nothing_up(there):
    there.wrote("first")
    there.look()
    there.wrote("second")
    usual = there.platform._notifications
    there.platform._notifications = lambda query: replace(
        usual(query), value=[*usual(query).value, {"id": []}, 5]
    )
    found = there.look()
    assert ([event.text for event in found.events], len(found.odd)) == (["second"], 2)
    assert there.look().events == ()


def test_words_are_searched_for_and_nobody_twice(there):
    there.wrote("my acme shoes broke", named=False, person=ZOE)
    there.wrote("acme, help")  # names us: comes as a mention
    there.platform.native("", "acme news", NOW)
    (event,) = there.look(words="acme", most=20).events
    assert (event.contact.id, event.kind) == (ZOE, EventKind.MESSAGE)
    assert there.look(words="acme", most=20).events == ()
    there.wrote("acme again", named=False, person=ZOE)
    assert [event.text for event in there.look(words="acme").events] == ["acme again"]


def test_an_answer_is_published_once_however_often_it_is_sent(there):
    question = there.wrote()
    reply = replace(REPLY, reply_to_id=question)
    first, again = (ROOM.send(reply, SECRET, there.places) for _ in range(2))
    assert first == again
    (received,) = there.ledger.received()
    assert (received.customer, received.text, received.token) == (ANA, REPLY.text, REPLY.token)
    published = next(one for one in there.platform.asked if one.method == "POST")
    assert json.loads(published.body) == {
        "status": f"@{ANA} We are on it.",
        "visibility": "unlisted",
        "in_reply_to_id": question,
    }
    assert published.headers["idempotency-key"] == "token-1"
    echo = there.look().events[-1]
    assert (echo.kind, echo.message_id, echo.text) == (
        EventKind.ECHO,
        first.platform_id,
        REPLY.text,
    )


def test_no_answer_may_be_repeated_and_reaches_the_customer_once(there):
    there.faults.add(ANA, Fault.SILENT)
    lost = ROOM.send(REPLY, SECRET, there.places)
    assert (lost.state, lost.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)
    assert ROOM.send(REPLY, SECRET, there.places).state is SendState.ACCEPTED
    assert len(there.ledger.received()) == 1
    assert ROOM.capabilities(HANDLE, public=True).repeatable


@pytest.mark.parametrize(
    ("changes", "settings", "visibility"),
    [
        ({"public": False}, {}, "direct"),
        ({"invite": True}, {}, "direct"),
        ({}, {"visibility": "public"}, "public"),
        ({}, {"visibility": "direct"}, "unlisted"),
    ],
)
def test_who_may_read_an_answer_is_decided_by_where_it_belongs(
    there, changes, settings, visibility
):
    handle = replace(HANDLE, settings={**HANDLE.settings, **settings})
    ROOM.send(replace(REPLY, handle=handle, **changes), SECRET, there.places)
    assert json.loads(there.platform.asked[-1].body)["visibility"] == visibility


def test_a_name_that_stands_in_the_words_is_not_written_twice(there):
    ROOM.send(replace(REPLY, text="Hello @Ana@social.example!"), SECRET, there.places)
    assert json.loads(there.platform.asked[-1].body)["status"] == "Hello @Ana@social.example!"


def picture(mime_type="image/png"):
    return File("a.png", mime_type, 9, "https://files.example.com/a", lambda: b"the bytes")


def test_pictures_are_uploaded_before_the_answer(there):
    ROOM.send(replace(REPLY, files=(picture(), picture())), SECRET, there.places)
    paths = [one.path for one in there.platform.asked]
    assert paths == ["/api/v2/media", "/api/v2/media", "/api/v1/statuses"]
    assert b"the bytes" in there.platform.asked[0].body
    assert len(json.loads(there.platform.asked[2].body)["media_ids"]) == 2


def test_what_cannot_be_sent_is_refused_without_a_call(there):
    film = ROOM.send(replace(REPLY, files=(picture("video/mp4"),)), SECRET, there.places)
    assert (film.error_class, film.error_code) == (ErrorClass.CONTENT, "file_kind")
    for recipient in ("", "hidden:x", "@"):
        nobody = ROOM.send(replace(REPLY, recipient=recipient), SECRET, there.places)
        assert nobody.error_class is ErrorClass.RECIPIENT
    for secret in ({}, {"token": ""}, {"token": 5}, {"token": "é"}, {"token": "a\nb"}):
        assert ROOM.send(REPLY, secret, there.places).error_class is ErrorClass.CHANNEL
    for instance in ("", "social.example", "http://social.example", "https://[bad", "https://"):
        lost = replace(HANDLE, settings={"instance": instance})
        result = ROOM.send(replace(REPLY, handle=lost), SECRET, there.places)
        assert (result.error_class, result.error_code) == (ErrorClass.CHANNEL, "no_instance")
    assert there.platform.asked == []


RESET = {"X-RateLimit-Reset": (NOW + timedelta(seconds=41.5)).isoformat()}
FAILURES = [
    (429, b'{"error":"Too many requests"}', RESET, SendState.RETRY, ErrorClass.THROTTLED, 42),
    (429, b"", {"Retry-After": "7"}, SendState.RETRY, ErrorClass.THROTTLED, 7),
    (429, b"", {}, SendState.RETRY, ErrorClass.THROTTLED, 0),
    (500, b"", {}, SendState.RETRY, ErrorClass.UNAVAILABLE, 0),
    (503, b"<html>", {}, SendState.RETRY, ErrorClass.UNAVAILABLE, 0),
    (401, b'{"error":"The access token"}', {}, SendState.FAILED, ErrorClass.CHANNEL, 0),
    (403, b'{"error":"not allowed"}', {}, SendState.FAILED, ErrorClass.CHANNEL, 0),
    (301, b"", {"Location": "/x"}, SendState.FAILED, ErrorClass.CHANNEL, 0),
    (404, b'{"error":"Record not found"}', {}, SendState.FAILED, ErrorClass.CONTENT, 0),
    (422, b'{"error":"Validation failed"}', {}, SendState.FAILED, ErrorClass.CONTENT, 0),
    (
        422,
        b'{"error":"files that have not finished processing"}',
        {},
        SendState.RETRY,
        ErrorClass.UNAVAILABLE,
        0,
    ),
    (200, b"{}", {}, SendState.RETRY, ErrorClass.UNAVAILABLE, 0),
    (200, b'{"id":[]}', {}, SendState.RETRY, ErrorClass.UNAVAILABLE, 0),
    (200, b"nonsense", {}, SendState.RETRY, ErrorClass.UNAVAILABLE, 0),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_every_kind_of_no_is_understood(failure):
    status, body, headers, state, error_class, wait = failure
    with platform() as shown:
        shown.status, shown.body, shown.headers = status, body, headers
        for files in ((), (picture(),)):
            places = shown.places("mastodon")
            result = ROOM.send(replace(REPLY, files=files), SECRET, places)
            assert (result.state, result.error_class) == (state, error_class)
            assert result.retry_after_seconds == wait
            assert result.error_code


@pytest.mark.parametrize(
    ("status", "headers", "reason", "lasting", "wait"),
    [
        (429, RESET, "http_429", False, 42),
        (503, {}, "http_503", False, 0),
        (401, {}, "http_401", True, 0),
        (404, {}, "http_404", True, 0),
        (200, {}, "odd_answer", False, 0),
    ],
)
def test_an_instance_that_cannot_be_read_says_why(status, headers, reason, lasting, wait):
    with platform() as shown:
        shown.status, shown.body, shown.headers = status, b'{"error":"x"}', headers
        for words in ("", "acme"):
            with pytest.raises(PollError) as error:
                ROOM.poll(Wanted(HANDLE, words=words), SECRET, shown.places("mastodon"))
            found = (error.value.reason, error.value.lasting, error.value.wait_seconds)
            assert found == (reason, lasting, wait)


def test_an_instance_that_is_silent_or_away_is_asked_again_later():
    with platform() as shown:
        shown.hang = True
        places = shown.places("mastodon")
        with pytest.raises(PollError, match="no_answer"):
            ROOM.poll(Wanted(HANDLE), SECRET, places)
    with pytest.raises(PollError, match="not_reached") as error:
        ROOM.poll(Wanted(HANDLE), SECRET, places)
    assert not error.value.lasting
    with pytest.raises(PollError, match="no_token") as error:
        ROOM.poll(Wanted(HANDLE), {}, places)
    assert error.value.lasting
    assert ROOM.send(REPLY, SECRET, places).error_code == "not_reached"


def test_a_thread_that_cannot_be_asked_for_ends_the_look(there):
    there.wrote("first")
    there.look()
    there.wrote("answer", parent=there.wrote("root", named=False))
    refusal = lambda call, instance: (
        polling.api.answers.refused(ErrorClass.THROTTLED, "http_429", "")
        if "context" in call.path
        else ask(call, instance)
    )
    ask = polling.api.ask
    before = there.cursor
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads.api, "ask", refusal)
        with pytest.raises(PollError, match="http_429"):
            there.look()
    assert there.cursor == before
    assert [event.text for event in there.look().events] == ["answer"]


def test_the_token_is_in_no_address_and_no_error(there):
    with platform() as shown:
        shown.status = 422
        shown.body = json.dumps({"error": f"odd {KEYS.token}"}).encode()
        result = ROOM.send(REPLY, SECRET, shown.places("mastodon"))
    assert KEYS.token not in result.error_text
    assert all(KEYS.token not in path for path, _ in shown.asked)


def test_a_probe_says_whose_token_it_is(there):
    def probe(handle=HANDLE, secret=SECRET):
        return ROOM.probe(handle, "", secret, there.places)

    assert probe().state is HealthState.WELL
    assert "14715" in probe(replace(HANDLE, account_id="9")).problem
    assert probe(secret={"token": "other"}).state is HealthState.BROKEN
    assert probe(secret={}).state is HealthState.BROKEN
    with platform() as shown:
        shown.status, places = 503, shown.places("mastodon")
        assert ROOM.probe(HANDLE, "", SECRET, places).state is HealthState.UNKNOWN
        shown.status, shown.body = 200, b'{"id":[]}'
        assert ROOM.probe(HANDLE, "", SECRET, places).state is HealthState.BROKEN
