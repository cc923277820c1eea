"""What YouTube's room keeps of the conformance suite's promises, against the simulated API.

It has no webhook: what applies is what it tells of comments, and what it does when it answers.
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.channels.contract import PayloadError, SignatureError
from chalicelib.channels.places import Places
from chalicelib.channels.registry import room, room_of
from chalicelib.domain.channel import Channel, Invite
from chalicelib.domain.event import EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    ErrorClass,
    HealthState,
    Outgoing,
    PollError,
    SendState,
    Wanted,
)
from infra.local.simulator.faults import Fault, Faults
from infra.local.simulator.happening import Happening
from infra.local.simulator.ledger import Ledger
from infra.local.simulator.taker import Told
from infra.local.simulator.youtube import YoutubeKeys, YoutubePlatform
from tests.contract.channels.specimen import NOW
from tests.unit.channels.serving import serving

UC, VIDEO, THREAD = "UCacme0000000000000000aa", "dQw4w9WgXcQ", "Ugx0000000000000000001"
KEYS = YoutubeKeys(UC, "api-key-0123456789", "client-1", "client-secret-1", "refresh-token-1")
SECRET = {
    "api_key": KEYS.api_key,
    "client_id": KEYS.client_id,
    "client_secret": KEYS.client_secret,
    "refresh_token": KEYS.refresh_token,
}
HANDLE = Handle("acme-youtube", Channel.YOUTUBE, UC, "Acme", "care", settings={"every": "300"})
ROOM = room("youtube")


class Tube:
    """The simulated YouTube, a poller's memory, and what it has seen."""

    def __init__(self, **how):
        self.ledger, self.faults, self.sent = Ledger(), Faults({}), []
        self.now = NOW
        self.platform = YoutubePlatform(
            KEYS, self.ledger, self.faults, self.sent.append, lambda: self.now, **how
        )
        self.cursor, self.asked, self.spoilt = "", [], None

    def take(self, asked):
        self.asked.append(asked)
        if self.spoilt is not None and asked.path != "/youtube/token":
            return self.spoilt
        return self.platform.take(replace(asked, path=asked.path.removeprefix("/youtube")))

    def open(self, url):
        urls = {"youtube": f"{url}/youtube", "google_oauth": f"{url}/youtube"}
        self.places = Places(urls=urls, read_seconds=0.3, now=lambda: self.now)
        return self

    def write(self, number, minutes=5, text="Where is my order?", **more):
        at = self.now - timedelta(minutes=minutes)
        who = more.pop("person", "UCana")
        said = {"id": f"Ugx{number:022d}", "name": "@ana", "text": text, "post": VIDEO, **more}
        self.platform.write(Happening(UC, who, at, **said))
        return said["id"]

    def look(self, secret=SECRET):
        found = ROOM.poll(Wanted(HANDLE, cursor=self.cursor), secret, self.places)
        self.cursor = found.cursor
        return found

    def sweep(self):
        events, found = [], None
        while found is None or found.again_seconds:
            found = self.look()
            events += found.events
        return events

    def send(self, text="We are on it.", reply_to=THREAD, secret=SECRET):
        outgoing = Outgoing("our-1", HANDLE, "UCana", True, text, reply_to, VIDEO)
        return ROOM.send(outgoing, secret, self.places)


@pytest.fixture
def make():
    open_servers = []

    def made(**how):
        tube = Tube(**how)
        server = serving(tube.take)
        open_servers.append(server)
        return tube.open(server.__enter__())

    yield made
    for server in open_servers:
        server.__exit__(None, None, None)


@pytest.fixture
def tube(make):
    return make()


# -- what it says --------------------------------------------------------------------------------


