"""Detection: personal data in a text, as far as its own form proves it.

Mail addresses, numbers of cards and of bank accounts, postal addresses. Telephone numbers need
every country's number plan and are found by a library (gateways/detector.py). Precision comes
before recall: who is warned of an order number each day looks away when it is a card.
"""

from chalicelib.domain.mailbox import mailboxes
from chalicelib.domain.payment import accounts, cards
from chalicelib.domain.personal import Finding, merged
from chalicelib.domain.plain import Plain, plain
from chalicelib.domain.postal import addresses


def find(text: str) -> tuple[Finding, ...]:
    """Return the personal data in a text, in order, at its places there."""
    return found_in(plain(text))


def found_in(seen: Plain) -> tuple[Finding, ...]:
    """Return the personal data in a plain text, at its places in the text that it was made of."""
    ways = (mailboxes, cards, accounts, addresses)
    found = [finding for way in ways for finding in way(seen.text)]
    return merged(Finding(one.kind, *seen.place(one.start, one.end)) for one in found)
