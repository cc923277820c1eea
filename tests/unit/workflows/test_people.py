"""What people do: each change once, based on what they saw, and refused with a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Actor
from chalicelib.domain.agent import Presence, Role
from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.message import DeliveryState
from chalicelib.workflows import presence, read, stuck, wait
from chalicelib.workflows.answering.reply import note, reply, resend
from chalicelib.workflows.assign import assign_to, take
from chalicelib.workflows.change import Ask, Done, carry_out
from chalicelib.workflows.errors import (
    ConflictError,
    ForbiddenError,
    KeyReusedError,
    NotFoundError,
    NotNowError,
    RefusedError,
)
from chalicelib.workflows.networks import SendResult, SendState
from chalicelib.workflows.ports import BusyError, Commit, Query, StaleError
from chalicelib.workflows.resolve import reopen, resolve
from tests.unit.workflows.story import Story

FIRST, NEXT, RESOLUTION = (
    ClockName.FIRST_RESPONSE,
    ClockName.NEXT_RESPONSE,
    ClockName.RESOLUTION,
)


def assigned() -> Story:
    story = Story()
    story.writes()
    story.loop.rest()
    return story


Change = Callable[[Story, Ask], Done]
CHANGES: dict[str, Change] = {
    "reply": lambda story, ask: reply(story.parts, ask, "Hello"),
    "note": lambda story, ask: note(story.parts, ask, "Call her"),
    "take": lambda story, ask: take(story.parts, ask),
    "wait": lambda story, ask: wait.wait(story.parts, ask, "customer", "asked for the number"),
    "snooze": lambda story, ask: wait.snooze(story.parts, ask, story.at(hours=1)),
    "resolve": lambda story, ask: resolve(story.parts, ask, "answered"),
    "restart": lambda story, ask: stuck.restart(story.parts, ask),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_asked_twice_is_made_once(change):
    story = assigned()
    ask = story.ask(key="k")
    first = change(story, ask)
    assert not first.repeated
    assert first.conversation == story.conversation
    again = change(story, ask)
    newer = change(story, replace(ask, version=story.conversation.version))
    assert again.repeated
    assert newer.repeated
    assert story.conversation == first.conversation
    assert (again.message, newer.message) == (first.message, first.message)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_based_on_an_older_version_is_refused_with_the_newer_state(change):
    story = assigned()
    ask = story.ask()
    story.writes("And another thing")
    with pytest.raises(ConflictError) as refused:
        change(story, ask)
    assert refused.value.conversation == story.conversation
    assert story.conversation.messages == 2


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nobody_else_sees_the_conversation_at_all(change):
    story = assigned()
    stranger = Actor("sam", Role.LEAD, ("shop",))
    with pytest.raises(NotFoundError):
        change(story, replace(story.ask(), actor=stranger))
    with pytest.raises(NotFoundError):
        change(story, replace(story.ask(), conversation_id="gone"))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_two_at_once_with_one_key_are_one(change):
    story = assigned()
    ask = story.ask(key="k")
    done: list[Done] = []

    def faster(_: Commit) -> None:
        if not done:
            done.append(None)
            done[0] = change(story, ask)

    story.store.before_commit.append(faster)
    second = change(story, ask)
    assert second.repeated
    assert second.conversation == done[0].conversation
    assert second.message == done[0].message


def test_a_key_for_something_else_is_refused():
    story = assigned()
    ask = story.ask(key="k")
    reply(story.parts, ask, "Hello")
    newest = replace(ask, version=story.conversation.version)
    for other in (ask, newest):
        with pytest.raises(KeyReusedError):
            reply(story.parts, other, "Good-bye")
        with pytest.raises(KeyReusedError):
            resolve(story.parts, other, "answered")
        with pytest.raises(KeyReusedError):
            reply(story.parts, replace(other, actor=Actor("bea", Role.AGENT, ("care",))), "Hello")
    assert story.conversation.messages == 2


def test_a_key_whose_record_has_expired_still_sends_nothing_twice():
    story = assigned()
    ask = story.ask(key="k")
    first = reply(story.parts, ask, "Hello")
    story.store.requests.clear()
    newest = replace(ask, version=story.conversation.version)
    assert reply(story.parts, newest, "Hello") == Done(story.conversation, first.message, True)
    with pytest.raises(KeyReusedError):
        reply(story.parts, newest, "Good-bye")


def test_a_change_that_somebody_else_keeps_beating_is_left_for_later():
    story = assigned()
    story.store.before_commit.append(lambda _: (_ for _ in ()).throw(StaleError("x")))
    with pytest.raises(BusyError):
        note(story.parts, story.ask(), "Call her")


def test_a_change_is_of_a_conversation():
    story = assigned()
    with pytest.raises(ValueError, match="conversation"):
        carry_out(story.parts, story.ask(), ("odd",), lambda _: (Commit(), None))


# Assigning.


def test_handing_over_moves_the_load():
    story = assigned()
    story.joins("bea")
    done = assign_to(story.parts, story.ask(), "bea")
    assert done.conversation.case.assignee == "bea"
    assert {a.id: a.load for a in story.store.people.values()} == {"ann": 0, "bea": 70}
    take(story.parts, story.ask("bea"))
    assert story.store.people["bea"].load == 70


def test_an_agent_may_be_given_more_than_the_capacity_by_hand():
    story = Story(agents=())
    story.joins("bea", presence=Presence.AWAY, capacity=0)
    story.writes()
    story.loop.rest()
    assert story.case.status is Status.QUEUED
    assign_to(story.parts, story.ask(), "bea")
    assert story.store.people["bea"].load == 70
    assert story.clock(ClockName.ASSIGN).outcome is Outcome.MET


def test_who_may_not_be_given_a_case():
    story = assigned()
    story.store.agents.save(replace(story.store.people["ann"], id="sam", teams=("shop",), rev=0))
    with pytest.raises(NotFoundError) as unknown:
        assign_to(story.parts, story.ask(), "nobody")
    assert unknown.value.code == "no_such_agent"
    with pytest.raises(NotNowError) as other:
        assign_to(story.parts, story.ask(), "sam")
    assert other.value.code == "not_of_team"
    story.resolves()
    with pytest.raises(NotNowError) as closed:
        assign_to(story.parts, story.ask(), "ann")
    assert (closed.value.code, closed.value.instead) == ("not_open", ("reopen",))


# Replying.


def test_whoever_answers_a_case_that_nobody_has_takes_it():
    story = Story(agents=())
    story.joins("bea", presence=Presence.AWAY)
    story.writes()
    story.loop.rest()
    story.replies(who="bea")
    story.loop.rest()
    assert (story.case.assignee, story.case.status) == ("bea", Status.RESPONDED)
    assert story.store.people["bea"].load == 70


def test_an_admin_who_is_no_agent_answers_without_taking():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    admin = Actor("root", Role.ADMIN)
    done = reply(story.parts, replace(story.ask(), actor=admin), "Hello")
    story.loop.rest()
    assert done.message.author_name == "root"
    assert (story.case.assignee, story.case.status) == ("", Status.QUEUED)
    assert story.clock(FIRST).outcome is Outcome.MET


@pytest.mark.parametrize(
    ("text", "days", "code", "instead"),
    [
        ("x" * 2001, 0, "too_long", ("shorten it", "send it in parts")),
        (
            "Hello",
            8,
            "window_closed",
            ("Only words typed by a person may be sent, up to 7 days after.",),
        ),
    ],
)
def test_what_cannot_leave_is_refused_with_what_may_be_done(text, days, code, instead):
    story = assigned()
    story.parts.now.advance(days=days)
    with pytest.raises(NotNowError) as refused:
        story.replies(text)
    assert (refused.value.code, refused.value.instead) == (code, instead)
    assert story.conversation.messages == 1


def test_a_closed_window_without_a_way_out_offers_none():
    story = Story()
    able = story.parts.sender.able
    able[(Channel.MESSENGER, False)] = replace(able[(Channel.MESSENGER, False)], after_window="")
    story.loop.ingest(story.echo("Hello, Ana"))  # the customer has never written
    with pytest.raises(NotNowError) as refused:
        story.replies()
    assert refused.value.instead == ()


@pytest.mark.parametrize("change", [reply, note])
def test_no_words_are_no_message(change):
    story = assigned()
    with pytest.raises(RefusedError):
        change(story.parts, story.ask(), "  \n")


def test_a_note_stays_here_and_stops_no_clock():
    story = assigned()
    made = note(story.parts, story.ask(), "Call her").message
    story.loop.rest()
    assert (made.public, made.delivery) == (False, None)
    assert story.parts.sender.sent == []
    assert story.clock(FIRST).outcome is None
    with pytest.raises(RefusedError):
        note(story.parts, story.ask(), "x" * 10_001)


def test_a_reply_in_a_conversation_without_a_case_leaves_too():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana", message_id="n-1"))
    head = story.conversation
    story.store.heads[head.id] = replace(head, last_inbound_at=story.parts.now())
    message = story.replies("How can we help?")
    story.loop.rest()
    assert story.stored(message).delivery.state is DeliveryState.ACCEPTED
    assert story.conversation.case is None
    assert story.conversation.pending == ()
    assert [entry.kind for entry in story.log] == [EntryKind.REPLY_WRITTEN]


def test_a_failed_reply_is_really_sent_again():
    story = assigned()
    story.parts.sender.answers = [SendResult(SendState.FAILED, error_code="100")]
    message = story.replies()
    story.loop.rest()
    assert story.conversation.pending == ()
    again = resend(story.parts, story.ask(), message.id)
    assert (again.message.rounds, again.message.delivery.attempts) == (1, 0)
    assert [pending.message_id for pending in story.conversation.pending] == [message.id]
    story.loop.rest()
    assert story.stored(message).delivery.state is DeliveryState.ACCEPTED
    assert story.clock(FIRST).outcome is Outcome.MET
    assert len(story.parts.sender.sent) == 2
    with pytest.raises(NotNowError) as arrived:
        resend(story.parts, story.ask(), message.id)
    assert arrived.value.code == "not_failed"


def test_what_cannot_be_sent_again():
    story = assigned()
    noted = note(story.parts, story.ask(), "Call her").message
    story.loop.ingest(story.echo("Hi", message_id="n-1"))
    native = story.messages[-1]
    for message_id in ("gone", noted.id, story.messages[0].id, native.id):
        with pytest.raises(NotFoundError):
            resend(story.parts, story.ask(), message_id)


def test_a_customers_newer_message_stays_unanswered_by_a_reply_written_before_it():
    story = assigned()
    story.parts.sender.answers = [SendResult(SendState.RETRY, retry_after_seconds=60)]
    story.replies()
    story.loop.rest()
    asked = story.parts.now.advance(30)
    story.writes("And the second one?")
    story.loop.run(minutes=5)
    assert story.clock(FIRST).outcome is Outcome.MET
    assert story.case.asks == (asked,)
    assert (story.clock(NEXT).started_at, story.clock(NEXT).outcome) == (asked, None)
    assert story.case.status is Status.ASSIGNED


# Resolving and reopening.


def test_resolving_frees_the_agent_and_the_next_in_the_queue_gets_the_room():
    story = Story(agents=())
    story.joins("bea", capacity=100)
    story.writes()
    story.loop.rest()
    story.loop.ingest(story.comment())
    story.loop.rest()
    first, second = story.store.heads.values()
    assert (first.case.assignee, second.case.assignee) == ("bea", "")
    ask = Ask(Actor("bea", Role.AGENT, ("care",)), first.id, first.version, "k")
    resolve(story.parts, ask, "answered")
    story.loop.rest()
    assert story.store.heads[second.id].case.assignee == "bea"
    assert story.store.people["bea"].load == 100


def test_resolving_with_a_reply_on_its_way_keeps_the_promise_open_for_it():
    story = assigned()
    story.parts.now.advance(60)
    story.replies()
    story.resolves()
    assert story.clock(FIRST).outcome is None
    story.loop.rest()
    assert story.clock(FIRST).outcome is Outcome.MET
    assert (story.case.status, story.case.turns) == (Status.RESOLVED, 1)


def test_resolving_with_a_reply_on_its_way_that_fails_opens_the_case_again():
    story = assigned()
    story.parts.sender.answers = [SendResult(SendState.FAILED, error_code="551")]
    story.replies()
    story.resolves()
    story.loop.rest()
    assert (story.case.status, story.case.reopens) == (Status.ASSIGNED, 1)
    assert story.clock(FIRST).outcome is None
    assert story.store.people["ann"].load == 70


def test_a_customer_who_writes_before_the_last_reply_has_left_is_still_promised_the_first():
    story = assigned()
    story.replies()
    story.resolves()
    story.parts.now.advance(5)
    story.writes("It broke again")
    assert (story.case.open, story.clock(FIRST).outcome) == (True, None)
    assert story.case.clock(NEXT) is None
    story.loop.rest()
    assert story.clock(FIRST).outcome is Outcome.MET
    assert story.clock(NEXT).started_at == story.parts.now()


def test_resolving_without_an_answer_ends_the_promises_without_a_verdict():
    story = assigned()
    story.resolves(reason="spam")
    assert story.clock(FIRST).outcome is Outcome.CANCELLED
    assert story.clock(RESOLUTION).outcome is Outcome.MET
    assert story.case.resolution == "spam"


def test_resolving_with_a_reply_of_unknown_fate_does_not_wait_for_it():
    story = assigned()
    story.parts.sender.answers = [SendResult(SendState.UNKNOWN)]
    story.replies()
    story.loop.rest()
    story.resolves()
    assert story.clock(FIRST).outcome is Outcome.CANCELLED


def test_reasons_are_asked_for():
    story = assigned()
    for change in (resolve, reopen):
        with pytest.raises(RefusedError) as refused:
            change(story.parts, story.ask(), " ")
        assert refused.value.code == "no_reason"
    with pytest.raises(RefusedError):
        wait.wait(story.parts, story.ask(), "customer", "")
    with pytest.raises(RefusedError):
        wait.wait(story.parts, story.ask(), "godot", "he will come")


@pytest.mark.parametrize("days", [1, 5])
def test_a_case_may_be_reopened_by_hand_even_when_it_is_closed(days):
    story = assigned()
    story.replies()
    story.loop.rest()
    story.resolves()
    story.loop.run(days=days)
    reopen(story.parts, story.ask(), "the parcel came back")
    story.loop.rest()
    assert (story.case.status, story.case.assignee) == (Status.ASSIGNED, "ann")
    assert story.case.generation == (2 if days > 3 else 1)
    assert story.store.people["ann"].load == 70
    assert story.clock(RESOLUTION).outcome is None
    with pytest.raises(NotNowError):
        reopen(story.parts, story.ask(), "again")


def test_a_conversation_without_a_case_has_none_to_change():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana"))
    for change in (resolve, reopen):
        with pytest.raises(NotNowError):
            change(story.parts, story.ask(), "why")
    with pytest.raises(NotNowError):
        stuck.restart(story.parts, story.ask())


# Waiting.


def test_waiting_pauses_the_resolution_and_nothing_else():
    story = assigned()
    wait.wait(story.parts, story.ask(), "third_party", "the carrier looks for it")
    assert (story.case.status, story.case.waiting_reason) == (
        Status.WAITING_THIRD_PARTY,
        "the carrier looks for it",
    )
    paused = [clock.name for clock in story.case.clocks if clock.paused_at is not None]
    assert paused == [RESOLUTION]
    story.parts.now.advance(3600)
    wait.resume(story.parts, story.ask())
    assert (story.case.status, story.case.waiting_reason) == (Status.ASSIGNED, "")
    assert story.clock(RESOLUTION).due_at == story.at(hours=24)
    with pytest.raises(NotNowError) as not_waiting:
        wait.resume(story.parts, story.ask())
    assert not_waiting.value.code == "not_waiting"


def test_a_snooze_ends_by_itself_and_pauses_nothing():
    story = assigned()
    until = story.at(hours=2)
    wait.snooze(story.parts, story.ask(), until)
    assert all(clock.paused_at is None for clock in story.case.clocks)
    story.loop.run(hours=3)
    assert story.case.status is Status.ASSIGNED
    (ended,) = story.told(EntryKind.SNOOZE_ENDED)
    assert ended.at == until


def test_a_snooze_after_waiting_lets_the_resolution_run():
    story = assigned()
    wait.wait(story.parts, story.ask(), "customer", "asked")
    wait.snooze(story.parts, story.ask(), story.at(hours=1))
    assert story.clock(RESOLUTION).paused_at is None
    wait.wait(story.parts, story.ask(), "customer", "asked again")
    assert (story.case.status, story.case.snoozed_until) == (Status.WAITING_CUSTOMER, None)


@pytest.mark.parametrize("until", [timedelta(0), timedelta(days=91)])
def test_a_snooze_is_into_the_near_future(until):
    story = assigned()
    with pytest.raises(RefusedError) as refused:
        wait.snooze(story.parts, story.ask(), story.parts.now() + until)
    assert refused.value.code == "bad_time"


def test_a_snooze_asked_again_after_it_ended_is_still_answered():
    story = assigned()
    ask, until = story.ask(key="k"), story.at(minutes=1)
    wait.snooze(story.parts, ask, until)
    story.loop.run(minutes=5)
    assert wait.snooze(story.parts, ask, until).repeated
    newest = replace(ask, version=story.conversation.version)
    assert wait.snooze(story.parts, newest, until).repeated


def test_a_case_nobody_has_looks_for_an_agent_again_when_its_waiting_ends():
    story = Story(agents=())
    story.writes()
    story.loop.rest()
    wait.wait(story.parts, story.ask(), "customer", "asked")
    story.joins("bea")
    story.loop.rest()
    assert story.case.assignee == ""  # put aside, so nobody is given it
    wait.resume(story.parts, story.ask())
    story.loop.rest()
    assert (story.case.assignee, story.case.status) == ("bea", Status.ASSIGNED)


def test_a_case_that_is_put_aside_stays_so_when_it_is_handed_over():
    story = assigned()
    story.joins("bea")
    wait.wait(story.parts, story.ask(), "customer", "asked")
    assign_to(story.parts, story.ask(), "bea")
    assert story.case.status is Status.WAITING_CUSTOMER
    story.replies("Any news?", who="bea")
    story.loop.rest()
    assert story.case.status is Status.WAITING_CUSTOMER


# Presence and reading.


def test_presence_is_declared_by_agents_only():
    story = assigned()
    agent = presence.declare(story.parts, Actor("ann", Role.AGENT), Presence.AWAY)
    assert (agent.presence, agent.presence_at) == (Presence.AWAY, story.parts.now())
    with pytest.raises(NotFoundError):
        presence.declare(story.parts, Actor("nobody", Role.ADMIN), Presence.PRESENT)


def test_reading_is_for_the_team_and_for_admins():
    story = assigned()
    here, other, admin = (
        Actor("ann", Role.AGENT, ("care",)),
        Actor("sam", Role.LEAD, ("shop",)),
        Actor("root", Role.ADMIN),
    )
    found = story.conversation
    for actor in (here, admin):
        assert read.conversation(story.parts, actor, found.id) == found
        assert read.open_cases(story.parts, actor, Query(team="care")).rows == (found,)
        contact, identities, page = read.contact(story.parts, actor, found.contact_id, 10)
        assert (contact.name, identities[0].ref, page.rows) == ("Ana Customer", "ana", (found,))
    with pytest.raises(NotFoundError):
        read.conversation(story.parts, other, found.id)
    with pytest.raises(ForbiddenError):
        read.open_cases(story.parts, other, Query(team="care"))
    assert read.open_cases(story.parts, other, Query(assignee="ann")).rows == ()
    for contact_id in (found.contact_id, "gone"):
        with pytest.raises(NotFoundError):
            read.contact(story.parts, other, contact_id, 10)


def test_a_conversation_without_a_case_belongs_to_its_handles_team():
    story = Story()
    story.loop.ingest(story.echo("Hello, Ana"))
    here = Actor("ann", Role.AGENT, ("care",))
    assert read.conversation(story.parts, here, story.conversation.id) == story.conversation
    head = story.conversation
    story.store.heads[head.id] = replace(head, handle="gone")
    with pytest.raises(NotFoundError):
        read.conversation(story.parts, here, head.id)


def test_a_cursor_shows_nobody_a_contact_of_another_team():
    story = assigned()
    for number in range(3):
        story.loop.ingest(story.comment(post_id=f"post-{number}"))
    here, other = Actor("ann", Role.AGENT, ("care",)), Actor("sam", Role.LEAD, ("shop",))
    commenter = next(head for head in story.store.heads.values() if head.public).contact_id
    first = read.contact(story.parts, here, commenter, 2)[2]
    rest = read.contact(story.parts, here, commenter, 2, first.cursor)[2]
    assert len({row.id for row in (*first.rows, *rest.rows)}) == 3
    with pytest.raises(NotFoundError):
        read.contact(story.parts, other, commenter, 2, first.cursor)
