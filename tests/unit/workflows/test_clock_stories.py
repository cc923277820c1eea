"""Clocks in stories that go wrong in between: what was promised, and when it is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agent import Agent
from chalicelib.domain.alert import Severity
from chalicelib.domain.climbing import Standing
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.crew import Crew
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.fold import Terms
from chalicelib.domain.ladder import Ladder, Medium, Paging, Rung
from chalicelib.domain.page import Member, Page
from chalicelib.domain.policy import Target, Team
from chalicelib.domain.replay import View, replay
from chalicelib.domain.rungs import View as PageView
from chalicelib.domain.rungs import reach
from chalicelib.workflows import qualify
from chalicelib.workflows.answering import outbox
from chalicelib.workflows.answering.outbox import Order
from chalicelib.workflows.networks import SendResult, SendState
from tests.fakes.outside import BEGINNING
from tests.fakes.trail import CrashError
from tests.unit.domain.recorded import clock_events
from tests.unit.workflows.story import POLICY, Story

FIRST, NEXT, FOLLOW_UP = ClockName.FIRST_RESPONSE, ClockName.NEXT_RESPONSE, ClockName.FOLLOW_UP
HOUR = timedelta(hours=1)
URGENT = replace(POLICY, targets=(*POLICY.targets, Target(FIRST, 7200, priority="low")))


def begun(policy=POLICY) -> Story:
    """A customer has written, and a minute has passed."""
    story = Story(policy)
    story.writes(message_id="m-1")
    story.loop.rest()
    story.parts.now.advance(60)
    return story


def breaches(story: Story, name: ClockName):
    return [entry for entry in story.told(EntryKind.DEADLINE_BREACHED) if entry.clock is name]


def replays(story: Story) -> bool:
    """Return whether the log, replayed, gives the clocks and their events once more."""
    view = View(lambda _: Terms(POLICY, POLICY.handles[0], public=False))
    found = replay(story.log, view)
    again = sorted(map(str, clock_events(found.fold.entries)))
    stood = {(clock.name, clock.seq): clock for clock in found.clocks}
    same = all(stood[clock.name, clock.seq] == clock for clock in story.case.clocks)
    return same and again == sorted(map(str, clock_events(story.log)))


# What a reply answers.


def crossing(story: Story) -> None:
    """Let a question be sent, a reply be written, the question be stored, and the reply leave."""
    question = story.message("And the other one?", message_id="m-2")
    story.parts.now.advance(3)
    story.replies()
    story.parts.now.advance(2)
    story.loop.ingest(question)
    story.parts.now.advance(3)
    story.loop.rest()


def test_a_question_that_was_stored_after_a_reply_was_written_is_not_answered_by_it():
    story = begun()
    sent_at = story.parts.now()
    crossing(story)
    assert story.clock(FIRST).outcome is Outcome.MET
    assert story.case.asks == (sent_at,)
    assert (story.clock(NEXT).started_at, story.clock(NEXT).outcome) == (sent_at, None)
    (told,) = story.told(EntryKind.REPLY_SENT)
    assert told.inputs["unseen"] == sent_at.isoformat()
    assert replays(story)
    story.replies()
    story.loop.rest()
    assert (story.case.asks, story.clock(NEXT).outcome) == ((), Outcome.MET)
    assert replays(story)


def test_a_further_reply_does_not_keep_the_promise_of_a_question_that_it_could_not_see():
    story = begun()
    story.replies()
    story.loop.rest()
    story.parts.now.advance(600)
    sent_at = story.parts.now()
    crossing(story)
    assert story.case.asks == (sent_at,)
    assert (story.clock(NEXT).started_at, story.clock(NEXT).outcome) == (sent_at, None)
    assert story.clock(NEXT).seq == 1  # the same promise goes on: nothing has kept it
    assert replays(story)
    story.loop.run(minutes=61)
    assert [breach.at for breach in breaches(story, NEXT)] == [sent_at + HOUR]


def test_what_a_lost_reply_had_answered_was_seen_by_whoever_wrote_later():
    story = begun()
    first = story.replies()
    story.loop.rest()
    story.parts.now.advance(300)
    assert story.replies("Anything else?").seen == (BEGINNING,)
    assert story.stored(first).seen == (BEGINNING,)
    story.loop.rest()
    assert "unseen" not in story.told(EntryKind.REPLY_SENT)[1].inputs


# What still runs after resolving.


def test_a_reply_of_unknown_fate_keeps_its_clock_watched_after_resolving():
    story = begun()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN)]
    story.replies()
    story.resolves()
    story.loop.rest()
    due = story.clock(FIRST).due_at
    assert story.case.delayed
    story.loop.run(minutes=61)
    assert [breach.at for breach in breaches(story, FIRST)] == [due]
    assert any(one.clock == FIRST for one in story.parts.alerts.announced)
    assert replays(story)


def test_so_does_one_whose_process_died_after_sending(monkeypatch):
    def dies(_):
        raise CrashError

    story = begun()
    message = story.replies()
    order = Order(message.conversation_id, message.id, message.rounds)
    with monkeypatch.context() as broken:
        broken.setattr(story.parts.sender, "send", dies)
        with pytest.raises(CrashError):
            outbox.deliver(story.parts, order)
    story.resolves()
    story.loop.run(minutes=61)
    assert len(breaches(story, FIRST)) == 1


def test_so_does_one_that_is_tried_again_and_again():
    story = begun()
    busy = SendResult(SendState.RETRY, retry_after_seconds=5000)
    story.parts.sender.answers = [busy]
    story.replies()
    story.resolves()
    story.loop.run(minutes=61)
    assert len(breaches(story, FIRST)) == 1
    story.loop.run(minutes=60)
    assert story.clock(FIRST).outcome is Outcome.BREACHED


def test_a_survey_of_unknown_fate_keeps_the_follow_up_watched():
    story = begun()
    story.replies()
    story.loop.rest()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN)]
    story.resolves()
    due = story.clock(FOLLOW_UP).due_at
    story.loop.run(hours=48, minutes=1)
    assert [breach.at for breach in breaches(story, FOLLOW_UP)] == [due]


def test_an_ordinary_case_looks_no_more_often_for_it():
    story = begun()
    story.replies()
    story.resolves()
    story.loop.run(days=4)
    visited = ["Assign", "Respond", "Route", "FollowUp", "Survey", "Close"]
    assert story.loop.states() == visited
    assert not story.case.delayed


# Clocks that are decided anew.


def test_a_clock_that_ran_out_before_the_machine_looked_is_superseded_as_breached():
    story = begun(URGENT)
    due = story.clock(FIRST).due_at
    story.parts.now.advance(3600)
    qualify.prioritise(story.parts, story.ask(), "low")
    assert [breach.at for breach in breaches(story, FIRST)] == [due]
    (old,) = [e for e in story.told(EntryKind.CLOCK_SUPERSEDED) if e.clock is FIRST]
    assert old.value == "breached"
    assert story.clock(FIRST).breached_at is None


def test_a_breach_that_an_older_message_brings_forward_is_told_anew():
    story = Story()
    old = story.message("First of all", message_id="m-0")
    story.parts.now.advance(600)
    story.writes(message_id="m-1")
    story.loop.run(minutes=61)
    (before,) = breaches(story, FIRST)
    story.loop.ingest(replace(old, received_at=story.parts.now()))
    story.loop.rest()
    assert [e.seq for e in story.told(EntryKind.BREACH_WITHDRAWN)] == [1]
    assert [e.at for e in breaches(story, FIRST)] == [before.at, old.occurred_at + HOUR]
    assert story.clock(FIRST).breached_at == old.occurred_at + HOUR
    assert replays(story)


# Who is told first.


def holders(clock: ClockName, lead: str = "lou") -> list[str]:
    """Return whom the first rung reaches for a warning of this clock in ann's case."""
    agents = {name: Agent(name, name, teams=("care",)) for name in ("ann", "lou")}
    rungs = (Rung(0, ("assignee",), (Medium.IN_APP,)),)
    facts = {"severity": Severity.WARNING, "handle": "acme-dm", "channel": "messenger"}
    one = Member("k", "c", 1, clock.value, due_at=BEGINNING, said="", percent=75, **facts)
    page = Page("p", "care/warning", "care", "usual", "v1", Severity.WARNING, BEGINNING, BEGINNING)
    crew = Crew(Team("care", lead=lead), agents, Paging())
    view = PageView(page, Ladder("usual", rungs), (Standing(one, "ann"),), crew, BEGINNING, {})
    return [found.to for found in reach(view, 0)]


def test_what_waits_for_approval_is_told_to_the_lead_first():
    assert holders(ClockName.APPROVE) == ["lou"]
    assert holders(ClockName.APPROVE, lead="") == ["ann"]
    assert holders(FIRST) == ["ann"]
