"""Polling: one poller makes each look, its cursor is kept last, searches cost no surprise."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent, EventKind
from chalicelib.domain.policy import Handle, Policy, Search
from chalicelib.workflows.networks import Polled, PollError
from chalicelib.workflows.watching import poll
from tests.fakes.outside import BEGINNING, FakeParts
from tests.fakes.store import MemoryStore

SOCIAL = Handle("acme-social", Channel.MASTODON, "77", "@acme", "care")
PRICED = Handle("acme-x", Channel.X, "1", "@acme", "care", settings={"monthly_budget_usd": "0.001"})
SEARCH = Search("brand", "acme-x", "acme broken", enabled=True, every_seconds=900, most=10)


def made(*handles: Handle, searches: tuple[Search, ...] = ()) -> FakeParts:
    store = MemoryStore()
    store.policies.publish(Policy("v1", handles=handles, searches=searches))
    store.policies.make_current("v1")
    parts = FakeParts(store.conversations, store.agents, store.views, store.policies)
    parts.network.every = {"acme-social": 60}
    return parts


def event(number: int) -> ChannelEvent:
    key = f"event-{number}"
    kind, channel = EventKind.MESSAGE, Channel.MASTODON
    return ChannelEvent(key, kind, channel, "77", public=True, received_at=BEGINNING)


def only(parts: FakeParts) -> poll.Look:
    (look,) = poll.due(parts)
    return look


def told(parts: FakeParts, name: str = "acme-social") -> dict:
    return json.loads(parts.marks.kept[f"poll#{name}"].value)


def test_a_handle_is_looked_at_as_often_as_its_network_says():
    parts = made(SOCIAL)
    look = only(parts)
    assert poll.look(parts, look) == Polled(cursor="")
    assert poll.keep(parts, look, Polled(cursor="c1")) is False
    parts.now.advance(59)
    assert list(poll.due(parts)) == []
    parts.now.advance(1)
    assert only(parts).wanted.cursor == "c1"
    assert parts.meter.total("Polled", handle="acme-social") == 1


def test_a_handle_with_webhooks_is_never_looked_at():
    assert list(poll.due(made(PRICED))) == []


def test_two_pollers_never_make_the_same_look():
    parts = made(SOCIAL)
    first = only(parts)
    assert list(poll.due(parts)) == []
    assert first.name == "acme-social"


def test_a_poller_that_finds_another_was_faster_lets_it():
    parts = made(SOCIAL)
    real = parts.marks.get

    def raced(name: str):
        mark = real(name)
        parts.marks.put(mark)  # the other one claims between our reading and our writing
        return mark

    parts.marks.get = raced
    assert list(poll.due(parts)) == []


def test_a_look_that_dies_is_made_again_from_the_same_place():
    parts = made(SOCIAL)
    poll.keep(parts, only(parts), Polled(cursor="c1"))
    parts.now.advance(60)
    only(parts)  # and then the process dies: nothing is kept
    parts.now.advance(60)
    assert only(parts).wanted.cursor == "c1"


def test_more_at_once_is_looked_at_at_once_and_a_wish_to_wait_is_kept():
    parts = made(SOCIAL)
    assert poll.keep(parts, only(parts), Polled(cursor="c1", again_seconds=1)) is True
    look = only(parts)
    assert poll.keep(parts, look, Polled(cursor="c2", again_seconds=300)) is False
    parts.now.advance(299)
    assert list(poll.due(parts)) == []
    parts.now.advance(1)
    assert only(parts).wanted.cursor == "c2"


def test_a_late_poller_does_not_move_the_cursor_back():
    parts = made(SOCIAL)
    late = only(parts)
    parts.now.advance(60)
    poll.keep(parts, only(parts), Polled(cursor="newer"))
    assert poll.keep(parts, late, Polled(cursor="older", again_seconds=1)) is False
    assert told(parts)["cursor"] == "newer"


def test_a_network_that_cannot_be_read_is_asked_less_and_less_often():
    parts = made(SOCIAL)
    poll.keep(parts, only(parts), Polled(cursor="c1"))
    waits = []
    for _ in range(12):
        parts.now.advance(24 * 3600)
        parts.network.looks = [PollError("unavailable")]
        assert poll.look(parts, only(parts)) is None
        waits.append(poll.datetime.fromisoformat(told(parts)["next_at"]) - parts.now())
    minutes = [wait / timedelta(minutes=1) for wait in waits]
    assert minutes[:5] == [2, 4, 8, 16, 32]
    assert minutes[-1] == 360
    assert told(parts) | {"next_at": ""} == {
        "cursor": "c1",
        "next_at": "",
        "failures": 12,
        "problem": "unavailable",
    }
    assert parts.meter.total("PollFailed", reason="unavailable") == 12
    assert parts.meter.total("ChannelBroken") == 0


def test_a_network_says_itself_how_long_to_wait():
    parts = made(SOCIAL)
    parts.network.looks = [PollError("throttled", wait_seconds=9_000)]
    poll.look(parts, only(parts))
    parts.now.advance(8_999)
    assert list(poll.due(parts)) == []
    parts.now.advance(1)
    only(parts)


def test_no_network_can_ask_for_more_than_a_day():
    parts = made(SOCIAL)
    parts.network.looks = [PollError("throttled", wait_seconds=10**9)]
    poll.look(parts, only(parts))
    parts.now.advance(days=1)
    only(parts)


def test_what_will_not_pass_by_itself_is_said():
    parts = made(SOCIAL)
    parts.network.looks = [PollError("token", lasting=True)]
    poll.look(parts, only(parts))
    assert parts.meter.total("ChannelBroken", handle="acme-social") == 1


def test_a_late_failure_does_not_undo_a_later_look():
    parts = made(SOCIAL)
    late = only(parts)
    parts.now.advance(60)
    poll.keep(parts, only(parts), Polled(cursor="newer"))
    parts.network.looks = [PollError("unavailable")]
    assert poll.look(parts, late) is None
    assert told(parts)["failures"] == 0


def test_success_forgets_the_failures():
    parts = made(SOCIAL)
    parts.network.looks = [PollError("unavailable")]
    poll.look(parts, only(parts))
    parts.now.advance(3600)
    look = only(parts)
    poll.keep(parts, look, Polled(cursor="c1"))
    assert told(parts)["failures"] == 0


@pytest.mark.parametrize(
    "search", [replace(SEARCH, enabled=False), replace(SEARCH, handle="nobody")]
)
def test_searches_are_off_unless_somebody_turns_them_on(search):
    assert list(poll.due(made(PRICED, searches=(search,)))) == []


def test_what_a_search_finds_is_marked_as_found():
    parts = made(PRICED, searches=(SEARCH,))
    parts.network.looks = [Polled(events=(event(1), replace(event(2), flags=("quote",))))]
    look = only(parts)
    assert (look.wanted.words, look.wanted.most, look.name) == ("acme broken", 10, "acme-x#brand")
    found = poll.look(parts, look)
    assert found is not None
    assert [one.flags for one in found.events] == [("search",), ("quote", "search")]


def test_a_search_is_paid_for_before_it_is_made_and_what_it_did_not_cost_is_given_back():
    parts = made(PRICED, searches=(SEARCH,))
    parts.network.costs = {"acme-x": 80}
    parts.network.looks = [Polled(cost_micros=240)]
    look = only(parts)
    assert parts.budgets.spent("acme-x", "2026-11") == 800
    poll.look(parts, look)
    assert parts.budgets.spent("acme-x", "2026-11") == 240


def test_a_search_that_failed_costs_nothing():
    parts = made(PRICED, searches=(SEARCH,))
    parts.network.costs = {"acme-x": 80}
    parts.network.looks = [PollError("unavailable")]
    poll.look(parts, only(parts))
    assert parts.budgets.spent("acme-x", "2026-11") == 0


def test_a_budget_that_is_spent_stops_searches_and_says_so():
    parts = made(PRICED, searches=(SEARCH,))
    parts.network.costs = {"acme-x": 80}
    parts.budgets.spend("acme-x", "2026-11", 201, None)
    assert list(poll.due(parts)) == []
    assert parts.meter.total("BudgetSpent", handle="acme-x") == 1
    assert parts.network.wanted == []


def test_a_search_that_costs_needs_a_budget():
    parts = made(replace(PRICED, settings={}), searches=(SEARCH,))
    parts.network.costs = {"acme-x": 80}
    assert list(poll.due(parts)) == []
