"""The project's own rules: each takes a module and yields what breaks the rule, in words.

What ruff, mypy and import-linter can say stands in pyproject.toml; this is the rest.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

FILE_LINES = 250
FUNCTION_LINES = 30
VAGUE = re.compile(
    r"(^|_)(util|utils|helper|helpers|common|manager|managers|misc)($|_)", re.IGNORECASE
)
VAGUE_CLASS = re.compile(r"(Util|Utils|Helper|Helpers|Common|Manager)$")
UNFINISHED = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
OUTSIDE = frozenset(
    {"asyncio", "http", "os", "pathlib", "random", "secrets", "shutil", "socket", "ssl"}
) | frozenset(
    {"subprocess", "tempfile", "threading", "time", "urllib", "uuid"}
)  # of the standard library: clock, chance, environment, files, network
CLOCKS = frozenset({"now", "utcnow", "today"})
STOPWATCHES = frozenset({"process_time", "perf_counter", "thread_time"})
SECRET = re.compile(r"(signature|digest|hmac|secret|verify_token|challenge)", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """A source file: its path below the repository, with slashes, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def floor(self) -> str:
        """Return the room below chalicelib that the file is in: "domain", "workflows", ..."""
        parts = self.path.split("/")
        return parts[1].removesuffix(".py") if parts[0] == "chalicelib" and len(parts) > 1 else ""


def functions(tree: ast.AST) -> Iterator[Function]:
    yield from (node for node in ast.walk(tree) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """Return the lines of a function without decorators and docstring."""
    first = function.body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    prose = (first.end_lineno - first.lineno + 1) if docstring else 0
    return function.end_lineno - function.lineno + 1 - prose


def unfinished(module: Module) -> Iterator[str]:
    """No notes to do it later, and nothing printed: what ships logs."""
    for number, line in enumerate(module.text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield f"line {number}: unfinished"
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ):
            yield f"line {node.lineno}: prints"


def long_file(module: Module, limit: int = FILE_LINES) -> Iterator[str]:
    """A file is one idea."""
    count = len(module.text.splitlines())
    if count > limit:
        yield f"{count} lines, at most {limit}"


def long_functions(module: Module) -> Iterator[str]:
    """A function fits on a screen."""
    for function in functions(module.tree):
        if lines_of(function) > FUNCTION_LINES:
            yield f"{function.name}: {lines_of(function)} lines, at most {FUNCTION_LINES}"


def vague_names(module: Module) -> Iterator[str]:
    """A name says what the thing is."""
    stems = [part.removesuffix(".py") for part in module.path.split("/")]
    yield from (f"{stem}: a vague name" for stem in stems if VAGUE.search(stem))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
            yield f"{node.name}: a vague name"
        if isinstance(node, Function) and VAGUE.search(node.name):
            yield f"{node.name}: a vague name"


def foreign_imports(module: Module) -> Iterator[str]:
    """Domain and workflows know what is below, and of the standard library what is pure."""
    below = {
        "domain": ("chalicelib.domain",),
        "workflows": ("chalicelib.domain", "chalicelib.workflows"),
    }
    for name, line in imports(module.tree):
        top = name.split(".")[0]
        ours = top == "chalicelib"
        if ours and not name.startswith(below[module.floor]):
            yield f"line {line}: imports {name}, which is not below"
        if not ours and (top in OUTSIDE or top not in sys.stdlib_module_names):
            yield f"line {line}: imports {name}"


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


def impure_calls(module: Module) -> Iterator[str]:
    """Domain and workflows open nothing and ask nobody for the time: it is a parameter."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        owner, _, name = called.rpartition(".")
        if name in CLOCKS and owner.split(".")[-1] in ("datetime", "date"):
            yield f"line {node.lineno}: {called}() asks the wall clock"
        if called in ("open", "input", "breakpoint", "exec", "eval"):
            yield f"line {node.lineno}: {called}()"


def stopwatches(module: Module) -> Iterator[str]:
    """A test bounds work by tests/fakes/effort.py, so that no machine is too slow or too busy."""
    for node in ast.walk(module.tree):
        named = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name"}.get(type(node))
        name = getattr(node, named).removesuffix("_ns") if named else ""
        if name in STOPWATCHES:
            yield f"line {node.lineno}: {name}"


def loose_comparisons(module: Module) -> Iterator[str]:
    """Signatures and secrets are compared by compare_digest, which takes as long for any answer."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare) and _tells_secret(node):
            yield f"line {node.lineno}: {ast.unparse(node)} must be compare_digest"


def _tells_secret(node: ast.Compare) -> bool:
    """Tell whether a secret is compared with something that is not a constant."""
    equality = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
    sides = (node.left, *node.comparators)
    others = [side for side in sides if not _secret(side)]
    if len(others) == len(sides) or not any(isinstance(kind, equality) for kind in node.ops):
        return False
    return not others or not all(isinstance(side, ast.Constant) for side in others)


def _secret(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        made = getattr(node.func, "value", None)  # what an encode() or lower() was called on
        return _secret(node.func) or (isinstance(made, ast.Call) and _secret(made))
    name = {ast.Name: "id", ast.Attribute: "attr"}.get(type(node))
    return name is not None and SECRET.search(getattr(node, name)) is not None


def environment_reads(module: Module) -> Iterator[str]:
    """Only config reads the environment; bootstrap hands it over."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "os.environ",
            "os.getenv",
            "os.environb",
        ):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (
                f"line {node.lineno}: {a.name}"
                for a in node.names
                if a.name in ("environ", "getenv")
            )


def undocumented(module: Module) -> Iterator[str]:
    """A public function says what it gives, its units, and what it raises."""
    for node in module.tree.body:
        if (
            isinstance(node, Function)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            yield f"{node.name}: no docstring"


def thawed_dataclasses(module: Module) -> Iterator[str]:
    """A value does not change under whoever holds it."""
    for node in ast.walk(module.tree):
        for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else ():
            text = ast.unparse(decorator)
            if text.startswith("dataclass") and not (
                "frozen=True" in text and "slots=True" in text
            ):
                yield f"{node.name}: not frozen with slots"
