"""Beginnings: the keys that list a log row among the cases that began on a day."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.store import keys


def beginning(conversation_id: str, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the keys that list a log row among the cases that began on a day, if it tells of one.

    A conversation's cases begin one after the other, so that a row tells of one at most.
    """
    for entry in entries:
        if entry.kind is EntryKind.CASE_OPENED:
            return {
                "opened_pk": keys.opened(
                    entry.at.astimezone(UTC).date(), keys.shard(conversation_id)
                ),
                "created": keys.at(entry.at, conversation_id),
                "case_number": entry.case_number,
            }
    return {}
