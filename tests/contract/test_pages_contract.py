"""What every store promises of pages."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.alert import Severity
from chalicelib.domain.ladder import Medium
from chalicelib.domain.page import Member, Page, PageState, Telling, TellingState, What
from chalicelib.store import keys
from chalicelib.store.pages import Pages
from chalicelib.workflows.ports import StaleError
from tests.contract.store_engines import MEMORY, NOON, TABLES, conversation, engines, on_table
from tests.fakes.store import MemoryStore

__all__ = ["engines"]


@pytest.fixture(params=[MEMORY, *TABLES])
def store(request: pytest.FixtureRequest, engines: None) -> Iterator[Any]:
    """Give an empty store of each kind in turn, with its pages, and what forgets a page's row."""
    if request.param == MEMORY:
        memory = MemoryStore()
        yield memory.pages, memory.conversations, memory.page_rows.pop
        return
    found = on_table(request.param)
    table = found.table
    assert table is not None

    def forget(page_id: str) -> None:
        """Take the row away as the table does once its time is over."""
        row = table.get(keys.page(page_id), keys.HEAD)
        assert row is not None
        row.delete()

    yield Pages(table, lambda: datetime.now(UTC)), found.conversations, forget


@pytest.fixture
def pages(store: Any) -> Any:
    return store[0]


def page(name: str = "one", **facts: Any) -> Page:
    made = Page(name, "care/breach", "care", "usual", "v1", Severity.BREACH, NOON, NOON)
    return replace(made, **({"climbs_at": NOON} | facts))


def member(key: str = "k", seconds: int = 0, **facts: Any) -> Member:
    due_at = NOON + timedelta(seconds=seconds)
    severity = Severity.BREACH
    made = Member(key, "c", 1, "first_response", severity, "acme-help", "messenger", due_at, "")
    return replace(made, **facts)


def test_nothing_is_there_before_it_is_written(pages):
    assert pages.get("none") is None
    assert pages.current("care/breach") is None
    assert list(pages.members("none")) == []
    assert list(pages.listed("care", 10)) == []
    assert pages.of_ref("none") == ""
    assert pages.told_at("ann", "sms") is None


def test_a_page_is_read_as_it_was_opened_and_is_the_one_that_new_members_join(pages):
    told = Telling(1, Medium.SMS, "lou", NOON, TellingState.FOLDED, "r", "why", NOON)
    given = page(told=(told,), known=("a", "b"), news_at=NOON, acknowledged_by="Zoë")
    stored = pages.open(given, None)
    assert stored == replace(given, rev=1) == pages.get("one") == pages.current("care/breach")
    assert pages.current("care/warning") is None


def test_of_two_that_open_a_page_one_wins(pages):
    first = pages.open(page(), None)
    with pytest.raises(StaleError):
        pages.open(page("two"), None)
    assert pages.get("two") is None
    second = pages.open(page("two"), first)
    with pytest.raises(StaleError):
        pages.open(page("three"), first)
    assert pages.current("care/breach") == second
    assert pages.get("one") == first


def test_an_id_that_is_taken_is_refused(pages):
    first = pages.open(page(), None)
    with pytest.raises(StaleError):
        pages.open(page(opened_at=NOON + timedelta(hours=1)), first)
    assert pages.get("one") == first


def test_of_many_that_open_a_page_at_once_exactly_one_wins(pages):
    def once(number: int) -> bool:
        try:
            pages.open(page(f"page-{number}"), None)
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(once, range(4))) == [False, False, False, True]


def test_a_queue_whose_page_is_gone_by_its_age_takes_a_new_one_as_one_without_any(store):
    """Its row still names the page that the table has forgotten."""
    pages, _, forget = store
    pages.open(page(), None)
    forget("one")
    assert pages.get("one") is None
    assert pages.current("care/breach") is None

    def once(number: int) -> bool:
        try:
            pages.open(page(f"page-{number}"), None)
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(once, range(4))) == [False, False, False, True]
    current = pages.current("care/breach")
    with pytest.raises(StaleError):
        pages.open(page("two"), None)
    assert pages.get("two") is None
    assert pages.open(page("two"), current) == pages.current("care/breach")


