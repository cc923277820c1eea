"""Who may say what alone, who may let it leave, and how a case waits for that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import approving, resolve
from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Role
from chalicelib.domain.approval import (
    Person,
    Wish,
    allowed,
    may_approve,
    may_decline,
    needed,
    whom,
    why_not,
)
from chalicelib.domain.authority import (
    Limit,
    Promised,
    PromiseKind,
    Review,
    promise,
    summed,
    written,
)
from chalicelib.domain.case import Approval
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.policy import Target
from tests.unit.domain.terms import POLICY, TERMS, at, opened

REFUND, GOODWILL = PromiseKind.REFUND, PromiseKind.GOODWILL
LIMITS = (
    Limit(REFUND, "agent", cents=5000, currency="EUR"),
    Limit(REFUND, "agent", team="shop", cents=9000, currency="EUR"),
    Limit(REFUND, "lead", cents=50_000, currency="EUR"),
    Limit(REFUND, "admin", cents=900_000, currency="EUR"),
    Limit(GOODWILL, "lead", currency="EUR"),
    Limit(PromiseKind.APOLOGY, "lead"),
)
LIMITED = replace(POLICY, limits=LIMITS)
CASE = opened().case
PATIENT = replace(
    TERMS, policy=replace(POLICY, targets=(*POLICY.targets, Target(ClockName.APPROVE, 900)))
)


def person(role=Role.AGENT, name="ann", teams=("care",), *, trainee=False):
    return Person(Actor(name, role, teams), trainee)


LEAD = person(Role.LEAD, "lou")


def euros(amount, kind=REFUND):
    return Promised(kind, amount * 100, "EUR")


def why(policy, *promised, author=None, case=CASE, **wish):
    found = needed(
        policy,
        case,
        author or person(),
        Wish(**({"handle": "acme-dm", "public": False, "promised": promised} | wish)),
    )
    return [reason.why for reason in found]


def waits(name="a-1", seconds=0, **facts):
    made = Approval(name, approving.REPLY, "ann", at(seconds), "why", f"m-{name}")
    return replace(made, **facts)


# What is written.


@pytest.mark.parametrize(
    ("amount", "cents"), [("25", 2500), ("25.5", 2550), ("0.01", 1), ("10000000", 10**9)]
)
def test_an_amount_is_read_in_hundredths(amount, cents):
    assert promise(REFUND, amount, "EUR") == Promised(REFUND, cents, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("", "EUR"),
        ("0", "EUR"),
        ("0.00", "EUR"),
        ("-5", "EUR"),
        ("1e3", "EUR"),
        ("1,50", "EUR"),
        ("1.505", "EUR"),
        ("10000000.01", "EUR"),
        ("99999999", "EUR"),
        ("\N{ARABIC-INDIC DIGIT ONE}", "EUR"),
        ("5", ""),
        ("5", "eur"),
        ("5", "EURO"),
    ],
)
def test_an_amount_that_makes_no_sense_is_no_promise(amount, currency):
    with pytest.raises(ValueError, match="refund needs"):
        promise(REFUND, amount, currency)


def test_what_is_no_money_has_no_amount():
    assert promise(PromiseKind.LEGAL) == Promised(PromiseKind.LEGAL)
    for money in (("5", ""), ("", "EUR")):
        with pytest.raises(ValueError, match="has no amount"):
            promise(PromiseKind.LEGAL, *money)


def test_promises_are_shown_and_summed_as_people_write_them():
    assert [euros(25).words, Promised(PromiseKind.LEGAL).words] == ["refund 25.00 EUR", "legal"]
    assert (euros(25).amount, Promised(PromiseKind.LEGAL).amount) == ("25.00", "")
    assert written(7) == "0.07"
    dollars = Promised(REFUND, 100, "USD")
    assert summed((dollars, euros(1), euros(2))) == (euros(3), dollars)


# Who may say what alone.


def test_a_limit_allows_exactly_its_amount():
    assert why(LIMITED, euros(50)) == []
    assert why(LIMITED, Promised(REFUND, 5001, "EUR")) == [
        "refund 50.01 EUR: agent up to 50.00 EUR"
    ]
    assert why(LIMITED, euros(500), author=LEAD) == []
    assert why(LIMITED, Promised(REFUND, 50_001, "EUR"), author=LEAD) != []


def test_a_role_may_what_a_limit_of_a_lower_one_allows():
    assert why(replace(POLICY, limits=LIMITS[:1]), euros(50), author=LEAD) == []


def test_a_limit_of_another_team_or_currency_allows_nothing():
    both = person(teams=("care", "shop"))
    assert why(LIMITED, euros(80), author=both) != []
    assert why(LIMITED, euros(80), author=both, case=replace(CASE, team="shop")) == []
    stranger = person(teams=("shop",))
    assert why(LIMITED, euros(1), author=stranger) == ["refund 1.00 EUR: agent needs approval"]
    assert why(LIMITED, Promised(REFUND, 1, "USD")) == ["refund 0.01 USD: agent needs approval"]
    assert why(LIMITED, Promised(GOODWILL, 1, "USD"), author=LEAD) != []
    assert why(LIMITED, euros(10**6, GOODWILL), author=LEAD) == []


def test_a_limit_without_a_currency_is_of_any_only_without_an_amount():
    any_money = replace(POLICY, limits=(Limit(REFUND, "agent"),))
    assert why(any_money, Promised(REFUND, 10**9, "XAF")) == []
    odd = replace(POLICY, limits=(Limit(REFUND, "agent", cents=5000),))
    assert why(odd, euros(1)) != []
    unknown = replace(POLICY, limits=(Limit(REFUND, "king"),))
    assert why(unknown, euros(1), author=person(Role.ADMIN)) != []


def test_a_kind_without_any_limit_is_not_limited():
    assert why(POLICY, euros(10**6), Promised(PromiseKind.LEGAL)) == []
    assert why(LIMITED, Promised(PromiseKind.LEGAL)) == []


def test_an_apology_is_limited_in_public_only():
    sorry = Promised(PromiseKind.APOLOGY)
    assert why(LIMITED, sorry) == []
    assert why(LIMITED, sorry, public=True) == ["apology: agent needs approval"]
    assert why(LIMITED, sorry, public=True, author=LEAD) == []


def test_small_pieces_of_a_large_promise_count_together():
    assert why(LIMITED, euros(30), euros(30)) == ["refund 60.00 EUR: agent up to 50.00 EUR"]
    before = replace(CASE, promised=(euros(30), euros(30, GOODWILL)))
    assert why(LIMITED, euros(20), case=before) == []
    assert why(LIMITED, euros(21), case=before) == [
        "refund 51.00 EUR in this case: agent up to 50.00 EUR"
    ]


def test_what_a_person_may_is_told_widest_first():
    assert allowed(LIMITED, person(), "care") == LIMITS[:1]
    assert allowed(LIMITED, LEAD, "care") == (LIMITS[4], LIMITS[5], LIMITS[2])
    wide = replace(POLICY, limits=(*LIMITS, Limit(REFUND, "lead")))
    assert [one.cents for one in allowed(wide, LEAD, "care") if one.kind is REFUND] == [None]


# Whose words are read.


def test_a_trainees_words_are_read_whatever_they_promise():
    policy = replace(POLICY, reviews=(Review(),))
    assert why(policy, author=person(trainee=True)) == ["ann is a trainee: a lead reads this first"]
    assert why(policy) == []
    assert why(policy, author=person(trainee=True), words=False) == []


def test_a_handle_a_team_or_all_that_is_public_can_be_read():
    on = Review(handle="acme-dm", trainees=False)
    assert why(replace(POLICY, reviews=(on, on))) == ["a lead reads first what acme-dm says"]
    assert why(replace(POLICY, reviews=(on,)), handle="other") == []
    of_team = replace(POLICY, reviews=(Review(team="care", trainees=False),))
    assert why(of_team, author=LEAD) == ["a lead reads first what care says"]
    assert why(of_team, case=replace(CASE, team="shop")) == []
    public = replace(POLICY, reviews=(Review(trainees=False, public=True),))
    assert why(public) == []
    assert why(public, public=True) == ["a lead reads first what anybody says"]


# Who may decide.


def test_somebody_whom_a_limit_allows_all_of_it_may_approve():
    big = waits(promised=(euros(60),))
    assert may_approve(LIMITED, LEAD, CASE, big)
    assert why_not(LIMITED, person(name="bob"), CASE, big) == (
        "refund 60.00 EUR: agent up to 50.00 EUR."
    )
    before = replace(CASE, promised=(euros(450),))
    assert not may_approve(LIMITED, LEAD, before, big)
    small = waits(promised=(euros(50),))
    assert may_approve(LIMITED, person(name="bob"), CASE, small)


def test_nobody_approves_their_own_words_nor_another_teams_nor_as_a_trainee():
    own = waits(by="lou", promised=(euros(60),))
    assert why_not(LIMITED, LEAD, CASE, own) == "Nobody approves their own words."
    stranger = person(Role.LEAD, "sue", ("shop",))
    assert why_not(LIMITED, stranger, CASE, waits()) == "You are not of the case's team."
    learner = replace(LEAD, trainee=True)
    assert why_not(LIMITED, learner, CASE, waits()) == "A trainee approves nothing."
    assert not may_decline(LIMITED, learner, CASE, waits())
    assert not may_decline(LIMITED, LEAD, CASE, own)
    assert not may_decline(LIMITED, stranger, CASE, waits())
    assert may_approve(LIMITED, person(Role.ADMIN, "ada", ()), CASE, waits())


def test_what_is_to_be_read_is_read_by_a_lead():
    read = waits(reviewed=True)
    assert why_not(LIMITED, person(name="bob"), CASE, read) == "A lead has to read this."
    assert may_approve(LIMITED, LEAD, CASE, read)
    assert whom(LIMITED, CASE, read) is Role.LEAD


def test_a_lead_may_keep_back_what_only_an_admin_may_approve():
    huge = waits(promised=(euros(600),))
    assert not may_approve(LIMITED, LEAD, CASE, huge)
    assert may_decline(LIMITED, LEAD, CASE, huge)
    assert not may_decline(LIMITED, person(name="bob"), CASE, huge)
    assert may_decline(LIMITED, person(name="bob"), CASE, waits())


def test_the_lowest_role_that_may_is_named_or_nobody():
    assert whom(LIMITED, CASE, waits(promised=(euros(60),))) is Role.LEAD
    assert whom(LIMITED, CASE, waits(promised=(euros(600),))) is Role.ADMIN
    assert whom(LIMITED, CASE, waits(promised=(euros(10_000),))) is None
    assert whom(LIMITED, CASE, waits(promised=(euros(5),))) is Role.AGENT


# How a case waits.


def asked(*approvals, fold=None):
    fold = fold or Fold(opened().case)
    for one in approvals:
        fold = approving.ask(fold, PATIENT, one, inputs={"approval": one.id, "what": one.what})
    return fold


def clock(fold):
    return fold.case.clock(ClockName.APPROVE)


def kinds(fold):
    return [entry.kind for entry in fold.entries]


def test_asking_starts_the_clock_and_deciding_stops_it():
    one = waits(text="settled", promised=(euros(60),))
    fold = asked(one)
    assert fold.case.approvals == (one,)
    assert (clock(fold).started_at, clock(fold).due_at) == (at(0), at(900))
    told = fold.entries[0]
    assert (told.kind, told.actor, told.message_id) == (EntryKind.APPROVAL_ASKED, "ann", "m-a-1")
    assert (told.reason, told.text) == ("why", "settled")
    fold = approving.give(fold, PATIENT, at(60), "lou", one, inputs={"approval": one.id})
    assert fold.case.approvals == ()
    assert fold.case.promised == (euros(60),)
    assert clock(fold).outcome is Outcome.MET
    given = next(one for one in fold.entries if one.kind is EntryKind.APPROVAL_GIVEN)
    assert (given.actor, given.agent_id) == ("lou", "ann")


def test_a_late_decision_is_a_breach_at_the_deadline():
    fold = approving.decline(
        asked(waits()), PATIENT, at(1000), "lou", waits(), reason="too kind", inputs={}
    )
    assert clock(fold).breached_at == at(900)
    assert fold.case.promised == ()
    breached = next(one for one in fold.entries if one.kind is EntryKind.DEADLINE_BREACHED)
    assert breached.at == at(900)


def test_one_clock_counts_for_all_that_waits_from_the_oldest():
    first, second = waits(), waits("a-2", 300)
    fold = asked(first, second)
    assert clock(fold).started_at == at(0)
    only = approving.decline(fold, PATIENT, at(400), "lou", second, reason="no")
    assert (clock(only).started_at, clock(only).outcome) == (at(0), None)
    fold = approving.give(fold, PATIENT, at(400), "lou", first)
    assert (clock(fold).seq, clock(fold).started_at, clock(fold).due_at) == (2, at(300), at(1200))
    fold = approving.give(fold, PATIENT, at(500), "lou", second)
    assert clock(fold).outcome is Outcome.MET


def test_what_is_withdrawn_ends_the_clock_without_a_verdict():
    first, second = waits(), waits("a-2", 300)
    fold = approving.decline(asked(first), PATIENT, at(60), "ann", first, reason="withdrawn")
    assert clock(fold).outcome is Outcome.CANCELLED
    both = asked(first, second)
    later = approving.decline(both, PATIENT, at(400), "ann", second, reason="withdrawn")
    assert (clock(later).seq, clock(later).outcome) == (1, None)
    sooner = approving.decline(both, PATIENT, at(400), "ann", first, reason="withdrawn")
    assert (clock(sooner).seq, clock(sooner).started_at) == (2, at(300))


def test_resolving_ends_all_that_waits():
    fold = resolve.resolve(
        asked(waits(), waits("a-2", 10)), PATIENT, at(60), "ann", reason="answered"
    )
    assert fold.case.approvals == ()
    assert clock(fold).outcome is Outcome.CANCELLED
    ended = [one for one in fold.entries if one.kind is EntryKind.APPROVAL_DECLINED]
    assert [(one.actor, one.reason, one.inputs["approval"]) for one in ended] == [
        (MACHINE, approving.RESOLVED, "a-1"),
        (MACHINE, approving.RESOLVED, "a-2"),
    ]
    plain = Fold(opened().case)
    assert approving.drop(plain, at(60), "done") == plain


def test_without_a_promise_of_that_name_nothing_is_timed():
    fold = approving.ask(Fold(opened().case), TERMS, waits())
    assert clock(fold) is None
    assert approving.give(fold, TERMS, at(1), "lou", waits()).case.approvals == ()


def test_the_log_alone_gives_the_clock_again():
    first, second, third = waits(), waits("a-2", 300), waits("a-3", 500)
    fold = asked(first, second, third)
    facts = {"inputs": {"approval": "a-1"}}
    fold = approving.give(fold, PATIENT, at(400), "lou", first, **facts)
    facts = {"inputs": {"approval": "a-2"}}
    fold = approving.decline(fold, PATIENT, at(600), "ann", second, reason="withdrawn", **facts)
    again = Fold(opened().case)
    log = [one for one in fold.entries if one.kind.value.startswith("Approval")]
    for entry in log:
        again = approving.replayed(again, PATIENT, entry)
    assert again.case.clocks == fold.case.clocks
    assert [one.id for one in again.case.approvals] == ["a-3"]
    assert approving.replayed(again, PATIENT, log[-1]) == again


def test_a_decision_later_than_a_day_is_of_the_same_clock():
    fold = asked(waits())
    fold = approving.give(fold, PATIENT, at(0) + timedelta(days=2), "lou", waits())
    assert clock(fold).outcome is Outcome.BREACHED
