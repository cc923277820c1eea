"""Cold starts: each door imported and called once in a fresh process, from source and package."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from app import app
from bench import company
from bench.aws import Aws, served
from bench.company import ROOT
from bench.figures import Figure
from chalicelib.entrypoints.receiving import group_of, written_event
from chalicelib.workflows.answering.outbox import Order
from infra import package
from tests.fakes.gateway import FakeGateway, Person

ROUNDS = 5
"""Rounds of the webhook door, which has the aim. The other doors have the first OTHERS of them."""
OTHERS = 2
FLOOR = "floor"
AIM = 1.3
WEBHOOK_DOOR = "api_handler"
COLD = Path(__file__).with_name("cold.py")
AGAINST = "chalice and one botocore DynamoDB client"


@dataclass(frozen=True, slots=True)
class Door:
    """A function of the template: its handler, an ordinary event, and the rows it meets."""

    name: str
    handler: str
    event: Mapping[str, Any]
    aws: Aws


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cold start finds the code: interpreter options and what is on its path.

    -B: write no .pyc. Lambda cannot, and root could in spite of a read-only directory.
    """

    options: tuple[str, ...]
    path: Path

    @property
    def fills(self) -> bool:
        """Return whether the first start writes .pyc here, so that it does not count."""
        return "-B" not in self.options


def doors() -> list[Door]:
    """Return every door with what it is called with."""
    written = company.begun()
    answered, message = company.answered()
    found = written.policy
    now = company.NOON
    body, headers = company.delivery(found, 2, now)
    gateway = FakeGateway(app)
    told = company.event(found, 2, now)
    order = msgspec.json.encode(Order(answered.where, message.id, message.rounds))
    head = next(row for row in written.items().values() if row["sk"]["S"] == "HEAD")
    change = {"eventID": "1", "eventName": "INSERT", "dynamodb": {"NewImage": head}}
    steps = {"token": "t", "wait_seconds": 60, "loops": 0, "error": "Lambda.Unknown"}
    assigned, resolved = company.assigned(), company.resolved()
    records = {
        "inbox": (assigned, [company.record(written_event(told), group_of(told))]),
        "outbox": (answered, [company.record(order)]),
        "stream": (written, [change]),
    }
    states = {
        "assign": written,
        "respond": assigned,
        "breach": assigned,
        "follow_up": resolved,
        "survey": resolved,
        "close": resolved,
        "stuck": assigned,
    }
    lead = Person("ana")
    return [
        _door(
            WEBHOOK_DOOR, "app.app", gateway.event("POST", "/webhooks/meta", body, headers), written
        ),
        _door(
            "api_handler_people",
            "app.app",
            gateway.event("GET", "/api/cases?team=care", person=lead),
            written,
        ),
        *(
            _door(name, f"chalicelib.entrypoints.{name}.{name}", {"Records": rows}, at)
            for name, (at, rows) in records.items()
        ),
        *(
            _door(name, f"chalicelib.entrypoints.tasks.{name}", {**at.case, **steps}, at)
            for name, at in states.items()
        ),
        _door("sweep", "chalicelib.entrypoints.schedules.sweep", _tick(), written),
    ]


def _door(name: str, handler: str, event: Mapping[str, Any], at: company.Company) -> Door:
    return Door(name, handler, event, Aws(at.items(), company.SECRETS))


def _tick() -> dict[str, object]:
    words = ("id", "version", "account", "region", "detail-type", "source", "time")
    return dict.fromkeys(words, "x") | {"detail": {}, "resources": []}


def figures(rounds: int = ROUNDS) -> list[Figure]:
    """Measure every door from source and from the package."""
    packaged = package.package("local")
    size = packaged.code.stat().st_size / 1_000_000
    with unpacked(packaged.code) as (directory, large):
        places = {"": Place((), ROOT), "_packaged": Place(("-S", "-B"), directory)}
        taken = measured(doors(), places, rounds)
    found = [_figure(name, suffix, taken[suffix]) for suffix in taken for name in taken[suffix]]
    how = "the zip that infra.package builds (.pyc included)"
    found.append(Figure("package_mb", round(size, 2), "MB", f"{large:.1f} MB unpacked", how))
    return found


