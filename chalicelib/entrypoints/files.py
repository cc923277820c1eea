"""Files: fetches what customers attach into our own bucket."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import bootstrap
from chalicelib.entrypoints.batch import Response, tries_of, work_off
from chalicelib.entrypoints.observed import noted, observed

QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:files-placeholder"
"""Replaced by the infrastructure's own queue when the template is merged."""

files_blueprint = Blueprint(__name__)


@files_blueprint.on_sqs_message(queue_arn=QUEUE_ARN, batch_size=1, name="files")
@observed
def files(event: SQSEvent) -> Response:
    """Fetch a file; what cannot be had now is tried again later, for about a day."""
    import msgspec

    from chalicelib.workflows.files import Order, fetch

    parts = bootstrap.parts()

    def take(record: Mapping[str, Any]) -> None:
        order = msgspec.json.decode(record["body"], type=Order)
        noted(conversation_id=order.conversation_id, file_message_id=order.message_id)
        noted(outcome=fetch(parts, order, tries_of(record)))

    return work_off(event.to_dict()["Records"], take, parts.files.postpone, "files")
