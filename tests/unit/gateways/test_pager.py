"""The pager: each carrier in its own shape, every end of a call in one word, and no secret told."""

import json
import logging
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.channel import Channel
from chalicelib.domain.ladder import Paging, PagingEndpoint, PagingKind
from chalicelib.domain.policy import Handle, Policy
from chalicelib.gateways.pager import Carriers, Pager
from chalicelib.gateways.secrets import NoSecretError
from chalicelib.workflows.ladder.ports import Carried
from chalicelib.workflows.networks import (
    AwsRefusedError,
    NoAnswerError,
    NotSentError,
    SendResult,
    SendState,
)
from tests.fakes.networks import FakeHookSender
from tests.fakes.outside import FakeSender
from tests.unit.gateways.clients import stubbed

PHONE = "+15550111"
ADDRESS = "lou@example.com"
SMS = Handle("acme-sms", Channel.SMS, "+15550100", "Acme", "care")
PAGING = Paging(sms_handle="acme-sms", email_from="pages@acme.example")
PAGERDUTY = PagingEndpoint("duty", PagingKind.PAGERDUTY, "paging-duty")
OPSGENIE = PagingEndpoint("genie", PagingKind.OPSGENIE, "paging-genie")
OWN = PagingEndpoint("own", PagingKind.STANDARD, "paging-own", "https://pages.example.com/in")
SECRETS = {
    "paging-duty": {"routing_key": "R" * 32},
    "paging-genie": {"api_key": "G" * 36},
}
FACTS = {
    "page": "k7m2/p4",
    "summary": "Care: 12 cases",
    "severity": "breach",
    "team": "care",
    "count": "12",
    "link": "https://acme.example/p/x",
    "body": "Care: 12 cases.\nMore.",
    "at": "2026-11-02T09:25:00.000+00:00",
}


class FakeMailer:
    """Keeps the mails; raises what it is given."""

    def __init__(self):
        self.sent, self.error = [], None

    def send(self, *mail):
        if self.error:
            raise self.error
        self.sent.append(mail)
        return "m-1@eu-west-1.amazonses.com"


class FakePoster:
    """Keeps the requests; answers a status or raises."""

    def __init__(self):
        self.posted, self.answer = [], 202

    def post(self, url, headers, body):
        self.posted.append((url, dict(headers), json.loads(body)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Bench:
    """A pager over fakes, and a real SNS client that reaches nobody."""

    def __init__(self, paging=PAGING, urls=None):
        self.sns, self.stubber = stubbed("sns")
        self.sender, self.mailer, self.poster = FakeSender(), FakeMailer(), FakePoster()
        self.hooks = FakeHookSender()
        carriers = Carriers(
            lambda: self.sender,
            lambda: self.sns,
            lambda: self.mailer,
            lambda: self.poster,
            lambda: self.hooks,
            urls or {},
        )
        known = Policy("v1", handles=(SMS,), paging=paging)
        self.pager = Pager(lambda: known, self.secret, carriers)

    @staticmethod
    def secret(name):
        if name not in SECRETS:
            raise NoSecretError(name)
        return SECRETS[name]


def test_an_sms_leaves_by_the_paging_handle_under_a_token_of_its_own():
    bench = Bench()
    assert bench.pager.sms(PHONE, "BREACH") == Carried(taken=True, ref="platform-1")
    (sent,) = bench.sender.sent
    assert (sent.handle, sent.recipient, sent.text, sent.public) == (SMS, PHONE, "BREACH", False)
    assert sent.token.startswith("page-")
    assert PHONE not in sent.token


def test_a_number_leaves_in_the_form_of_carriers_and_none_is_not_called():
    bench = Bench()
    bench.pager.sms("+1 (555) 010-0111", "x")
    assert bench.sender.sent[0].recipient == "+15550100111"
    for none in ("", "5550111", "lou"):
        assert bench.pager.sms(none, "x") == Carried(taken=False, reason="no_number")
    assert len(bench.sender.sent) == 1


@pytest.mark.parametrize("paging", [Paging(), Paging(sms_handle="gone")])
def test_without_a_paging_handle_sns_picks_the_number(paging):
    bench = Bench(paging)
    wanted = {
        "PhoneNumber": PHONE,
        "Message": "BREACH",
        "MessageAttributes": {
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
        },
    }
    bench.stubber.add_response("publish", {"MessageId": "s-1"}, wanted)
    assert bench.pager.sms(PHONE, "BREACH") == Carried(taken=True, ref="s-1")
    bench.stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "again"),
    [("InvalidParameter", False), ("Throttled", True), ("Throttling", True),
     ("InternalError", True), ("AuthorizationError", False)],
)  # fmt: skip
def test_what_sns_refuses_is_told_by_its_code(code, again):
    bench = Bench(Paging())
    bench.stubber.add_client_error("publish", code, f"Invalid parameter: {PHONE}")
    assert bench.pager.sms(PHONE, "x") == Carried(taken=False, reason=code, again=again)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (SendResult(SendState.RETRY, error_code="ThrottlingException"),
         Carried(taken=False, reason="ThrottlingException", again=True)),
        (SendResult(SendState.FAILED, error_code="opted_out"),
         Carried(taken=False, reason="opted_out")),
        (SendResult(SendState.UNKNOWN), Carried(taken=False, reason="unknown", again=True)),
    ],
)  # fmt: skip
def test_how_a_text_ended_says_whether_to_try_again(result, expected):
    bench = Bench()
    bench.sender.answers = [result]
    assert bench.pager.sms(PHONE, "x") == expected


