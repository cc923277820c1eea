"""Answers: a post that names whom it answers, to be seen by all or by that one."""

import json
import re

from chalicelib.channels import answers
from chalicelib.channels.contract import Secret
from chalicelib.channels.mastodon import api
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendResult

_VISIBILITIES = ("public", "unlisted")


def send(outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
    """Publish one answer.

    The instance recognises our message's id for an hour (`Idempotency-Key`) and gives the same post
    for a repeat: an attempt without an answer is made again. Raises only what reading a file
    raises, before anything left.
    """
    instance = api.instance_of(outgoing.handle, secret, places)
    if isinstance(instance, SendResult):
        return instance
    if "@" not in outgoing.recipient.strip("@"):
        text = "There is no address such as ana@social.example to answer to."
        return answers.refused(ErrorClass.RECIPIENT, "no_address", text)
    if any(file.kind != "image" for file in outgoing.files):
        return answers.refused(ErrorClass.CONTENT, "file_kind", "Only pictures can be sent here.")
    media = [_uploaded(file, instance) for file in outgoing.files]
    failed = next((one for one in media if isinstance(one, SendResult)), None)
    if failed is not None:
        return answers.again(failed)
    told = api.ask(_post(outgoing, [str(one) for one in media]), instance)
    return answers.again(told if isinstance(told, SendResult) else _accepted(told))


def text_of(outgoing: Outgoing) -> str:
    """Return the words, with the name of whom they are for: else nobody is told of them."""
    name = f"@{outgoing.recipient}"
    # Whole: @ana@social.example.org is somebody else, who would get it instead.
    named = rf"(?<![\w.@-]){re.escape(name)}(?![\w@-]|\.\w)"
    return outgoing.text if re.search(named, outgoing.text.lower()) else f"{name} {outgoing.text}"


def _post(outgoing: Outgoing, media: list[str]) -> api.Call:
    fields: dict[str, object] = {"status": text_of(outgoing), "visibility": _visibility(outgoing)}
    if outgoing.reply_to_id:
        fields["in_reply_to_id"] = outgoing.reply_to_id
    if media:
        fields["media_ids"] = media
    headers = {"Content-Type": "application/json", "Idempotency-Key": outgoing.token}
    return api.Call("/api/v1/statuses", (), json.dumps(fields).encode("ascii"), headers)


def _visibility(outgoing: Outgoing) -> str:
    """Return who may see it: an invitation is private, though it answers a public post."""
    if not outgoing.public or outgoing.invite:
        return "direct"
    wanted = outgoing.handle.settings.get("visibility", "")
    return wanted if wanted in _VISIBILITIES else "unlisted"


def _uploaded(file: File, instance: api.Instance) -> str | SendResult:
    """Return the id of an uploaded picture. Nobody sees it before it stands in a post."""
    from urllib3.filepost import encode_multipart_formdata  # noqa: PLC0415

    parts = {"file": (file.name, file.read(), file.mime_type)}
    body, content_type = encode_multipart_formdata(parts)
    told = api.ask(api.Call("/api/v2/media", (), body, {"Content-Type": content_type}), instance)
    if isinstance(told, SendResult):
        return told
    taken = _accepted(told)
    return taken.platform_id or taken


def _accepted(told: api.Found) -> SendResult:
    return answers.accepted(answers.ident(told.table, "id"))
