"""What every store promises of marks, budgets and habits."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from chalicelib.store.budgets import Budgets
from chalicelib.store.habits import Habits
from chalicelib.store.marks import Marks
from chalicelib.workflows.ports import BudgetError, Mark, StaleError
from tests.contract.store_engines import MEMORY, TABLES, engines, on_table
from tests.fakes.networks import FakeBudgets, FakeHabits, FakeMarks

__all__ = ["engines"]

HOUR = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MONTH = "2026-11"


class Small(NamedTuple):
    """The three parts of one store."""

    marks: Any
    budgets: Any
    habits: Any


@pytest.fixture(params=[MEMORY, *TABLES])
def small(request: pytest.FixtureRequest, engines: None) -> Iterator[Small]:
    """Give the empty small parts of each kind of store in turn."""
    if request.param == MEMORY:
        yield Small(FakeMarks(), FakeBudgets(), FakeHabits())
        return
    table = on_table(request.param).table
    assert table is not None
    yield Small(Marks(table), Budgets(table), Habits(table))


def test_a_mark_is_what_was_last_written(small):
    assert small.marks.get("poll#a") == Mark("poll#a")
    first = small.marks.put(Mark("poll#a", '{"at": 1}'))
    second = small.marks.put(replace(first, value='{"at": 2}'))
    assert small.marks.get("poll#a") == second == Mark("poll#a", '{"at": 2}', 2)
    assert small.marks.get("poll#b").rev == 0


def test_a_stale_mark_is_refused_and_changes_nothing(small):
    first = small.marks.put(Mark("poll#a", "one"))
    small.marks.put(replace(first, value="two"))
    for stale in (first, Mark("poll#a", "zero")):
        with pytest.raises(StaleError):
            small.marks.put(replace(stale, value="late"))
    assert small.marks.get("poll#a").value == "two"


def test_a_budget_is_spent_to_the_last_millionth_and_not_beyond(small):
    assert small.budgets.spent("x", MONTH) == 0
    assert small.budgets.spend("x", MONTH, 60, 100) == 60
    assert small.budgets.spend("x", MONTH, 40, 100) == 100
    with pytest.raises(BudgetError):
        small.budgets.spend("x", MONTH, 1, 100)
    assert small.budgets.spent("x", MONTH) == 100
    assert small.budgets.spent("x", "2026-12") == small.budgets.spent("y", MONTH) == 0


@pytest.mark.parametrize(("micros", "limit"), [(1, 0), (101, 100)])
def test_an_expense_above_the_whole_budget_is_refused_at_once(small, micros, limit):
    with pytest.raises(BudgetError):
        small.budgets.spend("x", MONTH, micros, limit)
    assert small.budgets.spent("x", MONTH) == 0


def test_what_was_given_back_can_be_spent_again(small):
    small.budgets.spend("x", MONTH, 100, 100)
    assert small.budgets.spend("x", MONTH, -30, None) == 70
    assert small.budgets.spend("x", MONTH, 30, 100) == 100


def test_what_has_no_limit_is_counted_all_the_same(small):
    assert small.budgets.spend("x", MONTH, 5_000_000_000, None) == 5_000_000_000
    with pytest.raises(BudgetError):
        small.budgets.spend("x", MONTH, 1, 100)


def test_many_at_once_never_spend_more_than_the_budget(small):
    def once(_: int) -> bool:
        try:
            small.budgets.spend("x", MONTH, 10, 95)
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(once, range(30)))
    assert (allowed, small.budgets.spent("x", MONTH)) == (9, 90)


def test_a_habit_is_the_sum_of_each_hour(small):
    for minutes, count in ((0, 2), (59, 3), (60, 1), (180, 4)):
        small.habits.add("acme", HOUR + timedelta(minutes=minutes), count)
    small.habits.add("other", HOUR, 9)
    hours = [HOUR + timedelta(hours=after) for after in (0, 1, 3)]
    assert dict(small.habits.hours("acme", HOUR)) == dict(zip(hours, (5, 1, 4), strict=True))


def test_a_habit_is_read_from_an_hour_on(small):
    for after in (0, 5, 30):
        small.habits.add("acme", HOUR + timedelta(hours=after), 1)
    found = small.habits.hours("acme", HOUR + timedelta(hours=5))
    assert sorted(found) == [HOUR + timedelta(hours=5), HOUR + timedelta(hours=30)]
    assert small.habits.hours("acme", HOUR + timedelta(hours=31)) == {}
