"""Traps of the platforms that others fell into: each is shown here, or by the test named for it.

The list is that of the wire facts (protocols part 9), by its numbers. 31 to 33 (Google Play,
LinkedIn, TikTok) belong to channels that Hearback has not.
"""

import ast
import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from chalicelib.channels.contract import PayloadError, SignatureError
from chalicelib.channels.network import callback_url
from chalicelib.channels.registry import room, room_of
from chalicelib.domain.channel import Channel, LimitUnit
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle
from chalicelib.entrypoints.receiving import group_of
from tests.contract.channels.specimen import NOW, Specimen, Words
from tests.contract.channels.specimens import SPECIMENS

ROOT = Path(__file__).parents[3]
every = pytest.mark.parametrize("it", SPECIMENS, ids=lambda one: one.name)

CONFORMANCE = "contract/channels/test_conformance.py"
SHOWN = {
    "0 a handshake has no signature": [
        "unit/channels/test_vectors.py::test_the_handshake_has_no_signature_and_is_answered_with_the_challenge",
        "unit/entrypoints/test_webhooks.py::test_the_handshake_echoes_the_challenge_as_plain_text",
    ],
    "1 JSON that was written anew has another signature": [
        f"{CONFORMANCE}::test_the_bytes_are_proved_and_not_their_meaning"
    ],
    "2 a header outside ASCII is no fault": [
        f"{CONFORMANCE}::test_an_odd_proof_is_refused_and_never_a_fault",
        "unit/entrypoints/test_webhooks.py::test_no_header_makes_it_a_fault",
    ],
    "3 a delivery holds more than its first element": [
        f"{CONFORMANCE}::test_a_body_with_many_messages_gives_all_of_them_in_order",
        "unit/channels/test_envelope.py::test_every_entry_every_change_and_every_item_is_read",
    ],
    "4 seconds and milliseconds": [
        f"{CONFORMANCE}::test_seconds_and_milliseconds_are_the_same_instant",
        "contract/channels/test_traps.py::test_one_body_may_mix_seconds_milliseconds_and_text",
    ],
    "5 ids as numbers": [
        f"{CONFORMANCE}::test_long_numbers_stay_what_they_are",
        "unit/channels/test_x.py::test_a_number_that_went_through_a_float_is_no_id",
    ],
    "6 edit and edited": [
        "unit/channels/test_facebook_page.py::test_edit_and_edited_mean_the_same_and_carry_the_time_of_the_edit"
    ],
    "7 what is usually there may be missing": [
        "contract/channels/test_traps.py::test_no_missing_field_is_a_fault_or_costs_another_element"
    ],
    "8 our own comment is no customer": [
        "unit/channels/test_facebook_page.py::test_our_own_comment_is_an_echo_and_never_a_customer",
        f"{CONFORMANCE}::test_an_echo_is_the_brands_own_and_never_a_customers_message",
    ],
    "9 an echo before the answer": [
        "unit/workflows/test_echoes.py::test_an_echo_before_the_call_returned_settles_the_reply"
    ],
    "10 echoes are no one lane": [
        "contract/channels/test_traps.py::test_an_echo_waits_behind_its_customer_and_not_behind_the_brand"
    ],
    "11 Meta unsubscribes and says nothing": [
        "unit/channels/test_meta_looking.py::test_a_lost_subscription_is_renewed_and_keeps_what_was_there",
        "unit/channels/test_meta_looking.py::test_accounts_are_probed_every_hour",
    ],
    "12 Instagram has a secret of its own": [
        "unit/channels/test_vectors.py::test_a_webhook_signed_with_the_instagram_apps_own_secret_is_taken"
    ],
    "13 one message tag is left": [
        "unit/channels/test_sending.py::test_only_a_person_may_answer_after_the_window_and_only_under_the_one_tag_left"
    ],
    "14 Instagram counts bytes": [
        "contract/channels/test_traps.py::test_instagram_counts_bytes_in_private"
    ],
    "15 one private reply, within seven days": [
        "unit/workflows/test_invites.py::test_nobody_is_invited_twice_by_one_item_and_again_by_another",
        "unit/workflows/test_invites.py::test_it_may_be_too_late_to_invite",
    ],
    "16 customers without a number, and with another one": [
        "unit/channels/test_whatsapp.py::test_customers_known_only_by_bsuid_are_known",
        "unit/channels/test_whatsapp.py::test_a_change_of_number_or_bsuid_is_an_identity_event",
    ],
    "17 a number that is not the one that was dialled": [
        "contract/channels/test_traps.py::test_a_number_written_in_two_ways_is_answered_as_it_wrote"
    ],
    "18 accepted is not delivered": [
        "unit/channels/test_whatsapp.py::test_statuses_are_receipts_with_our_token"
    ],
    "19 edits and revokes have ids of their own": [
        "unit/channels/test_whatsapp.py::test_edits_and_revokes_have_own_ids_and_name_the_message"
    ],
    "20 a reaction is taken back": [
        "unit/channels/test_whatsapp.py::test_reactions_are_put_and_taken_back_in_two_ways",
        "unit/channels/test_messenger.py::test_a_reaction_is_taken_back_without_an_emoji",
    ],
    "21 X's question": [
        "unit/channels/test_x.py::test_x_is_answered_with_its_token_signed_by_the_first_secret",
        "unit/channels/test_x.py::test_a_question_that_is_none_is_a_passing_fault_to_x",
        "contract/channels/test_traps.py::test_the_address_we_tell_never_redirects_and_is_never_rewritten",
    ],
    "22 both of X's APIs": [
        "unit/channels/test_x.py::test_older_posts_are_read_as_the_newer_ones_are"
    ],
    "23 X lets answer who summoned, for a price, at a rate": [
        "unit/workflows/test_limits.py::test_where_only_the_summoned_may_answer_nobody_else_does",
        "unit/channels/test_x_sending.py::test_what_a_message_costs",
        "unit/channels/test_x_sending.py::test_the_limits_of_posts_and_of_direct_messages",
    ],
    "24 an edited post has another id": [
        "unit/channels/test_x.py::test_an_edit_is_a_later_text_of_the_first_post"
    ],
    "25 encrypted messages": [
        "unit/channels/test_x.py::test_an_encrypted_message_is_a_message_all_the_same"
    ],
    "26 Telegram": [
        "unit/channels/test_telegram.py::test_an_update_that_cannot_be_read_never_blocks_its_chat",
        "unit/channels/test_telegram.py::test_a_delivery_is_thanked_with_nothing_that_could_be_carried_out",
        "unit/channels/test_telegram_sending.py::test_the_token_is_in_no_error_and_no_log",
        "unit/channels/test_telegram_sending.py::test_a_group_that_moved_is_named_by_its_new_id",
    ],
    "27 Twilio": [
        "unit/channels/test_twilio.py::test_the_host_that_the_request_names_does_not_matter",
        "unit/channels/test_twilio.py::test_an_answer_is_empty_twiml_because_anything_else_would_reach_the_customer",
        "contract/channels/test_traps.py::test_twilios_address_may_have_a_stage_and_its_form_blanks",
    ],
    "28 SNS": [
        "unit/entrypoints/test_webhooks.py::test_the_type_of_a_signed_body_does_not_matter",
        "unit/channels/test_sms.py::test_any_other_address_is_nobodys_certificate",
        "unit/channels/test_sms.py::test_raw_delivery_has_no_signature_and_is_refused",
    ],
    "29 SES": [
        "unit/entrypoints/test_notices.py::test_the_file_by_which_ses_tries_the_bucket_is_left_aside",
        "unit/channels/test_email_sending.py::test_a_reply_is_sent_once_and_known_by_the_id_that_customers_will_quote",
        "unit/channels/test_email_reading.py::test_the_header_of_the_recipients_does_not_matter",
    ],
    "30 mail loops": [
        "unit/channels/test_email_threads.py::test_our_own_mail_that_came_back_is_left_aside",
        "unit/channels/test_email_threads.py::test_what_a_machine_wrote_is_automatic",
    ],
    "34 a dashboard's tests": ["unit/channels/test_envelope.py::test_dashboard_tests_open_nothing"],
    "35 look first, write then": [
        "contract/test_store_contract.py::test_a_message_is_inserted_once_for_ever",
        "contract/test_store_contract.py::test_of_concurrent_commits_exactly_one_wins_each_rev",
    ],
    "36 sent again after no answer": [
        f"{CONFORMANCE}::test_no_answer_is_never_taken_for_a_no",
        "unit/workflows/test_crashes.py::test_a_death_while_sending_never_sends_twice_where_nobody_can_tell",
    ],
}


