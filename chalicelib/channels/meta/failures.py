"""What Meta's error codes mean for a message that was to be sent (protocols 1.10)."""

from http import HTTPStatus

from chalicelib.channels.verdicts import (
    CHANNEL,
    CONTENT,
    RECIPIENT,
    RETRY,
    THROTTLED,
    UNKNOWN,
    WINDOW,
    Verdict,
)
from chalicelib.workflows.networks import ErrorClass, SendState

_PAIR = Verdict(SendState.RETRY, ErrorClass.THROTTLED, wait_seconds=6)  # one customer too fast
_LIMIT = Verdict(SendState.FAILED, ErrorClass.LIMIT, wait_seconds=86_400)

# (code, subcode): what the pair says outweighs the code alone
_PAIRS = {
    (1, 1357046): UNKNOWN,  # "sent although an error is returned"
    (10, 2018278): WINDOW,
    (10, 2534022): WINDOW,
    (100, 2018001): RECIPIENT,
    (100, 2534014): RECIPIENT,
    (100, 1893061): CONTENT,  # a retired message tag
    (200, 2534041): RECIPIENT,  # the customer takes no direct messages
}
_FIRM = {  # these stand even when the platform calls the error transient
    **dict.fromkeys((131048, 131049, 130472, 131064), _LIMIT),
    131047: WINDOW,
    131056: _PAIR,
}
_CODES = {
    **dict.fromkeys((1, 2, 131016, 131000, 133016), RETRY),
    **dict.fromkeys((4, 17, 32, 613, 80001, 80002, 80006, 80007, 130429), THROTTLED),
    **dict.fromkeys((190, 102, 10, 3, 131005, 131031, 368, 131042, 131045, 133010), CHANNEL),
    **dict.fromkeys((551, 1545041, 131026, 131021, 131050, 131062), RECIPIENT),
    **dict.fromkeys((100, 131008, 131009, 131051, 131053), CONTENT),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132012, 132015, 132016), CONTENT),
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
        return _CODES[code] if _CODES.get(code) is THROTTLED else RETRY
    if code in _PERMISSIONS:
        return CHANNEL
    return _CODES.get(code) or _of_explained_status(status)


def of_status(status: int) -> Verdict:
    """Return what an answer without an explained error means.

    429 and 503 say that nothing was done. Any other failure of a server or of something between
    leaves open whether the message went out, and Meta offers no way to send the same message twice
    safely.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return RETRY
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CHANNEL
    return (
        CONTENT if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR else UNKNOWN
    )


def _of_explained_status(status: int) -> Verdict:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RETRY
    return THROTTLED if status == HTTPStatus.TOO_MANY_REQUESTS else CONTENT
