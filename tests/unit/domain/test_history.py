"""What is told from a case's log: reasons, dry runs, sums, and what is decided anew."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.dry_run import Past, judge, why
from chalicelib.domain.entry import Entry, EntryKind
from chalicelib.domain.expose import covered, exposed, uncovered
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.follow_up import answer_survey, follow_up_sent, survey_written
from chalicelib.domain.holding import decline, expire, offer
from chalicelib.domain.ladder import Ladder, Medium, Rung
from chalicelib.domain.ledger import ledger
from chalicelib.domain.lifecycle import assign, close, open_case, receive
from chalicelib.domain.policy import Survey, Target, Team
from chalicelib.domain.redecide import redecide
from chalicelib.domain.replay import LogError, View, gathered, replay
from chalicelib.domain.reply import reply_sent
from chalicelib.domain.resolve import resolve
from chalicelib.domain.rule import Act, Action, Rule
from chalicelib.domain.sums import Span, Sums, merged, tellings
from chalicelib.domain.wait import end_pause, wait
from chalicelib.domain.why import arithmetic, as_json, as_text, explain
from tests.unit.domain.recorded import clock_events, passed, under
from tests.unit.domain.terms import HANDLE, POLICY, TERMS, at

OFFICE = Calendar("Europe/London", dict.fromkeys(range(5), (Frame(time(9), time(17)),)))
FRIDAY = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)


def terms(**changes: object) -> Terms:
    policy = replace(POLICY, **changes)
    return Terms(policy, replace(HANDLE, calendar="office"), public=False)


IN_OFFICE = terms(calendars={"office": OFFICE})


def opened_at(when: datetime, tried: Terms) -> Fold:
    return open_case(1, tried, sent_at=when, received_at=when, message_id="m-1")


def planned(when: datetime, seconds: int) -> str:
    tried = terms(
        calendars={"office": OFFICE}, targets=(Target(ClockName.FIRST_RESPONSE, seconds),)
    )
    (clock,) = opened_at(when, tried).case.clocks
    return arithmetic(clock, tried)


def past(fold: Fold, tried: Terms = TERMS) -> Past:
    return Past("abc", 1, fold.entries, lambda _: tried)


def test_a_deadline_over_the_weekend_is_explained_in_plain_words():
    assert planned(FRIDAY, 3600) == (
        "started Fri 6 Mar 16:30 (Europe/London), 1 h of open time, calendar office, "
        "30 min until Fri 6 Mar 17:00, then closed until Mon 9 Mar 09:00, so due Mon 9 Mar 09:30"
    )


def test_a_deadline_that_starts_at_night_says_until_when_it_is_closed():
    told = planned(FRIDAY + timedelta(hours=2, seconds=7), 900)
    assert "started Fri 6 Mar 18:30:07" in told
    assert "closed until Mon 9 Mar 09:00, so due Mon 9 Mar 09:15" in told


def test_a_long_deadline_names_the_first_and_the_last_stretch():
    told = planned(FRIDAY, 60 * 3600)
    assert "with 2 d 8 h of open time in between" in told
    assert told.count("until") == 2


def test_a_deadline_after_a_pause_says_what_was_used_before():
    fold = opened_at(at(0), TERMS)
    fold = wait(fold, TERMS, at(3600), "ann", on=Status.WAITING_CUSTOMER, reason="x")
    fold = assign(fold, "ann", at(4000), "lou")
    fold = end_pause(fold, TERMS, at(7200), "ann", "done")
    told = [one for one in explain(fold.entries, under(TERMS)) if one.kind == "ClockResumed"]
    assert "1 h of it used before Mon 2 Nov 11:00" in told[0].how


def test_a_log_that_cannot_be_replayed_is_told_without_arithmetic():
    fold = opened_at(at(0), TERMS)
    (*told,) = explain(fold.entries[1:], under(TERMS))
    assert {one.how for one in told} == {""}

    def unknown(version: str) -> Terms:
        raise LookupError(version)

    assert {one.how for one in explain(fold.entries, View(unknown))} == {""}


def test_a_warning_below_three_quarters_is_told_to_nobody():
    often = terms(warn_percents=(50, 75), calendars={"office": Calendar(always=True)})
    fold = passed(opened_at(at(0), often), at(3000), often)
    told = {
        one.what.split("at ")[1][:4]: one.told
        for one in explain(fold.entries, under(often))
        if one.kind == "DeadlineWarned"
    }
    assert "nobody is told" in told["50 %"]
    assert "care/warning" in told["75 %"]


def test_a_decision_is_told_as_json_and_as_text():
    entry = Entry(
        EntryKind.CASE_ASSIGNED, at(0), 1, "lou", agent_id="ann", rule="r", score=3, version=7
    )
    (decision,) = explain((entry,), under(TERMS))
    assert as_json(decision) == {
        "at": at(0).isoformat(),
        "kind": "CaseAssigned",
        "actor": "lou",
        "what": "case assigned agent ann score 3 by rule r",
        "version": 7,
        "rule": "r",
    }
    lines = list(as_text([replace(decision, inputs={"b": "2", "a": "1"}, policy_version="v1")]))
    assert lines[1:] == ["    a 1; b 2", "    policy v1"]


def test_a_log_begins_with_the_opening_of_its_case():
    with pytest.raises(LogError):
        replay((Entry(EntryKind.CASE_QUEUED, at(0), 1),), under(TERMS))
    with pytest.raises(LogError):
        gathered(())


@pytest.mark.parametrize("ends", ["covered", "deleted"])
def test_personal_data_that_is_covered_and_shown_again_is_replayed(ends):
    told = terms(targets=(Target(ClockName.EXPOSE, 900),))
    fold = exposed(opened_at(at(0), told), told, at(5), "m-1", ("phone",))
    hidden = {"exposure": "covered", "told_at": at(60).isoformat()}
    kind = EntryKind.MESSAGE_HIDDEN if ends == "covered" else EntryKind.MESSAGE_DELETED
    fold = fold.note(kind, at(61), message_id="m-1", inputs=hidden)
    fold = covered(fold, at(60), "m-1")
    shown = {"exposure": "shown", "told_at": at(90).isoformat()}
    fold = fold.note(EntryKind.MESSAGE_SHOWN, at(90), message_id="m-1", inputs=shown)
    fold = uncovered(fold, told, at(90), "m-1")
    fold = fold.note(EntryKind.MESSAGE_EDITED, at(95), message_id="m-1")
    fold = passed(fold, at(5000), told)
    found = replay(fold.entries, under(told), until=at(5000)).fold
    assert clock_events(found.entries) == clock_events(fold.entries)
    assert [c.outcome for c in found.case.clocks] == [Outcome.MET, None]


def test_whether_a_score_reopened_a_case_stays_as_it_was_under_any_policy():
    fold = resolve(opened_at(at(0), TERMS), TERMS, at(60), "ann", reason="done")
    fold = follow_up_sent(survey_written(fold, at(70), "s"), at(71), "s")
    fold = answer_survey(fold, TERMS, at(80), "m-2", score=2, words="")
    assert fold.case.open
    mild = replace(TERMS, policy=replace(POLICY, survey=Survey(reopen_at_most=0)))
    assert replay(fold.entries, View(lambda _: mild)).fold.case.reopens == 1


def test_why_names_target_calendar_or_hours():
    (old,) = (c for c in opened_at(FRIDAY, IN_OFFICE).case.clocks if c.name is ClockName.ASSIGN)
    assert why(old, None) == "there would be no such promise"
    assert why(old, replace(old, calendar="")) == "calendar always open instead of office"
    other = why(old, replace(old, due_at=old.due_at + timedelta(hours=1)))
    assert other.startswith("other opening hours in calendar office")


def test_a_holiday_moves_deadlines_and_the_dry_run_says_so():
    fold = passed(opened_at(FRIDAY, IN_OFFICE), FRIDAY + timedelta(days=5), IN_OFFICE)
    closed = replace(OFFICE, holidays=frozenset({date(2026, 3, 9)}))
    tried = terms(calendars={"office": closed})
    found = judge(past(fold, IN_OFFICE), tried, FRIDAY + timedelta(days=5))
    moved = {one.clock: one for one in found.differences}
    assert moved[ClockName.FIRST_RESPONSE].why.startswith("other opening hours")
    assert not moved[ClockName.FIRST_RESPONSE].flips
    sums = Sums()
    sums.add(found)
    tally = sums.tallies["care", "messenger", "first_response"]
    assert (tally.moved, tally.newly.count, tally.no_longer.count) == (1, 0, 0)
    assert sums.differences == []


def test_a_rule_of_time_would_have_fired_again_and_again():
    rule = Rule(
        "remind",
        (Action(Act.LABEL, "old"),),
        status=Status.NEW,
        after_seconds=600,
        repeat_seconds=600,
    )
    fold = reply_sent(passed(opened_at(at(0), TERMS), at(3700)), TERMS, at(3700), "r", "ann")
    fold = assign(fold, "ann", at(3750), "lou")
    tried = replace(TERMS, policy=replace(POLICY, rules=(rule,)))
    found = judge(past(fold), tried, at(9000))
    assert found.rules == {"remind": 6}
    assert judge(past(fold), None, at(9000)).rules == {}
    assert found.clocks == found.recorded


def test_a_rule_that_cannot_go_on_is_asked_no_further(monkeypatch):
    monkeypatch.setattr("chalicelib.domain.firing.next_at", lambda *_: at(0))
    monkeypatch.setattr("chalicelib.domain.acting.elapse", lambda fold, *_: fold)
    rule = Rule("stuck", (), status=Status.NEW, after_seconds=60)
    tried = replace(TERMS, policy=replace(POLICY, rules=(rule,)))
    fold = assign(opened_at(at(0), TERMS), "ann", at(60), "lou")
    assert judge(past(fold), tried, at(900)).rules == {}


def test_what_overlaps_is_one_page_and_climbs_while_it_lasts():
    spans = [Span(at(0), at(600)), Span(at(300), at(1000)), Span(at(5000), at(5001))]
    assert merged(reversed(spans)) == [Span(at(0), at(1000), 2), Span(at(5000), at(5001))]
    ladder = Ladder(
        "l",
        (
            Rung(0, ("assignee", "lead"), (Medium.EMAIL,)),
            Rung(900, ("manager",), (Medium.SMS,)),
            Rung(0, ("lead",), (Medium.SMS,), severities=("critical",)),
        ),
    )
    policy = replace(POLICY, ladders=(ladder,), teams=(Team("care", ladder="l"),))
    pages = merged(spans)
    assert tellings(pages, policy, "care/breach") == {(0, Medium.EMAIL): 4, (1, Medium.SMS): 1}
    assert tellings(pages, policy, "care/warning") == {(0, Medium.EMAIL): 4}


def test_parts_add_up_to_the_whole_in_any_order(monkeypatch):
    monkeypatch.setattr("chalicelib.domain.sums.PILE", 2)
    late = passed(opened_at(at(0), TERMS), at(9000))
    good = reply_sent(opened_at(at(0), TERMS), TERMS, at(60), "r", "ann")
    over = close(resolve(good, TERMS, at(90), "ann", reason="done"), at(99))
    rule = Rule("any", (), status=Status.NEW, after_seconds=60)
    tried = replace(TERMS, policy=replace(POLICY, version="t", rules=(rule,)))
    found = [judge(replace(past(f), number=n), tried, at(9000)) for n, f in enumerate([late, over])]
    whole, parts, turned = Sums(), Sums(), Sums()
    for one in found * 3:
        whole.add(one)
    for one in found * 3:
        part = Sums()
        part.add(one)
        parts.join(part)
        back = Sums()
        back.add(one)
        back.join(turned)
        turned = back
    assert parts.tallies == whole.tallies
    assert parts.pages() == whole.pages() == turned.pages()
    assert parts.rules == whole.rules == {"any": 3 * 2}
    tally = whole.tallies["care", "messenger", "first_response"]
    assert (tally.started, tally.met, tally.breached.count) == (6, 3, 3)
    few = Sums(keep=1)
    few.join(whole)
    assert few.tallies["care", "messenger", "first_response"].breached.count == 3
    assert len(few.tallies["care", "messenger", "first_response"].breached.ids) == 1


def test_a_clock_that_ran_out_and_was_withdrawn_counts_as_kept():
    fold = passed(opened_at(at(0), TERMS), at(4000))
    assert ledger(fold.entries)[ClockName.FIRST_RESPONSE, 1].breached
    fold = reply_sent(fold, TERMS, at(3000), "r", "ann")
    account = ledger(fold.entries)[ClockName.FIRST_RESPONSE, 1]
    assert (account.breached, account.outcome) == (False, Outcome.MET)
    assert ledger(fold.entries[-1:]) == {}


def test_promises_come_and_go_with_the_terms():
    fold = passed(opened_at(at(0), TERMS), at(4000))
    more = (Target(ClockName.OWN, 1800), Target(ClockName.FIRST_RESPONSE, 7200))
    tried = replace(TERMS, policy=replace(POLICY, version="v2", targets=more))
    after = redecide(Fold(fold.case), fold.entries, tried, at(4000), "lou")
    gone = {e.clock: e.value for e in after.entries if e.kind is EntryKind.CLOCK_SUPERSEDED}
    assert gone == {
        ClockName.ASSIGN: "breached",
        ClockName.FIRST_RESPONSE: "breached",
        ClockName.RESOLUTION: "running",
    }
    clocks = {(c.name, c.seq): c for c in after.case.clocks}
    assert clocks[ClockName.FIRST_RESPONSE, 2].breached_at is None
    assert clocks[ClockName.OWN, 1].breached_at == at(1800)
    assert clocks[ClockName.RESOLUTION, 1].outcome is Outcome.SUPERSEDED
    standing = {k: a.breached for k, a in ledger((*fold.entries, *after.entries)).items()}
    assert standing[ClockName.FIRST_RESPONSE, 1] is False
    back = redecide(after, fold.entries, TERMS, at(4000), "lou")
    assert back.case.clock(ClockName.FIRST_RESPONSE).breached_at == at(3600)


def test_offers_that_are_refused_or_run_out_are_replayed():
    fold = offer(opened_at(at(0), TERMS), "bob", at(5), 60)
    fold = offer(decline(fold, at(9), "busy"), "cid", at(10), 60)
    fold = assign(expire(fold, at(70)), "ann", at(80), "lou")
    found = replay(fold.entries, under(TERMS)).fold
    assert found.case == fold.case
    assert found.entries == fold.entries


def test_personal_data_breaches_after_the_case_is_resolved_too():
    told = terms(targets=(Target(ClockName.EXPOSE, 900),))
    fold = exposed(opened_at(at(0), told), told, at(5), "m-1", ("phone",))
    fold = passed(resolve(fold, told, at(60), "ann", reason="done"), at(5000), told)
    found = replay(fold.entries[:-2], under(told), until=at(5000)).fold
    assert found.case.clock(ClockName.EXPOSE).breached_at == at(905)
    assert clock_events(found.entries) == clock_events(fold.entries)


def test_a_moment_at_which_nothing_changes_does_not_hold_a_replay_up(monkeypatch):
    fold = opened_at(at(0), TERMS)
    monkeypatch.setattr("chalicelib.domain.replay.elapsed", lambda fold, *_: fold)
    assert replay(fold.entries, under(TERMS), until=at(9000)).fold.entries == fold.entries


def test_no_more_differences_are_kept_than_asked_for():
    fold = passed(opened_at(at(0), TERMS), at(200))
    tight = replace(POLICY, targets=tuple(replace(t, seconds=15) for t in POLICY.targets))
    found = judge(past(fold), replace(TERMS, policy=tight), at(200))
    few = Sums(keep=1)
    few.add(found)
    assert len([one for one in found.differences if one.flips]) > len(few.differences) == 1


def test_an_older_message_moves_the_account_of_a_clock_back_with_its_breach():
    fold = passed(opened_at(at(3000), TERMS), at(7000))
    fold = receive(fold, TERMS, at(0), "m-0", received_at=at(7000))
    account = ledger(fold.entries)[ClockName.FIRST_RESPONSE, 1]
    assert (account.started_at, account.due_at, account.breached_at) == (at(0), at(3600), at(3600))
    found = replay(fold.entries, under(TERMS)).fold
    assert clock_events(found.entries) == clock_events(fold.entries)
