"""X: what its webhooks say, in the form of both of its APIs."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.contract import Parsed, PayloadError, SignatureError
from chalicelib.channels.x import signature, words
from chalicelib.channels.x.room import XRoom
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, Person, ReceiptState

EVENTS = Path(__file__).parents[2] / "events" / "x"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
US, ANA = "1111111111111111111", "2222222222222222222"
PERSON = Person(ANA, "Ana Ruiz", "ana_r")
HEADER = "x-twitter-webhooks-signature"


def recorded(name) -> Parsed:
    return XRoom().parse((EVENTS / f"{name}.json").read_bytes(), NOW, account_id="")


def only(name):
    found = recorded(name)
    assert not found.unreadable
    (event,) = found.events
    return event


def parsed(value, account_id=US) -> Parsed:
    return XRoom().parse(json.dumps(value).encode(), NOW, account_id=account_id)


def activity(kind, payload, **more):
    data = {"event_uuid": "1", "filter": {"user_id": US}, "event_type": kind, "payload": payload}
    return {"data": {**data, **more}}


def post(**more):
    return {"id": "5", "author_id": ANA, "text": "hm", "conversation_id": "4", **more}


def one(kind, payload, **more):
    (event,) = parsed(activity(kind, payload, **more)).events
    return event


# -- posts ---------------------------------------------------------------------------------------


def test_a_mention_is_a_customers_message_that_may_be_answered():
    event = only("mention")
    assert (event.kind, event.channel, event.account_id) == (EventKind.MESSAGE, Channel.X, US)
    assert (event.public, event.contact, event.author) == (True, PERSON, PERSON)
    assert event.text == "hey @AcmeHelp my parcel & invoice are lost <3"
    assert event.message_id == event.post_id == "2080765813578191303"
    assert (event.subject, event.flags, event.cost_micros) == ("mention", ("summoned",), 5_000)
    assert event.permalink == "https://x.com/ana_r/status/2080765813578191303"
    assert event.occurred_at == datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)


def test_a_reply_is_shown_as_x_shows_it_and_belongs_to_its_thread():
    event = only("reply")
    assert event.text == "still nothing https://shop.example/orders/1"
    assert (event.post_id, event.subject) == ("2080765813578191303", "reply")
    assert [(one.kind, one.url, one.media_id) for one in event.attachments] == [
        ("image", "https://pbs.twimg.com/media/a.jpg", "3_2080765813578191999"),
        ("video", "", "13_2080765813578191998"),
    ]
    assert event.attachments[0].title == "a broken cup"


def test_the_answer_to_an_edited_post_leads_to_its_first_id():
    assert only("reply").parent_id == "2080765813578191380"


def test_who_answers_us_without_naming_us_has_not_summoned_us():
    """X puts the people answered before the words: that is no mention."""
    assert only("reply").flags == ()


def test_who_names_us_within_an_answer_has_summoned_us():
    text = "@AcmeHelp please @AcmeHelp"
    places = [{"start": 0, "id": US}, {"start": 17, "id": US}]
    raw = post(text=text, display_text_range=[10, 26], entities={"mentions": places})
    assert one("post.reply.create", raw).flags == ("summoned",)
    raw["entities"]["mentions"].pop()
    assert one("post.reply.create", raw).flags == ()


def test_a_mention_by_name_alone_is_ours_where_the_body_tells_our_name():
    users = [{"id": US, "username": "AcmeHelp", "name": "Acme"}]
    raw = post(entities={"mentions": [{"start": 3, "username": "acmehelp"}]})
    assert one("post.reply.create", raw, includes={"users": users}).flags == ("summoned",)
    assert one("post.reply.create", raw).flags == ()
    raw["entities"]["mentions"][0]["username"] = ""
    nameless = [{"id": US, "username": ""}]
    assert one("post.reply.create", raw, includes={"users": nameless}).flags == ()


def test_a_quote_of_ours_has_summoned_us():
    event = only("quote")
    assert (event.subject, event.flags) == ("quote", ("summoned",))
    assert event.text.endswith("https://x.com/AcmeHelp/status/2080765813578191000")


def test_an_answer_that_quotes_us_has_summoned_us():
    references = [{"type": "replied_to", "id": "3"}, {"type": "quoted", "id": "2"}]
    tweets = [{"id": "2", "author_id": US}]
    raw = post(referenced_tweets=references)
    assert one("post.reply.create", raw, includes={"tweets": tweets}).flags == ("summoned",)
    tweets[0]["author_id"] = ANA
    assert one("post.reply.create", raw, includes={"tweets": tweets}).flags == ()


def test_an_edit_is_a_later_text_of_the_first_post():
    event, before = only("edited"), only("mention")
    assert event.kind is EventKind.EDIT
    assert (event.message_id, event.post_id) == (before.message_id, before.post_id)
    assert (event.edit_number, event.contact) == (2, PERSON)
    assert event.text == "hey @AcmeHelp my parcel is lost (solved)"


def test_a_long_post_is_read_whole():
    event = only("long")
    assert event.text.startswith("@AcmeHelp this is where it all began and ended.")
    assert len(event.text) > 400


def test_our_own_answer_is_an_echo_at_home_with_the_post_it_answers():
    event = only("own_reply")
    assert (event.kind, event.contact) == (EventKind.ECHO, None)
    assert event.author.id == US
    assert event.text == "We are on it & will write."
    assert (event.parent_id, event.flags) == ("2080765813578191303", ())


def test_our_own_edit_is_no_customers():
    event = one("post.create", post(author_id=US, edit_history_tweet_ids=["2", "5"]))
    assert (event.kind, event.contact, event.message_id) == (EventKind.EDIT, None, "2")


def test_a_post_of_ours_that_names_or_quotes_us_summons_nobody():
    for kind in ("post.create", "post.mention.create", "post.quote.create"):
        event = one(kind, post(author_id=US))
        assert (event.kind, event.flags) == (EventKind.ECHO, ())


def test_our_own_deletion_names_the_post():
    event = only("own_deleted")
    assert (event.kind, event.public, event.contact) == (EventKind.DELETE, True, None)
    assert (event.message_id, event.cost_micros) == ("2080765813578191700", 0)


def test_somebody_elses_deletion_names_them():
    event = one("post.delete", {"id": "5", "author_id": ANA})
    assert event.contact == Person(ANA)


@pytest.mark.parametrize("kind", ["post.create", "post.reply.create"])
def test_a_repost_is_counted_and_no_message(kind):
    raw = post(referenced_tweets=[{"type": "retweeted", "id": "1"}])
    assert parsed(activity(kind, raw)).ignored == ("x.repost",)


def test_reposts_likes_typing_and_kinds_of_tomorrow_are_counted():
    kinds = {
        "post.repost.create": "x.post_repost_create",
        "like.create": "x.like_create",
        "dm.indicate_typing": "x.dm_indicate_typing",
        "ProfileBioUpdate": "x.profilebioupdate",
    }
    for kind, word in kinds.items():
        assert parsed(activity(kind, {"id": "1"})) == Parsed(ignored=(word,))


def test_a_post_told_as_mention_and_as_answer_is_one_event():
    """Both carry the post's id as theirs."""
    keys = {one(kind, post()).key for kind in ("post.mention.create", "post.reply.create")}
    assert len(keys) == 1
    assert one("post.delete", {"id": "5", "author_id": US}).key not in keys


