"""What a person or the brand did on a platform: the one input of every payload builder."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    `account` is the brand's account, `person` the customer's platform id, `id` the platform id of
    the message it is about. `post` and `parent` place a public message; `token` is our own message
    id handed back; `media` is an attachment's name.
    """

    account: str
    person: str
    at: datetime
    id: str = ""
    name: str = ""
    text: str = ""
    post: str = ""
    parent: str = ""
    token: str = ""
    media: str = ""

    @property
    def seconds(self) -> int:
        """Return the instant in whole unix seconds."""
        return int(self.at.timestamp())

    @property
    def milliseconds(self) -> int:
        """Return the instant in unix milliseconds."""
        return int(self.at.timestamp() * 1000)
