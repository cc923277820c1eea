"""LINE: what its webhooks say."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.channels.contract import PayloadError, Said
from chalicelib.channels.line.room import LineRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind

EVENTS = Path(__file__).parents[2] / "events" / "line"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SAID_AT = datetime(2025, 11, 24, 16, 0, 0, 123_000, tzinfo=UTC)
BOT, ANA = "U00000000000000000000000000000001", "U0000000000000000000000000000a0a0"
GROUP = "C0000000000000000000000000000feed"
ALONE = {"type": "user", "userId": ANA}
ROOM = LineRoom()


def recorded(name):
    return ROOM.parse((EVENTS / f"{name}.json").read_bytes(), NOW, account_id=BOT)


def only(name):
    (event,) = recorded(name).events
    return event


def parsed(*elements, account_id=BOT):
    body = json.dumps({"destination": BOT, "events": list(elements)}).encode()
    return ROOM.parse(body, NOW, account_id=account_id)


def element(kind="message", **value):
    head = {"type": kind, "webhookEventId": "01H", "timestamp": 1764000000123, "source": ALONE}
    return {**head, **value}


def said(source=ALONE, **message):
    return parsed(element(source=source, message={"id": "5", **message}))


def test_a_private_message_says_who_what_and_when():
    event = only("text")
    assert (event.kind, event.channel, event.public) == (EventKind.MESSAGE, Channel.LINE, False)
    assert (event.contact.id, event.author.id, event.account_id) == (ANA, ANA, BOT)
    assert (event.message_id, event.parent_id) == ("468789577898262530", "468789532432007169")
    assert event.text == "hola, ¿dónde está mi pedido? (love)"
    assert (event.occurred_at, event.received_at) == (SAID_AT, NOW)
    assert (event.subject, event.standby, event.flags, event.post_id) == ("text", False, (), "")


def test_a_group_is_public_and_says_whether_it_named_the_brand():
    event = only("group_mention")
    assert (event.public, event.post_id, event.contact.id) == (True, GROUP, ANA)
    assert event.flags == ("summoned",)
    assert only("group_hidden").flags == ()


def test_somebody_whom_line_does_not_name_is_heard_all_the_same():
    event = only("group_hidden")
    assert (event.kind, event.contact, event.text) == (EventKind.MESSAGE, None, "me too")


def test_a_room_is_a_group_by_its_older_name():
    (event,) = said({"type": "room", "roomId": "R1", "userId": ANA}, type="text", text="x").events
    assert (event.public, event.post_id) == (True, "R1")


def test_a_mention_in_a_private_talk_summons_nobody():
    mention = {"mentionees": [{"isSelf": True}]}
    (event,) = said(type="text", text="@Acme", mention=mention).events
    assert event.flags == ()


def test_each_picture_of_a_set_is_a_message():
    events = recorded("image_set").events
    assert [event.attachments[0].media_id for event in events] == [
        "354718705033693861",
        "354718705033693862",
    ]
    assert len({event.key for event in events}) == 2
    assert {event.subject for event in events} == {"image"}


def test_what_somebody_else_holds_is_fetched_from_there():
    (one,) = only("image_elsewhere").attachments
    assert (one.url, one.media_id) == ("https://pictures.example.com/a.jpg", "")


def test_files_keep_their_kind_and_their_name():
    (video,) = only("video").attachments
    assert (video.kind, video.media_id, video.url) == ("video", "325708", "")
    (file,) = only("file").attachments
    assert (file.kind, file.media_id, file.name) == ("document", "325709", "invoice.pdf")


def test_places_and_stickers_are_shown_as_far_as_line_tells():
    (place,) = only("location").attachments
    assert (place.kind, place.name) == ("location", "35.67966,139.73669")
    assert place.title == "my place, 1-3 Kioicho, Tokyo"
    (sticker,) = only("sticker").attachments
    assert (sticker.name, sticker.title) == ("52002734", "thanks, bow, polite")
    (event,) = said(type="sticker", stickerId="1", text="see you").events
    assert event.text == "see you"


def test_a_message_taken_back_is_a_deletion():
    event = only("unsend")
    assert (event.kind, event.message_id) == (EventKind.DELETE, "468789577898262530")
    assert event.contact.id == ANA


def test_a_pressed_button_counts_as_said():
    event = only("postback")
    assert (event.kind, event.text, event.subject) == (
        EventKind.MESSAGE,
        "2026-12-25T01:00",
        "button",
    )
    assert (event.attachments[0].name, event.attachments[0].title) == (
        "storeId=12345",
        "2026-12-25T01:00",
    )
    assert event.message_id == "press-01HF0000000000000000000012"
    (bare,) = parsed(element("postback", postback={"data": "TALK"})).events
    assert (bare.text, bare.attachments[0].title) == ("TALK", "")


def test_a_turned_page_of_a_menu_says_nothing():
    assert recorded("menu").ignored == ("line.menu_switched",)


def test_news_of_who_can_be_reached_is_noticed():
    details = [event.detail for event in recorded("follows").events]
    assert details == ["started", "unblocked", "blocked"]
    life = recorded("group_life")
    assert [event.detail for event in life.events] == ["added_to_group", "removed_from_group"]
    assert all(event.public and event.contact is None for event in life.events)
    assert life.ignored == ("line.memberjoined",)
    assert only("watched").detail == "video_watched"
    notices = (*recorded("follows").events, *life.events)
    assert {event.kind for event in notices} == {EventKind.NOTICE}


def test_what_happened_to_the_account_itself_is_counted():
    assert recorded("account").ignored == ("line.account_suspended", "line.account_resumed")


def test_lines_question_whether_we_are_there_is_answered_with_nothing():
    found = recorded("verify")
    assert (found.events, found.ignored, found.unreadable) == ((), (), ())
    assert LineRoom.thanks == Said()


def test_another_app_that_holds_the_talk_is_seen():
    (event,) = parsed(element(mode="standby", message={"id": "5", "type": "text"})).events
    assert event.standby


def test_without_a_handles_account_the_bodys_own_counts():
    (event,) = parsed(element(message={"id": "5", "type": "text"}), account_id="").events
    assert event.account_id == BOT


def test_events_belong_to_the_handle_that_they_were_delivered_to():
    (event,) = parsed(element(message={"id": "5", "type": "text"}), account_id="U9").events
    assert event.account_id == "U9"


def test_a_kind_of_content_that_is_too_new_is_a_message_to_the_brand_alone_only():
    (event,) = said(type="hologram").events
    assert (event.subject, event.text) == ("unsupported", "")
    public = said({"type": "group", "groupId": GROUP}, type="hologram")
    assert public.ignored == ("line.message_hologram",)


def test_the_same_event_told_again_is_the_same_event():
    first = only("text")
    body = json.loads((EVENTS / "text.json").read_bytes())
    body["events"][0]["deliveryContext"]["isRedelivery"] = True
    (again,) = ROOM.parse(json.dumps(body).encode(), NOW, account_id=BOT).events
    assert again.key == first.key


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("nonsense", "event_not_object"),
        (element(message={"type": "text"}), "message_id_missing"),
        (element("unsend", unsend={}), "message_id_missing"),
        (element(webhookEventId="", message={"id": "5"}), "webhook_event_id_missing"),
        (element(source={"type": "user"}, message={"id": "5"}), "user_id_missing"),
        (element(source={"type": "group"}, message={"id": "5"}), "chat_missing"),
        (element(source={"type": "square"}, message={"id": "5"}), "source_unknown"),
        (element(source="x", message={"id": "5"}), "source_not_object"),
        (
            element(message={"id": "5", "type": "image", "contentProvider": {"type": "external"}}),
            "content_url_missing",
        ),
    ],
)
def test_one_element_that_cannot_be_read_is_kept_and_the_others_are_read(wrong, reason):
    found = parsed(wrong, element(webhookEventId="02", message={"id": "6", "type": "text"}))
    assert [event.message_id for event in found.events] == ["6"]
    (odd,) = found.unreadable
    assert odd.reason == reason
    again = ROOM.parse(odd.raw, NOW, account_id=BOT)
    assert ([one.reason for one in again.unreadable], again.events) == ([reason], ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"destination":"U1"}', "events_missing"),
        (b'{"events":{}}', "events_not_list"),
        (b'{"destination":[],"events":[]}', "destination_not_id"),
        (b"[]", "body_not_object"),
        (b"x", "not_json"),
    ],
)
def test_what_is_no_body_of_line_is_refused(body, reason):
    with pytest.raises(PayloadError) as refused:
        ROOM.parse(body, NOW, account_id=BOT)
    assert refused.value.reason == reason