@pytest.mark.parametrize("trap", SHOWN)
def test_every_trap_has_its_tests(trap):
    for shown in SHOWN[trap]:
        path, name = shown.split("::")
        tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
        assert name in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def test_no_trap_is_forgotten():
    known = {int(trap.split()[0]) for trap in SHOWN}
    assert known | {31, 32, 33} == set(range(37))


def specimen(name: str) -> Specimen:
    (found,) = (one for one in SPECIMENS if one.name == name)
    return found


def parsed(it: Specimen, body: bytes):
    return room(it.room).parse(body, NOW, account_id=it.handle.account_id)


def only(it: Specimen, body: bytes) -> ChannelEvent:
    (event,) = parsed(it, body).events
    return event


# -- 4 -------------------------------------------------------------------------------------------


def test_one_body_may_mix_seconds_milliseconds_and_text():
    at = datetime(2026, 11, 21, 9, 58, tzinfo=UTC)
    seconds = int(at.timestamp())
    stamps = [seconds, seconds * 1000, str(seconds), str(seconds * 1000), at.isoformat()]
    page = "104500000000001"
    said = [
        {
            "sender": {"id": "4711"},
            "recipient": {"id": page},
            "timestamp": stamp,
            "message": {"mid": f"m_{number}", "text": "hi"},
        }
        for number, stamp in enumerate(stamps)
    ]
    entry = {"id": page, "time": seconds * 1000, "messaging": said}
    found = room("meta").parse(json.dumps({"object": "page", "entry": [entry]}).encode(), NOW)
    assert [event.occurred_at for event in found.events] == [at] * len(stamps)


