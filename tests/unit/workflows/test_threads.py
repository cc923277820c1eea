"""Mail: which thread a message goes on with, who may write into it, and what a reply carries."""

from dataclasses import replace

import pytest

from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import EventKind, Person
from chalicelib.domain.ident import contact_id
from tests.unit.workflows.talk import Talk

ANA = Person("ana@home.example", "Ana")
BEN = Person("ben@work.example", "Ben")


def mail(talk, message_id, text="Where is it?", **facts):
    facts = {"contact": ANA, "author": facts.get("contact", ANA), "post_id": message_id} | facts
    return talk.place(Channel.EMAIL, text=text, message_id=message_id, **facts)


def started(**facts):
    talk = Talk()
    talk.hears(mail(talk, "<1@home>", title="Parcel 4711", **facts))
    return talk


def test_a_mail_of_nobody_elses_thread_begins_its_own():
    talk = started()
    talk.hears(mail(talk, "<2@home>"))
    assert len(talk.store.heads) == 2
    assert {head.title for head in talk.store.heads.values()} == {"Parcel 4711", ""}


def test_a_reply_address_names_the_thread():
    talk = started()
    talk.hears(mail(talk, "<2@home>", thread=talk.conversation.id))
    assert [m.text for m in talk.messages] == ["Where is it?"] * 2
    assert talk.conversation.title == "Parcel 4711"
    assert talk.conversation.last_inbound_id == "<2@home>"


def test_a_mail_goes_on_with_the_thread_of_the_first_known_message_it_answers():
    talk = started()
    talk.hears(mail(talk, "<3@home>", answers=("<unknown@x>", "<1@home>")))
    assert talk.conversation.messages == 2
    talk.hears(mail(talk, "<4@home>", answers=("<3@home>",)))
    assert talk.conversation.messages == 3


def test_a_mail_goes_on_with_the_thread_of_our_reply():
    talk = started()
    sent = talk.says()
    assert talk.store.references[(Channel.EMAIL, "care@acme.example", sent.platform_id)]
    talk.hears(mail(talk, "<2@home>", answers=(sent.platform_id,)))
    assert talk.conversation.messages == 3


def test_only_so_many_of_the_messages_a_mail_answers_are_looked_up():
    talk = started()
    long = tuple(f"<{n}@x>" for n in range(10))
    talk.hears(mail(talk, "<3@home>", answers=(*long, "<1@home>")))
    assert len(talk.store.heads) == 2


@pytest.mark.parametrize("thread", ["a" * 26, "of another channel"])
def test_a_thread_that_is_not_there_or_not_of_this_account_is_not_believed(thread):
    talk = Talk()
    talk.hears(talk.message("Hello"))
    other = talk.conversation.id if thread != "a" * 26 else thread
    talk.hears(mail(talk, "<1@home>", thread=other))
    assert len(talk.store.heads) == 2
    assert {m.text for m in talk.messages} == {"Hello", "Where is it?"}


def test_a_known_message_that_leads_nowhere_yet_is_passed_over():
    talk = started()
    delete = talk.event(
        EventKind.DELETE,
        "<9@x>",
        channel=Channel.EMAIL,
        account_id="care@acme.example",
        public=True,
        contact=None,
    )
    talk.hears(delete)
    talk.hears(mail(talk, "<3@home>", answers=("<9@x>", "<1@home>")))
    assert talk.conversation.messages == 2


def test_somebody_else_in_the_thread_is_a_participant_and_changes_nothing_about_the_customer():
    talk = started()
    before = talk.conversation
    talk.hears(mail(talk, "<2@work>", "Me too", contact=BEN, answers=("<1@home>",)))
    after = talk.conversation
    assert (after.contact_ref, after.contact_id, after.refs, after.contact_name) == (
        before.contact_ref,
        before.contact_id,
        before.refs,
        "Ana",
    )
    newest = talk.store.messages[(after.id, [m.id for m in talk.messages][-1])]
    assert {m.author_name for m in talk.messages} == {"Ana", "Ben"}
    assert newest.direction.value == "inbound"
    assert (Channel.EMAIL, "", BEN.id) not in talk.store.identities
    assert contact_id(Channel.EMAIL, "", BEN.id) not in talk.store.contacts
    assert talk.says().parent_id == "<2@work>"
    assert talk.parts.sender.sent[-1].recipient == ANA.id


def test_a_mail_told_twice_is_stored_once_wherever_it_would_go_now():
    talk = started()
    again = mail(talk, "<1@home>", thread=talk.conversation.id)
    assert talk.hears(again) == "duplicate"
    assert talk.hears(mail(talk, "<1@home>", post_id="other")) == "duplicate"
    assert len(talk.store.messages) == 1


def test_a_reply_carries_subject_thread_and_what_it_answers_oldest_first():
    talk = started()
    talk.hears(mail(talk, "<3@home>", answers=("<2@acme>", "<1@home>")))
    talk.says()
    sent = talk.parts.sender.sent[-1]
    assert sent.title == "Parcel 4711"
    assert sent.thread == talk.conversation.id
    assert sent.answers == ("<1@home>", "<2@acme>", "<3@home>")
    assert sent.contact_name == "Ana"


def test_a_long_thread_is_cut_at_its_beginning():
    talk = started()
    many = tuple(f"<{n}@x>" for n in range(40))
    talk.hears(mail(talk, "<99@home>", answers=many, thread=talk.conversation.id))
    talk.says()
    assert talk.parts.sender.sent[-1].answers[-1] == "<99@home>"
    assert len(talk.parts.sender.sent[-1].answers) == 20


def test_a_mail_whose_answered_message_is_not_there_carries_its_id_alone():
    talk = started()
    head = replace(talk.conversation, last_inbound_id="<gone@x>")
    talk.store.heads[head.id] = head
    talk.says()
    assert talk.parts.sender.sent[-1].answers == ("<gone@x>",)


def test_what_a_mail_says_of_itself_is_kept():
    talk = started(quoted="> earlier", flags=("dmarc_fail",), answers=("<0@x>",))
    (message,) = talk.messages
    assert (message.title, message.quoted) == ("Parcel 4711", "> earlier")
    assert (message.flags, message.answers) == (("dmarc_fail",), ("<0@x>",))
    assert talk.case.status is Status.ASSIGNED
