"""Routing on the whole: cases are offered, given, let go and found again by people who come and go.

Every commit of a story is weighed: what agents carry is the sum of what they hold.
"""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Presence, Role
from chalicelib.domain.calendar import Calendar, Frame
from chalicelib.domain.case import Status
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.outlook import Phase, phase
from chalicelib.domain.policy import Team
from chalicelib.domain.shift import Need, Routing, Shift
from chalicelib.workflows import presence, stream, stuck, wait
from chalicelib.workflows.assign import assign_to, find, take
from chalicelib.workflows.breach import breach
from chalicelib.workflows.change import CaseRef
from chalicelib.workflows.errors import ConflictError, NotFoundError, NotNowError, RefusedError
from chalicelib.workflows.ports import BusyError, CapacityError, Commit, Query
from chalicelib.workflows.routing import place
from chalicelib.workflows.routing.alone import looked
from chalicelib.workflows.routing.drain import drain
from chalicelib.workflows.routing.leave import left
from chalicelib.workflows.routing.load import loaded, moved
from chalicelib.workflows.routing.offers import accept, decline
from chalicelib.workflows.routing.shifts import rosters
from chalicelib.workflows.routing.transfer import transfer
from tests.fakes.balance import ImbalanceError, balanced
from tests.unit.workflows.story import POLICY, Story

ASSIGN = ClockName.ASSIGN
OFFERS = replace(POLICY, routing=Routing(offer_seconds=60))
SOON = replace(POLICY, routing=Routing(nobody_seconds=100))


def offered(*agents: str) -> Story:
    story = Story(OFFERS, agents=agents or ("ann", "bea"))
    story.writes()
    story.loop.rest()
    return story


def kinds(story: Story) -> list[EntryKind]:
    """Return what routing has told, in order."""
    of_routing = {
        EntryKind.CASE_OFFERED,
        EntryKind.OFFER_DECLINED,
        EntryKind.OFFER_EXPIRED,
        EntryKind.CASE_ASSIGNED,
        EntryKind.CASE_UNASSIGNED,
        EntryKind.CASE_QUEUED,
        EntryKind.NOBODY_ON_SHIFT,
    }
    return [entry.kind for entry in story.log if entry.kind in of_routing]


def declares(story: Story, who: str, what: Presence) -> None:
    presence.declare(story.parts, Actor(who, Role.AGENT, ("care",)), what)
    story.loop.rest()


# Who gets it, and why.


def test_what_was_decided_and_from_what_is_in_the_log():
    story = Story(agents=("ann", "bea"))
    declares(story, "bea", Presence.AWAY)
    story.writes()
    story.loop.rest()
    (given,) = story.told(EntryKind.CASE_ASSIGNED)
    assert (given.agent_id, given.policy_version) == ("ann", "v1")
    assert given.inputs == {
        "candidates": "1",
        "weight": "70",
        "share_free": "100%",
        "because": "greatest share of room",
        "not_present": "1",
    }


def test_why_nobody_may_have_it_is_in_the_log():
    story = Story(replace(POLICY, routing=Routing(needs=(Need("fr", handle="acme-dm"),))))
    story.joins("bea", capacity=60, skills=("fr",))
    story.writes()
    story.loop.rest()
    (entry,) = story.told(EntryKind.CASE_QUEUED)
    assert entry.reason == "nobody may have it: 1 lacks skills, 1 no room"
    assert entry.inputs["needs"] == "fr"
    assert story.case.status is Status.QUEUED


def test_who_gets_a_skill_is_given_what_waits_for_it():
    story = Story(replace(POLICY, routing=Routing(needs=(Need("fr"),))))
    story.writes()
    story.loop.rest()
    ann = story.store.agents.get("ann")
    story.store.agents.save(replace(ann, skills=("fr",)))
    story.loop.rest()
    assert story.case.assignee == "ann"


