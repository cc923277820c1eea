"""Generic webhooks in the form of Standard Webhooks.

The payload of somebody's own channel, a forum here.
"""

from infra.local.simulator.happening import Happening

Payload = dict[str, object]


def message(one: Happening) -> Payload:
    """Return a private message of a customer."""
    data: Payload = {
        "id": one.id,
        "contact": {"id": one.person, "name": one.name},
        "text": one.text,
    }
    return {"type": "message.created", "timestamp": one.at.isoformat(), "data": data}
