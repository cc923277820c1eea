"""Logs: a case's whole log from the table, and the terms that it lived under."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.fold import Terms
from chalicelib.domain.policy import Policy
from chalicelib.workflows.change import handle_of
from chalicelib.workflows.ports import LogRow, Parts

ROWS_AT_ONCE = 200
"""How many log rows are read by one request."""


def entries(parts: Parts, conversation_id: str, number: int, since: int = 0) -> tuple[Entry, ...]:
    """Return the whole log of one case, oldest first; empty when there is no such case.

    `since` is the version of its first row, where it is known. Reads in bounded pages, and stops
    where the next case begins.
    """
    found: list[Entry] = []
    for row in _rows(parts, conversation_id, since):
        found += (entry for entry in row.entries if entry.case_number == number)
        if any(_begins(entry, number + 1) for entry in row.entries):
            break
    return tuple(found)


def _rows(parts: Parts, conversation_id: str, since: int) -> Iterator[LogRow]:
    while rows := parts.views.log(conversation_id, since, ROWS_AT_ONCE):
        yield from rows
        since = rows[-1].entries[0].version + 1


def _begins(entry: Entry, number: int) -> bool:
    return entry.kind is EntryKind.CASE_OPENED and entry.case_number >= number


def terms_in(policy: Policy, conversation: Conversation) -> Terms:
    """Return the terms of a conversation in a policy.

    A handle that the policy does not know is stood in for by its bare facts, and its case's team.
    """
    handle = handle_of(policy, conversation)
    case = conversation.case
    if not handle.team and case is not None:
        handle = replace(handle, team=case.team)
    return Terms(policy, handle, conversation.public)


def terms_by_version(parts: Parts, conversation: Conversation) -> Callable[[str], Terms]:
    """Return what gives a conversation's terms in each version of the policy.

    Raises LookupError for a version that is not stored.
    """
    return lambda version: terms_in(parts.policies.get(version), conversation)
