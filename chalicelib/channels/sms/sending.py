"""Replies by AWS End User Messaging (protocols 4.4)."""

from collections.abc import Mapping

from chalicelib.channels import answers
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import (
    AwsRefusedError,
    ErrorClass,
    NoAnswerError,
    NotSentError,
    Outgoing,
    SendResult,
    SendState,
)

ORIGIN_SETTING = "origin"
"""The ARN of the number, where it is shared by another account; else the number itself is named."""

CONFIGURATION_SETTING = "configuration_set"
"""The configuration set whose event destination tells us what became of a message."""

MAX_ERROR_TEXT = 300
OPTED_OUT = "opted_out"

_REASONS: Mapping[str, ErrorClass] = {
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": ErrorClass.RECIPIENT,
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": ErrorClass.RECIPIENT,
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION": ErrorClass.RECIPIENT,
    "DESTINATION_COUNTRY_BLOCKED": ErrorClass.RECIPIENT,
    "COUNTRY_NOT_ENABLED": ErrorClass.RECIPIENT,
    "INTERNATIONAL_SENDING_NOT_SUPPORTED": ErrorClass.RECIPIENT,
    "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY": ErrorClass.RECIPIENT,
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT": ErrorClass.CHANNEL,
}
"""What the reason inside an exception says outweighs the exception."""

_CODES: Mapping[str, ErrorClass] = {
    "ThrottlingException": ErrorClass.THROTTLED,
    "InternalServerException": ErrorClass.UNAVAILABLE,
    "ServiceUnavailableException": ErrorClass.UNAVAILABLE,
    "ValidationException": ErrorClass.CONTENT,
    "ServiceQuotaExceededException": ErrorClass.LIMIT,
}
"""Every other exception is about our account, our rights or our number: it stops every reply."""

_AGAIN = (ErrorClass.THROTTLED, ErrorClass.UNAVAILABLE)


def send(outgoing: Outgoing, places: Places) -> SendResult:
    """Send one message, once. AWS recognises no repeat, so without an answer nobody knows."""
    if places.texter is None:
        return answers.refused(ErrorClass.CHANNEL, "no_texter", "Nothing is set up to send SMS.")
    settings = outgoing.handle.settings
    try:
        message_id = places.texter().send(
            settings.get(ORIGIN_SETTING) or outgoing.handle.account_id,
            outgoing.recipient,
            outgoing.text,
            outgoing.token,
            configuration_set=settings.get(CONFIGURATION_SETTING, ""),
        )
    except AwsRefusedError as error:
        return _refused(error)
    except NotSentError as error:
        return _ended(SendState.RETRY, ErrorClass.UNAVAILABLE, "not_reached", str(error))
    except NoAnswerError as error:
        return _ended(SendState.UNKNOWN, ErrorClass.UNANSWERED, "no_answer", str(error))
    if message_id:
        return SendResult(SendState.ACCEPTED, platform_id=message_id)
    return _ended(SendState.UNKNOWN, ErrorClass.UNANSWERED, "no_id", "The answer holds no id.")


def _refused(error: AwsRefusedError) -> SendResult:
    """Return what an exception means. Its code may be `Exception/REASON`."""
    code, _, reason = error.code.partition("/")
    meant = _REASONS.get(reason) or _CODES.get(code, ErrorClass.CHANNEL)
    state = SendState.RETRY if meant in _AGAIN else SendState.FAILED
    if reason == "DESTINATION_PHONE_NUMBER_OPTED_OUT":
        text = "The customer has opted out of messages from this number (STOP)."
        return _ended(state, meant, OPTED_OUT, text)
    return _ended(state, meant, error.code, error.text[:MAX_ERROR_TEXT])


def _ended(state: SendState, meant: ErrorClass, code: str, text: str) -> SendResult:
    return SendResult(state, error_class=meant, error_code=code, error_text=text)
