"""Ladder tasks: one function for each state of the ladder's machine.

Thin: the step's workflow decides, the machine only waits. What a step raises goes back to the
machine by its class name.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.observed import noted, observed

if TYPE_CHECKING:
    from chalicelib.workflows.ladder.hold import PageRef

Payload = Mapping[str, Any]
Answer = Mapping[str, object] | None

ladder_tasks_blueprint = Blueprint(__name__)


@ladder_tasks_blueprint.lambda_function(name="hold")
@observed
def hold(event: Payload, context: object) -> Answer:  # noqa: ARG001  (Lambda's own signature)
    """Let the machine wait for the page's next moment or a change."""
    from chalicelib.workflows.ladder.hold import hold as step

    step(
        bootstrap.parts(),
        _page(event),
        event["token"],
        int(event["wait_seconds"]),
        int(event["loops"]),
    )
    return None


@ladder_tasks_blueprint.lambda_function(name="climb")
@observed
def climb(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Tell whom the page must tell, and say what comes next."""
    from chalicelib.workflows.ladder.climb import climb as step

    return step(bootstrap.parts(), _page(event))


def _page(event: Payload) -> "PageRef":
    from chalicelib.workflows.ladder.hold import PageRef

    page = PageRef(str(event["page_id"]), int(event["generation"]))
    noted(page_id=page.page_id, generation=page.generation)
    return page