def test_the_same_event_of_two_accounts_is_two():
    ours = activity("post.mention.create", post())
    theirs = activity("post.mention.create", post(), filter={"user_id": "9"})
    assert parsed(ours).events[0].key != parsed(theirs).events[0].key


def test_an_event_without_an_id_of_its_own_is_known_by_its_content():
    bare = activity("post.mention.create", post(), event_uuid=None)
    other = activity("post.mention.create", post(text="other"), event_uuid=None)
    assert parsed(bare).events[0].key == parsed(bare).events[0].key != parsed(other).events[0].key


def test_the_body_names_the_account_and_the_handle_stands_in():
    named = activity("post.mention.create", post())
    assert parsed(named, account_id="9").events[0].account_id == US
    bare = activity("post.mention.create", post(), filter={})
    assert parsed(bare, account_id="9").events[0].account_id == "9"
    assert parsed(bare, account_id="").unreadable[0].reason == "user_id_missing"


def test_names_that_cannot_be_read_do_not_cost_the_message():
    users = ["odd", None, {"data": 5}, {"id": True}, {"id": ANA, "name": ["Ana"]}]
    includes = {"users": users, "tweets": "odd", "media": [{"media_key": 5}, "odd"]}
    assert one("post.mention.create", post(), includes=includes).contact == Person(ANA)
    assert one("post.mention.create", post(), includes={"users": {"a": 1}}).contact == Person(ANA)


