"""Comments and visitors' posts of a stretch of time: a page's wall, and Instagram's posts.

A page says when something last happened under a post; Instagram does not, so there only the
newest posts are looked at, and of comments on older ones nothing is brought back.
"""

from collections.abc import Iterator, Sequence

from chalicelib.channels import answers, wire
from chalicelib.channels.instant import instant
from chalicelib.channels.meta.look import Look
from chalicelib.domain.event import ChannelEvent

_POST = "id,created_time,updated_time,from,message,permalink_url"
_COMMENT = "id,created_time,from,message,parent{id},is_hidden,permalink_url"
_INSTAGRAM = "id,text,timestamp,from,parent_id"
_NEWEST_MEDIA = 50
_PAGES_OF_POSTS = 8


def of_page(look: Look) -> Iterator[Sequence[ChannelEvent]]:
    """Yield what visitors wrote on a page, and under its 200 newest posts. Raises PollError."""
    query = {"fields": _POST, "limit": "25"}
    for number, page in enumerate(look.pages(f"{look.account_id}/feed", query)):
        fresh = [post for post in page if not look.too_old(post, "updated_time")]
        visitors = [
            post for post in fresh if answers.part(post, "from").get("id") != look.account_id
        ]
        yield look.events("page", [_post(look, post) for post in visitors])
        for post in fresh:
            yield from _comments(look, post)
        if number + 1 >= _PAGES_OF_POSTS:
            return


def _comments(look: Look, post: wire.Json) -> Iterator[Sequence[ChannelEvent]]:
    query = {
        "fields": _COMMENT,
        "filter": "stream",
        "order": "reverse_chronological",
        "limit": "100",
    }
    for page in look.pages(f"{post.get('id')}/comments", query):
        yield look.events("page", [_comment(look, post, one) for one in page])
        if page and look.too_old(page[-1], "created_time"):
            return


def of_instagram(look: Look) -> Iterator[Sequence[ChannelEvent]]:
    """Yield the comments under the newest posts of an account. Raises PollError."""
    query = {"fields": "id,comments_count", "limit": str(_NEWEST_MEDIA)}
    media = answers.parts(look.ask(f"{look.account_id}/media", query), "data")
    fields = f"{_INSTAGRAM},replies{{{_INSTAGRAM}}}"
    for one in media:
        if not one.get("comments_count"):
            continue
        for page in look.pages(f"{one.get('id')}/comments", {"fields": fields, "limit": "50"}):
            replies = [
                {"parent_id": comment.get("id"), **reply}
                for comment in page
                for reply in answers.parts(answers.part(comment, "replies"), "data")
            ]
            yield look.events("instagram", [_said(look, one, found) for found in (*page, *replies)])


def _post(look: Look, post: wire.Json) -> wire.Json:
    return _change(
        look,
        post,
        {"item": "status", "post_id": post.get("id"), "permalink_url": post.get("permalink_url")},
    )


def _comment(look: Look, post: wire.Json, comment: wire.Json) -> wire.Json:
    value = {
        "item": "comment",
        "post_id": post.get("id"),
        "comment_id": comment.get("id"),
        "parent_id": answers.part(comment, "parent").get("id") or post.get("id"),
        "permalink_url": comment.get("permalink_url"),
        "is_hidden": comment.get("is_hidden"),
    }
    return _change(look, comment, value)


def _change(look: Look, source: wire.Json, value: wire.Json) -> wire.Json:
    at = source.get("created_time")
    told = {
        **value,
        "from": source.get("from"),
        "verb": "add",
        "message": source.get("message"),
        "created_time": at,
    }
    change = {"field": "feed", "value": {key: one for key, one in told.items() if one is not None}}
    return {"id": look.account_id, "time": at, "changes": [change]}


def _said(look: Look, media: wire.Json, comment: wire.Json) -> wire.Json:
    at = instant(comment.get("timestamp"))
    value = {
        "id": comment.get("id"),
        "text": comment.get("text"),
        "from": comment.get("from"),
        "media": {"id": media.get("id")},
        "parent_id": comment.get("parent_id"),
        "timestamp": comment.get("timestamp"),
    }
    change = {"field": "comments", "value": value}
    seconds = int(at.timestamp()) if at else None
    return {"id": look.account_id, "time": seconds, "changes": [change]}
