"""Rules, told as stories: time and events set them off, and each firing is done once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Capabilities, Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import MACHINE, EntryKind
from chalicelib.domain.message import DeliveryState, Direction
from chalicelib.domain.page import What, queue
from chalicelib.domain.policy import Target
from chalicelib.domain.rule import Trigger
from chalicelib.workflows import wait
from chalicelib.workflows.rules.react import react
from tests.unit.workflows.ruled import (
    DAY,
    HOUR,
    MINUTE,
    Ruled,
    moved,
    received,
    rule,
    when,
)
from tests.unit.workflows.story import POLICY


def waiting(story: Ruled) -> None:
    """Let an agent answer and wait for the customer."""
    story.replies()
    story.loop.rest()
    wait.wait(story.parts, story.ask(), "customer", "needs a photo")
    story.loop.rest()


def test_a_time_rule_fires_to_the_second_at_its_own_instant():
    story = Ruled(rule("slow", ("label", "slow"), status=Status.ASSIGNED, after_seconds=600))
    story.hears()
    began = story.case.status_since
    story.loop.run(seconds=599)
    assert story.fired == []
    story.loop.run(seconds=30)
    (fired,) = story.fired
    assert fired.at == began + timedelta(seconds=600)
    assert (fired.rule, fired.depth, fired.policy_version) == ("slow", 1, "v1")
    assert fired.inputs["status"] == "assigned"
    assert fired.inputs["since"] == began.isoformat()
    assert story.case.labels == ("slow",)
    story.loop.run(days=2)
    assert len(story.fired) == 1


def test_a_rule_fires_once_in_each_stretch_and_again_in_the_next():
    story = Ruled(rule("slow", ("label", "slow"), status=Status.ASSIGNED, after_seconds=600))
    story.hears()
    story.loop.run(minutes=11)
    story.replies()
    story.loop.run(minutes=5)
    story.hears("And now?")
    story.loop.run(minutes=9)
    assert len(story.fired) == 1
    story.loop.run(minutes=2)
    assert len(story.fired) == 2


def test_a_repeated_rule_fires_again_and_again_while_the_status_lasts():
    note = ("note", "Nobody has answered {name} yet.")
    story = Ruled(
        rule("remind", note, status=Status.ASSIGNED, after_seconds=HOUR, repeat_seconds=1800)
    )
    story.hears()
    story.loop.run(hours=2, minutes=10)
    assert [one.text for one in story.said(Direction.NOTE)] == [
        "Nobody has answered Ana Customer yet."
    ] * 3
    gaps = [b.at - a.at for a, b in zip(story.fired, story.fired[1:], strict=False)]
    assert gaps == [timedelta(minutes=30)] * 2


def test_a_silent_customer_is_reminded_and_then_the_case_is_resolved():
    story = Ruled(
        rule(
            "remind",
            ("reply", "Hello {name}, do you still need {handle}?"),
            status=Status.WAITING_CUSTOMER,
            after_seconds=2 * HOUR,
        ),
        rule(
            "silent",
            ("close", "closed for silence"),
            status=Status.WAITING_CUSTOMER,
            after_seconds=8 * HOUR,
        ),
    )
    story.hears()
    waiting(story)
    story.loop.run(hours=3)
    assert story.sent()[-1] == "Hello Ana Customer, do you still need Acme?"
    story.loop.run(hours=6)
    assert story.case.status is Status.RESOLVED
    assert (story.case.resolved_by, story.case.resolution) == (MACHINE, "closed for silence")
    (resolved,) = story.told(EntryKind.CASE_RESOLVED)
    assert (resolved.actor, resolved.rule, resolved.depth) == (MACHINE, "silent", 1)
    assert story.store.people["ann"].load == 0


def test_a_customer_who_writes_ends_the_wait_of_a_rule():
    story = Ruled(
        rule("silent", ("close", "silence"), status=Status.WAITING_CUSTOMER, after_seconds=HOUR)
    )
    story.hears()
    waiting(story)
    story.loop.run(minutes=59)
    story.hears("Here is the photo.")
    story.loop.run(days=1)
    assert story.fired == []
    assert story.case.open


def test_a_resolved_case_may_be_closed_before_its_reopen_window_is_over():
    story = Ruled(rule("done", ("close", "over"), status=Status.RESOLVED, after_seconds=HOUR))
    story.hears()
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(hours=2)
    assert story.case.status is Status.CLOSED
    (closed,) = story.told(EntryKind.CASE_CLOSED)
    assert (closed.rule, closed.reason) == ("done", "over")
    assert (story.conversation.id, 1) in story.store.snapshots
    assert list(story.loop.ended.values()) == ["Done"]


def test_rules_go_on_after_the_survey_was_sent():
    story = Ruled(rule("late", ("label", "quiet"), status=Status.FOLLOW_UP, after_seconds=HOUR))
    story.hears()
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(days=4)
    assert story.case.labels == ("quiet",)
    assert len(story.fired) == 1
    assert story.case.status is Status.CLOSED


def test_a_reply_of_a_rule_stops_no_clock_and_answers_nobody():
    story = Ruled(received("hello", ("reply", "We got it, {name}.")))
    story.hears()
    assert story.sent() == ["We got it, Ana Customer."]
    (reply,) = story.said(Direction.OUTBOUND)
    assert (reply.author_id, reply.delivery.state) == (MACHINE, DeliveryState.ACCEPTED)
    assert story.clock(ClockName.FIRST_RESPONSE).outcome is None
    assert story.case.asks
    assert not story.case.replies
    story.loop.run(hours=2)
    assert story.told(EntryKind.DEADLINE_BREACHED)


HUMAN = ClockName.FIRST_RESPONSE_HUMAN
PEOPLE = {"targets": (*POLICY.targets, Target(HUMAN, 900))}


def human(story: Ruled) -> list[tuple[int, float, Outcome | None]]:
    """Return what a person's first answer was promised: number, start in seconds, outcome."""
    began = story.case.opened_at
    return [
        (one.seq, (one.started_at - began).total_seconds(), one.outcome)
        for one in story.case.clocks
        if one.name is HUMAN
    ]


