"""Stacks: upload a package, make a change set, carry it out, wait.

The same for the local AWS and the real one.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from infra.cloud import Cloud
from infra.errors import DeployError
from infra.package import Package

PAUSE_SECONDS = 2.0
"""Between two looks at what CloudFormation is doing."""

LONGEST_SECONDS = 3600.0
_NOTHING = ("didn't contain changes", "No updates are to be performed")
_DEAD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")


@dataclass(frozen=True, slots=True)
class Change:
    """What will happen to one resource."""

    action: str
    logical_id: str
    kind: str
    replacement: str


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What CloudFormation would do. `arn` carries it out."""

    stack: str
    arn: str
    creates: bool
    changes: tuple[Change, ...]


def upload(cloud: Cloud, bucket: str, package: Package) -> str:
    """Put the code and the template, its CodeUri made real, into the bucket; return the URL."""
    code = package.code.read_bytes()
    code_key = f"hearback/{package.stage}/{hashlib.sha256(code).hexdigest()}.zip"
    template = json.loads(package.template.read_text("utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{code_key}"
    body = json.dumps(template, sort_keys=True).encode()
    template_key = f"hearback/{package.stage}/{hashlib.sha256(body).hexdigest()}.json"
    cloud.s3.put_object(Bucket=bucket, Key=code_key, Body=code)
    cloud.s3.put_object(Bucket=bucket, Key=template_key, Body=body, ContentType="application/json")
    host = cloud.endpoint or f"https://s3.{cloud.region}.amazonaws.com"
    return f"{host}/{bucket}/{template_key}"


def propose(
    cloud: Cloud,
    stack: str,
    template_url: str,
    parameters: Mapping[str, str],
    *,
    pause: float = PAUSE_SECONDS,
) -> ChangeSet | None:
    """Return what deploying the template would change, or None for nothing.

    Raises DeployError when it is refused.
    """
    creates = _creates(cloud, stack)
    made = cloud.cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=f"hearback-{time.time_ns() // 1_000_000}",
        ChangeSetType="CREATE" if creates else "UPDATE",
        TemplateURL=template_url,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in sorted(parameters.items())
        ],
    )
    arn = made["Id"]
    described = _until(
        lambda: cloud.cloudformation.describe_change_set(ChangeSetName=arn), "Status", pause
    )
    if described["Status"] == "FAILED":
        reason = str(described.get("StatusReason", "no reason given"))
        cloud.cloudformation.delete_change_set(ChangeSetName=arn)
        if any(words in reason for words in _NOTHING):
            return None
        raise DeployError(f"CloudFormation refused the change: {reason}")
    return ChangeSet(stack, arn, creates, tuple(_changes(cloud, arn)))


def carry_out(cloud: Cloud, change_set: ChangeSet, *, pause: float = PAUSE_SECONDS) -> None:
    """Carry the change set out and wait for its end.

    Raises DeployError with the reasons when it was rolled back.
    """
    cloud.cloudformation.execute_change_set(ChangeSetName=change_set.arn)

    def look() -> Mapping[str, object]:
        return _stack(cloud, change_set.stack)

    status = str(_until(look, "StackStatus", pause)["StackStatus"])
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        reasons = "\n".join(f"- {reason}" for reason in _failures(cloud, change_set.stack))
        raise DeployError(f"{change_set.stack} ended in {status}:\n{reasons}")


def discard(cloud: Cloud, change_set: ChangeSet) -> None:
    """Drop a change set, and the empty stack that it may have left."""
    cloud.cloudformation.delete_change_set(ChangeSetName=change_set.arn)
    if change_set.creates:
        cloud.cloudformation.delete_stack(StackName=change_set.stack)


def outputs(cloud: Cloud, stack: str) -> dict[str, str]:
    """Return what the stack tells about itself. Raises DeployError when there is no such stack."""
    try:
        described = cloud.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        raise DeployError(
            f"there is no stack {stack}: deploy it first ({error.response['Error']['Message']})"
        ) from error
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _creates(cloud: Cloud, stack: str) -> bool:
    try:
        status = str(_stack(cloud, stack)["StackStatus"])
    except ClientError as error:
        if "does not exist" in str(error):
            return True
        raise
    if status in _DEAD:
        raise DeployError(
            f"{stack} is in {status}. Look at its events, delete it, and deploy again."
        )
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise DeployError(
            f"{stack} is being changed by somebody else ({status}). Try again when that has ended."
        )
    return status == "REVIEW_IN_PROGRESS"


def _stack(cloud: Cloud, stack: str) -> Mapping[str, object]:
    found: Mapping[str, object] = {
        **cloud.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    }
    return found


def _changes(cloud: Cloud, arn: str) -> Iterator[Change]:
    for page in cloud.cloudformation.get_paginator("describe_change_set").paginate(
        ChangeSetName=arn
    ):
        for change in page["Changes"]:
            of = change.get("ResourceChange", {})
            yield Change(
                str(of.get("Action", "")),
                of.get("LogicalResourceId", ""),
                of.get("ResourceType", ""),
                str(of.get("Replacement", "")),
            )


def _failures(cloud: Cloud, stack: str) -> Iterator[str]:
    for event in cloud.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
        if "FAILED" in str(event.get("ResourceStatus", "")):
            reason = event.get("ResourceStatusReason", "no reason given")
            yield f"{event.get('LogicalResourceId')}: {reason}"


def _until(
    look: Callable[[], Mapping[str, object]], key: str, pause: float
) -> Mapping[str, object]:
    """Return what `look` sees once the status under `key` does not change by itself any more."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        seen = look()
        status = str(seen[key])
        if (
            not status.endswith(("_IN_PROGRESS", "CREATE_PENDING"))
            or status == "REVIEW_IN_PROGRESS"
        ):
            return seen
        time.sleep(pause)
    raise DeployError("CloudFormation did not end within an hour")
