"""An AWS account and region, real or local: the one place in infra/ that makes clients."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True, slots=True)
class Cloud:
    """Whom requests go to and who makes them. `endpoint` None: AWS itself."""

    session: boto3.Session
    endpoint: str | None = None

    @property
    def region(self) -> str:
        """Return the region's name; empty when none is configured."""
        return self.session.region_name or ""

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """Return a client of CloudFormation."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint)

    @property
    def s3(self) -> "S3Client":
        """Return a client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint)

    @property
    def sqs(self) -> "SQSClient":
        """Return a client of SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint)

    @property
    def sns(self) -> "SNSClient":
        """Return a client of SNS."""
        return self.session.client("sns", endpoint_url=self.endpoint)

    @property
    def sts(self) -> "STSClient":
        """Return a client of STS."""
        return self.session.client("sts", endpoint_url=self.endpoint)

    @property
    def stepfunctions(self) -> "SFNClient":
        """Return a client of Step Functions."""
        return self.session.client("stepfunctions", endpoint_url=self.endpoint)

    @property
    def secretsmanager(self) -> "SecretsManagerClient":
        """Return a client of Secrets Manager."""
        return self.session.client("secretsmanager", endpoint_url=self.endpoint)

    @property
    def cognito(self) -> "CognitoIdentityProviderClient":
        """Return a client of Cognito user pools."""
        return self.session.client("cognito-idp", endpoint_url=self.endpoint)

    def client(self, service: str) -> Any:
        """Return a client of any service, for what has no property here."""
        return self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]


def from_environment() -> Cloud:
    """Return what the AWS SDK's own settings point to; AWS_ENDPOINT_URL makes it the local AWS."""
    # Lambda and the other SDKs say AWS_REGION; boto3 alone reads only AWS_DEFAULT_REGION.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    return Cloud(session, os.environ.get("AWS_ENDPOINT_URL") or None)


@contextmanager
def lent_environment(names: Mapping[str, str]) -> Iterator[None]:
    """Set environment names for the time of a block: what ships reads them as it does on Lambda."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
