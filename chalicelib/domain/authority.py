"""Authority: who may promise what to a customer, and whose words are read before they leave."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

CENTS = 100
MOST_CENTS = 1_000_000_000
"""The largest amount that can be promised: ten million of a currency."""

_AMOUNT = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class PromiseKind(StrEnum):
    """What a reply or a resolution may promise."""

    REFUND = "refund"
    GOODWILL = "goodwill"
    APOLOGY = "apology"
    LEGAL = "legal"


MONEY = frozenset({PromiseKind.REFUND, PromiseKind.GOODWILL})
"""The kinds that have an amount."""


@dataclass(frozen=True, slots=True)
class Promised:
    """What somebody wants to promise. `cents`: hundredths of `currency` (refund and goodwill)."""

    kind: PromiseKind
    cents: int = 0
    currency: str = ""

    @property
    def amount(self) -> str:
        """Return the amount as it is written ("25.00"), empty where the kind has none."""
        return written(self.cents) if self.kind in MONEY else ""

    @property
    def words(self) -> str:
        """Return it in words: "refund 25.00 EUR"."""
        return f"{self.kind.value} {self.amount} {self.currency}".strip()


@dataclass(frozen=True, slots=True)
class Limit:
    """Who may promise this without asking: people of `role` or above, of `team` (empty: any).

    `cents` is the most they may promise in one case (None: any amount; apology and legal have
    none). An empty `currency` is any. What no limit allows needs the approval of somebody whom one
    does.
    """

    kind: PromiseKind
    role: str
    team: str = ""
    cents: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Whose replies are read by a lead before they leave: trainees, or all on these handles.

    Empty fields match anything. `public`: only those that everybody can read.
    """

    handle: str = ""
    team: str = ""
    trainees: bool = True
    public: bool = False


def promise(kind: PromiseKind, amount: str = "", currency: str = "") -> Promised:
    """Return a promise as people write it: "25.00", "EUR".

    Raises ValueError for money without a sensible amount and currency, and for an amount with what
    is not money.
    """
    if kind not in MONEY:
        if amount or currency:
            raise ValueError(f"{kind.value} has no amount")
        return Promised(kind)
    found = _AMOUNT.fullmatch(amount)
    whole, rest = found.groups() if found else ("0", "")
    cents = int(whole) * CENTS + int((rest or "").ljust(2, "0"))
    if not 0 < cents <= MOST_CENTS:
        raise ValueError(f"{kind.value} needs an amount from 0.01 to {written(MOST_CENTS)}")
    if not _CURRENCY.fullmatch(currency):
        raise ValueError(f"{kind.value} needs a currency of three letters")
    return Promised(kind, cents, currency)


def summed(promised: Iterable[Promised]) -> tuple[Promised, ...]:
    """Return one sum of each kind and currency, in a fixed order."""
    sums: dict[tuple[PromiseKind, str], int] = {}
    for one in promised:
        place = one.kind, one.currency
        sums[place] = sums.get(place, 0) + one.cents
    return tuple(Promised(kind, sums[kind, currency], currency) for kind, currency in sorted(sums))


def written(cents: int) -> str:
    """Return an amount as people write it."""
    return f"{cents // CENTS}.{cents % CENTS:02}"
