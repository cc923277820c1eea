"""Delivery: a reply's state never goes back, and waits between attempts are bounded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import delivery
from chalicelib.domain.message import Delivery, DeliveryState, Direction, Edit, Message
from tests.unit.domain.terms import at

MESSAGE = Message("m", "c", Direction.OUTBOUND, public=False, sent_at=at(0), received_at=at(0))
ORDER = (
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.ACCEPTED,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
)


@given(st.lists(st.sampled_from(ORDER[1:]), min_size=1))
def test_whatever_order_states_come_in_the_furthest_stays(states):
    message = MESSAGE
    for second, state in enumerate(states):
        before = ORDER.index(message.delivery.state) if message.delivery else 0
        message = delivery.advance(message, state, at(second))
        assert ORDER.index(message.delivery.state) >= before
    assert message.delivery.state is max(states, key=ORDER.index)


def test_a_state_again_keeps_its_time_and_reason():
    failed = delivery.advance(MESSAGE, DeliveryState.FAILED, at(1), error_code="551")
    assert delivery.advance(failed, DeliveryState.FAILED, at(2), error_code="9") is failed


@given(st.sampled_from(ORDER), st.sampled_from(ORDER))
def test_of_two_notes_the_further_one_counts_with_our_attempts(ours, early):
    found = delivery.further(Delivery(ours, at(0), attempts=3), Delivery(early, at(1)))
    assert found.attempts == 3
    assert found.state is max(ours, early, key=ORDER.index)


def test_a_message_of_the_customer_is_not_delivered():
    assert delivery.further(None, Delivery(DeliveryState.READ, at(0))) is None
    ours = Delivery(DeliveryState.SENT, at(0))
    assert delivery.further(ours, None) == ours


@given(st.integers(0, 20), st.integers(0, 10**6))
def test_waits_grow_and_are_never_shorter_than_asked(attempts, asked):
    wait = delivery.back_off(attempts, asked)
    if attempts >= delivery.ATTEMPTS or asked > 6 * 3600:
        assert wait is None
    else:
        assert timedelta(seconds=max(2, asked)) <= wait <= timedelta(seconds=max(900, asked))
        assert wait >= delivery.back_off(max(0, attempts - 1), asked)


def test_the_waits():
    found = [delivery.back_off(attempt).total_seconds() for attempt in range(1, 6)]
    assert found == [2, 10, 60, 300, 900]


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "first"),
        ({"edits": (Edit("b", "third", at(1), 2), Edit("a", "second", at(9), 1))}, "third"),
        ({"deleted_at": at(9), "edits": (Edit("b", "third", at(1), 2),)}, ""),
    ],
)
def test_what_a_message_shows(facts, shown):
    from dataclasses import replace

    assert replace(MESSAGE, text="first", **facts).shown == shown
