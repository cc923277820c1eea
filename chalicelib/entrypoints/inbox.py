"""Inbox: takes what the webhooks queued into the table."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import bootstrap
from chalicelib.entrypoints.batch import Response, work_off
from chalicelib.entrypoints.observed import noted, observed

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:inbox-placeholder.fifo"
"""Replaced by the infrastructure's own queue when the template is merged."""

inbox_blueprint = Blueprint(__name__)


@inbox_blueprint.on_sqs_message(queue_arn=QUEUE_ARN, batch_size=10, name="inbox")
@observed
def inbox(event: SQSEvent) -> Response:
    """Take in a batch of channel events; what fails is told again, in its conversation's order."""
    from chalicelib.entrypoints.receiving import group_of, read_event
    from chalicelib.workflows.intake.ingest import ingest
    from chalicelib.workflows.watching.tally import Tally

    parts, tally = bootstrap.parts(), Tally()

    def take(record: Mapping[str, Any]) -> None:
        found = read_event(parts, record["body"].encode("utf-8"))
        noted(conversation_id=group_of(found), channel=found.channel.value)
        outcome = ingest(parts, found)
        noted(outcome=outcome)
        tally.add(found, outcome)

    answer = work_off(event.to_dict()["Records"], take, parts.inbox.postpone, "inbox")
    tally.write(parts)
    return answer
