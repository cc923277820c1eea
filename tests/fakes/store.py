"""The store in memory: plain dicts behind the same ports, with places to make them fail.

tests/contract/test_store_contract.py holds it to what the table does. Nothing is copied: the
domain's nouns never change.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.case import Case
from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Contact, Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Message
from chalicelib.domain.page import Page
from chalicelib.workflows.ports import (
    CapacityError,
    Commit,
    DuplicateMessageError,
    DuplicateRequestError,
    Load,
    LogRow,
    Reference,
    Request,
    StaleError,
    StoreError,
)
from tests.fakes.store_pages import MemoryPages, PageChange
from tests.fakes.store_people import MemoryAgents, MemoryPolicies
from tests.fakes.store_views import MemoryViews

IdentityKey = tuple[Channel, str, str]
Change = Callable[[Conversation | None, Conversation], None]


class MemoryStore:
    """The four parts of the store over one memory.

    `before_commit` and `after_commit` are called with every commit: one that raises, before or
    after it takes effect, is a fault (`StaleError`, `BusyError` after the write, a crash).
    `changed` is called with the old and the new conversation after every write of one, and
    `page_changed` with the pages: what the table's stream would tell. `around` wraps every call,
    with the call's name (`store.around = parts.trail.around`).
    """

    def __init__(self) -> None:
        self.heads: dict[str, Conversation] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.logs: dict[str, dict[int, tuple[Entry, ...]]] = {}
        self.announced: dict[tuple[str, int], datetime] = {}
        self.snapshots: dict[tuple[str, int], Case] = {}
        self.requests: dict[tuple[str, str], Request] = {}
        self.references: dict[IdentityKey, Reference] = {}
        self.contacts: dict[str, Contact] = {}
        self.identities: dict[IdentityKey, Identity] = {}
        self.identities_of: dict[str, dict[IdentityKey, Identity]] = {}
        self.people: dict[str, Agent] = {}
        self.page_rows: dict[str, Page] = {}
        self.page_changed: list[PageChange] = []
        self.before_commit: list[Callable[[Commit], None]] = []
        self.after_commit: list[Callable[[Commit], None]] = []
        self.changed: list[Change] = []
        self.around: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()
        self.conversations = MemoryConversations(self)
        self.agents = MemoryAgents(self)
        self.views = MemoryViews(self)
        self.policies = MemoryPolicies(self)
        self.pages = MemoryPages(self)

    def write_head(self, conversation: Conversation) -> None:
        """Store a conversation and tell of it."""
        old = self.heads.get(conversation.id)
        self.heads[conversation.id] = conversation
        for told in self.changed:
            told(old, conversation)


class MemoryConversations:
    """`ports.Conversations` in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def get(self, conversation_id: str) -> Conversation | None:
        with self._store.around("conversations.get"):
            return self._store.heads.get(conversation_id)

    def several(self, conversation_ids: Sequence[str]) -> Sequence[Conversation]:
        with self._store.around("conversations.several"):
            heads = (self._store.heads.get(one) for one in dict.fromkeys(conversation_ids))
            return [head for head in heads if head is not None]

    def message(self, conversation_id: str, message_id: str) -> Message | None:
        with self._store.around("conversations.message"):
            return self._store.messages.get((conversation_id, message_id))

    def reference(self, channel: Channel, account_id: str, platform_id: str) -> Reference | None:
        with self._store.around("conversations.reference"):
            return self._store.references.get((channel, account_id, platform_id))

    def put_reference(self, reference: Reference) -> Reference:
        with self._store.around("conversations.put_reference"):
            return self._store.references.setdefault(_place(reference), replace(reference, rev=1))

    def identity(self, channel: Channel, scope: str, ref: str) -> Identity | None:
        with self._store.around("conversations.identity"):
            return self._store.identities.get((channel, scope, ref))

    def request(self, conversation_id: str, key: str) -> Request | None:
        with self._store.around("conversations.request"):
            return self._store.requests.get((conversation_id, key))

    def log(self, conversation_id: str, version: int) -> LogRow | None:
        with self._store.around("conversations.log"):
            entries = self._store.logs.get(conversation_id, {}).get(version)
            at = self._store.announced.get((conversation_id, version))
            return LogRow(entries, at) if entries else None

    def mark_announced(self, conversation_id: str, version: int, at: datetime) -> None:
        with self._store.around("conversations.mark_announced"):
            if version not in self._store.logs.get(conversation_id, {}):
                raise LookupError(f"no log of version {version}")
            self._store.announced[(conversation_id, version)] = at

    def arm(self, conversation_id: str, rev: int, token: str, armed_for: datetime) -> None:
        with self._store.around("conversations.arm"):
            head = self._store.heads.get(conversation_id)
            if head is None:
                raise StaleError(conversation_id)
            if (head.rev, head.token, head.armed_for) == (rev + 1, token, armed_for):
                return
            if head.rev != rev:
                raise StaleError(conversation_id)
            self._store.write_head(replace(head, rev=rev + 1, token=token, armed_for=armed_for))

    def commit(self, commit: Commit) -> None:
        with self._store.around("conversations.commit"):
            for hook in tuple(self._store.before_commit):
                hook(commit)
            self._check(commit)
            self._apply(commit)
            for hook in tuple(self._store.after_commit):
                hook(commit)

    def _check(self, commit: Commit) -> None:
        """Refuse what the table would refuse; of several refusals the one that says most."""
        parts = (commit.joining, commit.entries, commit.snapshot, commit.request)
        if commit.conversation is None and any(parts):
            raise ValueError("what goes with a conversation needs one")
        if commit.conversation and commit.joining and commit.conversation.id == commit.joining.id:
            raise ValueError("a conversation cannot join itself")
        self._check_once(commit)
        self._check_revs(commit)
        for load in _merged(commit.load):
            _check_load(load, self._store.people.get(load.agent_id))
        head = commit.conversation
        if head and commit.entries and head.version in self._store.logs.get(head.id, {}):
            raise StoreError("this version has its log already: raise the version with every entry")

    def _check_once(self, commit: Commit) -> None:
        head = commit.conversation
        if (
            head
            and commit.request
            and (known := self._store.requests.get((head.id, commit.request.key)))
        ):
            raise DuplicateRequestError(known)
        for message in commit.insert:
            if existing := self._store.messages.get((message.conversation_id, message.id)):
                raise DuplicateMessageError(existing)

    def _check_revs(self, commit: Commit) -> None:
        for head in filter(None, (commit.conversation, commit.joining)):
            stored = self._store.heads.get(head.id)
            if head.rev != (stored.rev if stored else 0):
                raise StaleError(head.id)
        for message in commit.update:
            known = self._store.messages.get((message.conversation_id, message.id))
            if message.rev != (known.rev if known else 0):
                raise StaleError(message.id)
        for reference in commit.references:
            known_place = self._store.references.get(_place(reference))
            if reference.rev != (known_place.rev if known_place else 0):
                raise StaleError(reference.platform_id)

    def _apply(self, commit: Commit) -> None:
        store = self._store
        for message in (*commit.insert, *commit.update):
            store.messages[(message.conversation_id, message.id)] = replace(
                message, rev=message.rev + 1
            )
        if commit.contact:
            new = replace(commit.contact, vip=False)
            known = store.contacts.get(new.id, new)
            vip = known.vip if commit.vip is None else commit.vip
            store.contacts[new.id] = replace(known, vip=vip)
        for identity in commit.identities:
            place = (identity.channel, identity.scope, identity.ref)
            store.identities.setdefault(place, identity)
            store.identities_of.setdefault(identity.contact_id, {}).setdefault(place, identity)
        for reference in commit.references:
            store.references[_place(reference)] = replace(reference, rev=reference.rev + 1)
        for load in _merged(commit.load):
            agent = store.people[load.agent_id]
            last = load.at if load.claim else agent.last_assigned_at
            store.people[agent.id] = replace(
                agent, load=agent.load + load.change, last_assigned_at=last
            )
        if commit.conversation:
            self._apply_head(commit, commit.conversation)

    def _apply_head(self, commit: Commit, head: Conversation) -> None:
        store = self._store
        if commit.entries:
            entries = tuple(replace(entry, version=head.version) for entry in commit.entries)
            store.logs.setdefault(head.id, {})[head.version] = entries
        if commit.snapshot:
            store.snapshots[(head.id, commit.snapshot.number)] = commit.snapshot
        if commit.request:
            store.requests[(head.id, commit.request.key)] = commit.request
        store.write_head(replace(head, rev=head.rev + 1))
        if commit.joining:
            store.write_head(replace(commit.joining, rev=commit.joining.rev + 1))


def _place(reference: Reference) -> IdentityKey:
    return (reference.channel, reference.account_id, reference.platform_id)


def _merged(loads: Sequence[Load]) -> list[Load]:
    found: dict[str, Load] = {}
    for load in loads:
        before = found.get(load.agent_id, Load(load.agent_id, 0, load.at))
        claim = load.claim or before.claim
        found[load.agent_id] = replace(load, change=load.change + before.change, claim=claim)
    return [load for load in found.values() if load.change or load.claim]


def _check_load(load: Load, agent: Agent | None) -> None:
    if agent is None:
        raise CapacityError(load.agent_id)
    free = agent.capacity - agent.load
    if load.claim and (agent.presence is not Presence.PRESENT or free < load.change):
        raise CapacityError(load.agent_id)
