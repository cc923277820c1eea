"""Every code of ours that an agent may see beside a reply is explained in docs/reply-codes.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "reply-codes.md"
MAKERS = {
    "refused",
    "result",
    "SendResult",
    "Verdict",
    "_ended",
    "_failed",
    "_later",
    "_never",
    "_no",
}
"""What is called with a code, wherever a room answers a sending by itself."""

CODE = re.compile(r"[A-Za-z]+(_[a-z0-9]+)*")
MODULES = sorted((ROOT / "chalicelib" / "channels").rglob("*.py"))


def codes_of(tree):
    """Yield the literal codes of a module: a text beside a class, a state or a verdict."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        given = [*node.args, *(one.value for one in node.keywords if one.arg == "error_code")]
        texts = [one.value for one in given if isinstance(one, ast.Constant)]
        if name in MAKERS:
            yield from (one for one in texts if isinstance(one, str) and CODE.fullmatch(one))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_code_of_ours_is_explained(module):
    page = PAGE.read_text(encoding="utf-8")
    for code in codes_of(ast.parse(module.read_text(encoding="utf-8"))):
        assert f"`{code}`" in page, code


def test_the_codes_of_a_room_are_found():
    tree = ast.parse('refused(ErrorClass.CHANNEL, "no_token", "There is none.")')
    assert list(codes_of(tree)) == ["no_token"]
