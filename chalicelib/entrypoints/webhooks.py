"""Webhooks: where platforms deliver what happened.

Prove the sender, split the body, put every event on the queue, answer.

Nothing is decided here and no table is read for Meta: the platforms want an answer within seconds.
"""

import logging
from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.domain.channel import Channel
from chalicelib.entrypoints import bodies
from chalicelib.entrypoints.observed import count, noted
from chalicelib.entrypoints.receiving import Delivery, receive
from chalicelib.entrypoints.refusals import Refusal, RequestError
from chalicelib.entrypoints.routes import written

BODY_LIMIT = 3_000_000
"""Bytes: what WhatsApp may send in one delivery; the others send less."""

TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
"""What a sender may call its body.

Only the signature over the bytes counts; without a type Chalice reads JSON.
"""

META_SECRET = "meta"  # noqa: S105  (the name of the secret, below this stage's prefix)

Take = Callable[[Parts, Request], Response]

log = logging.getLogger(__name__)

webhooks_blueprint = Blueprint(__name__)


@webhooks_blueprint.route("/webhooks/meta", methods=["GET"], content_types=TYPES)
def meta_handshake() -> Response:
    """Echo Meta's challenge when it (re)configures the callback.

    Has no signature: the verify token proves the asker.
    """
    return _answered(_meta_handshake)


@webhooks_blueprint.route("/webhooks/meta", methods=["POST"], content_types=TYPES)
def meta_webhook() -> Response:
    """Take a delivery of Facebook, Messenger, Instagram or WhatsApp."""
    return _answered(_meta_webhook)


@webhooks_blueprint.route("/webhooks/standard/{handle}", methods=["POST"], content_types=TYPES)
def standard_webhook(handle: str) -> Response:
    """Take a delivery in the Standard Webhooks format for one of our webhook handles."""
    return _answered(lambda parts, request: _standard_webhook(parts, request, handle))


def _answered(take: Take) -> Response:
    """Answer whatever goes wrong: 401 or 403 to a wrong sender, 503 to be sent it again."""
    request = webhooks_blueprint.current_request
    try:
        return take(bootstrap.parts(), request)
    except RequestError as error:
        refusal = error.refusal
    except Exception:
        # Whatever failed, the platform must send this again: nothing of it may be lost.
        log.exception("A delivery was not taken.")
        count("DeliveryNotTaken")
        refusal = Refusal(503, "not_taken", "Not everything could be taken. Send it again.")
    return written(refusal.to_dict(str(request.context.get("requestId", ""))), refusal.status)


def _meta_handshake(parts: Parts, request: Request) -> Response:
    from chalicelib.channels.contract import SignatureError
    from chalicelib.channels.meta.signature import handshake

    held = parts.secrets.get(META_SECRET)
    try:
        challenge = handshake(dict(request.query_params or {}), str(held.get("verify_token", "")))
    except SignatureError as error:
        raise _not_proven("meta", error.reason, error.status) from None
    return Response(body=challenge, headers={"Content-Type": "text/plain"})


def _meta_webhook(parts: Parts, request: Request) -> Response:
    body = _body(request)
    return _take(parts, request, Delivery("meta", body), META_SECRET)


def _standard_webhook(parts: Parts, request: Request, name: str) -> Response:
    body = _body(request)
    handle = parts.policies.current().handle(name)
    if handle is None or handle.channel is not Channel.WEBHOOK:
        # The same answer as a wrong signature gets: which handles exist is nobody's business.
        raise _not_proven("standard", "unknown_handle", 401)
    noted(handle=handle.id)
    delivery = Delivery("standard", body, account_id=handle.account_id)
    return _take(parts, request, delivery, handle.secret or handle.id)


def _take(parts: Parts, request: Request, delivery: Delivery, secret_name: str) -> Response:
    from chalicelib.channels.contract import SignatureError
    from chalicelib.channels.registry import room

    secret = parts.secrets.get(secret_name)
    try:
        proven = room(delivery.room).verify(delivery.body, request.headers, secret, parts.now())
    except SignatureError as error:
        raise _not_proven(delivery.room, error.reason, error.status) from None
    taken = receive(parts, delivery, proven)
    return written({"queued": taken.queued, "ignored": taken.ignored, "kept": taken.kept})


def _body(request: Request) -> bytes:
    body = bodies.raw_body(request)
    if len(body) > BODY_LIMIT:
        raise RequestError(413, "too_large", f"A delivery may have {BODY_LIMIT} bytes.")
    return body


def _not_proven(room: str, reason: str, status: int) -> RequestError:
    count("WebhookRefused", room=room, reason=reason)
    log.warning("Refused a delivery for %s: %s", room, reason)
    return RequestError(
        status, "not_proven", "The request does not prove that the platform sent it."
    )