def test_a_customer_who_returns_goes_to_who_had_the_case_before_across_closing():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    assert story.case.assignee == "ann"
    story.resolves()
    story.loop.run(days=10)
    assert story.case.status is Status.CLOSED
    story.store.people["ann"] = replace(story.store.people["ann"], load=0, capacity=100)
    story.store.people["bea"] = replace(story.store.people["bea"], capacity=5000)
    story.writes("Something else")
    story.loop.rest()
    assert (story.case.number, story.case.assignee) == (2, "ann")
    assert story.told(EntryKind.CASE_ASSIGNED)[-1].inputs["because"] == "had it before"


def test_a_case_that_nobody_had_passes_on_whom_it_should_have_gone_to():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    story.resolves()
    story.loop.run(days=10)
    for who in ("ann", "bea"):
        declares(story, who, Presence.AWAY)
    story.writes("Something else")
    story.loop.rest()
    story.resolves("lou")
    story.loop.run(days=10)
    declares(story, "bea", Presence.PRESENT)
    declares(story, "ann", Presence.PRESENT)
    story.writes("And again")
    story.loop.rest()
    assert (story.case.number, story.case.assignee) == (3, "ann")


def test_whoever_fills_up_or_leaves_meanwhile_is_passed_over():
    story = Story(agents=("ann", "bea"))
    story.writes()

    def faster(commit: Commit) -> None:
        if commit.load and commit.load[0].agent_id == "ann":
            raise CapacityError("ann")

    story.store.before_commit.append(faster)
    story.loop.rest()
    assert story.case.assignee == "bea"


def test_a_table_that_is_too_busy_at_two_agents_is_left_alone_for_a_while():
    story = Story(agents=("ann", "bea", "cat"))
    story.writes()
    tried: list[str] = []

    def busy(commit: Commit) -> None:
        if commit.load:
            tried.append(commit.load[0].agent_id)
            raise BusyError("the same rows")

    story.store.before_commit.append(busy)
    with pytest.raises(BusyError):
        place.place(story.parts, story.conversation, story.case)
    assert tried == ["ann", "bea"]


def test_a_busy_agent_is_passed_over_once():
    story = Story(agents=("ann", "bea", "cat"))
    story.writes()

    def busy(commit: Commit) -> None:
        if commit.load and commit.load[0].agent_id == "ann":
            raise BusyError("the same rows")

    story.store.before_commit.append(busy)
    placed, _ = place.place(story.parts, story.conversation, story.case)
    assert placed is not None
    assert placed.case.assignee == "bea"


def test_placing_ends_when_everybody_fills_up():
    story = Story(agents=tuple(f"agent-{number:02d}" for number in range(place.MOST_LOST + 5)))
    story.writes()
    tried: list[str] = []

    def full(commit: Commit) -> None:
        if commit.load:
            tried.append(commit.load[0].agent_id)
            raise CapacityError(tried[-1])

    story.store.before_commit.append(full)
    with pytest.raises(BusyError):
        place.place(story.parts, story.conversation, story.case)
    assert len(set(tried)) == len(tried) == place.MOST_LOST


# Weights.


def test_a_case_that_waits_for_its_customer_weighs_little_until_the_customer_writes():
    story = Story()
    story.writes()
    story.loop.rest()
    assert story.store.people["ann"].load == 70
    wait.wait(story.parts, story.ask(), "customer", "asked for the number")
    assert story.store.people["ann"].load == 10
    story.writes("4711")
    assert story.store.people["ann"].load == 70
    wait.wait(story.parts, story.ask(), "third_party", "the carrier")
    assert story.store.people["ann"].load == 70
    story.resolves()
    assert story.store.people["ann"].load == 0
    balanced(story.store)


def test_our_own_reply_on_a_case_that_waits_makes_it_weigh_again_what_it_does():
    story = Story()
    story.writes()
    story.loop.rest()
    story.replies()
    wait.wait(story.parts, story.ask(), "customer", "asked")
    story.loop.rest()
    balanced(story.store)


