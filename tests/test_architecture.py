from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAGES = {"corpus", "embedding", "index", "retrieval", "answering", "safety", "evaluation"}
# From the bottom to the top: a module imports from below, or from its own stage or door.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset(
        {"", "types", "errors", "text", "protocols", "settings", "durable", "vectors", "logs"}
    ),
    frozenset(STAGES),
    # Below the stories, since one of them is told with it.
    frozenset({"survey"}),
    frozenset({"assistant", "indexer", "publisher", "conversation", "rendering", "doctor"}),
    # Above the others, since it indexes what it measures.
    frozenset({"evaluator"}),
    frozenset({"wiring"}),
    # An assistant whose index is in another process, which is wired as it would be in this one.
    frozenset({"apart"}),
    frozenset({"web"}),
    # Above the other door, since it has a command that opens it.
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
PACKAGES = STAGES | {"apart", "web", "cli"}
# Libraries that take long to load or that bind to a backend, and the one place for each.
HOMES = {
    "faiss": "index",
    "tantivy": "index",
    "onnx": "embedding",
    "onnxruntime": "embedding",
    "tokenizers": "embedding",
    "safetensors": "embedding",
    "sentence_transformers": "embedding",
    "transformers": "embedding",
    "huggingface_hub": "embedding",
    "torch": "embedding",
    "ir_measures": "evaluation",
    "pytrec_eval": "evaluation",
    "rouge_score": "evaluation",
    "markdown_it": "corpus",
    "sentencex": "corpus",
    "lxml": "corpus",
    "trafilatura": "corpus",
    "flask": "web",
    "werkzeug": "web",
    "gunicorn": "web",
    "pydantic": "web",
    "click": "cli",
    "rich": "cli",
}
HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "tantivy",
    "onnxruntime",
    "onnx",
    "flask",
    "gunicorn",
    "nltk",
}
LONGEST_FILE = 300
LONGEST_FUNCTION = 50
USUAL_FUNCTION = 25
MOST_PARAMETERS = 5
# Files that may be longer, each with its own limit and the reason.
LONGER_FILES = {
    # Every value that crosses a stage boundary is defined in one place, and nothing else is.
    "rag/types.py": 480,
}


@dataclass(frozen=True)
class Module:
    """One Python file of the package."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def part(self) -> str:
        """The stage, story or door that it belongs to; empty for the package itself."""
        return part_of(self.name)

    @property
    def shown(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def functions(self) -> Iterator[ast.FunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef))


def part_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted((ROOT / "rag").rglob("*.py")):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found.append(Module(dotted.removesuffix(".__init__"), path, tree))
    return tuple(found)


@cache
def names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


def imported(node: ast.AST) -> Iterator[str]:
    """What one import statement names, as modules where it names modules of the package."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if whole in names() else str(node.module)


def all_imports(module: Module) -> set[str]:
    return {name for node in ast.walk(module.tree) for name in imported(node)}


def imports_at_start(module: Module) -> set[str]:
    """What is imported when the module is, not later and not for type checkers alone."""
    return {name for node in statements(module.tree.body) for name in imported(node)}


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        for inner in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef):
                yield from statements(getattr(node, inner, []))


def own_imports(module: Module) -> set[str]:
    return {name for name in all_imports(module) if name.split(".")[0] == "rag"}


def level_of(part: str) -> int:
    return next(level for level, parts in enumerate(LEVELS) if part in parts)


def test_every_module_has_its_place_in_the_layers() -> None:
    placed = {part for parts in LEVELS for part in parts}

    assert {module.part for module in modules()} - placed == set()


def test_imports_go_down_only_and_stages_do_not_know_each_other() -> None:
    upward = [
        f"{module.shown} imports {name}"
        for module in modules()
        for name in own_imports(module)
        if module.part != part_of(name) or module.part not in PACKAGES
        if level_of(part_of(name)) > level_of(module.part)
        or (
            {part_of(name), module.part} <= PACKAGES
            and level_of(part_of(name)) == level_of(module.part)
        )
    ]

    assert upward == []


def test_stories_that_stand_side_by_side_do_not_import_each_other() -> None:
    stories = LEVELS[3]
    crossing = [
        f"{module.shown} imports {name}"
        for module in modules()
        if module.part in stories
        for name in own_imports(module)
        if part_of(name) in stories
    ]

    assert crossing == []


def test_no_module_imports_itself_in_a_circle() -> None:
    edges = {
        module.name: {name for name in imports_at_start(module) if name in names()}
        for module in modules()
    }
    # What nothing is left to wait for can be loaded; a circle never gets there.
    while ready := [name for name, wanted in edges.items() if not wanted]:
        for name in ready:
            del edges[name]
        for wanted in edges.values():
            wanted.difference_update(ready)

    assert edges == {}


def test_only_the_wiring_names_the_encoder_and_the_gate() -> None:
    """They stand behind the protocols `Encoder` and `SafetyGate`."""
    naming = [
        f"{module.shown} imports {name}"
        for module in modules()
        for name in own_imports(module)
        if part_of(name) in {"embedding", "safety"} and module.part not in {part_of(name), "wiring"}
    ]

    assert naming == []


def test_each_library_is_used_by_one_part_alone() -> None:
    astray = [
        f"{module.shown} imports {name}"
        for module in modules()
        for name in all_imports(module)
        if HOMES.get(name.split(".")[0], module.part) != module.part
    ]

    assert astray == []


