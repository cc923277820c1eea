"""A process may die anywhere while somebody is invited or comes: in the end it is as if not."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.workflows.answering import invite, reply
from chalicelib.workflows.change import Ask
from tests.fakes.trail import CrashError
from tests.unit.workflows.talk import PSID, Talk
from tests.unit.workflows.test_crashes import retried, timeless_message


class Platform(Talk):
    """The platform recognises a message sent twice, and always says who got an invitation."""

    def __init__(self) -> None:
        super().__init__()
        able, send = self.parts.sender.able, self.parts.sender.send
        for place in ((Channel.MESSENGER, False), (Channel.TELEGRAM, True)):
            able[place] = replace(able[place], repeatable=True)
        self.parts.sender.send = lambda outgoing: replace(
            send(outgoing), platform_id=outgoing.token, recipient=PSID if outgoing.invite else ""
        )


def told(talk, event):
    retried(talk, lambda: talk.loop.ingest(event))
    talk.loop.rest()


def commented(talk):
    told(talk, talk.comment("Where is it?", message_id="c-1"))
    talk.where = next(iter(talk.store.heads))


def grouped(talk):
    told(talk, talk.place(Channel.TELEGRAM, public=True, post_id="group", message_id="g-1"))
    talk.where = next(iter(talk.store.heads))


def asked(talk, act):
    ask: Ask = talk.ask()
    retried(talk, lambda: act(ask))
    talk.loop.run(minutes=30)


def invited(talk):
    asked(talk, lambda ask: invite.invite(talk.parts, ask, "Please write to us"))


def ruled(talk):
    retried(talk, lambda: invite.invite_by_rule(talk.parts, talk.where, "Please write to us"))
    talk.loop.run(minutes=30)


def came(talk):
    told(talk, talk.private_message(message_id="p-1"))


def came_by_link(talk):
    code = talk.conversation.side.code
    told(talk, talk.place(Channel.TELEGRAM, ref=code, message_id="p-1"))


def answered(talk):
    asked(talk, lambda ask: reply.reply(talk.parts, ask, "It is on its way"))


def stopped(talk):
    told(talk, talk.private_message("stop", consent="stop", message_id="p-2"))


STORIES = {
    "an invitation is accepted": ((commented,), invited),
    "a rule invites": ((commented,), ruled),
    "a link leaves": ((grouped,), invited),
    "who was invited writes": ((commented, invited), came),
    "somebody comes by a link": ((grouped, invited), came_by_link),
    "a private reply": ((commented, invited, came), answered),
    "a private stop": ((commented, invited, came), stopped),
}


def kept(talk):
    """Return what matters of the store, but for the codes, which are new each time."""
    store = talk.store
    return {
        "heads": {key: bare(head) for key, head in store.heads.items()},
        "messages": {key: worded(m) for key, m in store.messages.items()},
        "logs": {
            key: [[(e.kind, e.clock, e.seq, e.message_id, e.reason) for e in row] for row in rows]
            for key, rows in ((k, list(found.values())) for k, found in store.logs.items())
        },
        "contacts": store.contacts,
        "identities": {place: found.contact_id for place, found in store.identities.items()},
        "load": {agent.id: agent.load for agent in store.people.values()},
    }


def bare(head):
    case, side = head.case, head.side
    case = case and (case.status, case.turns, len(case.replies), len(case.asks), case.assignee)
    side = side and (side.channel, side.contact_ref, side.conversation_id, side.joined_at is None)
    facts = (head.joined, head.messages, head.opted_out_at, head.contact_ref, head.refs)
    return (case, side, *facts, head.pending)


def worded(message):
    return replace(timeless_message(message), text=message.text.split("?start=")[0])


def begun(before):
    talk = Platform()
    for act in before:
        act(talk)
    return talk


@pytest.mark.parametrize(("before", "act"), STORIES.values(), ids=STORIES)
def test_a_death_at_any_place_changes_nothing_in_the_end(before, act):
    undisturbed = begun(before)
    first = len(undisturbed.parts.trail.steps)
    act(undisturbed)
    steps = tuple(undisturbed.parts.trail.steps)
    undisturbed.loop.run(minutes=20)
    wanted = kept(undisturbed)
    assert len(steps) > first
    for place in range(first, len(steps)):
        talk = begun(before)
        talk.parts.trail.crash_at = place
        act(talk)
        talk.loop.run(minutes=20)
        found = kept(talk)
        differing = {
            name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]
        }
        assert differing == {}, f"died at {place}: {steps[place]}"


def test_a_death_is_a_death():
    talk = begun((commented,))
    talk.parts.trail.crash_at = len(talk.parts.trail.steps)
    with pytest.raises(CrashError):
        invite.invite(talk.parts, talk.ask(), "Please write to us")
