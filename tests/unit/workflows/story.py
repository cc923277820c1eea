"""A small company on fakes, and the words that stories about it are told with."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Agent, Presence, Role
from chalicelib.domain.calendar import Calendar
from chalicelib.domain.case import Case
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import Clock, ClockName
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.event import ChannelEvent, EventKind, Person, ReceiptState
from chalicelib.domain.message import Message
from chalicelib.domain.policy import Handle, Policy, Survey, Target, Team
from chalicelib.workflows import resolve
from chalicelib.workflows.answering import reply
from chalicelib.workflows.change import Ask, Done
from tests.fakes.balance import weigh_commits
from tests.fakes.loop import Loop
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore

PAGE = "100"
NUMBER = "200"
POLICY = Policy(
    "v1",
    brand="Acme",
    handles=(
        Handle("acme-dm", Channel.MESSENGER, PAGE, "Acme", "care"),
        Handle("acme-page", Channel.FACEBOOK_PAGE, PAGE, "Acme Page", "care"),
        Handle("acme-wa", Channel.WHATSAPP, NUMBER, "Acme Orders", "care"),
        Handle("acme-shop", Channel.WEBHOOK, "shop", "Acme Shop", "shop"),
    ),
    teams=(Team("care", lead="lou"), Team("shop")),
    targets=(
        Target(ClockName.ASSIGN, 300),
        Target(ClockName.FIRST_RESPONSE, 3600),
        Target(ClockName.NEXT_RESPONSE, 3600),
        Target(ClockName.RESOLUTION, 86_400),
        Target(ClockName.FOLLOW_UP, 86_400),
    ),
    calendars={"never": Calendar("UTC")},
    survey=Survey(text="How did we do, from 1 to 5?"),
    warn_percents=(75,),
)

ANA = Person("ana", "Ana Customer")


class Story:
    """One company for one test."""

    def __init__(self, policy: Policy = POLICY, *, agents: tuple[str, ...] = ("ann",)) -> None:
        self.store = MemoryStore()
        store = self.store
        weigh_commits(store)
        self.parts = FakeParts(store.conversations, store.agents, store.views, store.policies)
        store.policies.publish(policy)
        store.policies.make_current(policy.version)
        for name in agents:
            self.joins(name)
        self.loop = Loop(self.parts, store)
        store.around = self.parts.trail.around
        self.number = 0

    # People.

    def joins(self, name: str, *, presence: Presence = Presence.PRESENT, **facts: object) -> Agent:
        agent = Agent(name, name.title(), teams=("care",), presence=presence, **facts)
        self.store.agents.save(agent)
        return self.store.agents.set_presence(name, presence, self.parts.now())

    def ask(self, who: str = "ann", *, key: str = "", version: int | None = None) -> Ask:
        self.number += 1
        base = self.conversation.version if version is None else version
        actor = Actor(who, Role.AGENT, ("care",))
        return Ask(actor, self.conversation.id, base, key or f"key-{self.number}")

    def replies(self, text: str = "On its way.", who: str = "ann", **ask: object) -> Message:
        done = reply.reply(self.parts, self.ask(who, **ask), text)
        assert done.message is not None
        return done.message

    def resolves(self, who: str = "ann", reason: str = "answered", **ask: object) -> Done:
        return resolve.resolve(self.parts, self.ask(who, **ask), reason)

    # The platform.

    def event(self, kind: EventKind, message_id: str = "", **facts: object) -> ChannelEvent:
        self.number += 1
        message_id = message_id or f"m-{self.number}"
        return replace(
            ChannelEvent(
                key=f"{kind.value}-{message_id}-{self.number}",
                kind=kind,
                channel=Channel.MESSENGER,
                account_id=PAGE,
                public=False,
                received_at=self.parts.now(),
                occurred_at=self.parts.now(),
                contact=ANA,
                message_id=message_id,
            ),
            **facts,
        )

    def message(self, text: str = "Where is my parcel?", **facts: object) -> ChannelEvent:
        facts.setdefault("author", facts.get("contact", ANA))
        return self.event(EventKind.MESSAGE, text=text, **facts)

    def comment(self, text: str = "Still waiting!", **facts: object) -> ChannelEvent:
        place = {"channel": Channel.FACEBOOK_PAGE, "public": True, "post_id": "post-1"}
        return self.message(text, **(place | facts))

    def echo(self, text: str, **facts: object) -> ChannelEvent:
        return self.event(EventKind.ECHO, text=text, author=Person(PAGE, "Acme"), **facts)

    def receipt(self, state: ReceiptState, message_id: str = "", **facts: object) -> ChannelEvent:
        made = self.event(EventKind.RECEIPT, message_id or "none", receipt=state, **facts)
        return made if message_id else replace(made, message_id="")

    def writes(self, text: str = "Where is my parcel?", **facts: object) -> str:
        return self.loop.ingest(self.message(text, **facts))

    # What is there now.

    @property
    def conversation(self) -> Conversation:
        (only,) = self.store.heads.values()
        return only

    @property
    def case(self) -> Case:
        assert self.conversation.case is not None
        return self.conversation.case

    def clock(self, name: ClockName) -> Clock:
        found = self.case.clock(name)
        assert found is not None
        return found

    def stored(self, message: Message) -> Message:
        return self.store.messages[(message.conversation_id, message.id)]

    @property
    def messages(self) -> list[Message]:
        return sorted(self.store.messages.values(), key=lambda message: message.sent_at)

    @property
    def log(self) -> list[Entry]:
        logs = self.store.logs.get(self.conversation.id, {})
        return [entry for version in sorted(logs) for entry in logs[version]]

    def told(self, kind: EntryKind) -> list[Entry]:
        return [entry for entry in self.log if entry.kind is kind]

    def at(self, **since: float) -> datetime:
        return self.parts.now() + timedelta(**since)
