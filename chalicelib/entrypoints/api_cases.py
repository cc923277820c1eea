"""The API's conversations: listing open cases and reading one."""

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.entry import Entry
from chalicelib.domain.message import Message
from chalicelib.entrypoints import answers, answers_entries, answers_messages
from chalicelib.entrypoints.access import EVERYONE, LEADS
from chalicelib.entrypoints.answers import Answer, ConversationAnswer
from chalicelib.entrypoints.answers_entries import EntryAnswer
from chalicelib.entrypoints.answers_messages import MessageAnswer
from chalicelib.entrypoints.bodies import (
    CasesQuery,
    LimitQuery,
    PageQuery,
)
from chalicelib.entrypoints.refusals import RequestError
from chalicelib.entrypoints.routes import Asked, route
from chalicelib.workflows import read
from chalicelib.workflows.errors import ForbiddenError
from chalicelib.workflows.ports import Page, Query

ONE = "/api/conversations/{conversation_id}"
FIRST_PAGE = 25


class CasesAnswer(Answer):
    """Open cases, nearest deadline first. `cursor` empty: there are no more."""

    conversations: tuple[ConversationAnswer, ...]
    cursor: str


class MessagesAnswer(Answer):
    """Messages, newest first."""

    messages: tuple[MessageAnswer, ...]
    cursor: str


class HistoryAnswer(Answer):
    """What happened, newest first."""

    history: tuple[EntryAnswer, ...]
    cursor: str


class WholeAnswer(Answer):
    """A conversation with the newest page of its messages and of its history."""

    conversation: ConversationAnswer
    messages: MessagesAnswer
    history: HistoryAnswer


@route("GET", "/api/cases", roles=EVERYONE, query=CasesQuery, answer=CasesAnswer)
def list_cases(asked: Asked) -> CasesAnswer:
    """List open cases of a team or an agent, nearest deadline first; by default one's own."""
    wanted: CasesQuery = asked.query
    if wanted.team and wanted.assignee:
        raise RequestError(400, "bad_query", "Give a team or an assignee, not both.")
    assignee = "" if wanted.team else wanted.assignee or asked.actor.id
    if assignee not in ("", asked.actor.id) and asked.actor.role not in LEADS:
        raise ForbiddenError("Only leads list the cases of somebody else.")
    query = Query(wanted.team, assignee, wanted.status, wanted.channel, wanted.limit, wanted.cursor)

    page = read.open_cases(asked.parts, asked.actor, query)
    return CasesAnswer(
        conversations=tuple(answers.conversation(asked.parts, row) for row in page.rows),
        cursor=page.cursor,
    )


@route("GET", "/api/stuck", roles=LEADS, query=LimitQuery, answer=CasesAnswer)
def list_stuck(asked: Asked) -> CasesAnswer:
    """List the cases whose machine failed, so that a person must look."""
    rows = [
        row
        for row in asked.parts.views.stuck(asked.query.limit)
        if row.case and asked.actor.sees(row.case.team)
    ]
    return CasesAnswer(
        conversations=tuple(answers.conversation(asked.parts, row) for row in rows), cursor=""
    )


@route("GET", ONE, roles=EVERYONE, answer=WholeAnswer)
def get_conversation(asked: Asked, conversation_id: str) -> WholeAnswer:
    """Read a conversation, the newest of its messages and the newest of its history."""
    found = _seen(asked, conversation_id)
    views = asked.parts.views
    return WholeAnswer(
        conversation=answers.conversation(asked.parts, found),
        messages=_messages(views.messages(found.id, FIRST_PAGE)),
        history=_history(views.history(found.id, FIRST_PAGE)),
    )


@route("GET", ONE + "/messages", roles=EVERYONE, query=PageQuery, answer=MessagesAnswer)
def get_messages(asked: Asked, conversation_id: str) -> MessagesAnswer:
    """Read a page of messages, newest first."""
    found = _seen(asked, conversation_id)
    return _messages(asked.parts.views.messages(found.id, asked.query.limit, asked.query.cursor))


@route("GET", ONE + "/history", roles=EVERYONE, query=PageQuery, answer=HistoryAnswer)
def get_history(asked: Asked, conversation_id: str) -> HistoryAnswer:
    """Read a page of what happened, newest first."""
    found = _seen(asked, conversation_id)
    return _history(asked.parts.views.history(found.id, asked.query.limit, asked.query.cursor))


def _seen(asked: Asked, conversation_id: str) -> Conversation:

    return read.conversation(asked.parts, asked.actor, conversation_id)


def _messages(page: Page[Message]) -> MessagesAnswer:
    return MessagesAnswer(
        messages=tuple(answers_messages.message(row) for row in page.rows), cursor=page.cursor
    )


def _history(page: Page[Entry]) -> HistoryAnswer:
    return HistoryAnswer(
        history=tuple(answers_entries.entry(row) for row in page.rows), cursor=page.cursor
    )
