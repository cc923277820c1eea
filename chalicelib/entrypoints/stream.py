"""Stream: the table tells what was committed, and everything that has to follow is done here.

A change that fails is raised: AWS halves the batch until the bad one is alone, tries it again, then
sets it aside. The changes before it are told again too, and are harmless when told twice.
"""

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import bootstrap
from chalicelib.entrypoints.observed import observed

STREAM_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/placeholder/stream/placeholder"
"""Replaced by the infrastructure's own table when the template is merged."""


stream_blueprint = Blueprint(__name__)


@stream_blueprint.on_dynamodb_record(stream_arn=STREAM_ARN, batch_size=100, name="stream")
@observed
def stream(event: DynamoDBEvent) -> None:
    """Do what follows from a batch of changes, in their order."""
    from chalicelib.entrypoints.following import follow

    parts = bootstrap.parts()
    for record in event.to_dict()["Records"]:
        follow(parts, record["dynamodb"])