def test_a_comment_says_who_where_what_and_when(tube):
    written = tube.write(1)
    (event,) = tube.look().events
    assert (event.kind, event.channel, event.account_id) == (
        EventKind.MESSAGE,
        Channel.YOUTUBE,
        UC,
    )
    assert (event.public, event.post_id, event.message_id) == (True, VIDEO, written)
    assert (event.contact.id, event.contact.name, event.contact.username) == (
        "UCana",
        "@ana",
        "ana",
    )
    assert (event.text, event.parent_id) == ("Where is my order?", "")
    assert event.occurred_at == NOW - timedelta(minutes=5)
    assert event.received_at == NOW
    assert event.permalink == f"https://www.youtube.com/watch?v={VIDEO}&lc={written}"


def test_what_was_seen_is_not_told_again_and_what_is_new_is(tube):
    tube.write(1)
    assert len(tube.sweep()) == 1
    assert tube.sweep() == []
    tube.now += timedelta(minutes=5)
    late = tube.write(2, minutes=12)  # written before the newest that was seen, shown after it
    assert [event.message_id for event in tube.sweep()] == [late]
    assert tube.sweep() == []


def test_a_look_that_was_lost_tells_the_same_events(tube):
    tube.write(1)
    before = tube.cursor
    first = tube.look().events
    tube.cursor = before
    tube.now += timedelta(minutes=1)
    again = tube.look().events
    assert [event.key for event in first] == [event.key for event in again]


def test_different_comments_are_different_events(tube):
    for number in range(1, 21):
        tube.write(number)
    events = tube.look().events
    assert len({event.key for event in events}) == len({e.message_id for e in events}) == 20
    assert {event.contact.id for event in events} == {"UCana"}


def test_a_reply_belongs_to_its_thread_and_its_video(tube):
    thread = tube.write(1)
    reply = tube.write(2, id=f"{thread}.9abc", parent=thread, person="UCbob", name="@bob")
    events = {event.message_id: event for event in tube.look().events}
    assert (events[reply].parent_id, events[reply].post_id) == (thread, VIDEO)
    assert events[reply].contact.id == "UCbob"


def test_replies_that_a_thread_does_not_show_are_listed_once(tube):
    thread = tube.write(1)
    for number in range(8):
        tube.write(2, id=f"{thread}.{number}", parent=thread, text=f"reply {number}")
    events = tube.look().events
    assert len(events) == 9
    assert {event.post_id for event in events} == {VIDEO}
    listed = [asked for asked in tube.asked if asked.path.endswith("/comments")]
    assert [asked.query["parentId"] for asked in listed] == [thread]
    assert tube.look().events == ()
    assert sum(asked.path.endswith("/comments") for asked in tube.asked) == 1
    tube.write(2, minutes=1, id=f"{thread}.8", parent=thread)
    assert len(tube.look().events) == 1


def counted(number, total):
    item = thread(number)
    item["snippet"]["totalReplyCount"] = total
    return item


def test_a_look_lists_the_replies_of_twenty_threads_and_the_next_the_others(tube):
    threads = Told(200, json.dumps({"items": [counted(n, 9) for n in range(30)]}).encode())
    tube.platform.take = lambda one: EMPTY if "parentId" in one.query else threads
    wanted = lambda: {one.query["parentId"] for one in tube.asked if "parentId" in one.query}
    tube.look()
    assert len(wanted()) == 20
    tube.look()
    assert len(wanted()) == 30
    tube.asked.clear()
    tube.look()
    assert wanted() == set()


def test_the_pages_of_a_threads_replies_are_followed_as_far_as_a_look_goes(tube):
    threads = Told(200, json.dumps({"items": [counted(1, 9), counted(2, 9)]}).encode())

    def take(one):
        if "parentId" not in one.query:
            return threads
        number = int(one.query.get("pageToken", "0"))
        item = {"kind": "youtube#comment", "id": f"Ugx1.{number}", "snippet": {}}
        last = one.query["parentId"] == "Ugx2" and number == 2
        more = {} if last else {"nextPageToken": str(number + 1)}
        return Told(200, json.dumps({"items": [item, {"snippet": 1}], **more}).encode())

    tube.platform.take = take
    tube.look()
    lists = [one.query["parentId"] for one in tube.asked if "parentId" in one.query]
    assert lists == ["Ugx1"] * 20
    tube.look()
    lists = [one.query["parentId"] for one in tube.asked if "parentId" in one.query]
    assert lists == ["Ugx1"] * 20 + ["Ugx2"] * 3


