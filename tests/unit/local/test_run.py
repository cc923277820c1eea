"""The program: how it ends, and with what exit code."""

import os
import signal
from contextlib import contextmanager

import pytest

from infra.errors import InfraError
from infra.local import run


@pytest.fixture
def world(monkeypatch):
    """Put a stack that is none in place of the local AWS; return what happened."""
    happened = []

    @contextmanager
    def local(console, port):
        happened.append(f"up {port}")
        try:
            yield "stack", "platforms"
        finally:
            happened.append("down")

    monkeypatch.setattr(run, "local", local)
    monkeypatch.setattr(run, "guide", lambda stack: "guide")
    monkeypatch.setattr(run, "play", lambda *_: True)
    return happened


@pytest.mark.parametrize(("well", "code"), [(True, 0), (False, 1)])
def test_once_ends_with_what_the_audit_says(world, monkeypatch, well, code):
    monkeypatch.setattr(run, "play", lambda *_: well)
    assert run.main(["--once"]) == code
    assert world == ["up 0", "down"]


def test_the_seed_and_the_port_are_passed_on(world, monkeypatch):
    seeds = []
    monkeypatch.setattr(run, "play", lambda stack, platforms, seed, console: seeds.append(seed))
    run.main(["--once", "--seed", "12", "--port", "4566"])
    assert seeds == [12]
    assert world == ["up 4566", "down"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_takes_everything_down(world, monkeypatch, number):
    monkeypatch.setattr(run, "guide", lambda stack: os.kill(os.getpid(), number) or "guide")
    before = signal.getsignal(signal.SIGTERM)
    assert run.main(["--quiet"]) == 0
    assert world == ["up 0", "down"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_day_that_was_interrupted_did_not_end_well(world, monkeypatch):
    monkeypatch.setattr(run, "play", lambda *_: os.kill(os.getpid(), signal.SIGTERM) or True)
    assert run.main(["--once"]) == run.INTERRUPTED
    assert world == ["up 0", "down"]


def test_what_cannot_start_is_said(monkeypatch, capsys):
    @contextmanager
    def broken(console, port):
        raise InfraError("no package index")
        yield

    monkeypatch.setattr(run, "local", broken)
    assert run.main(["--once"]) == 1
    assert "no package index" in capsys.readouterr().out
