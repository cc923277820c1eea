"""Policies: the versioned configuration. Versions never change, so each is read once a process."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.policy import Policy
from chalicelib.store import keys
from chalicelib.store.codec import decode, encode
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import BusyError

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

    def make_current(self, version: str) -> None:
        """Make a stored version the current one.

        Raises LookupError when there is no such version.
        """
        self.get(version)
        values = {"pk": keys.POLICY, "sk": keys.CURRENT, "kind": "policy_current", "body": version}
        self._table.write(Write(values))
        self._current = version
        self._read_at = self._now()

    def _read_current(self) -> str:
        try:
            row = self._table.get(keys.POLICY, keys.CURRENT)
        except BusyError:
            if self._current is None:
                raise
            return self._current
        if row is None:
            raise LookupError("no policy is current: publish one first")
        return str(row.body)