def test_the_first_reply_of_a_rule_hands_the_case_over_to_people_and_later_ones_do_not():
    later = [
        rule(f"late-{minutes}", ("reply", text), status=Status.ASSIGNED, after_seconds=60 * minutes)
        for minutes, text in ((5, "We look into it."), (10, "We still do."))
    ]
    story = Ruled(*later, **PEOPLE)
    story.hears()
    story.loop.run(minutes=19)
    (handed,) = story.told(EntryKind.HANDED_OVER)
    assert (handed.rule, handed.depth, handed.at) == ("late-5", 1, story.fired[0].at)
    assert human(story) == [(1, 0.0, Outcome.CANCELLED), (2, 300.0, None)]
    assert story.sent() == ["We look into it.", "We still do."]
    story.loop.run(minutes=2)
    (breach,) = [one for one in story.told(EntryKind.DEADLINE_BREACHED) if one.clock == HUMAN]
    assert (breach.at - story.case.opened_at).total_seconds() == 1200


def test_a_reply_of_a_rule_after_the_promise_was_broken_mends_nothing():
    story = Ruled(
        rule("late", ("reply", "Sorry!"), status=Status.ASSIGNED, after_seconds=1200), **PEOPLE
    )
    story.hears()
    story.loop.run(minutes=30)
    assert story.sent() == ["Sorry!"]
    assert story.told(EntryKind.HANDED_OVER) == []
    assert human(story) == [(1, 0.0, None)]


def test_a_reply_of_a_rule_that_may_not_leave_hands_nothing_over():
    story = Ruled(received("hello", ("reply", "x" * 5000)), **PEOPLE)
    story.hears()
    assert [one.value for one in story.skipped] == ["reply"]
    assert story.told(EntryKind.HANDED_OVER) == []


@pytest.mark.parametrize(
    ("rules", "text", "wanted"),
    [
        (("refund",), "I want a REFUND now", 1),
        (("refund",), "Is it refundable?", 0),
        (("não",), "NAO!", 1),
    ],
)
def test_words_set_a_rule_off(rules, text, wanted):
    story = Ruled(received("words", ("label", "money"), when=when(words=rules)))
    story.hears(text)
    assert len(story.fired) == wanted
    assert story.case.labels == ("money",) * wanted
    if wanted:
        assert story.fired[0].inputs["word"] == rules[0]


def test_every_message_sets_a_rule_off_once_however_often_it_is_told():
    story = Ruled(received("count", ("note", "one more")))
    story.hears()
    story.hears("And?")
    for record in list(story.store.logs[story.conversation.id]):
        kinds = {one.kind for one in story.store.logs[story.conversation.id][record]}
        react(story.parts, story.conversation.id, record, kinds, "v1")
    assert len(story.fired) == 2
    assert len(story.said(Direction.NOTE)) == 2