def test_a_media_object_without_a_plain_file_has_no_address():
    playlist = {
        "media_key": "7_1",
        "type": "video",
        "variants": [{"content_type": "x", "url": "u"}],
    }
    raw = post(attachments={"media_keys": ["7_1", "9_9"]})
    first, second = one("post.mention.create", raw, includes={"media": [playlist]}).attachments
    assert (first.kind, first.url) == ("video", "")
    assert (second.kind, second.media_id) == ("file", "9_9")


@pytest.mark.parametrize(
    "payload",
    [{}, {"id": "5"}, {"author_id": ANA}, post(id=None), post(text=["a"]), post(entities=[1])],
)
def test_a_post_that_cannot_be_read_is_kept_whole(payload):
    body = json.dumps(activity("post.mention.create", payload)).encode()
    found = XRoom().parse(body, NOW, account_id=US)
    assert not found.events
    assert [odd.raw for odd in found.unreadable] == [body]


def test_a_number_that_went_through_a_float_is_no_id():
    assert parsed(activity("post.mention.create", post(id=5e17))).unreadable
    assert parsed(activity("post.mention.create", post(id=2**53 + 2))).unreadable
    assert one("post.mention.create", post(id=2**53)).message_id == str(2**53)


# -- direct messages -----------------------------------------------------------------------------


def test_a_direct_message_is_private_and_its_picture_is_a_file():
    event = only("dm_received")
    assert (event.kind, event.public, event.contact) == (EventKind.MESSAGE, False, PERSON)
    assert event.text == "my address & phone"
    assert (event.message_id, event.post_id) == ("2080765901528535096", "")
    assert (event.subject, event.cost_micros) == ("text", 10_000)
    (picture,) = event.attachments
    assert (picture.kind, picture.url[-12:]) == ("image", "oP5p359h.jpg")
    assert event.occurred_at == datetime(2026, 7, 24, 21, 23, 44, 372_000, tzinfo=UTC)


def test_our_own_direct_message_is_an_echo_to_the_customer():
    event = only("dm_sent")
    assert (event.kind, event.contact, event.author.id) == (EventKind.ECHO, PERSON, US)
    assert (event.text, event.app_id, event.cost_micros) == ("Thanks for the update!", "", 0)


def test_a_read_receipt_covers_all_up_to_its_instant():
    event = only("dm_read")
    assert (event.kind, event.receipt, event.contact) == (
        EventKind.RECEIPT,
        ReceiptState.READ,
        Person(ANA),
    )
    assert event.watermark_at == event.occurred_at
    assert (event.watermark_at.microsecond, event.message_id) == (0, "")


def test_a_read_receipt_without_its_list_is_read_too():
    flat = {"sender_id": ANA, "created_timestamp": "1784928225000"}
    assert one("dm.read", flat).receipt is ReceiptState.READ
    assert parsed(activity("dm.read", {**flat, "sender_id": US})).ignored == ("x.dm.read_by_us",)
    assert parsed(activity("dm.read", {"sender_id": ANA})).unreadable


def message(**more):
    create = {"sender_id": ANA, "target": {"recipient_id": US}, "message_data": {"text": "a"}}
    return {"type": "message_create", "id": "7", "message_create": {**create, **more}}


def test_each_message_of_a_body_stands_for_itself():
    events = [message(), {**message(), "id": "8"}, {"type": "message_create"}, {"type": "wave"}]
    found = parsed(activity("dm.received", {"direct_message_events": events}))
    assert [event.message_id for event in found.events] == ["7", "8"]
    assert len({event.key for event in found.events}) == 2
    assert [event.cost_micros for event in found.events] == [10_000, 0]
    assert found.ignored == ("x.dm.wave",)
    (odd,) = found.unreadable
    assert odd.reason == "sender_id_missing"
    alone = json.loads(odd.raw)["data"]
    assert alone["payload"]["direct_message_events"] == [{"type": "message_create"}]
    assert alone["event_uuid"] == "1"


def test_a_body_of_messages_without_one_is_kept():
    assert parsed(activity("dm.received", {})).unreadable


def test_our_own_message_needs_somebody_it_was_for():
    events = [message(sender_id=US, target={})]
    assert parsed(activity("dm.sent", {"direct_message_events": events})).unreadable


