"""Webhooks: where platforms deliver what happened.

Prove the sender, split the body, put every event on the queue, answer.

Nothing is decided here and no table is read for Meta: the platforms want an answer within seconds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalice.app import Blueprint, Request, Response

from chalicelib import bootstrap
from chalicelib.bootstrap import Parts
from chalicelib.entrypoints.observed import count, noted
from chalicelib.entrypoints.raw import raw_body, written
from chalicelib.entrypoints.refusals import Refusal, RequestError

BODY_LIMIT = 3_000_000
"""Bytes: what WhatsApp may send in one delivery; the others send less."""

TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
"""What a sender may call its body.

Only the signature over the bytes counts; without a type Chalice reads JSON.
"""

META_SECRET = "meta"  # noqa: S105  (the name of the secret, below this stage's prefix)


@dataclass(frozen=True, slots=True)
class Hook:
    """Whose callback was called: the room, its secret, and the handle where the path names one."""

    room: str
    secret: str
    handle: "Handle | None" = None
    public_url: str = ""


Take = Callable[[Parts, Request], Response]

if TYPE_CHECKING:
    from chalicelib.channels.contract import Said
    from chalicelib.domain.policy import Handle

log = logging.getLogger(__name__)

webhooks_blueprint = Blueprint(__name__)


@webhooks_blueprint.route("/webhooks/meta", methods=["GET"], content_types=TYPES)
def meta_handshake() -> Response:
    """Answer Meta's question when it (re)configures the callback."""
    return _answered(lambda parts, request: _handshake(parts, request, Hook("meta", META_SECRET)))


@webhooks_blueprint.route("/webhooks/meta", methods=["POST"], content_types=TYPES)
def meta_webhook() -> Response:
    """Take a delivery of Facebook, Messenger, Instagram or WhatsApp."""
    return _answered(lambda parts, request: _take(parts, request, Hook("meta", META_SECRET)))


@webhooks_blueprint.route("/webhooks/{network}/{handle}", methods=["GET"], content_types=TYPES)
def handshake(network: str, handle: str) -> Response:
    """Answer a network's question whether this callback is ours (X asks again and again)."""
    return _answered(
        lambda parts, request: _handshake(parts, request, _hook(parts, network, handle))
    )


@webhooks_blueprint.route("/webhooks/{network}/{handle}", methods=["POST"], content_types=TYPES)
def webhook(network: str, handle: str) -> Response:
    """Take a delivery for one of our handles."""
    return _answered(lambda parts, request: _take(parts, request, _hook(parts, network, handle)))


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


def _hook(parts: Parts, network: str, name: str) -> Hook:
    from chalicelib.channels.contract import UnknownChannelError
    from chalicelib.channels.registry import room, room_name

    policy = parts.policies.current()
    handle = policy.handle(name)
    try:
        known = handle is not None and room_name(handle) == network
    except UnknownChannelError:
        known = False
    if handle is None or not known:
        # The same answer as a wrong signature gets: which handles exist is nobody's business.
        raise _not_proven("unknown", "unknown_handle", 401)
    noted(handle=handle.id)
    return Hook(network, room(network).secret_name(handle), handle, policy.public_url)


def _handshake(parts: Parts, request: Request, hook: Hook) -> Response:
    from chalicelib.channels.contract import SignatureError
    from chalicelib.channels.registry import room

    query = dict(request.query_params or {})
    try:
        said = room(hook.room).handshake(query, parts.secrets.get(hook.secret))
    except SignatureError as error:
        raise _not_proven(hook.room, error.reason, error.status) from None
    return _said(said)


def _take(parts: Parts, request: Request, hook: Hook) -> Response:
    from chalicelib.channels.contract import SignatureError
    from chalicelib.channels.registry import room
    from chalicelib.entrypoints.receiving import Delivery, Taken, receive

    body, at_room = _body(request), room(hook.room)
    secret = parts.secrets.get(hook.secret)
    url = _url(hook, dict(request.query_params or {}))
    try:
        proven = at_room.verify(body, request.headers, secret, parts.now(), url=url)
        greeted = at_room.greets and at_room.greet(proven, secret, parts.places)
    except SignatureError as error:
        raise _not_proven(hook.room, error.reason, error.status) from None
    account_id = hook.handle.account_id if hook.handle else ""
    delivery = Delivery(hook.room, body, account_id)
    taken = Taken(0, 1, 0) if greeted else receive(parts, delivery, proven)
    if at_room.thanks is not None:
        return _said(at_room.thanks)
    return written({"queued": taken.queued, "ignored": taken.ignored, "kept": taken.kept})


def _url(hook: Hook, query: dict[str, str]) -> str:
    """Return the address that the platform called, as it was told it: never from `Host`."""
    if hook.handle is None:
        return ""
    url = f"{hook.public_url}/webhooks/{hook.room}/{hook.handle.id}"
    return url + ("?" + urlencode(query) if query else "")


def _said(said: "Said") -> Response:
    headers: dict[str, str | list[str]] = {}
    if said.body:
        headers["Content-Type"] = said.content_type
    return Response(body=said.body, status_code=said.status, headers=headers)


def _body(request: Request) -> bytes:
    body = raw_body(request)
    if len(body) > BODY_LIMIT:
        raise RequestError(413, "too_large", f"A delivery may have {BODY_LIMIT} bytes.")
    return body


def _not_proven(room: str, reason: str, status: int) -> RequestError:
    count("WebhookRefused", room=room, reason=reason)
    log.warning("Refused a delivery for %s: %s", room, reason)
    return RequestError(
        status, "not_proven", "The request does not prove that the platform sent it."
    )
