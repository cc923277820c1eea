"""SMS by AWS End User Messaging: one call, in AWS's own shape, and what its errors mean."""

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from chalicelib.gateways import texts
from chalicelib.gateways.clients import client
from chalicelib.gateways.texts import SERVICE, Texts
from chalicelib.workflows.networks import AwsRefusedError, NoAnswerError, NotSentError
from tests.unit.gateways.clients import stubbed

NUMBER = {
    "PhoneNumberArn": "arn:aws:sms-voice:eu-west-1:1:phone-number/phone-1",
    "PhoneNumberId": "phone-1",
    "PhoneNumber": "+15550100",
    "Status": "ACTIVE",
    "TwoWayEnabled": True,
    "TwoWayChannelArn": "arn:aws:sns:eu-west-1:1:sms",
    "IsoCountryCode": "US",
    "MessageType": "TRANSACTIONAL",
    "NumberCapabilities": ["SMS"],
    "NumberType": "LONG_CODE",
    "MonthlyLeasingPrice": "1.00",
    "SelfManagedOptOutsEnabled": False,
    "OptOutListName": "Default",
    "DeletionProtectionEnabled": True,
    "CreatedTimestamp": 1795255260,
}
SENT = {
    "DestinationPhoneNumber": "+15550111",
    "OriginationIdentity": "+15550100",
    "MessageBody": "Hello",
    "MessageType": "TRANSACTIONAL",
    "Context": {"token": "tok-1"},
}


@pytest.fixture
def aws(monkeypatch):
    """A client of botocore's own that reaches nobody."""
    found, stubber = stubbed(SERVICE)
    monkeypatch.setattr(texts, "client", lambda *_, **__: found)
    yield stubber
    stubber.deactivate()


def send(**facts):
    return Texts().send("+15550100", "+15550111", "Hello", "tok-1", **facts)


def test_botocore_takes_the_call_and_the_token_goes_along(aws):
    aws.add_response("send_text_message", {"MessageId": "m-1"}, SENT)
    assert send() == "m-1"
    wanted = SENT | {"ConfigurationSetName": "hearback"}
    aws.add_response("send_text_message", {"MessageId": "m-2"}, wanted)
    assert send(configuration_set="hearback") == "m-2"
    aws.assert_no_pending_responses()


def test_an_answer_without_an_id_is_an_empty_one(aws):
    aws.add_response("send_text_message", {}, SENT)
    assert send() == ""


def test_a_refusal_says_aws_own_word_and_its_reason(aws):
    aws.add_client_error(
        "send_text_message",
        "ConflictException",
        "Opted out.",
        http_status_code=400,
        modeled_fields={"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"},
    )
    with pytest.raises(AwsRefusedError) as refused:
        send()
    assert refused.value.code == "ConflictException/DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert refused.value.text == "Opted out."


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, AwsRefusedError),
        ("InternalServerException", 500, AwsRefusedError),
        ("ServiceUnavailableException", 503, AwsRefusedError),
        ("502", 502, NoAnswerError),
        ("", 500, NoAnswerError),
        ("AccessDeniedException", 400, AwsRefusedError),
    ],
)
def test_an_error_between_us_and_the_service_says_nothing(aws, code, status, expected):
    aws.add_client_error("send_text_message", code, "x", http_status_code=status)
    with pytest.raises(expected):
        send()


URL = "https://sms-voice.eu-west-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (exceptions.EndpointConnectionError(endpoint_url=URL, error="x"), NotSentError),
        (exceptions.ConnectTimeoutError(endpoint_url=URL, error="x"), NotSentError),
        (exceptions.ProxyConnectionError(proxy_url=URL, error="x"), NotSentError),
        (exceptions.ReadTimeoutError(endpoint_url=URL, error="x"), NoAnswerError),
        (exceptions.ConnectionClosedError(endpoint_url=URL, error="x"), NoAnswerError),
        (exceptions.SSLError(endpoint_url=URL, error="x"), NoAnswerError),
        (ResponseParserError("x"), NoAnswerError),
        (exceptions.NoCredentialsError(), AwsRefusedError),
        (exceptions.NoRegionError(), AwsRefusedError),
    ],
)
def test_what_never_left_is_told_from_what_may_have(monkeypatch, error, expected):
    class Broken:
        def send_text_message(self, **_):
            raise error

    monkeypatch.setattr(texts, "client", lambda *_, **__: Broken())
    with pytest.raises(expected):
        send()


def test_what_botocore_would_not_even_ask_is_refused_here(aws):
    aws.add_response("send_text_message", {"MessageId": "m-1"})
    with pytest.raises(AwsRefusedError) as refused:
        Texts().send("+15550100", "", "Hello", "tok-1")
    assert refused.value.code == "ValidationException"


def test_a_message_is_asked_for_once_and_where_it_was_said(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made = client(SERVICE, attempts=1, url="http://127.0.0.1:1/sms")
    assert made.meta.config.retries["total_max_attempts"] == 1
    assert made.meta.endpoint_url == "http://127.0.0.1:1/sms"


@pytest.mark.parametrize("origin", ["+15550100", "phone-1", NUMBER["PhoneNumberArn"]])
def test_an_active_two_way_number_is_well(aws, origin):
    more = {"PhoneNumbers": [NUMBER], "NextToken": "t"}
    first = {"PhoneNumbers": [], "NextToken": "t"}
    aws.add_response("describe_phone_numbers", first, {"MaxResults": 100})
    aws.add_response("describe_phone_numbers", more, {"MaxResults": 100, "NextToken": "t"})
    assert Texts().probe(origin) == ""


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"Status": "PENDING"}, "pending"),
        ({"TwoWayEnabled": False}, "switched off"),
        ({"TwoWayChannelArn": ""}, "nowhere"),
        ({"PhoneNumber": "+15550199"}, "no such number"),
    ],
)
def test_what_hinders_a_number_is_said(monkeypatch, facts, problem):
    class Numbers:
        def describe_phone_numbers(self, **_):
            return {"PhoneNumbers": [NUMBER | facts]}

    monkeypatch.setattr(texts, "client", lambda *_, **__: Numbers())
    assert problem in Texts().probe("+15550100")


def test_a_list_without_end_ends(monkeypatch):
    class Endless:
        pages = 0

        def describe_phone_numbers(self, **_):
            self.pages += 1
            return {"PhoneNumbers": [], "NextToken": "again"}

    numbers = Endless()
    monkeypatch.setattr(texts, "client", lambda *_, **__: numbers)
    assert Texts().probe("+15550100")
    assert numbers.pages == texts.MOST_PAGES


def test_a_probe_that_is_refused_says_so(aws):
    aws.add_client_error("describe_phone_numbers", "AccessDeniedException", "x")
    with pytest.raises(AwsRefusedError):
        Texts().probe("+15550100")