def test_a_picture_without_words_says_what_it_is():
    media = {"type": "animated_gif", "media_url": "http://old.example/a.jpg"}
    events = [message(message_data={"text": "", "attachment": {"type": "media", "media": media}})]
    (event,) = parsed(activity("dm.received", {"direct_message_events": events})).events
    assert (event.text, event.subject) == ("", "video")
    assert event.attachments[0].url == "http://old.example/a.jpg"


def test_an_encrypted_message_is_a_message_all_the_same():
    event = only("chat_received")
    assert (event.kind, event.public, event.contact) == (EventKind.MESSAGE, False, Person(ANA))
    assert (event.flags, event.subject) == (("encrypted",), "encrypted")
    assert event.text.startswith("(An encrypted message.")
    assert event.message_id == "8e75466b-56ec-4e88-bddf-b18f7cc6030e"
    assert event.occurred_at.year == 2026


def test_our_own_encrypted_message_is_an_echo():
    event = only("chat_sent")
    assert (event.kind, event.contact, event.author.id) == (EventKind.ECHO, Person(ANA), US)
    assert event.text == "(Our own encrypted message, sent in X's own app.)"


def test_our_own_encrypted_message_to_a_group_is_nobodys():
    payload = {"id": "1", "sender_id": US, "conversation_id": "g123"}
    assert parsed(activity("chat.sent", payload)).ignored == ("x.chat.group_sent",)
    (event,) = parsed(activity("chat.received", {**payload, "sender_id": ANA})).events
    assert event.contact == Person(ANA)


# -- other things that happen --------------------------------------------------------------------


@pytest.mark.parametrize(("name", "word"), [("blocked", "blocked"), ("followed", "followed")])
def test_what_happens_between_people_is_noticed(name, word):
    event = only(name)
    assert (event.kind, event.detail, event.contact) == (EventKind.NOTICE, word, PERSON)


def test_what_happens_between_strangers_names_nobody():
    event = one("mute.mute", {"source": {"data": {"id": "8"}}, "target": {"data": {"id": "9"}}})
    assert event.contact is None
    assert one("mute.unmute", {}).author is None


@pytest.mark.parametrize("name", ["revoked", "older_revoked"])
def test_access_that_was_taken_away_is_noticed(name):
    event = only(name)
    assert (event.kind, event.detail, event.account_id) == (EventKind.NOTICE, "revoked", US)
    assert event.occurred_at == datetime(2026, 7, 23, 21, 44, 5, tzinfo=UTC)


def test_the_end_of_a_replay_is_no_event():
    assert recorded("replay_finished") == Parsed(ignored=("x.replay_job",))
    assert parsed({"data": {"id": "1"}, "matching_rules": []}).ignored == ("x.filtered_stream",)


# -- the older form ------------------------------------------------------------------------------


def test_older_posts_are_read_as_the_newer_ones_are():
    found = recorded("older_posts")
    mention, long, quote, own = found.events
    assert found.ignored == ("x.repost",)
    assert (mention.contact, mention.flags, mention.subject) == (PERSON, ("summoned",), "mention")
    assert (mention.message_id, mention.account_id) == ("1925200000000000001", US)
    assert mention.occurred_at == datetime(2025, 5, 21, 14, 1, 46, 123_000, tzinfo=UTC)
    assert long.text == "this is a very long story with a picture"
    assert [one.url for one in long.attachments] == [
        "https://pbs.twimg.com/media/p.jpg",
        "https://video.twimg.com/large.mp4",
    ]
    assert (long.parent_id, long.flags) == ("1925200000000000000", ())
    assert long.occurred_at == datetime(2025, 5, 21, 14, 1, 46, tzinfo=UTC)
    assert (quote.subject, quote.flags) == ("quote", ("summoned",))
    assert (own.kind, own.contact, own.parent_id) == (
        EventKind.ECHO,
        None,
        "1925200000000000001",
    )
    assert own.text == "We are on it."


def test_an_older_post_that_cannot_be_read_is_kept_alone():
    (odd,) = recorded("older_posts").unreadable
    alone = json.loads(odd.raw)
    assert odd.reason == "id_rounded"
    assert (alone["for_user_id"], len(alone["tweet_create_events"])) == (US, 1)


