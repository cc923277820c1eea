"""Alerts: one publish, a text for each kind of subscriber, and attributes to filter by."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alert import Alert, AlertCase, Severity, Topic
from chalicelib.gateways.alerts import Alerts, _subject

ARNS = {Topic.WARNINGS: "arn:warnings", Topic.BREACHES: "arn:breaches"}
ALERT = Alert(
    key="k",
    topic=Topic.BREACHES,
    severity=Severity.BREACH,
    team="care",
    handle="acme-help",
    channel="messenger",
    clock="first_response",
    case_id="c-1",
    at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    sms="short",
    subject="Acme: first response ran out",
    body="long",
)


class FakeTopics:
    """Keeps what is published."""

    def __init__(self):
        self.published = []

    def publish(self, **sent):
        self.published.append(sent)


def publish(alert):
    topics = FakeTopics()
    Alerts(topics, ARNS).announce(alert)
    (sent,) = topics.published
    return sent


def test_sms_and_email_get_texts_of_their_own_and_queues_the_whole_alert():
    sent = publish(ALERT)
    texts = json.loads(sent["Message"])
    assert sent["MessageStructure"] == "json"
    assert (texts["sms"], texts["email"]) == ("short", "long")
    wanted = asdict(ALERT) | {"at": "2026-11-02T09:00:00+00:00", "cases": []}
    assert json.loads(texts["default"]) == wanted


@pytest.mark.parametrize("topic", Topic)
def test_each_topic_has_its_own_address(topic):
    assert publish(replace(ALERT, topic=topic))["TopicArn"] == ARNS[topic]


def test_the_attributes_are_what_subscriptions_filter_by():
    attributes = publish(ALERT)["MessageAttributes"]
    assert {name: held["StringValue"] for name, held in attributes.items()} == {
        "team": "care", "handle": "acme-help", "channel": "messenger", "clock": "first_response",
        "severity": "breach", "AWS.SNS.SMS.SMSType": "Transactional",
    }  # fmt: skip


def test_an_alert_of_several_cases_is_found_by_each_of_them():
    due_at = ALERT.at
    cases = (
        AlertCase(
            "c-1", "first_response", "acme-help", "messenger", Severity.BREACH, "breach", due_at
        ),
        AlertCase(
            "c-2", "resolution", "acme-page", "messenger", Severity.CRITICAL, "stuck", due_at
        ),
    )
    sent = publish(replace(ALERT, count=2, cases=cases))
    held = {
        name: (one["DataType"], one["StringValue"])
        for name, one in sent["MessageAttributes"].items()
    }
    assert held["handle"] == ("String.Array", '["acme-help", "acme-page"]')
    assert held["clock"] == ("String.Array", '["first_response", "resolution"]')
    assert held["severity"] == ("String.Array", '["breach", "critical"]')
    assert held["channel"] == ("String", "messenger")
    whole = json.loads(json.loads(sent["Message"])["default"])
    assert [one["case_id"] for one in whole["cases"]] == ["c-1", "c-2"]
    assert whole["cases"][0]["due_at"] == "2026-11-02T09:00:00+00:00"


def test_an_empty_attribute_is_left_out_because_sns_refuses_it():
    assert "clock" not in publish(replace(ALERT, clock=""))["MessageAttributes"]


@given(st.text(max_size=300))
def test_any_subject_becomes_one_that_sns_takes(text):
    """ASCII, one line, 1 to 100 characters, not beginning with white space."""
    subject = _subject(text)
    assert subject.isascii()
    assert subject.isprintable()
    assert 0 < len(subject) <= 100
    assert subject == subject.strip()


def test_botocore_takes_the_call():
    from tests.unit.gateways.clients import stubbed

    client, stubber = stubbed("sns")
    stubber.add_response("publish", {"MessageId": "m"})
    Alerts(client, ARNS).announce(ALERT)
    stubber.assert_no_pending_responses()
