"""What SES's errors mean for a reply, and in plain words for who has to mend it.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
"""

from chalicelib.channels.answers import refused
from chalicelib.workflows.networks import AwsRefusedError, ErrorClass, SendResult, SendState

LONGEST = 300
SANDBOX = (
    "SES is in its sandbox here: it only sends to addresses that are verified. Ask AWS for"
    " production access."
)
_BUSY = frozenset(
    "Throttling ThrottlingException TooManyRequestsException RequestThrottled SlowDown".split()
)
_DOWN = frozenset(
    "InternalFailure InternalServerError InternalServiceErrorException ServiceUnavailable"
    " ServiceUnavailableException 503".split()
)
_CHANNEL = {
    "MailFromDomainNotVerifiedException": "The MX record of the MAIL FROM domain is missing.",
    "MailFromDomainNotVerified": "The MX record of the MAIL FROM domain is missing.",
    "SendingPausedException": "AWS has paused sending for this account.",
    "AccountSendingPausedException": "AWS has paused sending for this account.",
    "AccountSuspendedException": "AWS has suspended sending for this account for good.",
    "NotFoundException": "The configuration set is missing: deploy again.",
    "AccessDeniedException": "The function may not send mail from this address.",
    "AccessDenied": "The function may not send mail from this address.",
}


def meaning(error: AwsRefusedError, account: str, recipient: str) -> SendResult:
    """Return what a refusal means: certainly not sent in every case."""
    text = " ".join(error.text.split())[:LONGEST]
    if "daily message quota" in text.lower() or error.code == "LimitExceededException":
        return refused(ErrorClass.LIMIT, error.code, "The day's sending quota of SES is used up.")
    if error.code in _BUSY:
        return _later(ErrorClass.THROTTLED, error.code, text)
    if error.code in _DOWN:
        return _later(ErrorClass.UNAVAILABLE, error.code, text)
    if error.code == "MessageRejected":
        return _rejected(text, account, recipient)
    if error.code == "BadRequestException":
        about = ErrorClass.RECIPIENT if "address" in text.lower() else ErrorClass.CONTENT
        return refused(about, error.code, text)
    return refused(ErrorClass.CHANNEL, error.code, _CHANNEL.get(error.code, text))


def _rejected(text: str, account: str, recipient: str) -> SendResult:
    """Tell the sandbox (the recipient is not verified) from a sender that is not verified."""
    lower = text.lower()
    if "not verified" not in lower:
        return refused(ErrorClass.CONTENT, "MessageRejected", text)
    if recipient.lower() in lower and account.lower() not in lower:
        return refused(ErrorClass.CHANNEL, "sandbox", SANDBOX)
    words = f"{account} is not verified in SES: verify its domain."
    return refused(ErrorClass.CHANNEL, "sender_not_verified", words)


def _later(error_class: ErrorClass, code: str, text: str) -> SendResult:
    return SendResult(SendState.RETRY, error_class=error_class, error_code=code, error_text=text)
