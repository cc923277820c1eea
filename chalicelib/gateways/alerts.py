"""Alerts: the topics that ops subscribe to (SNS).

One publish carries a text for each kind of subscriber: the short one for SMS, the long one for
email, and the whole alert as JSON for queues and functions
(https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chalicelib.domain.alert import Alert, Topic

SUBJECT_LIMIT = 100
FILTERS = ("team", "handle", "channel", "clock", "severity")
"""What a subscription can filter by."""

MOST_VALUES = 100
"""How many handles or clocks one alert can be found by: attributes count to a message's 256 KB."""


class Alerts:
    """Publishes to the topics of this deployment. Satisfies `ports.Alerts`."""

    def __init__(self, client: Any, arns: Mapping[Topic, str]) -> None:
        self._client = client
        self._arns = arns

    def announce(self, alert: Alert) -> None:
        """Publish the alert.

        Raises botocore's errors for an outage, so that the step that announces is repeated.
        """
        self._client.publish(
            TopicArn=self._arns[alert.topic],
            Subject=_subject(alert.subject),
            MessageStructure="json",
            Message=json.dumps({"default": _whole(alert), "sms": alert.sms, "email": alert.body}),
            MessageAttributes=_attributes(alert),
        )


def _whole(alert: Alert) -> str:
    return json.dumps(asdict(alert), ensure_ascii=False, default=datetime.isoformat)


def _subject(text: str) -> str:
    # SNS refuses a subject with control or non-ASCII characters, one that is too long or empty, and
    # one that begins with
    # anything but a letter, digit or punctuation mark.
    plain = " ".join(text.encode("ascii", "replace").decode("ascii").split())
    printable = "".join(letter for letter in plain if letter.isprintable())
    return printable[:SUBJECT_LIMIT].strip() or "Hearback alert"


def _attributes(alert: Alert) -> dict[str, dict[str, str]]:
    # An empty string value is refused by SNS, so a filter on a missing attribute simply does not
    # match. A filter on an attribute that is a list matches any of its values.
    held = {name: _values(alert, name) for name in FILTERS}
    attributes = {name: _attribute(values) for name, values in held.items() if values}
    return attributes | {
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
    }


def _values(alert: Alert, name: str) -> list[str]:
    """Return what an alert can be found by: its own value, and that of each case."""
    found = [str(getattr(alert, name)), *(str(getattr(one, name, "")) for one in alert.cases)]
    return [value for value in dict.fromkeys(found) if value][:MOST_VALUES]


def _attribute(values: list[str]) -> dict[str, str]:
    if len(values) == 1:
        return {"DataType": "String", "StringValue": values[0]}
    return {"DataType": "String.Array", "StringValue": json.dumps(values)}
