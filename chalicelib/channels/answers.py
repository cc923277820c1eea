"""Answers to a sending that have one meaning on every network.

Refused here before the platform would, never reached it, or no answer came.
"""

from dataclasses import replace

from chalicelib.channels import transport
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState


def refused(error_class: ErrorClass, code: str, text: str) -> SendResult:
    """Return that it was not sent and will not be."""
    return SendResult(SendState.FAILED, error_class=error_class, error_code=code, error_text=text)


def cannot(action: str) -> SendResult:
    """Return that this network has no such action."""
    return refused(ErrorClass.CONTENT, f"cannot_{action}", f"This channel cannot {action}.")


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
            error_code="no_answer",
            error_text=str(error),
        )


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
