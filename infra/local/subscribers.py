"""What each subscriber would have got: a queue beside every subscription, with its filter.

MiniStack only logs a topic's SMS and email. A queue beside each gets the same alerts by the same
filter, and the alert holds both texts. None of this is in the template that ships.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import urllib3

from chalicelib.domain.policy import Policy, Subscriber
from infra.build import TOPICS, filter_policy
from infra.cloud import Cloud

Json = Mapping[str, Any]

TOPIC_OUTPUTS = {
    "warnings": "WarningsTopicArn",
    "breaches": "BreachesTopicArn",
    "ops": "OpsTopicArn",
}
EVERYTHING = "queue"
"""The protocol of the watchers that take everything of a topic."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """A queue that stands for one subscriber."""

    subscriber: Subscriber
    url: str


@dataclass(frozen=True, slots=True)
class Received:
    """One alert as one subscriber would have got it. `text` is the SMS, or the email's body."""

    subscriber: Subscriber
    at: datetime
    subject: str
    text: str
    attributes: Mapping[str, str]
    alert: Mapping[str, object]


def watch(cloud: Cloud, outputs: Mapping[str, str], policy: Policy) -> tuple[Watcher, ...]:
    """Subscribe a queue for each subscriber, and one for all that goes out on each topic."""
    everything = [Subscriber(topic, EVERYTHING, f"all-{topic}") for topic in TOPICS]
    return tuple(
        _watcher(cloud, outputs, subscriber, number)
        for number, subscriber in enumerate([*everything, *policy.subscribers], 1)
    )


def received(endpoint: str, watchers: tuple[Watcher, ...]) -> tuple[Received, ...]:
    """Return what lies in the watchers' queues, oldest first, and leave it there."""
    found = [
        _read(watcher, message)
        for watcher in watchers
        for message in _messages(endpoint, watcher.url)
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def mails(endpoint: str) -> list[Json]:
    """Return the emails that SES was asked to send, oldest first."""
    held = _get(f"{endpoint}/_ministack/ses/messages")["messages"]
    return [message for messages in held.values() for message in messages]


def texts(endpoint: str) -> dict[str, list[Json]]:
    """Return the SMS that were sent straight to a number, by number."""
    return dict(_get(f"{endpoint}/_ministack/sns/sms-messages")["sms_messages"])


def _watcher(
    cloud: Cloud, outputs: Mapping[str, str], subscriber: Subscriber, number: int
) -> Watcher:
    name = f"watcher-{number:03d}"
    url = cloud.sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    wanted = filter_policy(subscriber)
    cloud.sns.subscribe(
        TopicArn=outputs[TOPIC_OUTPUTS[subscriber.topic]],
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"FilterPolicy": json.dumps(wanted)} if wanted else {},
    )
    return Watcher(subscriber, url)


def _messages(endpoint: str, url: str) -> list[Json]:
    held = _get(f"{endpoint}/_ministack/sqs/messages?QueueUrl={quote(url, safe='')}")["messages"]
    return [
        message
        for regions in held.values()
        for region in regions.values()
        for messages in region.values()
        for message in messages
    ]


def _read(watcher: Watcher, message: Json) -> Received:
    notice = json.loads(str(message["Body"]))
    try:
        alert = json.loads(notice["Message"])
    except ValueError:
        alert = notice["Message"]
    alert = alert if isinstance(alert, dict) else {"body": str(alert)}
    short = watcher.subscriber.protocol == "sms"
    return Received(
        subscriber=watcher.subscriber,
        at=datetime.fromisoformat(notice["Timestamp"]).astimezone(UTC),
        subject="" if short else str(notice.get("Subject") or ""),
        text=str(alert.get("sms" if short else "body", "")),
        attributes={
            name: held["Value"] for name, held in notice.get("MessageAttributes", {}).items()
        },
        alert=alert,
    )


def _get(url: str) -> Any:
    return urllib3.request("GET", url, timeout=60, retries=False).json()