def test_only_commands_and_the_embedding_stage_import_late() -> None:
    """Commands do so that `rag --help` is quick; a model's own libraries take seconds to load."""
    late = {
        f"{module.shown}: {function.name}"
        for module in modules()
        for function in module.functions()
        for node in ast.walk(function)
        if any(imported(node)) and module.part not in {"wiring", "cli", "embedding"}
    }

    assert late == set()


_LOADED = """
import json, sys
heavy = set(sys.argv[1].split(","))
seen = {}
for step in sys.argv[2:]:
    for name in step.split(","):
        __import__(name)
    seen[step] = sorted(heavy & set(sys.modules))
print(json.dumps(seen))
"""


def test_the_core_the_command_and_the_server_load_only_what_they_need() -> None:
    core = "rag,rag.types,rag.settings,rag.errors,rag.text,rag.protocols"
    steps = (core, "rag.cli.main", "rag.web.app")
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, ",".join(sorted(HEAVY)), *steps],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(done.stdout)

    assert seen[core] == []
    assert seen["rag.cli.main"] == []
    assert set(seen["rag.web.app"]) & {"torch", "transformers", "sentence_transformers"} == set()


def test_nothing_is_pickled_evaluated_or_asserted() -> None:
    forbidden_modules = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
    found = []
    for module in modules():
        for name in all_imports(module):
            if name.split(".")[0] in forbidden_modules:
                found.append(f"{module.shown} imports {name}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Assert):
                found.append(f"{module.shown}:{node.lineno} asserts")
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id in {"eval", "exec", "compile"}:  # type: ignore[attr-defined]
                found.append(f"{module.shown}:{node.lineno} evaluates")  # type: ignore[attr-defined]
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                found.append(f"{module.shown}:{node.value.lineno} may unpickle")

    assert found == []


def test_no_error_is_caught_by_surprise_or_swallowed() -> None:
    """Flask's own error handler is registered, not caught; what cleans up raises again."""
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            place = f"{module.shown}:{node.lineno}"
            broad = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            last = node.body[-1]
            if broad and not (isinstance(last, ast.Raise) and last.exc is None):
                found.append(f"{place} catches everything")
            if all(isinstance(line, ast.Pass) for line in node.body):
                found.append(f"{place} swallows")

    assert found == []


def test_only_the_settings_read_the_environment() -> None:
    reading = re.compile(r"os\.getenv|os\.environ(?:\.get|\[[^\]]*\](?!\s*=[^=])|\.items|\.copy)")
    found = [
        module.shown
        for module in modules()
        if module.part != "settings" and reading.search(module.path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_the_package_does_not_know_of_its_tests() -> None:
    mention = re.compile(r"\btests/|\btests\.|\bimport tests|pytest|hypothesis|unittest|\bmock\b")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "rag").rglob("*"))
        if path.suffix in {".py", ".toml", ".txt", ".html", ".js", ".css"}
        and mention.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_module_begins_with_a_sentence_about_itself() -> None:
    silent = [
        module.shown
        for module in modules()
        if not (ast.get_docstring(module.tree) or "").split("\n\n")[0].rstrip().endswith((".", ":"))
    ]

    assert silent == []


def test_packages_only_hand_on_what_they_list() -> None:
    for module in modules():
        if module.path.name != "__init__.py" or not module.part:
            continue
        body = module.tree.body[1:]
        assert all(isinstance(node, ast.ImportFrom | ast.Assign) for node in body), module.shown
        handed = {
            alias.asname or alias.name
            for node in body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        listed = [ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign)]
        assert (set(listed[0]) if listed else set()) == handed, module.shown


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        module.shown: len(module.path.read_text(encoding="utf-8").splitlines())
        for module in modules()
    }
    limits = {name: LONGER_FILES.get(name, LONGEST_FILE) for name in lengths}

    assert {name: n for name, n in lengths.items() if n > limits[name]} == {}


def test_a_file_that_may_be_longer_needs_to_be() -> None:
    for name in LONGER_FILES:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) > LONGEST_FILE, f"{name} no longer needs its exception"


def lines_of(function: ast.FunctionDef) -> int:
    return int(function.end_lineno or function.lineno) - function.lineno + 1


def test_no_function_is_too_long_and_most_are_short() -> None:
    lengths = {
        f"{module.shown}: {function.name}": lines_of(function)
        for module in modules()
        for function in module.functions()
    }
    ordered = sorted(lengths.values())

    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    assert ordered[len(ordered) * 9 // 10] <= USUAL_FUNCTION


def parameters(function: ast.FunctionDef) -> int:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    extra = [given.vararg, given.kwarg]
    return sum(item.arg not in {"self", "cls"} for item in named) + sum(map(bool, extra))


def is_command(function: ast.FunctionDef) -> bool:
    """Whether its parameters are what may be given on a command line, which click hands over."""
    return any(
        isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith(".command")
        for mark in function.decorator_list
    )


def test_no_function_takes_too_many_parameters() -> None:
    found = {
        f"{module.shown}: {function.name}": parameters(function)
        for module in modules()
        for function in module.functions()
        if parameters(function) > MOST_PARAMETERS and not is_command(function)
    }

    assert found == {}


@pytest.mark.parametrize("folder", ["corpus", "index"])
def test_data_folders_are_no_packages(folder: str) -> None:
    assert list((ROOT / folder).glob("**/*.py")) == []
