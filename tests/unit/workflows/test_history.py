"""What is read out of logs again: dry runs, reasons, and cases decided anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.clock import ClockName
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import Person, ReceiptState
from chalicelib.domain.ledger import ledger
from chalicelib.domain.policy import Policy, Target
from chalicelib.domain.replay import View, replay
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from chalicelib.workflows import resolve, wait
from chalicelib.workflows.answering import reply
from chalicelib.workflows.change import Ask
from chalicelib.workflows.errors import NotFoundError, NotNowError
from chalicelib.workflows.history import redecide as anew
from chalicelib.workflows.history.dry_run import Trial, page, whole
from chalicelib.workflows.history.log import entries, terms_by_version, terms_in
from chalicelib.workflows.history.report import as_data, as_text
from chalicelib.workflows.history.why import why
from tests.unit.domain.recorded import clock_events
from tests.unit.workflows.story import POLICY, Story

DAYS = timedelta(days=30)
TIGHT = replace(
    POLICY,
    version="tight",
    targets=tuple(replace(target, seconds=target.seconds // 4) for target in POLICY.targets),
)


def publish(story: Story, policy: Policy) -> None:
    story.store.policies.publish(policy)


def trial(story: Story, policy: Policy | None = None, **more: object) -> Trial:
    now = story.parts.now()
    return Trial(policy, now - DAYS, now + DAYS, now, **more)


def recorded(story: Story) -> dict[str, list[str]]:
    """Return every breach of the table's logs, by its case."""
    found: dict[str, list[str]] = {}
    for conversation_id, logs in story.store.logs.items():
        told = [entry for version in sorted(logs) for entry in logs[version]]
        for number in {entry.case_number for entry in told}:
            mine = ledger(entry for entry in told if entry.case_number == number)
            broken = [a.name.value for a in mine.values() if a.breached]
            if broken:
                found[f"{conversation_id}-{number}"] = sorted(broken)
    return found


def judged(sums) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (_, _, clock), tally in sums.tallies.items():
        for case_id in tally.breached.ids:
            found.setdefault(case_id, []).append(clock)
    return {case_id: sorted(clocks) for case_id, clocks in found.items()}


def busy(story: Story, customers: int = 6) -> None:
    """Let several customers write, and be answered late, early, twice or never."""
    for number in range(customers):
        person = Person(f"c{number}", f"Customer {number}")
        story.loop.ingest(story.message(contact=person, author=person))
        story.loop.run(minutes=number * 11 + 1)
        if number % 2 == 0:
            replied(story, next(reversed(story.store.heads)))
    story.loop.run(days=2)


def replied(story: Story, conversation_id: str) -> None:
    head = story.store.heads[conversation_id]
    story.number += 1
    ask = Ask(Actor("ann", Role.ADMIN), head.id, head.version, f"key-{story.number}")
    reply.reply(story.parts, ask, "On its way.")
    story.loop.rest()


def whole_case(story: Story) -> Story:
    """Tell one case from its first message over pauses, a failed reply and a survey to its end."""
    story.writes()
    story.loop.run(minutes=10)
    sent = story.replies()
    story.loop.run(minutes=5)
    wait.wait(story.parts, story.ask(), "customer", "asked for the number")
    story.loop.run(hours=3)
    story.writes("It is 12.")
    story.loop.run(hours=2)
    story.replies("Thanks!")
    story.loop.run(minutes=1)
    story.loop.ingest(story.receipt(ReceiptState.FAILED, story.stored(sent).platform_id))
    story.loop.run(hours=1)
    wait.snooze(story.parts, story.ask(), story.at(hours=2))
    story.loop.run(hours=3)
    story.resolves()
    story.loop.run(days=1, hours=1)
    story.writes("1")
    story.loop.run(hours=5)
    resolve.resolve(story.parts, story.ask(), "settled now")
    story.loop.run(days=9)
    return story


def test_a_recorded_story_is_replayed_exactly():
    story = whole_case(Story())
    conversation = story.conversation
    log = entries(story.parts, conversation.id, 1)
    view = View(terms_by_version(story.parts, conversation))
    found = replay(log, view, until=story.parts.now())
    assert clock_events(found.fold.entries) == clock_events(log)
    assert found.fold.case.clocks == story.case.clocks
    assert {e.kind for e in log} >= {EntryKind.REPLY_FAILED, EntryKind.CASE_REOPENED}