def test_a_message_may_make_an_agent_carry_more_than_the_capacity():
    story = Story(agents=())
    story.joins("ann", capacity=100)
    story.writes()
    story.loop.rest()
    wait.wait(story.parts, story.ask(), "customer", "asked")
    story.loop.ingest(story.comment(post_id="p"))
    story.loop.rest()
    assert story.store.people["ann"].load == 10  # a public one has no room beside it
    story.store.people["ann"] = replace(story.store.people["ann"], capacity=110)
    drain(story.parts, "care")
    assert story.store.people["ann"].load == 110
    story.writes("4711")
    assert story.store.people["ann"].load == 170
    balanced(story.store)


def test_loads_follow_from_the_case_before_and_after_and_from_nothing_else():
    story = Story()
    story.writes()
    story.loop.rest()
    assert moved(story.case, story.case, story.at()) == ()
    bare = Commit()
    assert loaded(story.parts, story.conversation, bare) is bare
    wrong = replace(story.conversation, case=replace(story.case, weight=3))
    with pytest.raises(ImbalanceError):
        story.store.conversations.commit(Commit(conversation=wrong))


# Offers.


def test_an_offer_claims_the_load_and_leaves_the_assign_clock_running():
    story = offered()
    assert (story.case.offered_to, story.case.assignee) == ("ann", "")
    assert story.case.offered_until == story.at(seconds=60)
    assert story.store.people["ann"].load == 70
    assert story.clock(ASSIGN).outcome is None
    (entry,) = story.told(EntryKind.CASE_OFFERED)
    assert entry.inputs["because"] == "greatest share of room"


def test_accepting_gives_the_case_and_stops_the_clock():
    story = offered()
    story.parts.now.advance(10)
    ask = story.ask("ann", key="k-1")
    done = accept(story.parts, ask)
    assert (story.case.assignee, story.case.offered_to) == ("ann", "")
    assert story.clock(ASSIGN).stopped_at == story.parts.now()
    assert story.store.people["ann"].load == 70
    assert accept(story.parts, ask).repeated
    assert done.conversation == story.conversation
    story.loop.run(minutes=5)
    assert EntryKind.OFFER_EXPIRED not in kinds(story)


def test_declining_leads_to_the_next_at_once():
    story = offered()
    ask = story.ask("ann", key="k-1")
    decline(story.parts, ask, "at the end of my day")
    assert story.store.people["ann"].load == 0
    story.loop.rest()
    assert (story.case.offered_to, story.case.refused_by) == ("bea", ("ann",))
    assert story.told(EntryKind.OFFER_DECLINED)[0].reason == "at the end of my day"
    assert decline(story.parts, ask, "at the end of my day").repeated


def test_an_offer_expires_at_its_own_instant_and_goes_to_the_next():
    story = offered()
    until = story.case.offered_until
    story.loop.run(seconds=75)
    (expired,) = story.told(EntryKind.OFFER_EXPIRED)
    assert (expired.at, expired.agent_id) == (until, "ann")
    assert story.case.offered_to == "bea"
    assert (story.store.people["ann"].load, story.store.people["bea"].load) == (0, 70)


@pytest.mark.parametrize("late", [0, 40])
def test_an_offer_ends_at_its_instant_and_neither_before_nor_when_somebody_looks(late):
    story = offered()
    until, ref = story.case.offered_until, CaseRef(story.conversation.id, 1, 1)
    story.parts.now.advance(59.999)
    breach(story.parts, ref)
    assert story.case.offered_to == "ann"
    story.parts.now.set(until + timedelta(seconds=late))
    breach(story.parts, ref)
    assert [entry.at for entry in story.told(EntryKind.OFFER_EXPIRED)] == [until]
    assert story.case.offered_to == "bea"
    assert story.case.offered_until == story.at(seconds=60)


def test_who_comes_while_a_case_is_being_queued_is_not_missed():
    """The queue was drained for them before the case was in it."""
    story = Story(agents=())
    story.writes()

    def comes(commit: Commit) -> None:
        if any(entry.kind is EntryKind.CASE_QUEUED for entry in commit.entries):
            story.joins("ann")
            drain(story.parts, "care")

    story.store.before_commit.append(comes)
    found = find(story.parts, story.conversation)
    assert found.case.assignee == "ann"


