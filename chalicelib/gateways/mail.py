"""Mail: sends whole mails by SES (API v2), and asks whether it would."""

import re
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)
from botocore.parsers import ResponseParserError

from chalicelib.gateways.clients import error_code
from chalicelib.workflows.networks import AwsRefusedError, NoAnswerError, NotSentError

TAG = "token"
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.@-]{1,256}", re.ASCII)
_NOT_REACHED = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
_NOBODY = ("500", "502", "504")
"""Answers of something between SES and us, which has no word of its own for what happened."""


class Mail:
    """SES. Satisfies `contract.Mailer`.

    `client` must not try again by itself: SES does not recognise a mail that it was given twice.
    `configuration` is the configuration set whose events tell what became of a mail.
    """

    def __init__(self, client: Any, configuration: str = "") -> None:
        self._client = client
        self._configuration = configuration

    def send(self, source: str, recipients: Sequence[str], raw: bytes, token: str) -> str:
        """Send a whole mail, once; return the Message-ID that SES gives it, without <>.

        `token` becomes a tag of its events, where it can be one. Raises AwsRefusedError,
        NotSentError and NoAnswerError.
        """
        asked: dict[str, Any] = {
            "FromEmailAddress": source,
            "Destination": {"ToAddresses": list(recipients)},
            "Content": {"Raw": {"Data": raw}},
        }
        if self._configuration:
            asked["ConfigurationSetName"] = self._configuration
        if _TAG_VALUE.fullmatch(token):
            asked["EmailTags"] = [{"Name": TAG, "Value": token}]
        return self._message_id(str(_called(self._client.send_email, asked)["MessageId"]))

    def probe(self, address: str) -> str:
        """Return in plain words what hinders sending from this address, or nothing.

        The address itself may be verified or its whole domain. Raises as send() does.
        """
        account = _called(self._client.get_account, {})
        if not account.get("SendingEnabled", False):
            return "AWS has paused sending for this account"
        domain = address.rpartition("@")[2]
        if not any(self._verified(one) for one in (domain, address)):
            return f"{domain} is not verified in SES"
        if not account.get("ProductionAccessEnabled", False):
            return "SES is in its sandbox: it only sends to verified addresses"
        return ""

    def _verified(self, identity: str) -> bool:
        try:
            found = _called(self._client.get_email_identity, {"EmailIdentity": identity})
        except AwsRefusedError as error:
            if error.code == "NotFoundException":
                return False
            raise
        return bool(found.get("VerifiedForSendingStatus"))

    def _message_id(self, given: str) -> str:
        """Return SES's id as the header has it: the domain is not part of SES's answer."""
        if "@" in given:
            return given
        region = str(self._client.meta.region_name)
        return f"{given}@{'email' if region == 'us-east-1' else region}.amazonses.com"


def _called(call: Any, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = call(**asked)
    except ClientError as error:
        code, text = error_code(error), str(error.response.get("Error", {}).get("Message", ""))
        if code in _NOBODY:
            raise NoAnswerError(code) from error
        raise AwsRefusedError(code, text) from error
    except _NOT_REACHED as error:
        raise NotSentError(type(error).__name__) from error
    except (HTTPClientError, ResponseParserError) as error:
        raise NoAnswerError(type(error).__name__) from error
    except BotoCoreError as error:  # no credentials, a parameter that is none: nothing left
        raise NotSentError(type(error).__name__) from error
    return answer
