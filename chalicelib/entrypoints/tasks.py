"""Tasks: one function for each state of the care machine.

Thin: the step's workflow decides, the machine only waits.

What a step raises goes back to the machine by its class name, which the machine's retries and
catches are written for.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.observed import noted, observed

if TYPE_CHECKING:
    from chalicelib.workflows.change import CaseRef

Payload = Mapping[str, Any]
Answer = Mapping[str, object] | None

tasks_blueprint = Blueprint(__name__)


@tasks_blueprint.lambda_function(name="assign")
@observed
def assign(event: Payload, context: object) -> Answer:  # noqa: ARG001  (Lambda's own signature)
    """Find an agent for the case."""
    from chalicelib.workflows.assign import assign as step

    return step(bootstrap.parts(), _case(event))


@tasks_blueprint.lambda_function(name="respond")
@observed
def respond(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Let the machine wait for the next deadline or a change."""
    from chalicelib.workflows.respond import respond as step

    step(
        bootstrap.parts(),
        _case(event),
        event["token"],
        int(event["wait_seconds"]),
        int(event["loops"]),
    )
    return None


@tasks_blueprint.lambda_function(name="breach")
@observed
def breach(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Record what is due, and say what comes next."""
    from chalicelib.workflows.breach import breach as step

    return step(bootstrap.parts(), _case(event))


@tasks_blueprint.lambda_function(name="follow_up")
@observed
def follow_up(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Let the machine wait until the survey leaves."""
    from chalicelib.workflows.follow_up import follow_up as step

    step(bootstrap.parts(), _case(event), event["token"], int(event["wait_seconds"]))
    return None


@tasks_blueprint.lambda_function(name="survey")
@observed
def survey(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Send the survey, then let the machine wait for the end of the reopen window."""
    from chalicelib.workflows.survey import survey as step

    step(bootstrap.parts(), _case(event), event["token"], int(event["wait_seconds"]))
    return None


@tasks_blueprint.lambda_function(name="close")
@observed
def close(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Close the case."""
    from chalicelib.workflows.close import close as step

    return step(bootstrap.parts(), _case(event))


@tasks_blueprint.lambda_function(name="stuck")
@observed
def stuck(event: Payload, context: object) -> Answer:  # noqa: ARG001
    """Mark the case whose machine gave up, so that a person looks."""
    from chalicelib.workflows.stuck import stuck as step

    return step(bootstrap.parts(), _case(event), str(event.get("error", "")))


def _case(event: Payload) -> "CaseRef":
    from chalicelib.workflows.change import CaseRef

    case = CaseRef(
        str(event["conversation_id"]), int(event["case_number"]), int(event["generation"])
    )
    noted(conversation_id=case.conversation_id, case_number=case.case_number)
    return case
