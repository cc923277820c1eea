"""The ledger: what each customer really received, and what we were refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock


@dataclass(frozen=True, slots=True)
class Received:
    """One message that reached a customer (or the public under a customer's comment).

    `customer` is the platform id of the person; `token` our message id where the platform hands it
    on.
    """

    at: datetime
    account: str
    customer: str
    text: str
    platform_id: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """One call of ours that the platform refused. `reason` is the error's name, never a key."""

    at: datetime
    customer: str
    reason: str


@dataclass(slots=True)
class Ledger:
    """Append-only, safe for threads."""

    _received: list[Received] = field(default_factory=list)
    _refused: list[Refused] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, item: Received | Refused) -> None:
        """Write one line."""
        with self._lock:
            if isinstance(item, Received):
                self._received.append(item)
            else:
                self._refused.append(item)

    def received(self) -> Sequence[Received]:
        """Return every message that reached somebody, in order."""
        with self._lock:
            return tuple(self._received)

    def refused(self) -> Sequence[Refused]:
        """Return every refused call, in order."""
        with self._lock:
            return tuple(self._refused)

    def twice(self) -> Sequence[tuple[str, str]]:
        """Return (customer, text) of everything that somebody received more than once."""
        counts = Counter((one.customer, one.text) for one in self.received())
        return tuple(pair for pair, count in counts.items() if count > 1)
