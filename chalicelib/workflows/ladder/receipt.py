"""Receipt: a carrier tells what became of an SMS or an email of a page."""

from datetime import timedelta

from chalicelib.domain.event import ChannelEvent, ReceiptState
from chalicelib.domain.page_receipt import TOKEN, Failure, delivered, failed
from chalicelib.workflows.change import persist
from chalicelib.workflows.errors import RetryLaterError
from chalicelib.workflows.ports import Parts

LONGEST_REASON = 60

NO_PAGE = "none"
"""What stands for the page of a text that only answers an answer."""

EARLY = timedelta(minutes=1)
"""How long a receipt may be ahead of the row that tells which page it is for."""

AGAIN_SECONDS = 20


def receipt(parts: Parts, event: ChannelEvent) -> str:
    """Record it at the page's telling; return what became of it, empty when it is no page's.

    A telling that failed brings the next rung forward to now. Raises RetryLaterError for a page's
    receipt that comes before the page knows the carrier's id.
    """
    page_id = parts.pages.of_ref(event.message_id) if event.message_id else ""
    if not page_id and not event.reply_token.startswith(TOKEN):
        return ""
    outcome = persist(lambda: _recorded(parts, page_id, event)) if page_id else "page_unknown"
    if outcome == "page_unknown" and page_id != NO_PAGE and parts.now() - event.received_at < EARLY:
        raise RetryLaterError("the page does not know of it yet", seconds=AGAIN_SECONDS)
    parts.meter.count("PageReceipt", outcome=outcome)
    return outcome


def _recorded(parts: Parts, page_id: str, event: ChannelEvent) -> str:
    page = parts.pages.get(page_id) if page_id != NO_PAGE else None
    if page is None or not any(one.ref == event.message_id for one in page.told):
        return "page_unknown"
    new, ref = page, event.message_id
    if event.receipt in (ReceiptState.DELIVERED, ReceiptState.READ):
        new = delivered(page, ref)
    elif event.receipt is ReceiptState.FAILED:
        reason = (event.error_code or "undeliverable")[:LONGEST_REASON]
        new = failed(page, Failure(ref, reason, parts.now()))
    if new == page:
        return "page_noticed"
    parts.pages.save(new)
    return f"page_{event.receipt}"
