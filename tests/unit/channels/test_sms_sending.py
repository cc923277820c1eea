"""Replies by AWS End User Messaging, and whether the number is still connected."""

from dataclasses import replace

import pytest

from chalicelib.channels.places import Places
from chalicelib.channels.sender import ChannelSender
from chalicelib.channels.sms.room import SmsRoom
from chalicelib.workflows.networks import (
    AwsRefusedError,
    ErrorClass,
    HealthState,
    NoAnswerError,
    NotSentError,
    Outgoing,
    SendState,
)
from tests.contract.channels.sms_specimen import NUMBER, Sms

ROOM, HANDLE = SmsRoom(), Sms().handle
REPLY = Outgoing("tok-1", HANDLE, "+15550111", False, "We are on it.")
SET = replace(HANDLE, settings={"configuration_set": "hearback", "origin": "arn:number"})


class FakeTexts:
    """End User Messaging: an id, a problem, or an error."""

    def __init__(self, answer="m-1"):
        self.answer, self.sent = answer, []

    def send(self, origin, destination, text, token, *, configuration_set=""):
        self.sent.append((origin, destination, text, token, configuration_set))
        return self.said()

    def probe(self, origin):
        self.sent.append(origin)
        return self.said()

    def said(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def send(texts, message=REPLY):
    return ROOM.send(message, {}, Places(texter=lambda: texts))


def test_a_reply_leaves_from_the_handles_number_with_its_token():
    texts = FakeTexts()
    result = send(texts)
    assert (result.state, result.platform_id) == (SendState.ACCEPTED, "m-1")
    assert texts.sent == [(NUMBER, "+15550111", "We are on it.", "tok-1", "")]


def test_the_settings_name_a_shared_number_and_where_events_go():
    texts = FakeTexts()
    send(texts, replace(REPLY, handle=SET))
    assert texts.sent == [("arn:number", "+15550111", "We are on it.", "tok-1", "hearback")]


@pytest.mark.parametrize(
    ("error", "state", "error_class", "code"),
    [
        ("ThrottlingException", SendState.RETRY, ErrorClass.THROTTLED, "ThrottlingException"),
        (
            *("InternalServerException", SendState.RETRY, ErrorClass.UNAVAILABLE),
            "InternalServerException",
        ),
        (
            *("ConflictException/DESTINATION_PHONE_NUMBER_OPTED_OUT", SendState.FAILED),
            *(ErrorClass.RECIPIENT, "opted_out"),
        ),
        (
            *("ConflictException/RESOURCE_NOT_ACTIVE", SendState.FAILED, ErrorClass.CHANNEL),
            "ConflictException/RESOURCE_NOT_ACTIVE",
        ),
        (
            *("ValidationException/COUNTRY_NOT_ENABLED", SendState.FAILED, ErrorClass.RECIPIENT),
            "ValidationException/COUNTRY_NOT_ENABLED",
        ),
        ("ValidationException", SendState.FAILED, ErrorClass.CONTENT, "ValidationException"),
        (
            *("ServiceQuotaExceededException/MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",),
            *(SendState.FAILED, ErrorClass.CHANNEL),
            "ServiceQuotaExceededException/MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
        ),
        (
            *("ServiceQuotaExceededException", SendState.FAILED, ErrorClass.LIMIT),
            "ServiceQuotaExceededException",
        ),
        ("AccessDeniedException", SendState.FAILED, ErrorClass.CHANNEL, "AccessDeniedException"),
        ("NoCredentialsError", SendState.FAILED, ErrorClass.CHANNEL, "NoCredentialsError"),
    ],
)
def test_every_kind_of_no_is_understood(error, state, error_class, code):
    result = send(FakeTexts(AwsRefusedError(error, "No. " * 200)))
    assert (result.state, result.error_class, result.error_code) == (state, error_class, code)
    assert 0 < len(result.error_text) <= 300


def test_what_never_left_is_tried_again_and_what_may_have_left_is_not():
    assert send(FakeTexts(NotSentError("no"))).state is SendState.RETRY
    for answer in (NoAnswerError("hm"), ""):
        result = send(FakeTexts(answer))
        assert (result.state, result.error_class) == (SendState.UNKNOWN, ErrorClass.UNANSWERED)


def test_where_nothing_can_send_people_are_told():
    result = ROOM.send(REPLY, {}, Places())
    assert (result.state, result.error_class) == (SendState.FAILED, ErrorClass.CHANNEL)


def test_the_whole_way_through_the_sender_and_its_limits():
    texts = FakeTexts()
    sender = ChannelSender({"acme-text": {"topics": []}}.__getitem__, Places(texter=lambda: texts))
    assert sender.send(REPLY).state is SendState.ACCEPTED
    assert sender.send(replace(REPLY, text="a" * 1601)).error_code == "text_too_long"


def test_the_price_is_that_of_its_segments():
    priced = replace(HANDLE, settings={"price_per_segment_usd": "0.00581"})
    assert ROOM.price(replace(REPLY, handle=priced, text="a" * 161)) == 11_620
    assert ROOM.price(REPLY) == 0
    assert ROOM.capabilities(HANDLE, public=False).segments


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("", HealthState.WELL),
        ("two-way SMS is switched off for the number", HealthState.BROKEN),
        (AwsRefusedError("AccessDeniedException", "x"), HealthState.UNKNOWN),
        (NotSentError("x"), HealthState.UNKNOWN),
        (NoAnswerError("x"), HealthState.UNKNOWN),
    ],
)
def test_a_probe_asks_for_the_number(answer, state):
    texts = FakeTexts(answer)
    health = ROOM.probe(SET, "https://care.example.com/x", {}, Places(texter=lambda: texts))
    assert health.state is state
    assert bool(health.problem) is (state is not HealthState.WELL)
    assert texts.sent == ["arn:number"]
    assert ROOM.probes(SET) == 86_400


def test_without_a_texter_nobody_can_be_asked():
    assert ROOM.probe(HANDLE, "", {}, Places()).state is HealthState.UNKNOWN


def test_the_guide_says_how_to_store_the_secret_until_it_is_there():
    url = "https://care.example.com/webhooks/sms/acme-text"
    told = "\n".join(ROOM.guide(HANDLE, url, {}))
    assert url in told
    assert '{"topics": []}' in told
    assert '{"topics": []}' not in "\n".join(ROOM.guide(HANDLE, url, {"topics": []}))
