"""Effects: everything that should have followed from what the table holds, done again.

The dead letters of the table's stream hold positions in the stream and not the changes, and the
stream forgets after a day. So nothing is read from them: the table itself says what is still owed,
and every effect is harmless when it is told twice.

    a message that is queued to be sent      -> its order goes on the outbox queue
    an item to be hidden, shown or removed   -> its order goes on the outbox queue
    personal data that nobody hid            -> the policy's rule is followed
    a file that is neither here nor refused  -> its order goes on the queue of files
    a log row whose alert is not out         -> the alert is published
    a case that no machine waits for         -> its machine is started again, one generation later
    a page that no machine waits for         -> the same, with the ladder's machine
    a team's waiting cases                   -> go to agents who have room

It reads the whole table once, page by page; a gigabyte costs about three cents.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

from chalicelib import bootstrap
from chalicelib.domain import outlook
from chalicelib.domain.message import DeliveryState
from chalicelib.domain.page import PageState
from chalicelib.entrypoints.following import plain
from chalicelib.workflows import announce, files, moderate
from chalicelib.workflows import stuck as stuck_cases
from chalicelib.workflows.answering import outbox
from chalicelib.workflows.answering.outbox import Order
from chalicelib.workflows.change import Ask, persist
from chalicelib.workflows.errors import ConflictError, NotNowError
from chalicelib.workflows.ladder.hold import renewed
from chalicelib.workflows.routing.drain import drain
from infra.cloud import Cloud
from infra.operations import OPERATOR

TRIES = 5
"""How often a case that somebody else is just changing is looked at again."""

OWED = (
    "(#kind = :message AND (#delivery = :queued OR #moderation = :queued OR #files = :wanted"
    " OR (#personal = :yes AND attribute_not_exists(#moderation))))"
    " OR (#kind = :log AND #alert = :yes AND attribute_not_exists(#announced))"
    " OR (#kind = :head AND attribute_exists(#case) AND #status <> :closed"
    " AND attribute_not_exists(#token) AND attribute_not_exists(#stuck))"
    " OR (#kind = :page AND #status <> :over AND attribute_not_exists(#token))"
)
"""The rows from which something should still follow."""

NAMES = {
    "#kind": "kind",
    "#delivery": "delivery",
    "#moderation": "moderation",
    "#personal": "personal",
    "#files": "files",
    "#alert": "alert",
    "#announced": "announced_at",
    "#case": "case_number",
    "#status": "status",
    "#token": "token",
    "#stuck": "stuck_pk",
}
VALUES = {
    ":message": "message",
    ":queued": DeliveryState.QUEUED.value,
    ":log": "log",
    ":yes": "yes",
    ":wanted": "wanted",
    ":head": "head",
    ":closed": "closed",
    ":page": "page",
    ":over": PageState.OVER.value,
    ":unknown": DeliveryState.UNKNOWN.value,
    ":failed": DeliveryState.FAILED.value,
}


UNSETTLED = "#kind = :message AND #delivery IN (:unknown, :failed)"
"""The replies that a person has to look at."""


def tell_again(cloud: Cloud, table: str, deployed: bootstrap.Parts) -> Counter[str]:
    """Do all that is owed; return how often each thing was done.

    Whatever fails is raised, and what was done before it stays done.
    """
    done: Counter[str] = Counter()
    for row in _rows(cloud, table, OWED):
        if row["kind"] == "message":
            done.update(_follow(deployed, row))
        elif row["kind"] == "log":
            told = announce.announce(deployed, row["conversation_id"], row["version"])
            done["alerts told"] += told
        elif row["kind"] == "page":
            done["pages started again"] += persist(partial(_climb_again, deployed, row["page_id"]))
        else:
            done["machines started again"] += _start_again(deployed, row["conversation_id"])
    for team in deployed.policies.current().teams:
        done["cases given to agents"] += drain(deployed, team.id)
    return done


def _follow(deployed: bootstrap.Parts, row: dict[str, Any]) -> Iterator[str]:
    """Do all that follows from one message; yield what that was."""
    queued, ids = DeliveryState.QUEUED, (row["conversation_id"], row["message_id"])
    if row.get("delivery") == queued:
        outbox.enqueue(deployed, Order(*ids, row["rounds"]))
        yield "orders queued"
    if row.get("moderation") == queued:
        moderate.enqueue(deployed, *ids, row["moderation_rounds"])
        yield "orders queued"
    elif row.get("personal") and not row.get("moderation"):
        moderate.protect(deployed, *ids)
        yield "rules followed"
    if row.get("files"):
        files.enqueue(deployed, files.Order(*ids))
        yield "files ordered"


def unsettled(cloud: Cloud, table: str) -> Iterator[str]:
    """Yield a line for each reply that failed, or of which nobody knows whether it arrived."""
    for row in _rows(cloud, table, UNSETTLED):
        yield f"{row['delivery']:<8} {row['conversation_id']}  message {row['message_id']}"


def _rows(cloud: Cloud, table: str, wanted: str) -> Iterator[dict[str, Any]]:
    pages = cloud.client("dynamodb").get_paginator("scan")
    found = pages.paginate(
        TableName=table,
        FilterExpression=wanted,
        ExpressionAttributeNames={k: v for k, v in NAMES.items() if _in(wanted, k)},
        ExpressionAttributeValues={k: {"S": v} for k, v in VALUES.items() if _in(wanted, k)},
        ConsistentRead=True,
    )
    for page in found:
        yield from (dict(plain(item)) for item in page["Items"])


def _in(expression: str, name: str) -> bool:
    """Return whether the expression uses a name: DynamoDB refuses names that it does not."""
    return name in re.findall(r"[#:]\w+", expression)


def _climb_again(deployed: bootstrap.Parts, page_id: str) -> bool:
    """Start a page's machine again, unless one waits for it by now or it is over."""
    page = deployed.pages.get(page_id)
    if page is None or page.token or page.state is PageState.OVER:
        return False
    deployed.pages.save(renewed(page))
    return True


def _start_again(deployed: bootstrap.Parts, conversation_id: str) -> bool:
    """Start a case's machine again, unless one waits for it by now or it is over."""
    for _ in range(TRIES):
        conversation = deployed.conversations.get(conversation_id)
        case = conversation.case if conversation else None
        if conversation is None or case is None or conversation.token:
            return False
        if outlook.phase(case) is outlook.Phase.CLOSED:
            return False
        ask = Ask(OPERATOR, conversation_id, conversation.version, f"restart-{uuid4()}")
        try:
            stuck_cases.restart(deployed, ask)
        except ConflictError:
            continue
        except NotNowError:
            return False
        return True
    return False
