"""Sending that costs: paid before it leaves, given back if it did not, refused once spent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.channels import registry
from chalicelib.channels.base import Base
from chalicelib.channels.places import Places
from chalicelib.channels.sender import ChannelSender, Purse
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState
from tests.fakes.networks import FakeBudgets
from tests.fakes.outside import FakeMeter

NOW = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
HANDLE = Handle("acme-x", Channel.X, "1", "@acme", "care", settings={"monthly_budget_usd": "0.05"})
REPLY = Outgoing("t", HANDLE, "2", True, "We are on it.", reply_to_id="3")
PRICE = 10_000


class Priced(Base):
    """A room whose messages cost a cent."""

    def __init__(self):
        self.answers = []
        self.sent = 0

    def capabilities(self, handle, *, public):
        return Capabilities(280)

    def price(self, outgoing):
        return PRICE

    def send(self, outgoing, secret, places):
        self.sent += 1
        return self.answers.pop(0) if self.answers else SendResult(SendState.ACCEPTED, "p")


class There:
    def __init__(self, monkeypatch):
        self.room, self.budgets, self.meter = Priced(), FakeBudgets(), FakeMeter()
        monkeypatch.setattr("chalicelib.channels.sender.room_of", lambda _: self.room)
        purse = Purse(lambda: self.budgets, self.meter.count)
        self.sender = ChannelSender(lambda _: {"key": "k"}, Places(now=lambda: NOW), purse)

    @property
    def spent(self):
        return self.budgets.spent("acme-x", "2026-11")


@pytest.fixture
def there(monkeypatch):
    return There(monkeypatch)


def test_what_left_is_paid(there):
    assert there.sender.send(REPLY).state is SendState.ACCEPTED
    assert there.spent == PRICE


@pytest.mark.parametrize("state", [SendState.RETRY, SendState.FAILED])
def test_what_certainly_did_not_leave_is_given_back(there, state):
    there.room.answers = [SendResult(state)]
    there.sender.send(REPLY)
    assert there.spent == 0


def test_what_may_have_left_stays_paid(there):
    there.room.answers = [SendResult(SendState.UNKNOWN)]
    there.sender.send(REPLY)
    assert there.spent == PRICE


def test_a_spent_budget_stops_sending_and_says_so(there):
    states = [there.sender.send(REPLY) for _ in range(6)]
    assert [one.state for one in states[:5]] == [SendState.ACCEPTED] * 5
    assert (states[5].state, states[5].error_class, states[5].error_code) == (
        SendState.FAILED,
        ErrorClass.BUDGET,
        "budget_spent",
    )
    assert "2026-11" in states[5].error_text
    assert (there.room.sent, there.spent) == (5, 50_000)
    assert there.meter.total("BudgetSpent", handle="acme-x") == 1


def test_people_hear_of_it_when_four_fifths_are_spent(there):
    for _ in range(4):
        there.sender.send(REPLY)
    assert there.meter.total("BudgetNearlySpent") == 0
    there.sender.send(REPLY)
    assert there.meter.total("BudgetNearlySpent", handle="acme-x") == 1


def test_without_a_limit_all_is_counted_and_nothing_refused(there):
    free = replace(REPLY, handle=replace(HANDLE, settings={}))
    for _ in range(20):
        assert there.sender.send(free).state is SendState.ACCEPTED
    assert there.spent == 20 * PRICE


def test_a_refusal_of_our_own_costs_nothing(there):
    there.sender.send(replace(REPLY, text="x" * 281))
    assert (there.spent, there.room.sent) == (0, 0)


def test_every_room_is_where_the_registry_says():
    for name in registry.ROOMS:
        assert registry.room(name)
