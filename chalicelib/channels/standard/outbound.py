"""Our replies as Standard Webhooks, to the url of the handle's secret."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from chalicelib.channels import address, answers, transport, waits
from chalicelib.channels.places import Places
from chalicelib.channels.standard import signature
from chalicelib.workflows.networks import NO_ANSWER, ErrorClass, Outgoing, SendResult, SendState

_GONE = (401, 403, 404, 405, 410)
_BUSY = (429, 502, 504)


def send(outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
    """Send one reply.

    `webhook-id` is our message's id at every attempt, so that the receiver can tell a repeat:
    unlike on other channels, an attempt without an answer may be made again.
    """
    url, secrets = secret.get("url"), secret.get("out_secrets")
    if not isinstance(url, str) or not isinstance(secrets, list | tuple):
        return _failed("no_url", "The handle's secret holds no url or no out_secrets.")
    now, body = places.now(), content(outgoing, places.now())
    try:
        headers = signature.sign(body, outgoing.token, now, secrets)
        target = address.checked(url, private=places.private_urls)
        answer = transport.exchange(
            transport.Request(
                url,
                {**headers, "Content-Type": "application/json"},
                body,
                places.connect_seconds,
                places.read_seconds,
                target,
            )
        )
    except ValueError:
        return _failed("no_secret", "None of out_secrets is usable.")
    except address.RefusedUrlError as error:
        return _failed("url_refused", str(error))
    except (address.UnresolvedError, transport.NotSentError) as error:
        return _later("not_reached", str(error))
    except transport.NoAnswerError as error:
        return _later(NO_ANSWER, str(error))
    return _result(outgoing, answer)


def _later(code: str, text: str) -> SendResult:
    """Return that it is sent again: the receiver knows a repeat by its id."""
    return SendResult(SendState.RETRY, "", ErrorClass.UNAVAILABLE, code, text)


def content(outgoing: Outgoing, now: datetime) -> bytes:
    """Return the body of a reply (docs/channels/webhook.md describes it)."""
    at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data: dict[str, object] = {
        "id": outgoing.token,
        "contact": {"id": outgoing.recipient},
        "text": outgoing.text,
        "public": outgoing.public,
        "thread": outgoing.post_id,
        "in_reply_to": outgoing.reply_to_id,
    }
    if outgoing.files:
        data["files"] = [
            {"name": one.name, "mime_type": one.mime_type, "size": one.size, "url": one.url}
            for one in outgoing.files
        ]
    return json.dumps({"type": "message.reply", "timestamp": at, "data": data}).encode("ascii")


def _result(outgoing: Outgoing, answer: transport.Answer) -> SendResult:
    """Return what a status means: a redirect is not followed and is a failure, 410 says never."""
    code = f"http_{answer.status}"
    wait = waits.asked(answer)
    if answer.ok:
        return SendResult(SendState.ACCEPTED, platform_id=_id(answer) or outgoing.token)
    if answer.status in _BUSY:
        return SendResult(SendState.RETRY, "", ErrorClass.THROTTLED, code, "", wait)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return SendResult(SendState.RETRY, "", ErrorClass.UNAVAILABLE, code, "", wait)
    if answer.status in _GONE or answer.status < HTTPStatus.BAD_REQUEST:
        return _failed(code, "The receiver does not take our replies any more.")
    return SendResult(
        SendState.FAILED, "", ErrorClass.CONTENT, code, "The receiver refused this reply."
    )


def _id(answer: transport.Answer) -> str:
    return answers.ident(answers.told(answer), "id")


def _failed(code: str, text: str) -> SendResult:
    return SendResult(
        SendState.FAILED, error_class=ErrorClass.CHANNEL, error_code=code, error_text=text
    )
