"""Outgoing webhooks: one signed event to one of the company's own systems (Standard Webhooks)."""

from collections.abc import Callable
from http import HTTPStatus

from chalicelib.channels import address, transport, waits
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.standard import signature
from chalicelib.workflows.networks import ErrorClass, SendResult, SendState

READ_SECONDS = 20.0
"""How long Standard Webhooks advises to wait for a receiver (15 to 30 s)."""

_BUSY = frozenset({429, 502, 503, 504})


class EndpointSender:
    """Implements networks.HookSender.

    An endpoint's secret is `{"secrets": ["whsec_...", ...]}`: the event is signed with each, so
    that a key can be replaced without a gap.
    """

    def __init__(self, secrets: Callable[[str], Secret], places: Places) -> None:
        self._secrets = secrets
        self._places = places

    def deliver(self, url: str, secret_name: str, event_id: str, body: bytes) -> SendResult:
        """Sign and send one event, once.

        Only a public https address is called, and the very one that was checked; a redirect is not
        followed. 410 and an address that may not be called are final, everything else but 2xx may
        be tried again.
        """
        try:
            headers = self._signed(secret_name, event_id, body)
        except (LookupError, ValueError):
            return _later("no_secret")  # an operator may store it within the day
        try:
            answer = self._posted(url, headers, body)
        except address.RefusedUrlError as error:
            return _never(ErrorClass.CHANNEL, str(error))
        except (address.UnresolvedError, transport.NotSentError):
            return _later("not_reached")
        except transport.NoAnswerError:
            return _later("no_answer")
        return _result(answer)

    def _signed(self, secret_name: str, event_id: str, body: bytes) -> dict[str, str]:
        secrets = self._secrets(secret_name).get("secrets")
        listed = secrets if isinstance(secrets, list | tuple) else ()
        return signature.sign(body, event_id, self._places.now(), listed)

    def _posted(self, url: str, headers: dict[str, str], body: bytes) -> transport.Answer:
        return transport.exchange(
            transport.Request(
                url,
                {**headers, "Content-Type": "application/json", "User-Agent": "Hearback"},
                body,
                self._places.connect_seconds,
                READ_SECONDS,
                address.checked(url, private=self._places.private_urls),
                most_seconds=READ_SECONDS,
            )
        )


def _result(answer: transport.Answer) -> SendResult:
    code = f"http_{answer.status}"
    if answer.ok:
        return SendResult(SendState.ACCEPTED)
    if answer.status == HTTPStatus.GONE:
        return _never(ErrorClass.RECIPIENT, "gone")
    asked = waits.asked(answer) if answer.status in _BUSY else 0
    return _later(code, asked)


def _never(error_class: ErrorClass, code: str) -> SendResult:
    return SendResult(SendState.FAILED, error_class=error_class, error_code=code)


def _later(code: str, wait: int = 0) -> SendResult:
    return SendResult(
        SendState.RETRY,
        error_class=ErrorClass.UNAVAILABLE,
        error_code=code,
        retry_after_seconds=wait,
    )