def _figure(name: str, suffix: str, taken: Mapping[str, list[float]]) -> Figure:
    own, floor = median(taken[name]), median(taken[FLOOR][: len(taken[name])])
    where = "unpacked package, read-only" if suffix else "source tree"
    if name == FLOOR:
        how = f"median of {len(taken[name])} fresh processes, CPU time, {where}, with .pyc"
        return Figure(f"import_floor_ms{suffix}", round(own * 1000, 1), "ms", AGAINST, how)
    floors = taken[FLOOR][: len(taken[name])]
    ratios = [mine / other for mine, other in zip(taken[name], floors, strict=True)]
    return Figure(
        f"import_ratio_{name}{suffix}",
        round(median(ratios), 2),
        "ratio",
        f"{own * 1000:.0f} ms to {floor * 1000:.0f} ms: {AGAINST}",
        f"import and first call in a fresh process, CPU time, {where}, with .pyc, "
        f"median ratio of {len(ratios)} interleaved rounds",
        AIM if name == WEBHOOK_DOOR else None,
    )


def measured(
    found: list[Door], places: Mapping[str, Place], rounds: int
) -> dict[str, dict[str, list[float]]]:
    """Return CPU seconds by place and door, of the rounds after one that fills every cache."""
    taken: dict[str, dict[str, list[float]]] = {place: {} for place in places}
    with tempfile.TemporaryDirectory() as directory:
        for number in range(rounds + 1):
            for suffix, place in places.items():
                if number == 0 and not place.fills:
                    continue
                some = found if number <= OTHERS else found[:1]
                for name, seconds in _round(some, place, Path(directory)):
                    if number:
                        taken[suffix].setdefault(name, []).append(seconds)
    return taken


def _round(found: list[Door], place: Place, directory: Path) -> Iterator[tuple[str, float]]:
    yield FLOOR, _run(place, [FLOOR], "http://127.0.0.1:1")
    for door in found:
        path = directory / f"{door.name}.json"
        path.write_text(json.dumps(door.event), "utf-8")
        with served(door.aws) as endpoint:
            yield door.name, _run(place, [door.handler, str(path)], endpoint)


def _run(place: Place, arguments: list[str], endpoint: str) -> float:
    done = subprocess.run(
        [sys.executable, *place.options, str(COLD), *arguments],
        cwd=place.path,
        env=environment(endpoint) | {"PYTHONPATH": str(place.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} did not start: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    _check(arguments[0], told["answer"])
    return float(told["seconds"])


def _check(handler: str, answer: Any) -> None:
    """Refuse a measurement of a door that did not do its work."""
    failed = isinstance(answer, dict) and (
        answer.get("batchItemFailures")
        or int(answer.get("statusCode", HTTPStatus.OK)) != HTTPStatus.OK
    )
    if failed:
        raise RuntimeError(f"{handler} failed, so its time says nothing: {str(answer)[:500]}")


def environment(endpoint: str) -> dict[str, str]:
    """Return what a function sees: the names that config.py reads, and a stand-in for AWS."""
    names = ("inbox_url", "outbox_url", "machine_arn", "warnings_topic_arn", "breaches_topic_arn")
    ours = {f"HEARBACK_{name.upper()}": f"https://example.invalid/{name}.fifo" for name in names}
    own = {
        "HEARBACK_STAGE": "local",
        "HEARBACK_TABLE": company.TABLE,
        "HEARBACK_QUARANTINE_BUCKET": "bench",
        "HEARBACK_SECRET_PREFIX": "hearback/local",
        "HEARBACK_DESK_URL": "https://desk.example.com",
        "HEARBACK_META_GRAPH_URL": endpoint,
        "HEARBACK_INSTAGRAM_GRAPH_URL": endpoint,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "POWERTOOLS_SERVICE_NAME": "hearback",
        "PYTHONTZPATH": "",
        "PATH": os.environ.get("PATH", ""),
    }
    return ours | own


@contextmanager
def unpacked(code: Path) -> Iterator[tuple[Path, float]]:
    """Unpack the package as Lambda does, read-only; yield the directory and its size in MB."""
    root = Path(tempfile.mkdtemp(prefix="bench-package-"))
    directory = root / "task"
    try:
        with zipfile.ZipFile(code) as archive:
            archive.extractall(directory)
        files = [path for path in directory.rglob("*") if path.is_file()]
        for path in [*files, *(one for one in directory.rglob("*") if one.is_dir()), directory]:
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        yield directory, sum(path.stat().st_size for path in files) / 1_000_000
    finally:
        for path in [directory, *(one for one in directory.rglob("*") if one.is_dir())]:
            path.chmod(stat.S_IRWXU)
        shutil.rmtree(root)
