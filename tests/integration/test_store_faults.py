"""What the store says when the table answers late, or lists something that has moved on."""

from dataclasses import replace

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.case import Status
from chalicelib.store import records
from chalicelib.store.table import Write
from chalicelib.workflows.ports import BusyError, Commit, DuplicateMessageError, Query
from tests.contract.store_engines import (
    NOON,
    case,
    conversation,
    engines,
    entry,
    message,
    table_store,
)

__all__ = ["engines", "table_store"]


@pytest.fixture
def timing_out(table_store, monkeypatch):
    """Let every request reach the table and lose its answer, until switched off."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    client = table_store.table.connection.client
    switch = {"on": True, "lost": 0}

    def lose(request, **_):
        if switch["on"]:
            switch["lost"] += 1
            client._endpoint.http_session.send(request)
            raise ReadTimeoutError(endpoint_url=request.url)

    client.meta.events.register("before-send.dynamodb", lose)
    return switch


def test_a_commit_whose_answer_is_lost_is_recognised_when_it_is_repeated(table_store, timing_out):
    head = conversation(case=case())
    told = message(head)
    commit = Commit(conversation=head, insert=(told,), entries=(entry(),))
    with pytest.raises((BusyError, DuplicateMessageError)):
        table_store.conversations.commit(commit)
    assert timing_out["lost"] > 1
    timing_out["on"] = False
    with pytest.raises(DuplicateMessageError) as refused:
        table_store.conversations.commit(commit)
    assert refused.value.existing == replace(told, rev=1)
    assert table_store.conversations.get(head.id) == replace(head, rev=1)
    assert len(table_store.views.history(head.id, 10).rows) == 1


def test_arming_whose_answer_is_lost_has_armed(table_store, timing_out):
    timing_out["on"] = False
    head = table_store.open(conversation(case=case()))
    timing_out["on"] = True
    with pytest.raises(BusyError):
        table_store.conversations.arm(head.id, 1, "token", NOON)
    timing_out["on"] = False
    table_store.conversations.arm(head.id, 1, "token", NOON)
    assert table_store.conversations.get(head.id).token == "token"
    assert table_store.conversations.get(head.id).rev == 2


def test_a_list_that_lags_shows_nothing_that_has_moved_on(table_store):
    """An index entry without a case behind it: what a reader sees between a write and the index."""
    listed = conversation(case=case(status=Status.QUEUED, stuck="x"))
    closed = replace(listed, case=case(status=Status.CLOSED))
    stale = records.head(listed) | {"body": records.head(closed)["body"]}
    table_store.table.write(Write(stale))
    assert table_store.views.open_cases(Query(team="care")).rows == ()
    waiting = Query(team="care", status=Status.QUEUED)
    assert table_store.views.open_cases(waiting).rows == ()
    assert list(table_store.views.overdue("care", NOON.replace(year=2027), 10)) == []
    assert list(table_store.views.stuck(10)) == []
