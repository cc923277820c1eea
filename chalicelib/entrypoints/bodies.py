"""Bodies: what may be sent to the API, as strict types.

An unknown field, a wrong type or a text too long is a 400.
"""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Request
from msgspec import Meta

from chalicelib.domain.authority import PromiseKind
from chalicelib.domain.case import Status
from chalicelib.domain.channel import Channel
from chalicelib.entrypoints.raw import raw_body
from chalicelib.entrypoints.refusals import RequestError

BODY_LIMIT = 65_536
"""Bytes. The longest text below takes half of it, even when every character needs four bytes."""

Version = Annotated[
    int, Meta(ge=0, le=2**53, description="The conversation's version that the change is based on.")
]
Text = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"\S")]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S")]
Name = Annotated[
    # The look-ahead because `$` would also let a line break at the very end pass.
    str,
    Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._@+=-]+$(?!\n)"),
]
Files = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=400)], ...],
    Meta(max_length=20, description="Keys of uploads made for this conversation."),
]
SideName = Literal["public", "private"]
Cursor = Annotated[str, Meta(max_length=2000)]


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """What every body is: nothing but the fields it declares."""


class Change(Strict):
    """A change of a conversation, based on the version that was read."""

    version: Version


class TemplateBody(Strict):
    """A prepared message that the platform knows by name, with what fills its places."""

    name: Annotated[str, Meta(min_length=1, max_length=512)]
    language: Annotated[str, Meta(min_length=2, max_length=15)]
    parameters: Annotated[
        tuple[Annotated[str, Meta(max_length=1024)], ...], Meta(max_length=50)
    ] = ()


class PromiseBody(Strict):
    """What a reply or a resolution promises. Money has an amount ("25.00") and a currency (EUR)."""

    kind: PromiseKind
    amount: Annotated[str, Meta(max_length=11, pattern=r"^[0-9]{1,8}(\.[0-9]{1,2})?$(?!\n)")] = ""
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = ""


Promises = Annotated[
    tuple[PromiseBody, ...], Meta(max_length=10, description="What the words promise.")
]


class ReplyBody(Change):
    """A reply to the customer: words, files uploaded for it, or a template.

    `side` null: where the customer last wrote.
    """

    text: Text | None = None
    files: Files = ()
    template: TemplateBody | None = None
    side: SideName | None = None
    promises: Promises = ()


class NoteBody(Change):
    """A note for colleagues, or an invitation's words."""

    text: Text


class CheckBody(Strict):
    """A draft, to be told of before it is sent. The text may be as long as a reply's, or empty."""

    text: Annotated[str, Meta(max_length=10_000)] = ""
    side: SideName | None = None
    files: Files = ()
    promises: Promises = ()


class AssignBody(Change):
    """Who takes the case."""

    agent_id: Name


class ResolveBody(Change):
    """Why the case is settled; `text`, if given, is sent to the customer first."""

    reason: Reason
    text: Text | None = None
    promises: Promises = ()


class ReasonBody(Change):
    """Why."""

    reason: Reason


class ApproveBody(Change):
    """What leaves otherwise than it was written. Null: as it was."""

    text: Text | None = None
    promises: Promises | None = None


class WaitBody(Change):
    """Whom the case waits for, and why."""

    on: Literal["customer", "third_party"]
    reason: Reason


class SnoozeBody(Change):
    """Until when, with a time zone, within the next 90 days. `asked`: the customer wishes it."""

    until: Annotated[datetime, Meta(tz=True)]
    asked: bool = False


class PageQuery(Strict):
    """One page of a list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    cursor: Cursor = ""


class CasesQuery(PageQuery):
    """Which open cases. Without `team` and `assignee`: one's own."""

    team: Annotated[str, Meta(max_length=128)] = ""
    assignee: Annotated[str, Meta(max_length=128)] = ""
    status: Status | None = None
    channel: Channel | None = None


class ApprovalsQuery(PageQuery):
    """Whose approvals. Without `team`: the nearest of all teams one sees."""

    team: Annotated[str, Meta(max_length=128)] = ""


class LimitQuery(Strict):
    """How many rows at most, where a list has no pages."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 100


class NoQuery(Strict):
    """A route that takes no query parameters."""


def read_body(request: Request, kind: type) -> Any:
    """Return the body as `kind`. Raises RequestError 400 or 413, never quoting what came."""
    raw = raw_body(request)
    if len(raw) > BODY_LIMIT:
        raise RequestError(413, "too_large", f"The body may have {BODY_LIMIT} bytes.")
    try:
        body: Any = msgspec.json.decode(raw, type=kind)
        json.loads(raw, object_pairs_hook=_once)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(400, "bad_body", _sentence(error)) from None
    return body


def read_query(values: Any, kind: type | None) -> Any:
    """Return the query parameters as `kind` (None: there may be none).

    Raises RequestError 400; a parameter may come once.
    """
    given = {name: values.getlist(name) for name in values} if values else {}
    if any(len(held) != 1 for held in given.values()):
        raise RequestError(400, "bad_query", "A query parameter may be given once.")
    try:
        return msgspec.convert(
            {name: held[0] for name, held in given.items()}, kind or NoQuery, strict=False
        )
    except (msgspec.ValidationError, ValueError) as error:
        raise RequestError(400, "bad_query", _sentence(error)) from None


def _once(pairs: list[tuple[str, object]]) -> None:
    """Refuse a name that comes twice in an object: two readers could see two requests.

    msgspec takes the last. Only what it found good is looked at again, which is small and flat.
    """
    if len({name for name, _ in pairs}) != len(pairs):
        raise RequestError(400, "bad_body", "A field may be given once.")


def _sentence(error: Exception) -> str:
    # msgspec's own validation messages name the field and the rule. An unknown field's name and a
    # wrong enum value are the
    # caller's own words, so they are cut off; other errors (broken JSON) are not quoted at all.
    if isinstance(error, msgspec.ValidationError):
        text = (
            str(error).split(" `")[0]
            if "unknown field" in str(error) or "Invalid enum" in str(error)
            else str(error)
        )
        return text[:200]
    return "The body is not the JSON that this route takes."
