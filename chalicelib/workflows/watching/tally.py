"""Tally: what a batch of events adds to each handle's habit, and what its platform charges for it.

Counted once a batch, beside the work: a count that fails must never keep a message waiting.
"""

from collections import Counter
from datetime import datetime

from chalicelib.domain import budget
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle
from chalicelib.workflows.ports import BusyError, Parts

NEW = frozenset({"stored", "completed", "imported"})
"""What an event has become that was not known before."""

Account = tuple[Channel, str]


class Tally:
    """The sums of one batch."""

    def __init__(self) -> None:
        self._heard: Counter[tuple[Account, datetime]] = Counter()
        self._cost: Counter[Account] = Counter()

    def add(self, event: ChannelEvent, outcome: str) -> None:
        """Count an event that has been taken in. `outcome` is what ingest() said of it."""
        account = (event.channel, event.account_id)
        if event.cost_micros and outcome != "duplicate":
            self._cost[account] += event.cost_micros
        if event.kind is EventKind.MESSAGE and outcome in NEW:
            hour = event.received_at.replace(minute=0, second=0, microsecond=0)
            self._heard[account, hour] += 1

    def write(self, parts: Parts) -> None:
        """Write the sums. Raises nothing for a busy table: then they are lost, and counted so."""
        policy = parts.policies.current()
        try:
            for (account, hour), heard in self._heard.items():
                handle = policy.handle_of(*account)
                if handle is not None:
                    parts.habits.add(handle.id, hour, heard)
            for account, micros in self._cost.items():
                handle = policy.handle_of(*account)
                if handle is not None:
                    _charged(parts, handle, micros)
        except BusyError:
            parts.meter.count("TallyLost")


def _charged(parts: Parts, handle: Handle, micros: int) -> None:
    """Count what a platform charged for telling us: that cannot be refused, only known."""
    spent = parts.budgets.spend(handle.id, budget.month(parts.now()), micros, None)
    limit = budget.monthly_limit(handle)
    if limit is not None and spent >= limit:
        parts.meter.count("BudgetSpent", handle=handle.id)
    elif budget.nearly_spent(spent, limit):
        parts.meter.count("BudgetNearlySpent", handle=handle.id)
