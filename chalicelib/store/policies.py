"""Policies: the versioned configuration. Versions never change, so each is read once a process."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.policy import Policy
from chalicelib.domain.publication import KEPT, Publication
from chalicelib.store import keys
from chalicelib.store.codec import decode, encode
from chalicelib.store.commit import at_rev
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import BusyError, StaleError

FRESH = timedelta(seconds=30)
"""How long a process goes on with the current version before it asks again."""


class Policies:
    """`ports.Policies` on the table, with what publishes a version."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now
        self._versions: dict[str, Policy] = {}
        self._current: str | None = None
        self._read_at = now()

    def current(self) -> Policy:
        """Return the current version, at most FRESH behind.

        Raises LookupError when none was made current, BusyError when the table is busy and no
        version is known yet. A known one goes on meanwhile: an old promise is better than none.
        """
        if self._current is None or self._now() - self._read_at >= FRESH:
            self._current = self._read_current()
            self._read_at = self._now()
        return self.get(self._current)

    def get(self, version: str) -> Policy:
        """Return that version. Raises LookupError when there is no such version, BusyError."""
        if version not in self._versions:
            row = self._table.get(keys.POLICY, keys.policy(version))
            if row is None:
                raise LookupError(f"no policy of version {version!r}")
            self._versions[version] = decode(row.body, Policy)
        return self._versions[version]

    def publish(self, policy: Policy) -> None:
        """Store a version.

        Doing it again changes nothing. Raises ValueError when another policy has this version.
        """
        values = {
            "pk": keys.POLICY,
            "sk": keys.policy(policy.version),
            "kind": "policy",
            "body": encode(policy),
        }
        try:
            self._table.write(Write(values, Refusal.PRESENT, Row.pk.does_not_exist()))
        except WritesRefusedError as error:
            found = error.refused[0].found
            if found is None or decode(found.body, Policy) != policy:
                raise ValueError(f"another policy has the version {policy.version!r}") from error

    def make_current(self, version: str, by: str = "", because: str = "") -> None:
        """Make a stored version the current one; making the current one current changes nothing.

        Raises LookupError when there is no such version, StaleError when another was made current
        at the same moment.
        """
        self.get(version)
        row = self._table.get(keys.POLICY, keys.CURRENT)
        history = _history(row)
        if not history or history[0].version != version:
            made = (Publication(version, self._now(), by, because), *history)[:KEPT]
            self._keep(made, int(row.rev) if row else 0)
        self._current = version
        self._read_at = self._now()

    def history(self) -> Sequence[Publication]:
        """Return which versions were made current, newest first; the first is in force."""
        return _history(self._table.get(keys.POLICY, keys.CURRENT))

    def _keep(self, history: Sequence[Publication], rev: int) -> None:
        values = {
            "pk": keys.POLICY,
            "sk": keys.CURRENT,
            "kind": "policy_current",
            "body": encode(tuple(history)),
            "rev": rev + 1,
        }
        try:
            self._table.write(Write(values, Refusal.STALE, at_rev(rev)))
        except WritesRefusedError as error:
            raise StaleError("policy") from error

    def _read_current(self) -> str:
        try:
            history = self.history()
        except BusyError:
            if self._current is None:
                raise
            return self._current
        if not history:
            raise LookupError("no policy is current: publish one first")
        return history[0].version


def _history(row: Row | None) -> tuple[Publication, ...]:
    return decode(row.body, tuple[Publication, ...]) if row else ()
