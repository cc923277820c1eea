"""Replies on Meta's channels: which call says what (protocols 1.8)."""

from collections.abc import Mapping

from chalicelib.channels.contract import Places
from chalicelib.channels.meta import graph
from chalicelib.channels.meta.whatsapp_person import is_bsuid
from chalicelib.domain.channel import Channel
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState


def send(outgoing: Outgoing, secret: Mapping[str, object], places: Places) -> SendResult:
    """Send one message, once.

    A handle without a token, or nothing to answer to, is refused without a call.
    """
    token = _token(secret, outgoing.handle.account_id)
    if not token:
        return _failed(ErrorClass.CHANNEL, "no_token", "There is no access token for this account.")
    call = _call(outgoing, token, secret, places)
    if call is None:
        return _failed(
            ErrorClass.CONTENT,
            "nothing_to_answer",
            "A public reply needs a post or a comment to answer.",
        )
    return graph.send(call, places)


def _call(
    outgoing: Outgoing, token: str, secret: Mapping[str, object], places: Places
) -> graph.Call | None:
    base, proof = places.graph_url, _app_secret(secret)
    if _by_instagram_login(outgoing):
        # that host has an app secret of its own, and a proof by another one would be refused
        own = secret.get("instagram_app_secret")
        base, proof = places.instagram_graph_url, own if isinstance(own, str) else ""
    if outgoing.public:
        target = outgoing.reply_to_id or outgoing.post_id
        edge = "replies" if outgoing.handle.channel is Channel.INSTAGRAM else "comments"
        form = {"message": outgoing.text}
        return graph.Call(base, f"{target}/{edge}", token, proof, form=form) if target else None
    if outgoing.handle.channel is Channel.WHATSAPP:
        return graph.Call(
            base, f"{outgoing.handle.account_id}/messages", token, proof, content=whatsapp(outgoing)
        )
    account = outgoing.handle.settings.get("page_id", outgoing.handle.account_id)
    content = instagram(outgoing) if _by_instagram_login(outgoing) else messenger(outgoing)
    return graph.Call(base, f"{account}/messages", token, proof, content=content)


def messenger(outgoing: Outgoing) -> dict[str, object]:
    """Return the Send API's body. `metadata` comes back with the echo and says which reply it was.

    HUMAN_AGENT is the only tag left since 2026-04 and is for words a person typed (ChannelSender
    sees to that).
    """
    kind = {"messaging_type": "RESPONSE"}
    if outgoing.outside_window:
        kind = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    message = {"text": outgoing.text, "metadata": outgoing.token}
    return {"recipient": {"id": outgoing.recipient}, **kind, "message": message}


def instagram(outgoing: Outgoing) -> dict[str, object]:
    """Return the body for Instagram Login, without metadata and, in time, messaging type."""
    body: dict[str, object] = {
        "recipient": {"id": outgoing.recipient},
        "message": {"text": outgoing.text},
    }
    if outgoing.outside_window:
        body |= {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return body


def whatsapp(outgoing: Outgoing) -> dict[str, object]:
    """Return the Cloud API's body.

    A customer known by BSUID alone is named by `recipient`, a group by its id.
    """
    body: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "group" if outgoing.post_id else "individual",
        "type": "text",
        "text": {"body": outgoing.text, "preview_url": False},
        "biz_opaque_callback_data": outgoing.token,
    }
    by_bsuid = is_bsuid(outgoing.recipient) and not outgoing.post_id
    body["recipient" if by_bsuid else "to"] = outgoing.post_id or outgoing.recipient
    if outgoing.reply_to_id:
        body["context"] = {"message_id": outgoing.reply_to_id}
    return body


def _by_instagram_login(outgoing: Outgoing) -> bool:
    """Return whether it is connected by Instagram Login: with Facebook Login `page_id` is set."""
    return outgoing.handle.channel is Channel.INSTAGRAM and not outgoing.handle.settings.get(
        "page_id"
    )


def _token(secret: Mapping[str, object], account_id: str) -> str:
    tokens = secret.get("tokens")
    found = tokens.get(account_id) if isinstance(tokens, dict) else None
    return found if isinstance(found, str) else ""


def _app_secret(secret: Mapping[str, object]) -> str:
    """Return the first of the listed secrets: the one in use, by our convention."""
    secrets = secret.get("app_secrets")
    return str(secrets[0]) if isinstance(secrets, list | tuple) and secrets else ""


def _failed(error_class: ErrorClass, code: str, text: str) -> SendResult:
    return SendResult(SendState.FAILED, error_class=error_class, error_code=code, error_text=text)
