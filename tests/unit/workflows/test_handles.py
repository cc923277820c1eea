"""Handles: their connections are read as they were noted, and one without a room hides no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.policy import Handle, Policy
from chalicelib.workflows.networks import Health, HealthState, PollError
from chalicelib.workflows.watching import poll, watch
from chalicelib.workflows.watching.handles import connections
from chalicelib.workflows.watching.poll import NextLook
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore

PAGE = Handle(
    "acme-page",
    Channel.FACEBOOK_PAGE,
    "1",
    "Acme",
    "care",
    settings={"monthly_budget_usd": "12.5"},
)
SOCIAL = Handle("acme-social", Channel.MASTODON, "77", "@acme", "care")
SHOP = Handle("acme-shop", Channel.WEBHOOK, "shop", "Acme shop", "shop")

ADMIN = Actor("ada", Role.ADMIN)
LEAD = Actor("lou", Role.LEAD, ("care",))


@pytest.fixture
def parts() -> FakeParts:
    store = MemoryStore()
    store.policies.publish(Policy("v1", handles=(PAGE, SOCIAL, SHOP)))
    store.policies.make_current("v1")
    made = FakeParts(store.conversations, store.agents, store.views, store.policies)
    made.network.every = {"acme-social": 60}
    return made


def found(parts: FakeParts, handle: Handle):
    return next(one for one in connections(parts, ADMIN) if one.handle == handle)


def test_a_lead_sees_the_own_teams_and_an_admin_all_in_the_order_of_the_policy(parts):
    assert [one.handle for one in connections(parts, LEAD)] == [PAGE, SOCIAL]
    assert [one.handle for one in connections(parts, ADMIN)] == [PAGE, SOCIAL, SHOP]


def test_nothing_is_known_of_a_handle_that_nobody_has_asked_about(parts):
    shown = found(parts, SHOP)
    assert shown.state == watch.State("acme-shop")
    assert (shown.polled, shown.spent_micros, shown.limit_micros) == (None, 0, None)


def test_what_the_watch_noted_is_shown_and_no_platform_is_asked(parts):
    parts.network.health = {"acme-page": Health(HealthState.BROKEN, "the token ran out")}
    list(watch.watch(parts))
    asked = parts.trail.steps.count("after network.probe")
    shown = found(parts, PAGE)
    assert shown.state == watch.state_of(parts, PAGE)
    assert shown.state.problem == "the token ran out"
    assert parts.trail.steps.count("after network.probe") == asked == 1


def test_a_polled_handle_shows_its_next_look_and_why_the_last_one_failed(parts):
    assert found(parts, SOCIAL).polled == NextLook(None, "")
    (look,) = poll.due(parts)
    leased = NextLook(parts.now() + timedelta(seconds=60), "")
    assert found(parts, SOCIAL).polled == leased
    parts.network.looks = [PollError("token", lasting=True)]
    poll.look(parts, look)
    later = NextLook(parts.now() + timedelta(minutes=2), "token")
    assert found(parts, SOCIAL).polled == later


def test_the_reason_stays_while_the_next_look_is_under_way(parts):
    parts.network.looks = [PollError("token", lasting=True)]
    poll.look(parts, next(poll.due(parts)))
    parts.now.advance(hours=1)
    (look,) = poll.due(parts)
    assert found(parts, SOCIAL).polled.problem == "token"
    poll.keep(parts, look, poll.Polled(cursor="c1"))
    assert found(parts, SOCIAL).polled == NextLook(parts.now() + timedelta(seconds=60), "")


def test_money_is_of_this_month(parts):
    parts.budgets.spend("acme-page", "2026-11", 2_000_000, None)
    parts.budgets.spend("acme-page", "2026-10", 9_000_000, None)
    shown = found(parts, PAGE)
    assert (shown.spent_micros, shown.limit_micros) == (2_000_000, 12_500_000)


def test_what_can_be_sent_is_said_for_each_side(parts):
    parts.sender.able[Channel.FACEBOOK_PAGE, True] = Capabilities(8000, hides=True)
    parts.sender.able[Channel.FACEBOOK_PAGE, False] = Capabilities(2000, window_seconds=60)
    shown = found(parts, PAGE)
    assert shown.served
    assert (shown.public.hides, shown.private.window_seconds) == (True, 60)


def test_a_handle_without_a_room_does_not_hide_the_others(parts):
    able = parts.sender.capabilities

    def capabilities(handle, *, public):
        if handle == SOCIAL:
            raise LookupError("no room serves mastodon")
        return able(handle, public=public)

    def polls(handle):
        if handle == SOCIAL:
            raise LookupError("no room serves mastodon")
        return 0

    parts.sender.capabilities, parts.network.polls = capabilities, polls
    parts.budgets.spend("acme-social", "2026-11", 5, None)
    shown = found(parts, SOCIAL)
    assert (shown.served, shown.public, shown.private, shown.polled) == (False, None, None, None)
    assert shown.spent_micros == 5
    assert [one.served for one in connections(parts, ADMIN)] == [True, False, True]


def test_a_handle_that_the_real_channels_do_not_know_is_told_apart(parts):
    """The floor of the channels raises what is caught here."""
    from chalicelib.channels.contract import UnknownChannelError
    from chalicelib.channels.registry import room_of

    stray = replace(SHOP, settings={"provider": "nobody"})
    with pytest.raises(UnknownChannelError) as raised:
        room_of(stray)
    assert isinstance(raised.value, LookupError)