def test_older_posts_of_one_person_stay_one_conversation():
    """The root of a thread is not told there; the id of it is, in some."""
    mention, long, _, _ = recorded("older_posts").events
    assert mention.post_id == long.post_id == ""
    user = {"id_str": ANA}
    tweet = {"id_str": "5", "user": user, "text": "a", "conversation_id_str": "3"}
    (event,) = parsed({"for_user_id": US, "tweet_create_events": [tweet]}).events
    assert (event.post_id, event.subject) == ("3", "post")


def test_older_messages_are_read_as_the_newer_ones_are():
    found = recorded("older_messages")
    first, phone, tool = found.events
    assert (first.contact, first.text, len(first.attachments)) == (PERSON, "two pictures", 2)
    assert first.attachments[1].url == "https://video.twimg.com/dm_video/1.mp4"
    assert (phone.kind, phone.app_id, phone.contact) == (EventKind.ECHO, "", PERSON)
    assert (tool.kind, tool.app_id) == (EventKind.ECHO, "777")
    assert found.ignored == ("x.dm.participants_join",)


def test_the_other_kinds_of_the_older_form():
    found = recorded("older_others")
    assert [(event.kind, event.detail) for event in found.events] == [
        (EventKind.NOTICE, "unfollowed"),
        (EventKind.NOTICE, "blocked"),
        (EventKind.NOTICE, "unmuted"),
        (EventKind.RECEIPT, ""),
        (EventKind.DELETE, ""),
    ]
    assert found.ignored == (
        "x.relation.poke",
        "x.favorite",
        "x.dm.typing",
        "x.dm.read_by_us",
        "x.hologram_events",
    )
    assert found.events[4].contact is None


def test_an_older_post_without_its_writer_is_kept():
    body = {"for_user_id": US, "tweet_create_events": [{"id_str": "5", "user": {"name": "?"}}]}
    assert parsed(body).unreadable[0].reason == "user_missing"


def test_an_event_without_a_kind_is_kept_whole():
    assert parsed({"data": {}}).unreadable[0].reason == "not_x"


def test_somebody_elses_older_deletion_names_them():
    gone = {"status": {"id": "5", "user_id": ANA}}
    (event,) = parsed({"for_user_id": US, "tweet_delete_events": [gone]}).events
    assert event.contact == Person(ANA)


def test_an_older_body_for_nobody_is_refused_and_the_handle_stands_in():
    body = {"tweet_delete_events": [{"status": {"id": "5"}}]}
    assert parsed(body).events[0].account_id == US
    with pytest.raises(PayloadError, match="for_user_id_missing"):
        parsed(body, account_id="")


def test_more_than_a_body_can_hold_is_refused():
    many = {"for_user_id": US, "favorite_events": [{}] * 10_001}
    with pytest.raises(PayloadError, match="too_many"):
        parsed(many)
    found = parsed(activity("dm.received", {"direct_message_events": [{}] * 10_001}))
    assert [odd.reason for odd in found.unreadable] == ["too_many"]


def test_what_is_kept_of_an_odd_body_does_not_grow_beyond_it():
    users = {str(number): {"id": str(number), "name": "a" * 100} for number in range(1_000)}
    odd = {"direct_message_events": [{"type": "message_create"}] * 500, "users": users}
    for body in (activity("dm.received", odd), {"for_user_id": US, **odd}):
        kept = parsed(body).unreadable
        assert len(kept) == 500
        assert sum(len(one.raw) for one in kept) < 2 * len(json.dumps(body))


@pytest.mark.parametrize("body", [{}, {"data": []}, {"object": "page", "entry": []}, []])
def test_a_body_of_another_network_is_refused(body):
    with pytest.raises(PayloadError):
        parsed(body)


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hidden", "shown"),
    [
        ("@acme @bob hi", 11, "hi"),
        ("@acme @bob hi", 6, "@bob hi"),
        ("@acme hi", 0, "@acme hi"),
        ("hello there", 6, "hello there"),
        ("@acme hi", 40, "@acme hi"),
        ("&amp;lt; is &lt;", 0, "&lt; is <"),
    ],
)
def test_only_people_answered_are_taken_from_the_words(text, hidden, shown):
    assert words.shown(text, hidden, []) == shown


