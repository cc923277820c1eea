"""Replies, direct messages and invitations by the API v2 (protocols 2.6)."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.channels import answers
from chalicelib.channels.answers import refused
from chalicelib.channels.contract import Secret
from chalicelib.channels.places import Places
from chalicelib.channels.x import api, failures, uploading
from chalicelib.channels.x.keys import Keys, keys_of
from chalicelib.workflows.networks import ErrorClass, Outgoing, SendResult, SendState


def send(outgoing: Outgoing, secret: Secret, places: Places) -> SendResult:
    """Send one message, once. An invitation is a direct message to the public writer."""
    keys = keys_of(secret)
    if not keys.access_token:
        return refused(ErrorClass.CHANNEL, "no_token", "The secret holds no access_token.")
    refusal = _refusal(outgoing)
    if refusal:
        return refusal
    media = uploading.upload(outgoing, keys, places)
    if isinstance(media, SendResult):
        return answers.withheld(media, keys.all)
    result = _sent(outgoing, media, keys, places)
    if outgoing.invite and result.state is SendState.ACCEPTED:
        result = replace(result, recipient=outgoing.recipient)
    return answers.withheld(result, keys.all)


def hide(platform_id: str, *, hidden: bool, secret: Secret, places: Places) -> SendResult:
    """Hide the answer to a post of ours from other people, or show it again.

    To do so twice changes nothing, so an attempt without an answer may be made again.
    """
    keys = keys_of(secret)
    if not keys.access_token:
        return refused(ErrorClass.CHANNEL, "no_token", "The secret holds no access_token.")
    if not platform_id.isascii() or not platform_id.isdigit():
        return refused(ErrorClass.CONTENT, "no_post", "This is no post of X.")
    call = api.Call("PUT", f"/2/tweets/{platform_id}/hidden", {"hidden": hidden})
    answer = api.ask(call, keys, places)
    if isinstance(answer, SendResult):
        return answers.again(answer)
    if answer.ok and answers.part(answers.told(answer), "data").get("hidden") is hidden:
        return SendResult(SendState.ACCEPTED, platform_id=platform_id)
    result = failures.result_of(answer, places.now(), direct=False)
    return answers.withheld(answers.again(result), keys.all)


def _refusal(outgoing: Outgoing) -> SendResult | None:
    direct = outgoing.invite or not outgoing.public
    target = outgoing.recipient if direct else outgoing.reply_to_id or outgoing.post_id
    if target.isascii() and target.isdigit():
        return None
    text = "A direct message needs a person." if direct else "A public reply needs a post."
    return refused(ErrorClass.CONTENT, "nothing_to_answer", text)


def _sent(outgoing: Outgoing, media: list[str], keys: Keys, places: Places) -> SendResult:
    direct = outgoing.invite or not outgoing.public
    call = _direct(outgoing, media) if direct else _public(outgoing, media)
    answer = api.ask(call, keys, places)
    if isinstance(answer, SendResult):
        return answer
    told = answers.told(answer)
    data = answers.part(told, "data")
    platform_id = api.word(data, "dm_event_id" if direct else "id")
    if answer.ok and (platform_id or not answers.parts(told, "errors")):
        return answers.accepted(platform_id)
    return failures.result_of(answer, places.now(), direct=direct)


def _public(outgoing: Outgoing, media: list[str]) -> api.Call:
    content: dict[str, object] = {
        "reply": {"in_reply_to_tweet_id": outgoing.reply_to_id or outgoing.post_id}
    }
    if outgoing.text.strip():
        content["text"] = outgoing.text
    if media:
        content["media"] = {"media_ids": media}
    return api.Call("POST", "/2/tweets", content)


def _direct(outgoing: Outgoing, media: list[str]) -> api.Call:
    content: dict[str, object] = {}
    if outgoing.text.strip():
        content["text"] = outgoing.text
    if media:
        attachments: list[Mapping[str, str]] = [{"media_id": one} for one in media]
        content["attachments"] = attachments
    path = f"/2/dm_conversations/with/{outgoing.recipient}/messages"
    return api.Call("POST", path, content)
