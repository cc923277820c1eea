"""Deploy a stage to an AWS account: `python -m infra.deploy --stage dev`.

Packages, uploads to a bucket of its own, shows the change set, asks, carries it out, publishes
care.yaml and prints the outputs. Uses the AWS SDK's own credentials (AWS_PROFILE and the like) and
does nothing without them.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra import cloudformation, package, publish
from infra.cloud import Cloud, from_environment
from infra.cloudformation import ChangeSet
from infra.errors import DeployError, InfraError

NO_CREDENTIALS = """\
There is no AWS account to deploy to. Hearback uses the AWS SDK's own settings: sign in first,
for example with

  aws configure sso        (or: export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...)
  export AWS_PROFILE=...   and   export AWS_REGION=eu-central-1

Nothing was changed. `make run` needs no account."""

_OWNED_BY_SOMEBODY_ELSE = ("403", "301")


def account(cloud: Cloud) -> str:
    """Return the account's number.

    Raises DeployError, politely, when there are no usable credentials or no region.
    """
    if not cloud.region:
        raise DeployError(
            "No AWS region is set: export AWS_REGION=eu-central-1 (or yours). Nothing was changed."
        )
    try:
        return cloud.sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise DeployError(f"{NO_CREDENTIALS}\n\n(AWS said: {error})") from error


def ensure_bucket(cloud: Cloud, owner: str) -> str:
    """Return the bucket for packages, made private and encrypted if it is not there.

    Raises DeployError.
    """
    bucket = f"hearback-artifacts-{owner}-{cloud.region}"
    try:
        cloud.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=owner)
    except ClientError as error:
        if error.response["Error"]["Code"] in _OWNED_BY_SOMEBODY_ELSE:
            raise DeployError(
                f"the bucket {bucket} is not this account's, or you may not use it"
            ) from error
        _make_bucket(cloud, bucket)
    return bucket


def show(proposed: ChangeSet) -> Iterator[str]:
    """Yield the lines that tell what would change, replacements and removals first."""
    verb = "creates" if proposed.creates else "changes"
    yield f"{proposed.stack}: this {verb} {len(proposed.changes)} resources"
    rank = {"Remove": 0, "Modify": 1, "Import": 2, "Add": 3}
    for change in sorted(
        proposed.changes,
        key=lambda one: (one.replacement != "True", rank.get(one.action, 9), one.logical_id),
    ):
        note = {
            "True": "  REPLACED: what it holds is lost",
            "Conditional": "  perhaps replaced",
        }.get(change.replacement, "")
        yield f"  {change.action:<7} {change.logical_id:<28} {change.kind}{note}"


def deploy(
    cloud: Cloud, stage: str, care: Path, parameters: dict[str, str], *, yes: bool
) -> dict[str, str]:
    """Deploy the stage and return the stack's outputs.

    Raises InfraError; DeployError when the person says no.
    """
    owner = account(cloud)
    stack = f"hearback-{stage}"
    print(f"Packaging {stage} for account {owner} in {cloud.region} ...", flush=True)
    packaged = package.package(stage, care=care)
    url = cloudformation.upload(cloud, ensure_bucket(cloud, owner), packaged)
    print("Asking CloudFormation what would change ...", flush=True)
    proposed = cloudformation.propose(cloud, stack, url, parameters)
    if proposed is None:
        print("Nothing changes.")
    else:
        print("\n".join(show(proposed)), flush=True)
        if not yes and not _agreed():
            cloudformation.discard(cloud, proposed)
            raise DeployError("Nothing was changed.")
        print("Carrying it out; the first time takes some minutes ...", flush=True)
        cloudformation.carry_out(cloud, proposed)
    outputs = cloudformation.outputs(cloud, stack)
    published = publish.publish(cloud, outputs, care)
    print(f"care.yaml is published as policy {published.version}.")
    return outputs


def main(arguments: list[str] | None = None) -> int:
    """Deploy the stage that the command line names."""
    chosen = _parser().parse_args(arguments)
    try:
        outputs = deploy(
            from_environment(), chosen.stage, chosen.care, dict(chosen.parameter), yes=chosen.yes
        )
    except InfraError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused: {error}", file=sys.stderr)
        return 1
    width = max(map(len, outputs))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in sorted(outputs.items())))
    print(f"\nNext: the Meta app's webhook is {outputs['EndpointURL']}webhooks/meta")
    print(f"Then: python -m infra.commands --stage {chosen.stage} --help")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.deploy", description="Deploy a stage to your AWS account."
    )
    parser.add_argument(
        "--stage", required=True, choices=[stage for stage in package.STAGES if stage != "local"]
    )
    parser.add_argument(
        "--care", type=Path, default=package.ROOT / "care.yaml", help="the configuration"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before changing anything")
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="a parameter of the template, such as DeskUrl=https://desk.example.com",
    )
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _agreed() -> bool:
    try:
        return input("Carry this out? Type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def _make_bucket(cloud: Cloud, bucket: str) -> None:
    print(f"Making the bucket {bucket} for packages ...", flush=True)
    if cloud.region == "us-east-1":  # the one region that must not be named
        cloud.s3.create_bucket(Bucket=bucket)
    else:
        place: Any = {"LocationConstraint": cloud.region}
        cloud.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    cloud.s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    cloud.s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )


if __name__ == "__main__":
    sys.exit(main())
