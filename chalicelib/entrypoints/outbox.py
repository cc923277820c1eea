"""Outbox: sends what people and the machine wrote."""

from collections.abc import Mapping
from typing import Any

import msgspec
from chalice.app import Blueprint, SQSEvent

from chalicelib import bootstrap
from chalicelib.entrypoints.batch import Response, work_off
from chalicelib.entrypoints.observed import noted, observed
from chalicelib.workflows.outbox import Order, deliver

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:outbox-placeholder.fifo"
"""Replaced by the infrastructure's own queue when the template is merged."""

outbox_blueprint = Blueprint(__name__)


@outbox_blueprint.on_sqs_message(queue_arn=QUEUE_ARN, batch_size=5, name="outbox")
@observed
def outbox(event: SQSEvent) -> Response:
    """Send a batch of orders; what the platform did not take yet is tried again later."""
    parts = bootstrap.parts()

    def send(record: Mapping[str, Any]) -> None:
        order = msgspec.json.decode(record["body"], type=Order)
        noted(conversation_id=order.conversation_id, order_message_id=order.message_id)
        deliver(parts, order)

    return work_off(event.to_dict()["Records"], send, parts.outbox.postpone, "outbox")
