"""The store in memory can be made to fail at every place, and tells what the stream would tell."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from chalicelib.workflows.ports import BusyError, Commit, DuplicateMessageError
from tests.contract.store_engines import NOON, conversation, message
from tests.fakes.store import MemoryStore


def busy(_):
    raise BusyError


def test_a_fault_before_a_commit_writes_nothing():
    store = MemoryStore()
    store.before_commit.append(busy)
    with pytest.raises(BusyError):
        store.conversations.commit(Commit(conversation=conversation("c")))
    assert store.heads == {}


def test_a_fault_after_a_commit_is_an_answer_that_got_lost():
    store = MemoryStore()
    store.after_commit.append(busy)
    head = conversation("c")
    commit = Commit(conversation=head, insert=(message(head),))
    with pytest.raises(BusyError):
        store.conversations.commit(commit)
    with pytest.raises(DuplicateMessageError):
        store.conversations.commit(commit)


def test_every_write_of_a_conversation_is_told_with_what_was_before():
    store = MemoryStore()
    told = []
    store.changed.append(lambda old, new: told.append((old, new)))
    head = conversation("c")
    store.conversations.commit(Commit(conversation=head))
    store.conversations.arm(head.id, 1, "token", NOON)
    created = replace(head, rev=1)
    assert told == [
        (None, created),
        (created, replace(created, rev=2, token="token", armed_for=NOON)),
    ]


def test_every_call_can_be_wrapped():
    store = MemoryStore()
    names = []

    @contextmanager
    def around(name):
        names.append(name)
        yield

    store.around = around
    store.conversations.get("c")
    store.conversations.commit(Commit())
    store.agents.all()
    store.views.stuck(1)
    assert names == ["conversations.get", "conversations.commit", "agents.all", "views.stuck"]
