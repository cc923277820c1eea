"""Watching: a dead handle is noticed, mended where it can be, and what it missed fetched."""

from datetime import timedelta

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.domain.policy import Handle, Policy
from chalicelib.workflows.networks import Health, HealthState, Missed
from chalicelib.workflows.watching import watch
from tests.fakes.outside import FakeParts
from tests.fakes.store import MemoryStore
from tests.fakes.trail import OutageError

PAGE = Handle("acme-page", Channel.FACEBOOK_PAGE, "1", "Acme", "care")
FORUM = Handle("acme-forum", Channel.WEBHOOK, "forum", "Acme forum", "care")
WELL, BROKEN = Health(HealthState.WELL), Health(HealthState.BROKEN, "the token ran out")
REPAIRED = Health(HealthState.REPAIRED, "the subscription was gone")


@pytest.fixture
def parts() -> FakeParts:
    store = MemoryStore()
    store.policies.publish(Policy("v1", handles=(PAGE, FORUM)))
    store.policies.make_current("v1")
    made = FakeParts(store.conversations, store.agents, store.views, store.policies)
    made.network.health = {"acme-page": WELL}
    return made


def probes(parts: FakeParts) -> int:
    return parts.trail.steps.count("after network.probe")


def busy(parts: FakeParts, handle: Handle, weeks: int = 2) -> None:
    """Give the handle a habit of ten messages an hour, up to now."""
    for hours in range(1, weeks * 7 * 24):
        parts.habits.add(handle.id, parts.now() - timedelta(hours=hours), 10)


def test_a_handle_is_probed_once_a_day_however_often_one_looks(parts):
    for _ in range(24):
        assert list(watch.watch(parts)) == []
        parts.now.advance(hours=1)
    assert probes(parts) == 1
    list(watch.watch(parts))
    assert probes(parts) == 2


def test_a_network_that_cannot_be_asked_is_not_probed(parts):
    list(watch.watch(parts))
    assert watch.state_of(parts, FORUM).probed_at is None
    assert watch.state_of(parts, PAGE).state is HealthState.WELL


def test_what_is_broken_is_counted_every_hour_until_it_is_mended(parts):
    parts.network.health = {"acme-page": BROKEN}
    for _ in range(3):
        list(watch.watch(parts))
        parts.now.advance(hours=1)
    assert parts.meter.total("ChannelBroken", handle="acme-page") == 3
    assert watch.state_of(parts, PAGE).problem == "the token ran out"


def test_a_repair_fetches_back_what_was_missed_since_it_was_last_well(parts):
    list(watch.watch(parts))
    well_at = parts.now()
    parts.network.health = {"acme-page": REPAIRED}
    parts.now.advance(days=1)
    missed = list(watch.watch(parts))
    assert missed == [Missed(PAGE, well_at - watch.BEFORE, parts.now())]
    assert parts.meter.total("ChannelRepaired", handle="acme-page") == 1
    parts.now.advance(hours=1)
    assert list(watch.watch(parts)) == []  # once


def test_what_a_person_mended_is_fetched_back_too(parts):
    list(watch.watch(parts))
    well_at = parts.now()
    for health, expected in ((BROKEN, 0), (WELL, 1)):
        parts.now.advance(days=1)
        parts.network.health = {"acme-page": health}
        missed = list(watch.watch(parts))
        assert len(missed) == expected
    assert missed[0].since == well_at - watch.BEFORE


def test_a_repair_at_the_first_probe_has_nothing_to_fetch_back(parts):
    parts.network.health = {"acme-page": REPAIRED}
    assert list(watch.watch(parts)) == []


def test_no_more_than_a_week_is_fetched_back(parts):
    list(watch.watch(parts))
    parts.network.health = {"acme-page": REPAIRED}
    parts.now.advance(days=30)
    (missed,) = watch.watch(parts)
    assert missed.until - missed.since == timedelta(days=7)


def test_a_platform_that_could_not_be_asked_is_neither_broken_nor_well(parts):
    list(watch.watch(parts))
    parts.network.health = {"acme-page": Health(HealthState.UNKNOWN, "no answer")}
    parts.now.advance(days=1)
    well_at = watch.state_of(parts, PAGE).well_at
    assert list(watch.watch(parts)) == []
    assert parts.meter.total("ChannelBroken") == 0
    assert watch.state_of(parts, PAGE).well_at == well_at


def test_a_key_that_will_run_out_is_said_a_week_before(parts):
    ends = parts.now() + timedelta(days=8)
    parts.network.health = {"acme-page": Health(HealthState.WELL, expires_at=ends)}
    list(watch.watch(parts))
    assert parts.meter.total("KeyExpiring") == 0
    parts.now.advance(days=1, seconds=1)
    list(watch.watch(parts))
    assert parts.meter.total("KeyExpiring", handle="acme-page") == 1


def test_a_silent_handle_is_counted_while_it_lasts_and_probed_at_once(parts):
    busy(parts, PAGE)
    list(watch.watch(parts))
    parts.now.advance(hours=2)
    list(watch.watch(parts))
    assert parts.meter.total("ChannelSilent", handle="acme-page") == 1
    assert probes(parts) == 2
    parts.now.advance(hours=1)
    list(watch.watch(parts))
    assert parts.meter.total("ChannelSilent", handle="acme-page") == 2
    assert probes(parts) == 2  # once a silence
    since = watch.state_of(parts, PAGE).silent_since
    assert since is not None
    parts.habits.add(PAGE.id, parts.now(), 1)
    parts.now.advance(hours=1)
    list(watch.watch(parts))
    assert watch.state_of(parts, PAGE).silent_since is None


def test_a_silent_handle_that_nobody_can_be_asked_about_is_still_reported(parts):
    busy(parts, FORUM)
    parts.now.advance(hours=2)
    list(watch.watch(parts))
    assert parts.meter.total("ChannelSilent", handle="acme-forum") == 1


def test_a_handle_that_cannot_be_looked_after_keeps_no_other_from_it_and_is_not_hushed_up(parts):
    busy(parts, FORUM)
    parts.now.advance(hours=2)
    parts.network.failures = 1  # of the page, which comes first
    with pytest.raises(OutageError):
        list(watch.watch(parts))
    assert parts.meter.total("ChannelSilent", handle="acme-forum") == 1
    assert watch.state_of(parts, PAGE).probed_at is None
    list(watch.watch(parts))
    assert watch.state_of(parts, PAGE).state is HealthState.WELL


def test_of_two_watches_at_once_one_fetches_back(parts):
    list(watch.watch(parts))
    parts.now.advance(days=1)
    parts.network.health = {"acme-page": REPAIRED}
    real = parts.marks.get

    def raced(name: str):
        mark = real(name)
        parts.marks.put(mark)
        return mark

    parts.marks.get = raced
    assert list(watch.watch(parts)) == []
