"""Looking for words on X where nobody named the brand (GET /2/tweets/search/recent).

The search reaches back seven days. `since_id` makes each post come once; posts cost money, so no
more than wanted are asked for, and a look that finds more leaves out the older ones.
"""

from dataclasses import replace
from http import HTTPStatus

from chalicelib.channels import answers, transport, wire
from chalicelib.channels.contract import Ignored, PayloadError, Secret
from chalicelib.channels.places import Places
from chalicelib.channels.questions import poll_error
from chalicelib.channels.x import activity_post, api, failures, prices
from chalicelib.channels.x.keys import Keys, keys_of
from chalicelib.channels.x.told import Told, objects_of, people_of, required
from chalicelib.domain.event import ChannelEvent
from chalicelib.workflows.networks import Polled, PollError, SendResult, Wanted

LEAST, MOST = 10, 100
_FIELDS = {
    "tweet.fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "display_text_range,note_tweet,referenced_tweets,attachments",
    "expansions": "author_id,attachments.media_keys",
    "user.fields": "name,username",
    "media.fields": "type,url,variants,alt_text",
}


def asked_for(most: int) -> int:
    """Return how many posts a search asks for: X takes 10 to 100."""
    return max(LEAST, min(most, MOST))


def poll(wanted: Wanted, secret: Secret, places: Places) -> Polled:
    """Look once for the words. Raises PollError.

    Without words there is nothing to look for: mentions and messages come by webhook.
    """
    if not wanted.words.strip():
        raise PollError("not_polled", lasting=True)
    keys = keys_of(secret)
    if not keys.bearer:
        raise PollError("no_bearer", lasting=True)
    answer = _ask(wanted, keys, places)
    if not answer.ok:
        _refused(answer, places)
    top = answers.told(answer)
    if not top:
        raise PollError("not_json")
    return _polled(wanted, top, places)


def _ask(wanted: Wanted, keys: Keys, places: Places) -> transport.Answer:
    query = {
        "query": f"({wanted.words}) -is:retweet -from:{wanted.handle.account_id}",
        "max_results": str(asked_for(wanted.most)),
        **_FIELDS,
    }
    since = {"since_id": wanted.cursor} if _is_id(wanted.cursor) else {}
    answer = _got(query | since, keys, places)
    if since and answer.status == HTTPStatus.BAD_REQUEST and b"since_id" in answer.body:
        answer = _got(query, keys, places)  # it lies further back than the search reaches
    return answer


def _got(query: dict[str, str], keys: Keys, places: Places) -> transport.Answer:
    call = api.Call("GET", "/2/tweets/search/recent", query=query, by_app=True)
    answer = api.ask(call, keys, places)
    if isinstance(answer, SendResult):
        raise PollError(answer.error_code)
    return answer


def _refused(answer: transport.Answer, places: Places) -> None:
    result = failures.result_of(answer, places.now(), direct=False)
    raise poll_error(result)


def _polled(wanted: Wanted, top: wire.Json, places: Places) -> Polled:
    posts, includes = answers.parts(top, "data"), answers.part(top, "includes")
    users = answers.parts(includes, "users")
    media = objects_of(includes.get("media"), "media_key")
    account_id, now = wanted.handle.account_id, places.now()
    told = Told(account_id, now, (), people_of(users), media=media)
    found: list[ChannelEvent | Ignored | bytes] = []
    for raw in reversed(posts):  # X lists the newest first
        try:
            key = ("post", required(raw, "id"))
            found.append(activity_post.read(replace(told, key=key), raw))
        except PayloadError:
            found.append(_kept(wanted, raw, includes))
    newest = api.word(answers.part(top, "meta"), "newest_id")
    return Polled(
        events=tuple(one for one in found if isinstance(one, ChannelEvent)),
        ignored=tuple(one.word for one in found if isinstance(one, Ignored)),
        odd=tuple(one for one in found if isinstance(one, bytes)),
        cursor=newest if _is_id(newest) else wanted.cursor,
        cost_micros=prices.of_search(len(posts), len(users)),
    )


def _kept(wanted: Wanted, raw: wire.Json, includes: wire.Json) -> bytes:
    """Return a post that cannot be read as a webhook's body: parse() takes it again later."""
    data = {
        "event_type": "post.create",
        "event_uuid": api.word(raw, "id"),
        "filter": {"user_id": wanted.handle.account_id},
        "payload": raw,
        "includes": includes,
    }
    return wire.canonical({"data": data}).encode("ascii")


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal()
