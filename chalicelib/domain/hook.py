"""Outgoing webhooks: what the company's own systems are told of an entry, and when again.

The envelope is that of Standard Webhooks (https://www.standardwebhooks.com): `type`, `timestamp`,
`data`.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from zlib import crc32

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.ident import digest
from chalicelib.domain.policy import Endpoint

MOST_BYTES = 20_000
"""Standard Webhooks asks senders to stay below 20 kB."""

LONGEST_WAIT_SECONDS = 41_400
"""A queue holds a letter back for twelve hours at most, what the attempt took included."""

_WAITS = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds after each failed attempt: together 27 hours and a half."""

ATTEMPTS = len(_WAITS) + 1
_JITTER_PERCENT = 15
_WORDS = re.compile(r"[A-Z][a-z]+")
_TYPES = {
    EntryKind.FOLLOW_UP_SENT: "follow_up.sent",
    EntryKind.FOLLOW_UP_WAIVED: "follow_up.waived",
    EntryKind.PERSONAL_DATA_FOUND: "personal_data.found",
}
"""Where the noun has two words."""

Data = dict[str, object]


def type_of(kind: EntryKind) -> str:
    """Return the event's type: the noun, a full stop, what happened (case.opened)."""
    noun, *happened = (word.lower() for word in _WORDS.findall(kind.value))
    return _TYPES.get(kind) or f"{noun}.{'_'.join(happened)}"


def asks(endpoint: Endpoint, kinds: Iterable[EntryKind]) -> bool:
    """Return whether an endpoint asks for entries of one of these kinds, of whatever case.

    A rule may name any endpoint.
    """
    return EntryKind.RULE_FIRED in kinds or _asked(endpoint, kinds)


def _asked(endpoint: Endpoint, kinds: Iterable[EntryKind]) -> bool:
    named = {name for kind in kinds for name in (kind.value, type_of(kind))}
    return not endpoint.events or not named.isdisjoint(endpoint.events)


def wants(endpoint: Endpoint, entry: Entry, conversation: Conversation, team: str) -> bool:
    """Return whether an endpoint is to be told of an entry: it asks for it, or a rule names it."""
    if endpoint.id in entry.inputs.get("webhook", "").split():
        return True
    return (
        _asked(endpoint, (entry.kind,))
        and endpoint.team in ("", team)
        and endpoint.handle in ("", conversation.handle)
        and endpoint.channel in ("", conversation.channel.value)
    )


def event_id(endpoint: Endpoint, conversation_id: str, version: int, position: int) -> str:
    """Return the id of one event for one endpoint: the same at every attempt and repeat."""
    return digest("hook", endpoint.id, conversation_id, str(version), str(position))


def data(
    endpoint: Endpoint, entry: Entry, conversation: Conversation, team: str, position: int
) -> Data:
    """Return what is told of an entry, without what people wrote.

    `sequence` and `position` order the events of a conversation, which may arrive in any order. A
    reason is told when a machine gave it; what a person typed only where the endpoint asks for
    texts.
    """
    told: Data = {
        "conversation_id": conversation.id,
        "case_id": f"{conversation.id}-{entry.case_number}" if entry.case_number else "",
        "case_number": entry.case_number,
        "sequence": entry.version,
        "position": position,
        "channel": conversation.channel.value,
        "handle": conversation.handle,
        "team": team,
        "public": conversation.public,
        "contact_id": conversation.contact_id,
        "message_id": entry.message_id,
        "actor": entry.actor,
        "agent_id": entry.agent_id,
        "clock": entry.clock.value if entry.clock else "",
        "clock_number": entry.seq if entry.clock else 0,
        "score": entry.score,
        "rule": entry.rule,
        "status": entry.status,
        "until": stamp(entry.until) if entry.until else "",
        "reason": entry.reason if endpoint.texts or entry.actor == MACHINE else "",
    }
    always = {"public", "sequence", "position", "case_number"}
    return {name: value for name, value in told.items() if value or name in always}


def body(entry: Entry, told: Data, text: str = "") -> bytes:
    """Return the whole event as it is signed and sent: `text` is cut where it would be too long."""
    most = MOST_BYTES
    while True:
        words = {"text": text[:most]} if text else {}
        cut = {"text_cut": True} if len(text) > most else {}
        envelope = {
            "type": type_of(entry.kind),
            "timestamp": stamp(entry.at),
            "data": {**told, **words, **cut},
        }
        written = json.dumps(envelope, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        if len(written) < MOST_BYTES:
            return written
        most = most * 3 // 4


def stamp(at: datetime) -> str:
    """Return an instant as the events carry it: ISO 8601, UTC, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wait_seconds(event_id: str, tries: int, asked_seconds: int = 0) -> int | None:
    """Return how long to wait after that many attempts, at least what the receiver asked for.

    None: give up. The waits differ by some percent from event to event, so that what failed
    together does not come back together; the same event always waits the same.
    """
    if tries >= ATTEMPTS:
        return None
    usual = _WAITS[max(1, tries) - 1]
    percent = crc32(f"{event_id}-{tries}".encode()) % (_JITTER_PERCENT + 1)
    return min(LONGEST_WAIT_SECONDS, max(usual + usual * percent // 100, asked_seconds))
