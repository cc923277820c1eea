"""Letters: what goes onto a queue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """One message for a queue, when several are sent at once."""

    body: bytes
    group: str
    key: str
