"""Conversations: what the workflows read to decide, and the transaction that writes it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.channel import Channel
from chalicelib.domain.contact import Identity
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.message import Message
from chalicelib.store import keys, records
from chalicelib.store.codec import decode
from chalicelib.store.commit import refusal, writes
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import Clock, Commit, LogRow, Reference, Request, StaleError


class Conversations:
    """`ports.Conversations` on the table. Every method may raise BusyError."""

    def __init__(self, table: Table, now: Clock) -> None:
        self._table = table
        self._now = now

    def get(self, conversation_id: str) -> Conversation | None:
        """Return the conversation with its newest case, or None."""
        row = self._table.get(keys.conversation(conversation_id), keys.HEAD)
        return records.conversation(row) if row else None

    def several(self, conversation_ids: Sequence[str]) -> Sequence[Conversation]:
        """Return those of these that are there, each once, 100 a request."""
        wanted = dict.fromkeys(conversation_ids)
        found = self._table.batch([(keys.conversation(one), keys.HEAD) for one in wanted])
        return [records.conversation(row) for row in found]

    def message(self, conversation_id: str, message_id: str) -> Message | None:
        """Return a message by our id, or None."""
        row = self._table.get(keys.conversation(conversation_id), keys.message(message_id))
        return records.message_of(row) if row else None

    def reference(self, channel: Channel, account_id: str, platform_id: str) -> Reference | None:
        """Return where a platform's message id leads, or None."""
        row = self._table.get(keys.reference(channel, account_id, platform_id), keys.REFERENCE)
        return records.reference_of(row) if row else None

    def put_reference(self, reference: Reference) -> Reference:
        """Write the reference if absent.

        Return what is stored now (ours, or the one that was there).
        """
        new = replace(reference, rev=0)
        write = Write(records.reference(new), Refusal.PRESENT, Row.pk.does_not_exist())
        try:
            self._table.write(write)
        except WritesRefusedError as error:
            found = error.refused[0].found
            if found is None:
                raise
            return records.reference_of(found)
        return replace(new, rev=1)

    def identity(self, channel: Channel, scope: str, ref: str) -> Identity | None:
        """Return an account of a contact, or None."""
        row = self._table.get(keys.identity(channel, scope, ref), keys.HEAD)
        return decode(row.body, Identity) if row else None

    def commit(self, commit: Commit) -> None:
        """Write all of it in one transaction, or raise a StoreError and write nothing.

        Of several refusals the one that says most is raised: DuplicateRequestError,
        DuplicateMessageError, StaleError, CapacityError. So a commit that is repeated after a
        time-out, and had been written, is told by DuplicateMessageError (or DuplicateRequestError)
        and not by StaleError. TooLargeError: a row would be too large; ValueError: not a whole
        commit.
        """
        rows = writes(commit, self._now())
        if not rows:
            return
        try:
            self._table.transact(rows)
        except WritesRefusedError as error:
            raise refusal(error.refused[0]) from error

    def arm(self, conversation_id: str, rev: int, token: str, armed_for: datetime) -> None:
        """Record the waiting machine and raise `rev`.

        Raises StaleError when the conversation is not at `rev` any more.

        Raises nothing when the very same was recorded before: the answer to a time-out after the
        write.
        """
        key = {"pk": keys.conversation(conversation_id), "sk": keys.HEAD}
        stamped = records.stamp(armed_for)
        actions = (Row.token.set(token), Row.armed_for.set(stamped), Row.rev.set(rev + 1))
        try:
            self._table.write(Write(key, Refusal.STALE, Row.rev == rev, actions))
        except WritesRefusedError as error:
            found = error.refused[0].found
            if found and (found.rev, found.token, found.armed_for) == (rev + 1, token, stamped):
                return
            raise StaleError(conversation_id) from error

    def request(self, conversation_id: str, key: str) -> Request | None:
        """Return the record of an earlier request with this idempotency key, or None."""
        row = self._table.get(keys.conversation(conversation_id), keys.request(key))
        return decode(row.body, Request) if row else None

    def log(self, conversation_id: str, version: int) -> LogRow | None:
        """Return what happened at one version of the conversation, or None."""
        row = self._table.get(keys.conversation(conversation_id), keys.log(version))
        return records.log_of(row) if row else None

    def mark_announced(self, conversation_id: str, version: int, at: datetime) -> None:
        """Note that the alerts of this log row have gone out. Raises LookupError without a row."""
        key = {"pk": keys.conversation(conversation_id), "sk": keys.log(version)}
        actions = (Row.announced_at.set(records.stamp(at)),)
        try:
            self._table.write(Write(key, Refusal.PRESENT, Row.pk.exists(), actions))
        except WritesRefusedError as error:
            raise LookupError(f"no log of version {version}") from error
