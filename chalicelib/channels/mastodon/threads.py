"""The first post of a thread: Mastodon tells of a post only what it answers."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from chalicelib.channels import wire
from chalicelib.channels.contract import PayloadError
from chalicelib.channels.mastodon import api
from chalicelib.channels.questions import poll_error
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import SendResult

MOST_THREADS = 20
"""How many threads one look asks for; what is left is looked at again at once."""

_GONE = ("http_403", "http_404", "http_410")
_FIRST_ANCESTOR = re.compile(rb'\s*\{"ancestors":\s*\[\{"id":\s*"([0-9]{1,40})"')


class EnoughError(Exception):
    """Raised when a look has asked for as many threads as one look may."""


class Threads:
    """What is known of threads during one look: each post's first post."""

    def __init__(self, instance: api.Instance) -> None:
        self.instance = instance
        self.known: dict[str, str] = {}
        self.left = MOST_THREADS

    def root(self, number: str) -> str:
        """Return the first post of the thread that a post is in.

        Raises EnoughError, or PollError when the instance does not answer.
        """
        if number not in self.known:
            if not self.left:
                raise EnoughError
            self.left -= 1
            self.known[number] = self._first(number)
        return self.known[number]

    def learn(self, events: Iterable[ChannelEvent]) -> None:
        """Remember where the posts of these events belong: answers to them do too."""
        for event in events:
            if event.post_id:
                self.known[event.message_id] = event.post_id

    def _first(self, number: str) -> str:
        """Ask for what came before a post. One that is gone begins its thread, as far as we see.

        The answer also holds everything that came after, and can be too long to be read whole: its
        beginning is enough.
        """
        call = api.Call(f"/api/v1/statuses/{quote(number, safe='')}/context")
        told = api.ask(call, self.instance)
        if isinstance(told, SendResult) and told.error_code in _GONE:
            return number
        found = found_or_raise(told)
        try:
            before = wire.rows(found.table, "ancestors")
            first = wire.ident(wire.as_object(before[0], "status"), "id") if before else ""
        except PayloadError:
            first = ""
        cut = _FIRST_ANCESTOR.match(found.raw)
        return first or (cut[1].decode("ascii") if cut else "") or number


def asked(instance: api.Instance, call: api.Call) -> api.Found:
    """Return the answer to a question. Raises PollError when there is none."""
    return found_or_raise(api.ask(call, instance))


def found_or_raise(told: api.Found | SendResult) -> api.Found:
    """Return a good answer, or raise PollError."""
    if isinstance(told, SendResult):
        raise poll_error(told)
    return told
