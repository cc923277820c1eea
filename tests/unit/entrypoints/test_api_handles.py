"""The API's handles: over HTTP, as a lead's screen sees them."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Capabilities, Channel, Invite
from chalicelib.domain.policy import Handle
from chalicelib.workflows.networks import Health, HealthState, PollError
from chalicelib.workflows.watching import poll, watch
from tests.fakes.house import ADMIN, AGENT, LEAD, POLICY

PATH = "/api/handles"


@pytest.fixture
def parts(house):
    """Return the parts of a company that also has an account it pays for and must poll."""
    paid = Handle(
        "acme-social",
        Channel.MASTODON,
        "77",
        "@acme",
        "care",
        settings={"monthly_budget_usd": "2"},
    )
    house.store.policies.publish(replace(POLICY, version="v2", handles=(*POLICY.handles, paid)))
    house.store.policies.make_current("v2")
    house.parts.network.every = {"acme-social": 300}
    return house.parts


def listed(house, person=LEAD):
    answer = house.gateway.get(PATH, person)
    assert answer.status == 200
    return {one["id"]: one for one in answer.json["handles"]}


def test_an_agent_may_not_see_them_and_a_lead_sees_those_of_the_own_team(house):
    assert house.gateway.get(PATH, AGENT).status == 403
    assert set(listed(house)) == {"acme-help", "acme-page"}
    assert set(listed(house, ADMIN)) == {"acme-help", "acme-page", "acme-shop"}


def test_a_handle_is_shown_with_all_that_is_known(house, parts):
    parts.sender.able[Channel.MASTODON, True] = Capabilities(
        500, files=4, file_kinds=("image",), file_bytes=9, invite=Invite.DIRECT_MESSAGE
    )
    ends = parts.now()
    broken = Health(HealthState.BROKEN, "the token ran out", expires_at=ends)
    parts.network.health = {"acme-social": broken}
    parts.network.looks = [PollError("token", lasting=True)]
    list(watch.watch(parts))
    poll.look(parts, next(poll.due(parts)))
    parts.budgets.spend("acme-social", "2026-11", 1_250_000, None)
    able = {
        "text_limit": 500,
        "text_unit": "characters",
        "files": 4,
        "file_kinds": ["image"],
        "file_bytes": 9,
        "hides": False,
        "deletes": False,
        "invite": "direct_message",
        "window_seconds": None,
        "human_window_seconds": None,
    }
    plain = able | {"text_limit": 8000, "files": 0, "file_kinds": [], "file_bytes": 0}
    assert listed(house)["acme-social"] == {
        "id": "acme-social",
        "channel": "mastodon",
        "name": "@acme",
        "team": "care",
        "room": True,
        "state": "broken",
        "problem": "the token ran out",
        "probed_at": "2026-11-02T09:00:00Z",
        "well_at": None,
        "expires_at": "2026-11-02T09:00:00Z",
        "silent_since": None,
        "polled": {"next_at": "2026-11-02T09:02:00Z", "problem": "token"},
        "spent_usd": 1.25,
        "budget_usd": 2.0,
        "public": able,
        "private": plain | {"invite": ""},
    }


def test_a_handle_with_webhooks_and_no_budget_says_so(house):
    shown = listed(house)["acme-help"]
    assert (shown["polled"], shown["spent_usd"], shown["budget_usd"]) == (None, 0.0, None)
    assert shown["state"] == "unknown"
    assert shown["private"]["human_window_seconds"] == 7 * 86_400


def test_a_handle_that_nothing_serves_says_so_and_the_others_are_shown(house, parts):
    able = parts.sender.capabilities

    def capabilities(handle, *, public):
        if handle.channel is Channel.MASTODON:
            raise LookupError("no room serves mastodon")
        return able(handle, public=public)

    parts.sender.capabilities = capabilities
    shown = listed(house)
    assert (shown["acme-social"]["room"], shown["acme-social"]["public"]) == (False, None)
    assert shown["acme-social"]["private"] is None
    assert shown["acme-help"]["room"] is True


def test_nothing_of_the_settings_or_the_secret_is_shown(house):
    house.store.policies.publish(
        replace(
            POLICY,
            version="v3",
            handles=(replace(POLICY.handles[0], secret="other", settings={"key": "canary-word"}),),
        )
    )
    house.store.policies.make_current("v3")
    raw = house.gateway.get(PATH, ADMIN).body
    assert "canary-word" not in raw
    assert "other" not in raw
