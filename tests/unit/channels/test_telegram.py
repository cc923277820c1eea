"""Telegram: what its updates say."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.channels.contract import PayloadError, Said, SignatureError
from chalicelib.channels.telegram.room import TelegramRoom
from chalicelib.channels.telegram.spot import Spot, read_message, read_person, read_post
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind

EVENTS = Path(__file__).parents[2] / "events" / "telegram"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
BOT = "111"
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Acme fans"}
ANA = {"id": 23, "is_bot": False, "first_name": "Ana"}
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def parsed(update):
    return TelegramRoom().parse(json.dumps(update).encode(), NOW, account_id=BOT)


def recorded(name):
    return TelegramRoom().parse((EVENTS / f"{name}.json").read_bytes(), NOW, account_id=BOT).events


def of(kind="message", **value):
    head = {"message_id": 5, "date": 1764000000, "from": ANA, "chat": {"id": 23, "type": "private"}}
    return parsed({"update_id": 1, kind: {**head, **value}})


def one(kind="message", **value):
    (event,) = of(kind, **value).events
    return event


def test_a_private_message_says_who_what_and_when():
    (event,) = recorded("private_text")
    assert (event.kind, event.channel, event.public) == (
        EventKind.MESSAGE,
        Channel.TELEGRAM,
        False,
    )
    assert (event.message_id, event.parent_id, event.post_id) == ("23/77", "23/70", "")
    assert (event.contact.id, event.contact.name, event.contact.username) == (
        "23",
        "Ana Ruiz",
        "ana_r",
    )
    assert event.text == "hola, ¿dónde está mi pedido?"
    assert event.occurred_at == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)


def test_a_group_is_public_and_answers_in_it_stay_one_talk():
    (event,) = recorded("group_photo")
    assert (event.public, event.post_id) == (True, "-1001234567890")
    assert event.parent_id == "-1001234567890/500"
    assert (event.contact.id, event.text, event.subject) == (
        "4503599627370497",
        "it broke",
        "photo",
    )
    (photo,) = event.attachments
    assert (photo.kind, photo.media_id, photo.mime_type) == ("image", "large", "image/jpeg")
    assert event.permalink == "https://t.me/c/1234567890/512"
    assert event.title == "Acme fans"


def test_a_topic_of_a_group_is_a_place_of_its_own():
    (event,) = recorded("group_topic")
    assert event.post_id == "-1001234567890:9"
    assert event.permalink == "https://t.me/acmefans/513"


def test_an_album_is_as_many_messages_as_it_has_pictures():
    first = one(message_id=5, media_group_id="9", photo=[{"file_id": "a"}])
    second = one(message_id=6, media_group_id="9", photo=[{"file_id": "b"}])
    assert first.message_id != second.message_id
    assert one(photo=[]).attachments == ()


def test_a_business_chat_is_private_and_its_customer_names_the_connection():
    (event,) = recorded("business_customer")
    assert (event.kind, event.public, event.post_id) == (EventKind.MESSAGE, False, "")
    assert (event.contact.id, event.contact.aliases) == ("BC7x_-9/23", ("23",))
    assert event.message_id == "BC7x_-9/23/8"


def test_what_the_owner_of_a_business_account_types_is_the_brands():
    (event,) = recorded("business_owner")
    assert (event.kind, event.contact.id) == (EventKind.ECHO, "BC7x_-9/23")
    assert (event.author.id, event.app_id, event.automatic) == ("99", "", False)
    assert event.parent_id == "BC7x_-9/23/8"


def test_a_note_of_absence_is_automatic_and_another_bots_words_name_it():
    owner, chat = {"id": 99, "is_bot": False}, {"id": 23, "type": "private"}
    event = one(
        "business_message",
        **{"from": owner, "chat": chat, "business_connection_id": "B", "text": "away"},
        is_from_offline=True,
        sender_business_bot={"id": 777, "is_bot": True},
    )
    assert (event.automatic, event.app_id) == (True, "777")


def test_a_business_message_without_its_connection_or_chat_is_kept():
    assert of("business_message", text="x").unreadable[0].reason == "business_connection_id_missing"
    value = {"business_connection_id": "", "chat": {"id": 1}, "message_ids": [1]}
    assert parsed({"update_id": 1, "deleted_business_messages": value}).unreadable
    value = {"business_connection_id": "B", "message_ids": [1]}
    assert parsed({"update_id": 1, "deleted_business_messages": value}).unreadable


def test_each_deleted_message_is_a_deletion():
    first, second = recorded("business_deleted")
    assert {first.kind, second.kind} == {EventKind.DELETE}
    assert [first.message_id, second.message_id] == ["BC7x_-9/23/8", "BC7x_-9/23/10"]
    assert first.key != second.key


def test_an_edit_has_the_time_of_the_edit():
    (event,) = recorded("edited")
    assert (event.kind, event.message_id, event.text) == (EventKind.EDIT, "23/77", "hola")
    assert event.occurred_at == datetime(2025, 11, 24, 16, 1, 39, tzinfo=UTC)


def test_a_pressed_button_counts_as_its_words():
    (event,) = recorded("button")
    assert (event.kind, event.subject, event.text) == (
        EventKind.MESSAGE,
        "button",
        "Talk to a person",
    )
    assert (event.parent_id, event.contact.id) == ("23/80", "23")
    assert event.attachments[0].name == "TALK"


def test_a_pressed_button_whose_message_is_not_shown_counts_as_its_data():
    press = {"id": "9", "from": ANA, "data": "TALK"}
    (event,) = parsed({"update_id": 1, "callback_query": press}).events
    assert (event.text, event.public, event.message_id) == ("TALK", False, "23/button-9")
    old = {"chat": GROUP, "message_id": 4, "date": 0}
    (event,) = parsed({"update_id": 1, "callback_query": {**press, "message": old}}).events
    assert (event.text, event.public, event.post_id) == ("TALK", True, "-1001234567890")
    assert event.contact.id == "23"


@pytest.mark.parametrize("press", [{"id": "9"}, {"from": ANA}])
def test_a_press_of_nobody_is_kept(press):
    assert parsed({"update_id": 1, "callback_query": press}).unreadable


def test_a_reaction_is_about_its_message_and_may_be_taken_back():
    (event,) = recorded("reaction")
    assert (event.kind, event.message_id, event.emoji) == (EventKind.REACTION, "23/80", "👍")
    value = {"chat": GROUP, "message_id": 4, "date": 1764000000, "actor_chat": {"id": -5}}
    (event,) = parsed({"update_id": 1, "message_reaction": {**value, "new_reaction": []}}).events
    assert (event.emoji, event.author.id, event.public) == ("", "-5", True)
    paid = [{"type": "paid"}]
    (event,) = parsed({"update_id": 1, "message_reaction": {**value, "new_reaction": paid}}).events
    assert event.emoji == "paid"


@pytest.mark.parametrize(
    ("chat", "status", "detail"),
    [
        (ANA | {"type": "private"}, "kicked", "blocked"),
        (ANA | {"type": "private"}, "member", "unblocked"),
        (GROUP, "left", "removed_from_group"),
        (GROUP, "administrator", "added_to_group"),
    ],
)
def test_who_can_be_reached_is_noticed(chat, status, detail):
    value = {"chat": chat, "from": ANA, "date": 1764000000, "new_chat_member": {"status": status}}
    (event,) = parsed({"update_id": 1, "my_chat_member": value}).events
    assert (event.kind, event.detail) == (EventKind.NOTICE, detail)


def test_a_new_word_for_membership_is_counted():
    value = {"chat": GROUP, "new_chat_member": {"status": "ghost"}}
    found = parsed({"update_id": 1, "my_chat_member": value})
    assert found.ignored == ("telegram.my_chat_member_ghost",)


def test_a_business_connection_is_noticed_when_it_is_made_and_when_it_is_cut():
    (event,) = recorded("business_connection")
    assert (event.kind, event.detail) == (EventKind.NOTICE, "business_on")
    off = {"id": "B", "user": ANA, "is_enabled": False}
    (event,) = parsed({"update_id": 1, "business_connection": off}).events
    assert event.detail == "business_off"


def test_a_channels_post_is_the_brands():
    (event,) = recorded("channel_post")
    assert (event.kind, event.public, event.contact) == (EventKind.ECHO, True, None)
    nameless = {"chat": {"id": -5, "type": "channel"}, "from": None, "text": "news"}
    assert one("channel_post", **nameless).kind is EventKind.ECHO


def test_a_guest_question_names_the_query_that_answers_it():
    (event,) = recorded("guest")
    assert (event.post_id, event.flags) == ("guest:5550001", ("guest",))
    assert (event.public, event.contact.id) == (True, "24")


def test_a_guest_question_in_a_chat_of_two_is_answered_there_and_to_nobody_alone():
    """Both read it, and the chat's id is the other one's: a private reply would go there."""
    chat = {"id": 99, "type": "private", "first_name": "Cy", "username": "cy"}
    event = one("guest_message", guest_query_id="7", chat=chat, text="@acmebot is it open today?")
    assert (event.public, event.contact.id, event.post_id) == (True, "23", "guest:7")
    assert (event.message_id, event.permalink) == ("99/5", "")


def test_a_group_that_became_a_supergroup_is_noticed():
    (event,) = recorded("migrated")
    assert (event.kind, event.detail, event.contact) == (EventKind.NOTICE, "group_migrated", None)


def test_whoever_speaks_for_the_group_or_its_channel_is_the_brand():
    fake = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    channel = {"id": -1009, "type": "channel", "title": "Acme news"}
    group = {"chat": GROUP, "from": fake, "text": "hello"}
    assert one(**group, sender_chat=GROUP).kind is EventKind.ECHO
    assert one(**group, sender_chat=channel, is_automatic_forward=True).kind is EventKind.ECHO
    root = {"message_id": 2, "chat": GROUP, "is_automatic_forward": True, "sender_chat": channel}
    assert one(**group, sender_chat=channel, reply_to_message=root).kind is EventKind.ECHO
    other = one(**group, sender_chat={"id": -7, "type": "channel", "title": "Runner"})
    assert (other.kind, other.contact.id, other.contact.name) == (
        EventKind.MESSAGE,
        "-7",
        "Runner",
    )
    assert not other.automatic
    assert one(chat=GROUP, text="x", **{"from": {"id": 111}}).kind is EventKind.ECHO


def test_our_own_bots_words_in_private_are_an_echo():
    event = one(text="hello", **{"from": {"id": 111, "is_bot": True}})
    assert (event.kind, event.contact.id, event.author.id) == (EventKind.ECHO, "23", "111")


def test_a_writer_whom_a_group_hides_is_still_a_customer():
    event = one(chat=GROUP, text="hello", **{"from": None})
    assert (event.kind, event.contact) == (EventKind.MESSAGE, None)


def test_another_bots_words_are_automatic():
    assert one(text="beep", **{"from": {"id": 50, "is_bot": True}}, chat=GROUP).automatic
    assert one(text="beep", **{"from": {"id": 50, "is_bot": True}}).automatic


@pytest.mark.parametrize("start", ["/start Ab3_-x", "/start@acmebot Ab3_-x ", "/start   Ab3_-x"])
def test_a_link_that_led_here_is_told_by_its_code(start):
    event = one(text=start)
    assert (event.kind, event.ref, event.text) == (EventKind.MESSAGE, "Ab3_-x", "Ab3_-x")


def test_the_first_button_alone_opens_nothing():
    event = one(text="/start")
    assert (event.kind, event.detail) == (EventKind.NOTICE, "started")


@pytest.mark.parametrize(
    "text", ["/start my order is late", "/starting", "do /start x", "/start é"]
)
def test_words_after_the_command_stay_words(text):
    event = one(text=text)
    assert (event.kind, event.ref, event.text) == (EventKind.MESSAGE, "", text)


def test_the_command_means_nothing_in_a_group():
    assert one(text="/start abc", chat=GROUP).ref == ""


@pytest.mark.parametrize(
    ("value", "subject", "attachment"),
    [
        ({"document": {"file_id": "d", "file_name": "a.pdf"}}, "document", ("document", "d", "")),
        ({"video": {"file_id": "v"}}, "video", ("video", "v", "video/mp4")),
        ({"audio": {"file_id": "a"}}, "audio", ("audio", "a", "audio/mpeg")),
        ({"voice": {"file_id": "o"}}, "voice", ("audio", "o", "audio/ogg")),
        ({"video_note": {"file_id": "n"}}, "video_note", ("video", "n", "video/mp4")),
        ({"sticker": {"file_id": "s"}}, "sticker", ("sticker", "s", "image/webp")),
        (
            {"sticker": {"file_id": "s", "is_video": True}},
            "sticker",
            ("sticker", "s", "video/webm"),
        ),
        (
            {"sticker": {"file_id": "s", "is_animated": True}},
            "sticker",
            ("sticker", "s", "application/gzip"),
        ),
        (
            {"document": {"file_id": "x"}, "animation": {"file_id": "x"}},
            "animation",
            ("video", "x", "video/mp4"),
        ),
        ({"story": {"id": 4}}, "story", ("story", "", "")),
        ({"paid_media": {"star_count": 4}}, "paid_media", ("paid_media", "", "")),
    ],
)
def test_files_of_every_kind_are_kept_by_their_id(value, subject, attachment):
    event = one(**value)
    assert (event.kind, event.subject) == (EventKind.MESSAGE, subject)
    assert [(a.kind, a.media_id, a.mime_type) for a in event.attachments] == [attachment]


def test_what_is_no_file_is_kept_in_words():
    place = one(location={"latitude": 48.2, "longitude": 16.37})
    assert place.attachments[0].name == "48.2,16.37"
    venue = {"location": {"latitude": 1, "longitude": 2}, "title": "Shop", "address": "Main 1"}
    shop = one(venue=venue, location=venue["location"])
    assert (shop.subject, shop.attachments[0].title) == ("venue", "Shop, Main 1")
    card = one(contact={"phone_number": "+43 1", "first_name": "Bo", "last_name": "Li"})
    assert (card.attachments[0].name, card.attachments[0].title) == ("+43 1", "Bo Li")
    assert one(dice={"emoji": "🎲", "value": 4}).text == "🎲 4"
    poll = {"question": "Which?", "options": [{"text": "red"}, {"text": "blue"}]}
    assert one(poll=poll).text == "Which?\n- red\n- blue"
    tasks = {"title": "To do", "tasks": [{"text": "call"}]}
    assert one(checklist=tasks).text == "To do\n- call"
    assert one(game={"title": "Chess"}).text == "Chess"
    assert one(invoice={"title": "Shoes"}).text == "Shoes"
    form = one(web_app_data={"data": "{}", "button_text": "Order"})
    assert (form.text, form.attachments[0].name) == ("Order", "{}")
    assert (
        one(audio={"file_id": "a", "performer": "P", "title": "T"}).attachments[0].title == "P - T"
    )


@pytest.mark.parametrize(
    "value",
    [
        {"new_chat_members": []},
        {"pinned_message": {}},
        {"forum_topic_created": {}},
        {"video_chat_started": {}},
        {"successful_payment": {}},
    ],
)
def test_what_only_tells_that_a_chat_changed_opens_nothing(value):
    found = of(**value)
    assert not found.events
    assert found.ignored[0].startswith("telegram.")


def test_content_newer_than_this_code_is_a_message_to_the_brand_alone_and_nothing_in_a_group():
    event = one(hologram={"file_id": "h"})
    assert (event.kind, event.subject) == (EventKind.MESSAGE, "unsupported")
    assert of(hologram={}, chat=GROUP).ignored == ("telegram.without_content",)
    assert of("edited_message", hologram={}).ignored == ("telegram.without_content",)


def test_a_place_that_moves_is_no_stream_of_edits():
    place = {"latitude": 1, "longitude": 2, "live_period": 900}
    assert of("edited_message", location=place, edit_date=1764000001).ignored == (
        "telegram.live_location",
    )
    assert one(location=place).kind is EventKind.MESSAGE


@pytest.mark.parametrize(
    "kind",
    [
        "edited_channel_post",
        "message_reaction_count",
        "inline_query",
        "poll",
        "poll_answer",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "managed_bot",
        "tomorrow",
    ],
)
def test_other_kinds_are_counted(kind):
    found = parsed({"update_id": 1, kind: {"id": 1}})
    assert (found.events, found.ignored) == ((), (f"telegram.{kind}",))


def test_an_update_of_nothing_is_counted():
    assert parsed({"update_id": 1}).ignored == ("telegram.empty",)


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": {}, "message": {}},
        {"update_id": 1, "message": []},
        {"update_id": 1, "message": {}},
        {"update_id": 1, "message": {"chat": {"id": 1}}},
        {"update_id": 1, "message": {"chat": {"type": "private"}, "message_id": 1}},
        {"update_id": 1, "message": {"message_id": True, "chat": {"id": 1}}},
        {"update_id": 1, "message": {"message_id": 1, "chat": {"id": 1}, "photo": "x"}},
        {"update_id": 1, "message": {"message_id": 1, "chat": {"id": 1}, "photo": ["x"]}},
        {"update_id": 1, "deleted_business_messages": {"message_ids": 4}},
        {"update_id": 1, "message_reaction": {"chat": {"id": 1}}},
    ],
)
def test_an_update_that_cannot_be_read_never_blocks_its_chat(update):
    found = parsed(update)
    assert (found.events, len(found.unreadable)) == ((), 1)
    assert json.loads(found.unreadable[0].raw) == update


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"message":{}}', b'{"update_id":null}'])
def test_a_body_without_number_is_no_update(body):
    with pytest.raises(PayloadError):
        TelegramRoom().parse(body, NOW, account_id=BOT)


def test_an_update_has_one_key_however_often_it_comes_and_each_bot_its_own():
    raw = (EVENTS / "private_text.json").read_bytes()
    first, again = (TelegramRoom().parse(raw, NOW, account_id=BOT).events[0] for _ in range(2))
    other = TelegramRoom().parse(raw, NOW, account_id="222").events[0]
    assert first.key == again.key != other.key


def test_a_delivery_is_thanked_with_nothing_that_could_be_carried_out():
    assert TelegramRoom().thanks == Said(body="", status=200)


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"secret_token": ""},
        {"secret_token": None, "secret_tokens": ["", 5]},
        {"secret_token": "", "secret_tokens": "text"},
    ],
)
def test_an_empty_token_proves_nothing(secret):
    for headers in ({}, {HEADER: ""}, {HEADER: "5"}, {HEADER: "None"}):
        with pytest.raises(SignatureError):
            TelegramRoom().verify(b"{}", headers, secret, NOW)


def test_an_older_token_still_proves_and_is_told_apart():
    secret = {"secret_token": "new", "secret_tokens": ["old"]}
    assert TelegramRoom().verify(b"{}", {HEADER: "new"}, secret, NOW).secret_index == 0
    assert TelegramRoom().verify(b"{}", {HEADER.lower(): "old"}, secret, NOW).secret_index == 1
    for odd in ("öld", "ol", "old ", "\ud800"):
        with pytest.raises(SignatureError):
            TelegramRoom().verify(b"{}", {HEADER: odd}, secret, NOW)
    with pytest.raises(SignatureError):
        TelegramRoom().verify(b"{}", {HEADER: "new", HEADER.lower(): "new"}, secret, NOW)


def test_platform_ids_lead_back_to_their_chat():
    assert read_message("23/77") == Spot("23", "77")
    assert read_message("B/C-1/-100/77") == Spot("-100", "77", "B/C-1")
    assert read_message("23/button-9") == Spot("23", "")
    assert read_message("nonsense") is None
    assert read_person("B/23") == Spot("23", connection="B")
    assert read_person("hidden:x") is None
    assert read_post("-100:7") == (Spot("-100"), "7")
    assert read_post("-100:x") == (Spot("-100"), "")
    assert read_post("")[0] is None
