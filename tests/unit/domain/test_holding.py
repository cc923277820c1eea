"""Holding: who carries a case, what it weighs, and how it is offered and let go."""

from dataclasses import replace

import pytest

from chalicelib.domain import holding, lifecycle, wait
from chalicelib.domain.case import Case, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.conversation import Conversation, Side
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Fold
from chalicelib.domain.holding import Held, held
from chalicelib.domain.outlook import Phase, next_moment, phase
from chalicelib.domain.resolve import resolve
from chalicelib.domain.shift import Weights
from tests.unit.domain.terms import TERMS, at, opened

WEIGHTS = Weights(public=100, private=70, email=50, waiting=10)


def talk(channel: Channel = Channel.MESSENGER, *, public: bool = False, **facts) -> Conversation:
    return Conversation("c", channel, "h", "1", public, "p", "r", at(0), **facts)


def case(**facts: object) -> Case:
    return replace(opened().case, **facts)


SIDE = Side(Channel.MESSENGER, "h", "1", at(1), joined_at=at(2), last_inbound_at=at(3))


@pytest.mark.parametrize(
    ("where", "weight"),
    [
        (talk(Channel.FACEBOOK_PAGE, public=True), 100),
        (talk(), 70),
        (talk(Channel.EMAIL), 50),
        (talk(Channel.FACEBOOK_PAGE, public=True, side=SIDE, last_inbound_at=at(2)), 70),
        (talk(Channel.FACEBOOK_PAGE, public=True, side=SIDE, last_inbound_at=at(4)), 100),
    ],
)
def test_a_case_weighs_what_answering_where_the_customer_wrote_takes(where, weight):
    assert holding.weight(case(), where, WEIGHTS) == weight
    waiting = case(status=Status.WAITING_CUSTOMER)
    assert holding.weight(waiting, where, WEIGHTS) == 10
    for status in (Status.WAITING_THIRD_PARTY, Status.SNOOZED, Status.RESPONDED):
        assert holding.weight(case(status=status), where, WEIGHTS) == weight


def test_an_open_case_is_carried_by_its_agent_or_by_whom_it_is_offered_to():
    assert held(None) == held(case()) == Held()
    assert held(case(assignee="ann", weight=70)) == Held("ann", 70)
    assert held(case(offered_to="bea", weight=70)) == Held("bea", 70)
    assert held(case(assignee="ann", status=Status.RESOLVED)) == Held()


def offered() -> Fold:
    return holding.offer(opened(), "ann", at(5), 60, policy_version="v1")


def test_an_offer_leaves_the_assign_clock_running_and_wakes_the_machine_at_its_end():
    fold = offered()
    assert (fold.case.offered_to, fold.case.offered_until) == ("ann", at(65))
    assert fold.case.clock(ClockName.ASSIGN).outcome is None
    assert phase(fold.case) is Phase.OPEN
    assert next_moment(fold.case, TERMS) == at(65)
    entry = fold.entries[-1]
    assert (entry.kind, entry.agent_id, entry.until) == (EntryKind.CASE_OFFERED, "ann", at(65))
    assert entry.policy_version == "v1"


@pytest.mark.parametrize("how", [holding.decline, holding.expire])
def test_an_offer_that_passed_leads_to_the_next_and_is_not_made_again(how):
    fold = how(offered(), at(30))
    assert (fold.case.offered_to, fold.case.offered_until) == ("", None)
    assert fold.case.refused_by == ("ann",)
    assert phase(fold.case) is Phase.ASSIGN
    again = how(holding.offer(fold, "ann", at(40), 60), at(50))
    assert again.case.refused_by == ("ann",)


def test_an_offer_that_passed_tells_who_and_why():
    declined = holding.decline(offered(), at(30), "my shift ends").entries[-1]
    expired = holding.expire(offered(), at(65)).entries[-1]
    assert (declined.kind, declined.actor, declined.reason) == (
        EntryKind.OFFER_DECLINED,
        "ann",
        "my shift ends",
    )
    assert (expired.kind, expired.actor, expired.agent_id, expired.at) == (
        EntryKind.OFFER_EXPIRED,
        "hearback",
        "ann",
        at(65),
    )


def test_whoever_gets_the_case_ends_the_offer_and_all_that_was_tried():
    fold = replace(offered(), entries=())
    fold = fold.change(refused_by=("bea",), requeue_at=at(9), nobody_since=at(3))
    given = lifecycle.assign(fold, "cat", at(20), "cat", inputs={"a": "b"}).case
    assert (given.assignee, given.offered_to, given.offered_until) == ("cat", "", None)
    assert (given.refused_by, given.requeue_at, given.nobody_since) == ((), None, None)
    assert given.clock(ClockName.ASSIGN).outcome is Outcome.MET


def test_resolving_or_closing_ends_an_offer():
    done = resolve(offered(), TERMS, at(20), "lou", reason="spam").case
    assert (done.offered_to, done.offered_until) == ("", None)
    assert lifecycle.close(offered(), at(20)).case.offered_to == ""


def test_a_case_that_is_let_go_keeps_its_clocks_and_remembers_its_agent():
    fold = lifecycle.assign(opened(), "ann", at(5), "hearback").change(requeue_at=at(90))
    free = holding.let_go(fold, at(90), "gone").case
    assert (free.assignee, free.assigned_at, free.preferred) == ("", None, "ann")
    assert (free.status, free.queued_at, free.requeue_at) == (Status.QUEUED, None, None)
    assert free.clocks == fold.case.clocks
    assert phase(free) is Phase.ASSIGN


def test_a_case_that_waits_is_let_go_only_once_it_is_taken_up_again():
    fold = lifecycle.assign(opened(), "ann", at(5), "hearback")
    fold = wait.wait(fold, TERMS, at(6), "ann", on=Status.WAITING_CUSTOMER, reason="asked")
    fold = fold.change(requeue_at=at(90))
    assert next_moment(fold.case, TERMS) > at(90)
    assert holding.let_go(fold, at(90), "gone").case.status is Status.WAITING_CUSTOMER
    awake = wait.end_pause(fold, TERMS, at(100), "hearback", "customer wrote")
    assert next_moment(awake.case, TERMS) == at(90)
