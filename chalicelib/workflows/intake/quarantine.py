"""Quarantine.

What we cannot use yet is kept whole, counted, and replayed by a command once the cause is mended.
"""

import json
from dataclasses import asdict
from datetime import datetime

from chalicelib.domain.event import ChannelEvent
from chalicelib.domain.ident import digest
from chalicelib.workflows.ports import Parts


def set_aside(parts: Parts, event: ChannelEvent, reason: str) -> str:
    """Keep a normalised event; return its key.

    The same event has the same key, so a repeat adds nothing.
    """
    name = digest("event", event.channel, event.account_id, event.key)
    key = f"event/{reason}/{event.received_at:%Y/%m/%d}/{name}.json"
    parts.blobs.put(key, _json(event), {"reason": reason, "channel": event.channel.value})
    parts.meter.count("Quarantined", reason=reason, channel=event.channel.value)
    return key


def _json(event: ChannelEvent) -> bytes:
    return json.dumps(asdict(event), default=_instant, ensure_ascii=True).encode("ascii")


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot keep a {type(value).__name__}")
