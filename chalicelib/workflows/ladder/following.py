"""Following: what follows from a change of a page's row, as the table's stream tells it."""

from dataclasses import dataclass

from chalicelib.workflows.ladder.hold import PageRef, look, read
from chalicelib.workflows.ports import Parts


@dataclass(frozen=True, slots=True)
class PageKeys:
    """The top-level attributes of a page's row. `token` empty: not waiting."""

    page_id: str
    generation: int
    token: str = ""


def page_changed(parts: Parts, old: PageKeys | None, new: PageKeys) -> None:
    """Start the execution of a page that has none yet; wake the one whose token was taken away."""
    if old is None or old.generation != new.generation:
        ref = PageRef(new.page_id, new.generation)
        payload = {"page_id": new.page_id, "generation": new.generation, "loops": 0}
        wait = look(parts, read(parts, ref.page_id), ref)["wait_seconds"]
        name = f"{new.page_id}-{new.generation}"
        parts.ladders.start(name, payload | {"wait_seconds": wait})
    if old is not None and old.token and not new.token:
        ref = PageRef(old.page_id, old.generation)
        parts.ladders.wake(old.token, look(parts, read(parts, ref.page_id), ref))