def test_what_the_channel_writes_itself_is_an_echo(tube):
    thread = tube.write(1)
    tube.write(2, id=f"{thread}.1", parent=thread, person=UC, name="@acme", text="Soon")
    own = next(event for event in tube.look().events if event.message_id.endswith(".1"))
    assert (own.kind, own.contact, own.author.id) == (EventKind.ECHO, None, UC)
    assert own.parent_id == thread


def test_an_edit_names_its_comment_and_carries_the_new_words(tube):
    written = tube.write(1)
    (before,) = tube.look().events
    tube.now += timedelta(hours=2)
    tube.write(2, minutes=1)
    tube.sweep()
    tube.platform.edit(written, "Where is my second order?", tube.now)
    found = {event.kind: event for event in tube.sweep()}
    edit = found[EventKind.EDIT]
    assert (edit.message_id, edit.text) == (written, "Where is my second order?")
    assert edit.occurred_at == tube.now
    assert found[EventKind.MESSAGE].key == before.key  # told anew, and refused by the table
    assert len({before.key, edit.key}) == 2
    tube.platform.edit(written, "Third words", tube.now + timedelta(seconds=1))
    assert {event.key for event in tube.sweep()}.isdisjoint({edit.key})


def test_many_pages_are_seen_without_a_loss_and_without_a_repeat(make):
    tube = make(page=10)
    for number in range(1, 48):
        tube.write(number, minutes=number)
    events = tube.sweep()
    assert len(events) == len({event.key for event in events}) == 47
    assert tube.sweep() == []


def test_a_sweep_ends_where_nothing_is_new(make):
    tube = make(page=10)
    for number in range(1, 48):
        tube.write(number, minutes=200 + 10 * number)
    tube.sweep()
    tube.asked.clear()
    tube.write(100, minutes=1)
    assert len(tube.sweep()) == 1
    assert len(tube.asked) == 1


def test_comments_that_arrive_during_a_sweep_are_not_lost(make):
    tube = make(page=5)
    for number in range(1, 12):
        tube.write(number, minutes=100 + number)
    events = list(tube.look().events)
    tube.write(50, minutes=0)  # everything moves by one
    events += tube.sweep()
    events += tube.sweep()
    assert len({event.message_id for event in events}) == len(events) == 12


def test_a_page_that_is_no_more_begins_the_sweep_anew(make):
    tube = make(page=5)
    for number in range(1, 12):
        tube.write(number)
    tube.look()
    error = {"error": {"code": 400, "errors": [{"reason": "invalidPageToken"}]}}
    gone, taken = Told(400, json.dumps(error).encode()), tube.platform.take
    tube.platform.take = lambda asked: gone if "pageToken" in asked.query else taken(asked)
    tube.look()
    tube.platform.take = taken
    seen = tube.sweep()
    assert len(seen) == 6


def test_the_first_look_of_all_brings_a_day_and_not_the_past(tube):
    tube.write(1, minutes=23 * 60)
    tube.write(2, minutes=26 * 60)
    assert [event.message_id for event in tube.sweep()] == [f"Ugx{1:022d}"]


def test_a_cursor_that_is_none_of_ours_is_a_first_look(tube):
    tube.write(1)
    for odd in ("odd", "[]", "{}", '{"at": "x"}', "null", '{"at":1,"top":1,"page":"","seen":1}'):
        tube.cursor = odd
        assert len(tube.sweep()) == 1


@pytest.mark.parametrize(
    "text", ["a", "héllo 🙂", "\u202eolleh", "<b>bold</b>", "", "long " * 9_000], ids=len
)
def test_words_arrive_as_they_were_written(tube, text):
    tube.write(1, text=text)
    assert [event.text for event in tube.look().events] == [text]


