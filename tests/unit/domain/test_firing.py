"""Which rules fire, when, and what they do to a case."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain import firing
from chalicelib.domain.acting import World, elapse, react
from chalicelib.domain.case import Status
from chalicelib.domain.entry import MACHINE, Entry, EntryKind
from chalicelib.domain.firing import Facts, due, holds, next_at, triggered, wakes
from chalicelib.domain.fold import Fold, Terms
from chalicelib.domain.lifecycle import assign, close, tick
from chalicelib.domain.outlook import next_moment
from chalicelib.domain.resolve import resolve
from chalicelib.domain.rule import Act, Action, Condition, Rule, Trigger
from chalicelib.domain.wait import snooze
from tests.unit.domain.terms import HANDLE, POLICY, at, opened

NOW = at(100)


def terms(*rules: Rule) -> Terms:
    return Terms(replace(POLICY, rules=rules), HANDLE, public=False)


def rule(act: Act = Act.LABEL, value: str = "x", **facts: object) -> Rule:
    made = Rule("r", (Action(act, value),), on=Trigger.MESSAGE_RECEIVED)
    made = replace(made, on=None, status=Status.ASSIGNED) if "after_seconds" in facts else made
    return replace(made, **facts)


def given_to_ann(seconds: float = 10) -> Fold:
    return Fold(assign(opened(), "ann", at(seconds), MACHINE).case)


def test_an_automatic_message_gets_no_reply_of_a_rule():
    fold = hit(rule(Act.REPLY, "Hello"), given_to_ann(), facts=Facts("away", automatic=True))
    assert [one.kind for one in fold.entries] == [EntryKind.RULE_FIRED, EntryKind.RULE_SKIPPED]


def entry(kind: EntryKind = EntryKind.MESSAGE_RECEIVED, **facts: object) -> Entry:
    return Entry(kind, at(100), **({"case_number": 1, "version": 7} | facts))


def hit(one: Rule, fold: Fold, *entries: Entry, now: datetime = NOW, **more: object) -> Fold:
    return react(fold, entries or (entry(),), terms(one), now, **more)


MATCHES = [
    ({}, True),
    ({"team": "care"}, True),
    ({"team": "shop"}, False),
    ({"channel": "messenger"}, True),
    ({"channel": "sms"}, False),
    ({"handle": "acme-dm"}, True),
    ({"handle": "acme-page"}, False),
    ({"public": False}, True),
    ({"public": True}, False),
    ({"vip": True}, True),
    ({"vip": False}, False),
    ({"priority": "high"}, True),
    ({"priority": ""}, False),
    ({"assigned": True}, True),
    ({"assigned": False}, False),
    ({"answered": False}, True),
    ({"answered": True}, False),
    ({"labels": ("a",)}, True),
    ({"labels": ("a", "b")}, False),
    ({"without_labels": ("b",)}, True),
    ({"without_labels": ("a", "b")}, False),
    ({"words": ("help",)}, True),
    ({"words": ("refund",)}, False),
    ({"score_at_most": 2}, True),
    ({"score_at_most": 1}, False),
    ({"score_at_least": 2}, True),
    ({"score_at_least": 3}, False),
]


@pytest.mark.parametrize(("asked", "wanted"), MATCHES)
def test_each_condition_is_judged_on_the_case_as_it_is(asked, wanted):
    case = given_to_ann().change(vip=True, priority="high", labels=("a",)).case
    assert holds(Condition(**asked), case, terms(), Facts("Help me!", 2)) is wanted


def test_a_score_that_nobody_gave_matches_no_score():
    assert not holds(Condition(score_at_most=5), given_to_ann().case, terms())


def test_what_matched_is_told_without_the_customers_words():
    case = given_to_ann().change(vip=True, labels=("a",)).case
    when = Condition("care", "messenger", "acme-dm", False, True, "", ("a",), ("b",), True, False)
    when = replace(when, words=("help",))
    assert firing.matched(when, case, terms(), Facts("help, number 4711", 2)) == {
        "team": "care",
        "channel": "messenger",
        "handle": "acme-dm",
        "public": "no",
        "vip": "yes",
        "priority": "normal",
        "labels": "a",
        "without_labels": "b",
        "assigned": "yes",
        "answered": "no",
        "word": "help",
        "score": "2",
    }


def test_a_time_rule_is_due_at_its_instant_and_the_machine_looks_then():
    case, under = given_to_ann().case, terms(rule(after_seconds=60))
    assert next_at(case, under) == at(70)
    assert next_moment(case, under) == at(70)
    assert due(case, under, at(69)) == ()
    assert [one.at for one in due(case, under, at(70))] == [at(70)]


def test_without_rules_there_is_no_instant():
    assert next_at(given_to_ann().case, terms()) is None


@pytest.mark.parametrize(
    "other",
    [
        {"enabled": False},
        {"status": Status.QUEUED},
        {"when": Condition(vip=True)},
        {"status": None, "on": Trigger.STATUS_CHANGED},
    ],
)
def test_rules_that_do_not_fit_have_no_instant(other):
    assert next_at(given_to_ann().case, terms(replace(rule(after_seconds=60), **other))) is None


def test_a_case_of_which_nobody_knows_since_when_has_no_instant():
    case = replace(given_to_ann().case, status_since=None)
    assert next_at(case, terms(rule(after_seconds=60))) is None


def test_rules_of_one_look_fire_in_order_of_their_instants():
    late, soon = rule(after_seconds=60), rule(Act.LABEL, "y", after_seconds=30, id="s")
    fold = elapse(given_to_ann(), terms(late, soon), at(500))
    fired = [one for one in fold.entries if one.kind is EntryKind.RULE_FIRED]
    assert [(one.rule, one.at) for one in fired] == [("s", at(40)), ("r", at(70))]
    assert elapse(Fold(fold.case), terms(late, soon), at(500)).entries == ()


def test_missed_instants_of_a_repeated_rule_are_recorded_each_at_its_own():
    repeated = rule(Act.NOTE, "x", after_seconds=60, repeat_seconds=30)
    fold = elapse(given_to_ann(), terms(repeated), at(135))
    fired = [one.at for one in fold.entries if one.kind is EntryKind.RULE_FIRED]
    assert fired == [at(70), at(100), at(130)]
    assert fold.case.fired[0].times == 3
    assert next_at(fold.case, terms(repeated)) == at(160)


def test_a_rule_whose_stretch_is_over_before_a_snooze_ends_fires_before_that():
    fold = Fold(snooze(given_to_ann(), terms(), at(20), "ann", at(100)).case)
    under = terms(rule(status=Status.SNOOZED, after_seconds=30))
    fold = tick(fold, under, at(500))
    kinds = [one.kind for one in fold.entries]
    assert kinds.index(EntryKind.RULE_FIRED) < kinds.index(EntryKind.SNOOZE_ENDED)


def test_what_a_late_look_does_is_never_before_what_it_finds():
    fold = given_to_ann().note(EntryKind.LABELS_CHANGED, at(90))
    fold = elapse(Fold(fold.case), terms(rule(Act.SNOOZE, "60", after_seconds=60)), at(95))
    fired, snoozed = fold.entries[:2]
    assert (fired.at, snoozed.at, snoozed.until) == (at(70), at(90), at(150))


def test_a_condition_that_holds_after_the_only_instant_makes_it_due_then():
    fold = given_to_ann().change(vip=True).note(EntryKind.VIP_CHANGED, at(400))
    under = terms(rule(after_seconds=60, when=Condition(vip=True)))
    assert next_at(fold.case, under) == at(400)


def test_a_message_sets_a_rule_off_and_so_does_the_first():
    for kind in (EntryKind.MESSAGE_RECEIVED, EntryKind.CASE_OPENED):
        fold = hit(rule(), given_to_ann(), entry(kind))
        assert fold.case.labels == ("x",)
        assert fold.entries[0].inputs["on"] == "message_received"
    assert hit(rule(), given_to_ann(), entry(EntryKind.NOTE_ADDED)).entries == ()


def test_the_last_status_of_a_row_is_what_it_changed_to():
    moved = rule(on=Trigger.STATUS_CHANGED, to_status=Status.ASSIGNED)
    row = (entry(status="responded"), entry(status="assigned"))
    assert hit(moved, given_to_ann(), *row).entries[0].inputs["to_status"] == "assigned"
    assert hit(moved, given_to_ann(), *row[::-1]).entries == ()
    assert hit(moved, given_to_ann(), entry()).entries == ()


def test_entries_of_an_earlier_case_set_nothing_off():
    assert hit(rule(), given_to_ann(), entry(case_number=2)).entries == ()


def test_a_time_rule_is_set_off_by_no_event():
    timed = rule(after_seconds=60)
    assert triggered(timed, (entry(),), given_to_ann().case, terms(), Facts()) is None
    assert hit(rule(enabled=False), given_to_ann()).entries == ()


@pytest.mark.parametrize(
    ("one", "kinds", "wanted"),
    [
        (rule(), {"MessageReceived"}, True),
        (rule(), {EntryKind.CASE_OPENED}, True),
        (rule(), {"NoteAdded"}, False),
        (rule(enabled=False), {"MessageReceived"}, False),
        (rule(on=Trigger.SCORE_RECEIVED), {"SurveyAnswered"}, True),
        (rule(on=Trigger.STATUS_CHANGED), {"CaseAssigned"}, True),
        (rule(on=Trigger.STATUS_CHANGED), {"ClockMet"}, False),
        (rule(after_seconds=60), {"MessageReceived"}, False),
    ],
)
def test_the_kinds_of_a_row_tell_whether_a_rule_asks_for_it(one, kinds, wanted):
    assert wakes(terms(one).policy, kinds) is wanted


def resolved() -> Fold:
    return Fold(resolve(given_to_ann(), terms(), at(20), "ann", reason="x").case)


@pytest.mark.parametrize(
    ("act", "value"), [(Act.ASSIGN, "ann"), (Act.PRIORITY, "high"), (Act.SNOOZE, "60")]
)
def test_what_is_for_open_cases_is_left_out_of_others_and_noted(act, value):
    fold = hit(rule(act, value), resolved())
    fired, skipped = fold.entries
    assert (skipped.kind, skipped.value) == (EntryKind.RULE_SKIPPED, act.value)
    assert (skipped.rule, skipped.depth) == ("r", 1)
    assert fired.kind is EntryKind.RULE_FIRED
    assert fold.case.status is Status.RESOLVED


def test_a_closed_case_is_not_closed_again():
    closed = Fold(close(resolved(), at(50)).case)
    fold = hit(rule(Act.CLOSE, "x"), closed)
    assert [one.kind for one in fold.entries] == [EntryKind.RULE_FIRED, EntryKind.RULE_SKIPPED]


@pytest.mark.parametrize(
    ("act", "value"),
    [
        (Act.ASSIGN, "ann"),
        (Act.LABEL, "a"),
        (Act.UNLABEL, "b"),
        (Act.PRIORITY, ""),
        (Act.NOTIFY, "lead"),
        (Act.WEBHOOK, "erp"),
    ],
)
def test_what_is_so_already_is_not_done_again(act, value):
    fold = hit(rule(act, value), given_to_ann().change(labels=("a",)))
    assert [one.kind for one in fold.entries] == [EntryKind.RULE_FIRED]


def test_nobody_is_taken_from_a_case_that_nobody_has():
    assert len(hit(rule(Act.ASSIGN, ""), Fold(opened().case)).entries) == 1


def test_labels_have_an_end():
    fold = given_to_ann().change(labels=tuple(f"l{number:02}" for number in range(20)))
    assert hit(rule(), fold).entries[-1].kind is EntryKind.RULE_SKIPPED
    assert "l03" not in hit(rule(Act.UNLABEL, "l03"), fold).case.labels


def test_who_is_told_and_which_systems_stand_in_the_entry_of_the_firing():
    do = (Action(Act.NOTIFY, "lead"), Action(Act.NOTIFY, "ann"), Action(Act.WEBHOOK, "erp"))
    (fired,) = hit(rule(do=do), given_to_ann()).entries
    assert fired.value == "lead,ann"
    assert fired.inputs["webhook"] == "erp"
    assert fired.inputs["do"] == "notify lead, notify ann, webhook erp"


def test_what_the_world_knows_counts_when_a_case_is_resolved():
    world = World(last_moment=at(5000), on_its_way=True)
    fold = hit(rule(Act.CLOSE, "x"), given_to_ann(), world=world)
    assert fold.case.follow_up_at == at(5000)
    assert EntryKind.CLOCK_CANCELLED not in [one.kind for one in fold.entries]


def test_an_agent_of_another_team_is_given_nothing():
    world = World(agents=frozenset({"bea"}))
    assert hit(rule(Act.ASSIGN, "bea"), given_to_ann(), world=world).case.assignee == "bea"
    assert hit(rule(Act.ASSIGN, "zoe"), given_to_ann(), world=world).case.assignee == "ann"


def test_the_newest_cut_of_an_hour_speaks_for_the_others():
    fold = given_to_ann().change(firings=tuple(at(100) for _ in range(20)))
    fold = hit(rule(), fold)
    assert [one.kind for one in fold.entries] == [EntryKind.RULE_CUT]
    again = hit(rule(), Fold(fold.case), now=at(200))
    assert again.entries == ()
    assert hit(rule(), Fold(again.case), now=at(3700)).case.labels == ("x",)


def test_a_repeated_rule_goes_on_when_there_is_room_again():
    repeated = rule(Act.NOTE, "x", after_seconds=15, repeat_seconds=15)
    fold = elapse(given_to_ann(0), terms(repeated), at(3 * 3600))
    fired = [one.at for one in fold.entries if one.kind is EntryKind.RULE_FIRED]
    cuts = [one.at for one in fold.entries if one.kind is EntryKind.RULE_CUT]
    assert len(fired) == 60
    assert len(cuts) == 3
    assert fired[20] - fired[0] == timedelta(hours=1)


def test_a_deep_stretch_is_cut_once_however_often_its_rule_repeats():
    fold = given_to_ann().change(status_depth=3)
    repeated = rule(Act.NOTE, "x", after_seconds=15, repeat_seconds=15)
    fold = elapse(fold, terms(repeated), at(3600))
    assert [one.kind for one in fold.entries] == [EntryKind.RULE_CUT]
