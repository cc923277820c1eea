"""The API of what people say of a case: how urgent, whose, about what, praise, no answer needed."""

from typing import Annotated

from msgspec import Meta

from chalicelib.entrypoints import answers, answers_messages
from chalicelib.entrypoints.access import EVERYONE
from chalicelib.entrypoints.api_changes import DoneAnswer
from chalicelib.entrypoints.bodies import Change, ReasonBody
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows.change import Ask, Done

ONE = "/api/conversations/{conversation_id}"

Labels = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=50)
]


class PriorityBody(Change):
    """How urgent the case is, by a name that the policy's targets use; empty: as usual."""

    priority: Annotated[str, Meta(max_length=64)]


class VipBody(Change):
    """Whether the customer is very important, in this case and in later ones."""

    vip: bool


class LabelsBody(Change):
    """Which labels the case gets, and which are taken away. A label has 40 characters at most."""

    add: Labels = ()
    remove: Labels = ()


class LanguageBody(Change):
    """Which language the customer writes: a tag such as `de` or `pt-BR`; empty: not known."""

    language: Annotated[str, Meta(max_length=35)]


class ThankBody(Change):
    """How the customer was thanked: `a like`, `on the telephone`."""

    how: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


@route("POST", ONE + "/priority", roles=EVERYONE, body=PriorityBody, answer=DoneAnswer)
def post_priority(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Say how urgent the case is. Its clocks are decided anew, from the same starts and pauses."""
    from chalicelib.workflows.qualify import prioritise

    return _done(asked, prioritise(asked.parts, _ask(asked, conversation_id), asked.body.priority))


@route("POST", ONE + "/vip", roles=EVERYONE, body=VipBody, answer=DoneAnswer)
def post_vip(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Say whether the customer is very important; later cases of the person begin so."""
    from chalicelib.workflows.qualify import mark_vip

    return _done(asked, mark_vip(asked.parts, _ask(asked, conversation_id), vip=asked.body.vip))


@route("POST", ONE + "/labels", roles=EVERYONE, body=LabelsBody, answer=DoneAnswer)
def post_labels(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Add labels to the case, and take some away."""
    from chalicelib.workflows.qualify import label

    body: LabelsBody = asked.body
    return _done(asked, label(asked.parts, _ask(asked, conversation_id), body.add, body.remove))


@route("POST", ONE + "/language", roles=EVERYONE, body=LanguageBody, answer=DoneAnswer)
def post_language(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Say which language the customer writes."""
    from chalicelib.workflows.qualify import speak

    return _done(asked, speak(asked.parts, _ask(asked, conversation_id), asked.body.language))


@route(
    "POST",
    ONE + "/messages/{message_id}/appreciate",
    roles=EVERYONE,
    body=Change,
    answer=DoneAnswer,
)
def post_appreciate(asked: Asked, conversation_id: str, message_id: str) -> DoneAnswer:
    """Mark a customer's message as praise: thanks are owed for it, and no answer."""
    from chalicelib.workflows.appreciate import appreciate

    return _done(asked, appreciate(asked.parts, _ask(asked, conversation_id), message_id))


@route("POST", ONE + "/thank", roles=EVERYONE, body=ThankBody, answer=DoneAnswer)
def post_thank(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Note that the customer was thanked other than by a reply."""
    from chalicelib.workflows.appreciate import thank

    return _done(asked, thank(asked.parts, _ask(asked, conversation_id), asked.body.how))


@route("POST", ONE + "/no-answer", roles=EVERYONE, body=ReasonBody, answer=DoneAnswer)
def post_no_answer(asked: Asked, conversation_id: str) -> DoneAnswer:
    """Say with a reason that the customer's message needs no answer."""
    from chalicelib.workflows.appreciate import waive_answer

    return _done(asked, waive_answer(asked.parts, _ask(asked, conversation_id), asked.body.reason))


def _ask(asked: Asked, conversation_id: str) -> Ask:
    return Ask(asked.actor, conversation_id, asked.body.version, asked.key)


def _done(asked: Asked, done: Done) -> DoneAnswer:
    return DoneAnswer(
        conversation=answers.conversation(asked.parts, done.conversation),
        message=answers_messages.message(done.message) if done.message else None,
        repeated=done.repeated,
    )
