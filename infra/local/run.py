"""Play a day of traffic on a local AWS: `python -m infra.local.run`, or `make run`.

Starts the local AWS and deploys into it the very template that ships, starts the platform
simulator, plays the day, prints the summary, and stays up for trying things by hand until Ctrl-C.
With --once it ends instead: 0 when nothing was lost, duplicated or wrong.

Every channel is played: by webhooks signed as each network signs them, mail through the bucket and
the topic that SES would use, SMS through its topic, and posts that we find when we look. The local
AWS runs the template's schedules, but a day here has about one minute and no hour. So the day is
their wall clock too: it asks for a look every few seconds, which is made when it is due, and once
has every connection looked after.
"""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from time import monotonic

from rich.console import Console

from infra import configuration
from infra.errors import InfraError
from infra.local import stack as local_stack
from infra.local.day import cast
from infra.local.day.board import Board
from infra.local.day.performance import Performance
from infra.local.day.plan import DEFAULT_SEED, plan
from infra.local.day.summary import summarise
from infra.local.guide import guide
from infra.local.screen import Screen, show_summary
from infra.local.simulator.platforms import Platforms
from infra.local.stack import Setup, Stack

INTERRUPTED = 130
"""The exit code of a run that was told to end before it had an answer."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    console = Console()
    try:
        with _ending_on_signals(), local(console, options.port) as (stack, platforms):
            well = play(stack, platforms, options.seed, console) if not options.quiet else True
            if options.once:
                return 0 if well else 1
            console.print(guide(stack), highlight=False, markup=False, soft_wrap=True)
            Event().wait()
    except KeyboardInterrupt:
        console.print("\nStopped. Nothing is left behind.")
        return INTERRUPTED if options.once else 0
    except InfraError as error:
        console.print(f"Could not start: {error}", style="bold red", markup=False)
        return 1
    return 0


@contextmanager
def local(console: Console, port: int = 0) -> Iterator[tuple[Stack, Platforms]]:
    """Yield a deployed local stack and the platforms around it; both are gone afterwards.

    Raises InfraError.
    """
    keys = cast.keys(configuration.load(cast.CARE))
    platforms = Platforms(keys.brand)
    began = monotonic()

    def say(step: str) -> None:
        console.print(f"[dim]{monotonic() - began:5.1f} s[/dim]  {step}", highlight=False)

    try:
        say(f"platform simulator on {platforms.url}")
        with local_stack.up(_setup(keys, platforms, port), say) as stack:
            platforms.networks.reached_at(stack.api_url)
            say(f"ready: {stack.api_url}")
            try:
                yield stack, platforms
            finally:
                say("stopping")
    finally:
        platforms.close()


def play(stack: Stack, platforms: Platforms, seed: int, console: Console) -> bool:
    """Play the day of a seed, show it and its summary.

    Return whether nothing was lost, duplicated or wrong.
    """
    board = Board()
    performance = Performance(plan(seed, platforms.world.accounts.page), stack, platforms, board)
    with Screen(board, console):
        facts, findings = performance.play()
    summary = summarise(facts, findings)
    show_summary(summary, console)
    for finding in findings:
        console.print(str(finding), style="red", markup=False, highlight=False)
    return summary.well


def _setup(keys: cast.Keys, platforms: Platforms, port: int) -> Setup:
    return Setup(
        care=cast.CARE,
        people=cast.people(),
        secrets=keys.contents(platforms.standard_url),
        parameters={
            "MetaGraphUrl": platforms.graph_url,
            "InstagramGraphUrl": platforms.instagram_url,
            "PlatformUrls": platforms.platform_urls,
        },
        endpoints={"crm": platforms.crm_url},
        port=port,
    )


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Let a SIGTERM end the run as cleanly as Ctrl-C does."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make run ARGS=...",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--once", action="store_true", help="end after the summary instead of staying up"
    )
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, help=f"another day (default {DEFAULT_SEED})"
    )
    parser.add_argument(
        "--port", type=int, default=0, help="the local AWS's port (default: a free one)"
    )
    parser.add_argument("--quiet", action="store_true", help="play no day: only start, and stay up")
    return parser


if __name__ == "__main__":
    sys.exit(main())
