"""Replies by a bot: which method says what (protocols part 3)."""

import json
from dataclasses import replace

from chalicelib.channels import answers, verdicts, wire
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.telegram import api, limits
from chalicelib.channels.telegram.spot import GUEST, Spot, read_message, read_person, read_post
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendResult, SendState

Fields = dict[str, object]

_PICTURES = ("image/jpeg", "image/png", "image/webp")
_SONGS = ("audio/mpeg", "audio/mp4", "audio/m4a", "audio/x-m4a")
_GONE = "message to delete not found"


def send(outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
    """Send one message, once.

    A bot without a token, nobody to write to, and too long a text beside a file are refused without
    a call. Raises only what reading the file raises, before anything left.
    """
    key = api.key_of(secret)
    if isinstance(key, SendResult):
        return key
    if outgoing.public and outgoing.post_id.startswith(GUEST):
        return _guest(outgoing, key, places)
    where = _address(outgoing)
    if where is None:
        text = "There is no chat of Telegram to write to."
        return answers.refused(ErrorClass.RECIPIENT, "no_chat", text)
    if outgoing.files and limits.PRIVATE.measure(outgoing.text) > limits.CAPTION:
        text = f"A text beside a file may have {limits.CAPTION} characters: send two messages."
        return answers.refused(ErrorClass.CONTENT, "caption_too_long", text)
    call = _file(outgoing, where) if outgoing.files else _text(outgoing, where)
    return _result(api.ask(call, key, places), where[0])


def moderate(platform_id: str, action: str, secret: Secret, places: Places) -> SendResult:
    """Delete a message of a group. One that is gone already counts as deleted."""
    if action != "delete":
        return verdicts.cannot(action)
    key, where = api.key_of(secret), read_message(platform_id)
    if isinstance(key, SendResult):
        return key
    if where is None or not where.message:
        return answers.refused(ErrorClass.CONTENT, "no_message", "This is no message of a group.")
    fields = {"chat_id": int(where.chat), "message_id": int(where.message)}
    told = api.ask(api.Call("deleteMessage", fields), key, places)
    if isinstance(told, SendResult) and _GONE not in told.error_text.lower():
        return told
    return SendResult(SendState.ACCEPTED, platform_id=platform_id)


def _address(outgoing: Outgoing) -> tuple[Spot, str] | None:
    """Return the chat to write to, and the topic in it."""
    if not outgoing.public:
        chat = read_person(outgoing.recipient)
        return (chat, "") if chat else None
    found, topic = read_post(outgoing.post_id)
    answered = read_message(outgoing.reply_to_id)
    chat = found or (replace(answered, message="") if answered else None)
    return (chat, topic) if chat else None


def _about(outgoing: Outgoing, where: tuple[Spot, str]) -> Fields:
    """Return the parameters that every method takes: where to, through whom, in answer to what.

    The message answered may be deleted meanwhile: the reply leaves all the same.
    """
    chat, topic = where
    fields: Fields = {"chat_id": int(chat.chat)}
    if chat.connection:
        fields["business_connection_id"] = chat.connection
    if topic:
        fields["message_thread_id"] = int(topic)
    answered = read_message(outgoing.reply_to_id)
    if answered and answered.message and replace(answered, message="") == chat:
        fields["reply_parameters"] = {
            "message_id": int(answered.message),
            "allow_sending_without_reply": True,
        }
    return fields


def _text(outgoing: Outgoing, where: tuple[Spot, str]) -> api.Call:
    """Return a plain text: without a parse mode no character of it can be an error."""
    return api.Call("sendMessage", {**_about(outgoing, where), "text": outgoing.text})


def _file(outgoing: Outgoing, where: tuple[Spot, str]) -> api.Call:
    from urllib3.filepost import encode_multipart_formdata  # noqa: PLC0415

    file = outgoing.files[0]
    method, part = _method(file)
    fields = {**_about(outgoing, where), **({"caption": outgoing.text} if outgoing.text else {})}
    parts: dict[str, str | tuple[str, bytes, str]] = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    parts[part] = (file.name, file.read(), file.mime_type)
    body, content_type = encode_multipart_formdata(parts)
    return api.Call(method, {}, body, content_type)


def _method(file: File) -> tuple[str, str]:
    """Return method and part. What Telegram does not show as such leaves as a document."""
    if file.mime_type in _PICTURES and file.size <= limits.PHOTO_BYTES:
        return "sendPhoto", "photo"
    if file.mime_type == "video/mp4":
        return "sendVideo", "video"
    return ("sendAudio", "audio") if file.mime_type in _SONGS else ("sendDocument", "document")


def _guest(outgoing: Outgoing, key: api.Key, places: Places) -> SendResult:
    """Answer in a chat that the bot is no member of: one text, to the question asked."""
    if outgoing.files:
        return verdicts.cannot("file")
    result = {
        "type": "article",
        "id": outgoing.token[:64],
        "title": outgoing.handle.name[:64] or "Reply",
        "input_message_content": {"message_text": outgoing.text},
    }
    fields = {"guest_query_id": outgoing.post_id.removeprefix(GUEST), "result": result}
    told = api.ask(api.Call("answerGuestQuery", fields), key, places)
    if isinstance(told, SendResult):
        return told
    return SendResult(SendState.ACCEPTED, platform_id=wire.text(told.table, "inline_message_id"))


def _result(told: api.Reply | SendResult, chat: Spot) -> SendResult:
    if isinstance(told, SendResult):
        return told
    number = answers.ident(told.table, "message_id")
    return answers.accepted(replace(chat, message=number).id if number else "")