def test_a_low_score_sets_a_rule_off_on_the_reopened_case():
    story = Ruled(
        rule(
            "unhappy",
            ("label", "unhappy"),
            ("priority", "high"),
            on=Trigger.SCORE_RECEIVED,
            when=when(score_at_most=2),
        )
    )
    story.hears()
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(hours=23, minutes=50)
    story.hears("1 Terrible")
    assert story.case.labels == ("unhappy",)
    assert story.case.priority == "high"
    assert story.fired[0].inputs["score"] == "1"


def test_a_change_of_status_sets_a_rule_off():
    story = Ruled(
        moved("resolved", ("label", "was-resolved"), to_status=Status.RESOLVED),
        moved("any", ("label", "moved")),
    )
    story.hears()
    assert story.case.labels == ("moved",)
    story.resolves()
    story.loop.rest()
    assert story.case.labels == ("moved", "was-resolved")


def test_a_rule_gives_a_case_to_a_named_agent_and_moves_the_load():
    story = Ruled(
        received("vip", ("assign", "bea"), when=when(words=("boss",))), agents=("ann", "bea")
    )
    story.hears("I want your boss")
    assert story.case.assignee == "bea"
    assert story.store.people["ann"].load == 0
    assert story.store.people["bea"].load == story.case.weight


def test_a_rule_that_names_somebody_else_is_noted_and_no_more():
    story = Ruled(received("vip", ("assign", "zoe")))
    story.hears()
    (skipped,) = story.skipped
    assert (skipped.value, skipped.rule) == ("assign", "vip")
    assert story.case.assignee == "ann"


def test_a_rule_lets_routing_look_for_somebody_else():
    story = Ruled(
        rule("slow", ("assign", ""), status=Status.ASSIGNED, after_seconds=HOUR),
        agents=("ann", "bea"),
    )
    story.hears()
    first = story.case.assignee
    story.loop.run(hours=1, minutes=1)
    assert {first, story.case.assignee} == {"ann", "bea"}
    assert len(story.told(EntryKind.CASE_ASSIGNED)) == 2


def test_a_rule_that_names_an_endpoint_tells_it_whatever_it_asks_for():
    story = Ruled(received("tell", ("webhook", "erp")))
    story.hears()
    (event,) = [json.loads(body) for _, _, body in map(told, story.parts.hook_sender.delivered)]
    assert event["type"] == "rule.fired"
    assert event["data"]["rule"] == "tell"


def told(delivered):
    return delivered[0], delivered[2], delivered[3]


def test_a_rule_snoozes_and_the_case_comes_back():
    story = Ruled(received("later", ("snooze", str(HOUR)), when=when(words=("tomorrow",))))
    story.hears("Call me tomorrow")
    assert story.case.status is Status.SNOOZED
    story.loop.run(hours=1, minutes=1)
    assert story.case.status is Status.ASSIGNED


def test_outside_the_window_a_reply_is_noted_and_not_tried_again():
    story = Ruled(
        rule("remind", ("reply", "Still there?"), status=Status.ASSIGNED, after_seconds=2 * DAY)
    )
    story.parts.sender.able[(Channel.MESSENGER, False)] = Capabilities(
        2000, window_seconds=DAY, human_window_seconds=7 * DAY
    )
    story.hears()
    story.loop.run(days=3)
    (skipped,) = story.skipped
    assert skipped.reason.startswith("window_closed")
    assert story.sent() == []
    assert len(story.fired) == 1


def test_a_customer_who_opted_out_gets_no_reply_of_a_rule():
    story = Ruled(received("hello", ("reply", "Hello!")))
    story.hears()
    head = story.conversation
    story.store.heads[head.id] = replace(head, opted_out_at=story.parts.now())
    story.hears("Anybody?")
    assert [one.reason.split(":")[0] for one in story.skipped] == ["opted_out"]


def test_an_automatic_message_gets_no_automatic_answer():
    story = Ruled(received("hello", ("reply", "Hello!"), ("label", "seen")))
    story.hears()
    story.hears("I am away until Monday.", automatic=True)
    assert len(story.sent()) == 1
    assert story.case.labels == ("seen",)


