"""Commands for who runs Hearback: `python -m infra.commands --stage prod <command>`.

They work on a deployed stage, found by its stack. The local AWS is a stage too: export what `make
run` prints (AWS_ENDPOINT_URL and the like) and say `--stage local`.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.agent import Role
from chalicelib.workflows.errors import RefusedError
from infra import (
    channels,
    cloudformation,
    configuration,
    effects,
    hook_letters,
    operations,
    people,
    plan,
    publish,
)
from infra.cloud import Cloud, from_environment, lent_environment
from infra.errors import InfraError
from infra.package import ROOT
from infra.people import Person

MOST_HOURS = 31 * 24
"""How far back a backfill may go. Who waited longer than a month expects no answer."""

STREAM = "stream"
"""The third thing with dead letters: not a queue of ours, but the table's stream."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for, with the stage it is about."""

    cloud: Cloud
    stage: str
    outputs: dict[str, str]
    options: argparse.Namespace


def show_outputs(order: Order) -> None:
    """Print what the stack tells about itself."""
    width = max(map(len, order.outputs))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in sorted(order.outputs.items())))


def publish_policy(order: Order) -> None:
    """Check care.yaml and make it the current policy."""
    policy = publish.publish(order.cloud, order.outputs, order.options.care)
    print(f"care.yaml is published as policy {policy.version}")


def plan_policy(order: Order) -> None:
    """Check care.yaml and show what publishing it would change."""
    proposed = publish.proposed(order.options.care, order.outputs["EndpointURL"])
    before = publish.current(order.cloud, order.outputs["TableName"])
    lines = plan.changes(before, proposed)
    print("\n".join(lines) if lines else "Nothing would change.")
    print("Cases keep the policy that their clocks began under.")


def connect(order: Order) -> None:
    """Say what to do in each platform's console to connect a handle of care.yaml."""
    policy = publish.proposed(order.options.care, order.outputs["EndpointURL"])
    for line in channels.connect(policy, operations.parts(), order.options.handle):
        print(line)


def list_handles(_: Order) -> None:
    """Print how each handle's connection is, and what it has cost this month."""
    print("\n".join(channels.handles(operations.parts())))


def probe(order: Order) -> None:
    """Ask a handle's platform now whether it still delivers, and mend what can be mended."""
    line, well = channels.probe(operations.parts(), order.options.handle)
    if not well:
        raise InfraError(line)
    print(line)


def backfill(order: Order) -> None:
    """Fetch back what a platform still has of the last hours."""
    found = channels.backfill(operations.parts(), order.options.handle, order.options.hours)
    print(f"{found} events are queued; what was known already is recognised")


def check_policy(order: Order) -> None:
    """Check care.yaml and change nothing."""
    print(f"care.yaml is well: it would be policy {configuration.load(order.options.care).version}")


def set_secret(order: Order) -> None:
    """Read a JSON object from standard input and store it as the secret."""
    name = operations.set_secret(order.cloud, order.stage, order.options.name, sys.stdin.read())
    print(f"{name} is set; running functions take it over within five minutes")


def add_user(order: Order) -> None:
    """Create or change a person, and print the password once."""
    chosen = order.options
    wanted = Person(
        chosen.username, Role(chosen.role), tuple(chosen.team), chosen.name, chosen.email
    )
    person = people.add(order.cloud, order.outputs, wanted)
    print(f"{person.username} is {person.role}. Password, shown this once: {person.password}")


def redrive(order: Order) -> None:
    """Move a queue's dead letters back to it; for the stream, do again all that is owed."""
    if order.options.queue == STREAM:
        _redrive_stream(order)
        return
    moved = operations.redrive(order.cloud, order.outputs, order.options.queue)
    print(f"{moved} dead letters go back to {order.options.queue}")


def _redrive_stream(order: Order) -> None:
    """Do what the table says is owed, then forget the letters that were there before."""
    began = datetime.now(UTC)
    done = effects.tell_again(order.cloud, order.outputs["TableName"], operations.parts())
    gone = operations.forget_letters(order.cloud, order.outputs["StreamDeadUrl"], began)
    print(
        ", ".join(f"{count} {what}" for what, count in sorted(done.items()) if count)
        or "Nothing was owed."
    )
    print(f"{gone} dead letters of the stream are settled")


