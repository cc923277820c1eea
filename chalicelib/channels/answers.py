"""Answers to a sending that have one meaning on every network.

Refused here before the platform would, never reached it, or no answer came.
"""

from dataclasses import replace

from chalicelib.channels import transport, wire
from chalicelib.channels.contract import PayloadError
from chalicelib.workflows.networks import NO_ANSWER, ErrorClass, SendResult, SendState


def refused(error_class: ErrorClass, code: str, text: str) -> SendResult:
    """Return that it was not sent and will not be."""
    return SendResult(SendState.FAILED, error_class=error_class, error_code=code, error_text=text)


def attempt(request: transport.Request) -> transport.Answer | SendResult:
    """Make a request once: the platform's answer, or how it ended without one."""
    try:
        return transport.exchange(request)
    except transport.NotSentError as error:
        return SendResult(
            SendState.RETRY,
            error_class=ErrorClass.UNAVAILABLE,
            error_code="not_reached",
            error_text=str(error),
        )
    except transport.NoAnswerError as error:
        return SendResult(
            SendState.UNKNOWN,
            error_class=ErrorClass.UNANSWERED,
            error_code=NO_ANSWER,
            error_text=str(error),
        )


def told(answer: transport.Answer) -> wire.Json:
    """Return the object that an answer holds; an empty one when it holds none."""
    try:
        return wire.as_object(wire.read(answer.body), "answer")
    except PayloadError:
        return {}


def ident(told: wire.Json, name: str) -> str:
    """Return an id that an answer names; empty when it names none."""
    try:
        return wire.ident(told, name)
    except PayloadError:
        return ""


def accepted(platform_id: str) -> SendResult:
    """Return that the platform took it. A yes that names nothing may be none: nobody knows."""
    if platform_id:
        return SendResult(SendState.ACCEPTED, platform_id=platform_id)
    text = "The answer holds no id."
    return SendResult(SendState.UNKNOWN, "", ErrorClass.UNANSWERED, "no_id", text)


def again(result: SendResult) -> SendResult:
    """Return the result of a call that may be made twice: where nobody knows, it is made again.

    Because the platform recognises the repeat, or because the call sends nothing yet.
    """
    if result.state is not SendState.UNKNOWN:
        return result
    return replace(result, state=SendState.RETRY, error_class=ErrorClass.UNAVAILABLE)


def part(told: wire.Json, name: str) -> wire.Json:
    """Return an object within an answer; an empty one when there is none."""
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def parts(told: wire.Json, name: str) -> list[wire.Json]:
    """Return the objects of a list within an answer."""
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def withheld(result: SendResult, secrets: tuple[str, ...]) -> SendResult:
    """Return the result without our secrets: platforms quote a key that they find malformed.

    The text is stored with the message and shown to agents. A long text was cut, so that of a
    secret at its end only the beginning may be left.
    """
    text = result.error_text
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
        ends = range(len(secret) - 1, 7, -1)
        cut = next((end for end in ends if text.endswith(secret[:end])), 0)
        text = text[: len(text) - cut] + "***" if cut else text
    return replace(result, error_text=text)
