"""Outbox: sends what people and the machine wrote, and has hidden what they want hidden."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from chalice.app import Blueprint, SQSEvent

from chalicelib import bootstrap
from chalicelib.entrypoints.batch import Response, work_off
from chalicelib.entrypoints.observed import noted, observed

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:outbox-placeholder.fifo"
"""Replaced by the infrastructure's own queue when the template is merged."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the queue: an order for a message. `action` empty: send it."""

    conversation_id: str
    message_id: str
    rounds: int = 0
    action: Literal["", "moderate"] = ""


outbox_blueprint = Blueprint(__name__)


@outbox_blueprint.on_sqs_message(queue_arn=QUEUE_ARN, batch_size=5, name="outbox")
@observed
def outbox(event: SQSEvent) -> Response:
    """Carry out a batch of orders; what the platform did not take yet is tried again later."""
    from chalicelib.workflows.answering.outbox import Order, deliver

    parts = bootstrap.parts()

    def send(record: Mapping[str, Any]) -> None:
        letter = msgspec.json.decode(record["body"], type=Letter)
        noted(conversation_id=letter.conversation_id, order_message_id=letter.message_id)
        ids = letter.conversation_id, letter.message_id, letter.rounds
        if letter.action:
            from chalicelib.workflows import moderate

            noted(outcome=moderate.carry_out(parts, *ids))
        else:
            deliver(parts, Order(*ids))

    return work_off(event.to_dict()["Records"], send, parts.outbox.postpone, "outbox")
