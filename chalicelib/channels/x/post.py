"""A post, whichever API told of it, and the event that it is."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.channels.x.told import Told
from chalicelib.domain.event import Attachment, ChannelEvent, EventKind, Person

SUMMONED = "summoned"


@dataclass(frozen=True, slots=True)
class Post:
    """One post. `history` are the ids it had before and has now, oldest first.

    `root` is the post that the thread began with, empty where X does not say. `subject` is mention,
    reply, quote or post. `summoned`: its writer named or quoted the brand, which may answer then.
    """

    id: str
    history: tuple[str, ...]
    author: Person
    at: datetime | None
    text: str
    subject: str
    root: str = ""
    parent: str = ""
    summoned: bool = False
    attachments: tuple[Attachment, ...] = ()

    @property
    def first_id(self) -> str:
        """Return what identifies the post: each edit is a post with an id of its own."""
        return self.history[0] if self.history else self.id

    def event(self, told: Told) -> ChannelEvent:
        """Return the event: a message, an edit of one, or the brand's own.

        A brand's own post has no contact: it belongs where the post is that it answers.
        """
        own = self.author.id == told.account_id
        kind = EventKind.ECHO if own else EventKind.MESSAGE
        if self.first_id != self.id:
            kind = EventKind.EDIT
        return replace(
            told.event(kind, self.at, public=True),
            contact=None if own else self.author,
            author=self.author,
            message_id=self.first_id,
            post_id=self.first_id if self.root == self.id else self.root,
            parent_id=self.parent,
            text=self.text,
            attachments=self.attachments,
            subject=self.subject,
            permalink=f"https://x.com/{self.author.username or 'i'}/status/{self.id}",
            edit_number=self.history.index(self.id) if self.id in self.history else 0,
            flags=(SUMMONED,) if self.summoned and not own else (),
        )
