"""The words of a post or message as X shows them, out of what its API delivers.

The API puts the people answered before a reply, replaces links by short ones, adds a link for each
picture and writes `&`, `<` and `>` as HTML does. Our own reply must be recognised by its words
when it comes back, so all of this is undone.
"""

import re

from chalicelib.channels import wire

_ADDRESSED = re.compile(r"(?:@\w{1,20}\s+)+", re.ASCII)
_PICTURES = ("pic.x.com/", "pic.twitter.com/")


def shown(text: str, hidden: int, links: list[wire.Json]) -> str:
    """Return the text without its first `hidden` characters, if these are people answered.

    `links` are the `urls` and `media` of its entities.
    """
    addressed = _ADDRESSED.match(text)
    if addressed and 0 < hidden <= addressed.end():
        text = text[hidden:]
    for link in sorted(links, key=_is_picture, reverse=True):
        short, long = wire.text(link, "url"), wire.text(link, "expanded_url")
        if short and _is_picture(link):
            text = text.replace(short, "").rstrip()
        elif short and long:
            text = text.replace(short, long)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def hidden(source: wire.Json) -> int:
    """Return how many characters X hides at the beginning of a post: the people it answers."""
    places = wire.rows(source, "display_text_range")
    start = places[0] if places else 0
    return start if isinstance(start, int) and not isinstance(start, bool) else 0


def links(entities: wire.Json) -> list[wire.Json]:
    """Return the links among the entities, those of pictures too."""
    found = [*wire.rows(entities, "urls"), *wire.rows(entities, "media")]
    return [wire.as_object(link, "link") for link in found]


def _is_picture(link: wire.Json) -> bool:
    named = wire.text(link, "display_url").startswith(_PICTURES)
    return named or bool(link.get("media_key") or link.get("media_url_https"))
