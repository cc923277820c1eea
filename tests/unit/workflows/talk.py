"""A company on many networks, and the words for a talk that has two sides."""

from dataclasses import replace

from chalicelib.domain.channel import Capabilities, Channel, Invite
from chalicelib.domain.conversation import Conversation
from chalicelib.domain.event import ChannelEvent, EventKind, Person
from chalicelib.domain.message import Message
from chalicelib.domain.policy import Handle
from chalicelib.workflows.answering import invite, reply
from chalicelib.workflows.answering.limits import Draft
from chalicelib.workflows.change import Done
from chalicelib.workflows.networks import SendResult, SendState
from tests.unit.workflows.story import PAGE, POLICY, Story

DAY = 86_400
WEEK = 7 * DAY
PSID = "psid-ana"
"""What Messenger calls the person whom the page's comments call `ana`."""

HANDLES = (
    Handle("acme-x", Channel.X, "900", "Acme", "care"),
    Handle("acme-tg", Channel.TELEGRAM, "bot1", "Acme", "care", settings={"username": "@acme_bot"}),
    Handle("acme-mail", Channel.EMAIL, "care@acme.example", "Acme", "care"),
    Handle("acme-sms", Channel.SMS, "+15550100", "Acme", "care"),
    Handle(
        "acme-tube", Channel.YOUTUBE, "UC1", "Acme", "care", settings={"private_handle": "acme-wa"}
    ),
    Handle("acme-sky", Channel.BLUESKY, "did:1", "Acme", "care"),
)
WHATSAPP = replace(POLICY.handles[2], settings={"number": "+49 151 000"})
TALKS = replace(POLICY, handles=(*POLICY.handles[:2], WHATSAPP, *POLICY.handles[3:], *HANDLES))

ABLE = {
    (Channel.FACEBOOK_PAGE, True): Capabilities(
        8000, invite=Invite.PRIVATE_REPLY, invite_seconds=WEEK, hides=True
    ),
    (Channel.X, True): Capabilities(280, summoned_only=True, invite=Invite.DIRECT_MESSAGE),
    (Channel.X, False): Capabilities(10_000),
    (Channel.TELEGRAM, True): Capabilities(4096, invite=Invite.LINK),
    (Channel.TELEGRAM, False): Capabilities(4096),
    (Channel.YOUTUBE, True): Capabilities(10_000, invite=Invite.LINK),
    (Channel.SMS, False): Capabilities(1600, segments=True),
    (Channel.WHATSAPP, False): Capabilities(
        4096,
        window_seconds=DAY,
        after_window="Send an approved template.",
        templates=True,
        files=2,
        file_kinds=("image", "document"),
        file_bytes=1000,
    ),
}


class Talk(Story):
    """A story in which a customer may be met in several places."""

    where = ""

    def __init__(self, **ask: object) -> None:
        super().__init__(TALKS, **ask)
        self.parts.sender.able.update(ABLE)

    @property
    def conversation(self) -> Conversation:
        return self.store.heads[self.where] if self.where else super().conversation

    @property
    def private(self) -> Conversation:
        """The private talk that belongs to the conversation."""
        assert self.conversation.side is not None
        return self.store.heads[self.conversation.side.conversation_id]

    def hears(self, event: ChannelEvent) -> str:
        outcome = self.loop.ingest(event)
        self.loop.rest()
        return outcome

    def comments(self, text: str = "Where is my parcel?", **facts: object) -> Message:
        """Take in a public comment, and tell from here on of its conversation."""
        event = self.comment(text, **facts)
        self.hears(event)
        found = next(
            m
            for m in self.store.messages.values()
            if m.platform_id == event.message_id and m.public
        )
        self.where = found.conversation_id
        return found

    def invites(self, text: str = "Please write to us here.", **ask: object) -> Done:
        """Invite, and let the platform say to whom it gave the invitation."""
        answer = SendResult(SendState.ACCEPTED, f"invitation-{self.number}", recipient=PSID)
        self.parts.sender.answers.append(answer)
        done = invite.invite(self.parts, self.ask(**ask), text)
        self.loop.rest()
        return done

    def private_message(self, text: str = "Number 4711", **facts: object) -> ChannelEvent:
        """Return a private message of the customer on Messenger."""
        person = Person(PSID, "Ana Customer")
        return self.message(text, **({"contact": person, "author": person} | facts))

    def says(self, text: str = "It is on its way.", side: str = "", **draft: object) -> Message:
        done = reply.reply(self.parts, self.ask(), Draft(text, side, **draft))
        self.loop.rest()
        assert done.message is not None
        return self.stored(done.message)

    def place(self, channel: Channel, **facts: object) -> ChannelEvent:
        """Return a message of the customer at one of the handles."""
        handle = next(h for h in TALKS.handles if h.channel is channel)
        return self.message(**({"channel": channel, "account_id": handle.account_id} | facts))


def joined(**ask: object) -> Talk:
    """A comment whose writer was invited and has been given the invitation."""
    talk = Talk(**ask)
    talk.comments()
    talk.invites()
    return talk


__all__ = ["PAGE", "PSID", "TALKS", "EventKind", "Talk", "joined"]
