"""Raising: nothing is lost between a page that ends and a member that joins, nothing is twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import climbing
from chalicelib.domain.alert import Severity
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.ladder import Ladder, Medium
from chalicelib.domain.page import FULL, Member, PageState, Telling, TellingState, What
from chalicelib.workflows import announce
from chalicelib.workflows.ladder import climb, hold, raising
from chalicelib.workflows.ladder.acknowledge import acknowledge
from chalicelib.workflows.ladder.hold import PageRef
from chalicelib.workflows.ports import BusyError, StaleError
from tests.unit.workflows.pages import LOU, PAGED, Paged

QUEUE = "care/breach"


def breached():
    """A page with one member, that has left."""
    story = Paged()
    story.writes()
    story.breaches()
    (member,) = story.store.pages.members(story.page.id)
    return story, member


def another(member, number=1):
    return replace(member, key=f"{member.key}-{number}")


def test_what_is_raised_twice_is_there_once_even_after_an_acknowledgement():
    story, member = breached()
    page = story.takes()
    assert raising.raise_member(story.parts, "care", member) == page.id
    assert len(story.pages) == 1
    assert raising.raise_member(story.parts, "care", another(member)) != page.id
    assert len(story.pages) == 2


def test_a_page_that_is_acknowledged_while_a_member_joins_takes_it_nowhere():
    story, member = breached()
    pages, join = story.store.pages, story.store.pages.join

    def and_then(page_id, joining):
        pages.join = join
        fresh = join(page_id, joining)
        acknowledge(story.parts, page_id, "lou")
        return fresh

    pages.join = and_then
    second = raising.raise_member(story.parts, "care", another(member))
    assert [page.state for page in story.pages] == [PageState.ACKNOWLEDGED, PageState.OPEN]
    assert story.pages[1].id == second


def test_of_two_that_open_a_page_at_once_the_second_joins_the_first_ones():
    story = Paged()
    pages, opened = story.store.pages, story.store.pages.open

    def beaten(page, replaces):
        pages.open = opened
        raising.raise_member(story.parts, "care", made("first"))
        return opened(page, replaces)

    pages.open = beaten
    raising.raise_member(story.parts, "care", made("second"))
    assert [one.key for one in pages.members(story.page.id)] == ["first", "second"]


def made(key, **facts):
    due_at = Paged().parts.now()
    severity = Severity.BREACH
    kept = Member(key, "c", 1, "first_response", severity, "acme-dm", "messenger", due_at, "", 1)
    return replace(kept, **facts)


def test_a_queue_that_never_settles_is_told_again_later():
    story = Paged()

    def beaten(page, replaces):
        raise StaleError(page.queue)

    story.store.pages.open = beaten
    with pytest.raises(BusyError):
        raising.raise_again(story.parts, "care", made("k"), QUEUE)


def test_a_page_that_is_full_takes_no_more():
    story, member = breached()
    story.store.pages.save(replace(story.page, count=FULL))
    raising.raise_member(story.parts, "care", another(member))
    assert len(story.pages) == 2


def test_news_wakes_the_machine_once_and_is_told_after_it_has_gathered():
    story, member = breached()
    before = len(story.parts.ladders.woken)
    raising.raise_member(story.parts, "care", another(member, 1))
    raising.raise_member(story.parts, "care", another(member, 2))
    assert story.page.news_at == story.parts.now() + timedelta(seconds=10)
    story.loop.rest()
    assert len(story.parts.ladders.woken) == before + 1
    story.loop.run(seconds=11)
    assert story.page.count == 3


def test_news_does_not_wake_a_machine_that_looks_soon_anyway():
    story, member = breached()
    story.loop.run(seconds=285)
    raising.raise_member(story.parts, "care", another(member))
    assert story.page.token
    assert story.page.news_at is not None


def test_who_joins_while_a_page_ends_is_paged_anew():
    story, member = breached()
    page = story.page
    ended = replace(page, state=PageState.OVER, over_because="settled", climbs_at=None, token="")
    story.store.pages.save(ended)
    story.loop.run(seconds=11)
    first, second = story.pages
    assert [one.key for one in story.store.pages.members(second.id)] == [member.key]
    assert (first.state, second.rung) == (PageState.OVER, 2)
    ref = PageRef(first.id, 1)
    assert climb.climb(story.parts, ref)["phase"] == "over"
    assert len(story.pages) == 2


def test_who_joins_a_page_while_it_is_being_told_is_told_with_the_news():
    story, member = breached()
    story.store.pages.join(story.page.id, another(member))
    story.loop.run(minutes=5)
    assert story.page.count == 2


def test_a_look_that_meets_another_change_looks_again():
    story = Paged()
    story.writes()
    story.breaches(seconds=5)
    pages, save = story.store.pages, story.store.pages.save

    def beaten(page):
        pages.save = save
        save(replace(pages.get(page.id), over_because="touched"))
        return save(page)

    pages.save = beaten
    story.loop.run(seconds=10)
    assert story.page.over_because == "touched"
    assert len(story.parts.alerts.announced) == 1


def test_what_a_page_is_told_of_while_it_tells_is_kept():
    story = Paged()
    story.writes()
    story.breaches(seconds=5)
    announced = story.parts.alerts.announce

    def and_taken(alert):
        announced(alert)
        acknowledge(story.parts, alert.page, "lou")

    story.parts.alerts.announce = and_taken
    story.loop.run(seconds=10)
    assert story.page.state is PageState.ACKNOWLEDGED
    assert {one.state for one in story.page.told} == {"sent"}
    assert len(story.parts.alerts.announced) == 1


def test_a_ladder_without_rungs_is_a_page_for_the_desk_alone():
    team = replace(PAGED.teams[0], ladder="none")
    story = Paged(replace(PAGED, teams=(team,), ladders=(Ladder("none", ()),)))
    story.writes()
    story.breaches(hours=1)
    assert story.page.state is PageState.OPEN
    assert story.page.told == ()
    story.replies()
    story.loop.run(days=2)
    assert story.page.over_because == "settled"


# What each entry puts on which page.


def entry_of(story, kind, **facts):
    (found,) = [one for one in story.log if one.kind is EntryKind.DEADLINE_BREACHED]
    return replace(found, kind=kind, **facts)


@pytest.mark.parametrize(
    ("kind", "facts", "what", "severity", "said"),
    [
        (EntryKind.DEADLINE_WARNED, {"percent": 75}, What.WARNING, Severity.WARNING, ""),
        (EntryKind.DEADLINE_WARNED, {}, What.WARNING, Severity.WARNING, ""),
        (EntryKind.DEADLINE_BREACHED, {}, What.BREACH, Severity.BREACH, ""),
        (EntryKind.CASE_STUCK, {}, What.STUCK, Severity.CRITICAL, "case is stuck, restart it"),
        (
            EntryKind.SURVEY_ANSWERED,
            {"score": 2},
            What.LOW_SCORE,
            Severity.BREACH,
            "survey score 2, case reopened",
        ),
        (
            EntryKind.NOBODY_ON_SHIFT,
            {},
            What.NOBODY,
            Severity.BREACH,
            "nobody is on shift and a case waits",
        ),
        (
            EntryKind.RULE_FIRED,
            {"rule": "vip", "value": "lead"},
            What.NOTICE,
            Severity.WARNING,
            "rule vip",
        ),
    ],
)
def test_what_an_entry_puts_on_a_page(kind, facts, what, severity, said):
    story, _ = breached()
    made = announce.member(story.parts, story.conversation, entry_of(story, kind, **facts))
    assert (made.what, made.severity, made.said) == (what, severity, said)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (EntryKind.DEADLINE_WARNED, {"percent": 50}),
        (EntryKind.SURVEY_ANSWERED, {"score": 3}),
        (EntryKind.PERSONAL_DATA_FOUND, {}),
        (EntryKind.RULE_FIRED, {"rule": "label"}),
        (EntryKind.NOTE_ADDED, {}),
    ],
)
def test_entries_that_nobody_is_paged_for(kind, facts):
    story, _ = breached()
    assert announce.member(story.parts, story.conversation, entry_of(story, kind, **facts)) is None


def test_what_a_rule_tells_goes_once_to_those_it_names():
    story, _ = breached()
    story.takes()
    before = len(story.parts.alerts.announced)
    entry = entry_of(story, EntryKind.RULE_FIRED, rule="vip", value="manager,subscribers")
    made = announce.member(story.parts, story.conversation, entry)
    raising.raise_member(story.parts, "care", made, entry.value)
    story.loop.run(seconds=6)
    page = max(story.pages, key=lambda page: page.opened_at)
    assert page.queue == "care/notice/manager,subscribers"
    assert page.over_because == "told"
    assert [(one.medium, one.to) for one in page.told] == [
        (Medium.IN_APP, "max"),
        (Medium.EMAIL, "max"),
        (Medium.TOPIC, "subscribers"),
    ]
    assert "rule vip" in story.out(Medium.EMAIL)[-1].text
    assert len(story.parts.alerts.announced) == before + 1


# Steps that come late, twice, or in the middle.


def test_what_was_claimed_and_never_noted_is_told_again():
    story, _ = breached()
    claimed = Telling(2, Medium.SMS, "lou", story.parts.now(), TellingState.SENDING)
    gone = Telling(2, Medium.EMAIL, "nobody", story.parts.now(), TellingState.SENDING)
    story.store.pages.save(replace(story.page, told=(*story.page.told, claimed, gone)))
    climb.climb(story.parts, PageRef(story.page.id, 1))
    assert story.texts() == [LOU]
    assert [one.state for one in story.page.told if one.medium is Medium.SMS] == ["sent"]


def test_a_step_looks_only_so_often_and_goes_on_in_the_next(monkeypatch):
    story, _ = breached()
    monkeypatch.setattr(climb, "_changed", lambda parts, page: True)
    assert climb.climb(story.parts, PageRef(story.page.id, 1))["phase"] == "waiting"


def test_a_wait_of_a_page_that_is_over_or_another_ones_is_not_begun():
    story, _ = breached()
    hold.hold(story.parts, PageRef(story.page.id, 9), "other", 60, hold.RENEW_AFTER)
    assert story.page.generation == 1
    story.store.pages.save(climbing.end(story.page, "settled", story.parts.now()))
    hold.hold(story.parts, PageRef(story.page.id, 1), "late", 60, hold.RENEW_AFTER)
    assert story.page.generation == 1
    ends = {one.token: one.output["phase"] for one in story.parts.ladders.woken}
    assert (ends["other"], ends["late"]) == ("superseded", "over")
