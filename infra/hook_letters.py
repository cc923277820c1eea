"""The dead-letter list of outgoing webhooks: what no endpoint took, and sending it again."""

from collections import Counter
from collections.abc import Iterator

from chalicelib import bootstrap
from chalicelib.workflows import hooks


def listed(parts: bootstrap.Parts, endpoint: str = "") -> Iterator[str]:
    """Yield a line for each event that was set aside, and one for each endpoint that counts them.

    For one endpoint, or for all.
    """
    count: Counter[str] = Counter()
    for name, event_id in hooks.set_aside(parts, endpoint):
        count[name] += 1
        yield f"{name}  {event_id}"
    if not count:
        yield "Every outgoing webhook was taken."
    for name, number in sorted(count.items()):
        yield f"{name}: {number} set aside"


def resent(parts: bootstrap.Parts, endpoint: str, event_id: str = "") -> str:
    """Queue again what an endpoint did not take; return what was done. Raises RefusedError."""
    number = hooks.resend(parts, endpoint, event_id)
    what = "1 event goes" if number == 1 else f"{number} events go"
    return f"{what} out to {endpoint} again, under the same id as ever"
