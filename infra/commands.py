"""Commands for who runs Hearback: `python -m infra.commands --stage prod <command>`.

They work on a deployed stage, found by its stack. The local AWS is a stage too: export what `make
run` prints (AWS_ENDPOINT_URL and the like) and say `--stage local`.
"""

import argparse
import re
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
    history,
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
    because = order.options.because
    policy = publish.publish(order.cloud, order.outputs, order.options.care, because=because)
    print(f"care.yaml is published as policy {policy.version}")


def plan_policy(order: Order) -> None:
    """Check care.yaml and show what publishing it would change."""
    proposed = publish.proposed(order.options.care, order.outputs["EndpointURL"])
    before = publish.current(order.cloud, order.outputs["TableName"])
    lines = plan.changes(before, proposed)
    print("\n".join(lines) if lines else "Nothing would change.")
    print("Cases keep the policy that their clocks began under.")


def list_policies(order: Order) -> None:
    """Print which versions of the policy were in force, newest first."""
    known = publish.history(order.cloud, order.outputs["TableName"])
    for number, one in enumerate(known):
        state = "in force since" if number == 0 else "from"
        why = f": {one.because}" if one.because else ""
        print(f"{one.version}  {state} {one.at:%Y-%m-%d %H:%M:%S} UTC, by {one.by}{why}")


def rollback(order: Order) -> None:
    """Make an earlier version of the policy current again: the one before, or the one named."""
    chosen = order.options
    name = order.outputs["TableName"]
    policy = publish.rollback(order.cloud, name, chosen.version, chosen.because)
    print(f"Policy {policy.version} is in force again. Cases keep theirs; care.yaml is unchanged,")
    print("so that publishing it again makes its policy current.")


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
        chosen.username,
        Role(chosen.role),
        tuple(chosen.team),
        chosen.name,
        chosen.email,
        phone=chosen.phone or "",
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


def dry_run(order: Order) -> None:
    """Say what a policy would have led to in the cases that began in a period."""
    chosen, parts = order.options, operations.parts()
    policy = history.named(parts, chosen.version)
    if chosen.care is not None:
        policy = publish.proposed(chosen.care, order.outputs["EndpointURL"])
    for found in history.dry_run(parts, policy, (chosen.since, chosen.until)):
        if isinstance(found, dict):
            print("\n".join(history.written(found, chosen.json)))
        else:
            print(f"{found} cases so far", file=sys.stderr)


def why(order: Order) -> None:
    """Print every decision of a case and from what it was made."""
    chosen = order.options
    print("\n".join(history.why(operations.parts(), chosen.case, as_data=chosen.json)))


def redecide(order: Order) -> None:
    """Let one case, or all open ones, go on under the policy that is in force now."""
    chosen = order.options
    for line in history.redecide(operations.parts(), chosen.case, chosen.team):
        print(line)


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
        if run is publish_policy:
            made.add_argument("--because", default="", help="why, for the list of policies")
        if run is connect:
            made.add_argument("handle", nargs="?", default="", help="a handle's id; none: all")
    command("policies", list_policies)
    back_to = command("rollback", rollback)
    back_to.add_argument("version", nargs="?", default="", help="none: the one before")
    back_to.add_argument("--because", default="", help="why, for the list of policies")
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
    user.add_argument("--phone", type=_phone, help="for pages by SMS: +15550100")
    command("redrive", redrive).add_argument("queue", choices=[*sorted(operations.QUEUES), STREAM])
    command("replay-quarantine", replay_quarantine)
    command("stuck", list_stuck)
    command("unsettled", list_unsettled)
    _hooks(command)
    _history(command)
    command("restart", restart).add_argument("conversation", help="the conversation's id")
    return parser


def _phone(text: str) -> str:
    """Return a telephone number as pages need it."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number: write it like +15550100")
    return text


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


def _history(command: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add `dry-run`, `why` and `redecide`."""
    tried = command("dry-run", dry_run)
    policy = tried.add_mutually_exclusive_group()
    policy.add_argument("--care", type=Path, help="a proposed care.yaml")
    policy.add_argument("--version", default="", help="a stored policy; none: what was in force")
    tried.add_argument("--since", required=True, help="the first day (UTC), like 2026-11-01")
    tried.add_argument("--until", required=True, help="the last day")
    tried.add_argument("--json", type=Path, help="write all of it to this file, too")
    told = command("why", why)
    told.add_argument("case", help="the case's id, or its conversation's for the newest")
    told.add_argument("--json", action="store_true", help="as JSON")
    again = command("redecide", redecide)
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("--case", default="", help="one case's id")
    which.add_argument("--open", action="store_true", help="all open cases")
    again.add_argument("--team", default="", help="with --open: of this team alone")


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
