"""Refusals: why a change asked for by a person, or an event from a queue, is not carried out."""

from chalicelib.domain.conversation import Conversation


class RefusedError(Exception):
    """Base of every refusal.

    `code` is a stable machine word, `message` a sentence for people, `instead` what may be
    done.
    """

    code = "refused"

    def __init__(self, message: str, *, code: str = "", instead: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.instead = instead


class NotFoundError(RefusedError):
    """Raised when there is no such thing, or none this person may see."""

    code = "not_found"


class ForbiddenError(RefusedError):
    """Raised when this person's role may not do this."""

    code = "forbidden"


class ConflictError(RefusedError):
    """Raised when the change was based on an older version. `conversation` is the newer state."""

    code = "stale"

    def __init__(self, conversation: Conversation) -> None:
        super().__init__("The conversation has changed since you read it.")
        self.conversation = conversation


class KeyReusedError(RefusedError):
    """Raised when an idempotency key comes back with another request."""

    code = "key_reused"


class NotNowError(RefusedError):
    """Raised when the change does not fit the state the case is in.

    Resolving a closed case, sending outside the channel's window.
    """

    code = "not_now"


class RetryLaterError(Exception):
    """Raised when something cannot be done yet.

    Its queue shall deliver it again, after `seconds` where that is known.
    """

    def __init__(self, message: str, *, seconds: int = 0) -> None:
        super().__init__(message)
        self.seconds = seconds