def test_an_offer_is_over_at_its_very_end_though_no_machine_has_looked():
    story = offered()
    story.parts.now.advance(59.999)
    early = story.ask("ann")
    story.parts.now.advance(0.001)
    for change in (accept, decline):
        with pytest.raises(NotNowError) as refused:
            change(story.parts, early)
        assert (refused.value.code, refused.value.instead) == ("not_offered", ("take",))


def test_somebody_elses_offer_cannot_be_accepted():
    story = offered()
    with pytest.raises(NotNowError):
        accept(story.parts, story.ask("bea"))


def test_when_all_let_it_pass_it_waits_and_is_offered_again_at_the_next_sweep():
    story = offered()
    for who in ("ann", "bea"):
        decline(story.parts, story.ask(who))
        story.loop.rest()
    assert story.case.status is Status.QUEUED
    assert story.told(EntryKind.CASE_QUEUED)[0].inputs["let_it_pass"] == "2"
    assert drain(story.parts, "care") == 0
    stuck.sweep(story.parts)
    assert (story.case.offered_to, story.case.refused_by) == ("ann", ())
    balanced(story.store)


def test_who_comes_later_is_asked_at_once_though_the_others_passed():
    story = offered()
    for who in ("ann", "bea"):
        decline(story.parts, story.ask(who))
        story.loop.rest()
    story.joins("cat")
    story.loop.rest()
    assert story.case.offered_to == "cat"


@pytest.mark.parametrize("how", ["take", "reply", "assign"])
def test_whoever_takes_the_case_ends_the_offer_and_frees_the_room(how):
    story = offered()
    if how == "take":
        take(story.parts, story.ask("bea"))
    elif how == "reply":
        story.replies(who="bea")
    else:
        assign_to(story.parts, story.ask("lou"), "bea")
    story.loop.rest()
    assert (story.case.assignee, story.case.offered_to) == ("bea", "")
    assert (story.store.people["ann"].load, story.store.people["bea"].load) == (0, 70)
    assert story.clock(ASSIGN).outcome is Outcome.MET


def test_a_reply_of_whom_it_is_offered_to_accepts_it():
    story = offered()
    story.replies(who="ann")
    assert (story.case.assignee, story.store.people["ann"].load) == ("ann", 70)


def test_a_case_that_is_resolved_while_it_is_offered_frees_the_room():
    story = offered()
    story.resolves("lou")
    assert story.store.people["ann"].load == 0
    story.loop.run(minutes=5)
    assert EntryKind.OFFER_EXPIRED not in kinds(story)


def test_who_leaves_is_not_waited_for():
    story = offered()
    declares(story, "ann", Presence.OFFLINE)
    assert story.case.offered_to == "bea"
    assert story.told(EntryKind.OFFER_EXPIRED)[0].reason == "ann went offline"


def test_an_offer_to_who_is_only_away_runs_out():
    story = offered()
    declares(story, "ann", Presence.AWAY)
    assert story.case.offered_to == "ann"


def test_who_is_offered_a_case_sees_it_in_their_list_and_the_queue_has_it_no_more():
    story = Story(OFFERS, agents=())
    story.writes()
    story.loop.rest()
    story.joins("ann")
    story.loop.rest()
    assert (story.case.status, story.case.offered_to) == (Status.QUEUED, "ann")
    assert drain(story.parts, "care") == 0


# Leaving.


