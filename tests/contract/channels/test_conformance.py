"""What every channel with webhooks keeps, whatever its platform: one suite over all specimens.

A promise that a network cannot be asked for (Telegram tells of no deletion) is not run for it; the
last test of this file says which those are, so that none goes missing unseen.
"""

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.channels.contract import PayloadError, SignatureError, UnknownChannelError
from chalicelib.channels.registry import ROOMS, room, room_of
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, SendState
from tests.contract.channels.platform import platform
from tests.contract.channels.specimen import NOW, Signed, Specimen, Words
from tests.contract.channels.specimens import SPECIMENS

NAMES = [specimen.name for specimen in SPECIMENS]
every = pytest.mark.parametrize("it", SPECIMENS, ids=NAMES)
proving = pytest.mark.parametrize(
    "it", [one for one in SPECIMENS if one.signature_header()], ids=lambda one: one.name
)
"""Those whose webhooks carry a proof. The others come by a lane that AWS itself guards."""

ODD_PROOFS = ["", " ", "é", "sha256=", "sha256=é", "\u202e", "v1,", "x" * 5_000, "0" * 64]
POLLED = {"youtube", "mastodon", "bluesky"}
"""Rooms without webhooks: they have suites of their own (test_polled_*.py)."""


def verified(it: Specimen, signed: Signed, *, at=NOW, secret=None):
    held = it.secret if secret is None else secret
    return room(it.room).verify(signed.body, signed.headers, held, at, url=signed.url)


def parsed(it: Specimen, body: bytes, event_id: str = "", at=NOW):
    found = room(it.room).parse(body, at, account_id=it.handle.account_id, event_id=event_id)
    assert not found.unreadable
    return found


def only(it: Specimen, body: bytes, **facts) -> ChannelEvent:
    (event,) = parsed(it, body, **facts).events
    return event


def changed(headers, name, value):
    return {
        **{key: held for key, held in headers.items() if key.lower() != name.lower()},
        name: value,
    }


# -- who sent it ---------------------------------------------------------------------------------


@every
def test_the_platforms_question_is_answered_and_a_strangers_is_refused(it):
    questions = it.handshakes()
    if not questions:
        with pytest.raises(SignatureError):
            room(it.room).handshake({"hub.challenge": "1", "crc_token": "x"}, it.secret)
    for question in questions:
        if question.said is None:
            with pytest.raises(SignatureError) as refused:
                room(it.room).handshake(question.query, it.secret)
            assert refused.value.status in (401, 403)
        else:
            assert room(it.room).handshake(question.query, it.secret) == question.said


@every
def test_a_question_never_fails_otherwise(it):
    for query in ({}, {"é": "é"}, {"crc_token": ""}, {"hub.mode": "subscribe"}):
        with pytest.raises(SignatureError):
            room(it.room).handshake(query, {})


@every
def test_signatures_that_somebody_else_computed_fit(it):
    for vector in it.vectors():
        check = lambda one=vector: verified(it, one.signed, secret=one.secret)
        if vector.good:
            assert check().body == vector.signed.body, vector.name
        else:
            with pytest.raises(SignatureError):
                check()


@every
def test_what_the_platform_sends_is_taken(it):
    signed = it.sign(it.message(Words()))
    assert parsed(it, verified(it, signed).body).events