def test_the_dry_run_of_what_was_in_force_gives_exactly_the_recorded_breaches():
    story = Story()
    busy(story)
    sums, cursor = page(story.parts, trial(story))
    assert cursor == ""
    assert judged(sums) == recorded(story) != {}
    assert sums.differences == []
    assert sum(tally.moved for tally in sums.tallies.values()) == 0
    assert sums.cases == len(story.store.heads)


def test_a_tighter_policy_gives_other_breaches_and_says_why():
    story = Story()
    busy(story)
    publish(story, TIGHT)
    sums, _ = page(story.parts, trial(story, TIGHT))
    was, would = recorded(story), judged(sums)
    assert would != was
    newly = {i for tally in sums.tallies.values() for i in tally.newly.ids}
    assert newly == {i for i in would if len(would[i]) > len(was.get(i, ()))}
    assert all(one.flips for one in sums.differences)
    reasons = {one.clock: one.why for one in sums.differences}
    assert reasons[ClockName.FIRST_RESPONSE] == "target 15 min instead of 1 h"
    assert sum(tally.recorded.count for tally in sums.tallies.values()) == sum(
        len(clocks) for clocks in was.values()
    )


def test_a_promise_that_only_one_policy_makes_is_told_apart():
    story = Story()
    busy(story, 2)
    lone = Target(ClockName.FIRST_RESPONSE_HUMAN, 60)
    other = replace(POLICY, version="other", targets=(*POLICY.targets[:2], lone))
    sums, _ = page(story.parts, trial(story, other))
    reasons = {one.clock: one.why for one in sums.differences}
    assert reasons[ClockName.FIRST_RESPONSE_HUMAN] == (
        "there was no such promise; it would be kept within 1 min"
    )
    gone = [t for (_, _, clock), t in sums.tallies.items() if clock == "resolution"]
    assert gone[0].no_longer.count > 0
    assert gone[0].started == 0
    text = "\n".join(as_text(as_data(sums, other)))
    assert "not promised, would be" in text
    assert "would be not promised" in text


def test_a_period_is_read_page_by_page_and_its_parts_add_up(monkeypatch):
    story = Story()
    busy(story)
    monkeypatch.setattr("chalicelib.workflows.history.dry_run.MOST_CASES", 2)
    *_, sums = whole(story.parts, trial(story))
    assert sums.cases == 6
    assert judged(sums) == recorded(story)
    first, cursor = page(story.parts, trial(story, keep=1))
    assert cursor
    assert first.cases == 2
    del story.store.heads[next(iter(story.store.heads))]
    monkeypatch.setattr("chalicelib.workflows.history.dry_run.CASES_AT_ONCE", 1)
    *_, left = whole(story.parts, trial(story, keep=1))
    assert left.cases == 5
    kept = Trial(None, story.at(days=1), story.at(days=2), story.parts.now())
    assert page(story.parts, kept)[0].cases == 0


def test_a_report_counts_explains_and_names_what_is_an_estimate():
    story = Story()
    busy(story)
    rule = Rule(
        "chase",
        (Action(Act.LABEL, "late"),),
        on=Trigger.MESSAGE_RECEIVED,
        when=Condition(words=("parcel",)),
    )
    tried = replace(TIGHT, rules=(rule,))
    sums, _ = page(story.parts, trial(story, tried))
    data = as_data(sums, tried)
    assert data["rules"][0]["fired"] == 6
    text = "\n".join(as_text(data))
    assert "Rule chase would have fired 6 times, in 6 cases" in text
    assert "target 15 min instead of 1 h" in text
    assert "Pages of care/breach" in text
    assert "estimates" in text
    sums.differences *= 20
    assert "more (--json FILE has all)" in "\n".join(as_text(as_data(sums, tried)))


def test_a_case_whose_log_begins_too_late_is_counted_apart():
    story = Story()
    story.writes()
    logs = story.store.logs[story.conversation.id]
    (version,) = [v for v in logs if any(e.kind is EntryKind.CASE_OPENED for e in logs[v])]
    opened = next(e for e in logs[version] if e.kind is EntryKind.CASE_OPENED)
    logs[version] = (replace(opened, kind=EntryKind.MESSAGE_RECEIVED), opened)
    sums, _ = page(story.parts, trial(story))
    assert (sums.cases, sums.unread.count) == (0, 1)
    assert "1 cases could not be read" in "\n".join(as_text(as_data(sums, POLICY)))
    unknown = [replace(opened, policy_version="gone")]
    logs[version] = tuple(unknown)
    assert page(story.parts, trial(story))[0].unread.count == 1


