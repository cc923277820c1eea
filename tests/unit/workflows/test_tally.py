"""The tally counts what is new, once a batch, and never stands in a message's way."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle, Policy
from chalicelib.workflows.ports import BusyError
from chalicelib.workflows.watching.tally import Tally
from tests.fakes.outside import BEGINNING, FakeParts
from tests.fakes.store import MemoryStore

X = Handle("acme-x", Channel.X, "1", "@acme", "care", settings={"monthly_budget_usd": "0.0001"})
HEARD = ChannelEvent(
    "k", EventKind.MESSAGE, Channel.X, "1", public=True, received_at=BEGINNING, cost_micros=5
)


@pytest.fixture
def parts() -> FakeParts:
    store = MemoryStore()
    store.policies.publish(Policy("v1", handles=(X,)))
    store.policies.make_current("v1")
    return FakeParts(store.conversations, store.agents, store.views, store.policies)


def tallied(parts: FakeParts, *taken: tuple[ChannelEvent, str]) -> None:
    tally = Tally()
    for event, outcome in taken:
        tally.add(event, outcome)
    tally.write(parts)


def heard(parts: FakeParts) -> int:
    return sum(parts.habits.counts.values())


def test_new_messages_make_the_habit_and_repeats_do_not(parts):
    other = replace(HEARD, kind=EventKind.RECEIPT)
    outcomes = ("stored", "completed", "duplicate", "imported")
    tallied(parts, *((HEARD, outcome) for outcome in outcomes), (other, "stored"))
    assert heard(parts) == 3
    assert parts.trail.steps.count("after habits.add") == 1


def test_an_account_that_no_handle_names_has_no_habit(parts):
    tallied(parts, (replace(HEARD, account_id="2"), "stored"))
    assert (heard(parts), parts.budgets.sums) == (0, {})


def test_what_a_platform_charges_is_counted_once(parts):
    tallied(parts, (HEARD, "stored"), (HEARD, "duplicate"), (replace(HEARD, cost_micros=7), "x"))
    assert parts.budgets.spent("acme-x", "2026-11") == 12


@pytest.mark.parametrize(
    ("micros", "counted"), [(80, None), (81, "BudgetNearlySpent"), (100, "BudgetSpent")]
)
def test_people_hear_of_a_budget_that_reading_alone_has_used_up(parts, micros, counted):
    tallied(parts, (replace(HEARD, cost_micros=micros), "stored"))
    for name in ("BudgetNearlySpent", "BudgetSpent"):
        assert parts.meter.total(name, handle="acme-x") == (name == counted)


def test_without_a_limit_nothing_is_nearly_spent(parts):
    policy = replace(parts.policies.current(), version="v2", handles=(replace(X, settings={}),))
    parts.policies.publish(policy)
    parts.policies.make_current("v2")
    tallied(parts, (replace(HEARD, cost_micros=10**9), "stored"))
    assert parts.meter.counts == {}


def test_a_busy_table_loses_a_count_and_no_message(parts):
    def busy(*_: object) -> None:
        raise BusyError("full")

    parts.habits.add = busy
    tallied(parts, (HEARD, "stored"))
    assert parts.meter.total("TallyLost") == 1