@proving
def test_one_changed_byte_is_refused(it):
    if not it.signs_body:
        return
    body = it.message(Words())
    signed = it.sign(body)
    for place in (0, len(body) // 2, len(body) - 1):
        other = bytes([*body[:place], body[place] ^ 1, *body[place + 1 :]])
        with pytest.raises(SignatureError):
            verified(it, replace(signed, body=other))


@proving
def test_a_body_cut_short_or_grown_is_refused(it):
    if not it.signs_body:
        return
    signed = it.sign(it.message(Words()))
    for other in (signed.body[:-1], signed.body + b" x=1", b""):
        with pytest.raises(SignatureError):
            verified(it, replace(signed, body=other))


@proving
def test_the_bytes_are_proved_and_not_their_meaning(it):
    body = it.message(Words(text="héllo 🙂 <b>"))
    other = it.reserialised(body)
    if other is None or not it.signs_body:
        return
    assert other != body
    with pytest.raises(SignatureError):
        verified(it, replace(it.sign(body), body=other))


@proving
@pytest.mark.parametrize("odd", ODD_PROOFS)
def test_an_odd_proof_is_refused_and_never_a_fault(it, odd):
    signed = it.sign(it.message(Words()))
    with pytest.raises(SignatureError):
        verified(it, replace(signed, headers=changed(signed.headers, it.signature_header(), odd)))


@proving
def test_a_missing_proof_is_refused(it):
    with pytest.raises(SignatureError):
        verified(it, replace(it.sign(it.message(Words())), headers={}))


@proving
def test_headers_are_found_however_they_are_written(it):
    signed = it.sign(it.message(Words()))
    for write in (str.lower, str.upper, str.title):
        headers = {write(name): value for name, value in signed.headers.items()}
        assert verified(it, replace(signed, headers=headers)).body == signed.body


@proving
def test_another_secret_proves_nothing_and_no_secret_less_than_that(it):
    signed = it.sign(it.message(Words()))
    for secret in ({}, _emptied(it.secret), _altered(it.secret)):
        with pytest.raises(SignatureError):
            verified(it, signed, secret=secret)


@proving
def test_a_captured_request_is_refused_once_it_is_old_where_the_platform_signs_the_time(it):
    signed = it.sign(it.message(Words()), NOW)
    assert verified(it, signed, at=NOW + timedelta(seconds=60)).body == signed.body
    for at in (NOW + timedelta(days=2), NOW - timedelta(days=2)):
        if it.signs_time:
            with pytest.raises(SignatureError):
                verified(it, signed, at=at)
        else:
            assert verified(it, signed, at=at).body == signed.body


# -- what it says --------------------------------------------------------------------------------


@every
def test_a_message_says_who_where_what_and_when(it):
    at = NOW - timedelta(minutes=3)
    event = only(it, it.message(Words(at=at)))
    assert event.kind is EventKind.MESSAGE
    assert event.channel is it.handle.channel
    assert event.account_id == it.handle.account_id
    assert event.public is it.public
    assert event.text == "Where is my order?"
    assert event.contact is not None
    assert event.contact.id != it.handle.account_id
    assert event.message_id
    assert event.received_at == NOW
    if event.occurred_at is not None:  # Twilio tells no time
        assert abs(event.occurred_at - at) < timedelta(seconds=1)


@every
def test_the_same_delivery_is_the_same_event_however_often_and_whenever_it_comes(it):
    body = it.message(Words())
    first = only(it, body, event_id="d1")
    again = only(it, body, event_id="d1", at=NOW + timedelta(hours=5))
    assert (first.key, first.message_id) == (again.key, again.message_id)


@every
def test_different_messages_are_different_events(it):
    made = [
        only(it, it.message(Words(id=f"90071992547409{number}")), event_id=f"d{number}")
        for number in range(20, 40)
    ]
    assert len({event.key for event in made}) == len({event.message_id for event in made}) == 20


@every
def test_the_same_customer_is_the_same_person_and_others_are_not(it):
    ana = only(it, it.message(Words(id="9007199254740991")))
    again = only(it, it.message(Words(id="9007199254740993", text="Hello?")))
    bob = only(it, it.message(Words(id="9007199254740997", who="9007199254741999", name="Bob")))
    assert ana.contact.id == again.contact.id != bob.contact.id


@every
def test_a_body_with_many_messages_gives_all_of_them_in_order(it):
    many = [
        Words(id=f"90071992547409{number}", text=f"message {number}") for number in range(30, 40)
    ]
    body = it.batch(many)
    if body is None:
        return
    events = parsed(it, body).events
    assert [event.text for event in events] == [words.text for words in many]
    assert len({event.key for event in events}) == len(many)
    backwards = parsed(it, it.batch(many[::-1])).events
    assert Counter(event.key for event in backwards) == Counter(event.key for event in events)


@every
def test_long_numbers_stay_what_they_are(it):
    """Ids above 2**53, as text and, where the platform has done so, as numbers."""
    words = Words(id="9007199254740993", who="9007199254740995")
    as_text = only(it, it.message(words))
    as_number = only(it, it.message(replace(words, numeric=True)))
    assert as_text.message_id == as_number.message_id
    assert as_text.contact.id == as_number.contact.id
    near = only(it, it.message(replace(words, id="9007199254740992")))
    assert near.message_id != as_text.message_id


@every
def test_seconds_and_milliseconds_are_the_same_instant(it):
    at = NOW - timedelta(minutes=7)
    times = {
        only(it, it.message(Words(at=at, milliseconds=unit))).occurred_at
        for unit in (None, True, False)
    }
    if times == {None}:
        return
    assert all(abs(found - at) < timedelta(seconds=1) for found in times)


@every
@pytest.mark.parametrize(
    "text",
    ["a", "héllo 🙂👨‍👩‍👧‍👦", "\u202eolleh", "a\nb\tc", "<script>alert(1)</script>", '"\\/é', "0"],
    ids=["one letter", "emoji", "right to left", "lines", "markup", "quotes", "zero"],
)
def test_words_arrive_as_they_were_written(it, text):
    assert only(it, it.message(Words(text=text))).text == text


@every
def test_an_empty_message_is_no_fault(it):
    found = room(it.room).parse(it.message(Words(text="")), NOW, account_id=it.handle.account_id)
    assert not found.unreadable
    assert all(event.text == "" for event in found.events)


@every
def test_an_enormous_text_is_read_whole_or_kept_whole(it):
    text = "long " * 40_000
    body = it.message(Words(text=text))
    try:
        found = room(it.room).parse(body, NOW, account_id=it.handle.account_id)
    except PayloadError:
        return  # the door keeps the body
    said = "".join(event.text + event.quoted for event in found.events)
    assert found.unreadable or len(said) >= len(text.strip())


@every
def test_an_echo_is_the_brands_own_and_never_a_customers_message(it):
    body = it.echo(Words(id="9007199254740999", text="We are on it."), token="")
    if body is None:
        return
    event = only(it, body)
    assert event.kind is EventKind.ECHO
    assert event.text == "We are on it."
    if not event.public:
        assert event.contact is not None
        assert event.contact.id != it.handle.account_id


@every
def test_an_edit_names_its_message_and_carries_the_new_words(it):
    body = it.edit(Words(text="Where is my second order?", at=NOW + timedelta(seconds=40)))
    if body is None:
        return
    event, before = only(it, body), only(it, it.message(Words()))
    assert (event.kind, event.text) == (EventKind.EDIT, "Where is my second order?")
    assert event.message_id == before.message_id
    assert event.key != before.key


@every
def test_a_deletion_names_its_message(it):
    body = it.delete(Words(at=NOW + timedelta(seconds=50)))
    if body is None:
        return
    event, before = only(it, body), only(it, it.message(Words()))
    assert event.kind is EventKind.DELETE
    assert event.message_id == before.message_id
    assert event.key != before.key


@every
def test_a_reaction_names_its_message_and_is_no_message(it):
    body = it.reaction(Words())
    if body is None:
        return
    event = only(it, body)
    assert event.kind is EventKind.REACTION
    assert event.emoji


@every
def test_a_receipt_is_about_a_message_of_ours(it):
    states = {
        state: it.receipt(Words(), state) for state in ("sent", "delivered", "read", "failed")
    }
    keys = set()
    for state, body in states.items():
        if body is None:
            continue
        event = only(it, body)
        assert (event.kind, event.receipt) == (EventKind.RECEIPT, state)
        keys.add(event.key)
    assert len(keys) == sum(body is not None for body in states.values())


@every
def test_every_event_about_one_message_has_a_key_of_its_own(it):
    made = [it.message(Words()), it.edit(Words(text="other")), it.delete(Words())]
    keys = [only(it, body).key for body in made if body is not None]
    assert len(set(keys)) == len(keys)


@every
def test_what_the_platform_may_invent_tomorrow_is_counted_and_no_fault(it):
    found = parsed(it, it.unknown())
    assert found.ignored or all(event.kind is EventKind.NOTICE for event in found.events)


@every
def test_what_cannot_be_read_is_kept_so_that_it_can_be_read_later(it):
    body = it.odd()
    if body is None:
        return
    found = room(it.room).parse(body, NOW, account_id=it.handle.account_id)
    assert found.unreadable
    for odd in found.unreadable:
        again = room(it.room).parse(odd.raw, NOW, account_id=it.handle.account_id)
        assert again.unreadable
        assert not again.events


@every
@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"null", b"[]", b"{}", b"nonsense", b"\xff\xfe", b"=" * 99]
)
def test_a_body_of_another_world_is_refused_and_never_a_fault(it, body):
    try:
        events = room(it.room).parse(body, NOW, account_id=it.handle.account_id).events
    except PayloadError:
        return  # the door keeps the body
    assert not events


