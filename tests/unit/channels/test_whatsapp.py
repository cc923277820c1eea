"""WhatsApp."""

import pytest

from chalicelib.channels.meta.whatsapp_person import is_bsuid
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, Person, ReceiptState

BSUID, PHONE = "US.13491208655302741918", "14135550123"
ANA = Person(BSUID, "Ana", "ana_r", (PHONE,))


@pytest.fixture(scope="module")
def said(read):
    parsed = read("whatsapp_messages")
    assert (parsed.unreadable, parsed.ignored) == ((), ())
    return list(parsed.events)


@pytest.fixture(scope="module")
def people(read):
    return {event.message_id: event.contact for event in read("whatsapp_people").events}


def by(said, name):
    return next(e for e in said if e.message_id == f"wamid.{name}" and e.kind is EventKind.MESSAGE)


def test_a_message_belongs_to_the_number_it_was_sent_to(said):
    event = by(said, "text")
    assert (event.channel, event.account_id, event.public) == (Channel.WHATSAPP, "PN1", False)
    assert (event.text, event.parent_id, event.contact, event.author) == (
        "Hola",
        "wamid.PREV=",
        ANA,
        ANA,
    )


@pytest.mark.parametrize(
    ("name", "subject", "text", "attachment"),
    [
        ("image", "image", "broken", ("image", "m1", "")),
        ("voice", "voice", "", ("audio", "m2", "")),
        ("audio", "audio", "", ("audio", "m3", "")),
        ("video", "video", "", ("video", "m4", "")),
        ("doc", "document", "my invoice", ("document", "m5", "invoice.pdf")),
        ("sticker", "sticker", "", ("sticker", "m6", "")),
        ("place", "location", "", ("location", "", "48.2,16.37")),
        ("cards", "contacts", "", ("contact", "", "+1 555")),
        ("button_reply", "button_reply", "Yes", ("button_reply", "", "yes")),
        ("list_reply", "list_reply", "Return", ("list_reply", "", "r1")),
        ("flow", "flow", "Sent", ("flow", "", "{not json")),
        ("button", "button", "Track it", ("button", "", "P")),
        ("order", "order", "please", ("product", "", "sku1")),
        ("ad", "text", "from an ad", ("referral", "", "")),
    ],
)
def test_every_kind_of_message_is_read(said, name, subject, text, attachment):
    event = by(said, name)
    assert (event.subject, event.text) == (subject, text)
    assert [(a.kind, a.media_id, a.name) for a in event.attachments] == [attachment]


@pytest.mark.parametrize(
    ("name", "code"), [("no_body", "131000"), ("unsupported", "131051"), ("poll", "")]
)
def test_what_we_cannot_show_is_still_a_message(said, name, code):
    event = by(said, name)
    assert (event.subject, event.error_code, event.contact) == ("unsupported", code, ANA)


def test_a_forwarded_message_answers_nothing(said):
    assert by(said, "forwarded").parent_id == ""


def test_reactions_are_put_and_taken_back_in_two_ways(said):
    found = [e for e in said if e.kind is EventKind.REACTION]
    assert [(e.message_id, e.emoji) for e in found] == [
        ("wamid.out1", "👍"),
        ("wamid.out1", ""),
        ("wamid.out1", ""),
    ]


def test_edits_and_revokes_have_own_ids_and_name_the_message(said):
    edits = [(e.message_id, e.text) for e in said if e.kind is EventKind.EDIT]
    assert edits == [("wamid.text", "Hola!"), ("wamid.image", "broken strap")]
    assert [e.message_id for e in said if e.kind is EventKind.DELETE] == ["wamid.text"]


def test_a_welcome_is_a_notice_and_a_group_has_its_own_thread(said):
    assert [e.detail for e in said if e.kind is EventKind.NOTICE] == ["request_welcome"]
    assert (by(said, "group").post_id, by(said, "text").post_id) == ("HBgGROUP1", "")


def test_customers_known_only_by_bsuid_are_known(people):
    assert people["wamid.bsuid_only"] == Person("BR.77abc", "Hidden", "hid")
    assert people["wamid.bsuid_in_from"].id == "MX.88def"
    assert people["wamid.only_contact"] == ANA