# -- elements that are odd -----------------------------------------------------------------------


def thread(number=1, **more):
    about = {
        "textDisplay": "Hello",
        "authorDisplayName": "@ana",
        "authorChannelId": {"value": "UCana"},
        "publishedAt": "2026-11-21T09:50:00Z",
        "updatedAt": "2026-11-21T09:50:00Z",
        **more,
    }
    comment = {"kind": "youtube#comment", "id": f"Ugx{number}", "snippet": about}
    snippet = {"videoId": VIDEO, "topLevelComment": comment, "totalReplyCount": 0}
    return {"kind": "youtube#commentThread", "id": f"Ugx{number}", "snippet": snippet}


EMPTY = Told(200, b'{"items": []}')


def spoil(tube, *items):
    tube.spoilt = Told(200, json.dumps({"items": list(items)}).encode())


def test_an_odd_element_is_kept_once_and_costs_no_other(tube):
    spoil(tube, thread(1), thread(2, authorChannelId="odd"), "odd", thread(3))
    found = tube.look()
    assert [event.message_id for event in found.events] == ["Ugx1", "Ugx3"]
    assert len(found.odd) == 2
    for raw in found.odd:
        again = ROOM.parse(raw, NOW, account_id=UC)
        assert (len(again.unreadable), again.events) == (1, ())
    assert tube.look().odd == ()


def test_a_kept_element_is_read_once_the_reader_understands_it(tube):
    body = json.dumps({"items": [thread(1), thread(2)]}).encode()
    spoil(tube, thread(1), thread(2))
    polled = {(e.key, e.message_id, e.post_id) for e in tube.look().events}
    parsed = {(e.key, e.message_id, e.post_id) for e in ROOM.parse(body, NOW, account_id=UC).events}
    assert polled == parsed


def test_an_odd_reply_costs_neither_its_thread_nor_its_video(tube):
    odd = {"kind": "youtube#comment", "id": "Ugx1.2", "snippet": {"textDisplay": ["odd"]}}
    spoil(tube, {**thread(1), "replies": {"comments": [odd]}})
    found = tube.look()
    assert [event.message_id for event in found.events] == ["Ugx1"]
    kept = json.loads(found.odd[0])["items"][0]
    assert (kept["id"], kept["snippet"]["videoId"]) == ("Ugx1.2", VIDEO)


def test_kinds_that_may_come_tomorrow_are_counted(tube):
    spoil(tube, {"kind": "youtube#hologram", "id": "1"}, thread(1))
    found = tube.look()
    assert found.ignored == ("youtube.hologram",)
    assert len(found.events) == 1


def test_numeric_ids_and_missing_authors_are_no_fault(tube):
    numeric = {"value": 9007199254740993}
    spoil(tube, thread(1, authorChannelId=numeric), thread(2, authorChannelId=None))
    first, second = tube.look().events
    assert first.contact.id == "9007199254740993"
    assert second.contact is None


def test_a_comment_without_a_time_is_told_once(tube):
    spoil(tube, thread(1, publishedAt=None, updatedAt="soon"))
    (event,) = tube.look().events
    assert event.occurred_at is None
    assert tube.look().events == ()


@pytest.mark.parametrize("items", [None, "odd", {"a": 1}, [], [None], [1, []]])
def test_an_odd_list_is_no_fault(tube, items):
    tube.spoilt = Told(200, json.dumps({"items": items, "nextPageToken": "2"}).encode())
    found = tube.look()
    assert (found.events, found.again_seconds) == ((), 0)