def test_who_joins_twice_is_one_member_and_all_come_in_the_order_of_their_deadlines(pages):
    pages.open(page(), None)
    late = member("a", 10, what=What.LOW_SCORE, said="survey score 1", percent=90, seq=3)
    early = member("b", 5)
    assert pages.join("one", late)
    assert pages.join("one", early)
    assert not pages.join("one", late)
    assert pages.join("two", late)
    assert list(pages.members("one")) == [early, late]
    assert list(pages.members("one", 1)) == [early]


def test_many_members_are_all_read(pages):
    pages.open(page(), None)
    for number in range(130):
        pages.join("one", member(f"k{number}", number, said="x" * 9000))
    assert [one.key for one in pages.members("one")] == [f"k{number}" for number in range(130)]
    assert len(pages.members("one", 100)) == 100


def test_a_save_needs_the_rev_and_raises_it(pages):
    first = pages.open(page(), None)
    second = pages.save(replace(first, rung=2, token="t", armed_for=NOON))
    assert second == replace(first, rung=2, token="t", armed_for=NOON, rev=2) == pages.get("one")
    for stale in (first, page(), page("none"), replace(page("none"), rev=1)):
        with pytest.raises(StaleError):
            pages.save(replace(stale, rung=9))
    assert pages.get("one") == second
    assert pages.save(replace(second, token="", armed_for=None)).token == ""
    assert pages.get("one").armed_for is None


def test_arming_needs_the_rev_and_raises_it(pages):
    first = pages.open(page(), None)
    pages.arm("one", first.rev, "token", NOON)
    pages.arm("one", first.rev, "token", NOON)  # a repeat of the very same is no conflict
    assert pages.get("one") == replace(first, rev=2, token="token", armed_for=NOON)
    with pytest.raises(StaleError):
        pages.arm("one", first.rev, "other", NOON)
    with pytest.raises(StaleError):
        pages.save(replace(first, rung=1))
    with pytest.raises(StaleError):
        pages.arm("none", 1, "token", NOON)


def test_the_pages_of_a_team_that_are_not_over_are_listed_newest_first(pages):
    before = None
    for number in range(4):
        opened_at = NOON + timedelta(minutes=number)
        before = pages.open(page(f"page-{number}", opened_at=opened_at), before)
    pages.open(page("other", team="shop", queue="shop/breach"), None)
    over = pages.get("page-2")
    pages.save(replace(over, state=PageState.OVER, over_at=NOON, over_because="settled"))
    taken = pages.get("page-1")
    pages.save(replace(taken, state=PageState.ACKNOWLEDGED))
    assert [one.id for one in pages.listed("care", 10)] == ["page-3", "page-1", "page-0"]
    assert [one.id for one in pages.listed("care", 1)] == ["page-3"]
    assert [one.id for one in pages.listed("shop", 10)] == ["other"]


def test_a_carriers_id_leads_to_its_page_and_a_telling_is_remembered(pages):
    pages.note_ref("m#1", "one")
    pages.note_ref("m#1", "two")
    assert pages.of_ref("m#1") == "two"
    pages.note_told("ann", "sms", NOON)
    later = NOON + timedelta(seconds=1)
    pages.note_told("ann", "email", later)
    assert (pages.told_at("ann", "sms"), pages.told_at("ann", "email")) == (NOON, later)
    pages.note_told("ann", "sms", later)
    assert pages.told_at("ann", "sms") == later
    assert pages.told_at("lou", "sms") is None


def test_several_conversations_are_read_together(store):
    from chalicelib.workflows.ports import Commit

    conversations = store[1]
    heads = [conversation(f"several-{number}") for number in range(3)]
    for head in heads:
        conversations.commit(Commit(conversation=head))
    wanted = [heads[2].id, "none", heads[0].id, heads[2].id]
    assert [one.id for one in conversations.several(wanted)] == [heads[2].id, heads[0].id]
    assert list(conversations.several([])) == []
