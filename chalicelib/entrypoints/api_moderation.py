"""The API's moderation: a customer's public item is hidden, shown again or removed."""

from chalicelib.domain.moderation import DELETE, HIDE, UNHIDE
from chalicelib.entrypoints import answers, answers_messages
from chalicelib.entrypoints.access import EVERYONE, LEADS
from chalicelib.entrypoints.api_changes import DoneAnswer
from chalicelib.entrypoints.bodies import Change
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.change import Ask

ITEM = "/api/conversations/{conversation_id}/messages/{message_id}"


@route("POST", ITEM + "/hide", roles=EVERYONE, body=Change, answer=DoneAnswer, status=202)
def post_hide(asked: Asked, conversation_id: str, message_id: str) -> DoneAnswer:
    """Hide a customer's public item from everybody else; its `moderation` says how far it is."""
    return _moderated(asked, conversation_id, message_id, HIDE)


@route("POST", ITEM + "/unhide", roles=EVERYONE, body=Change, answer=DoneAnswer, status=202)
def post_unhide(asked: Asked, conversation_id: str, message_id: str) -> DoneAnswer:
    """Show a hidden item again. With personal data in it, its exposure is timed again."""
    return _moderated(asked, conversation_id, message_id, UNHIDE)


@route("POST", ITEM + "/delete", roles=LEADS, body=Change, answer=DoneAnswer, status=202)
def post_delete(asked: Asked, conversation_id: str, message_id: str) -> DoneAnswer:
    """Remove a customer's public item from the platform, for good."""
    return _moderated(asked, conversation_id, message_id, DELETE)


def _moderated(asked: Asked, conversation_id: str, message_id: str, action: str) -> DoneAnswer:
    from chalicelib.workflows.moderate import moderate

    ask = Ask(asked.actor, conversation_id, asked.body.version, asked.key)
    done = moderate(asked.parts, ask, message_id, action)
    return DoneAnswer(
        conversation=answers.conversation(asked.parts, done.conversation),
        message=answers_messages.message(done.message) if done.message else None,
        repeated=done.repeated,
    )
