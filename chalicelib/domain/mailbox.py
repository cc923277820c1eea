"""Mail addresses in a plain text, and those hidden from machines: ana (at) example dot com.

Found by looking left and right of each sign, so that time grows with the text alone.
"""

import re
from collections.abc import Iterator

from chalicelib.domain.personal import Finding

_LONGEST_LOCAL = 64
_LONGEST_DOMAIN = 255
_LOCAL_SIGNS = "._%+-'&="

_AT = re.compile(r"@|[(\[{] ?at ?[)\]}]", re.IGNORECASE)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOT = r"(?:\.| ?[(\[{] ?(?:dot|punkt|punto|point|punt) ?[)\]}] ?| (?:dot|punkt|punto) )"
_DOMAIN = re.compile(rf"{_LABEL}(?:{_DOT}{_LABEL}){{1,5}}", re.IGNORECASE)
_PLAIN_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{1,5}}")
_LAST = re.compile(r"[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59}", re.IGNORECASE)

_FILES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "pdf", "mp4"})
"""Endings of file names, as in logo@2x.png."""


def mailboxes(text: str) -> Iterator[Finding]:
    """Yield the mail addresses of a plain text.

    Names as other networks write them (@ana@example.social) are none.
    """
    for sign in _AT.finditer(text):
        hidden = sign.group() != "@"
        start = _local(text, sign.start(), hidden=hidden)
        end = _domain(text, sign.end(), hidden=hidden)
        if start < sign.start() and end:
            yield Finding("email", start, end)


def _local(text: str, end: int, *, hidden: bool) -> int:
    """Return where the part before the sign begins; `end` when there is none."""
    last = end - (hidden and text[end - 1 : end] == " ")
    start = last
    while start > max(0, last - _LONGEST_LOCAL) and _is_local(text[start - 1]):
        start -= 1
    while start < last and text[start] in _LOCAL_SIGNS:
        start += 1
    before = text[start - 1] if start else ""
    if start == last or before == "@" or text[last - 1] == ".":
        return end
    return start


def _is_local(one: str) -> bool:
    return one.isalnum() or one in _LOCAL_SIGNS


def _domain(text: str, start: int, *, hidden: bool) -> int:
    """Return where the part behind the sign ends, or nothing when it is no domain."""
    start += hidden and text[start : start + 1] == " "
    way = _DOMAIN if hidden else _PLAIN_DOMAIN
    found = way.match(text, start, start + _LONGEST_DOMAIN)
    if found is None:
        return 0
    last = re.split(r"[^\w-]+", found.group())[-1]
    behind = text[found.end() : found.end() + 1]
    if not _LAST.fullmatch(last) or last.lower() in _FILES or behind == "@":
        return 0
    return found.end()
