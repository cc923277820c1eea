"""Marks: small named notes. How far a poller has read, when a handle was last probed."""

from dataclasses import replace

from chalicelib.store import keys
from chalicelib.store.commit import at_rev
from chalicelib.store.table import Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import Mark, StaleError


class Marks:
    """`ports.Marks` on the table. Every method may raise BusyError."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, name: str) -> Mark:
        """Return the note, an empty one when there is none."""
        row = self._table.get(keys.mark(name), keys.NOTE)
        return Mark(name, row.body or "", int(row.rev)) if row else Mark(name)

    def put(self, mark: Mark) -> Mark:
        """Write it, `rev` raised by one. Raises StaleError when it is not at its `rev` any more."""
        values = {
            "pk": keys.mark(mark.name),
            "sk": keys.NOTE,
            "kind": "mark",
            "body": mark.value,
            "rev": mark.rev + 1,
        }
        try:
            self._table.write(Write(values, Refusal.STALE, at_rev(mark.rev)))
        except WritesRefusedError as error:
            raise StaleError(mark.name) from error
        return replace(mark, rev=mark.rev + 1)