# -- 7 -------------------------------------------------------------------------------------------


HOLDERS = frozenset(
    "entry changes messaging value messages statuses events data payload tweet_create_events"
    " direct_message_events".split()
)
"""Fields that hold the elements: without one of these there is nothing left to lose."""


def paths(value, here=()):
    """Yield where every field of a payload is."""
    pairs = value.items() if isinstance(value, dict) else ()
    listed = enumerate(value) if isinstance(value, list) else ()
    for key, held in itertools.chain(pairs, listed):
        if isinstance(value, dict):
            yield (*here, key)
        yield from paths(held, (*here, key))


def without(value, path):
    """Return a copy of a payload that lacks one field."""
    first, *rest = path
    if not rest:
        return {key: held for key, held in value.items() if key != first}
    if isinstance(value, list):
        return [
            without(held, rest) if number == first else held for number, held in enumerate(value)
        ]
    return {key: without(held, rest) if key == first else held for key, held in value.items()}


def total(found) -> int:
    return len(found.events) + len(found.ignored) + len(found.unreadable)


@every
def test_no_missing_field_is_a_fault_or_costs_another_element(it):
    body = it.batch([Words(id="9007199254740993"), Words(id="9007199254740995", text="Hello?")])
    body = it.message(Words()) if body is None else body
    if body[:1] != b"{" or b"}\n" in body:
        return  # a form, or a mail behind its notice: their rooms' own tests leave fields out
    whole = json.loads(body)
    elements = total(parsed(it, body))
    for path in paths(whole):
        cut = json.dumps(without(whole, path)).encode()
        try:
            found = parsed(it, cut)
        except PayloadError:
            continue  # the door keeps the whole body
        kept_whole = any(odd.raw == cut for odd in found.unreadable)
        assert kept_whole or path[-1] in HOLDERS or total(found) >= elements, path


