"""The simulated world.

It has the brand's accounts, the keys they use, and who wrote which public message.
"""

from dataclasses import dataclass, field
from threading import Lock

from infra.local.simulator.happening import Happening


@dataclass(frozen=True, slots=True)
class Accounts:
    """The brand's accounts and keys, the same that the local stack is seeded with.

    `tokens` maps an account id to its access token; `instagram_secret` is that of the app with
    Instagram Login, which has a host and a secret of its own. `standard_secret` signs what a
    generic webhook sends us, `standard_out_secret` what we reply to it (both `whsec_...`).
    """

    page: str
    instagram: str
    phone: str
    waba: str
    standard: str
    app_id: str
    app_secret: str
    instagram_secret: str
    tokens: dict[str, str]
    standard_secret: str
    standard_out_secret: str
    display_phone: str = "15550001111"


@dataclass(frozen=True, slots=True)
class Media:
    """A file that a customer sent on WhatsApp."""

    mime_type: str
    body: bytes


@dataclass(slots=True)
class World:
    """What the platforms know: which public message was written by whom, under which post.

    `subscribed` are the fields that our app gets from each account (a missing account: all gone,
    as Meta does it silently), `hidden` and `deleted` what became of comments, `media` WhatsApp's
    files by id, `said` what can be read back: private messages and comments.
    """

    accounts: Accounts
    subscribed: dict[str, set[str]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    media: dict[str, Media] = field(default_factory=dict)
    said: list[Happening] = field(default_factory=list)
    _authors: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wrote(self, author: str, platform_id: str, post_id: str) -> None:
        """Remember that `author` wrote the public message `platform_id` under `post_id`."""
        with self._lock:
            self._authors[platform_id] = (author, post_id)

    def author(self, platform_id: str) -> tuple[str, str] | None:
        """Return (author, post id) of a public message, or None for one that was never written."""
        with self._lock:
            return self._authors.get(platform_id)