def test_threads_that_are_no_threads_end_no_sweep_of_those_that_are(tube):
    odd = [{"kind": 7, "snippet": 1}, {"kind": "youtube#commentThread", "snippet": "odd"}]
    answer = {"items": [thread(1), *odd], "nextPageToken": "2"}
    tube.spoilt = Told(200, json.dumps(answer).encode())
    found = tube.look()
    assert (len(found.events), len(found.odd), found.again_seconds) == (1, 1, 1)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"x", b"\xff", b'{"items": 1}'])
def test_a_body_of_another_world_is_refused(body):
    with pytest.raises(PayloadError):
        ROOM.parse(body, NOW, account_id=UC)


def test_a_comment_about_the_channel_itself_has_the_channel_as_its_place(tube):
    item = thread(1)
    item["snippet"] |= {"videoId": None, "channelId": UC}
    spoil(tube, item)
    assert tube.look().events[0].post_id == UC


# -- looking that fails --------------------------------------------------------------------------


def test_the_key_travels_in_a_header_and_reads_without_a_token(tube):
    tube.look()
    (asked,) = tube.asked
    assert asked.headers["x-goog-api-key"] == KEYS.api_key
    assert KEYS.api_key not in json.dumps(asked.query)


def test_without_a_key_the_channel_reads_for_itself(tube):
    tube.write(1)
    found = tube.look({**SECRET, "api_key": ""})
    assert len(found.events) == 1
    assert tube.asked[1].headers["authorization"] == f"Bearer {KEYS.access_token}"


def test_a_spent_quota_waits_for_midnight_where_it_is_counted(make):
    tube = make(quota=0)
    with pytest.raises(PollError) as failed:
        tube.look()
    assert (failed.value.reason, failed.value.lasting) == ("quota_exceeded", False)
    assert failed.value.wait_seconds == 22 * 3_600  # 10:00 UTC is 02:00 in California


@pytest.mark.parametrize(
    ("told", "reason", "lasting"),
    [
        (Told(400, b'{"error":{"errors":[{"reason":"keyInvalid"}]}}'), "keyinvalid", True),
        (Told(404, b'{"error":{"errors":[{"reason":"notFound"}]}}'), "notfound", True),
        (Told(429, b"slow"), "http_429", False),
        (Told(503, b""), "http_503", False),
        (Told(502, b"<html>"), "http_502", False),
        (Told(200, b"no json"), "answer_not_json", False),
        (Told(silent=True), "no_answer", False),
    ],
)
def test_a_look_that_fails_says_whether_it_will_pass(tube, told, reason, lasting):
    tube.spoilt = told
    with pytest.raises(PollError) as failed:
        tube.look()
    assert (failed.value.reason, failed.value.lasting) == (reason, lasting)


def test_a_thread_deleted_between_two_calls_is_no_failure(tube):
    gone = tube.write(1)
    for number in range(6):
        tube.write(2, id=f"{gone}.{number}", parent=gone)
    taken, error = tube.platform.take, {"error": {"errors": [{"reason": "commentNotFound"}]}}
    lost = Told(404, json.dumps(error).encode())
    tube.platform.take = lambda one: lost if "parentId" in one.query else taken(one)
    assert len(tube.look().events) == 6
    busy = Told(503, b"")
    tube.platform.take = lambda one: busy if "parentId" in one.query else taken(one)
    tube.write(2, id=f"{gone}.7", parent=gone)
    with pytest.raises(PollError):
        tube.look()


def test_words_are_not_searched_for(tube):
    with pytest.raises(PollError, match="cannot_search") as failed:
        ROOM.poll(Wanted(HANDLE, words="acme"), SECRET, tube.places)
    assert failed.value.lasting
    assert tube.asked == []


# -- what we say ---------------------------------------------------------------------------------


def test_an_answer_stands_in_the_thread_of_the_comment_or_reply_it_answers(tube):
    thread_id = tube.write(1)
    tube.write(2, id=f"{thread_id}.1", parent=thread_id, person="UCbob")
    for reply_to in (thread_id, f"{thread_id}.1"):
        result = tube.send(reply_to=reply_to)
        assert result.state is SendState.ACCEPTED
        assert result.platform_id.startswith(f"{thread_id}.own")
    assert [one.parent for one in tube.sent] == [thread_id] * 2
    assert [one.text for one in tube.ledger.received()] == ["We are on it."] * 2
    echoes = [event for event in tube.look().events if event.kind is EventKind.ECHO]
    assert result.platform_id in {event.message_id for event in echoes}