def test_an_email_is_whole_plain_and_answered_by_no_machine():
    bench = Bench()
    carried = bench.pager.email(ADDRESS, "[Hearback]\r\nBcc: eve@example.com", "Zürich\n5 > 3")
    assert carried == Carried(taken=True, ref="m-1@eu-west-1.amazonses.com")
    ((source, recipients, raw, token),) = bench.mailer.sent
    assert (source, recipients) == ("pages@acme.example", [ADDRESS])
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "[Hearback] Bcc: eve@example.com"
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content() == "Zürich\r\n5 > 3\r\n" or mail.get_content() == "Zürich\n5 > 3\n"
    assert token.startswith("page-")


def test_without_a_sender_no_email_leaves():
    assert Bench(Paging()).pager.email(ADDRESS, "x", "x") == Carried(
        taken=False, reason="no_sender"
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AwsRefusedError("MessageRejected", ADDRESS), ("MessageRejected", False)),
        (AwsRefusedError("TooManyRequestsException", ""), ("TooManyRequestsException", True)),
        (NotSentError("ConnectTimeoutError"), ("not_reached", True)),
        (NoAnswerError("ReadTimeoutError"), ("no_answer", True)),
        (ReadTimeoutError(endpoint_url="https://x.example"), ("ReadTimeoutError", True)),
        (ValueError(ADDRESS), ("ValueError", True)),
    ],
)
def test_however_an_email_ends_it_is_one_word(error, expected):
    bench = Bench()
    bench.mailer.error = error
    carried = bench.pager.email(ADDRESS, "x", "x")
    assert (carried.taken, carried.reason, carried.again) == (False, *expected)


def test_an_address_that_is_none_is_refused_and_nothing_breaks():
    assert not Bench().pager.email("lou@example.com\nBcc: x@example.com", "x", "x").taken


def test_pagerduty_is_told_in_its_own_shape():
    bench = Bench()
    assert bench.pager.webhook(PAGERDUTY, "trigger", FACTS) == Carried(taken=True)
    ((url, headers, event),) = bench.poster.posted
    assert (url, headers) == ("https://events.pagerduty.com/v2/enqueue", {})
    assert event == {
        "routing_key": "R" * 32,
        "event_action": "trigger",
        "dedup_key": "k7m2/p4",
        "client": "Hearback",
        "client_url": "https://acme.example/p/x",
        "links": [{"href": "https://acme.example/p/x", "text": "Acknowledge, and see the cases"}],
        "payload": {
            "summary": "Care: 12 cases",
            "source": "hearback",
            "severity": "error",
            "timestamp": FACTS["at"],
            "group": "care",
            "class": "breach",
            "custom_details": {
                "team": "care",
                "count": "12",
                "link": "https://acme.example/p/x",
                "body": "Care: 12 cases.\nMore.",
            },
        },
    }


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_pagerduty_hears_of_the_same_page_by_its_key(action):
    bench = Bench()
    bench.pager.webhook(PAGERDUTY, action, FACTS)
    assert bench.poster.posted[0][2] == {
        "routing_key": "R" * 32,
        "event_action": action,
        "dedup_key": "k7m2/p4",
    }


@pytest.mark.parametrize(
    ("severity", "pagerduty", "opsgenie"),
    [("critical", "critical", "P1"), ("breach", "error", "P2"), ("warning", "warning", "P3")],
)
def test_how_loud_it_is_in_each_ones_words(severity, pagerduty, opsgenie):
    bench = Bench()
    facts = FACTS | {"severity": severity, "summary": "s" * 5000, "body": "b" * 50_000}
    bench.pager.webhook(PAGERDUTY, "trigger", facts)
    bench.pager.webhook(OPSGENIE, "trigger", facts)
    duty, genie = (one[2] for one in bench.poster.posted)
    assert (duty["payload"]["severity"], genie["priority"]) == (pagerduty, opsgenie)
    assert (len(duty["payload"]["summary"]), len(genie["message"])) == (1024, 130)
    assert len(genie["description"]) == 15_000


