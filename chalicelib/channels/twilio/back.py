"""What was missed: Twilio keeps every message, so those that a stretch of time lacks are read back.

The events have the keys and ids that their webhooks had or would have had; what came already is
recognised by them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.channels import answers, transport, waits, wire
from chalicelib.channels.contract import PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.channels.twilio import api
from chalicelib.channels.twilio.inbound import WHATSAPP, Post, event_of
from chalicelib.channels.twilio.times import of_rfc2822
from chalicelib.domain.channel import Channel
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import Missed, PollError, SendResult

PAGE = 100
MOST_PAGES = 100
MOST_FILES = 10


def fetch_back(missed: Missed, secret: Secret, places: Places) -> Iterator[Sequence[ChannelEvent]]:
    """Yield the messages to this handle of a stretch of time, a page of Twilio's at a time.

    Raises PollError.
    """
    account = api.account_of(secret)
    if account is None:
        raise PollError("no_token", lasting=True)
    before = WHATSAPP if missed.handle.channel is Channel.WHATSAPP else ""
    query = {
        "To": before + missed.handle.account_id,
        "DateSent>": f"{missed.since:%Y-%m-%d}",
        "DateSent<": f"{missed.until + timedelta(days=1):%Y-%m-%d}",
        "PageSize": str(PAGE),
    }
    told = _read(api.get(account, "/Messages.json", query, places))
    for _ in range(MOST_PAGES):
        yield _events(told, missed, account, places)
        onward = wire.text(told, "next_page_uri")
        if not onward:
            return
        told = _read(api.onward(account, onward, places))
    raise PollError("too_many_pages", lasting=True)


def _events(
    told: wire.Json, missed: Missed, account: api.Account, places: Places
) -> tuple[ChannelEvent, ...]:
    found: list[ChannelEvent] = []
    for row in wire.rows(told, "messages"):
        try:
            message = wire.as_object(row, "message")
            sent_at = of_rfc2822(wire.text(message, "date_sent"))
            if _is_wanted(message, sent_at, missed):
                found.append(_event(message, sent_at, account, places))
        except PayloadError:
            continue  # one odd row must not keep the others away
    return tuple(found)


def _is_wanted(message: wire.Json, sent_at: datetime | None, missed: Missed) -> bool:
    inbound = wire.text(message, "direction") == "inbound"
    return inbound and sent_at is not None and missed.since <= sent_at <= missed.until


def _event(
    message: wire.Json, sent_at: datetime | None, account: api.Account, places: Places
) -> ChannelEvent:
    """Return the event that the message's webhook gives, with Twilio's own time."""
    form = {
        "MessageSid": wire.ident(message, "sid"),
        "From": wire.text(message, "from"),
        "To": wire.text(message, "to"),
        "Body": wire.text(message, "body"),
        **_media(message, account, places),
    }
    event = event_of(Post(form, places.now()))
    if not isinstance(event, ChannelEvent):
        raise PayloadError("not_message")
    return replace(event, occurred_at=sent_at)


def _media(message: wire.Json, account: api.Account, places: Places) -> Mapping[str, str]:
    """Return a message's files as the webhook names them: a list of their own at Twilio."""
    if not wire.number(message, "num_media"):
        return {}
    sid = wire.ident(message, "sid")
    if not sid.isalnum():
        raise PayloadError("sid_odd")
    path = f"/Messages/{sid}/Media.json"
    told = _read(api.get(account, path, {"PageSize": str(MOST_FILES)}, places))
    listed = [wire.as_object(row, "media") for row in wire.rows(told, "media_list")]
    form = {"NumMedia": str(len(listed))}
    for number, one in enumerate(listed):
        form[f"MediaUrl{number}"] = api.HOST + wire.text(one, "uri").removesuffix(".json")
        form[f"MediaContentType{number}"] = wire.text(one, "content_type")
    return form


def _read(answer: transport.Answer | SendResult | None) -> wire.Json:
    """Return what Twilio told. Raises PollError."""
    if answer is None:
        raise PollError("odd_page", lasting=True)
    if isinstance(answer, SendResult):
        raise PollError(answer.error_code)
    if answer.status in (401, 403):
        raise PollError("token_refused", lasting=True)
    if not answer.ok:
        raise PollError(f"http_{answer.status}", wait_seconds=waits.asked(answer))
    return answers.told(answer)
