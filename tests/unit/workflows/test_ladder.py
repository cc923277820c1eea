"""Pages: a storm is one, an acknowledged one stops, any other climbs to the end."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from chalicelib.domain.agent import Presence
from chalicelib.domain.alert import Severity, Topic
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.clock import ClockName
from chalicelib.domain.ladder import Ladder, Medium, Rung
from chalicelib.domain.page import PageState, TellingState
from chalicelib.domain.policy import Target
from chalicelib.domain.shift import Routing, Shift
from chalicelib.workflows.errors import NotFoundError
from chalicelib.workflows.ladder import climb, hold, late
from chalicelib.workflows.ladder.acknowledge import acknowledge
from chalicelib.workflows.ladder.hold import PageRef
from chalicelib.workflows.ladder.ports import Carried
from tests.unit.workflows.pages import LOU, MAX, PAGED, PAGING, Paged


def told(story, state=TellingState.SENT):
    return [(one.medium, one.to) for one in story.page.told if one.state == state]


def test_a_storm_of_breaches_is_one_page_that_tells_each_once_with_the_count():
    story = Paged()
    story.storm(200)
    story.breaches(seconds=60)
    assert len(story.pages) == 1
    assert len(story.store.pages.members(story.page.id)) == 200
    (alert,) = story.parts.alerts.announced
    assert (alert.count, len(alert.cases), alert.page) == (200, 200, story.page.id)
    assert len({one.case_id for one in alert.cases}) == 200
    (mail,) = story.out(Medium.EMAIL)
    assert mail.to == "lou@example.com"
    assert "200 cases" in mail.subject
    assert story.texts() == []
    story.loop.run(minutes=40)
    assert story.texts() == [LOU, MAX]
    assert all("200 cases" in one.text for one in story.out(Medium.SMS))
    (trigger,) = story.out(Medium.WEBHOOK)
    assert (trigger.to, trigger.text, trigger.facts["count"]) == ("pd", "trigger", "200")


def test_nothing_leaves_before_the_page_has_gathered():
    story = Paged()
    story.writes()
    story.breaches(seconds=9)
    assert story.page.rung == 0
    assert story.parts.alerts.announced == story.parts.pager.told == []


def test_a_page_nobody_answers_climbs_each_rung_in_its_time():
    story = Paged()
    story.writes()
    story.breaches()
    left = story.page.leaves_at
    story.loop.run(minutes=35)
    times = {(one.medium, one.to): (one.at - left).total_seconds() for one in story.page.told}
    ends = {key: round(at) for key, at in times.items()}
    assert ends == {
        (Medium.IN_APP, "ann"): 0,
        (Medium.IN_APP, "lou"): 0,
        (Medium.EMAIL, "lou"): 0,
        (Medium.TOPIC, "subscribers"): 0,
        (Medium.SMS, "lou"): 300,
        (Medium.SMS, "max"): 900,
        (Medium.EMAIL, "max"): 900,
        (Medium.WEBHOOK, "pd"): 1800,
    }
    assert (story.page.rung, story.page.climbs_at) == (5, None)


def test_the_last_rung_is_told_again_ever_more_seldom_until_somebody_answers():
    story = Paged()
    story.writes()
    story.breaches(minutes=31)
    story.loop.run(hours=11)
    triggers = [one.at for one in story.page.told if one.medium is Medium.WEBHOOK]
    assert story.page.repeats == 5
    waits = [15, 30, 60, 120, 240]
    assert (story.page.repeats_at - triggers[-1]).total_seconds() == 240 * 60
    assert len(story.out(Medium.WEBHOOK)) == 1 + len(waits)


def test_an_acknowledgement_stops_the_page_and_tells_the_paging_systems():
    story = Paged()
    story.writes()
    story.breaches(minutes=31)
    before = len(story.parts.pager.told)
    page = story.takes()
    assert (page.state, page.acknowledged_by) == (PageState.ACKNOWLEDGED, "lou")
    story.loop.run(minutes=14)
    assert [one.text for one in story.parts.pager.told[before:]] == ["acknowledge"]


def test_the_second_answer_finds_who_was_first():
    story = Paged()
    story.writes()
    story.breaches()
    first = story.takes()
    again = story.takes("max")
    assert (again.acknowledged_by, again.acknowledged_at) == ("lou", first.acknowledged_at)
    with pytest.raises(NotFoundError):
        acknowledge(story.parts, "none", "lou")


def test_what_is_not_settled_when_the_freeze_ends_climbs_on_from_the_next_rung():
    story = Paged()
    story.writes()
    story.breaches()
    page = story.takes()
    story.loop.run(minutes=14)
    assert story.texts() == []
    story.loop.run(minutes=2)
    assert story.page.state is PageState.OPEN
    assert story.texts() == [LOU]
    (telling,) = [one for one in story.page.told if one.medium is Medium.SMS]
    assert telling.at == page.frozen_until
    story.loop.run(minutes=10)
    assert story.texts() == [LOU, MAX]


def test_a_page_that_was_taken_at_the_end_of_its_ladder_repeats_the_last_rung_after_the_freeze():
    story = Paged()
    story.writes()
    story.breaches(minutes=31)
    story.takes()
    story.loop.run(minutes=16)
    assert [one.text for one in story.out(Medium.WEBHOOK)] == ["trigger", "acknowledge", "trigger"]
    story.takes()
    story.loop.run(minutes=1)
    assert [one.text for one in story.out(Medium.WEBHOOK)][-1] == "acknowledge"


def test_a_page_whose_cases_are_settled_ends_and_tells_nobody_any_more():
    story = Paged()
    story.writes()
    story.breaches()
    story.replies()
    story.loop.run(minutes=40)
    assert (story.page.state, story.page.over_because) == (PageState.OVER, "settled")
    assert story.texts() == []
    assert set(story.loop.ladder.ended.values()) == {"Done"}


def test_what_was_settled_before_the_page_left_is_told_to_nobody():
    story = Paged()
    story.writes()
    story.breaches(seconds=5)
    story.replies()
    story.loop.run(minutes=40)
    assert story.parts.pager.told == story.parts.alerts.announced == []
    assert story.page.over_because == "settled"


def test_paging_systems_are_told_that_it_is_over():
    story = Paged()
    story.writes()
    story.breaches(minutes=31)
    story.replies()
    story.loop.run(minutes=20)
    assert [one.text for one in story.out(Medium.WEBHOOK)] == ["trigger", "resolve"]
    assert story.page.informed == "resolve"


def test_a_paging_system_that_is_not_configured_any_more_is_let_be():
    story = Paged()
    story.writes()
    story.breaches(minutes=31)
    publish(story, paging=replace(PAGING, endpoints=()))
    story.replies()
    story.loop.run(minutes=20)
    assert story.page.state is PageState.OVER
    assert story.parts.meter.total("PageTellingFailed") == 1


def publish(story, **facts):
    policy = replace(story.parts.policies.current(), version="v2", **facts)
    story.store.policies.publish(policy)
    story.store.policies.make_current("v2")


def test_a_breach_after_an_acknowledgement_pages_anew():
    story = Paged()
    story.writes()
    story.loop.run(minutes=2)
    story.storm(1)
    story.loop.run(seconds=3600 - 100)
    story.takes()
    story.loop.run(minutes=2)
    first, second = story.pages
    assert (first.state, second.state) == (PageState.ACKNOWLEDGED, PageState.OPEN)
    (member,) = story.store.pages.members(second.id)
    assert member.key not in {one.key for one in story.store.pages.members(first.id)}


def late_news(**facts):
    """Two breaches two minutes apart: the second joins a page that has left."""
    story = Paged(**facts)
    story.joins("bea", email="bea@example.com")
    story.writes()
    story.loop.run(minutes=2)
    story.storm(1)
    story.loop.run(seconds=3600 - 100)
    return story


def test_what_joins_later_is_told_to_those_who_have_not_been_told_a_moment_ago():
    story = late_news()
    assert len(story.parts.alerts.announced) == 1
    story.loop.run(minutes=2)
    assert len(story.pages) == 1
    new = {one.assignee for one in (head.case for head in story.store.heads.values())}
    assert new == {"ann", "bea"}
    mails = [one.to for one in story.out(Medium.EMAIL)]
    assert "bea@example.com" in mails
    assert mails.count("lou@example.com") == 1
    folded = told(story, TellingState.FOLDED)
    assert set(folded) >= {(Medium.EMAIL, "lou"), (Medium.TOPIC, "subscribers")}


def test_what_was_folded_is_told_once_its_time_has_passed():
    story = late_news()
    story.loop.run(minutes=6)
    first, second = story.parts.alerts.announced
    assert (first.count, second.count) == (1, 2)
    assert second.at - first.at == timedelta(seconds=PAGING.person_seconds)
    assert told(story, TellingState.FOLDED) == []
    mails = [one.to for one in story.out(Medium.EMAIL)]
    assert mails.count("lou@example.com") == 2


def quiet(hours, **facts):
    """A breach at a quarter past ten in the morning."""
    story = Paged(quiet=hours, **facts)
    story.writes()
    story.breaches(seconds=320)
    return story


def test_quiet_hours_keep_the_telephone_still_and_the_next_rung_comes_at_once():
    story = quiet("10:00-11:00")
    assert story.texts() == []
    assert told(story, TellingState.QUIET) == [(Medium.SMS, "lou"), (Medium.SMS, "max")]
    assert [one.to for one in story.out(Medium.EMAIL)] == ["lou@example.com", "max@example.com"]


def test_quiet_hours_are_those_of_the_persons_own_zone():
    assert quiet("10:00-11:00", zone="Asia/Tokyo").texts() == [LOU]
    assert quiet("19:00-20:00", zone="Asia/Tokyo").texts() == []


def test_what_is_loud_enough_is_told_in_quiet_hours_too():
    story = Paged(replace(PAGED, paging=replace(PAGING, quiet_below=Severity.BREACH)))
    story.writes()
    story.breaches(minutes=6)
    assert story.texts() == [LOU]


def test_a_spent_budget_leads_to_the_next_rung_at_once():
    paging = replace(PAGING, sms_budget_micros=60_000)
    story = Paged(replace(PAGED, paging=paging))
    story.writes()
    story.breaches(seconds=321)
    assert story.texts() == [LOU]
    story.loop.run(seconds=600)
    assert story.texts() == [LOU]
    assert told(story, TellingState.OVER_BUDGET) == [(Medium.SMS, "max")]
    assert [one.to for one in story.out(Medium.WEBHOOK)] == ["pd"]
    assert story.parts.meter.total("PagingOverBudget") == 1


def test_an_sms_that_is_refused_leads_to_the_next_rung_at_once_and_costs_nothing():
    story = Paged()
    story.parts.pager.refused[LOU] = "no such number"
    story.writes()
    story.breaches(seconds=321)
    assert story.texts() == [LOU, MAX]
    assert told(story, TellingState.FAILED) == [(Medium.SMS, "lou")]
    assert story.parts.budgets.spent("paging", "2026-11") == PAGING.sms_micros


def test_a_carrier_that_cannot_be_reached_is_tried_again_and_then_passed():
    story = Paged()
    story.writes()
    story.breaches()
    story.parts.pager.answers = [Carried(taken=False, again=True)] * 2
    story.loop.run(seconds=300)
    assert told(story, TellingState.DELAYED) == [(Medium.SMS, "lou")]
    story.loop.run(seconds=61)
    assert told(story, TellingState.FAILED) == [(Medium.SMS, "lou")]
    assert story.texts() == [LOU, LOU, MAX]


def test_a_carrier_that_is_back_tells_what_was_put_off():
    story = Paged()
    story.writes()
    story.breaches()
    story.parts.pager.answers = [Carried(taken=False, reason="no_answer", again=True)]
    story.loop.run(seconds=400)
    assert story.texts() == [LOU, LOU]
    assert (Medium.SMS, "lou") in told(story)


def test_topics_that_cannot_be_reached_hold_up_nobody_and_are_tried_again():
    story = Paged()
    story.parts.alerts.failures = 3
    story.writes()
    story.breaches(seconds=130)
    assert [one.to for one in story.out(Medium.EMAIL)] == ["lou@example.com"]
    assert story.parts.alerts.announced == []
    story.loop.run(seconds=130)
    assert len(story.parts.alerts.announced) == 1


def test_a_link_that_cannot_be_made_does_not_keep_a_page_from_leaving():
    class NoLinks:
        def link(self, page_id, person):
            raise RuntimeError("no key")

    story = Paged()
    story.parts.links = NoLinks()
    story.writes()
    story.breaches(minutes=6)
    assert story.texts() == [LOU]
    assert story.parts.meter.total("PageLinkMissing") > 0


def test_a_team_without_people_climbs_to_the_end_and_tells_the_topics():
    story = Paged(replace(PAGED, teams=(replace(PAGED.teams[1], id="care"),)))
    story.writes()
    story.breaches(hours=3)
    assert (story.page.rung, story.page.state) == (5, PageState.OPEN)
    assert len(story.parts.alerts.announced) == 1
    assert story.parts.pager.told == []


def test_rungs_for_other_severities_are_passed_in_their_time():
    rungs = (
        Rung(0, ("lou",), (Medium.EMAIL,)),
        Rung(60, ("lou",), (Medium.SMS,), (Severity.CRITICAL,)),
        Rung(120, ("max",), (Medium.SMS,)),
    )
    team = replace(PAGED.teams[0], ladder="loud")
    story = Paged(replace(PAGED, teams=(team,), ladders=(Ladder("loud", rungs),)))
    story.writes()
    story.breaches(seconds=125)
    assert story.texts() == []
    story.loop.run(seconds=10)
    assert story.texts() == [MAX]


def test_a_warning_is_told_to_who_has_the_case_and_the_last_one_to_the_lead_too():
    story = Paged(replace(PAGED, warn_percents=(50, 75, 90)))
    story.store.agents.save(replace(story.store.people["ann"], email="ann@example.com"))
    story.writes()
    story.loop.run(minutes=44)
    assert story.pages == []
    story.loop.run(minutes=2)
    assert [one.to for one in story.out(Medium.EMAIL)] == ["ann@example.com"]
    assert story.page.state is PageState.OVER
    story.loop.run(minutes=10)
    mails = [one.to for one in story.out(Medium.EMAIL)]
    assert mails == ["ann@example.com", "ann@example.com", "lou@example.com"]
    assert [page.over_because for page in story.pages] == ["told", "told"]
    assert {one.topic for one in story.parts.alerts.announced} == {Topic.WARNINGS}
    assert story.texts() == []


def test_a_machine_that_is_gone_is_found_by_the_sweep_and_the_page_goes_on():
    story = Paged()
    story.writes()
    story.breaches()
    (execution,) = story.loop.ladder.executions.values()
    execution.ends_at, execution.token = None, "gone"
    story.loop.run(minutes=6)
    assert late.restart_late(story.parts) == 0
    story.loop.run(minutes=2)
    assert story.texts() == []
    assert late.restart_late(story.parts) == 1
    assert late.restart_late(story.parts) == 1
    story.loop.run(seconds=1)
    assert story.texts() == [LOU]
    assert late.restart_late(story.parts) == 0


def test_an_execution_whose_place_another_took_ends():
    story = Paged()
    story.writes()
    story.breaches()
    page = story.page
    story.store.pages.save(hold.renewed(page))
    story.loop.run(minutes=6)
    assert list(story.loop.ladder.ended) == [f"{page.id}-1"]
    assert story.texts() == [LOU]
    ref = PageRef(page.id, 1)
    assert climb.climb(story.parts, ref)["phase"] == hold.SUPERSEDED


def test_a_long_history_is_handed_over_to_a_fresh_execution():
    story = Paged()
    story.writes()
    story.breaches(seconds=5)
    (execution,) = story.loop.ladder.executions.values()
    execution.input["loops"] = hold.RENEW_AFTER
    story.loop.run(minutes=6)
    assert story.page.generation == 2
    assert story.texts() == [LOU]


def test_steps_of_a_page_that_is_gone_say_so():
    story = Paged()
    with pytest.raises(LookupError):
        climb.climb(story.parts, PageRef("none", 1))
    with pytest.raises(LookupError):
        hold.hold(story.parts, PageRef("none", 1), "t", 5, 0)


def test_a_wait_that_would_end_too_late_is_not_begun():
    story = Paged()
    story.writes()
    story.breaches(seconds=1)
    hold.hold(story.parts, PageRef(story.page.id, 1), "other", 3000, 0)
    (wake,) = [one for one in story.parts.ladders.woken if one.token == "other"]
    assert wake.output["phase"] == hold.WAITING


DAY = Calendar(week=dict.fromkeys(range(7), (Frame(time(9), time(17)),)))


def test_a_page_that_nobody_is_on_shift_is_not_settled_by_somebody_off_shift():
    policy = replace(
        PAGED,
        targets=(Target(ClockName.FIRST_RESPONSE, 7200),),
        routing=Routing(nobody_seconds=7000),
        shifts=(Shift("day", "care", DAY, ("bea",)),),
    )
    story = Paged(policy)
    story.writes()
    story.loop.run(minutes=10)
    assert story.store.agents.get("ann").presence is Presence.PRESENT
    assert (story.page.state, [one.medium for one in story.out(Medium.SMS)]) == (
        PageState.OPEN, [Medium.SMS],
    )  # fmt: skip
    story.joins("bea", capacity=5)
    story.loop.run(minutes=20)
    assert (story.page.state, story.page.over_because) == (PageState.OVER, "settled")
