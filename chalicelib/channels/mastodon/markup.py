"""From the HTML of a post to its words: paragraphs, line breaks, names and whole links."""

from html.parser import HTMLParser

from chalicelib.channels.contract import PayloadError

MOST_CHARACTERS = 400_000
"""Of HTML. An instance that is not the usual one may allow posts of any length."""


def text_of(html: str) -> str:
    """Return the words of a post.

    Mastodon cuts long links for display: what is not shown (`invisible`) and what is followed by
    dots (`ellipsis`) both belong to the link, and are both kept. Nothing is left of the tags.
    Raises PayloadError for HTML that cannot be read.
    """
    if len(html) > MOST_CHARACTERS:
        raise PayloadError("text_too_long")
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:  # the library's own word for a declaration that it does not know
        raise PayloadError("markup_odd") from None
    return reader.text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._parts).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br":
            self._parts.append("\n")
        elif tag in ("p", "blockquote", "pre", "ul", "ol") and self._parts:
            self._parts.append("\n\n")
        elif tag == "li":
            self._parts.append("\n- ")

    def handle_data(self, data: str) -> None:
        self._parts.append(data)
