"""Mails as they really come: whatever is missing or broken, the words and who wrote them remain."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.contract import PayloadError
from chalicelib.channels.email import inbound, mime
from chalicelib.channels.email.headers import Headers, as_text, ids_of
from chalicelib.channels.email.room import EmailRoom
from chalicelib.domain.event import EventKind
from infra.local.simulator import mails
from infra.local.simulator.happening import Happening
from tests.unit.channels.mailing import ANA, CARE, RECEIVED, body, event, lines, parse, recorded

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 30).decode()


def happening(**facts):
    return Happening(CARE, ANA, RECEIVED, "m1@example.net", "Ana", **facts)


def named(found, kind):
    return [one for one in found.attachments if one.kind == kind]


def test_a_mail_says_who_what_where_and_when():
    found = event(mails.message(happening(text="Where is it?"), "An order"))
    assert (found.kind, found.title, found.text) == (EventKind.MESSAGE, "An order", "Where is it?")
    assert (found.contact.id, found.contact.name) == (ANA, "Ana")
    assert found.account_id == CARE
    assert found.message_id == found.post_id == "m1@example.net"
    assert found.occurred_at == RECEIVED
    assert found.flags == ("dmarc_pass",)
    assert not found.automatic
    assert not found.public


def test_the_verdicts_of_the_notice_are_noted():
    told = recorded("received")
    raw = mails.message(happening(text="Hello"))
    made = json.dumps(told).encode() + b"\n" + raw
    (found,) = EmailRoom().parse(made, RECEIVED).events
    assert found.account_id == CARE  # as the recipient stands there: in another case
    assert set(found.flags) == {"dmarc_fail", "spf_fail", "dkim_fail", "spam_gray"}
    assert named(found, "original")[0].media_id == "mail/abc0123456789#"


@pytest.mark.parametrize("name", ["virus", "spam"])
def test_a_virus_and_spam_are_set_aside_whole_and_stay_so(name):
    made = body(mails.message(happening(text="open me")), **{name: "FAIL"})
    found = EmailRoom().parse(made, RECEIVED, account_id=CARE)
    assert not found.events
    assert [(one.reason, one.raw) for one in found.unreadable] == [(name, made)]


def test_a_mail_to_two_of_our_addresses_is_an_event_for_each():
    raw = mails.message(happening(text="Hello"))
    to = (CARE, "sales@example.com", "care+x@example.com")
    made = body(raw, to=to)
    found = EmailRoom().parse(made, RECEIVED).events
    assert [one.account_id for one in found] == [CARE, "sales@example.com"]
    assert len({one.key for one in found}) == 2


def test_a_mail_needs_no_header_but_a_sender_to_be_taken():
    found = event(b"\r\nJust words", id_="ses-7")
    assert found.text == "Just words"
    assert found.message_id == found.post_id == "ses:ses-7"
    assert found.contact is None
    assert (found.title, found.answers) == ("", ())
    assert found.occurred_at == RECEIVED  # SES's time


def test_the_envelope_names_the_sender_where_the_mail_does_not():
    told = mails.received(b"\r\nHi", "ses-1", [CARE], RECEIVED)
    told["mail"]["source"] = "Ana@example.net"
    made = json.dumps(told).encode() + b"\n\r\nHi"
    (found,) = EmailRoom().parse(made, RECEIVED, account_id=CARE).events
    assert found.contact.id == ANA


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ("Ana <ANA@Example.net>", ANA, "Ana"),
        ('"Ana, of Acme" <ana@example.net>', ANA, "Ana, of Acme"),
        ("=?utf-8?q?J=C3=BCrgen?= <j@example.net>", "j@example.net", "Jürgen"),
        ("=?utf-8?b?SsO8cmdlbg==?= <j@example.net>", "j@example.net", "Jürgen"),
        ("=?x-unknown?q?J=FCrgen?= <j@example.net>", "j@example.net", "Jürgen"),
        ("=?utf-8?q?a=40b.c_=3Cx=40evil.example=3E?= <j@example.net>", "j@example.net",
         "a@b.c <x@evil.example>"),
        ("Ana ana@example.net>", ANA, ""),
        ("<<ana@example.net>>", ANA, ""),
        ('"ana@example.net" <other@example.net>', "other@example.net", "ana@example.net"),
        ("ana@example.net (Ana)", ANA, "Ana"),
        ("=?utf-8?b?x?= <ana@example.net>", ANA, "=?utf-8?b?x?="),
    ],
)  # fmt: skip
def test_a_sender_is_found_however_it_is_written(header, address, name):
    found = event(lines(f"From: {header}", "", "Hi"))
    assert found.contact.id == address
    assert name in (found.contact.name, "")


@pytest.mark.parametrize("to", ["undisclosed-recipients:;", "", "((((((", "x" * 50_000, "@,@,<>"])
def test_the_header_of_the_recipients_does_not_matter(to):
    assert event(lines(f"To: {to}", "", "Hi")).text == "Hi"


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Nov 2026 10:00", "1" * 999, "é"])
def test_a_date_that_is_none_is_no_fault(date):
    assert event(lines(f"Date: {date}", "", "Hi")).occurred_at == RECEIVED


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?q?=C3=9Fe?=", "Grüße"),
        ("Grüße", "Grüße"),
        ("a\r\n b", "a b"),
        ("=?nonsense?q?abc?=", "abc"),
        ("=?utf-8?b?////?=", "ÿÿÿ"),
    ],
)
def test_a_subject_is_read_in_any_charset(subject, title):
    assert event(lines(f"Subject: {subject}", "", "Hi")).title == title


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("windows-1252", "“Hi” €".encode("cp1252"), "“Hi” €"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("iso-2022-jp", "こんにちは".encode("iso-2022-jp"), "こんにちは"),
        ("gb2312", "你好".encode("gb2312"), "你好"),
        ("x-unknown", "Grüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("", "Grüße".encode(), "Grüße"),
        ("hex", b"4142", "4142"),
        ("idna", b"xn--a", "xn--a"),
        ("punycode", b"a-b", "a-b"),
        ("utf-16", b"a", "a"),
    ],
)
def test_words_are_read_in_any_charset(charset, data, text):
    head = lines(f"Content-Type: text/plain; charset={charset}", "", "")
    assert event(head + data).text == text
    assert as_text(data, charset) == text


@given(st.binary(max_size=200), st.text(max_size=30))
def test_bytes_become_text_whatever_they_claim_to_be(data, charset):
    as_text(data, charset).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("encoding", ["quoted-printable", "QUOTED-PRINTABLE", "8bit", "x-odd", ""])
def test_an_odd_transfer_encoding_is_no_fault(encoding):
    head = lines(f"Content-Transfer-Encoding: {encoding}", "", "")
    assert event(head + b"Hello").text == "Hello"


def test_broken_base64_is_no_fault():
    assert event(lines("Content-Transfer-Encoding: base64", "", "SGVsbG8")).text == "Hello"
    assert event(lines("Content-Transfer-Encoding: base64", "", "*")).text is not None


def multipart(kind, *parts, border="b"):
    listed = "".join(f"--{border}\r\n{part}\r\n" for part in parts)
    return lines(f"Content-Type: multipart/{kind}; boundary={border}", "", f"{listed}--{border}--")


def plain(text):
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"


def html(text):
    return f"Content-Type: text/html; charset=utf-8\r\n\r\n{text}"


def test_of_alternatives_the_plain_one_is_read_and_the_html_is_kept():
    found = event(multipart("alternative", plain("plain words"), html("<b>other</b>")))
    assert found.text == "plain words"
    assert [one.media_id for one in named(found, "html")] == ["mail/ses-1#2"]


def test_html_is_read_where_the_plain_part_is_empty_or_missing():
    both = event(multipart("alternative", plain(" \r\n"), html("<p>Hello<p>you")))
    alone = event(lines("Content-Type: text/html", "", "<p>Hello<p>you"))
    assert both.text == alone.text == "Hello\n\nyou"
    assert [one.media_id for one in named(alone, "html")] == ["mail/ses-1#"]


def test_pictures_within_the_words_are_files_with_their_content_id():
    picture = (
        "Content-Type: image/png\r\nContent-ID: <logo@acme>\r\n{}"
        f"Content-Transfer-Encoding: base64\r\n\r\n{PNG}"
    )
    shown = picture.format('Content-Disposition: inline; filename="logo.png"\r\n')
    found = event(multipart("related", html("<img src=cid:logo@acme>x"), picture.format(""), shown))
    images = named(found, "image")
    assert [(one.content_id, one.name) for one in images] == [
        ("logo@acme", ""), ("logo@acme", "logo.png"),
    ]  # fmt: skip
    assert [one.media_id for one in images] == ["mail/ses-1#2", "mail/ses-1#3"]
    assert 30 <= images[0].size <= 45


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="=?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?="', "Grüße.pdf"),
        ("attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"),
        ("attachment; filename*=x-odd''a%FF.pdf", "aÿ.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        (r'attachment; filename="C:\\Users\\ana\\a.pdf"', "a.pdf"),
        ("attachment", ""),
        ('attachment; filename="a\x00b.pdf"', "ab.pdf"),
    ],
)
def test_a_file_keeps_its_name_and_nothing_of_a_path(header, name):
    file = f"Content-Type: application/pdf\r\nContent-Disposition: {header}\r\n\r\n%PDF-"
    (found,) = named(event(multipart("mixed", plain("see"), file)), "document")
    assert found.name == name
    assert found.mime_type == "application/pdf"


def test_a_mail_in_a_mail_and_outlooks_wrapper_are_files():
    inner = "Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: in\r\n\r\ninside"
    tnef = 'Content-Type: application/ms-tnef; name="winmail.dat"\r\n\r\nxx'
    found = event(multipart("mixed", plain("see below"), inner, tnef))
    assert found.text == "see below"
    assert [(one.mime_type, one.name) for one in named(found, "document")] == [
        ("message/rfc822", ""), ("application/ms-tnef", "winmail.dat"),
    ]  # fmt: skip


def test_words_around_a_picture_are_all_read():
    picture = f"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n{PNG}"
    found = event(multipart("mixed", plain("above"), picture, plain("below"), html("<p>end")))
    assert found.text == "above\n\nbelow\n\nend"


def test_a_text_that_is_attached_is_a_file():
    file = "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nlog"
    found = event(multipart("mixed", plain("see"), file))
    assert found.text == "see"
    assert [one.mime_type for one in named(found, "document")] == ["text/plain"]


@pytest.mark.parametrize(
    "raw",
    [
        lines("Content-Type: multipart/mixed", "", "no boundary"),
        lines("Content-Type: multipart/mixed; boundary=b", "", "--b", "--b", "--b"),
        lines("Content-Type: multipart/mixed; boundary=b", "", "never closed --b"),
        lines("Content-Type: nonsense", "", "words"),
        lines("Content-Type: text/", "", "words"),
        lines("Content-Type: message/rfc822", "", "words"),
        lines("Content-Type: message/delivery-status", "", "words", "", "x: y"),
        lines("Content-Type: message/partial; id=1", "", "words"),
        lines("Content-Type: text/plain; charset*0*=utf-8''a; charset*1=b", "", "words"),
        lines('Content-Type: text/plain; charset="a\x00b"', "", "words"),
        lines("Content-Disposition: attachment; filename*0*=; filename*x=1", "", "words"),
        lines("Content-Type: " + ";" * 90_000, "", "words"),
        lines('Content-Type: text/plain; a="' + "\\" * 50_000, "", "words"),
        lines("No colon here", "", "words"),
        b"\xff\xfe\x00",
        b"\n\n\n",
        b"From: \xff\xfe\r\n\r\n\xff",
    ],
)  # fmt: skip
def test_a_broken_mail_is_still_an_event(raw):
    found = event(raw)
    assert named(found, "original")
    found.text.encode("utf-8")


def test_parts_in_parts_without_end_are_kept_and_not_read():
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
                    for n in range(3_000))  # fmt: skip
    with pytest.raises(PayloadError):
        parse(deep)


def test_a_mail_that_takes_too_long_to_take_apart_is_kept_and_not_read(monkeypatch):
    """Lines times boundaries, and one more of each for the mail itself, are what it takes."""
    monkeypatch.setattr(mime, "MOST_WORK", 100)
    raw = lines("Content-Type: multipart/mixed; boundary=b", "", *["x"] * 46)
    assert parse(raw).events
    with pytest.raises(PayloadError) as refused:
        parse(raw + b"\n\n\n")
    assert refused.value.reason == "mail_intricate"


def test_a_mail_of_endless_parts_is_kept_and_not_read():
    with pytest.raises(PayloadError) as refused:
        parse(lines("Content-Type: multipart/mixed; boundary=b") + b"\n--b" * 20_001)
    assert refused.value.reason == "mail_intricate"


def test_more_files_than_a_row_holds_are_left_out_and_it_is_said():
    file = "Content-Type: image/png\r\n\r\nx"
    found = event(multipart("mixed", plain("see"), *[file] * 60))
    assert len(found.attachments) == mime.MOST_FILES + 1
    assert "files_left_out" in found.flags
    assert found.attachments[-1].kind == "original"


def test_a_text_too_long_for_a_row_goes_on_beside_it_and_then_ends_and_it_is_said():
    fits = event(lines("", "ä" * (inbound.TEXT_BYTES - 10)))
    assert fits.text + fits.quoted == "ä" * (inbound.TEXT_BYTES - 10)
    assert "text_cut" not in fits.flags
    found = event(lines("", "ä" * inbound.TEXT_BYTES * 2))
    assert len(found.text.encode()) <= inbound.TEXT_BYTES
    assert len(found.quoted.encode()) <= inbound.TEXT_BYTES
    assert "text_cut" in found.flags


def test_control_characters_are_left_out():
    assert event(lines("", "a\x00b\x07c\td")).text == "abc\td"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_mail_or_are_kept(data):
    try:
        found = parse(data or b"x")
    except PayloadError:
        return
    assert len(found.events) + len(found.ignored) >= 1


@given(st.text(max_size=60))
def test_message_ids_are_clean_whatever_a_header_holds(value):
    for one in ids_of(value):
        assert not set(one) & set("<> \r\n\t")
        assert 0 < len(one) <= 512


def test_of_many_ids_the_first_and_the_newest_remain():
    found = ids_of(" ".join(f"<{n}@x>" for n in range(100)))
    assert (found[0], found[-1], len(found)) == ("0@x", "99@x", 40)


def test_headers_are_found_in_any_case_and_more_than_once():
    held = Headers(mime.read(b"X-A: 1\r\nx-a: 2\r\n\r\n"))
    assert held.all("x-a") == ["1", "2"]
    assert held.raw("x-b") == ""


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"x", b'{"notificationType":"Received"}', b'{"mail":{}}']
)
def test_a_body_without_a_notice_is_refused(line):
    with pytest.raises(PayloadError):
        EmailRoom().parse(line + b"\nFrom: x@y.example\n\nHi", RECEIVED)


def test_a_notice_without_its_mail_is_refused():
    line = body(b"x").partition(b"\n")[0]
    with pytest.raises(PayloadError) as refused:
        EmailRoom().parse(line, RECEIVED)
    assert refused.value.reason == "mail_missing"


def test_a_mail_to_nobody_of_ours_is_refused():
    with pytest.raises(PayloadError) as refused:
        parse(b"Hi", account="", to=("nobody",))
    assert refused.value.reason == "recipient_missing"


@pytest.mark.parametrize("kind", ["text/plain", "application/pdf"])
def test_a_charset_with_a_nul_in_its_name_is_no_fault(kind):
    """Found by fuzzing: the standard library decodes a part with such a name and fails."""
    raw = lines(f'Content-Type: {kind}; charset="a\x00b"', "", "caf\udce9 and more")
    assert event(raw).message_id == "m1@example.net"
