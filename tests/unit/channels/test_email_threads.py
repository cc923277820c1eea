"""Threads, machines and bounces: where a mail belongs, and what answers nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.email import reply_address
from chalicelib.channels.email.room import EmailRoom
from chalicelib.domain.event import EventKind, ReceiptState
from infra.local.simulator import mails
from infra.local.simulator.happening import Happening
from tests.unit.channels.mailing import (
    ANA,
    CARE,
    KEYS,
    RECEIVED,
    THREAD,
    body,
    event,
    lines,
    news,
    parse,
    recorded,
)

SECRET = {"reply_keys": list(KEYS)}
ADDRESS = f"care+{THREAD}jkxzmwk4db523leo@example.com"
"""The code was computed with openssl: HMAC-SHA256 of reply, account and thread, parted by 0x1f."""


def verified(to, secret=SECRET, url=f"mailto:{CARE}"):
    made = body(b"From: ana@example.net\r\n\r\nHi", to=to)
    return EmailRoom().verify(made, {}, secret, RECEIVED, url=url)


def test_a_reply_address_is_what_openssl_computes():
    assert reply_address.reply_address(CARE, THREAD, KEYS) == ADDRESS


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.upper(), f"<{ADDRESS}>", f" {ADDRESS} "])
def test_a_reply_address_proves_its_conversation_in_any_case(address):
    found = verified([CARE, address])
    assert (found.thread, found.event_id, found.secret_index) == (THREAD, "ses-1", 0)


def test_a_reply_address_of_the_key_before_still_proves_its_conversation():
    old = reply_address.reply_address(CARE, THREAD, KEYS[1:])
    assert (verified([old]).thread, verified([old]).secret_index) == (THREAD, 1)


@pytest.mark.parametrize(
    "address",
    [
        CARE,
        "care+x@example.com",
        ADDRESS.replace("jkx", "jky"),
        ADDRESS.replace("abc", "abd"),
        ADDRESS.replace("care+", "sales+"),
        ADDRESS.replace("example.com", "example.org"),
        ADDRESS.replace("@", "a@"),
        "care+é@example.com",
        "",
        "@",
        "+",
    ],
)
def test_any_other_address_proves_nothing(address):
    assert verified([address], url="").thread == ""


def test_a_reply_address_of_another_handle_proves_nothing_for_this_one():
    assert verified([CARE, ADDRESS.replace("care+", "sales+")]).thread == ""
    sales = reply_address.reply_address("sales@example.com", THREAD, KEYS)
    assert verified([CARE, sales]).thread == ""
    assert verified([CARE, sales], url="mailto:sales@example.com").thread == THREAD


@pytest.mark.parametrize("secret", [{}, {"reply_keys": "x"}, {"reply_keys": [7, "", "short"]}])
def test_without_a_usable_key_nothing_is_proved(secret):
    assert verified([ADDRESS], secret).thread == ""


@given(st.text(max_size=80))
def test_any_text_is_an_address_that_proves_nothing_or_none(address):
    assert reply_address.proved(address, KEYS) == ("", 0)
    reply_address.plain(address)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26))
def test_every_reply_address_comes_back(thread):
    made = reply_address.reply_address(CARE, thread, KEYS)
    assert len(made.partition("@")[0]) <= 64
    assert reply_address.proved(made, KEYS) == (thread, 0)
    assert reply_address.plain(made) == CARE


@pytest.mark.parametrize(
    ("account", "thread", "keys"),
    [(CARE, "", KEYS), (CARE, THREAD, ()), ("x" * 22 + "@example.com", THREAD, KEYS),
     (CARE, "Short", KEYS)],
)  # fmt: skip
def test_where_no_reply_address_can_be_made_it_is_the_account(account, thread, keys):
    assert reply_address.reply_address(account, thread, keys) == account


@pytest.mark.parametrize("made", [b"", b"{}", b"[]\nx", b'{"notificationType":7}', b"\xff"])
def test_a_body_of_another_world_proves_nothing_and_is_no_fault(made):
    found = EmailRoom().verify(made, {}, SECRET, RECEIVED)
    assert (found.body, found.thread, found.event_id) == (made, "", "")


def test_the_proved_conversation_goes_with_the_event():
    assert event(lines("", "Hi"), thread=THREAD).thread == THREAD


def test_a_mail_answers_in_reply_to_first_and_then_references_from_the_newest():
    found = event(
        lines("In-Reply-To: <b@x> <c@x>", "References: <root@x> <a@x>\r\n <b@x>", "", "Hi")
    )
    assert found.answers == ("b@x", "c@x", "a@x", "root@x")
    assert (found.parent_id, found.post_id) == ("b@x", "root@x")


def test_without_references_the_thread_begins_with_what_is_answered():
    assert event(lines("In-Reply-To: <b@x>", "", "Hi")).post_id == "b@x"


@pytest.mark.parametrize(
    "header",
    ["", "no brackets", "<>", "<a b@x>", "<é@x>", "<" + "x" * 600 + "@x>", "<m1@example.net>"],
)
def test_ids_that_are_none_or_its_own_are_left_out(header):
    assert not set(event(lines(f"References: {header}", "", "Hi")).answers) & {"", "m1@example.net"}


def test_a_subject_alone_makes_no_thread():
    first = event(mails.message(Happening(CARE, ANA, RECEIVED, "1@x", text="a"), "Help"))
    second = event(mails.message(Happening(CARE, ANA, RECEIVED, "2@x", text="b"), "Re: Help"))
    assert first.post_id != second.post_id
    assert second.answers == ()


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; type=x",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Precedence: Auto_Reply",
        "X-Autoreply: yes",
        "X-Autorespond: Re: x",
        "X-Auto-Reply-From: a@b.c",
        "List-Id: <news.example.net>",
        "List-Unsubscribe: <mailto:x@example.net>",
        "Return-Path: <>",
        "Content-Type: multipart/report; boundary=b",
        "From: MAILER-DAEMON@example.net",
        "From: Postmaster <postmaster@example.net>",
        "From: no-reply@example.net",
        "From: donotreply@example.net",
        "From: orders-noreply@example.net",
        "From: bounces+1=x@example.net",
        "X-Care-Loop: sales@example.com abc.def",
    ],
)
def test_what_a_machine_wrote_is_automatic(header):
    found = event(lines(header, "", "I am away"))
    assert found.automatic
    assert "automatic" in found.flags
    assert found.kind is EventKind.MESSAGE


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (typed)",
        "X-Auto-Response-Suppress: None",
        "Precedence: normal",
        "From: noreen@example.net",
        "From: Ann Postmaster <ann@example.net>",
        "X-Care-Loop: care@other.example abc.def",
        "X-Care-Loop:",
    ],
)
def test_what_a_person_wrote_is_not(header):
    assert not event(lines(header, "", "Hello")).automatic


def test_our_own_mail_that_came_back_is_left_aside():
    for looped in (CARE, "Care@Example.com", ADDRESS):
        found = parse(lines(f"X-Care-Loop: {looped} {THREAD}.m1", "", "ours"))
        assert (found.events, found.ignored) == ((), ("email.loop",))


def test_a_form_is_answered_where_it_says_so_and_a_person_is_not_redirected():
    form = event(
        lines("From: Shop <noreply@shop.example>", "Reply-To: Bob <bob@x.example>", "", "")
    )
    assert (form.contact.id, form.contact.name, form.automatic) == ("bob@x.example", "Bob", False)
    assert form.author.id == "noreply@shop.example"
    person = event(lines(f"From: Ana <{ANA}>", "Reply-To: <thief@x.example>", "", "Hi"))
    assert person.contact.id == ANA
    assert "reply_to_differs" in person.flags


def test_what_the_brand_wrote_elsewhere_is_an_echo_only_with_proof():
    raw = lines(f"From: Acme <{CARE}>", f"To: {CARE}, Ana <{ANA}>", "Message-ID: <o@x>", "", "Hi")
    proved = event(raw)
    assert (proved.kind, proved.contact.id, proved.author.id) == (EventKind.ECHO, ANA, CARE)
    forged = event(raw, dmarc="FAIL")
    assert (forged.kind, forged.automatic) == (EventKind.MESSAGE, True)
    assert "dmarc_fail" in forged.flags


def bounced(original="0100018f-1@email.amazonses.com", account=CARE):
    one = Happening(account, ANA, RECEIVED, "dsn@mx.example.net", parent=original)
    return mails.bounce(one)


def test_a_report_of_another_server_is_kept_and_says_what_failed():
    mail, receipt = parse(bounced()).events
    assert (mail.kind, mail.automatic) == (EventKind.MESSAGE, True)
    assert (receipt.kind, receipt.receipt) == (EventKind.RECEIPT, ReceiptState.FAILED)
    assert receipt.message_id == "0100018f-1@email.amazonses.com"
    assert (receipt.error_code, receipt.contact.id) == ("bounced", ANA)
    assert receipt.error_text == "smtp; 550 5.1.1 no such user"
    assert receipt.key != mail.key


@pytest.mark.parametrize("original", ["x@example.com", "a@amazonses.com", "a@b.amazonses.com", ""])
def test_a_report_about_a_mail_that_we_did_not_send_says_nothing_of_ours(original):
    assert len(parse(bounced(original)).events) == 1


def test_a_report_of_a_delay_is_no_failure():
    raw = bounced().replace(b"Action: failed", b"Action: delayed")
    assert len(parse(raw).events) == 1


OURS = "0102018f00000001-aaaa-4bbb-8ccc-000000000001-000000@eu-west-1.amazonses.com"


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("delivery", "delivered", ""),
        ("bounce_permanent", "failed", "bounced"),
        ("bounce_full", "failed", "bounced_mailboxfull"),
        ("reject", "failed", "rejected"),
    ],
)
def test_what_became_of_our_mail_is_a_receipt(name, state, code):
    (found,) = news(name).events
    assert (found.kind, found.receipt, found.error_code) == (EventKind.RECEIPT, state, code)
    assert (found.message_id, found.reply_token) == (OURS, "message-id-1")
    assert (found.account_id, found.thread) == (CARE, THREAD)
    assert found.contact is None or found.contact.id == ANA


@pytest.mark.parametrize(
    ("name", "detail", "consent"),
    [
        ("complaint", "complaint", "stop"),
        ("complaint_taken_back", "not_spam", ""),
        ("bounce_passing", "bounce_passing", ""),
        ("delivery_delay", "delivery_delayed", ""),
    ],
)
def test_what_decides_nothing_about_it_is_a_notice(name, detail, consent):
    (found,) = news(name).events
    assert (found.kind, found.detail, found.consent) == (EventKind.NOTICE, detail, consent)


def test_other_news_are_counted_and_left_aside():
    assert news("send").ignored == ("email.send",)


def test_news_without_their_details_are_no_fault():
    for name in ("delivery", "bounce_permanent", "complaint", "reject", "delivery_delay"):
        told = recorded(name)
        bare = {"eventType": told["eventType"], "mail": {"messageId": "m1"}}
        (found,) = EmailRoom().parse(json.dumps(bare).encode(), RECEIVED, account_id=CARE).events
        assert found.message_id == "m1@email.amazonses.com"


def test_each_news_has_a_key_of_its_own_and_the_same_news_the_same():
    names = ("delivery", "bounce_permanent", "complaint", "reject", "delivery_delay")
    keys = [news(name).events[0].key for name in names]
    assert len(set(keys)) == len(keys)
    assert keys == [news(name).events[0].key for name in names]
