"""Personal data: what was found in a text, named and never repeated."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal data: `kind` is phone, email, card, iban or address.

    `start` and `end` are places in the text, so that a reader can be shown it without a copy.
    """

    kind: str
    start: int
    end: int