# -- 10 ------------------------------------------------------------------------------------------


@every
def test_an_echo_waits_behind_its_customer_and_not_behind_the_brand(it):
    if it.public or it.room == "email":
        return  # in public a thread, and in mail each thread, is a conversation of its own
    lanes = set()
    for number in range(3):
        words = Words(id=f"90071992547409{number}", who=f"90071992547419{number}")
        ours = replace(words, id=f"90071992547429{number}", text="We are on it.")
        body = it.echo(ours, token="")
        if body is None:
            return
        lanes.add(group_of(only(it, body)))
        assert group_of(only(it, body)) == group_of(only(it, it.message(words)))
    assert len(lanes) == 3


# -- 14 ------------------------------------------------------------------------------------------


def test_instagram_counts_bytes_in_private():
    handle = Handle("h", Channel.INSTAGRAM, "1", "H", "care")
    can = room_of(handle).capabilities(handle, public=False)
    assert can.text_unit is LimitUnit.BYTES
    assert can.measure("é" * 500) == 1_000 == can.text_limit
    assert can.measure("🙂" * 251) > can.text_limit


# -- 17 ------------------------------------------------------------------------------------------


def test_a_number_written_in_two_ways_is_answered_as_it_wrote():
    """Mexico, Brazil and Argentina: WhatsApp's id of a customer is not the number dialled."""
    it = specimen("meta-whatsapp")
    said = only(it, it.message(Words(who="5491155550100")))
    told = json.loads(it.receipt(Words(id="wamid.1", who="541155550100"), "delivered"))
    receipt = only(it, json.dumps(told).encode())
    assert said.contact.id == "5491155550100"  # a reply goes to the id that wrote
    assert receipt.message_id  # a status is about our message, whatever it calls the customer
    assert receipt.kind is EventKind.RECEIPT


# -- 21 ------------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("public", ["https://care.example.com", "https://care.example.com/"])
def test_the_address_we_tell_never_redirects_and_is_never_rewritten(it, public):
    """No slash at the end, no port, no query, nothing that a gateway would write in another way."""
    url = callback_url(public, it.handle)
    parts = urlsplit(url)
    assert not url.endswith("/")
    assert (parts.port, parts.query, parts.fragment) == (None, "", "")
    assert quote(parts.path) == parts.path
    assert "//" not in parts.path


# -- 27 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://care.example.com/webhooks/twilio/acme-sms",
        "https://abc123.execute-api.eu-west-1.amazonaws.com/api/webhooks/twilio/acme-sms",
    ],
)
def test_twilios_address_may_have_a_stage_and_its_form_blanks(url):
    body = b"Body=Hi&FromCity=&FromZip=&MessageSid=SM1&From=%2B15550199&To=%2B15550100&Zip=1&Zip=2"
    form = parse_qs(body.decode(), keep_blank_values=True)
    text = url + "".join(name + value for name in sorted(form) for value in sorted(form[name]))
    proof = base64.b64encode(hmac.new(b"token", text.encode(), hashlib.sha1).digest()).decode()
    headers, secret = {"X-Twilio-Signature": proof}, {"auth_tokens": ["token"]}
    proven = room("twilio").verify(body, headers, secret, NOW, url=url)
    assert proven.body == body
    without_stage = url.replace("/api/", "/") if "/api/" in url else url.replace("/web", "/api/web")
    with pytest.raises(SignatureError):
        room("twilio").verify(body, headers, secret, NOW, url=without_stage)
    with pytest.raises(SignatureError):
        room("twilio").verify(body.replace(b"FromCity=&", b""), headers, secret, NOW, url=url)
