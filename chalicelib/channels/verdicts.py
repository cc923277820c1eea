"""What becomes of a message when its platform answers with something other than yes.

Each room has tables from its platform's errors to these.
"""

from dataclasses import dataclass

from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

MAX_TEXT = 300
"""Characters of a platform's own words that are kept with a message."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the message.

    `code` and `text` are ours, where they say more than the platform's. `wait_seconds`: not before,
    where the platform's rules say so and its answer does not.
    """

    state: SendState
    error_class: ErrorClass
    code: str = ""
    text: str = ""
    wait_seconds: int = 0

    def result(self, code: str, text: str, wait_seconds: int = 0) -> SendResult:
        """Return the result, with the platform's code and words where there are none of ours."""
        return SendResult(
            self.state,
            error_class=self.error_class,
            error_code=self.code or code,
            error_text=(self.text or text)[:MAX_TEXT],
            retry_after_seconds=wait_seconds,
        )


RETRY = Verdict(SendState.RETRY, ErrorClass.UNAVAILABLE)
THROTTLED = Verdict(SendState.RETRY, ErrorClass.THROTTLED)
UNKNOWN = Verdict(SendState.UNKNOWN, ErrorClass.UNANSWERED)
CHANNEL = Verdict(SendState.FAILED, ErrorClass.CHANNEL)
WINDOW = Verdict(SendState.FAILED, ErrorClass.WINDOW)
RECIPIENT = Verdict(SendState.FAILED, ErrorClass.RECIPIENT)
CONTENT = Verdict(SendState.FAILED, ErrorClass.CONTENT)
LIMIT = Verdict(SendState.FAILED, ErrorClass.LIMIT)


def cannot(action: str) -> SendResult:
    """Return that this network has no such action."""
    return CONTENT.result(f"cannot_{action}", f"This channel cannot {action}.")