FAILURES = [
    (403, "quotaExceeded", SendState.FAILED, ErrorClass.LIMIT),
    (429, "rateLimitExceeded", SendState.RETRY, ErrorClass.THROTTLED),
    (403, "userRateLimitExceeded", SendState.RETRY, ErrorClass.THROTTLED),
    (500, "backendError", SendState.RETRY, ErrorClass.UNAVAILABLE),
    (503, "", SendState.RETRY, ErrorClass.UNAVAILABLE),
    (502, "", SendState.UNKNOWN, ErrorClass.UNANSWERED),
    (401, "authError", SendState.FAILED, ErrorClass.CHANNEL),
    (401, "", SendState.FAILED, ErrorClass.CHANNEL),
    (403, "", SendState.FAILED, ErrorClass.CHANNEL),
    (403, "insufficientPermissions", SendState.FAILED, ErrorClass.CHANNEL),
    (403, "commentsDisabled", SendState.FAILED, ErrorClass.CONTENT),
    (403, "forbidden", SendState.FAILED, ErrorClass.RECIPIENT),
    (404, "parentCommentNotFound", SendState.FAILED, ErrorClass.RECIPIENT),
    (400, "commentTextTooLong", SendState.FAILED, ErrorClass.CONTENT),
    (400, "", SendState.FAILED, ErrorClass.CONTENT),
    (302, "", SendState.UNKNOWN, ErrorClass.UNANSWERED),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: f"{one[0]}-{one[1]}")
def test_every_kind_of_no_is_understood(tube, failure):
    status, reason, state, error_class = failure
    told = json.dumps([*SECRET.values(), KEYS.access_token])
    errors = [{"reason": reason, "message": told}] if reason else []
    error = {"code": status, "message": told, "errors": errors}
    tube.spoilt = Told(status, json.dumps({"error": error}).encode())
    result = tube.send()
    assert (result.state, result.error_class) == (state, error_class)
    assert result.error_code == (reason or f"http_{status}")
    for key in (*SECRET.values(), KEYS.access_token):
        assert key not in result.error_text
    if reason == "quotaExceeded":
        assert result.retry_after_seconds == 22 * 3_600


@pytest.mark.parametrize(
    ("body", "code"), [(b"no json", "answer_not_json"), (b"{}", "no_id"), (b'{"id": []}', "no_id")]
)
def test_an_answer_that_cannot_be_read_may_have_been_sent(tube, body, code):
    tube.spoilt = Told(200, body)
    result = tube.send()
    assert (result.state, result.error_code) == (SendState.UNKNOWN, code)


def test_no_answer_is_never_taken_for_a_no(tube):
    thread_id = tube.write(1)
    tube.faults.add("UCana", Fault.SILENT)
    assert tube.send(reply_to=thread_id).state is SendState.UNKNOWN
    assert len(tube.ledger.received()) == 1


def test_no_answer_while_asking_for_a_token_means_surely_not_sent(tube):
    silent = Told(silent=True)
    tube.platform.take = lambda asked: silent
    result = tube.send()
    assert result.state is SendState.RETRY
    assert tube.ledger.received() == ()


def test_a_platform_that_is_not_there_is_tried_again(tube):
    with serving(tube.take) as url:
        pass
    places = replace(tube.places, urls=dict.fromkeys(tube.places.urls, url))
    result = ROOM.send(Outgoing("t", HANDLE, "UCana", True, "Hi", THREAD, VIDEO), SECRET, places)
    assert (result.state, result.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)