def test_who_stays_away_loses_the_case_and_its_clocks_go_on():
    story = Story(agents=("ann",))
    story.writes()
    story.loop.rest()
    clocks = story.case.clocks
    declares(story, "ann", Presence.OFFLINE)
    gone = story.parts.now()
    assert story.case.requeue_at == gone + timedelta(seconds=180)
    assert story.conversation.version == story.told(EntryKind.CASE_ASSIGNED)[0].version
    story.joins("bea")
    story.loop.run(seconds=179)
    assert story.case.assignee == "ann"
    story.loop.run(seconds=15)
    (entry,) = story.told(EntryKind.CASE_UNASSIGNED)
    assert (entry.at, entry.agent_id) == (gone + timedelta(seconds=180), "ann")
    assert entry.reason == f"ann is offline since {gone.isoformat()}"
    assert (story.case.assignee, story.case.preferred) == ("bea", "ann")
    assert story.case.clocks == clocks
    assert (story.store.people["ann"].load, story.store.people["bea"].load) == (0, 70)


def test_who_is_back_in_time_keeps_the_case():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    declares(story, "ann", Presence.OFFLINE)
    story.loop.run(seconds=100)
    declares(story, "ann", Presence.AWAY)
    story.loop.run(seconds=200)
    assert (story.case.assignee, story.case.requeue_at) == ("ann", None)
    assert EntryKind.CASE_UNASSIGNED not in kinds(story)


def test_who_was_back_for_a_moment_gets_the_whole_time_again():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    declares(story, "ann", Presence.OFFLINE)
    story.loop.run(seconds=100)
    for what in (Presence.PRESENT, Presence.OFFLINE):
        story.store.agents.set_presence("ann", what, story.parts.now())
    story.loop.seen = dict(story.store.people)  # and the stream is late
    story.loop.run(seconds=170)
    assert story.case.requeue_at == story.at(seconds=10)
    story.loop.run(seconds=30)
    assert story.case.assignee == "bea"


def test_who_returns_is_given_the_case_again_that_nobody_else_took():
    story = Story(agents=("ann",))
    story.writes()
    story.loop.rest()
    declares(story, "ann", Presence.OFFLINE)
    story.loop.run(minutes=10)
    assert (story.case.assignee, story.case.status) == ("", Status.QUEUED)
    story.joins("bea", capacity=5000)
    story.store.people["bea"] = replace(story.store.people["bea"], presence=Presence.AWAY)
    declares(story, "ann", Presence.PRESENT)
    assert story.case.assignee == "ann"


def test_a_case_that_waits_stays_with_who_left_until_the_customer_writes():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    wait.wait(story.parts, story.ask(), "customer", "asked")
    declares(story, "ann", Presence.OFFLINE)
    story.loop.run(minutes=30)
    assert (story.case.assignee, story.case.status) == ("ann", Status.WAITING_CUSTOMER)
    story.writes("4711")
    wrote = story.parts.now()
    story.loop.rest()
    assert story.case.assignee == "bea"
    assert story.told(EntryKind.CASE_UNASSIGNED)[0].at <= wrote
    balanced(story.store)


def test_a_case_given_by_a_person_to_somebody_offline_stays_there():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    declares(story, "bea", Presence.OFFLINE)
    story.parts.now.advance(5)
    assign_to(story.parts, story.ask("lou"), "bea")
    stuck.sweep(story.parts)
    story.loop.run(minutes=30)
    assert story.case.assignee == "bea"


def test_leaving_is_noted_once_however_often_it_is_told():
    story = Story()
    story.writes()
    story.loop.rest()
    declares(story, "ann", Presence.OFFLINE)
    rev = story.conversation.rev
    assert left(story.parts, "ann") == 0
    assert left(story.parts, "none") == 0
    assert story.conversation.rev == rev
    declares(story, "ann", Presence.PRESENT)
    assert left(story.parts, "ann") == 0


def test_leaving_believes_the_row_and_not_the_list():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    stale = story.conversation
    assign_to(story.parts, story.ask("lou"), "bea")
    story.store.agents.set_presence("ann", Presence.OFFLINE, story.parts.now())
    view = story.store.views.open_cases
    page = replace(view(_mine("bea")), rows=(stale, replace(stale, id="gone")))
    pages = iter((replace(page, cursor="more"), page))
    story.store.views.open_cases = lambda _: next(pages)
    assert left(story.parts, "ann") == 0


