"""Texts: SMS by AWS End User Messaging (pinpoint-sms-voice-v2).

The service recognises no repeat, so a message is asked for once: botocore repeats nothing here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from chalicelib.gateways.clients import client, error_code
from chalicelib.workflows.networks import AwsRefusedError, NoAnswerError, NotSentError

SERVICE = "pinpoint-sms-voice-v2"
TRANSACTIONAL = "TRANSACTIONAL"

MOST_PAGES = 20
"""Of our numbers, a hundred each: nobody has more, and a probe must end."""

_SERVER_ERROR = 500
_NOT_DONE = frozenset(
    {"InternalServerException", "ThrottlingException", "ServiceUnavailableException"}
)
"""Errors of the service itself that say: it was not done."""


class Texts:
    """Sends SMS from our numbers. Satisfies `contract.Texter`.

    `url` is where the service is called instead of at AWS, empty for AWS's own.
    """

    def __init__(self, url: str = "") -> None:
        self._url = url

    def send(
        self, origin: str, destination: str, text: str, token: str, *, configuration_set: str = ""
    ) -> str:
        """Send an SMS once; return its message id. `token` comes back in its events.

        Raises AwsRefusedError when it was refused, NotSentError when it surely did not leave and
        NoAnswerError when nobody knows.
        """
        extra = {"ConfigurationSetName": configuration_set} if configuration_set else {}
        with _told():
            answer = self._client.send_text_message(
                DestinationPhoneNumber=destination,
                OriginationIdentity=origin,
                MessageBody=text,
                MessageType=TRANSACTIONAL,
                Context={"token": token},
                **extra,
            )
        return str(answer.get("MessageId", ""))

    def probe(self, origin: str) -> str:
        """Return what hinders two-way SMS by this number (or its ARN or id), or nothing.

        Raises as send() does.
        """
        with _told():
            number = next((one for one in self._numbers() if origin in _names(one)), None)
        if number is None:
            return "the AWS account has no such number in this region"
        if number.get("Status") != "ACTIVE":
            return f"the number is {str(number.get('Status', '')).lower()}"
        if not number.get("TwoWayEnabled"):
            return "two-way SMS is switched off for the number"
        return "" if number.get("TwoWayChannelArn") else "two-way SMS of the number goes nowhere"

    def _numbers(self) -> Iterator[dict[str, Any]]:
        query: dict[str, Any] = {"MaxResults": 100}
        for _ in range(MOST_PAGES):
            page = self._client.describe_phone_numbers(**query)
            yield from page.get("PhoneNumbers", [])
            if not page.get("NextToken"):
                return
            query["NextToken"] = page["NextToken"]

    @property
    def _client(self) -> Any:
        return client(SERVICE, attempts=1, url=self._url)


def _names(number: dict[str, Any]) -> tuple[object, ...]:
    return tuple(number.get(key) for key in ("PhoneNumber", "PhoneNumberArn", "PhoneNumberId"))


@contextmanager
def _told() -> Iterator[None]:
    """Say in the channels' words how a call ended."""
    try:
        yield
    except ClientError as error:
        raise _refused(error) from error
    except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError) as error:
        raise NotSentError(type(error).__name__) from error
    except (HTTPClientError, SSLError, ResponseParserError) as error:
        raise NoAnswerError(type(error).__name__) from error
    except BotoCoreError as error:  # before anything left: parameters, credentials, region
        raise AwsRefusedError(_local(error), str(error)) from error


def _refused(error: ClientError) -> Exception:
    """Return the error in our words; one of something between us and the service says nothing."""
    code, response = error_code(error), error.response
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= _SERVER_ERROR and code not in _NOT_DONE:
        return NoAnswerError(code or f"http_{status}")
    reason = str(response.get("Reason", ""))
    text = str(response.get("Error", {}).get("Message", ""))
    return AwsRefusedError(f"{code}/{reason}" if reason else code, text)


def _local(error: BotoCoreError) -> str:
    name = type(error).__name__
    return "ValidationException" if name == "ParamValidationError" else name
