"""What the commands do.

The decisions are the workflows' own; here they are only reached from outside Lambda.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import uuid4

import msgspec

from chalicelib import bootstrap
from chalicelib.channels.contract import Verified
from chalicelib.channels.registry import room
from chalicelib.config import read_config
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.event import ChannelEvent
from chalicelib.entrypoints import receiving
from chalicelib.workflows import stuck as stuck_cases
from chalicelib.workflows.change import Ask
from chalicelib.workflows.errors import NotFoundError
from infra.cloud import Cloud
from infra.errors import InfraError

OPERATOR = Actor("operator", Role.ADMIN)
"""Who the log names for what a command did."""

QUEUES = {
    name.lower(): (f"{name}DeadUrl", f"{name}Url")
    for name in ("Inbox", "Outbox", "Files", "Hooks", "Notices")
}
"""Each queue with its dead letters: the names of the stack's outputs."""

MOST = 1000


def environment(cloud: Cloud, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return what the deployed functions see, so that their code runs here as it does there."""
    described = cloud.client("lambda").get_function_configuration(
        FunctionName=outputs["APIHandlerName"]
    )
    held: dict[str, str] = described["Environment"]["Variables"]
    return {**held, "AWS_DEFAULT_REGION": cloud.region}


def parts() -> bootstrap.Parts:
    """Return the deployed parts, from the environment that `environment` gave."""
    return bootstrap.Parts(read_config(os.environ))


def set_secret(cloud: Cloud, stage: str, name: str, text: str) -> str:
    """Store a secret, which must be a JSON object; return its full name.

    Raises InfraError, without the text in it.
    """
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InfraError(
            "A secret is a JSON object on standard input; see docs/operations for its keys."
        )
    full = f"hearback/{stage}/{name}"
    body = json.dumps(content)
    try:
        cloud.secretsmanager.put_secret_value(SecretId=full, SecretString=body)
    except cloud.secretsmanager.exceptions.ResourceNotFoundException:
        cloud.secretsmanager.create_secret(Name=full, SecretString=body)
    return full


def redrive(cloud: Cloud, outputs: Mapping[str, str], queue: str) -> int:
    """Move dead letters back to their queue, in the order they died; return how many.

    A letter is deleted from the dead only after the queue has taken it; its key is new, since SQS
    would drop the old one silently if it were sent again within five minutes. A crash in between
    sends it twice, which the table recognises.
    """
    dead, alive = (outputs[name] for name in QUEUES[queue])
    moved = 0
    while True:
        answer = cloud.sqs.receive_message(
            QueueUrl=dead,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["MessageGroupId"],
            VisibilityTimeout=60,
        )
        letters = answer.get("Messages", [])
        if not letters:
            return moved
        for letter in letters:
            group = letter.get("Attributes", {}).get("MessageGroupId", "")
            _send_again(cloud, alive, letter["Body"], group)
            cloud.sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])
            moved += 1


def _send_again(cloud: Cloud, url: str, body: str, group: str) -> None:
    """Send a dead letter to its queue; `group` is empty for a standard queue."""
    if not group:
        cloud.sqs.send_message(QueueUrl=url, MessageBody=body)
        return
    cloud.sqs.send_message(
        QueueUrl=url,
        MessageBody=body,
        MessageGroupId=group,
        MessageDeduplicationId=f"redrive-{uuid4()}",
    )


def forget_letters(cloud: Cloud, url: str, before: datetime) -> int:
    """Delete the letters of a queue that were sent before an instant; return how many."""
    gone = 0
    while True:
        answer = cloud.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["SentTimestamp"],
            VisibilityTimeout=60,
        )
        letters = answer.get("Messages", [])
        if not letters:
            return gone
        for letter in letters:
            if int(letter["Attributes"]["SentTimestamp"]) < before.timestamp() * 1000:
                cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
                gone += 1


def replay(cloud: Cloud, bucket: str) -> Iterator[str]:
    """Queue again what was set aside and can be read now; yield a line for each object."""
    deployed = parts()
    for prefix, again in ((f"{receiving.KEPT}/", _replay_body), ("event/", _replay_event)):
        for page in cloud.s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix
        ):
            for row in page.get("Contents", []):
                key = row["Key"]
                found = cloud.s3.get_object(Bucket=bucket, Key=key)
                refusal = again(deployed, found["Body"].read(), found.get("Metadata", {}))
                if not refusal:
                    # This very version: what was set aside again meanwhile stays.
                    _forget(cloud, bucket, key, found.get("VersionId", ""))
                yield f"stays  {key}: {refusal}" if refusal else f"queued {key}"


def stuck() -> list[str]:
    """Return a line for each stuck case."""
    return [
        f"{row.id}  case {row.case.number}  {row.handle}  {row.case.status}  {row.case.stuck}"
        for row in parts().views.stuck(MOST)
        if row.case
    ]


def restart(conversation_id: str) -> str:
    """Restart the case of the conversation; return what was done. Raises RefusedError."""
    deployed = parts()
    conversation = deployed.conversations.get(conversation_id)
    if conversation is None:
        raise NotFoundError(f"There is no conversation {conversation_id}.")
    ask = Ask(OPERATOR, conversation_id, conversation.version, f"restart-{uuid4()}")
    done = stuck_cases.restart(deployed, ask)
    case = done.conversation.case
    return f"{done.conversation.case_id} goes on as execution {case.generation if case else 0}"


def _replay_body(deployed: bootstrap.Parts, raw: bytes, facts: Mapping[str, str]) -> str:
    """Queue the events of a body; return why not, or nothing."""
    account, event_id = facts.get("account", ""), facts.get("event", "")
    thread = facts.get("thread", "")
    try:
        parsed = room(facts.get("room", "")).parse(
            raw, deployed.now(), account_id=account, event_id=event_id, thread=thread
        )
    except Exception as error:  # noqa: BLE001 - whatever a parser raises, the body stays
        return f"still unreadable ({type(error).__name__})"
    if parsed.unreadable:
        return f"still unreadable ({parsed.unreadable[0].reason})"
    delivery = receiving.Delivery(facts["room"], raw, account)
    receiving.receive(deployed, delivery, Verified(raw, event_id, thread=thread))
    return ""


def _replay_event(deployed: bootstrap.Parts, raw: bytes, _: Mapping[str, str]) -> str:
    """Queue an event; return why not, or nothing."""
    event = msgspec.json.decode(raw, type=ChannelEvent)
    if deployed.policies.current().handle_of(event.channel, event.account_id) is None:
        return f"no handle in care.yaml is the {event.channel} account {event.account_id}"
    body = receiving.written_event(event)
    deployed.inbox.send(body, group=receiving.group_of(event), key=f"replay-{uuid4()}")
    return ""


def _forget(cloud: Cloud, bucket: str, key: str, version: str) -> None:
    if version and version != "null":
        cloud.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    else:
        cloud.s3.delete_object(Bucket=bucket, Key=key)
