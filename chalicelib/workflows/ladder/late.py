"""Late: a page whose machine should have looked minutes ago gets a fresh execution."""

from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain import climbing
from chalicelib.workflows.change import persist
from chalicelib.workflows.ladder.hold import renewed
from chalicelib.workflows.ports import Parts

GRACE = timedelta(minutes=2)
AT_ONCE = 100


def restart_late(parts: Parts) -> int:
    """Start every page that is overdue once more; return how many.

    An execution that failed, was ended by hand or never began. The list lags; the row decides.
    """
    before, found = parts.now() - GRACE, 0
    for team in parts.policies.current().teams:
        for page in parts.pages.listed(team.id, AT_ONCE):
            found += persist(partial(_restarted, parts, page.id, before))
    if found:
        parts.meter.count("PageLate", found)
    return found


def _restarted(parts: Parts, page_id: str, before: datetime) -> bool:
    page = parts.pages.get(page_id)
    moment = climbing.moment(page) if page else None
    if page is None or moment is None or moment >= before:
        return False
    parts.pages.save(renewed(page))
    return True
