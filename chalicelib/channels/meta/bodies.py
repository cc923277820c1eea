"""The bodies of messages on Meta's channels (protocols 1.8)."""

from chalicelib.channels.meta.whatsapp_person import is_bsuid
from chalicelib.workflows.networks import File, Outgoing, Template

_WHATSAPP_FORMATS = {
    "image": ("image/jpeg", "image/png"),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"),
}
"""What WhatsApp plays; it takes everything else as a document."""


def messenger(outgoing: Outgoing) -> dict[str, object]:
    """Return the Send API's body. `metadata` comes back with the echo and says which reply it was.

    HUMAN_AGENT is the only tag left since 2026-04 and is for words a person typed (ChannelSender
    sees to that).
    """
    kind = {"messaging_type": "RESPONSE"}
    if outgoing.outside_window:
        kind = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    message = {**_said(outgoing), "metadata": outgoing.token}
    return {"recipient": {"id": outgoing.recipient}, **kind, "message": message}


def instagram(outgoing: Outgoing) -> dict[str, object]:
    """Return the body for Instagram Login, without metadata and, in time, messaging type."""
    body: dict[str, object] = {
        "recipient": {"id": outgoing.recipient},
        "message": _said(outgoing),
    }
    if outgoing.outside_window:
        body |= {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    return body


def private_reply(outgoing: Outgoing, *, metadata: bool) -> dict[str, object]:
    """Return the body of the one private message that a comment or a visitor's post may get.

    A post of a visitor is answered as the post that it is, not as a comment: its id begins with the
    page's, a comment's with the post's. `metadata`: the host hands our token back with the echo.
    """
    is_post = outgoing.reply_to_id.startswith(f"{outgoing.handle.account_id}_")
    about = {"post_id" if is_post else "comment_id": outgoing.reply_to_id}
    token = {"metadata": outgoing.token} if metadata else {}
    return {"recipient": about, "message": {"text": outgoing.text, **token}}


def whatsapp(outgoing: Outgoing) -> dict[str, object]:
    """Return the Cloud API's body.

    A customer known by BSUID alone is named by `recipient`, a group by its id.
    """
    body: dict[str, object] = {
        "messaging_product": "whatsapp",
        "recipient_type": "group" if outgoing.post_id else "individual",
        **_content(outgoing),
        "biz_opaque_callback_data": outgoing.token,
    }
    by_bsuid = is_bsuid(outgoing.recipient) and not outgoing.post_id
    body["recipient" if by_bsuid else "to"] = outgoing.post_id or outgoing.recipient
    if outgoing.reply_to_id:
        body["context"] = {"message_id": outgoing.reply_to_id}
    return body


def whatsapp_kind(file: File) -> str:
    """Return how WhatsApp is to take a file: image, video, audio or document."""
    return file.kind if file.mime_type in _WHATSAPP_FORMATS.get(file.kind, ()) else "document"


def _said(outgoing: Outgoing) -> dict[str, object]:
    """Return words or one file: a message of Messenger and Instagram is one of the two."""
    if not outgoing.files:
        return {"text": outgoing.text}
    file = outgoing.files[0]
    kind = "file" if file.kind == "document" else file.kind
    payload = {"url": file.url, "is_reusable": False}
    return {"attachment": {"type": kind, "payload": payload}}


def _content(outgoing: Outgoing) -> dict[str, object]:
    if outgoing.template is not None:
        return {"type": "template", "template": _template(outgoing.template)}
    if not outgoing.files:
        return {"type": "text", "text": {"body": outgoing.text, "preview_url": False}}
    file = outgoing.files[0]
    kind = whatsapp_kind(file)
    media = {"link": file.url}
    if outgoing.text.strip():
        media["caption"] = outgoing.text
    if kind == "document":
        media["filename"] = file.name
    return {"type": kind, kind: media}


def _template(template: Template) -> dict[str, object]:
    parameters = [{"type": "text", "text": text} for text in template.parameters]
    body = [{"type": "body", "parameters": parameters}] if parameters else []
    language = {"code": template.language}
    return {"name": template.name, "language": language, "components": body}
