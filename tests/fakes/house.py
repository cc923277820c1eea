"""A small company to test the doors with: two teams, people of each role, and customers."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from chalicelib import bootstrap
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.policy import Handle, Policy, Target, Team
from chalicelib.workflows.intake.ingest import ingest
from tests.fakes import gateway
from tests.fakes.gateway import FakeGateway
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore

APP_SECRET = "an app secret"
OLD_SECRET = "the app secret before"
VERIFY_TOKEN = "a verify token"
HOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ACCOUNT = "100200300"

AGENT = gateway.Person("ann", Role.AGENT)
LEAD = gateway.Person("lou", Role.LEAD)
ADMIN = gateway.Person("ada", Role.ADMIN)
STRANGER = gateway.Person("sam", Role.AGENT)
"""An agent of another team."""

POLICY = Policy(
    "v1",
    brand="Acme",
    handles=(
        Handle("acme-help", Channel.MESSENGER, ACCOUNT, "Acme Help", "care"),
        Handle("acme-page", Channel.FACEBOOK_PAGE, ACCOUNT, "Acme", "care"),
        Handle("acme-shop", Channel.WEBHOOK, "shop", "Acme Shop", "shop"),
    ),
    teams=(Team("care", lead="lou"), Team("shop")),
    targets=(
        Target(ClockName.ASSIGN, 300),
        Target(ClockName.FIRST_RESPONSE, 900),
        Target(ClockName.NEXT_RESPONSE, 1800),
        Target(ClockName.RESOLUTION, 86_400),
    ),
)


@dataclass
class House:
    """The parts, the store behind them, and a way in."""

    parts: FakeParts
    store: MemoryStore
    gateway: FakeGateway

    def customer_writes(self, text: str = "Where is my parcel?") -> Conversation:
        """Take in a private message, as the inbox would; return the conversation."""
        number = len(self.store.messages) + 1
        event = message_event(self.parts, number, text)
        ingest(self.parts, event)
        found = self.store.messages[
            next(key for key, kept in self.store.messages.items() if kept.text == text)
        ]
        return self.conversation(found.conversation_id)

    def conversation(self, conversation_id: str) -> Conversation:
        """Return the conversation as it is stored now."""
        return self.store.heads[conversation_id]


def message_event(parts: FakeParts, number: int, text: str, customer: str = "c1") -> ChannelEvent:
    """Return a private message of a customer."""
    person = Person(customer, "Casey Customer")
    return ChannelEvent(
        key=f"mid-{number}",
        kind=EventKind.MESSAGE,
        channel=Channel.MESSENGER,
        account_id=ACCOUNT,
        public=False,
        received_at=parts.now(),
        occurred_at=parts.now(),
        contact=person,
        author=person,
        message_id=f"mid-{number}",
        text=text,
        subject="text",
    )


@contextmanager
def open_house() -> Iterator[House]:
    """Build the company, and let the doors use it for a while."""
    from app import app

    store = MemoryStore()
    parts = FakeParts(store.conversations, store.agents, store.views, store.policies)
    store.policies.publish(POLICY)
    store.policies.make_current("v1")
    for agent in (
        Agent("ann", "Ann", teams=("care",), presence=Presence.PRESENT),
        Agent("lou", "Lou", teams=("care",), role=Role.LEAD),
        Agent("ada", "Ada", role=Role.ADMIN),
        Agent("sam", "Sam", teams=("shop",), presence=Presence.PRESENT),
    ):
        store.agents.save(agent)
        store.agents.set_presence(agent.id, agent.presence, parts.now())
    parts.secrets.held = {
        "meta": {"app_secrets": [APP_SECRET, OLD_SECRET], "verify_token": VERIFY_TOKEN},
        "acme-shop": {"secrets": [HOOK_SECRET]},
    }
    bootstrap.install(cast(bootstrap.Parts, parts))
    try:
        yield House(parts, store, FakeGateway(app))
    finally:
        bootstrap.install(None)


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """Return the headers that Meta sends with this body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}