def replay_quarantine(order: Order) -> None:
    """Try again to read what was set aside."""
    for line in operations.replay(order.cloud, order.outputs["QuarantineBucket"]):
        print(line)


def list_stuck(_: Order) -> None:
    """Print the cases that a person must look at."""
    rows = operations.stuck()
    print("\n".join(rows) if rows else "No case is stuck.")


def list_unsettled(order: Order) -> None:
    """Print the replies that failed, or of which nobody knows whether they arrived."""
    rows = list(effects.unsettled(order.cloud, order.outputs["TableName"]))
    print("\n".join(rows) if rows else "Every reply is settled.")


def restart(order: Order) -> None:
    """Restart the machine of a case from the truth in the table."""
    print(operations.restart(order.options.conversation))


def list_hooks(order: Order) -> None:
    """Print the outgoing webhooks that no endpoint took."""
    print("\n".join(hook_letters.listed(operations.parts(), order.options.endpoint)))


def resend_hooks(order: Order) -> None:
    """Send an endpoint again what it did not take: one event, or all."""
    chosen = order.options
    print(hook_letters.resent(operations.parts(), chosen.endpoint, chosen.event))


Command = Callable[[Order], None]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.commands", description="Run a deployed stage."
    )
    parser.add_argument("--stage", required=True, help="local, dev, prod")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Command) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=str(run.__doc__).partition("\n")[0])
        added.set_defaults(run=run)
        return added

    command("outputs", show_outputs)
    about_care: dict[str, Command] = {
        "publish": publish_policy,
        "check": check_policy,
        "plan": plan_policy,
        "connect": connect,
    }
    for name, run in about_care.items():
        made = command(name, run)
        made.add_argument("--care", type=Path, default=ROOT / "care.yaml")
        if run is connect:
            made.add_argument("handle", nargs="?", default="", help="a handle's id; none: all")
    command("handles", list_handles)
    command("probe", probe).add_argument("handle", help="a handle's id")
    back = command("backfill", backfill)
    back.add_argument("handle", help="a handle's id")
    back.add_argument("--hours", type=_hours, default=24.0, help="how far back; 24 if not said")
    command("set-secret", set_secret).add_argument(
        "name", help="meta, or the id of another handle (or its `secret` in care.yaml)"
    )
    user = command("add-user", add_user)
    user.add_argument("username", help="the agent id")
    user.add_argument("--role", choices=[role.value for role in Role], default=Role.AGENT.value)
    user.add_argument("--team", action="append", default=[], help="may be given several times")
    user.add_argument("--name", default="")
    user.add_argument("--email", default="")
    command("redrive", redrive).add_argument("queue", choices=[*sorted(operations.QUEUES), STREAM])
    command("replay-quarantine", replay_quarantine)
    command("stuck", list_stuck)
    command("unsettled", list_unsettled)
    _hooks(command)
    command("restart", restart).add_argument("conversation", help="the conversation's id")
    return parser


def _hours(text: str) -> float:
    """Return hours back from now, more than none and at most MOST_HOURS."""
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and {MOST_HOURS} hours")
    return hours


def _hooks(command: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add `hooks list` and `hooks resend`."""
    under = command("hooks", list_hooks).add_subparsers(required=True, metavar="what")
    shown = under.add_parser("list", help=str(list_hooks.__doc__))
    shown.add_argument("endpoint", nargs="?", default="", help="an endpoint's id; none: all")
    again = under.add_parser("resend", help=str(resend_hooks.__doc__))
    again.add_argument("endpoint", help="an endpoint's id")
    again.add_argument("event", nargs="?", default="", help="an event's id; none: all")
    again.set_defaults(run=resend_hooks)


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the command line names."""
    options = _parser().parse_args(arguments)
    cloud = from_environment()
    try:
        outputs = cloudformation.outputs(cloud, f"hearback-{options.stage}")
        with lent_environment(operations.environment(cloud, outputs)):
            options.run(Order(cloud, options.stage, outputs, options))
    except (InfraError, RefusedError, LookupError) as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS refused: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
