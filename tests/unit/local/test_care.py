"""The local policy: valid, and of the same shape as the one that a newcomer starts from."""

from chalicelib.channels.registry import room_of
from chalicelib.domain.clock import ClockName
from infra import configuration
from infra.local.day import cast
from infra.local.day.audit_alerts import LOW
from infra.local.day.story import SURVEY_BEGINS

LOCAL = configuration.load(cast.CARE)


def test_has_a_target_for_every_clock():
    assert {target.clock for target in LOCAL.targets} == set(ClockName)


def test_a_day_fits_into_a_minute_and_a_half():
    running_out = {"assign", "first_response", "next_response", "resolution", "follow_up", "expose"}
    targets = [target for target in LOCAL.targets if target.clock in running_out]
    assert max(target.seconds for target in targets) <= 60
    assert LOCAL.follow_delay_seconds + LOCAL.reopen_window_seconds <= 45


def test_is_open_at_any_hour_so_that_the_day_can_be_played_at_night():
    assert {handle.calendar for handle in LOCAL.handles} == {""}


def test_the_story_knows_its_survey_and_its_scores():
    assert LOCAL.survey.text.startswith(SURVEY_BEGINS)
    assert LOCAL.survey.reopen_at_most == LOW


def test_low_scores_are_told_to_somebody_who_works():
    people = {person.username for person in cast.people()}
    assert {team.lead for team in LOCAL.teams} <= people


def test_every_run_has_its_own_keys():
    first, second = (cast.keys(LOCAL) for _ in range(2))
    held = [made.contents("http://x") for made in (first, second)]
    assert all(held[0][name] != held[1][name] for name in held[0].keys() - {"acme-text"})
    assert first.brand.meta.page == second.brand.meta.page


def test_every_handle_and_endpoint_has_its_secret():
    named = {room_of(handle).secret_name(handle) for handle in LOCAL.handles}
    named |= {endpoint.secret for endpoint in (*LOCAL.endpoints, *LOCAL.paging.endpoints)}
    assert cast.keys(LOCAL).contents("http://x").keys() == named


def test_the_brand_knows_the_accounts_of_every_handle():
    found = {handle.id: handle.account_id for handle in LOCAL.handles}
    assert cast.keys(LOCAL).brand.accounts == found
