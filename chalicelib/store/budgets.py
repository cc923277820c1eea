"""Budgets: what was spent in a calendar month, one counter each that many processes may raise."""

from pynamodb.expressions.condition import Condition

from chalicelib.store import keys
from chalicelib.store.rows import Row
from chalicelib.store.table import Refusal, Table, Write, WritesRefusedError
from chalicelib.workflows.ports import BudgetError


class Budgets:
    """`ports.Budgets` on the table. Every method may raise BusyError."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def spend(self, name: str, month: str, micros: int, limit_micros: int | None) -> int:
        """Add to what was spent in `month` (YYYY-MM); return the sum in millionths of a dollar.

        Raises BudgetError when the sum would exceed the limit (None: only counted). A request that
        is repeated by itself after a lost answer may count twice: a budget errs on the dear side.
        """
        condition: Condition | None = None
        if limit_micros is not None and micros > 0:
            if micros > limit_micros:
                raise BudgetError(name)
            condition = Row.amount.does_not_exist() | (Row.amount <= limit_micros - micros)
        key = {"pk": keys.budget(name, month), "sk": keys.SUM}
        actions = (Row.amount.add(micros), Row.kind.set("budget"))
        try:
            row = self._table.write(Write(key, Refusal.CAPACITY, condition, actions))
        except WritesRefusedError as error:
            raise BudgetError(name) from error
        return int(row.amount) if row else self.spent(name, month)

    def spent(self, name: str, month: str) -> int:
        """Return what was spent in a month, in millionths of a dollar."""
        row = self._table.get(keys.budget(name, month), keys.SUM)
        return int(row.amount or 0) if row else 0
