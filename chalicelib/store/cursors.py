"""Cursors: opaque words that continue a list after its last row, and only that list.

A cursor holds the sort key it continues after, so rows that come or go meanwhile neither repeat nor
hide others. It grants nothing: which partition is read comes from the request that carries it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from chalicelib.domain.ident import digest
from chalicelib.workflows.ports import CursorError

_CHECK = 10
_LONGEST = 2048


def write(position: str, *of: str) -> str:
    """Return the cursor that continues the list `of` after `position`.

    Empty when there is no position.
    """
    if not position:
        return ""
    held = digest(*of, position)[:_CHECK] + position
    return urlsafe_b64encode(held.encode()).decode("ascii").rstrip("=")


def read(cursor: str, *of: str) -> str:
    """Return the position that a cursor of the list `of` holds; empty for no cursor.

    Raises CursorError when the cursor is not one of ours, or belongs to another list.
    """
    if not cursor:
        return ""
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        held = urlsafe_b64decode(padded.encode("ascii")).decode("ascii")
    except ValueError as error:
        raise CursorError("not a cursor") from error
    position = held[_CHECK:]
    if not position or cursor != write(position, *of):
        raise CursorError("a cursor of another list")
    return position
