"""Looking for ourselves: the right room and secret, and one lost handle stops no other."""

from datetime import UTC, datetime

import pytest

from chalicelib.channels.network import ChannelNetwork, callback_url
from chalicelib.channels.places import Places
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import Attachment
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import FetchError, HealthState, Missed, PollError, Wanted

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LOST = Handle("lost", Channel.SMS, "+15550100", "Acme", "care", settings={"provider": "nobody"})
SOCIAL = Handle(
    "acme-social",
    Channel.MASTODON,
    "77",
    "Acme",
    "care",
    settings={"instance": "https://social.example"},
)
PAGE = Handle("acme-page", Channel.FACEBOOK_PAGE, "1", "Acme", "care")


@pytest.fixture
def network() -> ChannelNetwork:
    """A network without any secret."""

    def no_secret(name: str):
        raise LookupError(name)

    return ChannelNetwork(no_secret, Places(now=lambda: NOW), lambda: "https://care.example.com")


def test_a_handle_that_nothing_serves_is_neither_polled_nor_probed(network):
    assert (network.polls(LOST), network.probes(LOST)) == (0, 0)
    assert network.polls(SOCIAL) > 0
    assert network.probes(PAGE) > 0


def test_without_its_secret_a_handle_is_broken_and_it_is_said_which_is_missing(network):
    health = network.probe(SOCIAL)
    assert (health.state, health.problem) == (
        HealthState.BROKEN,
        "there is no secret named acme-social",
    )
    with pytest.raises(PollError) as raised:
        network.poll(Wanted(SOCIAL))
    assert (raised.value.reason, raised.value.lasting) == ("no_secret", True)
    with pytest.raises(PollError):
        network.fetch_back(Missed(PAGE, NOW, NOW))
    with pytest.raises(FetchError) as refused:
        network.fetch(PAGE, Attachment("image", url="https://cdn.example.com/1"), 10)
    assert refused.value.reason == "no_secret"


def test_a_platform_is_told_the_address_of_its_own_room_and_handle():
    assert callback_url("https://c.example/", PAGE) == "https://c.example/webhooks/meta"
    wanted = "https://c.example/webhooks/mastodon/acme-social"
    assert callback_url("https://c.example", SOCIAL) == wanted