def _mine(who: str) -> Query:
    return Query(assignee=who)


def test_the_sweep_finds_what_was_given_to_somebody_in_the_moment_of_leaving():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    story.store.agents.set_presence("ann", Presence.OFFLINE, story.parts.now())
    story.loop.seen = dict(story.store.people)  # the list lagged when the stream told
    stuck.sweep(story.parts)
    story.loop.run(minutes=4)
    assert story.case.assignee == "bea"


def test_an_agent_who_is_gone_from_the_table_is_taken_as_back():
    story = Story(agents=("ann", "bea"))
    story.writes()
    story.loop.rest()
    declares(story, "ann", Presence.OFFLINE)
    ref = CaseRef(story.conversation.id, 1, 1)
    story.parts.now.advance(300)
    story.store.people["ann"] = replace(story.store.people["ann"], presence_at=None)
    assert left(story.parts, "ann") == 0
    breach(story.parts, ref)
    assert (story.case.assignee, story.case.requeue_at) == ("ann", None)


# Nobody there.


def told_at(story: Story) -> list[float]:
    began = story.told(EntryKind.CASE_OPENED)[0].at
    return [(entry.at - began).total_seconds() for entry in story.told(EntryKind.NOBODY_ON_SHIFT)]


def test_nobody_on_shift_is_told_before_the_first_deadline_at_its_instant():
    story = Story(SOON, agents=())
    story.writes()
    story.loop.run(minutes=10)
    assert told_at(story) == [200.0]
    assert kinds(story)[:2] == [EntryKind.CASE_QUEUED, EntryKind.NOBODY_ON_SHIFT]


def test_it_is_told_at_once_where_the_deadline_is_near_from_the_beginning():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    assert told_at(story) == [0.0]


def test_somebody_who_is_full_is_somebody():
    story = Story(SOON, agents=())
    story.joins("ann", capacity=50)
    story.writes()
    story.loop.run(minutes=10)
    assert told_at(story) == []


def test_the_last_one_who_leaves_makes_it_known():
    story = Story(SOON, agents=())
    story.joins("ann", capacity=50)
    story.writes()
    story.loop.run(seconds=250)
    declares(story, "ann", Presence.AWAY)
    assert told_at(story) == [250.0]
    declares(story, "ann", Presence.OFFLINE)
    stuck.sweep(story.parts)
    assert told_at(story) == [250.0]


def test_a_new_stretch_of_nobody_is_told_again():
    story = Story(SOON, agents=())
    story.joins("ann", capacity=5)
    story.writes()
    story.loop.run(seconds=220)
    for what in (Presence.OFFLINE, Presence.PRESENT):
        declares(story, "ann", what)
    assert story.case.nobody_since is not None  # nobody has looked in between
    looked(story.parts, "care")
    declares(story, "ann", Presence.OFFLINE)
    assert told_at(story) == [220.0, 220.0]


def test_draining_notices_that_somebody_came_for_what_it_could_not_give():
    policy = replace(SOON, routing=Routing(nobody_seconds=100, needs=(Need("fr"),)))
    story = Story(policy, agents=())
    story.writes()
    story.loop.ingest(story.comment())
    story.loop.run(seconds=250)
    story.joins("ann")
    story.loop.rest()
    assert [head.case.nobody_since for head in story.store.heads.values()] == [None, None]


DAY = Calendar(week=dict.fromkeys(range(7), (Frame(time(9), time(17)),)))


def test_a_shift_that_nobody_came_to_is_told_by_the_sweep():
    policy = replace(SOON, shifts=(Shift("day", "care", DAY),), targets=POLICY.targets[1:])
    story = Story(policy, agents=())
    story.writes()
    story.loop.run(minutes=4)
    stuck.sweep(story.parts)
    assert told_at(story) == []  # people may still be on their way
    story.loop.run(minutes=2)
    stuck.sweep(story.parts)
    assert told_at(story) == [360.0]


