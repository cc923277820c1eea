"""Files: fetched once the message is stored, kept once, given up after a day, shown by the rule."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain import file
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Side
from chalicelib.domain.event import Attachment, EventKind
from chalicelib.domain.message import Direction
from chalicelib.domain.policy import Handle
from chalicelib.workflows import files
from chalicelib.workflows.errors import NotFoundError, NotNowError, RefusedError, RetryLaterError
from chalicelib.workflows.files import ALL, ATTEMPTS, Offered, Order
from chalicelib.workflows.networks import Fetched, FetchError, FetchLaterError
from chalicelib.workflows.ports import BusyError, Commit, StaleError
from tests.fakes.trail import CrashError
from tests.unit.workflows.story import POLICY, Story

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PHOTO = Attachment("image", url="https://cdn.example.com/1", name="me.png")
VOICE = Attachment("audio", media_id="77", mime_type="audio/amr")
ANN = Actor("ann", Role.AGENT, ("care",))
SAM = Actor("sam", Role.AGENT, ("shop",))


def writing(*attachments, **facts):
    """Return a story whose customer wrote with these attachments, and the stored message."""
    story = Story()
    story.parts.network.files = {PHOTO.url: Fetched(PNG, "image/png", "server.png"),
                                 "77": Fetched(b"#!AMR\n12", "audio/amr")}  # fmt: skip
    story.writes(attachments=attachments or (PHOTO,), **facts)
    return story, only(story)


def only(story):
    (found,) = [m for m in story.store.messages.values() if m.direction is Direction.INBOUND]
    return found


def test_a_customers_file_is_kept_as_soon_as_the_message_is():
    story, message = writing()
    story.loop.rest()
    key = f"media/{message.conversation_id}/{message.id}/0"
    assert story.parts.media.kept == {key: (PNG, "image/png", "me.png")}
    (kept,) = only(story).attachments
    assert kept == replace(PHOTO, key=key, size=len(PNG), mime_type="image/png")
    assert story.parts.meter.total("FileKept") == 1


def test_the_order_holds_ids_only_and_is_told_by_the_stream():
    story, message = writing()
    for follow in list(story.loop.records):
        follow()
    (body,) = story.parts.files.take()
    assert json.loads(body) == {
        "conversation_id": message.conversation_id, "message_id": message.id, "index": ALL,
    }  # fmt: skip


def test_several_files_are_ordered_one_by_one_and_none_waits_for_another():
    story, message = writing(PHOTO, VOICE, Attachment("location", url="https://maps.example.com"))
    story.parts.network.files[PHOTO.url] = FetchLaterError("busy")
    order = Order(message.conversation_id, message.id)
    assert files.fetch(story.parts, order) == "split"
    orders = [Order(**json.loads(body)) for body in story.parts.files.take()]
    assert [one.index for one in orders] == [0, 1]
    with pytest.raises(RetryLaterError):
        files.fetch(story.parts, orders[0])
    assert files.fetch(story.parts, orders[1]) == "kept"
    photo, voice, place = only(story).attachments
    assert (photo.key, place.key) == ("", "")
    assert (voice.mime_type, voice.size, voice.name) == ("audio/amr", 8, "")


def test_all_of_several_files_are_kept_in_the_end():
    story, _ = writing(PHOTO, VOICE)
    story.loop.rest()
    assert all(one.key for one in only(story).attachments)


def test_told_twice_a_kept_file_is_left_alone():
    story, message = writing()
    story.loop.rest()
    rev = only(story).rev
    story.parts.network.files.clear()
    assert files.fetch(story.parts, Order(message.conversation_id, message.id)) == "settled"
    assert files.fetch(story.parts, Order(message.conversation_id, message.id, 0)) == "settled"
    assert files.fetch(story.parts, Order(message.conversation_id, message.id, 9)) == "settled"
    assert only(story).rev == rev
    assert len(story.parts.media.kept) == 1


def test_an_order_for_what_is_not_there_is_settled():
    story, message = writing()
    assert files.fetch(story.parts, Order(message.conversation_id, "nobody")) == "settled"


@pytest.mark.parametrize("reason", ["gone", "forbidden", "too_large", "private_address"])
def test_a_file_that_cannot_be_had_says_why(reason):
    story, _ = writing()
    story.parts.network.files[PHOTO.url] = FetchError(reason)
    story.loop.rest()
    (one,) = only(story).attachments
    assert (one.refused, one.key) == (reason, "")
    assert story.parts.media.kept == {}
    assert story.parts.meter.total("FileRefused", reason=reason) == 1


@pytest.mark.parametrize(
    ("fetched", "name", "reason"),
    [
        (Fetched(b"MZ\x90\x00", "image/png"), "me.png", "program"),
        (Fetched(PNG, "image/png", "a.exe"), "", "program"),
        (Fetched(b"", "image/png"), "me.png", "empty"),
    ],
)
def test_programs_and_empty_files_are_refused(fetched, name, reason):
    story, _ = writing(replace(PHOTO, name=name))
    story.parts.network.files[PHOTO.url] = fetched
    story.loop.rest()
    assert only(story).attachments[0].refused == reason
    assert story.parts.media.kept == {}


def test_a_room_that_returns_more_than_it_was_asked_for_is_not_believed(monkeypatch):
    story, message = writing()
    monkeypatch.setattr(
        story.parts.network, "fetch", lambda *_: Fetched(bytes(files.MOST_BYTES + 1), "image/png")
    )
    files.fetch(story.parts, Order(message.conversation_id, message.id))
    assert only(story).attachments[0].refused == "too_large"


def test_a_page_that_calls_itself_a_picture_is_kept_as_a_page():
    story, _ = writing()
    story.parts.network.files[PHOTO.url] = Fetched(b"<html><script>x()</script>", "image/png")
    story.loop.rest()
    assert only(story).attachments[0].mime_type == file.HTML


def test_the_servers_name_serves_where_the_platform_gave_none():
    story, _ = writing(replace(PHOTO, name=""))
    story.loop.rest()
    assert only(story).attachments[0].name == "server.png"


def test_a_platform_that_says_later_is_asked_again_for_a_day_and_then_given_up():
    story, _ = writing()
    story.parts.network.files[PHOTO.url] = FetchLaterError("busy")
    began = story.parts.now()
    story.loop.run(hours=20)
    assert only(story).attachments[0].refused == ""
    story.loop.run(hours=16)
    assert only(story).attachments[0].refused == "not_fetched"
    assert story.parts.meter.total("FileNotFetched") == 1
    tries = story.parts.trail.steps.count("before network.fetch")
    assert tries == ATTEMPTS
    assert (story.parts.now() - began).total_seconds() >= 86_400


def test_a_file_that_comes_back_in_time_is_kept():
    story, _ = writing()
    story.parts.network.files[PHOTO.url] = FetchLaterError("busy")
    story.loop.run(hours=2)
    story.parts.network.files[PHOTO.url] = Fetched(PNG, "image/png")
    story.loop.run(hours=6)
    assert only(story).attachments[0].key


@pytest.mark.parametrize("tries", [1, 2, ATTEMPTS - 1])
def test_each_wait_is_longer_than_the_one_before(tries):
    story, message = writing()
    story.parts.network.files[PHOTO.url] = FetchLaterError("busy")
    waits = []
    for number in (tries, tries + 1):
        try:
            files.fetch(story.parts, Order(message.conversation_id, message.id), number)
        except RetryLaterError as later:
            waits.append(later.seconds)
    assert waits == sorted(waits)
    assert 0 < waits[0] <= 12 * 3600


def test_a_message_that_was_deleted_meanwhile_is_not_fetched():
    story, message = writing()
    deleted = replace(message, deleted_at=story.parts.now())
    story.parts.conversations.commit(Commit(update=(deleted,)))
    story.loop.rest()
    assert story.parts.media.kept == {}
    assert "before network.fetch" not in story.parts.trail.steps


def test_a_message_that_is_deleted_while_its_file_is_fetched_stays_without_it():
    story, message = writing()
    fetch = story.parts.network.fetch

    def slow(*asked):
        found = fetch(*asked)
        deleted = replace(message, deleted_at=story.parts.now())
        story.parts.conversations.commit(Commit(update=(deleted,)))
        return found

    story.parts.network.fetch = slow
    assert files.fetch(story.parts, Order(message.conversation_id, message.id)) == "settled"
    assert only(story).attachments[0].key == ""


def test_a_file_that_was_changed_while_the_old_one_was_fetched_is_not_mistaken():
    story, message = writing()
    fetch = story.parts.network.fetch
    newer = replace(PHOTO, url="https://cdn.example.com/2")

    def slow(*asked):
        found = fetch(*asked)
        if only(story).attachments[0].url == PHOTO.url:
            story.parts.conversations.commit(
                Commit(update=(replace(message, attachments=(newer,)),))
            )
        return found

    story.parts.network.fetch = slow
    assert files.fetch(story.parts, Order(message.conversation_id, message.id)) == "settled"
    assert only(story).attachments == (newer,)


def test_somebody_elses_change_meanwhile_is_kept_too():
    story, message = writing()
    commit = story.parts.conversations.commit
    stale = iter([True])

    def busy(wanted):
        if next(stale, False):
            commit(Commit(update=(replace(message, hidden=True),)))
            raise StaleError(message.id)
        commit(wanted)

    story.parts.conversations.commit = busy
    assert files.fetch(story.parts, Order(message.conversation_id, message.id)) == "kept"
    assert only(story).hidden
    assert only(story).attachments[0].key


def test_a_table_that_keeps_changing_is_tried_again_by_the_queue():
    story, message = writing()

    def stale(_):
        raise StaleError(message.id)

    story.parts.conversations.commit = stale
    with pytest.raises(BusyError):
        files.fetch(story.parts, Order(message.conversation_id, message.id))


def test_a_message_without_its_conversation_is_a_fault_of_ours():
    story, message = writing()
    story.store.heads.clear()
    with pytest.raises(LookupError):
        files.fetch(story.parts, Order(message.conversation_id, message.id))


def steps_of_a_fetch():
    story, _ = writing()
    story.loop.rest()
    return len(story.parts.trail.steps)


@pytest.mark.parametrize("step", range(steps_of_a_fetch()))
def test_wherever_the_process_dies_the_file_is_kept_in_the_end(step):
    story, _ = writing(PHOTO, VOICE)
    story.parts.trail.crash_at = len(story.parts.trail.steps) + step
    story.loop.run(hours=1)
    assert all(one.key for one in only(story).attachments)
    assert len(story.parts.media.kept) == 2


def test_the_private_side_of_a_public_talk_is_fetched_with_its_own_key():
    story, message = writing()
    head = story.conversation
    side = Side(Channel.WHATSAPP, "acme-wa", "200", story.parts.now())
    story.store.heads[head.id] = replace(head, public=True, side=side)
    asked = []
    story.parts.network.fetch = lambda handle, *_: asked.append(handle) or Fetched(PNG, "")
    files.fetch(story.parts, Order(message.conversation_id, message.id))
    assert asked == [POLICY.handle("acme-wa")]


# A reply's files.


def uploaded(story, body=PNG, name="a.png"):
    """Return a stored reply whose file lies where the browser put it."""
    story.loop.rest()
    reply = story.replies()
    key = f"upload/{reply.conversation_id}/r/{name}"
    story.parts.media.kept[key] = (body, "image/png", name)
    one = Attachment("image", key=key, name=name, mime_type="image/png")
    stored = story.stored(reply)
    story.parts.conversations.commit(Commit(update=(replace(stored, attachments=(one,)),)))
    return story.stored(reply)


def test_what_left_with_a_reply_is_kept_beside_it():
    story, _ = writing()
    reply = uploaded(story)
    story.loop.rest()
    (one,) = story.stored(reply).attachments
    assert one.key == f"media/{reply.conversation_id}/{reply.id}/0"
    assert story.parts.media.kept[one.key] == (PNG, "image/png", "a.png")
    assert one.size == len(PNG)


def test_an_upload_that_never_came_is_said_to_be_gone():
    story, _ = writing()
    reply = uploaded(story)
    story.parts.media.kept.clear()
    story.loop.rest()
    assert story.stored(reply).attachments[0].refused == "gone"


def test_a_place_to_upload_is_the_same_for_a_repeated_request():
    story, message = writing()
    offered = Offered("C:\\me\\plan.pdf", "application/pdf", 1_000, "key-12345678")
    places = [files.upload(story.parts, ANN, message.conversation_id, offered) for _ in range(2)]
    assert places[0].upload.key == places[1].upload.key
    first, folder, _, name = places[0].upload.key.split("/")
    assert (first, folder, name) == ("upload", message.conversation_id, "plan.pdf")
    assert (places[0].expires_at - story.parts.now()).total_seconds() == 900
    other = files.upload(
        story.parts, ANN, message.conversation_id, replace(offered, key="key-87654321")
    )
    assert other.upload.key != places[0].upload.key


@pytest.mark.parametrize(
    ("name", "mime_type", "size", "code"),
    [
        ("...", "application/pdf", 1, "file_name"),
        ("a.pdf", "application/pdf", 0, "file_too_large"),
        ("a.pdf", "application/pdf", files.MOST_BYTES + 1, "file_too_large"),
        ("a.exe", "application/pdf", 1, "file_type"),
        ("a.html", "text/html", 1, "file_type"),
        ("a.svg", "image/svg+xml", 1, "file_type"),
    ],
)
def test_what_no_reply_may_carry_is_refused_before_it_is_uploaded(name, mime_type, size, code):
    story, message = writing()
    offered = Offered(name, mime_type, size, "key-12345678")
    with pytest.raises(RefusedError) as refused:
        files.upload(story.parts, ANN, message.conversation_id, offered)
    assert refused.value.code == code


def test_nobody_uploads_into_a_conversation_of_another_team():
    story, message = writing()
    with pytest.raises(NotFoundError):
        files.upload(
            story.parts, SAM, message.conversation_id, Offered("a.pdf", "application/pdf", 1, "k")
        )


# Serving.


def test_an_agent_who_sees_the_talk_gets_the_file_for_five_minutes():
    story, message = writing()
    story.loop.rest()
    found = files.link(story.parts, ANN, message.conversation_id, message.id, 0)
    assert f"media/{message.conversation_id}/{message.id}/0?for=300" in found.url
    assert (found.name, found.mime_type, found.size) == ("me.png", "image/png", len(PNG))
    assert (found.expires_at - story.parts.now()).total_seconds() == 300


def test_a_file_without_a_name_is_given_one_and_a_page_is_served_as_bytes():
    story, message = writing(replace(PHOTO, name=""))
    story.parts.network.files[PHOTO.url] = Fetched(b"<html>", "text/html")
    story.loop.rest()
    found = files.link(story.parts, ANN, message.conversation_id, message.id, 0)
    assert (found.name, found.mime_type) == ("file-1", file.UNKNOWN)


def test_an_agent_of_another_team_gets_nothing():
    story, message = writing()
    story.loop.rest()
    with pytest.raises(NotFoundError):
        files.link(story.parts, SAM, message.conversation_id, message.id, 0)


@pytest.mark.parametrize(("message_id", "index"), [("nobody", 0), ("", 1), ("", -1)])
def test_there_is_no_other_file(message_id, index):
    story, message = writing()
    story.loop.rest()
    with pytest.raises(NotFoundError):
        files.link(story.parts, ANN, message.conversation_id, message_id or message.id, index)


def test_files_of_a_message_that_its_author_deleted_are_kept_but_not_served():
    story, message = writing(message_id="m-1")
    story.loop.rest()
    story.loop.ingest(story.event(EventKind.DELETE, "m-1"))
    assert only(story).deleted_at is not None
    assert len(story.parts.media.kept) == 1
    with pytest.raises(NotFoundError):
        files.link(story.parts, ANN, message.conversation_id, message.id, 0)


def test_a_file_that_is_not_here_says_whether_it_will_be():
    story, message = writing()
    with pytest.raises(NotNowError) as early:
        files.link(story.parts, ANN, message.conversation_id, message.id, 0)
    assert early.value.code == "file_not_kept"
    story.parts.network.files.clear()
    story.loop.rest()
    with pytest.raises(NotNowError) as refused:
        files.link(story.parts, ANN, message.conversation_id, message.id, 0)
    assert refused.value.code == "file_refused"


def test_a_crash_is_not_survived_by_accident():
    """The trail's crash is no error that the workflow could catch."""
    story, message = writing()
    story.parts.trail.crash_at = len(story.parts.trail.steps)
    with pytest.raises(CrashError):
        files.fetch(story.parts, Order(message.conversation_id, message.id))


def test_a_handle_that_the_policy_has_lost_is_stood_in_for():
    story, message = writing()
    asked = []
    story.parts.network.fetch = lambda handle, *_: asked.append(handle) or Fetched(PNG, "")
    story.store.heads[message.conversation_id] = replace(
        story.conversation, handle="old-name", account_id="gone"
    )
    files.fetch(story.parts, Order(message.conversation_id, message.id))
    assert asked == [Handle("old-name", Channel.MESSENGER, "gone", "old-name", "")]
