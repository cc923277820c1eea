"""Receipts of pages: recorded at the telling, and a text that is lost climbs at once."""

from dataclasses import replace

import pytest

from chalicelib.domain.channel import Channel
from chalicelib.workflows.errors import RetryLaterError
from tests.unit.workflows.paged import MAILBOX, Paged


@pytest.fixture
def paged():
    made = Paged()
    made.page()
    return made


def state(paged):
    return paged.read().told[0].state


@pytest.mark.parametrize("told", ["delivered", "read"])
def test_a_delivered_text_is_recorded_and_nothing_moves(paged, told):
    before = paged.read()
    assert paged.takes_in(paged.receipt(told)) == f"page_{told}"
    assert state(paged) == "delivered"
    assert (paged.read().climbs_at, paged.read().token) == (before.climbs_at, "waiting")


def test_a_text_that_is_lost_climbs_now_and_wakes_the_machine(paged):
    event = paged.receipt("failed", error_code="text_blocked", error_text="The number is blocked.")
    assert paged.takes_in(event) == "page_failed"
    page = paged.read()
    assert (page.told[0].state, page.told[0].reason) == ("failed", "text_blocked")
    assert (page.climbs_at, page.token, page.armed_for) == (paged.parts.now(), "", None)
    assert paged.takes_in(event) == "page_noticed"
    assert paged.read() == page


def test_a_failure_without_a_word_has_one(paged):
    paged.takes_in(paged.receipt("failed"))
    assert paged.read().told[0].reason == "undeliverable"


def test_sent_says_nothing_new(paged):
    before = paged.read()
    assert paged.takes_in(paged.receipt("sent")) == "page_noticed"
    assert paged.read() == before


def test_a_bounced_email_of_the_paging_address_is_the_pages(paged):
    event = paged.receipt("failed", channel=Channel.EMAIL, account_id=MAILBOX)
    assert paged.takes_in(event) == "page_failed"
    assert paged.parts.blobs.kept == {}


def test_a_receipt_of_a_customers_message_goes_its_usual_way(paged):
    assert paged.takes_in(paged.receipt("delivered", "other")) == "unmatched"
    assert paged.takes_in(paged.receipt("delivered", "", reply_token="tok")) == "unmatched"
    assert paged.takes_in(paged.receipt("sent", receipt=None)) == "page_noticed"
    assert paged.parts.meter.total("PageReceipt") == 1


def test_a_receipt_ahead_of_its_row_comes_again_but_not_for_ever(paged):
    early = paged.receipt("failed", "new", reply_token="page-abc")
    with pytest.raises(RetryLaterError) as later:
        paged.takes_in(early)
    assert later.value.seconds == 20
    paged.store.pages.note_ref("new", "p1")
    with pytest.raises(RetryLaterError):  # the page itself does not know the id yet
        paged.takes_in(early)
    told = replace(paged.read().told[0], ref="new")
    paged.store.pages.save(replace(paged.read(), told=(told,)))
    assert paged.takes_in(early) == "page_failed"
    late = replace(early, message_id="never")
    paged.parts.now.advance(60)
    assert paged.takes_in(late) == "page_unknown"


def test_a_receipt_of_a_page_that_is_gone_is_nobodys_in_the_end(paged):
    paged.store.pages.note_ref("ref-x", "gone")
    event = paged.receipt("failed", "ref-x")
    with pytest.raises(RetryLaterError):
        paged.takes_in(event)
    paged.parts.now.advance(60)
    assert paged.takes_in(event) == "page_unknown"


def test_a_receipt_of_an_answers_answer_is_let_be_at_once(paged):
    paged.takes_in(paged.text("ok"))
    (sent,) = paged.parts.pager.told
    assert paged.takes_in(paged.receipt("delivered", sent.ref, reply_token="page-x")) == (
        "page_unknown"
    )