# -- what we say ---------------------------------------------------------------------------------


@every
def test_a_reply_is_accepted_with_the_platforms_id(it):
    if not it.place():
        return
    with platform() as shown:
        shown.status, shown.body = it.accepted()
        result = room(it.room).send(it.outgoing(), it.secret, shown.places(it.place()))
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, it.accepted_id())
    assert shown.asked


@every
def test_every_kind_of_no_is_understood(it):
    if not it.place():
        return
    seen = set()
    for failure in it.failures():
        with platform() as shown:
            shown.status, shown.body, shown.headers = failure.status, failure.body, failure.headers
            result = room(it.room).send(it.outgoing(), it.secret, shown.places(it.place()))
        found = (result.state, result.error_class)
        assert found == (failure.state, failure.error_class), failure.name
        assert result.error_code, failure.name
        if failure.wait is not None:
            assert result.retry_after_seconds == failure.wait, failure.name
        seen.add(failure.error_class)
    assert {ErrorClass.THROTTLED, ErrorClass.UNAVAILABLE, ErrorClass.CHANNEL} <= seen
    assert seen & {ErrorClass.RECIPIENT, ErrorClass.CONTENT}


@every
def test_no_answer_is_never_taken_for_a_no(it):
    """What may have been sent is unknown, unless the platform knows a repeat for one."""
    if not it.place():
        return
    with platform() as shown:
        shown.hang = True
        result = room(it.room).send(it.outgoing(), it.secret, shown.places(it.place()))
    repeatable = room(it.room).capabilities(it.handle, public=it.public).repeatable
    assert result.state is SendState.UNKNOWN or (repeatable and result.state is SendState.RETRY)


