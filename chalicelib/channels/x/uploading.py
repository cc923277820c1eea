"""Our files to X, before the message that shows them (docs.x.com/x-api/media).

Pictures go up in one call; videos and moving pictures in pieces, and X works on them for a while.
Nothing of it is public until a message names it, and X forgets what none names within a day, so
whatever goes wrong here may be done again.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from time import sleep

from chalicelib.channels import answers
from chalicelib.channels.answers import refused
from chalicelib.channels.places import Places
from chalicelib.channels.x import api, failures, limits
from chalicelib.channels.x.keys import Keys
from chalicelib.workflows.networks import ErrorClass, File, Outgoing, SendResult, SendState

PIECE_BYTES = 4_000_000
MOST_LOOKS = 8
MOST_WAIT_SECONDS = 20
"""How long a video may be worked on before the sending is given up and made again later."""


def upload(outgoing: Outgoing, keys: Keys, places: Places) -> list[str] | SendResult:
    """Return the media ids of the files, or why there are none: then nothing was sent."""
    refusal = _refusal(outgoing)
    if refusal:
        return refusal
    area = "dm" if outgoing.invite or not outgoing.public else "tweet"
    found: list[str] = []
    for file in outgoing.files:
        media_id = _upload(file, area, keys, places)
        if isinstance(media_id, SendResult):
            return media_id
        found.append(media_id)
    return found


def _refusal(outgoing: Outgoing) -> SendResult | None:
    if any(file.kind not in ("image", "video") for file in outgoing.files):
        return refused(ErrorClass.CONTENT, "file_kind", "X takes pictures and videos only.")
    if any(file.size > limits.MOST_FILE_BYTES for file in outgoing.files):
        text = f"A file may have {limits.MOST_FILE_BYTES} bytes."
        return refused(ErrorClass.CONTENT, "file_too_large", text)
    if len(outgoing.files) > 1 and any(_moves(file) for file in outgoing.files):
        text = "A video or moving picture goes alone in a message."
        return refused(ErrorClass.CONTENT, "one_video", text)
    return None


def _moves(file: File) -> bool:
    return file.kind == "video" or file.mime_type == "image/gif"


def _upload(file: File, area: str, keys: Keys, places: Places) -> str | SendResult:
    if _moves(file):
        kind = "video" if file.kind == "video" else "gif"
        return _in_pieces(file, f"{area}_{kind}", keys, places)
    content = {
        "media": base64.b64encode(file.read()).decode("ascii"),
        "media_category": f"{area}_image",
        "media_type": file.mime_type,
    }
    return _id(_asked(api.Call("POST", "/2/media/upload", content), keys, places))


def _in_pieces(file: File, category: str, keys: Keys, places: Places) -> str | SendResult:
    body = file.read()
    content = {
        "media_category": category,
        "media_type": file.mime_type,
        "total_bytes": len(body),
    }
    begun = _asked(api.Call("POST", "/2/media/upload/initialize", content), keys, places)
    media_id = _id(begun)
    if isinstance(media_id, SendResult):
        return media_id
    for call in _pieces(body, media_id):
        told = _asked(call, keys, places)
        if isinstance(told, SendResult):
            return told
    return _finished(media_id, keys, places)


def _pieces(body: bytes, media_id: str) -> Iterator[api.Call]:
    for index, start in enumerate(range(0, len(body), PIECE_BYTES)):
        piece = base64.b64encode(body[start : start + PIECE_BYTES]).decode("ascii")
        content = {"media": piece, "segment_index": index}
        yield api.Call("POST", f"/2/media/upload/{media_id}/append", content)


def _finished(media_id: str, keys: Keys, places: Places) -> str | SendResult:
    """Wait until X has worked on it, a short while at most."""
    told = _asked(api.Call("POST", f"/2/media/upload/{media_id}/finalize"), keys, places)
    status = api.Call("GET", "/2/media/upload", query={"command": "STATUS", "media_id": media_id})
    waited = 0
    for _ in range(MOST_LOOKS):
        if isinstance(told, SendResult):
            return told
        info = answers.part(answers.part(told, "data"), "processing_info")
        state = info.get("state", "succeeded")
        if state == "succeeded":
            return media_id
        if state == "failed":
            return refused(ErrorClass.CONTENT, "file_refused", "X could not read the file.")
        wait = info.get("check_after_secs")
        wait = wait if isinstance(wait, int) and wait >= 0 else 1
        waited += wait
        if waited > MOST_WAIT_SECONDS:
            break
        sleep(wait)
        told = _asked(status, keys, places)
    return SendResult(
        SendState.RETRY,
        error_class=ErrorClass.UNAVAILABLE,
        error_code="file_not_ready",
        error_text="X is still working on the file.",
        retry_after_seconds=30,
    )


def _asked(call: api.Call, keys: Keys, places: Places) -> dict[str, object] | SendResult:
    """Return what X said to a step; a step that did not end well sends nothing."""
    answer = api.ask(call, keys, places)
    if isinstance(answer, SendResult):
        return answers.again(answer)
    if answer.ok:
        return dict(answers.told(answer))
    result = failures.result_of(answer, places.now(), direct=False)
    if result.error_code == "http_403":  # the token may not upload: so it is with every file
        result = replace(result, error_class=ErrorClass.CHANNEL)
    return answers.again(result)


def _id(told: dict[str, object] | SendResult) -> str | SendResult:
    if isinstance(told, SendResult):
        return told
    found = api.word(answers.part(told, "data"), "id")
    if found:
        return found
    return SendResult(
        SendState.RETRY,
        error_class=ErrorClass.UNAVAILABLE,
        error_code="no_media_id",
        error_text="X gave the file no id.",
    )
