"""Our replies as mails: threaded for every client, nobody else's headers in them, sent once."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.channels.email import sending
from chalicelib.channels.email.fetching import cleaned
from chalicelib.channels.email.room import EmailRoom
from chalicelib.channels.email.sending import mail
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import (
    AwsRefusedError,
    ErrorClass,
    FetchError,
    FetchLaterError,
    File,
    HealthState,
    NoAnswerError,
    NotSentError,
    Outgoing,
    SendState,
)
from tests.unit.channels.mailing import ANA, CARE, THREAD, body, event, lines
from tests.unit.channels.test_email_threads import ADDRESS, SECRET

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HANDLE = Handle("acme-care", Channel.EMAIL, CARE, "Acme Care", "care")
OUTGOING = Outgoing(
    "m-1",
    HANDLE,
    ANA,
    public=False,
    text="It is on its way.",
    reply_to_id="b@example.net",
    post_id="root@example.net",
    title="Where is it?",
    thread=THREAD,
    answers=("root@example.net", "a@example.net"),
    contact_name="Ana",
)


class FakeMailer:
    """Keeps what it is told to send; `fails` is raised instead."""

    def __init__(self, fails=None, problem=""):
        self.sent, self.fails, self.problem = [], fails, problem

    def send(self, source, recipients, raw, token):
        if self.fails:
            raise self.fails
        self.sent.append((source, list(recipients), raw, token))
        return "ses-1@eu-west-1.amazonses.com"

    def probe(self, address):
        if self.fails:
            raise self.fails
        return self.problem


def places(mailer=None, stored=None):
    return Places(now=lambda: NOW, mailer=(lambda: mailer) if mailer else None, stored_mail=stored)


def send(outgoing, mailer=None, secret=SECRET):
    return EmailRoom().send(outgoing, secret, places(mailer or FakeMailer()))


def read(outgoing, secret=SECRET):
    return message_from_bytes(mail(outgoing, secret, places()), policy=policy.default)


def plain(made):
    return made.get_content().replace("\r\n", "\n")


def test_a_reply_is_sent_once_and_known_by_the_id_that_customers_will_quote():
    mailer = FakeMailer()
    result = send(OUTGOING, mailer)
    assert (result.state, result.platform_id) == (
        SendState.ACCEPTED, "ses-1@eu-west-1.amazonses.com",
    )  # fmt: skip
    ((source, recipients, raw, token),) = mailer.sent
    assert (source, recipients, token) == (CARE, [ANA], "m-1")
    assert raw.isascii()


def test_a_reply_has_all_that_clients_thread_by():
    made = read(OUTGOING)
    assert made["From"] == f"Acme Care <{CARE}>"
    assert made["To"] == f"Ana <{ANA}>"
    assert made["Subject"] == "Re: Where is it?"
    assert made["In-Reply-To"] == "<b@example.net>"
    assert made["References"] == "<root@example.net> <a@example.net> <b@example.net>"
    assert made["Reply-To"] == f"Acme Care <{ADDRESS}>"
    assert made["Date"] == "Sat, 21 Nov 2026 10:00:00 +0000"
    assert made["X-Care-Loop"] == f"{CARE} {THREAD}.m-1"
    assert plain(made) == "It is on its way.\n"


def test_a_customer_who_answers_it_is_in_the_same_thread():
    answer = body(b"Hi", to=[read(OUTGOING)["Reply-To"].addresses[0].addr_spec])
    assert EmailRoom().verify(answer, {}, SECRET, NOW, url=f"mailto:{CARE}").thread == THREAD


def test_a_machines_words_say_so_and_a_persons_do_not():
    headers = ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence")
    automatic = read(replace(OUTGOING, human=False))
    assert [automatic[one] for one in headers] == ["auto-replied", "All", "auto_reply"]
    assert [read(OUTGOING)[one] for one in headers] == [None, None, None]


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("", "Re: your message"),
        ("Re: Re: order", "Re: order"),
        ("RE:order", "Re: order"),
        ("Grüße", "Re: Grüße"),
        ("a\r\nBcc: x@evil.example", "Re: a Bcc: x@evil.example"),
        ("x" * 900, "Re: " + "x" * 200),
    ],
)
def test_a_subject_is_answered_once(title, subject):
    assert read(replace(OUTGOING, title=title))["Subject"] == subject


NASTY = st.text(
    alphabet=st.sampled_from(list('ab \r\n\x00\x0b\x0c\x85\u2028:;<>@",()é🙂=?')), max_size=30
)


@settings(max_examples=30)
@given(NASTY, NASTY, NASTY)
def test_no_name_and_no_subject_adds_a_header(name, title, brand):
    outgoing = replace(OUTGOING, contact_name=name, title=title, handle=replace(HANDLE, name=brand))
    raw = mail(outgoing, SECRET, places())
    head = raw.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert sorted(names) == sorted(
        [b"From", b"To", b"Subject", b"Date", b"Reply-To", b"In-Reply-To", b"References",
         b"X-Care-Loop", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"]
    )  # fmt: skip
    assert [one.addr_spec for one in read(outgoing)["To"].addresses] == [ANA]


@pytest.mark.parametrize(
    "recipient",
    ["", "ana", "ana@", "@x", "a b@x.example", "ana@x.example\r\nBcc: b@x.example", "é@x.example",
     "a@b@c", "ana@x.example, bob@x.example", "<ana@x.example>"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_never_sent(recipient):
    mailer = FakeMailer()
    result = send(replace(OUTGOING, recipient=recipient), mailer)
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.RECIPIENT)
    assert mailer.sent == []


def test_a_domain_in_letters_of_its_language_is_written_as_servers_know_it():
    mailer = FakeMailer()
    assert send(replace(OUTGOING, recipient="ana@bücher.example"), mailer).state == "accepted"
    assert mailer.sent[0][1] == ["ana@xn--bcher-kva.example"]


def test_ids_that_we_made_up_and_odd_ones_are_not_referred_to():
    made = read(replace(OUTGOING, reply_to_id="ses:1", post_id="ses:1", answers=("a b", "é", "")))
    assert made["In-Reply-To"] == "<ab>"
    assert (
        read(replace(OUTGOING, reply_to_id="ses:1", post_id="", answers=()))["References"] is None
    )


def test_a_long_thread_keeps_its_first_and_its_newest_ids_whole():
    ids = tuple(f"{'x' * 90}{n}@eu-west-1.amazonses.com" for n in range(50))
    made = read(replace(OUTGOING, answers=ids, post_id=ids[0], reply_to_id=ids[-1]))
    listed = made["References"].split()
    assert (len(listed), listed[0], listed[-1]) == (20, f"<{ids[0]}>", f"<{ids[-1]}>")
    assert made["In-Reply-To"] == f"<{ids[-1]}>"
    raw = mail(replace(OUTGOING, answers=ids), SECRET, places())
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    "text", ["a\nb", "é🙂", "x" * 3_000, ".\n..\n", "From me", "\ufeffa", "a\x00b"]
)
def test_words_arrive_as_they_were_written(text):
    made = read(replace(OUTGOING, text=text))
    assert plain(made) == text.replace("\x00", "") + "\n"


def a_file(name="a.pdf", mime_type="application/pdf", data=b"%PDF-", fails=None):
    def read():
        if fails:
            raise fails
        return data

    return File(name, mime_type, len(data), "https://media.example.com/a", read)


def test_files_leave_with_the_mail():
    files = (a_file(), a_file("Grüße.png", "image/png", b"\x89PNG"), a_file("x", "../odd"))
    made = read(replace(OUTGOING, files=files))
    listed = [
        (one.get_filename(), one.get_content_type(), one.get_content())
        for one in made.iter_attachments()
    ]
    assert listed == [
        ("a.pdf", "application/pdf", b"%PDF-"),
        ("Grüße.png", "image/png", b"\x89PNG"),
        ("x", "application/octet-stream", b"%PDF-"),
    ]


@pytest.mark.parametrize(
    ("fails", "state", "code"),
    [
        (LookupError("gone"), SendState.FAILED, "file_gone"),
        (OSError("down"), SendState.RETRY, "file_unreadable"),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_mail(fails, state, code):
    mailer = FakeMailer()
    result = send(replace(OUTGOING, files=(a_file(fails=fails),)), mailer)
    assert (result.state, result.error_code, mailer.sent) == (state, code, [])


def test_a_mail_that_ses_would_not_take_is_refused_with_its_size(monkeypatch):
    mailer = FakeMailer()
    monkeypatch.setattr(sending, "MAIL_BYTES", 10_000)
    big = a_file(data=b"x" * 7_500)  # as text a third more
    result = send(replace(OUTGOING, files=(big,)), mailer)
    assert (result.state, result.error_code, mailer.sent) == (SendState.FAILED, "too_large", [])
    assert send(replace(OUTGOING, files=(a_file(data=b"x" * 6_000),)), mailer).state == "accepted"


@pytest.mark.parametrize(
    ("code", "text", "state", "about", "error_code"),
    [
        ("TooManyRequestsException", "slow", "retry", ErrorClass.THROTTLED, ""),
        ("Throttling", "Maximum sending rate exceeded.", "retry", ErrorClass.THROTTLED, ""),
        ("Throttling", "Daily message quota exceeded.", "failed", ErrorClass.LIMIT, ""),
        ("LimitExceededException", "x", "failed", ErrorClass.LIMIT, "LimitExceededException"),
        ("InternalFailure", "x", "retry", ErrorClass.UNAVAILABLE, "InternalFailure"),
        ("ServiceUnavailable", "x", "retry", ErrorClass.UNAVAILABLE, "ServiceUnavailable"),
        ("MailFromDomainNotVerifiedException", "x", "failed", ErrorClass.CHANNEL,
         "MailFromDomainNotVerifiedException"),
        ("SendingPausedException", "x", "failed", ErrorClass.CHANNEL, "SendingPausedException"),
        ("AccountSuspendedException", "x", "failed", ErrorClass.CHANNEL, ""),
        ("AccessDeniedException", "x", "failed", ErrorClass.CHANNEL, "AccessDeniedException"),
        ("SomethingNew", "x", "failed", ErrorClass.CHANNEL, "SomethingNew"),
        ("MessageRejected", f"Email address is not verified: {ANA}", "failed", ErrorClass.CHANNEL,
         "sandbox"),
        ("MessageRejected", f"Email address is not verified: {CARE}", "failed", ErrorClass.CHANNEL,
         "sender_not_verified"),
        ("MessageRejected", "Virus", "failed", ErrorClass.CONTENT, "MessageRejected"),
        ("BadRequestException", "Illegal address", "failed", ErrorClass.RECIPIENT,
         "BadRequestException"),
        ("BadRequestException", "Duplicate header", "failed", ErrorClass.CONTENT,
         "BadRequestException"),
    ],
)  # fmt: skip
def test_every_refusal_is_understood(code, text, state, about, error_code):
    result = send(OUTGOING, FakeMailer(AwsRefusedError(code, text)))
    assert (result.state, result.error_class) == (state, about)
    assert result.error_code == (error_code or code)


def test_the_sandbox_is_told_in_plain_words():
    result = send(OUTGOING, FakeMailer(AwsRefusedError("MessageRejected", f"not verified: {ANA}")))
    assert "sandbox" in result.error_text


def test_what_may_have_been_sent_is_unknown_and_what_was_not_is_tried_again():
    unknown = send(OUTGOING, FakeMailer(NoAnswerError("ReadTimeoutError")))
    assert (unknown.state, unknown.error_class) == (SendState.UNKNOWN, ErrorClass.UNANSWERED)
    again = send(OUTGOING, FakeMailer(NotSentError("ConnectTimeoutError")))
    assert (again.state, again.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)


def test_without_a_mail_service_nothing_is_sent_and_it_is_said():
    result = EmailRoom().send(OUTGOING, SECRET, places())
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.CHANNEL)


def test_without_keys_a_reply_leaves_without_its_address():
    assert read(OUTGOING, {})["Reply-To"] is None


# -- files of a mail that came -------------------------------------------------------------------

RAW = lines(
    "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/html", "",
    '<p onclick="x()">Hi<script>steal()</script><img src="https://spy.example/x.png">'
    '<img src="cid:logo@acme"><form action="https://x.example"><input name="card"></form>'
    '<a href="javascript:x()">y</a><a href="https://acme.example">z</a></p>',
    "--b", "Content-Type: application/pdf", "Content-Transfer-Encoding: base64", "",
    "JVBERi0=", "--b--",
)  # fmt: skip


def fetch(attachment, most=100_000, stored=lambda key: {"mail/ses-1": RAW}[key]):
    return EmailRoom().fetch(HANDLE, attachment, most, secret={}, places=places(stored=stored))


def of(kind):
    return next(one for one in event(RAW).attachments if one.kind == kind)


def test_a_file_of_a_mail_is_its_own_bytes_and_the_original_is_the_mail():
    assert fetch(of("document")).body == b"%PDF-"
    assert fetch(of("original")).body == RAW
    assert fetch(of("original")).mime_type == "message/rfc822"


def test_html_is_shown_without_scripts_forms_and_pictures_from_outside():
    html = fetch(of("html")).body.decode()
    assert 'src="cid:logo@acme"' in html
    assert 'href="https://acme.example"' in html
    for gone in ("script", "steal", "spy.example", "onclick", "form", "input", "javascript"):
        assert gone not in html


@given(st.text(alphabet="<>/=\"' imgsrchtp:scidata&#;", max_size=120))
def test_no_html_gets_a_source_from_outside(html):
    assert 'src="http' not in cleaned(html).lower()


@pytest.mark.parametrize(
    ("media_id", "reason"),
    [("", "no_mail"), ("x", "no_mail"), ("#1", "no_mail"), ("mail/gone#1", "gone"),
     ("mail/ses-1#9", "no_such_part"), ("mail/ses-1#0", "no_such_part"),
     ("mail/ses-1#1.1", "no_such_part"), ("mail/ses-1#x", "no_such_part")],
)  # fmt: skip
def test_a_file_that_is_not_there_is_said_so(media_id, reason):
    with pytest.raises(FetchError) as refused:
        fetch(Attachment("document", media_id=media_id))
    assert refused.value.reason == reason


def test_a_file_over_the_limit_is_refused():
    with pytest.raises(FetchError) as refused:
        fetch(of("original"), most=10)
    assert refused.value.reason == "too_large"


def test_html_in_html_without_end_is_refused():
    deep = lines("Content-Type: text/html", "", "<div>" * 30_000)
    with pytest.raises(FetchError) as refused:
        fetch(Attachment("html", media_id="mail/ses-1#"), stored=lambda _: deep)
    assert refused.value.reason == "html_intricate"


def test_a_bucket_that_is_down_is_asked_again_later():
    def down(_):
        raise OSError

    with pytest.raises(FetchLaterError):
        fetch(of("document"), stored=down)


# -- is it alive ---------------------------------------------------------------------------------


def probe(mailer=None, secret=SECRET, handle=HANDLE):
    return EmailRoom().probe(handle, "", secret, places(mailer))


@pytest.mark.parametrize(
    ("mailer", "state", "words"),
    [
        (FakeMailer(), HealthState.WELL, ""),
        (FakeMailer(problem="example.com is not verified in SES"), HealthState.BROKEN, "verified"),
        (FakeMailer(AwsRefusedError("AccessDeniedException", "x")), HealthState.BROKEN, "Access"),
        (FakeMailer(AwsRefusedError("Throttling", "x")), HealthState.UNKNOWN, "Throttling"),
        (FakeMailer(NoAnswerError("x")), HealthState.UNKNOWN, "NoAnswerError"),
        (None, HealthState.UNKNOWN, "no mail service"),
    ],
)
def test_a_probe_says_what_hinders(mailer, state, words):
    found = probe(mailer)
    assert found.state is state
    assert words in found.problem


def test_a_probe_sees_what_is_missing_on_our_side():
    assert "reply_keys" in probe(FakeMailer(), {}).problem
    long = replace(HANDLE, account_id="customer.service.of.acme@example.com")
    assert "21 characters" in probe(FakeMailer(), handle=long).problem
    assert EmailRoom().probes(HANDLE) == 86_400


def test_the_guide_tells_how_to_make_the_secret_until_there_is_one():
    without, with_one = (EmailRoom().guide(HANDLE, "", one) for one in ({}, SECRET))
    assert any("set-secret acme-care" in step for step in without)
    assert not any("set-secret" in step for step in with_one)
    assert any("example.com" in step for step in with_one)
