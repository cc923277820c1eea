"""Observed: every door's log lines have their keys, none holds a secret or a customer's words."""

import io
import json
import logging
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from chalice.app import CloudWatchEvent, SQSEvent

from chalicelib.entrypoints import observed as module
from chalicelib.entrypoints.observed import logger, noted, observed, places, silenced
from tests.fakes.house import AGENT, APP_SECRET, signed
from tests.fakes.trail import CrashError

CANARY = "canary-7f3a-customer-words"


@pytest.fixture
def lines(monkeypatch):
    """Return a way to read the log lines written so far."""
    stream = io.StringIO()
    monkeypatch.setattr(logger().handlers[0], "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def failing(event, context):
    raise RuntimeError(CANARY)


def test_a_door_returns_what_it_did_before_and_raises_the_same_without_its_message(house):
    """Lambda's runtime writes the message into the log; the machine needs the class."""
    assert observed(lambda event, context: event["x"])({"x": 7}, None) == 7
    with pytest.raises(RuntimeError) as raised:
        observed(failing)({}, None)
    assert type(raised.value) is RuntimeError
    assert CANARY not in str(raised.value)
    assert raised.value.__suppress_context__


class ParticularError(Exception):
    """Cannot be made without what it is about."""

    def __new__(cls, about):
        return super().__new__(cls, about)


class TalkativeError(Exception):
    """Says what it says, whatever its arguments are."""

    def __str__(self):
        return CANARY


@pytest.mark.parametrize(
    "error",
    [
        KeyError(CANARY),
        OSError(5, CANARY),
        UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY),
        ClientError({"Error": {"Code": "X", "Message": CANARY}}, "Get"),
        ParticularError(CANARY),
        TalkativeError(),
        ExceptionGroup(CANARY, [ValueError(CANARY)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_raised_keeps_its_name_and_tells_nothing(error):
    told = silenced(error)
    assert type(told).__name__ == type(error).__name__
    assert CANARY not in f"{told}{told!r}{vars(told)}{told.args}"


def test_a_line_has_the_doors_keys_and_those_of_the_inner_floors_too(house, lines):
    @observed
    def door(event, context):
        noted(conversation_id="conv1", channel="messenger", nothing=None)
        logging.getLogger("chalicelib.workflows.example").info("Deciding.")

    door({}, SimpleNamespace(aws_request_id="request-7"))
    (line,) = [one for one in lines() if one["message"] == "Deciding."]
    assert (line["door"], line["correlation_id"]) == ("door", "request-7")
    assert (line["conversation_id"], line["channel"]) == ("conv1", "messenger")
    assert line["name"] == "chalicelib.workflows.example"
    assert "nothing" not in line


def test_the_keys_of_one_invocation_do_not_reach_the_next(house, lines):
    say = logging.getLogger("chalicelib.workflows.example")
    observed(lambda event, context: noted(conversation_id="conv1"))({}, None)
    observed(lambda event, context: say.info("Next."))({}, None)
    assert "conversation_id" not in lines()[-1]


def test_the_first_invocation_is_a_cold_start_and_no_other(house, lines, monkeypatch):
    monkeypatch.setattr(module, "_started", [])
    say = logging.getLogger("chalicelib")
    for _ in range(2):
        observed(lambda event, context: say.info("Here."))({}, None)
    assert [line["cold_start"] for line in lines()] == [True, False]


def test_an_error_is_logged_by_type_and_place_and_counted(house, lines):
    with pytest.raises(RuntimeError):
        observed(failing)({}, None)
    (line,) = [one for one in lines() if one["level"] == "ERROR"]
    assert line["exception_name"] == "RuntimeError"
    assert "test_observed.py" in line["exception"]
    assert house.parts.meter.total("DoorFailed", door="failing") == 1


def test_no_message_of_an_error_or_of_its_causes_is_logged(house, lines):
    def door(event, context):
        try:
            failing(event, context)
        except RuntimeError as error:
            raise ValueError(f"because of {error}") from error

    with pytest.raises(ValueError):
        observed(door)({"text": CANARY}, None)
    assert CANARY not in json.dumps(lines())
    assert "ValueError" in lines()[0]["exception"]
    assert "caused by RuntimeError" in lines()[0]["exception"]


def test_an_error_of_aws_is_logged_with_its_code():
    error = ClientError({"Error": {"Code": "AccessDeniedException", "Message": CANARY}}, "Get")
    assert places(error).startswith("ClientError AccessDeniedException")
    assert CANARY not in places(error)


SCHEDULED = dict.fromkeys(
    ["version", "account", "region", "detail", "detail-type", "source", "time", "resources"], ""
)


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (({"Records": []}, SimpleNamespace(aws_request_id="r1")), "r1"),
        ((SQSEvent({"Records": []}, SimpleNamespace(aws_request_id="r2")),), "r2"),
        ((CloudWatchEvent(SCHEDULED | {"id": "e3"}, None),), "e3"),
        (({}, None), ""),
        ((), ""),
    ],
)
def test_the_correlation_id_is_the_events_or_the_requests(args, wanted):
    assert module._correlation_id(args) == wanted


def test_parts_that_cannot_be_made_do_not_hide_the_error(monkeypatch, lines):
    def unmade():
        raise LookupError

    monkeypatch.setattr("chalicelib.bootstrap.parts", unmade)
    with pytest.raises(RuntimeError):
        observed(failing)({}, None)
    assert observed(lambda event, context: 7)({}, None) == 7


def test_the_end_of_the_process_is_not_an_error_of_the_door(house, lines):
    def die(event, context):
        raise CrashError

    with pytest.raises(CrashError):
        observed(die)({}, None)
    assert house.parts.meter.total("DoorFailed") == 0


def test_no_words_and_no_secret_reach_a_log_line_from_webhook_to_reply(house, lines, monkeypatch):
    """The canary goes in by every way that words and secrets do, with faults on the way."""
    monkeypatch.setattr(logging.getLogger("chalicelib"), "level", logging.DEBUG)
    body = json.dumps(
        {"object": "page", "entry": [{"id": "1", "time": 1, "messaging": [{"x": CANARY}, CANARY]}]}
    )
    house.gateway.call("POST", "/webhooks/meta", body.encode(), signed(body.encode()))
    house.gateway.call("POST", "/webhooks/meta", CANARY.encode(), {"X-Hub-Signature-256": CANARY})
    house.gateway.call("POST", "/webhooks/meta", CANARY.encode(), signed(CANARY.encode()))
    found = house.customer_writes(CANARY)
    path = f"/api/conversations/{found.id}/replies"
    house.gateway.change("POST", path, {"text": CANARY, "version": found.version}, AGENT)
    house.gateway.change("POST", path, {"text": CANARY, "version": CANARY}, AGENT)
    house.gateway.change("POST", path, {CANARY: CANARY}, AGENT, key=CANARY)
    house.store.before_commit.append(lambda _: failing(None, None))
    house.gateway.change("POST", path, {"text": CANARY, "version": 2}, AGENT)
    written = json.dumps(lines())
    assert len(lines()) >= 2
    assert CANARY not in written
    assert APP_SECRET not in written
    assert "Casey Customer" not in written
