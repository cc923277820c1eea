"""Real botocore clients with listed answers: botocore checks each call by AWS's own models."""

from functools import cache

import botocore.session
from botocore.stub import Stubber


@cache
def _session():
    return botocore.session.Session()


def stubbed(service):
    """Return a client of `service` that reaches nobody, and the stubber that holds its answers."""
    client = _session().create_client(
        service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber
