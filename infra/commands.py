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
from infra import cloudformation, configuration, effects, operations, people, publish
from infra.cloud import Cloud, from_environment, lent_environment
from infra.errors import InfraError
from infra.package import ROOT
from infra.people import Person

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
    policy = publish.publish(order.cloud, order.outputs["TableName"], order.options.care)
    print(f"care.yaml is published as policy {policy.version}")


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
    for name, run in (("publish", publish_policy), ("check", check_policy)):
        command(name, run).add_argument("--care", type=Path, default=ROOT / "care.yaml")
    command("set-secret", set_secret).add_argument(
        "name", help="meta, or the id of a webhook handle"
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
    command("restart", restart).add_argument("conversation", help="the conversation's id")
    return parser


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