def test_a_link_that_is_also_a_picture_is_no_words():
    """A direct message lists its picture twice: among the links, and as its attachment."""
    short = "https://t.co/p"
    link = {"url": short, "expanded_url": "https://x.com/messages/media/1"}
    picture = {"url": short, "media_url_https": "https://ton.twitter.com/a.jpg"}
    assert words.shown(f"look {short}", 0, [link, picture]) == "look"


# -- who sent it ---------------------------------------------------------------------------------


def test_the_second_secret_fits_too_and_is_told():
    headers = {HEADER: "sha256=" + signature.sign("b", b"{}")}
    proven = XRoom().verify(b"{}", headers, {"consumer_secrets": ["a", "b"]}, NOW)
    assert (proven.body, proven.secret_index) == (b"{}", 1)


def test_one_right_header_of_two_is_enough():
    headers = {
        HEADER: "sha256=" + signature.sign("other", b"{}"),
        HEADER.upper() + "-OAUTH2": "sha256=" + signature.sign("a", b"{}"),
    }
    assert XRoom().verify(b"{}", headers, {"consumer_secrets": ["a"]}, NOW)


@pytest.mark.parametrize("listed", [None, "a", [""], [None, 5], {}])
def test_a_secret_that_is_none_lets_nobody_in(listed):
    headers = {HEADER: "sha256=" + signature.sign("", b"body")}
    with pytest.raises(SignatureError, match="no_secret"):
        XRoom().verify(b"body", headers, {"consumer_secrets": listed}, NOW)
    with pytest.raises(SignatureError) as refused:
        XRoom().handshake({"crc_token": "a"}, {"consumer_secrets": listed})
    assert refused.value.status == 403


def test_x_is_answered_with_its_token_signed_by_the_first_secret():
    """`openssl dgst -sha256 -hmac consumer-secret-one -binary` over the token."""
    secret = {"consumer_secrets": ["consumer-secret-one", "other"]}
    said = XRoom().handshake({"crc_token": "crc-token-1a2b3c"}, secret)
    proof = "sha256=x9BWy2UIV/92HWlSo9h97U/pzz4/zx4NgBxl4mAp4fg="
    assert json.loads(said.body) == {"response_token": proof}
    assert (said.content_type, said.status) == ("application/json", 200)


@pytest.mark.parametrize(
    ("token", "reason"), [("", "missing"), ("é", "malformed"), ("{}", "malformed")]
)
def test_a_question_that_is_none_is_a_passing_fault_to_x(token, reason):
    """A wrong answer in a 2xx would switch the webhook off; a 4xx does not."""
    with pytest.raises(SignatureError, match=f"crc_token_{reason}") as refused:
        XRoom().handshake({"crc_token": token}, {"consumer_secrets": ["a"]})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "signature_missing"),
        ({HEADER: ""}, "signature_missing"),
        ({HEADER: "sha256=é"}, "signature_malformed"),
        ({HEADER: "sha256=" + "A" * 43 + "="}, "signature_wrong"),
    ],
)
def test_a_request_without_its_proof_is_refused(headers, reason):
    with pytest.raises(SignatureError, match=reason) as refused:
        XRoom().verify(b"body", headers, {"consumer_secrets": ["a"]}, NOW)
    assert refused.value.status == 401


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
KINDS = st.sampled_from(
    ["post.mention.create", "post.delete", "dm.received", "dm.read", "chat.sent", "block.block"]
)
LISTS = st.sampled_from(
    ["tweet_create_events", "direct_message_events", "follow_events", "tweet_delete_events"]
)
TYPES = st.sampled_from(["message_create", "follow"])
ROWS = st.fixed_dictionaries(
    {},
    optional={"id_str": JSON, "user": JSON, "message_create": JSON, "status": JSON, "type": TYPES},
)


@given(kind=KINDS, payload=JSON, includes=JSON, account=JSON)
def test_whatever_comes_is_read_or_kept(kind, payload, includes, account):
    data = {"event_type": kind, "payload": payload, "includes": includes, "filter": account}
    try:
        found = parsed({"data": data})
    except PayloadError:
        return
    assert found.events or found.ignored or found.unreadable


@given(kind=LISTS, rows=JSON, row=ROWS)
def test_whatever_comes_in_the_older_form_is_read_or_kept(kind, rows, row):
    try:
        found = parsed({"for_user_id": US, kind: [row, rows]})
    except PayloadError:
        return
    assert len(found.events) + len(found.ignored) + len(found.unreadable) == 2
