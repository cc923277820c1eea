"""The store in memory: agents and policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.domain.agent import Agent, Presence
from chalicelib.domain.policy import Policy
from chalicelib.domain.publication import KEPT, Publication
from chalicelib.workflows.ports import StaleError

if TYPE_CHECKING:
    from tests.fakes.store import MemoryStore

PUBLISHED_AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
"""When every version was made current, in a store that has no clock."""


class MemoryAgents:
    """`ports.Agents` in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def get(self, agent_id: str) -> Agent | None:
        with self._store.around("agents.get"):
            return self._store.people.get(agent_id)

    def all(self) -> Sequence[Agent]:
        with self._store.around("agents.all"):
            return [self._store.people[agent_id] for agent_id in sorted(self._store.people)]

    def save(self, agent: Agent) -> Agent:
        with self._store.around("agents.save"):
            stored = self._store.people.get(agent.id)
            if agent.rev != (stored.rev if stored else 0):
                raise StaleError(agent.id)
            load, last = (stored.load, stored.last_assigned_at) if stored else (0, None)
            saved = replace(agent, rev=agent.rev + 1, load=load, last_assigned_at=last)
            self._store.people[agent.id] = saved
            return saved

    def set_presence(self, agent_id: str, presence: Presence, at: datetime) -> Agent:
        with self._store.around("agents.set_presence"):
            agent = self._store.people.get(agent_id)
            if agent is None:
                raise LookupError(agent_id)
            changed = replace(agent, presence=presence, presence_at=at, rev=agent.rev + 1)
            self._store.people[agent_id] = changed
            return changed


class MemoryPolicies:
    """`ports.Policies` in memory, with what publishes a version."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._versions: dict[str, Policy] = {}
        self._history: tuple[Publication, ...] = ()

    def current(self) -> Policy:
        with self._store.around("policies.current"):
            return self._find(self._history[0].version if self._history else "")

    def get(self, version: str) -> Policy:
        with self._store.around("policies.get"):
            return self._find(version)

    def publish(self, policy: Policy) -> None:
        if self._versions.setdefault(policy.version, policy) != policy:
            raise ValueError(f"another policy has the version {policy.version!r}")

    def make_current(self, version: str, by: str = "", because: str = "") -> None:
        self._find(version)
        if not self._history or self._history[0].version != version:
            made = Publication(version, PUBLISHED_AT, by, because)
            self._history = (made, *self._history)[:KEPT]

    def history(self) -> Sequence[Publication]:
        return self._history

    def _find(self, version: str) -> Policy:
        if version not in self._versions:
            raise LookupError(f"no policy of version {version!r}")
        return self._versions[version]