def test_keys_that_do_not_work_break_the_channel_and_are_not_shown(tube):
    result = tube.send(secret={**SECRET, "refresh_token": "revoked-token-9"})
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.CHANNEL)
    assert result.error_code == "invalid_grant"
    tube.asked.clear()
    result = tube.send(secret={})
    assert (result.error_class, result.error_code) == (ErrorClass.CHANNEL, "no_token")
    assert tube.asked == []
    assert tube.send(reply_to="").error_code == "nothing_to_answer"
    tube.platform.take = lambda asked: Told(200, b'{"access_token": "\\u00e9"}')
    assert tube.send().error_code == "no_token"


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.GONE, Fault.WINDOW])
def test_the_simulated_platform_fails_as_the_real_one(tube, fault):
    thread_id = tube.write(1)
    tube.faults.add("UCana", fault)
    assert tube.send(reply_to=thread_id).state is not SendState.ACCEPTED
    assert tube.send(reply_to=thread_id).state is SendState.ACCEPTED
    assert tube.ledger.refused()


# -- moderation, probes, and the rest --------------------------------------------------------------


def test_a_comment_is_held_shown_again_and_rejected_for_good(tube):
    written = tube.write(1)
    moderate = lambda action: ROOM.moderate(
        HANDLE, written, action, secret=SECRET, places=tube.places
    )
    for action, status in (("hide", "heldForReview"), ("unhide", "published")):
        assert (moderate(action).state, moderate(action).platform_id) == (
            SendState.ACCEPTED,
            written,
        )
        assert tube.platform.status(written) == status
    assert moderate("delete").state is SendState.ACCEPTED
    assert moderate("unhide").state is SendState.FAILED
    assert moderate("block").error_code == "cannot_block"
    tube.spoilt = Told(silent=True)
    assert moderate("hide").state is SendState.UNKNOWN


def test_the_probe_asks_whose_channel_the_token_is(tube):
    probe = lambda handle=HANDLE, secret=SECRET: ROOM.probe(handle, "", secret, tube.places)
    assert probe().state is HealthState.WELL
    other = probe(replace(HANDLE, account_id="UCother"))
    assert (other.state, "another channel" in other.problem) == (HealthState.BROKEN, True)
    revoked = probe(secret={**SECRET, "refresh_token": "revoked-token-9"})
    assert revoked.state is HealthState.BROKEN
    assert "revoked-token-9" not in revoked.problem
    tube.spoilt = Told(503, b"")
    assert probe().state is HealthState.UNKNOWN
    tube.spoilt = Told(403, b"{}")
    assert probe().state is HealthState.BROKEN
    tube.spoilt = Told(200, b'{"items": "odd"}')
    assert probe().state is HealthState.BROKEN


def test_nobody_may_call_here():
    with pytest.raises(SignatureError) as refused:
        ROOM.verify(b"{}", {}, SECRET, NOW)
    assert refused.value.status == 403
    with pytest.raises(SignatureError):
        ROOM.handshake({"hub.challenge": "1"}, SECRET)


def test_the_room_says_what_it_can_and_how_often_it_looks():
    assert room_of(HANDLE) is ROOM
    can = ROOM.capabilities(HANDLE, public=True)
    assert (can.text_limit, can.invite, can.hides, can.deletes) == (10_000, Invite.LINK, True, True)
    assert (ROOM.polls(HANDLE), ROOM.probes(HANDLE)) == (300, 21_600)
    for every, seconds in (("5", 60), ("", 300), ("odd", 300), ("900", 900), ("²", 300)):
        assert ROOM.polls(replace(HANDLE, settings={"every": every})) == seconds


def test_the_guide_says_what_to_do_and_shows_no_key():
    for secret, stored in (({}, "is not stored yet"), (SECRET, "is stored")):
        told = "\n".join(ROOM.guide(HANDLE, "https://x/webhooks/youtube/acme-youtube", secret))
        assert UC in told
        assert stored in told
        assert not any(key in told for key in SECRET.values())
