"""The API's changes of a conversation: each once, and based on the version that was read."""

from datetime import UTC

from chalicelib.entrypoints import answers, answers_approvals, answers_messages
from chalicelib.entrypoints.access import ADMINS, EVERYONE
from chalicelib.entrypoints.answers import Answer, ConversationAnswer
from chalicelib.entrypoints.answers_messages import MessageAnswer
from chalicelib.entrypoints.bodies import (
    AssignBody,
    Change,
    NoteBody,
    ReasonBody,
    ReplyBody,
    ResolveBody,
    SnoozeBody,
    WaitBody,
)
from chalicelib.entrypoints.refusals import RequestError
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.change import Ask, Done

ONE = "/api/conversations/{conversation_id}"


class DoneAnswer(Answer):
    """What a change led to.

    `repeated`: the same Idempotency-Key had made it before, and nothing was done twice.
    """

    conversation: ConversationAnswer
    message: MessageAnswer | None
    repeated: bool


@route("POST", ONE + "/replies", roles=EVERYONE, body=ReplyBody, answer=DoneAnswer, status=202)
def post_reply(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Answer the customer.

    The reply is stored at once and sent by the outbox; its `delivery` says how far it came, or that
    it is `held` until somebody who may has approved it.
    """
    from chalicelib.workflows.answering.limits import Draft
    from chalicelib.workflows.answering.reply import reply

    body: ReplyBody = asked.body
    form = body.template
    template = (form.name, form.language, *form.parameters) if form else ()
    promised = answers_approvals.promised(body.promises)
    draft = Draft(body.text or "", body.side or "", body.files, template, promised=promised)
    return _done(asked, reply(asked.parts, _ask(asked, conversation_id), draft))


@route("POST", ONE + "/invite", roles=EVERYONE, body=NoteBody, answer=DoneAnswer, status=202)
def post_invite(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Ask the customer of a public conversation into a private talk, by the network's own means."""
    from chalicelib.workflows.answering.invite import invite

    return _done(asked, invite(asked.parts, _ask(asked, conversation_id), asked.body.text))


@route("POST", ONE + "/notes", roles=EVERYONE, body=NoteBody, answer=DoneAnswer)
def post_note(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Write a note that only colleagues see."""
    from chalicelib.workflows.answering.reply import note

    return _done(asked, note(asked.parts, _ask(asked, conversation_id), asked.body.text))


@route(
    "POST",
    ONE + "/messages/{message_id}/resend",
    roles=EVERYONE,
    body=Change,
    answer=DoneAnswer,
    status=202,
)
def post_resend(asked: Asked, conversation_id: str, message_id: str) -> DoneAnswer:
    """Send a reply again that failed, or whose fate is unknown."""
    from chalicelib.workflows.answering.reply import resend

    return _done(asked, resend(asked.parts, _ask(asked, conversation_id), message_id))


@route("POST", ONE + "/assign", roles=EVERYONE, body=AssignBody, answer=DoneAnswer)
def post_assign(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Give the case to an agent."""
    from chalicelib.workflows.assign import assign_to

    return _done(asked, assign_to(asked.parts, _ask(asked, conversation_id), asked.body.agent_id))


@route("POST", ONE + "/take", roles=EVERYONE, body=Change, answer=DoneAnswer)
def post_take(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Take the case oneself."""
    from chalicelib.workflows.assign import take

    return _done(asked, take(asked.parts, _ask(asked, conversation_id)))


@route("POST", ONE + "/resolve", roles=EVERYONE, body=ResolveBody, answer=DoneAnswer)
def post_resolve(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Resolve the case with a reason; with a text, answer the customer first.

    What needs approval waits for it, and the case stays open until then.
    """
    from chalicelib.workflows.answering.limits import Draft
    from chalicelib.workflows.approving.settling import settle
    from chalicelib.workflows.resolve import resolve

    ask, body = _ask(asked, conversation_id), asked.body
    promised = answers_approvals.promised(body.promises)
    if body.text is None:
        return _done(asked, resolve(asked.parts, ask, body.reason, promised))
    draft = Draft(body.text, promised=promised)
    return _done(asked, settle(asked.parts, ask, body.reason, draft))


@route("POST", ONE + "/reopen", roles=EVERYONE, body=ReasonBody, answer=DoneAnswer)
def post_reopen(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Open a resolved or closed case again."""
    from chalicelib.workflows.resolve import reopen

    return _done(asked, reopen(asked.parts, _ask(asked, conversation_id), asked.body.reason))


@route("POST", ONE + "/wait", roles=EVERYONE, body=WaitBody, answer=DoneAnswer)
def post_wait(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Wait for the customer or for a third party; the resolution clock pauses."""
    from chalicelib.workflows.wait import wait

    return _done(
        asked, wait(asked.parts, _ask(asked, conversation_id), asked.body.on, asked.body.reason)
    )


@route("POST", ONE + "/snooze", roles=EVERYONE, body=SnoozeBody, answer=DoneAnswer)
def post_snooze(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Put the case aside until a time; no clock pauses unless the customer asked for it."""
    from chalicelib.workflows.wait import snooze

    try:
        until = asked.body.until.astimezone(UTC)
    except OverflowError:
        raise RequestError(400, "bad_body", "That time does not exist in UTC.") from None
    until = until.replace(microsecond=until.microsecond // 1000 * 1000)
    return _done(
        asked, snooze(asked.parts, _ask(asked, conversation_id), until, asked=asked.body.asked)
    )


@route("POST", ONE + "/resume", roles=EVERYONE, body=Change, answer=DoneAnswer)
def post_resume(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Take up a case again that waits or is snoozed."""
    from chalicelib.workflows.wait import resume

    return _done(asked, resume(asked.parts, _ask(asked, conversation_id)))


@route("POST", ONE + "/restart", roles=ADMINS, body=Change, answer=DoneAnswer)
def post_restart(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Start the case's machine again from the truth in the table."""
    from chalicelib.workflows.stuck import restart

    return _done(asked, restart(asked.parts, _ask(asked, conversation_id)))


def _ask(asked: Asked, conversation_id: str) -> Ask:
    return Ask(asked.actor, conversation_id, asked.body.version, asked.key)


def _done(asked: Asked, done: Done) -> DoneAnswer:
    return DoneAnswer(
        conversation=answers.conversation(asked.parts, done.conversation),
        message=answers_messages.message(done.message) if done.message else None,
        repeated=done.repeated,
    )
