"""The project's own rules hold for every file, and each rule finds what it is for."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract import rules
from tests.contract.rules import Module

ROOT = Path(__file__).parents[2]
SHIPS = tuple(
    Module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    for path in (ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py")))
)
PURE = tuple(module for module in SHIPS if module.floor in ("domain", "workflows"))
CHANNELS = tuple(module for module in SHIPS if module.floor == "channels")

LONGER_FILES = {
    # path: (most lines, why one file is better)
    "chalicelib/workflows/ports.py": (
        550,
        "all that the workflows need of the outside, read as one",
    ),
    "chalicelib/workflows/networks.py": (
        300,
        "all that the workflows say to networks and hear from them, read as one",
    ),
    "chalicelib/bootstrap.py": (
        360,
        "the one list of the concrete parts, a few lines for each",
    ),
}
READS_ENVIRONMENT = {
    "chalicelib/bootstrap.py": "hands os.environ to config, which reads it into a typed object",
}
THAWED = {
    "chalicelib/domain/sums.py": "sums grow case by case; frozen, each case would copy them whole",
}
TESTS = tuple(
    Module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    for path in sorted((ROOT / "tests").rglob("*.py"))
)
MAY_MEASURE = (
    "tests/fakes/effort.py",  # measures for all the others
    "tests/unit/bench/",  # tests the measuring itself
    "tests/integration/",  # on a local AWS, where time passes
    "tests/e2e/",  # same
)


def faults(rule: Callable[[Module], Iterator[str]], modules: tuple[Module, ...]) -> str:
    return "\n".join(f"{module.path}: {fault}" for module in modules for fault in rule(module))


def test_the_rules_look_at_the_code():
    """Guard against a moved folder: rules that see no file would always hold."""
    assert len(PURE) > 20
    assert CHANNELS


@pytest.mark.parametrize(
    "rule",
    [rules.unfinished, rules.long_functions, rules.vague_names],
    ids=lambda rule: rule.__name__,
)
def test_holds_for_all_that_ships(rule):
    assert faults(rule, SHIPS) == ""


@pytest.mark.parametrize(
    "rule",
    [rules.foreign_imports, rules.impure_calls, rules.undocumented],
    ids=lambda rule: rule.__name__,
)
def test_holds_for_domain_and_workflows(rule):
    assert faults(rule, PURE) == ""


def test_channels_compare_secrets_in_constant_time():
    assert faults(rules.loose_comparisons, CHANNELS) == ""


def test_files_are_short():
    found = []
    for module in SHIPS:
        limit, _ = LONGER_FILES.get(module.path, (rules.FILE_LINES, ""))
        found += [f"{module.path}: {fault}" for fault in rules.long_file(module, limit)]
    assert "\n".join(found) == ""


def test_exceptions_are_still_needed():
    """An exception that nothing needs any more would hide the next one."""
    rule = dict.fromkeys(LONGER_FILES, rules.long_file)
    rule |= dict.fromkeys(READS_ENVIRONMENT, rules.environment_reads)
    rule |= dict.fromkeys(THAWED, rules.thawed_dataclasses)
    listed = [module for module in SHIPS if module.path in rule]
    needed = {module.path for module in listed if list(rule[module.path](module))}
    assert set(rule) - needed == set()


def test_only_bootstrap_reads_the_environment():
    rest = tuple(module for module in SHIPS if module.path not in READS_ENVIRONMENT)
    assert faults(rules.environment_reads, rest) == ""


def test_dataclasses_are_frozen():
    rest = tuple(module for module in SHIPS if module.path not in THAWED)
    assert faults(rules.thawed_dataclasses, rest) == ""


def test_no_test_measures_time_by_itself():
    rest = tuple(module for module in TESTS if not module.path.startswith(MAY_MEASURE))
    assert faults(rules.stopwatches, rest) == ""
    (effort,) = (module for module in TESTS if module.path == MAY_MEASURE[0])
    assert list(rules.stopwatches(effort))


def test_the_app_registers_blueprints_and_nothing_else():
    app = next(module for module in SHIPS if module.path == "app.py")
    foreign = [
        name
        for name, _ in rules.imports(app.tree)
        if name.split(".")[0] != "chalice" and not name.startswith("chalicelib.entrypoints")
    ]
    assert foreign == []
    assert not [n for n in ast.walk(app.tree) if isinstance(n, rules.Function | ast.ClassDef)]


def test_importing_touches_neither_environment_nor_aws():
    """Packaging imports the app on machines without a region, an account or a network."""
    names = [
        module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for module in SHIPS
    ]
    program = f"""
import importlib, socket
import boto3, botocore.session
def refuse(*args, **kwargs):
    raise AssertionError("used at import")
boto3.client = boto3.resource = boto3.Session = socket.socket.connect = refuse
botocore.session.Session.create_client = refuse
for name in {names!r}:
    importlib.import_module(name)
"""
    bare = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (rules.unfinished, "x = 1  # TODO: later", "todo = 1"),
        (rules.unfinished, "print(1)", "blueprint(1)"),
        (rules.long_file, "x = 1\n" * 251, "x = 1\n" * 250),
        (
            rules.long_functions,
            "def f():\n" + "    x = 1\n" * 30,
            "def f():\n" + "    x = 1\n" * 29,
        ),
        (rules.vague_names, "def date_utils(): ...", "def utility(): ..."),
        (rules.vague_names, "class CaseManager: ...", "class Case: ..."),
        (rules.foreign_imports, "import boto3", "import logging"),
        (rules.foreign_imports, "from time import time", "from datetime import datetime"),
        (
            rules.foreign_imports,
            "from chalicelib.workflows import ports",
            "from chalicelib.domain import case",
        ),
        (rules.impure_calls, "datetime.now(UTC)", "parts.now()"),
        (rules.impure_calls, "datetime.date.today()", "parts.today()"),
        (rules.impure_calls, "open('x')", "reopen('x')"),
        (rules.stopwatches, "began = time.process_time()", "began = time.monotonic()"),
        (rules.stopwatches, "from time import perf_counter_ns", "from time import sleep"),
        (rules.stopwatches, "clock = thread_time", "bounded(5, parted, text)"),
        (
            rules.loose_comparisons,
            "ok = given == hmac.new(k, b).hexdigest()",
            "ok = given == wanted",
        ),
        (rules.loose_comparisons, "ok = signature in signatures", "ok = bool(signature)"),
        (
            rules.loose_comparisons,
            "ok = _digest(key, body).encode() == given",
            "ok = secret.get('url') == given",
        ),
        (rules.loose_comparisons, "ok = a.signature != b", "ok = signature == ''"),
        (rules.environment_reads, "import os\nx = os.environ['A']", "import os\nx = os.sep"),
        (rules.environment_reads, "from os import getenv", "from os import sep"),
        (rules.undocumented, "def f(): return 1", 'def f():\n    """Return 1."""'),
        (
            rules.thawed_dataclasses,
            "@dataclass\nclass A: ...",
            "@dataclass(frozen=True, slots=True)\nclass A: ...",
        ),
    ],
)
def test_a_rule_finds_what_it_is_for_and_nothing_else(rule, bad, good):
    path = "chalicelib/domain/example.py"
    assert list(rule(Module(path, bad)))
    assert not list(rule(Module(path, good)))