def test_who_is_present_but_off_shift_gets_nothing_and_is_nobody():
    policy = replace(SOON, shifts=(Shift("day", "care", DAY, ("bea",)),))
    story = Story(policy, agents=("ann",))
    story.writes()
    story.loop.run(minutes=10)
    assert told_at(story) == [200.0]
    assert story.case.assignee == ""


def test_a_look_over_a_team_believes_the_row_and_not_the_list():
    story = Story(SOON, agents=())
    story.writes()
    story.loop.run(seconds=150)
    stale = story.conversation
    story.joins("ann")
    story.loop.rest()
    declares(story, "ann", Presence.AWAY)
    story.parts.now.advance(100)
    page = replace(story.store.views.open_cases(_mine("x")), rows=(stale, replace(stale, id="no")))
    story.store.views.open_cases = lambda _: page
    assert looked(story.parts, "care") == 0
    assert told_at(story) == []


# Another team.


SHOPS = replace(POLICY, teams=(Team("care"), Team("shop")))


def shopping() -> Story:
    story = Story(SHOPS)
    story.joins("sam")
    sam = story.store.agents.get("sam")
    story.store.agents.save(replace(sam, teams=("shop",)))
    story.writes()
    story.loop.rest()
    return story


def test_a_case_goes_to_another_team_and_is_found_somebody_of_it():
    story = shopping()
    ask = story.ask(key="k-1")
    done = transfer(story.parts, ask, "shop", "it is about an order")
    assert done.conversation.case.team == "shop"
    assert story.store.people["ann"].load == 0
    story.loop.rest()
    assert (story.case.team, story.case.assignee) == ("shop", "sam")
    (entry,) = story.told(EntryKind.TEAM_CHANGED)
    assert (entry.value, entry.reason, entry.actor) == ("shop", "it is about an order", "ann")
    again = transfer(story.parts, ask, "shop", "it is about an order")
    assert (again.repeated, again.conversation) == (True, story.conversation)
    with pytest.raises(NotFoundError):
        transfer(story.parts, ask, "shop", "another reason")
    with pytest.raises(NotFoundError):
        transfer(story.parts, story.ask(), "care", "back")


@pytest.mark.parametrize(
    ("team", "reason", "code"),
    [("shop", " ", "no_reason"), ("none", "x", "no_such_team"), ("care", "x", "same_team")],
)
def test_a_transfer_that_makes_no_sense_is_refused(team, reason, code):
    story = shopping()
    with pytest.raises(RefusedError) as refused:
        transfer(story.parts, story.ask(), team, reason)
    assert refused.value.code == code


def test_a_team_of_the_newest_policy_may_get_an_older_case():
    story = shopping()
    story.store.policies.publish(replace(SHOPS, version="v2", teams=(Team("care"), Team("new"))))
    story.store.policies.make_current("v2")
    transfer(story.parts, story.ask(), "new", "they do these now")
    assert story.case.team == "new"


def test_a_stranger_gives_nothing_away_and_an_old_version_is_refused():
    story = shopping()
    ask = story.ask()
    stranger = replace(ask, actor=Actor("sam", Role.LEAD, ("shop",)))
    with pytest.raises(NotFoundError):
        transfer(story.parts, stranger, "shop", "x")
    with pytest.raises(NotFoundError):
        transfer(story.parts, replace(ask, conversation_id="gone"), "shop", "x")
    with pytest.raises(ConflictError):
        transfer(story.parts, replace(ask, version=0), "shop", "x")


# Order.


def test_the_queue_is_drained_by_slack_and_not_by_deadline():
    routing = Routing(handling_seconds=60, handling_by_label=(("refund", 250),))
    story = Story(replace(POLICY, routing=routing), agents=())
    for number in range(3):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
        story.parts.now.advance(60)
    story.loop.rest()
    last = list(story.store.heads)[-1]
    head = story.store.heads[last]
    story.store.heads[last] = replace(head, case=replace(head.case, labels=("refund",)))
    story.joins("ann", capacity=100)
    story.loop.rest()
    assert story.store.heads[last].case.assignee == "ann"


