"""The API's approvals: what waits for somebody who may, and how that person decides."""

from typing import TYPE_CHECKING

from chalicelib.entrypoints import answers, answers_approvals, answers_messages
from chalicelib.entrypoints.access import EVERYONE
from chalicelib.entrypoints.answers import Answer, ConversationAnswer
from chalicelib.entrypoints.answers_approvals import ApprovalAnswer
from chalicelib.entrypoints.api_changes import DoneAnswer
from chalicelib.entrypoints.bodies import ApprovalsQuery, ApproveBody, Change, ReasonBody
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.change import Ask, Done

if TYPE_CHECKING:
    from chalicelib.workflows.approving.inbox import Found

ONE = "/api/conversations/{conversation_id}/approvals/{approval_id}"


class ToDecideAnswer(Answer):
    """One approval that is yours to decide. `approvable` false: you may decline it only."""

    approval: ApprovalAnswer
    approvable: bool


class WaitingAnswer(Answer):
    """A conversation, and what waits in it that you may decide."""

    conversation: ConversationAnswer
    approvals: tuple[ToDecideAnswer, ...]


class ApprovalsAnswer(Answer):
    """What you may decide, nearest deadline first.

    `cursor` empty: the team has no more. `more`: teams that have more, to be asked for one by one.
    """

    waiting: tuple[WaitingAnswer, ...]
    cursor: str
    more: tuple[str, ...]


@route("GET", "/api/approvals", roles=EVERYONE, query=ApprovalsQuery, answer=ApprovalsAnswer)
def list_approvals(asked: Asked) -> ApprovalsAnswer:
    """List what waits for approval and is yours to decide, nearest deadline first."""
    from chalicelib.workflows.approving.inbox import inbox, inboxes

    wanted: ApprovalsQuery = asked.query
    if wanted.team:
        page = inbox(asked.parts, asked.actor, wanted.team, wanted.limit, wanted.cursor)
        waiting = tuple(_waiting(asked, row) for row in page.rows)
        return ApprovalsAnswer(waiting=waiting, cursor=page.cursor, more=())
    rows, more = inboxes(asked.parts, asked.actor, wanted.limit)
    waiting = tuple(_waiting(asked, row) for row in rows)
    return ApprovalsAnswer(waiting=waiting, cursor="", more=more)


@route("POST", ONE + "/approve", roles=EVERYONE, body=ApproveBody, answer=DoneAnswer, status=202)
def post_approve(asked: Asked, conversation_id: str, approval_id: str) -> DoneAnswer:
    """Let it leave now, as it was written or changed; a resolution resolves the case."""
    from chalicelib.workflows.approving.decide import Changed, approve

    body: ApproveBody = asked.body
    promises = body.promises
    promised = None if promises is None else answers_approvals.promised(promises)
    changed = Changed(body.text, promised)
    return _done(asked, approve(asked.parts, _ask(asked, conversation_id), approval_id, changed))


@route("POST", ONE + "/decline", roles=EVERYONE, body=ReasonBody, answer=DoneAnswer)
def post_refuse(asked: Asked, conversation_id: str, approval_id: str) -> DoneAnswer:
    """Keep it back for good, with a reason that its author sees."""
    from chalicelib.workflows.approving.decide import decline

    ask = _ask(asked, conversation_id)
    return _done(asked, decline(asked.parts, ask, approval_id, asked.body.reason))


@route("POST", ONE + "/withdraw", roles=EVERYONE, body=Change, answer=DoneAnswer)
def post_withdraw(asked: Asked, conversation_id: str, approval_id: str) -> DoneAnswer:
    """Take your own words back before anybody has decided."""
    from chalicelib.workflows.approving.decide import withdraw

    return _done(asked, withdraw(asked.parts, _ask(asked, conversation_id), approval_id))


def _waiting(asked: Asked, found: "Found") -> WaitingAnswer:
    conversation, case = found.conversation, found.conversation.case
    return WaitingAnswer(
        conversation=answers.conversation(asked.parts, conversation),
        approvals=tuple(
            ToDecideAnswer(
                approval=answers_approvals.approval(asked.parts, conversation, case, one.approval),
                approvable=one.approvable,
            )
            for one in found.waiting
            if case
        ),
    )


def _ask(asked: Asked, conversation_id: str) -> Ask:
    return Ask(asked.actor, conversation_id, asked.body.version, asked.key)


def _done(asked: Asked, done: Done) -> DoneAnswer:
    return DoneAnswer(
        conversation=answers.conversation(asked.parts, done.conversation),
        message=answers_messages.message(done.message) if done.message else None,
        repeated=done.repeated,
    )
