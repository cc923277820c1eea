"""Findings: what the audit says when something is not as it must be."""

from dataclasses import dataclass
from enum import StrEnum

from infra.local.day.story import Customer


class Kind(StrEnum):
    """How bad."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be. `customer` None: about no customer in particular."""

    kind: Kind
    customer: Customer | None
    what: str

    def __str__(self) -> str:
        """Return a sentence for people."""
        who = (
            f"{self.customer.name} ({self.customer.channel}, {self.customer.scene}) "
            if self.customer
            else ""
        )
        return f"{self.kind}: {who}{self.what}"
