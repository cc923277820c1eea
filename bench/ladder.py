"""What a page asks of AWS: one breach that nobody acknowledges, up to the last rung.

The real workflows on a real table; the machine is played from ladder.asl.json, the clock is
virtual. The ladder is care.yaml's own.
"""

from dataclasses import replace

from bench import prices
from bench.case import GB, LOG_BYTES, OTHER_STATES, SECONDS, Scene, message, opened
from bench.figures import Figure
from bench.prices import Work
from chalicelib.domain.agent import Agent, Role
from chalicelib.domain.ladder import Medium
from tests.integration.table_engines import Engine

PAGES = 1000
PEOPLE = {"lena": "+15550121", "marta": "+15550122", "omar": "+15550123"}
SMS_DOLLARS = 0.05
"""What a text is taken to cost, as in care.yaml: what it really costs differs by country."""


def figures(found: Engine) -> list[Figure]:
    """Measure a page from the breach to the last rung, texts apart."""
    scene = opened(found)
    for name, phone in PEOPLE.items():
        agent = Agent(name, name.capitalize(), teams=("care",), role=Role.LEAD)
        scene.parts.agents.save(replace(agent, phone=phone))
    message(scene, 1)
    scene.loop.rest()
    while not _breached(scene):
        scene.loop.run(minutes=5)
    scene.count.begin()
    taken = scene.records.taken
    scene.loop.run(minutes=45)
    texts = [one for one in scene.parts.pager.told if one.medium is Medium.SMS]
    assert {one.to for one in texts} == set(PEOPLE.values()), texts
    return _told(scene, scene.records.taken - taken, len(texts))


def _breached(scene: Scene) -> bool:
    return bool(scene.parts.ladders.started)


def _told(scene: Scene, records: int, texts: int) -> list[Figure]:
    runs = scene.loop.ladder.executions.values()
    states = [state for run in runs for state in run.entered]
    steps = sum(1 for state in states if state not in OTHER_STATES)
    work = Work(
        invocations=steps + records,
        gb_seconds=(steps + records) * SECONDS * GB,
        write_units=scene.count.write_units,
        read_units=scene.count.read_units,
        transitions=len(states),
        log_bytes=(steps + records) * LOG_BYTES,
    )
    how = "one breach on DynamoDB Local through the tests' loop, care.yaml's ladder, 45 minutes"
    dollars = round(prices.total(work) * PAGES, 3)
    sms = f"and {texts} texts a page, ${texts * SMS_DOLLARS:.2f} at ${SMS_DOLLARS} each"
    return [
        Figure("transitions_ladder", len(states), "states", " ".join(states), how),
        Figure("table_requests_ladder", scene.count.total, "requests", "reads and writes", how),
        Figure("write_units_ladder", work.write_units, "units", "", how),
        Figure("dollars_per_1000_pages", dollars, "dollars", sms, how),
    ]
