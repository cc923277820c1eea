"""What subscribers would have got is read from the queues beside them, and left there."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

from chalicelib.domain.policy import Policy, Subscriber
from infra.local import subscribers
from infra.local.subscribers import Watcher

ALERT = {"sms": "short", "subject": "Breach", "body": "long", "team": "care"}
SMS = Subscriber("breaches", "sms", "+15550100", team="care")
MAIL = Subscriber("breaches", "email", "a@example.com")


def notice(message, second, subject="Breach"):
    body = {
        "Message": message,
        "Subject": subject,
        "Timestamp": f"2026-11-22T01:00:{second:02d}.000Z",
        "MessageAttributes": {"team": {"Type": "String", "Value": "care"}},
    }
    return {"Body": json.dumps(body)}


def answering(monkeypatch, queues):
    """Let MiniStack's own page show these queues."""

    def get(url):
        name = url.rpartition("%2F")[2]
        return {"messages": {"000000000000": {"us-east-1": {name: queues.get(name, [])}}}}

    monkeypatch.setattr(subscribers, "_get", get)


def test_each_gets_the_text_for_its_protocol(monkeypatch):
    held = [notice(json.dumps(ALERT), 1)]
    answering(monkeypatch, {"one": held, "two": held})
    watchers = (Watcher(SMS, "http://aws/0/one"), Watcher(MAIL, "http://aws/0/two"))
    first, second = subscribers.received("http://aws", watchers)
    assert (first.subscriber, first.subject, first.text) == (SMS, "", "short")
    assert (second.subscriber, second.subject, second.text) == (MAIL, "Breach", "long")
    assert first.attributes == {"team": "care"}
    assert first.at == datetime(2026, 11, 22, 1, 0, 1, tzinfo=UTC)


def test_oldest_first_whoever_got_it(monkeypatch):
    answering(monkeypatch, {"one": [notice("{}", 9)], "two": [notice("{}", 3)]})
    watchers = (Watcher(SMS, "http://aws/0/one"), Watcher(MAIL, "http://aws/0/two"))
    found = subscribers.received("http://aws", watchers)
    assert [one.subscriber for one in found] == [MAIL, SMS]


def test_an_alarm_in_plain_text_is_shown_too(monkeypatch):
    """The ops topic carries CloudWatch's own messages, which are not ours."""
    answering(monkeypatch, {"two": [notice("the house burns", 1, subject=None)]})
    (found,) = subscribers.received("http://aws", (Watcher(MAIL, "http://aws/0/two"),))
    assert (found.subject, found.text) == ("", "the house burns")


def test_a_queue_stands_beside_each_subscription_with_its_filter():
    """So that the filters are tried by SNS itself, not by us."""
    made = []
    sqs = SimpleNamespace(
        create_queue=lambda QueueName: {"QueueUrl": f"http://aws/0/{QueueName}"},
        get_queue_attributes=lambda **_: {"Attributes": {"QueueArn": "arn"}},
    )
    sns = SimpleNamespace(subscribe=lambda **one: made.append(one))
    outputs = {"WarningsTopicArn": "w", "BreachesTopicArn": "b", "OpsTopicArn": "o"}
    policy = Policy(version="v", subscribers=(SMS,))
    watchers = subscribers.watch(SimpleNamespace(sqs=sqs, sns=sns), outputs, policy)
    assert [one["TopicArn"] for one in made] == ["w", "b", "o", "b"]
    assert [one["Attributes"] for one in made[:3]] == [{}, {}, {}]
    assert json.loads(made[3]["Attributes"]["FilterPolicy"]) == {"team": ["care"]}
    assert watchers[3].subscriber == SMS
