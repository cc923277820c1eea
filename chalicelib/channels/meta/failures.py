"""What Meta's error codes mean for a message that was to be sent (protocols 1.10)."""

from dataclasses import dataclass
from http import HTTPStatus

from chalicelib.workflows.networks import ErrorClass, SendState


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the message.

    `wait_seconds`: not before, where the platform's rules say so.
    """

    state: SendState
    error_class: ErrorClass
    wait_seconds: int = 0


_RETRY = Verdict(SendState.RETRY, ErrorClass.UNAVAILABLE)
_THROTTLED = Verdict(SendState.RETRY, ErrorClass.THROTTLED)
_PAIR = Verdict(SendState.RETRY, ErrorClass.THROTTLED, 6)  # the same customer too fast
_CHANNEL = Verdict(SendState.FAILED, ErrorClass.CHANNEL)
_WINDOW = Verdict(SendState.FAILED, ErrorClass.WINDOW)
_RECIPIENT = Verdict(SendState.FAILED, ErrorClass.RECIPIENT)
_CONTENT = Verdict(SendState.FAILED, ErrorClass.CONTENT)
_LIMIT = Verdict(SendState.FAILED, ErrorClass.LIMIT, 86_400)
UNKNOWN = Verdict(SendState.UNKNOWN, ErrorClass.UNANSWERED)

# (code, subcode): what the pair says outweighs the code alone
_PAIRS = {
    (1, 1357046): UNKNOWN,  # "sent although an error is returned"
    (10, 2018278): _WINDOW,
    (10, 2534022): _WINDOW,
    (100, 2018001): _RECIPIENT,
    (100, 2534014): _RECIPIENT,
    (100, 1893061): _CONTENT,  # a retired message tag
    (200, 2534041): _RECIPIENT,  # the customer takes no direct messages
}
_FIRM = {  # these stand even when the platform calls the error transient
    **dict.fromkeys((131048, 131049, 130472, 131064), _LIMIT),
    131047: _WINDOW,
    131056: _PAIR,
}
_CODES = {
    **dict.fromkeys((1, 2, 131016, 131000, 133016), _RETRY),
    **dict.fromkeys((4, 17, 32, 613, 80001, 80002, 80006, 80007, 130429), _THROTTLED),
    **dict.fromkeys((190, 102, 10, 3, 131005, 131031, 368, 131042, 131045, 133010), _CHANNEL),
    **dict.fromkeys((551, 1545041, 131026, 131021, 131050, 131062), _RECIPIENT),
    **dict.fromkeys((100, 131008, 131009, 131051, 131053), _CONTENT),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132012, 132015, 132016), _CONTENT),
}
_PERMISSIONS = range(200, 300)


def of_error(status: int, code: int, subcode: int, *, transient: bool) -> Verdict:
    """Return what an error that the Graph API explained means.

    Unknown codes go by the HTTP status.
    """
    exact = _PAIRS.get((code, subcode)) or _FIRM.get(code)
    if exact:
        return exact
    if transient:
        return _CODES[code] if _CODES.get(code) is _THROTTLED else _RETRY
    if code in _PERMISSIONS:
        return _CHANNEL
    return _CODES.get(code) or _of_explained_status(status)


def of_status(status: int) -> Verdict:
    """Return what an answer without an explained error means.

    429 and 503 say that nothing was done. Any other failure of a server or of something between
    leaves open whether the message went out, and Meta offers no way to send the same message twice
    safely.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _RETRY
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _CHANNEL
    return (
        _CONTENT if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR else UNKNOWN
    )


def _of_explained_status(status: int) -> Verdict:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _RETRY
    return _THROTTLED if status == HTTPStatus.TOO_MANY_REQUESTS else _CONTENT
