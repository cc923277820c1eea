"""The company that is measured: care.yaml's own policy, one agent, and one customer's case.

The case is made by the workflows on the store in memory; the rows are those that the store would
have written.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.aws import Item
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.ident import inbound_id
from chalicelib.domain.message import Message
from chalicelib.domain.policy import Policy
from chalicelib.domain.publication import Publication
from chalicelib.store import contacts, keys, records
from chalicelib.store.codec import encode
from chalicelib.store.rows import bound
from chalicelib.workflows import assign, resolve, respond
from chalicelib.workflows.answering import reply
from chalicelib.workflows.change import Ask, CaseRef
from chalicelib.workflows.intake import ingest
from infra import configuration
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore

ROOT = Path(__file__).resolve().parent.parent
SECRET = "an app secret"  # noqa: S105  (of nobody)
TEXT = "Hello, my parcel was to arrive on Monday and nobody can tell me where it is. " * 2
CUSTOMER = Person("24680135792468013", "Casey Customer")
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
TABLE = "bench"
TOKEN = "t" * 700  # as long as a task token of Step Functions
SECRETS = {
    "meta": {
        "app_secrets": [SECRET],
        "verify_token": "v",
        "tokens": {"100000000000001": "a page token"},
    }
}


def policy() -> Policy:
    """Return the policy of care.yaml: real targets, calendars and holidays."""
    return configuration.load(ROOT / "care.yaml")


def account(found: Policy) -> str:
    """Return the platform's id of the brand's Messenger account."""
    return next(one.account_id for one in found.handles if one.channel is Channel.MESSENGER)


@dataclass
class Company:
    """The parts in memory, and where the customer's case is."""

    policy: Policy
    store: MemoryStore
    parts: FakeParts
    where: str = ""

    @property
    def head(self) -> Conversation:
        """Return the conversation as it is now."""
        return self.store.heads[self.where]

    @property
    def case(self) -> dict[str, object]:
        """Return what the machine hands to a step."""
        case = self.head.case
        assert case is not None
        generation = {"case_number": case.number, "generation": case.generation}
        return {"conversation_id": self.where, **generation}

    def items(self) -> dict[tuple[str, str], Item]:
        """Return every row of the company as DynamoDB's wire carries it."""
        return {(row["pk"]["S"], row["sk"]["S"]): row for row in map(item, self._values())}

    def _values(self) -> Iterator[records.Values]:
        version = self.policy.version
        at = {"pk": keys.POLICY}
        history = encode((Publication(version, NOON),))
        yield at | {"sk": keys.CURRENT, "kind": "policy_current", "body": history, "rev": 1}
        yield at | {"sk": keys.policy(version), "kind": "policy", "body": encode(self.policy)}
        for agent in self.store.people.values():
            yield records.agent(replace(agent, rev=agent.rev - 1))
        for head in self.store.heads.values():
            yield records.head(replace(head, rev=head.rev - 1))
            for number, entries in self.store.logs.get(head.id, {}).items():
                yield records.log(replace(head, version=number), entries)
        for message in self.store.messages.values():
            yield records.message(replace(message, rev=message.rev - 1))
        for identity in self.store.identities.values():
            yield from contacts.identity(identity)


def item(values: records.Values) -> Item:
    """Return a row as DynamoDB's wire carries it."""
    return bound(TABLE, "us-east-1", None)(**values).serialize()


def event(found: Policy, number: int, at: datetime) -> ChannelEvent:
    """Return a private message of the customer, as the webhook door queues it."""
    mid = f"m_{number:060d}"
    return ChannelEvent(
        key=mid,
        kind=EventKind.MESSAGE,
        channel=Channel.MESSENGER,
        account_id=account(found),
        public=False,
        received_at=at,
        occurred_at=at,
        contact=CUSTOMER,
        author=CUSTOMER,
        message_id=mid,
        text=TEXT,
        subject="text",
    )


def first_message(found: Policy) -> str:
    """Return our id of the customer's first message."""
    return inbound_id(Channel.MESSENGER, account(found), event(found, 1, NOON).message_id)


def delivery(found: Policy, number: int, at: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of Meta's webhook about one message."""
    page, milliseconds = account(found), int(at.timestamp() * 1000)
    messaging = {
        "sender": {"id": CUSTOMER.id},
        "recipient": {"id": page},
        "timestamp": milliseconds,
        "message": {"mid": f"m_{number:060d}", "text": TEXT},
    }
    entry = {"id": page, "time": milliseconds, "messaging": [messaging]}
    body = json.dumps({"object": "page", "entry": [entry]}).encode()
    made = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return body, {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={made}"}


def record(body: bytes, group: str = "g") -> dict[str, Any]:
    """Return a queue's message as Lambda hands it over."""
    return {
        "messageId": "1",
        "receiptHandle": "h",
        "body": body.decode(),
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q.fifo",
        "awsRegion": "us-east-1",
    }


def begun() -> Company:
    """Return a company whose customer has just written for the first time."""
    found, store = policy(), MemoryStore()
    parts = FakeParts(store.conversations, store.agents, store.views, store.policies)
    parts.now.set(NOON)
    store.policies.publish(found)
    store.policies.make_current(found.version)
    store.agents.save(Agent("ana", "Ana", teams=("care",), role=Role.AGENT))
    store.agents.set_presence("ana", Presence.PRESENT, NOON)
    company = Company(found, store, parts)
    ingest.ingest(parts, event(found, 1, NOON))
    (company.where,) = store.heads
    return company


def assigned() -> Company:
    """Return the company once the case is with an agent and the machine waits."""
    company = begun()
    case = CaseRef(company.where, 1, company.head.case.generation if company.head.case else 0)
    step = assign.assign(company.parts, case)
    respond.respond(company.parts, case, TOKEN, int(str(step["wait_seconds"])), 0)
    return company


def answered() -> tuple[Company, Message]:
    """Return the company once the agent has written, and the reply, which waits to be sent."""
    company = assigned()
    done = reply.reply(company.parts, ask(company), "It is on its way, sorry for the wait.")
    assert done.message is not None
    return company, done.message


def resolved() -> Company:
    """Return the company once the case is resolved."""
    company, _ = answered()
    resolve.resolve(company.parts, ask(company), "answered")
    return company


def ask(company: Company) -> Ask:
    """Return the agent's request to change the conversation as it is now."""
    actor = Actor("ana", Role.AGENT, ("care",))
    return Ask(actor, company.where, company.head.version, f"key-{company.head.version:08d}")
