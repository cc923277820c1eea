"""From the HTML of a post to its words: paragraphs, line breaks, names and whole links.

Own lines, because posts come from anybody's instance: the library's parser takes twenty seconds
over 40 kB of tags that are never closed. Here every character is looked at a constant number of
times.
"""

import re
from collections.abc import Iterator
from html import unescape

from chalicelib.channels.contract import PayloadError

MOST_CHARACTERS = 400_000
"""Of HTML. An instance that is not the usual one may allow posts of any length."""

_TAG = re.compile(r"<(?:(/?[a-zA-Z][a-zA-Z0-9]{0,20})(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*|![^<>]*)>")
_APART = frozenset(("p", "blockquote", "pre", "ul", "ol"))


def text_of(html: str) -> str:
    """Return the words of a post.

    Mastodon cuts long links for display: what is not shown (`invisible`) and what is followed by
    dots (`ellipsis`) both belong to the link, and are both kept. Nothing is left of the tags.
    Raises PayloadError for HTML that is too long.
    """
    if len(html) > MOST_CHARACTERS:
        raise PayloadError("text_too_long")
    return "".join(_pieces(html)).strip("\n")


def _pieces(html: str) -> Iterator[str]:
    at, begun = 0, False
    for found in _TAG.finditer(html):
        words = _plain(html[at : found.start()])
        begun = begun or bool(words)
        yield words
        space = _space((found[1] or "").lower(), begun=begun)
        begun = begun or bool(space)
        yield space
        at = found.end()
    yield _plain(html[at:])


def _space(tag: str, *, begun: bool) -> str:
    """Return what stands for a tag: nothing for most."""
    if tag in _APART and begun:
        return "\n\n"
    return {"br": "\n", "li": "\n- "}.get(tag, "")


def _plain(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # a number of more digits than Python reads
        return text