def test_a_contact_is_never_joined_to_somebody_elses_message(people):
    assert people["wamid.of_ana"] == ANA
    assert people["wamid.of_bea"] == Person("5511999998888", "Bea")
    assert people["wamid.out9"] == Person("4366012345")
    assert people["wamid.beside_ana"] == Person("4911")


def test_a_message_without_contacts_is_read_and_one_of_nobody_is_kept(people, read):
    assert people["wamid.no_contacts"] == Person("4369900")
    assert [odd.reason for odd in read("whatsapp_people").unreadable] == ["sender_missing"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (BSUID, True),
        ("BR.77abc", True),
        ("US.ENT.12", True),
        (PHONE, False),
        ("us.1", False),
        ("US.", False),
        ("US." + "a" * 129, False),
        ("US.1\n", False),
    ],
)
def test_business_scoped_ids_are_recognised(value, expected):
    assert is_bsuid(value) is expected


def test_statuses_are_receipts_with_our_token(read):
    found = [e for e in read("whatsapp_statuses").events if e.kind is EventKind.RECEIPT]
    assert [(e.message_id, e.receipt.value) for e in found] == [
        ("wamid.out1", "sent"),
        ("wamid.out1", "delivered"),
        ("wamid.out1", "read"),
        ("wamid.out1", "read"),
        ("wamid.out2", "failed"),
        ("wamid.out3", "delivered"),
        ("wamid.out4", "read"),
        ("wamid.out4", "read"),
    ]
    assert found[0].reply_token == "msgtoken0000000000000000001"
    failed = next(e for e in found if e.receipt is ReceiptState.FAILED)
    assert (failed.error_code, failed.error_text) == ("131047", "More than 24 hours have passed")


def test_a_status_names_the_customer_by_whatever_id_there_is(read):
    found = {
        e.key: e
        for e in read("whatsapp_statuses").events
        if e.message_id in ("wamid.out3", "wamid.out4")
    }
    assert [e.contact for e in found.values()] == [
        Person(BSUID),
        Person(BSUID, aliases=(PHONE,)),
        Person("4366012345"),
    ]


def test_other_statuses_and_errors_of_the_account_are_notices(read):
    parsed = read("whatsapp_statuses")
    notices = [(e.detail, e.error_code) for e in parsed.events if e.kind is EventKind.NOTICE]
    assert notices == [("status_deleted", ""), ("status_warning", ""), ("error", "130429")]
    assert parsed.ignored == ("whatsapp.status.hologram",)


def test_a_change_of_number_or_bsuid_is_an_identity_event(read):
    found = [e for e in read("whatsapp_identity").events if e.kind is EventKind.IDENTITY]
    assert [(e.contact.id, e.contact.aliases, e.new_contact_id) for e in found] == [
        (BSUID, (PHONE,), "US.2222"),
        (BSUID, (PHONE,), "14135559999"),
        (PHONE, (), "14135559998"),
        ("US.2222", (), "US.3333"),
        (PHONE, (), "US.4444"),
        (BSUID, (PHONE,), "US.5555"),
    ]
    assert {e.account_id for e in found} == {"PN1"}


def test_a_changed_security_code_is_a_notice(read):
    notices = [e for e in read("whatsapp_identity").events if e.kind is EventKind.NOTICE]
    assert [e.detail for e in notices] == ["customer_identity_changed"]


def test_what_was_typed_in_the_phone_app_is_an_echo_to_the_customer(read):
    first, revoked, older = read("whatsapp_echoes").events[:3]
    assert (first.kind, first.contact.id, first.contact.aliases) == (
        EventKind.ECHO,
        BSUID,
        (PHONE,),
    )
    assert first.author.id == "15550001111"
    assert (revoked.kind, revoked.message_id) == (EventKind.DELETE, "wamid.phone1")
    assert (older.kind, older.contact.id) == (EventKind.ECHO, PHONE)


def test_standby_history_and_templates_of_the_account(read):
    parsed = read("whatsapp_echoes")
    standby, template = parsed.events[3:]
    assert (standby.kind, standby.standby, standby.text) == (
        EventKind.MESSAGE,
        True,
        "another app holds it",
    )
    assert (template.kind, template.detail, template.account_id) == (
        EventKind.NOTICE,
        "message_template_status_update",
        "WABA1",
    )
    assert parsed.ignored == ("whatsapp.history",)
