"""Pager: carries a page to a telephone, a mailbox or a paging system, once each.

Whatever a carrier says comes back as `Carried`: the ladder climbs on however it ends. No number, no
address and no key is ever in what comes back, or in a log line.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from http import HTTPStatus
from typing import Any, Protocol

from chalicelib.domain.ident import digest
from chalicelib.domain.ladder import PagingEndpoint, PagingKind
from chalicelib.domain.page_answer import number
from chalicelib.domain.page_receipt import TOKEN
from chalicelib.domain.policy import Handle, Policy
from chalicelib.gateways import paging_systems
from chalicelib.gateways.clients import error_code
from chalicelib.gateways.secrets import NoSecretError
from chalicelib.workflows.ladder.ports import Carried
from chalicelib.workflows.networks import (
    AwsRefusedError,
    HookSender,
    NoAnswerError,
    NotSentError,
    Outgoing,
    Sender,
    SendResult,
    SendState,
)

_BUSY = frozenset({408, 425, 429})
_AGAIN_CODES = frozenset(
    {
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "InternalError",
        "InternalErrorException",
        "InternalServerException",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""Answers of SNS and SES that say: not done, and later it may be."""

Secrets = Callable[[str], Mapping[str, object]]

log = logging.getLogger(__name__)


class Mailer(Protocol):
    """What sends a whole mail (gateways/mail.py)."""

    def send(self, source: str, recipients: list[str], raw: bytes, token: str) -> str: ...


class Poster(Protocol):
    """What posts to an operator's address, and never into our own network."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int: ...


@dataclass(frozen=True, slots=True)
class Carriers:
    """What a page leaves by. Each is made when it is first needed.

    `urls` holds where paging systems are called instead of where they are: for local runs.
    """

    sender: Callable[[], Sender]
    sns: Callable[[], Any]
    mail: Callable[[], Mailer]
    poster: Callable[[], Poster]
    hooks: Callable[[], HookSender]
    urls: Mapping[str, str]


class Pager:
    """Implements the ladder's `ports.Pager`. Never raises for what a carrier says or fails to."""

    def __init__(self, policy: Callable[[], Policy], secrets: Secrets, carriers: Carriers) -> None:
        self._policy = policy
        self._secrets = secrets
        self._carriers = carriers

    def sms(self, phone: str, text: str) -> Carried:
        """Send an SMS from the paging handle, or by SNS from a number of AWS's where none is set.

        `ref` is the carrier's message id. The number may be written in any form with its country;
        one that is none is not taken. A text that nobody knows the end of may be sent again:
        to be told twice is better than never.
        """
        handle, phone = self._handle(), number(phone)
        if not phone:
            return Carried(taken=False, reason="no_number")
        if handle is None:
            return self._carried("sms", lambda: self._by_sns(phone, text))
        token = TOKEN + digest("text", phone, text)
        outgoing = Outgoing(token, handle, phone, public=False, text=text, human=False)
        return self._carried("sms", lambda: _sent(self._carriers.sender().send(outgoing)))

    def email(self, address: str, subject: str, body: str) -> Carried:
        """Send an email by SES from the paging address. `ref` is its Message-ID."""
        source = self._policy().paging.email_from
        if not source:
            return Carried(taken=False, reason="no_sender")
        return self._carried("email", lambda: self._by_ses(source, address, subject, body))

    def webhook(self, endpoint: PagingEndpoint, action: str, facts: Mapping[str, str]) -> Carried:
        """Tell a paging system, which folds what it hears twice by the page's id."""
        return self._carried("webhook", lambda: self._told(endpoint, action, facts))

    def _carried(self, medium: str, carry: Callable[[], Carried]) -> Carried:
        try:
            carried = carry()
        except Exception as error:  # noqa: BLE001  (one carrier's failure must not stop the others)
            carried = _failed(error)
        if not carried.taken:
            log.warning("A page did not leave by %s: %s", medium, carried.reason)
        return carried

    def _handle(self) -> Handle | None:
        policy = self._policy()
        return policy.handle(policy.paging.sms_handle) if policy.paging.sms_handle else None

    def _by_sns(self, phone: str, text: str) -> Carried:
        kind = {"DataType": "String", "StringValue": "Transactional"}
        answer = self._carriers.sns().publish(
            PhoneNumber=phone, Message=text, MessageAttributes={"AWS.SNS.SMS.SMSType": kind}
        )
        return Carried(taken=True, ref=str(answer.get("MessageId", "")))

    def _by_ses(self, source: str, address: str, subject: str, body: str) -> Carried:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = source, address, " ".join(subject.split())
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
        mail.set_content(body)
        token = TOKEN + digest("mail", address, subject, body)
        ref = self._carriers.mail().send(source, [address], mail.as_bytes(), token)
        return Carried(taken=True, ref=ref)

    def _told(self, endpoint: PagingEndpoint, action: str, facts: Mapping[str, str]) -> Carried:
        if endpoint.kind is PagingKind.STANDARD:
            event_id, body = paging_systems.standard(action, facts)
            hooks = self._carriers.hooks()
            return _sent(hooks.deliver(endpoint.url, endpoint.secret, event_id, body))
        made = paging_systems.pagerduty
        if endpoint.kind is PagingKind.OPSGENIE:
            made = paging_systems.opsgenie
        base = (endpoint.url or self._carriers.urls.get(endpoint.kind.value, "")).rstrip("/")
        post = made(base, self._secrets(endpoint.secret), action, facts)
        return _answered(self._carriers.poster().post(post.url, post.headers, post.body))


def _sent(result: SendResult) -> Carried:
    """Return what a channel said of a text, or an endpoint of an event."""
    if result.state is SendState.ACCEPTED:
        return Carried(taken=True, ref=result.platform_id)
    again = result.state in (SendState.RETRY, SendState.UNKNOWN)
    return Carried(taken=False, reason=result.error_code or result.state.value, again=again)


def _answered(status: int) -> Carried:
    """Return what a paging system's status means: 202 is queued, 429 and 5xx may be tried again."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Carried(taken=True)
    again = status in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Carried(taken=False, reason=f"http_{status}", again=again)


def _failed(error: Exception) -> Carried:
    """Return how a call ended that raised. Never the error's own words: they may quote a number."""
    if isinstance(error, AwsRefusedError):
        return Carried(taken=False, reason=error.code, again=error.code in _AGAIN_CODES)
    if isinstance(error, NotSentError):
        refused = str(error) == "refused"
        reason = "address_refused" if refused else "not_reached"
        return Carried(taken=False, reason=reason, again=not refused)
    if isinstance(error, NoAnswerError):
        return Carried(taken=False, reason="no_answer", again=True)
    if isinstance(error, paging_systems.NoPagingKeyError | NoSecretError):
        return Carried(taken=False, reason="no_secret")
    code = error_code(error)
    log.error("A page's carrier failed: %s", code or type(error).__name__)
    again = not code or code in _AGAIN_CODES
    return Carried(taken=False, reason=code or type(error).__name__, again=again)
