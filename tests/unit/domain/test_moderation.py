"""Moderation: what may be asked of a platform now, and what an answer makes of the message."""

from dataclasses import replace

import pytest

from chalicelib.domain import moderation
from chalicelib.domain.channel import Capabilities
from chalicelib.domain.message import DeliveryState, Direction, Message, Moderation
from chalicelib.domain.moderation import DELETE, HIDE, UNHIDE
from tests.unit.domain.terms import at

ITEM = Message(
    "m", "c", Direction.INBOUND, public=True, sent_at=at(0), received_at=at(0), platform_id="p"
)


@pytest.mark.parametrize(
    "message",
    [
        None,
        replace(ITEM, public=False),
        replace(ITEM, direction=Direction.OUTBOUND),
        replace(ITEM, direction=Direction.NOTE),
        replace(ITEM, platform_id=""),
        replace(ITEM, stub=True),
    ],
)
def test_only_what_a_customer_wrote_in_public_is_moderated(message):
    assert moderation.is_item(ITEM)
    assert not moderation.is_item(message)


def test_what_a_channel_lets_a_brand_do():
    hides, deletes = Capabilities(9, hides=True), Capabilities(9, deletes=True)
    assert [moderation.can(hides, one) for one in (HIDE, UNHIDE, DELETE)] == [True, True, False]
    assert [moderation.can(deletes, one) for one in (HIDE, UNHIDE, DELETE)] == [False, False, True]


def asked(state, second=0):
    return replace(ITEM, moderation=Moderation(HIDE, state, "ann", at(second)))


@pytest.mark.parametrize(
    ("message", "action", "expected"),
    [
        (ITEM, HIDE, ""),
        (ITEM, DELETE, ""),
        (ITEM, UNHIDE, "not_hidden"),
        (replace(ITEM, hidden=True), UNHIDE, ""),
        (replace(ITEM, hidden=True), DELETE, ""),
        (replace(ITEM, hidden=True), HIDE, "already_hidden"),
        (replace(ITEM, deleted_at=at(1)), HIDE, "deleted"),
        (asked(DeliveryState.QUEUED), HIDE, "on_its_way"),
        (asked(DeliveryState.SENDING), DELETE, "on_its_way"),
        (asked(DeliveryState.FAILED), HIDE, ""),
        (asked(DeliveryState.UNKNOWN), HIDE, ""),
        (asked(DeliveryState.QUEUED, -900), HIDE, ""),
    ],
)
def test_what_may_be_asked_now(message, action, expected):
    assert moderation.hindrance(message, action, at(0)) == expected


def test_each_asking_is_a_round_of_its_own():
    first = moderation.ordered(ITEM, HIDE, "ann", at(1))
    second = moderation.ordered(first, UNHIDE, "bea", at(2))
    assert first.moderation == Moderation(HIDE, DeliveryState.QUEUED, "ann", at(1), 1)
    assert second.moderation == Moderation(UNHIDE, DeliveryState.QUEUED, "bea", at(2), 2)


def test_what_the_platform_did_is_shown_unless_it_has_told_of_something_later():
    hidden = moderation.carried_out(ITEM, HIDE, at(5))
    assert (hidden.hidden, hidden.hidden_at) == (True, at(5))
    assert moderation.carried_out(hidden, UNHIDE, at(4)) == hidden
    assert not moderation.carried_out(hidden, UNHIDE, at(6)).hidden
    gone = moderation.carried_out(hidden, DELETE, at(7))
    assert gone.deleted_at == at(7)
    assert moderation.carried_out(gone, UNHIDE, at(9)) == gone


def test_the_platforms_own_word_settles_an_order_that_nobody_knows_of():
    unknown = asked(DeliveryState.UNKNOWN)
    settled = moderation.confirmed(unknown, HIDE, at(9))
    assert settled.moderation == replace(unknown.moderation, state=DeliveryState.ACCEPTED, at=at(9))
    assert moderation.confirmed(unknown, UNHIDE, at(9)) == unknown
    assert moderation.confirmed(ITEM, HIDE, at(9)) == ITEM
    failed = asked(DeliveryState.FAILED)
    assert moderation.confirmed(failed, HIDE, at(9)) == failed