def test_a_lead_is_told_of_their_own_teams_alone():
    story = Story()
    story.writes()
    assert page(story.parts, trial(story, sees=lambda team: team == "shop"))[0].cases == 0


def test_why_tells_each_decision_with_the_arithmetic_of_its_deadline():
    story = whole_case(Story())
    actor = Actor("lou", Role.LEAD, ("care",))
    number, decisions = why(story.parts, actor, story.conversation.id)
    assert number == 1
    assert [d.kind for d in decisions] == [e.kind.value for e in story.log]
    started = next(d for d in decisions if d.kind == "ClockStarted" and "first" in d.what)
    assert "1 h of open time, calendar always open" in started.how
    breached = [d for d in decisions if d.kind == "DeadlineBreached"]
    assert breached
    assert "care/breach" in breached[0].told
    assert {d.policy_version for d in decisions} == {"v1"}
    with pytest.raises(NotFoundError):
        why(story.parts, actor, story.conversation.id, 7)
    with pytest.raises(NotFoundError):
        why(story.parts, Actor("sue", Role.AGENT, ("shop",)), story.conversation.id)


def test_a_case_is_decided_anew_under_the_policy_in_force_and_only_once():
    story = Story()
    story.writes()
    story.loop.run(minutes=20)
    publish(story, TIGHT)
    story.store.policies.make_current("tight")
    assert story.clock(ClockName.FIRST_RESPONSE).target_seconds == 3600
    changed = anew.redecide(story.parts, story.conversation.id, "operator", number=1)
    assert changed == 3
    assert story.case.policy_version == "tight"
    clock = story.clock(ClockName.FIRST_RESPONSE)
    assert (clock.seq, clock.target_seconds) == (2, 900)
    assert clock.breached_at == clock.due_at == clock.started_at + timedelta(minutes=15)
    (old,) = [e for e in story.told(EntryKind.CLOCK_SUPERSEDED) if e.clock is clock.name]
    assert (old.seq, old.value, old.inputs["new_target"]) == (1, "running", "900")
    (told,) = story.told(EntryKind.CASE_REDECIDED)
    assert (told.value, told.actor, told.inputs["old"]) == ("tight", "operator", "v1")
    before = story.log
    assert anew.redecide(story.parts, story.conversation.id, "operator") == 0
    assert story.log == before
    story.loop.run(days=2)
    log = entries(story.parts, story.conversation.id, 1)
    view = View(terms_by_version(story.parts, story.conversation))
    found = replay(log, view, until=story.parts.now()).fold
    assert clock_events(found.entries) == clock_events(log)
    assert judged(page(story.parts, trial(story))[0]) == recorded(story)


def test_only_the_newest_case_can_be_decided_anew():
    story = Story()
    story.writes()
    with pytest.raises(NotNowError):
        anew.redecide(story.parts, story.conversation.id, "operator", number=4)
    with pytest.raises(NotFoundError):
        anew.redecide(story.parts, "nowhere", "operator")


def test_all_open_cases_are_found_whatever_page_they_are_on(monkeypatch):
    story = Story()
    busy(story)
    monkeypatch.setattr(anew, "AT_ONCE", 2)
    heads = {head.id for head in story.store.heads.values() if head.case.open}
    assert set(anew.open_cases(story.parts)) == heads
    assert set(anew.open_cases(story.parts, "care")) == heads
    assert list(anew.open_cases(story.parts, "shop")) == []


def test_a_long_log_is_read_in_pages_and_ends_where_the_next_case_begins(monkeypatch):
    monkeypatch.setattr("chalicelib.workflows.history.log.ROWS_AT_ONCE", 2)
    story = whole_case(Story())
    first = [entry for entry in story.log if entry.case_number == 1]
    story.loop.run(days=9)
    story.writes("Something else entirely, please help")
    assert story.case.number == 2
    assert list(entries(story.parts, story.conversation.id, 1))[: len(first)] == first
    second = entries(story.parts, story.conversation.id, 2)
    assert second[0].kind is EntryKind.CASE_OPENED
    assert {entry.case_number for entry in second} == {2}


def test_a_handle_that_a_policy_does_not_know_keeps_its_cases_team():
    story = Story()
    story.writes()
    bare = terms_in(Policy("empty"), story.conversation).handle
    assert (bare.id, bare.team) == ("acme-dm", "care")
