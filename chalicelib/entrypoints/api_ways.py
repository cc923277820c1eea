"""The API's ways: how a customer can be answered now, and whether a draft would be taken."""

from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.domain.channel import Channel
from chalicelib.entrypoints import answers_approvals
from chalicelib.entrypoints.access import EVERYONE
from chalicelib.entrypoints.answers import Answer
from chalicelib.entrypoints.answers_approvals import AuthorityAnswer, NeedAnswer
from chalicelib.entrypoints.bodies import CheckBody
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows import read
from chalicelib.workflows.errors import RefusedError

if TYPE_CHECKING:
    from chalicelib.workflows.answering.ways import Checked, InviteWay, ReplyWay

ONE = "/api/conversations/{conversation_id}"


class ReasonAnswer(Answer):
    """Why something would be refused, in the words of the refusal itself."""

    code: str
    message: str
    instead: tuple[str, ...]


class RateAnswer(Answer):
    """At most `count` messages in `seconds`."""

    count: int
    seconds: int


class ReplyWayAnswer(Answer):
    """A reply on one side. `default`: where it goes when no side is named.

    `segments`: texts are paid for by segments. `templates`: prepared messages may leave outside the
    window; `template`: now nothing else may. `refused`: why no words may leave now.
    """

    side: str
    default: bool
    channel: Channel
    handle: str
    open: bool
    human_only: bool
    closes_at: datetime | None
    seconds_left: int | None
    text_limit: int
    text_unit: str
    segments: bool
    templates: bool
    template: bool
    files: int
    file_kinds: tuple[str, ...]
    file_bytes: int
    rates: tuple[RateAnswer, ...]
    refused: tuple[ReasonAnswer, ...]
    instead: str


class InviteWayAnswer(Answer):
    """An invitation to a private talk: `private_reply`, `direct_message`, `link` or nothing.

    `until` null: there is no end. `refused`: why not now.
    """

    kind: str
    channel: Channel | None
    handle: str
    until: datetime | None
    seconds_left: int | None
    refused: ReasonAnswer | None


class OtherWayAnswer(Answer):
    """Another conversation with the same person."""

    conversation_id: str
    channel: Channel
    handle: str
    public: bool
    open: bool


class WaysAnswer(Answer):
    """Every way to answer a customer now. `invite` null: the conversation is private.

    `authority` is what you may promise alone; a kind that is not named in `limited` has no limit.
    """

    replies: tuple[ReplyWayAnswer, ...]
    invite: InviteWayAnswer | None
    others: tuple[OtherWayAnswer, ...]
    authority: tuple[AuthorityAnswer, ...]
    limited: tuple[str, ...]


class SegmentsAnswer(Answer):
    """What a text message is cut into: `count` parts of `units` in all."""

    encoding: str
    units: int
    count: int
    left_in_last: int


class FindingAnswer(Answer):
    """A piece of personal data in the draft: its kind and its place, counted in characters."""

    kind: str
    start: int
    end: int


class CheckAnswer(Answer):
    """What a draft is: its `length` and what is `left` of the limit, in `unit`.

    `refused`: why the reply would be refused, the reason it would give first; empty: it would not.
    `approval`: it would wait for somebody (null: you may say it alone).
    """

    side: str
    length: int
    left: int
    unit: str
    segments: SegmentsAnswer | None
    personal: tuple[FindingAnswer, ...]
    refused: tuple[ReasonAnswer, ...]
    approval: NeedAnswer | None


@route("GET", ONE + "/ways", roles=EVERYONE, answer=WaysAnswer)
def get_ways(asked: Asked, conversation_id: str) -> WaysAnswer:
    """Read every way to answer the customer now, with its window and its limits."""
    from chalicelib.workflows.answering.ways import ways

    conversation = read.conversation(asked.parts, asked.actor, conversation_id)
    found = ways(asked.parts, asked.actor, conversation)
    return WaysAnswer(
        replies=tuple(_reply(one) for one in found.replies),
        invite=_invite(found.invite) if found.invite else None,
        others=tuple(
            OtherWayAnswer(
                conversation_id=one.conversation_id,
                channel=one.channel,
                handle=one.handle,
                public=one.public,
                open=one.open,
            )
            for one in found.others
        ),
        authority=answers_approvals.authority(asked.parts, asked.actor, conversation),
        limited=answers_approvals.limited(asked.parts),
    )


@route("POST", ONE + "/check", roles=EVERYONE, body=CheckBody, answer=CheckAnswer)
def post_check(asked: Asked, conversation_id: str) -> CheckAnswer:
    """Check a draft before it is sent: its length, what it shows, and why it would be refused."""
    from chalicelib.workflows.answering.limits import Draft
    from chalicelib.workflows.answering.ways import check
    from chalicelib.workflows.approving.foreseen import foreseen

    body: CheckBody = asked.body
    conversation = read.conversation(asked.parts, asked.actor, conversation_id)
    promised = answers_approvals.promised(body.promises)
    draft = Draft(body.text, body.side or "", body.files, promised=promised)
    found = check(asked.parts, conversation, draft)
    needed = foreseen(asked.parts, asked.actor, conversation, draft)
    return CheckAnswer(
        side=found.side,
        length=found.length,
        left=found.left,
        unit=found.can.text_unit.value,
        segments=_segments(found, body.text),
        personal=tuple(
            FindingAnswer(kind=one.kind, start=one.start, end=one.end) for one in found.personal
        ),
        refused=tuple(_reason(one) for one in (*found.refused, *needed.refused)),
        approval=answers_approvals.needed(needed.need) if needed.need else None,
    )


def _reply(way: "ReplyWay") -> ReplyWayAnswer:
    at, can, room = way.at, way.can, way.room
    return ReplyWayAnswer(
        side=way.side,
        default=way.default,
        channel=at.channel,
        handle=at.handle,
        open=room.open and not way.refused,
        human_only=room.human_only,
        closes_at=room.closes_at,
        seconds_left=way.seconds_left,
        text_limit=can.text_limit,
        text_unit=can.text_unit.value,
        segments=can.segments,
        templates=can.templates,
        template=way.template,
        files=can.files,
        file_kinds=can.file_kinds,
        file_bytes=can.file_bytes,
        rates=tuple(RateAnswer(count=one.count, seconds=one.seconds) for one in can.rates),
        refused=tuple(_reason(one) for one in way.refused),
        instead=room.instead,
    )


def _invite(way: "InviteWay") -> InviteWayAnswer:
    return InviteWayAnswer(
        kind=way.kind.value,
        channel=way.channel,
        handle=way.handle,
        until=way.until,
        seconds_left=way.seconds_left,
        refused=_reason(way.refused) if way.refused else None,
    )


def _segments(found: "Checked", text: str) -> SegmentsAnswer | None:
    if not found.can.segments:
        return None
    from chalicelib.domain.segments import segments

    cut = segments(text)
    return SegmentsAnswer(
        encoding=cut.encoding.value,
        units=cut.units,
        count=cut.count,
        left_in_last=cut.left_in_last,
    )


def _reason(refused: RefusedError) -> ReasonAnswer:
    return ReasonAnswer(code=refused.code, message=refused.message, instead=refused.instead)
