"""Answers: a post in a thread, or a private message."""

import re
from datetime import UTC
from urllib.parse import urlsplit

from chalicelib.channels import answers, verdicts, wire
from chalicelib.channels.bluesky import api
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendResult

POST = "app.bsky.feed.post"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")

Json = dict[str, object]


def send(outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
    """Send one answer, once. Raises only what reading a file raises, before anything left."""
    account = api.account_of(outgoing.handle, secret, places)
    if isinstance(account, SendResult):
        return account
    if outgoing.public and not outgoing.invite:
        return _public(outgoing, account)
    return _private(outgoing, account)


def facets_of(text: str) -> list[Json]:
    """Return which bytes of a text are links: Bluesky finds none by itself."""
    found: list[Json] = []
    for link in _LINK.finditer(text):
        start = len(text[: link.start()].encode("utf-8"))
        end = start + len(link[0].encode("utf-8"))
        if _is_link(link[0]):
            feature = {"$type": "app.bsky.richtext.facet#link", "uri": link[0]}
            index = {"byteStart": start, "byteEnd": end}
            found.append({"index": index, "features": [feature]})
    return found


def _public(outgoing: Outgoing, account: api.Account) -> SendResult:
    reply = _reply(outgoing.reply_to_id or outgoing.post_id, account)
    if isinstance(reply, SendResult):
        return reply
    if any(file.kind != "image" for file in outgoing.files):
        return answers.refused(ErrorClass.CONTENT, "file_kind", "Only pictures can be sent here.")
    blobs = [_uploaded(file, account) for file in outgoing.files]
    failed = next((blob for blob in blobs if isinstance(blob, SendResult)), None)
    if failed is not None:
        return failed
    record: Json = {
        "$type": POST,
        "text": outgoing.text,
        "createdAt": account.places.now().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "reply": reply,
        "facets": facets_of(outgoing.text),
    }
    if blobs:
        images = [{"image": blob, "alt": ""} for blob in blobs]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    content = {"repo": outgoing.handle.account_id, "collection": POST, "record": record}
    told = api.ask(api.change("com.atproto.repo.createRecord", content), account)
    return told if isinstance(told, SendResult) else _taken(told, "uri", "")


def _private(outgoing: Outgoing, account: api.Account) -> SendResult:
    if not outgoing.recipient.startswith("did:"):
        text = "There is nobody known here to write to."
        return answers.refused(ErrorClass.RECIPIENT, "no_recipient", text)
    if outgoing.files:
        return verdicts.cannot("file")
    query = [("members", outgoing.recipient)]
    call = api.Call("chat.bsky.convo.getConvoForMembers", query, headers=api.CHAT)
    talk = _asked(call, account)
    if isinstance(talk, SendResult):
        return talk
    convo = talk.get("convo")
    number = answers.ident(convo if isinstance(convo, dict) else {}, "id")
    if not number:
        return _odd("The answer holds no conversation.", verdicts.RETRY)
    message = {"text": outgoing.text, "facets": facets_of(outgoing.text)}
    content = {"convoId": number, "message": message}
    told = api.ask(api.change("chat.bsky.convo.sendMessage", content, api.CHAT), account)
    return told if isinstance(told, SendResult) else _taken(told, "id", f"{number}/")


def _reply(uri: str, account: api.Account) -> Json | SendResult:
    """Return what an answer answers: the post, and the first of its thread, each with its hash."""
    if not uri.startswith("at://"):
        text = "A public answer needs a post to answer."
        return answers.refused(ErrorClass.CONTENT, "nothing_to_answer", text)
    told = _asked(api.Call("app.bsky.feed.getPosts", [("uris", uri)]), account)
    if isinstance(told, SendResult):
        return told
    try:
        posts = [wire.as_object(one, "post") for one in wire.rows(told, "posts")]
        if not posts:
            return answers.refused(ErrorClass.CONTENT, "gone", "The post is not there any more.")
        parent = _named(posts[0])
        root = wire.table(wire.table(wire.table(posts[0], "record"), "reply"), "root")
        return {"root": _named(root) if root else parent, "parent": parent}
    except PayloadError as error:
        return _odd(f"The post cannot be read: {error.reason}.", verdicts.CONTENT)


def _named(post: wire.Json) -> Json:
    uri, cid = wire.ident(post, "uri"), wire.ident(post, "cid")
    if not uri or not cid:
        raise PayloadError("cid_missing")
    return {"uri": uri, "cid": cid}


def _uploaded(file: File, account: api.Account) -> Json | SendResult:
    """Return an uploaded picture. Nobody sees it before it stands in a post."""
    headers = {"Content-Type": file.mime_type}
    told = _asked(api.Call("com.atproto.repo.uploadBlob", (), file.read(), headers), account)
    if isinstance(told, SendResult):
        return told
    blob = told.get("blob")
    if not isinstance(blob, dict):
        return _odd("The answer holds no picture.", verdicts.RETRY)
    return dict(blob)


def _asked(call: api.Call, account: api.Account) -> wire.Json | SendResult:
    """Make a call before the sending: whatever became of it, nothing was sent."""
    told = api.ask(call, account)
    return answers.again(told) if isinstance(told, SendResult) else told


def _taken(told: wire.Json, name: str, before: str) -> SendResult:
    number = answers.ident(told, name)
    return answers.accepted(before + number if number else "")


def _odd(text: str, verdict: verdicts.Verdict) -> SendResult:
    return verdict.result("odd_answer", text)


def _is_link(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False
