"""What the rooms share: waits, verdicts, answers, unanswered questions, rooms without webhooks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.channels import answers, questions, verdicts, waits
from chalicelib.channels.contract import SignatureError
from chalicelib.channels.polled import PolledRoom
from chalicelib.channels.transport import Answer
from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, HealthState, SendState

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DATE = {"date": "Sat, 21 Nov 2026 10:00:00 GMT"}


def answer(body=b"", **headers):
    return Answer(429, body, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry_after": "30"}, 30),
        ({"retry_after": "0"}, 0),
        ({"retry_after": "-5"}, 0),
        ({"retry_after": "soon"}, 0),
        ({"retry_after": "999999999"}, waits.LONGEST),
        ({"retry_after": "Sat, 21 Nov 2026 10:02:00 GMT", **DATE}, 120),
        ({"retry_after": "Sat, 21 Nov 2026 10:02:00", **DATE}, 120),
        ({"retry_after": "Sat, 21 Nov 2026 09:00:00 GMT", **DATE}, 0),
        ({"retry_after": "Sat, 21 Nov 2099 10:00:00 GMT", **DATE}, waits.LONGEST),
        ({"retry_after": "Sat, 21 Nov 2026 10:02:00 GMT"}, 0),
    ],
)
def test_a_wait_is_as_long_as_asked_and_never_longer_than_a_day(headers, seconds):
    assert waits.asked(answer(**headers)) == seconds


@given(some.text(max_size=60), some.text(max_size=60))
def test_no_header_is_a_fault(given_wait, given_date):
    held = answer(retry_after=given_wait, date=given_date, reset=given_wait)
    assert 0 <= waits.asked(held) <= waits.LONGEST
    assert 0 <= waits.until(held, "reset", NOW) <= waits.LONGEST


@pytest.mark.parametrize(
    "written",
    [
        "1795255230",
        "1795255230000",
        "2026-11-21T10:00:30Z",
        "2026-11-21T10:00:30.000000Z",
        "2026-11-21T11:00:30+01:00",
    ],
)
def test_an_instant_is_read_however_it_is_written(written):
    assert waits.until(answer(reset=written), "reset", NOW) == 30


@pytest.mark.parametrize(
    ("at", "seconds"), [("", 0), ("1", 0), ("4000000000", waits.LONGEST), ("later", 0)]
)
def test_an_instant_that_passed_or_is_none_asks_for_no_wait(at, seconds):
    assert waits.until(answer(reset=at), "reset", NOW) == seconds


def test_a_verdict_keeps_the_platforms_words_unless_ours_say_more():
    theirs = verdicts.CONTENT.result("17", "x" * 1_000)
    assert (theirs.state, theirs.error_class) == (SendState.FAILED, ErrorClass.CONTENT)
    assert (theirs.error_code, len(theirs.error_text)) == ("17", verdicts.MAX_TEXT)
    own = verdicts.Verdict(SendState.FAILED, ErrorClass.RECIPIENT, "opted_out", "The customer.")
    ours = own.result("21610", "Attempt to send to unsubscribed recipient", 5)
    assert (ours.error_code, ours.error_text) == ("opted_out", "The customer.")
    assert ours.retry_after_seconds == 5


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"nonsense", b"\xff", b'{"a":1,"a":2}'])
def test_an_answer_that_holds_no_object_is_an_empty_one(body):
    assert answers.told(answer(body)) == {}


def test_an_answers_id_is_text_or_nothing():
    told = answers.told(answer(b'{"id": 9007199254740993, "list": [], "half": 1.5}'))
    assert answers.ident(told, "id") == "9007199254740993"
    assert [answers.ident(told, name) for name in ("none", "list", "half")] == ["", "", ""]


def test_a_yes_without_an_id_may_be_none():
    assert answers.accepted("m-1").state is SendState.ACCEPTED
    unsure = answers.accepted("")
    assert (unsure.state, unsure.error_class) == (SendState.UNKNOWN, ErrorClass.UNANSWERED)
    assert unsure.error_code == "no_id"


def test_what_may_be_done_twice_is_done_again_and_a_no_stays_a_no():
    again = answers.again(verdicts.UNKNOWN.result("no_answer", "NoAnswerError"))
    assert (again.state, again.error_class) == (SendState.RETRY, ErrorClass.UNAVAILABLE)
    assert again.error_code == "no_answer"
    refused = verdicts.CONTENT.result("400", "no")
    assert answers.again(refused) == refused


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (verdicts.CHANNEL.result("401", "revoked"), HealthState.BROKEN),
        (verdicts.RETRY.result("503", "busy"), HealthState.UNKNOWN),
        (verdicts.UNKNOWN.result("no_answer", ""), HealthState.UNKNOWN),
    ],
)
def test_a_platform_that_refuses_is_broken_and_a_silent_one_may_be_well(result, state):
    health = questions.health_of(result)
    assert health.state is state
    assert health.problem.startswith(result.error_code)
    assert not health.problem.endswith(": ")


@pytest.mark.parametrize(
    ("verdict", "lasting"),
    [
        (verdicts.CHANNEL, True),
        (verdicts.CONTENT, True),
        (verdicts.RECIPIENT, True),
        (verdicts.THROTTLED, False),
        (verdicts.RETRY, False),
        (verdicts.UNKNOWN, False),
        (verdicts.LIMIT, False),
    ],
)
def test_a_look_that_was_refused_does_not_pass_by_itself(verdict, lasting):
    error = questions.poll_error(verdict.result("code", "", 7))
    assert (error.reason, error.lasting, error.wait_seconds) == ("code", lasting, 7)


@pytest.mark.parametrize(
    ("every", "seconds"), [("", 60), ("90", 90), ("1", 15), ("-5", 60), ("soon", 60), ("٣", 60)]
)
def test_a_setting_says_how_often_to_look_and_no_oftener_than_is_borne(every, seconds):
    handle = Handle("h", Channel.MASTODON, "1", "H", "care", settings={"every": every})
    assert PolledRoom().polls(handle) == seconds


def test_nobody_calls_a_room_without_webhooks():
    with pytest.raises(SignatureError) as refused:
        PolledRoom().verify(b"{}", {}, {}, NOW + timedelta(0))
    assert refused.value.status == 403