def test_what_needs_a_skill_that_nobody_has_does_not_keep_the_rest_from_people():
    needs = (Need("fr", handle="acme-page"),)
    story = Story(replace(POLICY, routing=Routing(needs=needs)), agents=())
    for number in range(3):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
    story.parts.now.advance(1)
    story.writes()
    story.loop.rest()
    story.parts.now.advance(1)
    story.joins("ann")
    assert drain(story.parts, "care") == 1
    given = [head.handle for head in story.store.heads.values() if head.case.assignee]
    assert given == ["acme-dm"]


def test_draining_reads_no_case_twice_that_asks_for_what_nobody_has():
    story = Story(SOON, agents=())
    for number in range(5):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
    story.loop.rest()
    story.joins("ann", capacity=70)  # room for a private talk, and none of these is one
    reads: list[str] = []
    get = story.store.conversations.get
    story.store.conversations.get = lambda one: reads.append(one) or get(one)
    assert drain(story.parts, "care") == 0
    assert len(reads) == 1


def test_a_case_that_nobody_is_looked_for_finds_nobody():
    story = Story()
    story.writes()
    story.loop.rest()
    assert phase(story.case) is Phase.OPEN
    assert find(story.parts, story.conversation) is story.conversation
    bare = replace(story.conversation, case=None)
    assert find(story.parts, bare) is bare


def test_nothing_follows_from_an_agents_row_that_gives_no_room():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    full = stream.AgentKeys("ann", ("care",), Presence.PRESENT, 0, 1)
    stream.agent_changed(story.parts, None, full)
    stream.agent_changed(story.parts, None, replace(full, presence=Presence.OFFLINE))
    stream.agent_changed(story.parts, full, replace(full, presence=Presence.AWAY))
    assert story.case.status is Status.QUEUED


# Who is there.


def test_a_roster_tells_who_is_on_shift_and_when_nobody_will_be():
    shop = Calendar(week=dict.fromkeys(range(7), (Frame(time(8), time(20)),)))
    handles = tuple(replace(one, calendar="hours") for one in POLICY.handles)
    shifts = (
        Shift("day", "care", DAY, ("ann",)),
        Shift("night", "care", Calendar(week={1: (Frame(time(18), time(19)),)}), ("bea",)),
        Shift("always", "shop", Calendar(always=True)),
        Shift("never", "shop", Calendar()),
    )
    policy = replace(POLICY, handles=handles, calendars={"hours": shop}, shifts=shifts)
    story = Story(policy, agents=("ann", "bea"))
    story.store.agents.set_presence("ann", Presence.AWAY, story.parts.now())
    hour = timedelta(hours=1)
    now = story.parts.now()
    (care, shops) = rosters(story.parts, Actor("ada", Role.ADMIN))
    assert ([one.id for one in care.people], care.present) == (["ann"], 0)
    day, night = care.planned
    assert (day.open, day.closes_at, day.opens_at) == (True, now + 8 * hour, now + 24 * hour)
    assert (night.open, night.closes_at, night.opens_at) == (False, None, now + 33 * hour)
    assert care.gaps == (
        (now + 8 * hour, now + 11 * hour),
        (now + 23 * hour, now + 24 * hour),
        (now + 32 * hour, now + 33 * hour),
        (now + 34 * hour, now + 35 * hour),
        (now + 47 * hour, now + 48 * hour),
    )
    always, never = shops.planned
    assert (always.open, always.closes_at, always.opens_at) == (True, None, None)
    assert (never.open, never.opens_at, shops.gaps) == (False, None, ())
    mine = rosters(story.parts, Actor("ann", Role.AGENT, ("care",)))
    assert [one.team for one in mine] == ["care"]


def test_a_team_without_shifts_has_no_gaps():
    story = Story()
    care, _ = rosters(story.parts, Actor("ada", Role.ADMIN))
    assert (care.planned, care.gaps, care.present) == ((), (), 1)
