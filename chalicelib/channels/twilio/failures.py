"""What Twilio's error codes mean for a message that was to be sent (protocols 4.3).

https://www.twilio.com/docs/api/errors has them all; those here are what a reply can meet.
"""

from collections.abc import Mapping
from http import HTTPStatus

from chalicelib.channels.verdicts import (
    CHANNEL,
    CONTENT,
    LIMIT,
    RECIPIENT,
    RETRY,
    THROTTLED,
    UNKNOWN,
    WINDOW,
    Verdict,
)
from chalicelib.workflows.networks import ErrorClass, SendState

OPTED_OUT = "opted_out"
"""Our own code for 21610: the customer sent STOP, and only the customer can take it back."""


_CODES: Mapping[int, Verdict] = {
    **dict.fromkeys((20429, 63018, 30001, 14107), THROTTLED),
    **dict.fromkeys((20003, 20404, 20005, 20006, 21603, 21606, 21659, 21660, 21711), CHANNEL),
    **dict.fromkeys((21608, 21701, 21703, 30002, 30034, 63007, 63020), CHANNEL),
    21610: Verdict(SendState.FAILED, ErrorClass.RECIPIENT, OPTED_OUT),
    **dict.fromkeys((21211, 21214, 21265, 21408, 21612, 21614, 30003, 30004), RECIPIENT),
    **dict.fromkeys((30005, 30006, 63003, 63024, 63032), RECIPIENT),
    **dict.fromkeys((21602, 21617, 21619, 21620, 21623, 30007, 12300), CONTENT),
    **dict.fromkeys((21655, 21656, 63005, 63013, 63019, 63021), CONTENT),
    63016: WINDOW,
    **dict.fromkeys((30022, 30023, 63038), LIMIT),
}


def of_error(status: int, code: int) -> Verdict:
    """Return what an answer with Twilio's own error code means. 0 is none.

    A failure of Twilio's server says what it says: it did not make the message. Anything between
    us and Twilio (no code) leaves that open, and Twilio cannot be sent the same message twice
    safely.
    """
    known = _CODES.get(code)
    if known:
        return known
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return THROTTLED
    if status == HTTPStatus.SERVICE_UNAVAILABLE or (
        code and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return RETRY
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return CHANNEL
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return CONTENT if refused else UNKNOWN
