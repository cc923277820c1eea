"""Publish care.yaml: the policy goes into the table, where every decision reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chalicelib.domain import publication
from chalicelib.domain.policy import Policy
from chalicelib.domain.publication import Publication
from chalicelib.gateways.time import utc_now
from chalicelib.store.policies import Policies
from chalicelib.store.table import Table
from infra import configuration
from infra.cloud import Cloud
from infra.errors import InfraError


class PublishError(InfraError):
    """Raised when no version can be made current."""


def table(cloud: Cloud, name: str) -> Table:
    """Return the store's table in that account."""
    return Table(name, region=cloud.region, host=cloud.endpoint)


def proposed(care: Path, address: str) -> Policy:
    """Return the policy that publishing care.yaml would make current.

    `address` is the stack's own, which platforms call where the file names no `public_url`. Raises
    ConfigurationError.
    """
    policy = configuration.load(care)
    public_url = policy.public_url or address.rstrip("/")
    policy = replace(policy, public_url=public_url)
    return replace(policy, version=configuration.version(policy))


def current(cloud: Cloud, table_name: str) -> Policy | None:
    """Return the policy in force, or None before the first."""
    try:
        return Policies(table(cloud, table_name), utc_now).current()
    except LookupError:
        return None


def publish(
    cloud: Cloud, outputs: Mapping[str, str], care: Path, address: str = "", because: str = ""
) -> Policy:
    """Store the policy of care.yaml and make it current; return it. Raises ConfigurationError.

    Doing it again changes nothing. Cases keep the version that their clocks were started with.
    """
    policy = proposed(care, address or outputs["EndpointURL"])
    policies = Policies(table(cloud, outputs["TableName"]), utc_now)
    policies.publish(policy)
    policies.make_current(policy.version, who(cloud), because)
    return policy


def history(cloud: Cloud, table_name: str) -> Sequence[Publication]:
    """Return which versions were in force, newest first."""
    return Policies(table(cloud, table_name), utc_now).history()


def rollback(cloud: Cloud, table_name: str, version: str = "", because: str = "") -> Policy:
    """Make an earlier version current again and return it: that one, or the one before.

    care.yaml stays as it is: publishing it again makes its policy current. Raises PublishError when
    there is no such version, or none before.
    """
    policies = Policies(table(cloud, table_name), utc_now)
    known = policies.history()
    earlier = publication.before(known) if known else None
    wanted = version or (earlier.version if earlier else "")
    if not wanted:
        raise PublishError("There is no earlier policy to go back to.")
    try:
        policies.make_current(wanted, who(cloud), because or "rollback")
    except LookupError:
        raise PublishError(f"There is no policy of version {wanted}.") from None
    return policies.get(wanted)


def who(cloud: Cloud) -> str:
    """Return the name under which AWS knows who runs this: the end of the caller's ARN."""
    return cloud.sts.get_caller_identity()["Arn"].rpartition(":")[2]
