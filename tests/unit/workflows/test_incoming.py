"""What a customer says is stored once, in the right conversation, and moves the right case."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.clock import ClockName, Outcome
from chalicelib.domain.contact import Identity
from chalicelib.domain.entry import EntryKind
from chalicelib.domain.event import Attachment, EventKind, Person
from chalicelib.domain.policy import Target
from chalicelib.workflows.intake import receive
from chalicelib.workflows.ports import BusyError, Commit, StaleError
from tests.unit.workflows.story import ANA, NUMBER, POLICY, Story

ASSIGN, FIRST, NEXT, RESOLUTION = (
    ClockName.ASSIGN,
    ClockName.FIRST_RESPONSE,
    ClockName.NEXT_RESPONSE,
    ClockName.RESOLUTION,
)


def test_a_message_that_comes_again_changes_nothing():
    story = Story()
    event = story.message()
    assert story.loop.ingest(event) == "stored"
    before = story.conversation
    assert story.loop.ingest(event) == "duplicate"
    assert story.loop.ingest(replace(event, key="another delivery")) == "duplicate"
    assert story.conversation == before
    assert before.messages == len(story.store.messages) == 1


def test_a_public_message_that_comes_again_by_another_field_is_still_one():
    story = Story()
    event = story.comment()
    story.loop.ingest(event)
    mention = replace(event, key="mention", post_id="", subject="mention")
    assert story.loop.ingest(mention) == "duplicate"
    assert len(story.store.messages) == 1


def test_an_album_in_two_events_is_one_turn_of_one_case():
    story = Story()
    for name in ("front.jpg", "back.jpg"):
        story.writes("", attachments=(Attachment("image", name=name),))
    story.loop.rest()
    assert [m.attachments[0].name for m in story.messages] == ["front.jpg", "back.jpg"]
    assert story.case.number == 1
    assert len(story.case.asks) == 1  # one instant
    assert len([clock for clock in story.case.clocks if clock.name is FIRST]) == 1


def test_messages_in_any_order_give_the_same_clocks():
    ends = set()
    for order in itertools.permutations((0, 60, 120)):
        story = Story()
        now = story.parts.now.advance(300)
        events = [story.message(f"part {s}", occurred_at=now - timedelta(seconds=s)) for s in order]
        for event in events:
            story.loop.ingest(event)
        case = story.case
        ends.add((case.opened_at, case.asks, case.clocks))
    assert len(ends) == 1


def test_a_message_without_a_platform_id_is_known_by_its_event():
    story = Story()
    event = replace(story.message(), message_id="", key="e-1")
    assert story.loop.ingest(event) == "stored"
    assert story.loop.ingest(event) == "duplicate"
    assert story.conversation.last_inbound_id == ""


@pytest.mark.parametrize("message_id", ["c-9", ""])
def test_a_comment_whose_author_is_hidden_is_a_conversation_of_its_own(message_id):
    story = Story()
    event = replace(story.comment(), contact=None, author=None, message_id=message_id)
    story.loop.ingest(event)
    assert story.conversation.contact_ref == ""
    assert story.case.status is Status.NEW
    story.loop.ingest(replace(event, message_id="c-10", key="other"))
    assert len(story.store.heads) == 2


def test_a_late_message_moves_the_start_back():
    story = Story()
    now = story.parts.now.advance(600)
    story.writes("second")
    story.writes("first", occurred_at=now - timedelta(minutes=5))
    assert story.clock(FIRST).started_at == now - timedelta(minutes=5)
    assert story.clock(ASSIGN).started_at == now  # when it reached us
    assert story.case.opened_at == now - timedelta(minutes=5)
    assert story.conversation.last_inbound_at == now
    assert story.messages[-1].platform_id == story.conversation.last_inbound_id


def test_a_message_from_before_our_reply_that_comes_after_it_is_not_taken_as_answered():
    story = Story()
    story.writes()
    story.loop.rest()
    sent_at = story.parts.now.advance(60)
    story.parts.now.advance(60)
    story.replies()
    story.loop.rest()
    accepted = story.parts.now()
    story.parts.now.advance(10)
    story.writes("and the second one?", occurred_at=sent_at)
    assert story.case.asks == (accepted,)
    assert story.clock(NEXT).started_at == accepted
    assert story.case.status is Status.ASSIGNED


def test_a_message_while_waiting_ends_the_waiting():
    from chalicelib.workflows import wait

    story = Story()
    story.writes()
    story.loop.rest()
    story.replies()
    story.loop.rest()
    wait.wait(story.parts, story.ask(), "customer", "needs the number")
    assert story.clock(RESOLUTION).paused_at == story.parts.now()
    story.parts.now.advance(3600)
    story.writes("It is 12345")
    assert story.case.status is Status.ASSIGNED
    assert story.clock(RESOLUTION).paused_at is None
    assert story.clock(RESOLUTION).due_at == story.at(hours=24)


def resolved(**policy: object) -> Story:
    story = Story(replace(POLICY, **policy) if policy else POLICY)
    story.writes()
    story.loop.rest()
    story.replies()
    story.loop.rest()
    story.parts.now.advance(60)
    story.resolves()
    story.loop.rest()
    return story


def test_a_message_soon_after_resolving_reopens_the_case_with_its_agent():
    story = resolved()
    story.joins("aaa")  # has as much room as ann, and never had a case
    story.parts.now.advance(hours=2)
    assert story.store.people["ann"].load == 0
    story.writes("It broke again")
    story.loop.rest()
    case = story.case
    assert (case.number, case.assignee, case.status, case.reopens) == (1, "ann", "assigned", 1)
    assert {name: agent.load for name, agent in story.store.people.items()} == {
        "ann": 70,
        "aaa": 0,
    }
    assert story.clock(NEXT).started_at == story.parts.now()
    assert story.clock(RESOLUTION).due_at == story.at(hours=24, seconds=-60)
    assert story.clock(ASSIGN).seq == 2
    assert story.clock(ClockName.FOLLOW_UP).outcome is Outcome.CANCELLED


def test_the_assign_clock_of_a_reopened_case_counts_from_when_we_heard():
    story = resolved()
    sent_at = story.parts.now.advance(hours=1)
    story.parts.now.advance(hours=1)
    story.writes("It broke again", occurred_at=sent_at)
    assert story.clock(ASSIGN).started_at == story.parts.now()
    assert story.clock(NEXT).started_at == sent_at


@pytest.mark.parametrize("text", ["Thanks a lot!", "👍"])
@pytest.mark.parametrize("days", [1, 10])
def test_a_thank_you_reopens_nothing_however_late(text, days):
    story = resolved()
    story.loop.run(days=days)
    before = story.case
    assert story.writes(text) == "stored"
    assert story.case == before
    assert story.messages[-1].case_number == 1
    assert story.log[-1].reason == "thanks"


def test_a_message_long_after_resolving_opens_the_next_case():
    story = resolved()
    story.loop.run(days=4)
    first = story.case
    story.writes("A new question")
    story.loop.rest()
    assert (story.case.number, story.case.status) == (2, Status.ASSIGNED)
    assert story.store.snapshots == {(story.conversation.id, 1): first}
    assert [name.rpartition("-")[0][-1] for name in story.loop.executions] == ["1", "2"]


def test_a_message_before_the_machine_has_closed_the_case_closes_it_itself():
    story = resolved()
    story.parts.now.advance(days=4)  # and no machine looked
    story.writes("A new question")
    ended = story.store.snapshots[(story.conversation.id, 1)]
    assert ended.status is Status.CLOSED
    assert [entry.case_number for entry in story.told(EntryKind.CASE_CLOSED)] == [1]
    assert story.case.number == 2
    story.loop.run(minutes=1)
    assert story.loop.ended == {f"{story.conversation.id}-1-1": "Done"}
    assert story.case.assignee == "ann"


def test_a_late_delivery_within_the_window_reopens_a_closed_case_in_a_new_execution():
    story = resolved()
    closes = story.parts.now() + timedelta(hours=72)
    story.loop.run(days=3, minutes=5)
    assert story.case.status is Status.CLOSED
    story.writes("Again!", occurred_at=closes - timedelta(seconds=1))
    story.loop.rest()
    assert (story.case.number, story.case.generation, story.case.assignee) == (1, 2, "ann")


def surveyed(text: str = "") -> Story:
    story = resolved()
    story.loop.run(hours=23, minutes=50)
    assert story.case.status is Status.FOLLOW_UP
    return story


def test_an_answer_with_a_question_is_recorded_and_reopens():
    story = surveyed()
    story.writes("5 - but when will the other one come?")
    assert (story.case.follow_up.score, story.case.open, story.case.reopens) == (5, True, 1)
    assert story.parts.alerts.announced == []


def test_a_low_score_with_a_question_reopens_once():
    story = surveyed()
    story.writes("1 - where is it?")
    assert (story.case.follow_up.score, story.case.reopens) == (1, 1)


def test_a_score_after_the_case_has_closed_still_counts():
    story = surveyed()
    story.loop.run(days=5)
    assert story.case.status is Status.CLOSED
    story.writes("4")
    assert (story.case.status, story.case.follow_up.score) == (Status.CLOSED, 4)
    assert story.store.snapshots[(story.conversation.id, 1)].follow_up.score == 4


def test_words_after_the_case_has_closed_are_a_new_request():
    story = surveyed()
    story.loop.run(days=5)
    story.writes("5 - parcels are missing")
    assert story.case.number == 2


def test_a_number_is_an_answer_once_only():
    story = surveyed()
    story.writes("4")
    story.writes("3")
    assert (story.case.follow_up.score, story.case.reopens) == (4, 1)


def test_a_number_without_a_survey_is_a_message():
    story = resolved()
    story.writes("5")
    assert (story.case.reopens, story.case.follow_up.score) == (1, 0)


def test_a_survey_of_which_nobody_knows_is_shown_to_have_arrived_by_its_answer():
    story = resolved()
    story.parts.sender.failures = 1  # the process dies while it sends
    story.loop.run(hours=23, minutes=50)
    assert story.case.follow_up.sent_at is None
    story.writes("5")
    assert (story.case.follow_up.score, story.case.reopens) == (5, 0)
    assert story.clock(ClockName.FOLLOW_UP).outcome is Outcome.MET


def test_an_account_that_is_not_ours_is_set_aside_whole():
    story = Story()
    event = story.message(account_id="999")
    assert story.loop.ingest(event) == "unknown_handle"
    assert story.loop.ingest(event) == "unknown_handle"
    ((key, (body, facts)),) = story.parts.blobs.kept.items()
    assert key.startswith("event/unknown_handle/2026/")
    assert json.loads(body)["text"] == event.text
    assert facts["reason"] == "unknown_handle"
    assert story.store.heads == {}
    with pytest.raises(LookupError):
        receive.receive(story.parts, event)


def test_what_cannot_be_kept_as_json_is_said_so():
    story = Story()
    with pytest.raises(TypeError):
        story.loop.ingest(story.message(account_id="999", text=b"?"))


def test_a_notice_is_counted_and_opens_nothing():
    story = Story()
    assert story.loop.ingest(story.event(EventKind.NOTICE)) == "noticed"
    assert story.store.heads == {}
    assert story.parts.meter.total("EventIngested", outcome="noticed") == 1


def test_a_conversation_that_keeps_changing_is_left_for_later():
    story = Story()

    def busy(_: object) -> None:
        raise StaleError("always")

    story.store.before_commit.append(busy)
    with pytest.raises(BusyError):
        receive.receive(story.parts, story.message())


def test_a_promise_that_the_policy_does_not_make_is_not_begun():
    without_first = tuple(t for t in POLICY.targets if t.clock is not FIRST)
    story = Story(replace(POLICY, targets=without_first))
    story.writes()
    story.writes("hello?")
    assert story.case.clock(FIRST) is None
    assert story.case.clock(NEXT) is None
    story.loop.rest()
    story.replies()
    story.loop.rest()
    story.parts.now.advance(60)
    story.writes("and?")
    assert story.clock(NEXT).started_at == story.parts.now()


def test_a_renamed_handle_goes_on_under_its_account():
    story = resolved()
    handles = tuple(replace(handle, id=f"new-{handle.id}") for handle in POLICY.handles)
    story.store.policies.publish(replace(POLICY, version="v2", handles=handles))
    story.store.policies.make_current("v2")
    story.loop.run(days=4)
    story.writes("A new question")
    assert (story.case.handle, story.case.policy_version) == ("new-acme-dm", "v2")


def test_a_case_whose_handle_its_policy_forgot_goes_on():
    story = Story()
    story.writes()
    head = story.conversation
    odd = replace(story.case, handle="gone")
    story.store.heads[head.id] = replace(head, case=odd)
    story.writes("hello?")
    assert story.case.handle == "gone"
    assert len(story.messages) == 2


# Who it is.

WA = {"channel": Channel.WHATSAPP, "account_id": NUMBER}
BOTH = Person("US.13", "Ana", aliases=("1413",))


def wa(story: Story, person: Person, text: str = "Hola") -> str:
    return story.writes(text, contact=person, **WA)


def test_ids_of_one_payload_are_one_contact_and_one_conversation_goes_on():
    story = Story()
    wa(story, Person("1413", "Ana"))
    wa(story, BOTH, "now with a name")
    wa(story, Person("US.13"), "and now without a number")
    assert len(story.store.heads) == 1
    assert story.conversation.messages == 3
    assert story.conversation.refs == ("1413", "US.13")
    assert story.conversation.contact_ref == "US.13"
    owners = {identity.contact_id for identity in story.store.identities.values()}
    assert owners == {story.conversation.contact_id}
    evidence = story.store.identities[(Channel.WHATSAPP, "", "US.13")].evidence
    assert evidence == "one payload carried it with 1413"


def test_a_number_learnt_later_leads_to_the_same_conversation():
    story = Story()
    wa(story, Person("US.13"))
    wa(story, BOTH)
    wa(story, Person("1413"))
    assert len(story.store.heads) == 1
    assert len(story.store.contacts) == 1


def test_two_contacts_who_turn_out_to_be_one_are_listed_together():
    story = Story()
    wa(story, Person("1413"))
    story.parts.now.advance(60)
    wa(story, Person("US.13"))
    assert len({head.contact_id for head in story.store.heads.values()}) == 2
    story.parts.now.advance(60)
    wa(story, BOTH)
    assert len({head.contact_id for head in story.store.heads.values()}) == 1
    assert story.parts.meter.total("ContactsMerged") == 1
    contact = next(iter(story.store.heads.values())).contact_id
    assert len(story.store.views.conversations_of(contact, 10).rows) == 2


def test_only_ids_of_this_channel_lead_to_a_conversation_here():
    story = Story()
    wa(story, Person("1413"))
    elsewhere = Identity(
        Channel.SMS, "", "+1413", story.conversation.contact_id, story.parts.now(), "by hand"
    )
    story.store.conversations.commit(Commit(identities=(elsewhere,)))
    contact = story.conversation.contact_id
    story.store.identities_of[contact] = dict(reversed(story.store.identities_of[contact].items()))
    wa(story, BOTH)
    assert len(story.store.heads) == 1


def test_a_changed_number_is_the_same_person_in_the_same_conversation():
    story = Story()
    wa(story, Person("1413", "Ana"))
    change = story.event(
        EventKind.IDENTITY, contact=Person("1413", "Ana"), new_contact_id="1999", **WA
    )
    assert story.loop.ingest(change) == "linked"
    assert story.loop.ingest(change) == "linked"
    wa(story, Person("1999", "Ana"), "my new number")
    assert len(story.store.heads) == 1
    assert story.conversation.contact_ref == "1999"  # replies go to the new one
    changed = story.store.identities[(Channel.WHATSAPP, "", "1999")]
    assert changed.evidence == "the platform changed it from 1413"


def test_a_change_of_somebody_unknown_is_kept_too():
    story = Story()
    change = story.event(EventKind.IDENTITY, contact=Person("1"), new_contact_id="2", **WA)
    assert story.loop.ingest(change) == "linked"
    assert len(story.store.identities) == 2
    assert story.loop.ingest(replace(change, contact=None)) == "noticed"
    assert story.loop.ingest(replace(change, new_contact_id="")) == "noticed"


def test_a_contact_known_from_elsewhere_begins_a_conversation_here():
    number = replace(POLICY.handles[2], id="acme-wa-2", account_id="300")
    story = Story(replace(POLICY, handles=(*POLICY.handles, number)))
    wa(story, Person("1413"))
    story.writes("Hola", contact=Person("1413"), channel=Channel.WHATSAPP, account_id="300")
    assert len(story.store.heads) == 2
    assert len(story.store.contacts) == 1
    story.loop.ingest(
        story.comment(contact=replace(ANA, id="1413"), author=ANA)
    )  # another scope: nobody says that this is the same person
    assert len(story.store.contacts) == 2


def test_a_known_commenter_under_another_post_begins_another_conversation():
    story = Story()
    story.loop.ingest(story.comment())
    story.loop.ingest(story.comment(post_id="post-2"))
    assert len(story.store.heads) == 2
    assert len(story.store.contacts) == 1


def test_a_target_of_the_channel_wins():
    wa_target = Target(FIRST, 60, channel="whatsapp")
    story = Story(replace(POLICY, targets=(*POLICY.targets, wa_target)))
    wa(story, BOTH)
    assert story.clock(FIRST).due_at == story.at(seconds=60)