def test_opsgenie_is_told_in_its_own_shape():
    bench = Bench()
    assert bench.pager.webhook(OPSGENIE, "trigger", FACTS).taken
    ((url, headers, alert),) = bench.poster.posted
    assert url == "https://api.opsgenie.com/v2/alerts"
    assert headers == {"Authorization": f"GenieKey {'G' * 36}"}
    assert (alert["message"], alert["alias"], alert["priority"], alert["source"]) == (
        "Care: 12 cases", "k7m2/p4", "P2", "hearback",
    )  # fmt: skip
    assert alert["details"]["count"] == "12"


@pytest.mark.parametrize(("action", "verb"), [("acknowledge", "acknowledge"), ("resolve", "close")])
def test_opsgenie_hears_of_the_same_page_by_its_alias(action, verb):
    bench = Bench()
    bench.pager.webhook(OPSGENIE, action, FACTS)
    url = f"https://api.opsgenie.com/v2/alerts/k7m2%2Fp4/{verb}?identifierType=alias"
    assert bench.poster.posted[0][0] == url


def test_another_region_and_a_local_run_are_called_elsewhere():
    bench = Bench(urls={"pagerduty": "http://127.0.0.1:1/duty/", "opsgenie": "http://127.0.0.1:1"})
    bench.pager.webhook(PAGERDUTY, "resolve", FACTS)
    region = replace(OPSGENIE, url="https://api.eu.opsgenie.com/")
    bench.pager.webhook(region, "trigger", FACTS)
    assert [one[0] for one in bench.poster.posted] == [
        "http://127.0.0.1:1/duty/v2/enqueue",
        "https://api.eu.opsgenie.com/v2/alerts",
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (200, Carried(taken=True)),
        (302, Carried(taken=False, reason="http_302")),
        (400, Carried(taken=False, reason="http_400")),
        (403, Carried(taken=False, reason="http_403")),
        (429, Carried(taken=False, reason="http_429", again=True)),
        (500, Carried(taken=False, reason="http_500", again=True)),
        (NotSentError("refused"), Carried(taken=False, reason="address_refused")),
        (NotSentError("unresolved"), Carried(taken=False, reason="not_reached", again=True)),
        (NoAnswerError("x"), Carried(taken=False, reason="no_answer", again=True)),
    ],
)
def test_however_a_paging_system_answers_it_is_one_word(answer, expected):
    bench = Bench()
    bench.poster.answer = answer
    assert bench.pager.webhook(PAGERDUTY, "trigger", FACTS) == expected


@pytest.mark.parametrize(
    "held", [{}, {"routing_key": ""}, {"routing_key": 5}, {"routing_key": "a\r\nb"}]
)
def test_without_its_key_a_system_is_not_called(held, monkeypatch):
    bench = Bench()
    monkeypatch.setitem(SECRETS, "paging-duty", held)
    carried = bench.pager.webhook(PAGERDUTY, "trigger", FACTS)
    assert carried == Carried(taken=False, reason="no_secret")
    gone = replace(PAGERDUTY, secret="paging-gone")
    assert bench.pager.webhook(gone, "trigger", FACTS).reason == "no_secret"
    assert bench.poster.posted == []


def test_an_own_system_is_told_by_a_signed_webhook_whose_id_tells_a_repeat():
    bench = Bench()
    for action in ("trigger", "trigger", "acknowledge"):
        assert bench.pager.webhook(OWN, action, FACTS).taken
    first, again, other = bench.hooks.delivered
    assert first == again
    assert first[:2] == (OWN.url, OWN.secret)
    assert other[2] != first[2]
    body = json.loads(first[3])
    assert (body["type"], body["timestamp"], body["data"]) == (
        "page.triggered", FACTS["at"], FACTS,
    )  # fmt: skip


def test_no_number_address_or_key_is_in_a_log_line_or_in_what_comes_back(caplog):
    bench = Bench(Paging(email_from="pages@acme.example"))
    bench.mailer.error = ValueError(ADDRESS)
    bench.poster.answer = ValueError("R" * 32)
    bench.stubber.add_client_error("publish", "InvalidParameter", f"Invalid: {PHONE}")
    with caplog.at_level(logging.DEBUG):
        told = [
            bench.pager.sms(PHONE, "secret words"),
            bench.pager.email(ADDRESS, "x", "x"),
            bench.pager.webhook(PAGERDUTY, "trigger", FACTS),
        ]
    mine = [record.getMessage() for record in caplog.records if "chalicelib" in record.name]
    said = " ".join([*mine, *(one.reason for one in told)])
    for hidden in (PHONE, ADDRESS, "R" * 32, "secret words"):
        assert hidden not in said
    assert not any(one.taken for one in told)
    assert not any(record.exc_info for record in caplog.records if "chalicelib" in record.name)