@every
def test_a_platform_that_is_not_there_is_tried_again(it):
    if not it.place():
        return
    with platform() as shown:
        places = shown.places(it.place())
    result = room(it.room).send(it.outgoing(), it.secret, places)
    assert (result.state, result.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)


@every
def test_no_key_of_ours_is_in_what_is_told_of_a_failure(it):
    if not it.place():
        return
    told = json.dumps([list(_texts(it.secret))])
    for status in (400, 401, 403, 500):
        with platform() as shown:
            shown.status = status
            shown.body = json.dumps(
                {
                    "error": {"message": told},
                    "message": told,
                    "detail": told,
                    "description": told,
                    "errors": [{"message": told}],
                }
            ).encode()
            result = room(it.room).send(it.outgoing(), it.secret, shown.places(it.place()))
        for key in _texts(it.secret):
            assert len(key) < 8 or key not in result.error_text


@every
def test_without_a_secret_nothing_is_sent_and_it_is_said(it):
    if not it.place():
        return
    with platform() as shown:
        result = room(it.room).send(it.outgoing(), {}, shown.places(it.place()))
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.CHANNEL)
    assert shown.asked == []


@every
def test_the_limits_can_be_shown_before_anybody_types(it):
    can = room(it.room).capabilities(it.handle, public=it.public)
    assert can.text_limit > 0
    assert can.measure("hello") == 5
    assert can.window_seconds is None or can.after_window
    assert (can.files == 0) == (not can.file_kinds)
    assert set(can.file_kinds) <= {"image", "video", "audio", "document"}