def test_rules_that_undo_each_other_end_and_are_counted():
    story = Ruled(
        moved("a", ("snooze", "15"), to_status=Status.ASSIGNED),
        moved("b", ("label", "x"), to_status=Status.SNOOZED),
    )
    story.hears()
    story.loop.run(days=1)
    assert [(one.rule, one.depth) for one in story.fired] == [
        ("a", 1),
        ("b", 2),
        ("a", 2),
        ("b", 3),
        ("a", 3),
    ]
    assert [(one.rule, one.depth) for one in story.cut] == [("b", 4), ("a", 4)]
    assert {one.reason for one in story.cut} == {"rules led to one another"}
    assert story.parts.meter.total("RuleCut") == 2
    assert story.case.status is Status.ASSIGNED


def test_a_storm_of_messages_fires_twenty_times_an_hour_and_says_so_once():
    story = Ruled(received("count", ("note", "one more")))
    for _ in range(30):
        story.hears("again")
        story.parts.now.set(story.at(seconds=10))
    assert len(story.fired) == 20
    assert [one.reason for one in story.cut] == ["too many firings within an hour"]
    story.loop.run(hours=2)
    story.hears("again")
    assert len(story.fired) == 21


def test_a_rule_judges_the_case_as_the_rules_before_it_left_it():
    story = Ruled(
        received("first", ("label", "seen")),
        received("second", ("priority", "low"), when=when(without_labels=("seen",))),
        received("third", ("priority", "high"), when=when(labels=("seen",))),
    )
    story.hears()
    assert [one.rule for one in story.fired] == ["first", "third"]
    assert story.case.priority == "high"


def test_a_new_priority_gives_the_clocks_their_other_targets():
    story = Ruled(
        received("urgent", ("priority", "high"), when=when(words=("urgent",))),
        targets=(*POLICY.targets, Target(ClockName.FIRST_RESPONSE, 600, priority="high")),
    )
    story.hears("urgent!")
    first = story.clock(ClockName.FIRST_RESPONSE)
    assert first.outcome is None
    assert first.target_seconds == 600
    old = next(c for c in story.case.clocks if c.outcome is Outcome.SUPERSEDED)
    assert old.target_seconds == HOUR


def test_a_rule_that_is_switched_off_does_nothing():
    story = Ruled(
        received("off", ("label", "x"), enabled=False),
        rule("off2", ("label", "y"), status=Status.ASSIGNED, after_seconds=MINUTE, enabled=False),
    )
    story.hears()
    story.loop.run(hours=1)
    assert story.case.labels == ()


def test_conditions_that_hold_later_make_the_rule_due_then():
    story = Ruled(
        received("mark", ("label", "vip"), when=when(words=("boss",))),
        rule(
            "late",
            ("label", "late"),
            status=Status.ASSIGNED,
            after_seconds=MINUTE,
            repeat_seconds=MINUTE,
            when=when(labels=("vip",)),
        ),
    )
    story.hears()
    story.loop.run(minutes=5, seconds=30)
    assert story.case.labels == ()
    story.hears("I am the boss")
    assert story.case.labels == ("late", "vip")
    at = story.parts.now()
    assert [one.at for one in story.fired if one.rule == "late"] == [at]
    story.loop.run(seconds=40)
    assert len([one for one in story.fired if one.rule == "late"]) == 2


def test_whom_a_rule_names_is_told_on_a_page_of_their_own():
    story = Ruled(
        rule("late", ("notify", "lead"), status=Status.ASSIGNED, after_seconds=HOUR),
        rule("still", ("label", "x"), status=Status.ASSIGNED, after_seconds=HOUR),
    )
    story.hears()
    story.loop.run(hours=1)
    page = story.parts.pages.current(queue("care", What.NOTICE, "lead"))
    assert page is not None
    assert [one.said for one in story.parts.pages.members(page.id, 10)] == ["rule late"]


def test_a_reply_of_a_rule_that_waited_into_the_time_of_people_does_not_leave():
    story = Ruled(received("hello", ("reply", "We got it.")))
    story.parts.sender.able[(Channel.MESSENGER, False)] = Capabilities(
        2000, window_seconds=DAY, human_window_seconds=7 * DAY
    )
    story.writes()
    take = story.parts.outbox.take
    story.parts.outbox.take = list
    story.loop.rest()
    story.parts.outbox.take = take
    story.parts.now.set(story.at(days=2))
    story.loop.rest()
    (reply,) = story.said(Direction.OUTBOUND)
    assert (reply.delivery.state, reply.delivery.error_code) == (
        DeliveryState.FAILED,
        "window_closed",
    )
    assert story.sent() == []
