"""Agents: who works.

All of them are one partition, read by one request: a company has hundreds, not thousands.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.operand import Path

from chalicelib.domain.agent import Agent, Presence
from chalicelib.store import keys, records
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import StaleError

MOST = 1000
"""How many agents one read gives.

An agent's row is about 500 bytes, so they fit into one answer of 1 MB.
"""


class Agents:
    """`ports.Agents` on the table.

    Every method may raise BusyError. Loads change by `Commit.load` only.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, agent_id: str) -> Agent | None:
        """Return an agent, or None."""
        row = self._table.get(keys.AGENTS, keys.agent(agent_id))
        return records.agent_of(row) if row else None

    def all(self) -> Sequence[Agent]:
        """Return all agents, by id."""
        rows, _ = self._table.page(keys.AGENTS, MOST, consistent_read=True)
        return [records.agent_of(row) for row in rows]

    def save(self, agent: Agent) -> Agent:
        """Create or change all but `load` and `last_assigned_at`; return what is stored now.

        Raises StaleError when `rev` is not the stored one (0: there must be no such agent).
        """
        try:
            row = self._table.write(_created(agent) if agent.rev == 0 else _changed(agent))
        except WritesRefusedError as error:
            raise StaleError(agent.id) from error
        if row is None:
            return replace(agent, rev=1, load=0, last_assigned_at=None)
        return records.agent_of(row)

    def set_presence(self, agent_id: str, presence: Presence, at: datetime) -> Agent:
        """Record what an agent declares, and raise `rev`.

        Raises LookupError when there is no such agent.
        """
        key = {"pk": keys.AGENTS, "sk": keys.agent(agent_id)}
        actions = (
            Row.presence.set(presence.value),
            Row.presence_at.set(records.stamp(at)),
            Row.rev.add(1),
        )
        try:
            row = self._table.write(Write(key, Refusal.PRESENT, Row.pk.exists(), actions))
        except WritesRefusedError as error:
            raise LookupError(agent_id) from error
        return records.agent_of(row) if row else self.set_presence(agent_id, presence, at)


def _created(agent: Agent) -> Write:
    return Write(records.agent(agent), Refusal.STALE, Row.pk.does_not_exist())


def _changed(agent: Agent) -> Write:
    values = records.agent(agent)
    key = {name: values.pop(name) for name in ("pk", "sk")}
    # What an agent carries may change meanwhile, so the table itself works out what is left.
    values["spare"] = agent.capacity - Path(Row.load)
    del values["load"]
    actions = tuple(getattr(Row, name).set(value) for name, value in values.items())
    return Write(key, Refusal.STALE, Row.rev == agent.rev, actions)
