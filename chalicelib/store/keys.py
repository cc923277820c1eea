"""Keys: the only place that builds what rows are found by.

Every part that comes from outside (platform ids, idempotency keys, team names) is escaped, so that
no part can contain the separator `#`, be longer than a key may be, or hold what DynamoDB cannot
store. Different parts never give one key.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote
from zlib import crc32

from chalicelib.domain.channel import Channel

HEAD = "HEAD"
REFERENCE = "REF"
AGENTS = "AGENTS"
POLICY = "POLICY"
CURRENT = "CURRENT"
STUCK = "STUCK"
SUM = "SUM"
NOTE = "NOTE"
MESSAGES = "MSG#"
LOGS = "LOG#"
IDENTITIES = "ID#"
MEMBERS = "MEMBER#"

SHARDS = 4
"""Over how many partitions a team's open cases are spread.

One partition takes 1,000 writes a second.
"""

LONGEST_PART = 240
"""The longest escaped part in bytes.

The longest sort key has three of them and must stay under 1,024 bytes.
"""

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Sorts cases without a deadline after all others."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SAFE = "-._~:@+=/,"


def escape(part: str) -> str:
    """Return `part` as printable ASCII without `#`, at most LONGEST_PART long.

    Different parts stay different.

    A part that would be longer becomes `%%` and its SHA-256, which no escaped part can begin with.
    """
    raw = part.encode("utf-8", "surrogatepass")
    escaped = quote(raw, safe=_SAFE)
    return escaped if len(escaped) <= LONGEST_PART else "%%" + hashlib.sha256(raw).hexdigest()


def conversation(conversation_id: str) -> str:
    """Return the partition of everything that belongs to one conversation."""
    return f"CONV#{escape(conversation_id)}"


def message(message_id: str) -> str:
    """Return the sort key of a message."""
    return MESSAGES + escape(message_id)


def log(version: int) -> str:
    """Return the sort key of what happened at one version of the conversation."""
    return f"{LOGS}{version:012d}"


def case(number: int) -> str:
    """Return the sort key of the snapshot of a case that is over."""
    return f"CASE#{number:06d}"


def request(key: str) -> str:
    """Return the sort key of the record of a request."""
    return f"REQ#{escape(key)}"


def reference(channel: Channel, account_id: str, platform_id: str) -> str:
    """Return the partition of a reference."""
    return f"REF#{channel.value}#{escape(account_id)}#{escape(platform_id)}"


def contact(contact_id: str) -> str:
    """Return the partition of a contact, and of its conversations in the index `contact`."""
    return f"CONTACT#{escape(contact_id)}"


def identity(channel: Channel, scope: str, ref: str) -> str:
    """Return the partition of an identity."""
    return f"IDENTITY#{_identity(channel, scope, ref)}"


def identity_of_contact(channel: Channel, scope: str, ref: str) -> str:
    """Return the sort key of an identity's copy in its contact's partition."""
    return IDENTITIES + _identity(channel, scope, ref)


def agent(agent_id: str) -> str:
    """Return the sort key of an agent."""
    return escape(agent_id)


def policy(version: str) -> str:
    """Return the sort key of a version of the policy."""
    return f"VERSION#{escape(version)}"


def mark(name: str) -> str:
    """Return the partition of a mark."""
    return f"MARK#{escape(name)}"


def budget(name: str, month: str) -> str:
    """Return the partition of what was spent in a month."""
    return f"BUDGET#{escape(name)}#{escape(month)}"


def habit(handle_id: str) -> str:
    """Return the partition of a handle's hourly counts."""
    return f"HABIT#{escape(handle_id)}"


def page(page_id: str) -> str:
    """Return the partition of a page and its members."""
    return f"PAGE#{escape(page_id)}"


def page_queue(queue: str) -> str:
    """Return the partition of which page a queue's new members join."""
    return f"PAGES#{escape(queue)}"


def pages_of(team: str) -> str:
    """Return the partition of a team's pages that are not over, in the index `open`."""
    return f"PAGES#{escape(team)}"


def page_ref(ref: str) -> str:
    """Return the partition of which page a carrier's id belongs to."""
    return f"TELLING#{escape(ref)}"


def told(person: str) -> str:
    """Return the partition of when somebody was last told."""
    return f"TOLD#{escape(person)}"


def hour(at: datetime) -> str:
    """Return the sort key of an hour, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H")


def open_cases(team: str, shard: int) -> str:
    """Return one of the SHARDS partitions of a team's open cases in the index `open`."""
    return f"OPEN#{escape(team)}#{shard}"


def shard(conversation_id: str) -> int:
    """Return which shard a conversation belongs to, the same for ever."""
    return crc32(conversation_id.encode("utf-8", "surrogatepass")) % SHARDS


def held_by(agent_id: str) -> str:
    """Return the partition of an agent's open cases in the index `holder`."""
    return f"AGENT#{escape(agent_id)}"


def queued(team: str) -> str:
    """Return the partition of a team's cases that wait for somebody, in the index `holder`."""
    return f"QUEUED#{escape(team)}"


def opened(day: date, shard: int) -> str:
    """Return one of the SHARDS partitions of the cases that began on a day (UTC), in `opened`."""
    return f"OPENED#{day.isoformat()}#{shard}"


def moment(at: datetime) -> str:
    """Return an instant as 15 digits of milliseconds that sort by time.

    Before 1970 counts as 1970.
    """
    return f"{max(0, (at - _EPOCH) // _MILLISECOND):015d}"


def instant(key: str) -> datetime:
    """Return the instant of a sort key by time."""
    return _EPOCH + int(key[:15]) * _MILLISECOND


def at(moment_at: datetime, row_id: str) -> str:
    """Return a sort key by time, made unique by the row's id."""
    return f"{moment(moment_at)}#{escape(row_id)}"


def _identity(channel: Channel, scope: str, ref: str) -> str:
    return f"{channel.value}#{escape(scope)}#{escape(ref)}"
