"""The text of HTML: what a person reads, block by block; quotes marked as in plain text.

Own lines, because mails and posts come from anybody: the library's parser takes three minutes over
a megabyte of comments that are never closed, nh3 as long over tags in tags without end. Here every
character is looked at a constant number of times.
"""

import re
from collections.abc import Iterator
from html import unescape

LONGEST = 1_000_000
"""Characters of HTML that are read: a newsletter has a tenth of that."""

_BLOCKS = frozenset(
    "address article aside blockquote body dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr html li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
_APART = frozenset("p h1 h2 h3 h4 h5 h6 blockquote table ul ol pre".split())
_UNSEEN = frozenset("script style title template noscript".split())
_ALONE = frozenset(
    "area base br col embed hr img input link meta source track wbr p li dt dd td th tr tbody thead"
    " tfoot option html body head".split()
)
"""Tags that hold nothing, or that the next of their kind closes."""

_SPACE = re.compile(r"[ \t\r\n\f\u00a0\u200b\ufeff]+")
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,20})((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ALT = re.compile(r"\balt\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_MOST_MARKS = 5


def text_of(html: str) -> str:
    """Return the readable text of HTML, however broken it is."""
    reader = _Reader()
    for tag, attributes, words in _tokens(html[:LONGEST]):
        reader.take(tag, attributes)
        reader.say(words)
    return reader.text()


def depth(html: str) -> int:
    """Return how many tags are open within each other at most, as far as they are ever closed."""
    found, now = 0, 0
    for tag, _, _ in _tokens(html):
        name = tag.removeprefix("/")
        if name and name not in _ALONE:
            now = max(0, now - 1) if tag.startswith("/") else now + 1
            found = max(found, now)
    return found


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield each tag ("p", "/p"), its attributes, and the words behind it.

    Comments and what is never shown are left out; a tag that is none is words.
    """
    first, *pieces = html.split("<")
    yield "", "", _plain(first)
    until = ""  # what ends the comment or the script that we are in
    for piece in pieces:
        if until:
            end = until if until == "-->" else ">"
            if end in piece and (until == end or until == piece[: len(until)].lower()):
                yield "", "", _plain(piece.partition(end)[2])
                until = ""
            continue
        found = _TAG.match(piece)
        if found is not None:
            name = found[2].lower()
            until = f"/{name}" if name in _UNSEEN and not found[1] else ""
            yield found[1] + name, found[3], "" if until else _plain(piece[found.end() :])
        elif piece.startswith("!--"):
            until = "" if "-->" in piece else "-->"
            yield "", "", _plain(piece.partition("-->")[2])
        elif piece[:1] in ("!", "?", "/") or piece[:1].isalpha():
            yield "", "", _plain(piece.partition(">")[2])
        else:
            yield "", "", _plain("<" + piece)


def _plain(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # a number of more digits than Python reads
        return text


class _Reader:
    """Collects lines. `quoted` is how many block quotes are open, `kept` how many `pre`."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0
        self._kept = 0

    def take(self, tag: str, attributes: str) -> None:
        """Take in a tag: a block ends the line, and some stand apart."""
        name = tag.removeprefix("/")
        if name == "br":
            self._end()
        elif tag == "img":
            found = _ALT.search(attributes)
            self.say(_plain(found[1] or found[2] or "") if found else "")
        elif name in _BLOCKS:
            self._block(name)
            step = -1 if tag.startswith("/") else 1
            self._quoted = max(0, self._quoted + step * (name == "blockquote"))
            self._kept = max(0, self._kept + step * (name == "pre"))
            if tag == "li":
                self._line.append("- ")

    def say(self, words: str) -> None:
        """Take in words: white space counts in `pre` only."""
        if not self._kept:
            self._line.append(_SPACE.sub(" ", words))
            return
        first, *rest = words.split("\n")
        self._line.append(first)
        for line in rest:
            self._end()
            self._line.append(line)

    def text(self) -> str:
        """Return all lines; never more than one empty line between two."""
        self._end()
        found: list[str] = []
        for line in self._lines:
            if line.strip("> ") or (found and found[-1].strip("> ")):
                found.append(line)
        return "\n".join(found).strip("\n")

    def _block(self, name: str) -> None:
        if "".join(self._line).strip():
            self._end()
        self._line = []
        if name in _APART and self._lines and self._lines[-1]:
            self._lines.append("")

    def _end(self) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._kept else re.sub(r" {2,}", " ", line).strip()
        mark = ">" * min(self._quoted, _MOST_MARKS)
        self._lines.append(f"{mark} {line}" if mark and line else mark or line)
        self._line = []
