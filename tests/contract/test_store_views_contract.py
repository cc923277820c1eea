"""What every store promises of lists.

Their order, their cursors, what is in them and what is not.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.case import Approval, Status
from chalicelib.domain.channel import Channel
from chalicelib.domain.entry import EntryKind
from chalicelib.workflows.ports import Commit, CursorError, Opened, Query
from tests.contract.store_engines import NOON, case, conversation, engines, entry, message, store

__all__ = ["engines", "store"]


def pages(read, limit=3):
    """Return the pages of a list, read to its end."""
    found, cursor = [], ""
    while True:
        page = read(limit, cursor)
        assert len(page.rows) <= limit
        found.append(page.rows)
        assert len(found) < 200, "the list has no end"
        if not page.cursor:
            return found
        cursor = page.cursor


def rows(read, limit=3):
    return [row for page in pages(read, limit) for row in page]


def inbox(store, **query):
    return lambda limit, cursor: store.views.open_cases(Query(limit=limit, cursor=cursor, **query))


def minutes(number):
    return NOON + timedelta(minutes=number)


def open_at(store, *moments, **more):
    """Commit one conversation for each deadline in minutes; return them as stored."""
    channel = more.pop("channel", Channel.MESSENGER)
    made = [conversation(channel=channel, case=case(due_at=minutes(at), **more)) for at in moments]
    return [store.open(head) for head in made]


def test_open_cases_come_by_nearest_deadline_and_each_once(store):
    opened = open_at(store, 5, 3, 8, 1, 9, 2, 7, 4, 6, 0)
    without = store.open(conversation(case=case(due_at=None)))
    open_at(store, 1, team="sales")
    open_at(store, 2, status=Status.RESOLVED)
    by_deadline = sorted(opened, key=lambda head: head.case.clocks[0].due_at)
    for limit in (1, 3, 4, 100):
        assert rows(inbox(store, team="care"), limit) == [*by_deadline, without]


def test_an_inbox_follows_its_cases(store):
    (head,) = open_at(store, 5)
    resolved = replace(head, case=replace(head.case, status=Status.RESOLVED))
    store.conversations.commit(Commit(conversation=resolved))
    assert rows(inbox(store, team="care")) == []
    again = replace(resolved, rev=2, case=case(team="sales", due_at=minutes(1)))
    store.conversations.commit(Commit(conversation=again))
    assert [found.id for found in rows(inbox(store, team="sales"))] == [head.id]


def test_cases_in_which_something_waits_for_approval_are_a_list_of_their_own(store):
    plain = open_at(store, 1, 3)
    waits = (Approval("a", "reply", "ann", NOON, "too much"),)
    opened = open_at(store, 4, 2, approvals=waits)
    assert rows(inbox(store, team="care", approvals=True), 1) == opened[::-1]
    of_channel = {"team": "care", "channel": Channel.MESSENGER, "approvals": True}
    assert rows(inbox(store, **of_channel)) == opened[::-1]
    assert rows(inbox(store, team="care", channel=Channel.X, approvals=True)) == []
    assert rows(inbox(store, team="care", status=Status.NEW, approvals=True)) == opened[::-1]
    decided = replace(opened[0], case=replace(opened[0].case, approvals=()))
    store.conversations.commit(Commit(conversation=decided))
    assert [found.id for found in rows(inbox(store, team="care", approvals=True))] == [opened[1].id]
    assert len(rows(inbox(store, team="care"))) == len(plain) + len(opened)
    cursor = store.views.open_cases(Query("care", limit=1)).cursor
    with pytest.raises(CursorError):
        store.views.open_cases(Query("care", cursor=cursor, approvals=True))


def test_what_an_agent_holds_is_listed(store):
    mine = open_at(store, 4, 2, status=Status.ASSIGNED, assignee="ann")
    open_at(store, 1, status=Status.ASSIGNED, assignee="bob")
    open_at(store, 3, status=Status.CLOSED, assignee="ann")
    assert rows(inbox(store, assignee="ann")) == mine[::-1]


def test_a_list_can_be_narrowed(store):
    new = open_at(store, 1, 4)
    queued = open_at(store, 2, status=Status.QUEUED, channel=Channel.X)
    snoozed = open_at(store, 3, status=Status.SNOOZED, channel=Channel.X)
    closed = {"team": "care", "status": Status.CLOSED}
    assert rows(inbox(store, team="care", status=Status.NEW), 1) == new
    assert rows(inbox(store, team="care", status=Status.QUEUED), 1) == queued
    assert rows(inbox(store, team="care", channel=Channel.X), 1) == queued + snoozed
    assert rows(inbox(store, team="care", channel=Channel.X, status=Status.SNOOZED), 1) == snoozed
    assert rows(inbox(store, team="care", channel=Channel.SMS), 1) == []
    assert rows(inbox(store, **closed), 1) == []


@pytest.mark.parametrize("query", [Query(), Query(team="a", assignee="b")])
def test_a_list_is_of_a_team_or_of_an_assignee(store, query):
    with pytest.raises(ValueError, match="of a team or of an assignee"):
        store.views.open_cases(query)


def test_queued_cases_wait_for_somebody(store):
    waiting = open_at(store, 5, 2, status=Status.QUEUED)
    open_at(store, 1)
    open_at(store, 1, status=Status.QUEUED, team="sales")
    (offered,) = open_at(store, 4, status=Status.QUEUED, offered_to="ann")
    query = Query(team="care", status=Status.QUEUED)
    first = store.views.open_cases(replace(query, limit=1))
    assert list(first.rows) == waiting[1:]
    rest = store.views.open_cases(replace(query, cursor=first.cursor))
    assert list(rest.rows) == waiting[:1]
    assert list(store.views.open_cases(Query(assignee="ann")).rows) == [offered]


def test_overdue_cases_are_those_before_the_moment(store):
    opened = open_at(store, 1, 3, 2)
    open_at(store, 1, status=Status.RESOLVED)
    assert list(store.views.overdue("care", minutes(3), 10)) == [opened[0], opened[2]]
    assert list(store.views.overdue("care", minutes(3), 1)) == opened[:1]
    assert list(store.views.overdue("care", minutes(1), 10)) == []


def test_stuck_cases_are_listed_whatever_their_status(store):
    stuck = open_at(store, 2, stuck="Assign failed") + open_at(
        store, 1, stuck="x", status=Status.RESOLVED
    )
    open_at(store, 1)
    assert {head.id for head in store.views.stuck(10)} == {head.id for head in stuck}


def test_messages_come_newest_first_however_they_arrived(store):
    head = conversation()
    sent = [message(head, sent_at=minutes(at)) for at in (3, 1, 2, 5, 4)]
    twins = [message(head, sent_at=minutes(9)), message(head, sent_at=minutes(9))]
    store.open(head, insert=(*sent, *twins))
    other = conversation()
    store.open(other, insert=(message(other),))
    found = rows(lambda limit, cursor: store.views.messages(head.id, limit, cursor), 2)
    assert [told.sent_at for told in found] == sorted(
        (told.sent_at for told in (*sent, *twins)), reverse=True
    )
    assert len({told.id for told in found}) == 7


def test_history_comes_newest_first_and_each_entry_once(store):
    head = conversation()
    for version in range(1, 6):
        entries = tuple(
            entry(EntryKind.NOTE_ADDED, text=f"{version}.{part}") for part in range(version)
        )
        head = store.open(replace(head, version=version), entries=entries)
    expected = [
        f"{version}.{part}" for version in range(5, 0, -1) for part in reversed(range(version))
    ]
    for limit in (1, 2, 4, 50):
        found = rows(lambda size, cursor: store.views.history(head.id, size, cursor), limit)
        assert [told.text for told in found] == expected
        assert found[0].version == 5


def test_a_contact_has_its_conversations_on_all_channels(store):
    heads = [
        store.open(conversation(contact_id="c", channel=channel, created_at=minutes(at)))
        for at, channel in enumerate([Channel.X, Channel.SMS, Channel.WHATSAPP])
    ]
    store.open(conversation(contact_id="d"))
    assert (
        rows(lambda limit, cursor: store.views.conversations_of("c", limit, cursor), 2)
        == heads[::-1]
    )


def test_rows_that_come_meanwhile_neither_repeat_nor_hide_others(store):
    opened = open_at(store, 1, 2, 3, 4, 5, 6)
    first = store.views.open_cases(Query(team="care", limit=3))
    open_at(store, 0, 0)
    (late,) = open_at(store, 9)
    gone = replace(opened[4], case=replace(opened[4].case, status=Status.CLOSED))
    store.conversations.commit(Commit(conversation=gone))
    rest = store.views.open_cases(Query(team="care", limit=100, cursor=first.cursor))
    assert list(first.rows) == opened[:3]
    assert list(rest.rows) == [opened[3], opened[5], late]


def test_a_message_that_comes_meanwhile_does_not_move_the_next_page(store):
    head = conversation()
    sent = [message(head, sent_at=minutes(at)) for at in range(4)]
    head = store.open(head, insert=tuple(sent))
    first = store.views.messages(head.id, 2)
    store.open(head, insert=(message(head, sent_at=minutes(10)),))
    rest = store.views.messages(head.id, 2, first.cursor)
    assert [told.id for told in rest.rows] == [sent[1].id, sent[0].id]


def test_a_cursor_of_another_list_is_refused(store):
    open_at(store, 1, 2)
    head = conversation()
    head = store.open(head, insert=(message(head), message(head)))
    of_team = store.views.open_cases(Query(team="care", limit=1)).cursor
    of_messages = store.views.messages(head.id, 1).cursor
    assert of_team
    assert of_messages
    for cursor in (of_messages, of_team[:-2], of_team + "A", "!", "é", "AAAA"):
        with pytest.raises(CursorError):
            store.views.open_cases(Query(team="care", cursor=cursor))
    for query in (
        Query(team="sales", cursor=of_team),
        Query(team="care", channel=Channel.X, cursor=of_team),
    ):
        with pytest.raises(CursorError):
            store.views.open_cases(query)
    for read in (store.views.messages, store.views.history, store.views.conversations_of):
        with pytest.raises(CursorError):
            read(head.id, 1, of_team)


def test_limits_are_held_between_one_and_a_hundred(store):
    open_at(store, 1, 2)
    assert len(store.views.open_cases(Query(team="care", limit=0)).rows) == 1
    assert len(store.views.open_cases(Query(team="care", limit=10**9)).rows) == 2


def test_hostile_names_keep_to_their_own_lists(store):
    for team in ("", "#", "a#0", "a", "lone\ud800", "x" * 3000):
        head = store.open(conversation(case=case(team="t" + team, status=Status.QUEUED)))
        waiting = Query(team="t" + team, status=Status.QUEUED)
        assert [found.id for found in store.views.open_cases(waiting).rows] == [head.id]
        assert [found.id for found in store.views.open_cases(Query(team="t" + team)).rows] == [
            head.id
        ]


def began(store, moment, number=1, **more):
    """Commit a case that began then, with the log row that tells of it; return where it began."""
    head = conversation(case=case(number=number, due_at=None), **more)
    told = entry(EntryKind.CASE_OPENED, version=head.version)
    told = replace(told, at=moment, case_number=number)
    store.open(head, entries=(told,))
    return Opened(head.id, number, head.version, moment)


def test_the_cases_of_a_period_are_listed_by_the_day_they_began(store):
    days = [NOON + timedelta(days=number, hours=number % 3) for number in range(12)]
    found = [began(store, day) for day in days for _ in range(3)]
    store.open(conversation(), entries=(entry(EntryKind.CASE_QUEUED, version=0),))
    since, until = days[2], days[9]
    wanted = sorted(
        (o for o in found if since <= o.at < until), key=lambda one: one.conversation_id
    )
    for limit in (1, 4, 100):
        listed = rows(lambda most, cursor: store.views.opened(since, until, most, cursor), limit)
        assert sorted(listed, key=lambda one: one.conversation_id) == wanted
        assert [o.at.date() for o in listed] == sorted(o.at.date() for o in listed)


def test_a_period_without_cases_ends_and_its_cursor_is_for_no_other(store):
    began(store, NOON)
    began(store, NOON)
    later = NOON + timedelta(days=40)
    assert rows(lambda most, cursor: store.views.opened(later, later, most, cursor)) == []
    read = partial(store.views.opened, NOON, NOON + timedelta(days=1))
    first = read(1)
    assert len(first.rows) == 1
    with pytest.raises(CursorError):
        store.views.opened(NOON, later, 1, first.cursor)


def test_a_log_is_read_oldest_first_from_any_version(store):
    head = store.open(conversation(), entries=(entry(EntryKind.CASE_OPENED, version=0),))
    for version in range(1, 8):
        head = replace(head, version=version)
        told = (entry(EntryKind.NOTE_ADDED, version=version),) * 2
        store.conversations.commit(Commit(conversation=head, entries=told))
        head = store.conversations.get(head.id)
    read = store.views.log(head.id, 3, 2)
    assert [row.entries[0].version for row in read] == [3, 4]
    assert [len(row.entries) for row in store.views.log(head.id, 0, 100)] == [1] + [2] * 7
    assert not store.views.log(head.id, 8, 10)
