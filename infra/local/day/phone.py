"""The phones of those who are paged: what texts they get, and who taps the link in one.

The lead is busy and taps nothing, so that pages climb to the manager, who taps at once.
"""

import re
from collections.abc import Callable, Mapping

import urllib3

from infra.local.day import cast

LINK = re.compile(r"https?://\S+/p/\S+")
SECONDS = 20.0

Texts = Callable[[], Mapping[str, list[Mapping[str, object]]]]
Note = Callable[[str, str, str], None]
Tap = Callable[[str], int]


def tap(link: str) -> int:
    """Post what a browser's tap on the link posts; return the status."""
    return urllib3.request("POST", link, retries=False, timeout=SECONDS).status


class Phones:
    """Everybody's phones. `look` reads what is new, and lets the manager acknowledge."""

    def __init__(self, texts: Texts, note: Note, by: Tap = tap) -> None:
        self._texts, self._note, self._by = texts, note, by
        self._read: dict[str, int] = {}
        self.taps: list[int] = []

    def look(self) -> None:
        """Read the new texts of everybody who has a number; tap as people do."""
        held = self._texts()
        for name, number in cast.PHONES.items():
            found = [str(one.get("Message", "")) for one in held.get(number, [])]
            for text in found[self._read.get(name, 0) :]:
                self._note("alert", "sms", f"{name}: {text}")
                self._tap(name, text)
            self._read[name] = len(found)

    def _tap(self, name: str, text: str) -> None:
        link = LINK.search(text)
        if link is None or name != cast.ADMIN:
            return
        self.taps.append(self._by(link[0]))
        self._note("agent", "sms", f"{name} acknowledges the page by the link in the text")
