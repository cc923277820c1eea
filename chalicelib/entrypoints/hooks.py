"""Hooks: tells the company's own systems what happens."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import bootstrap
from chalicelib.entrypoints.batch import Response, tries_of, work_off
from chalicelib.entrypoints.observed import noted, observed

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:hooks-placeholder"
"""Replaced by the infrastructure's own queue when the template is merged."""

hooks_blueprint = Blueprint(__name__)


@hooks_blueprint.on_sqs_message(queue_arn=QUEUE_ARN, batch_size=5, name="hooks")
@observed
def hooks(event: SQSEvent) -> Response:
    """Turn news into events, and deliver events; what nobody took is tried again for a day."""
    import msgspec

    from chalicelib.workflows.hooks import News, Order, deliver, told

    parts = bootstrap.parts()

    def take(record: Mapping[str, Any]) -> None:
        letter = msgspec.json.decode(record["body"], type=dict[str, object])
        if "event_id" in letter:
            order = msgspec.convert(letter, Order)
            noted(endpoint=order.endpoint, event_id=order.event_id)
            noted(outcome=deliver(parts, order, tries_of(record)))
        else:
            news = msgspec.convert(letter, News)
            noted(conversation_id=news.conversation_id)
            told(parts, news)

    return work_off(event.to_dict()["Records"], take, parts.hooks.postpone, "hooks")
