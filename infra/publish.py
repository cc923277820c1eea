"""Publish care.yaml: the policy goes into the table, where every decision reads it."""

from pathlib import Path

from chalicelib.domain.policy import Policy
from chalicelib.gateways.time import utc_now
from chalicelib.store.policies import Policies
from chalicelib.store.table import Table
from infra import configuration
from infra.cloud import Cloud


def table(cloud: Cloud, name: str) -> Table:
    """Return the store's table in that account."""
    return Table(name, region=cloud.region, host=cloud.endpoint)


def publish(cloud: Cloud, table_name: str, care: Path) -> Policy:
    """Store the policy of care.yaml and make it current; return it. Raises ConfigurationError.

    Doing it again changes nothing. Cases keep the version that their clocks were started with.
    """
    policy = configuration.load(care)
    policies = Policies(table(cloud, table_name), utc_now)
    policies.publish(policy)
    policies.make_current(policy.version)
    return policy