@every
def test_somebody_who_connects_it_is_told_how(it):
    url = "https://care.example.com/webhooks/here"
    for secret in ({}, it.secret):
        steps = room(it.room).guide(it.handle, url, secret)
        assert len(steps) >= 2
        told = "\n".join(steps)
        for hidden in _texts(
            {name: held for name, held in it.secret.items() if "verify" not in name}
        ):
            assert len(hidden) < 8 or hidden not in told
    assert it.room in {"standard", "sms", "email"} or url in told


# -- all of them ---------------------------------------------------------------------------------


def test_every_room_has_a_specimen_or_a_suite_of_its_own():
    assert {specimen.room for specimen in SPECIMENS} | POLLED == set(ROOMS)


def test_every_channel_has_a_room():
    for channel in Channel:
        assert room_of(Handle("h", channel, "1", "H", "care"))
    with pytest.raises(UnknownChannelError):
        room_of(Handle("h", Channel.SMS, "1", "H", "care", settings={"provider": "nobody"}))


BUILDERS = ("batch", "echo", "edit", "delete", "reaction", "odd")
SMS = {"batch", "echo", "edit", "delete", "reaction"}
LACKING = {
    # What a platform does not tell, and so cannot be asked of its room.
    "aws-sms": SMS,  # an SMS stands alone and never changes
    "twilio-sms": SMS,
    "twilio-whatsapp": SMS,  # Twilio passes on none of WhatsApp's edits and reactions
    "email": {"batch", "edit", "delete", "reaction"},  # a mail is a mail
    "line-private": {"echo", "edit", "reaction"},  # what the account says does not come back
    "line-group": {"echo", "edit", "reaction"},
    "meta-instagram-comments": {"edit", "delete", "reaction"},  # comments carry no verb
    "standard-private": {"batch", "reaction", "odd"},  # our own format: one event a delivery
    "standard-public": {"batch", "reaction", "odd"},
    "telegram-private": {"batch", "delete"},  # one update a delivery, no deletions
    "telegram-group": {"batch", "delete"},
    "telegram-business": {"batch", "reaction"},
    "x-posts": {"batch", "reaction"},  # one event a delivery; likes are nobody's words
    "x-posts-older": {"reaction"},
    "x-dms": {"edit", "delete", "reaction"},
    "x-dms-older": {"edit", "delete", "reaction"},
}


def test_what_each_network_cannot_be_asked_is_known():
    """Fails when a builder goes missing: then a promise would not be checked any more."""
    found = {
        (it.name, name)
        for it, name in itertools.product(SPECIMENS, BUILDERS)
        if _built(it, name) is None
    }
    known = {(name, builder) for name, builders in LACKING.items() for builder in builders}
    assert found == known


def _built(it: Specimen, name: str) -> bytes | None:
    return (
        it.odd() if name == "odd" else getattr(it, name)([Words()] if name == "batch" else Words())
    )


def _texts(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    held = value.values() if isinstance(value, dict) else value
    return [text for one in held for text in _texts(one)]


def _emptied(secret):
    return {name: "" if isinstance(held, str) else type(held)() for name, held in secret.items()}


def _altered(secret):
    def other(value):
        if isinstance(value, str):
            return value[:-1] + ("A" if value[-1:] != "A" else "B") if value else value
        if isinstance(value, dict):
            return {name: other(held) for name, held in value.items()}
        return [other(one) for one in value]

    return {name: other(held) for name, held in secret.items()}
