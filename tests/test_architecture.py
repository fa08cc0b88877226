"""The rules of the house, read from the code itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "packviz"

# Who may import whom: a room imports from rooms below it, and from itself. Rooms in one line don't know each other.
FLOORS = (
    ("core",),
    ("files",),
    ("torch_side",),  # what a running program is seen doing is written to files
    ("session",),
    ("api", "recording", "ui"),
    ("loaders", "showing"),
    ("app",),
    ("cli", "pytest_plugin"),
    ("__main__",),
)
QT = {"PySide6", "shiboken6"}
QT_ROOMS = {"session/jobs.py", "session/store.py", "ui", "app.py"}
TORCH = {"torch"}
TORCH_ROOMS = {"torch_side", "files/formats/pt.py"}
CLI_MAY_ASK_QT = {"cli/display.py"}  # loads Qt's plugin before Qt does
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
MOST_LINES = 400

# Imports that close a circle, and why they are left: none that start-up needs does.
CIRCLES_LEFT: dict[tuple[str, str], str] = {}

# Prefixes of several files in one folder that are words of their own, not a room that is missing.
WORDS_OF_THEIR_OWN: dict[str, str] = {}

# Source files without a test file of their own, and where they are tested instead.
TESTED_ELSEWHERE = {
    "__init__.py": "test_api.py, test_architecture.py",
    "__main__.py": "test_cli.py",
    **{
        f"session/actions/{room}.py": "session/updates/test_update.py: values without a behaviour of their own"
        for room in ("documents", "edits", "walk", "looking", "work", "recordings")
    },
    "core/whole.py": "files/kept/test_batch.py: values without a behaviour of their own",
    "session/others.py": "session/test_other_runs.py: values without a behaviour of their own",
}


@dataclass(frozen=True)
class Import:
    """One import: the module it names, where, whether at run time, and whether inside a function."""

    module: str
    line: int
    at_run_time: bool
    in_function: bool


def files() -> list[Path]:
    return sorted(HOUSE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def module_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """`core` of packviz.core.batch; "" of packviz itself."""
    return [*module.split("."), ""][1]


def within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(f"{room}/") for room in rooms)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    return tuple(_imports(path, tree_of(path), True, False))


def _imports(path: Path, node: ast.AST, at_run_time: bool, in_function: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.name, child.lineno, at_run_time, in_function)
            case ast.ImportFrom(module=module, names=names, level=level):
                home = module or ""
                if level:
                    package = module_of(path).split(".")
                    up = level - 1 if path.name == "__init__.py" else level
                    home = ".".join([*package[: len(package) - up], *([module] if module else [])])
                for alias in names:
                    inner = f"{home}.{alias.name}"
                    yield Import(inner if is_module(inner) else home, child.lineno, at_run_time, in_function)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                for statement in child.body:
                    yield from _imports(path, ast.Module([statement], []), False, in_function)
                for statement in child.orelse:
                    yield from _imports(path, ast.Module([statement], []), at_run_time, in_function)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from _imports(path, child, at_run_time, True)
            case _:
                yield from _imports(path, child, at_run_time, in_function)


def is_module(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def floor_of(room: str) -> int:
    return next((floor for floor, rooms in enumerate(FLOORS) if room in rooms), -1)


def each_file(rule: Callable[[Path], None]) -> Callable[[], None]:
    """A test that holds a rule against every file of the house, and names all that break it."""

    def test() -> None:
        broken = []
        for path in files():
            try:
                rule(path)
            except AssertionError as error:
                broken.append(f"{name_of(path)}: {error}")
        assert not broken, "\n".join(broken)

    test.__doc__ = rule.__doc__
    return test


@each_file
def test_imports_go_down_the_house(path: Path) -> None:
    room = room_of(module_of(path))
    if not room:  # the front door: imports lazily, from anywhere
        return
    assert floor_of(room) >= 0, f"{room} has no floor in this test's table"
    for found in imports_of(path):
        if found.module.split(".")[0] != "packviz" or found.module == "packviz":
            continue
        other = room_of(found.module)
        allowed = other == room or (0 <= floor_of(other) < floor_of(room))
        assert allowed, f"{name_of(path)}:{found.line} imports {found.module}: {room} may not know {other}"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = graph_of_imports()
    for module, other in CIRCLES_LEFT:
        graph[module].discard(other)
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " → ".join([*trail[trail.index(module) :], module])
        if module not in done:
            for other in graph.get(module, set()) - {module}:
                walk(other, (*trail, module))
            done.add(module)

    for module in graph:
        walk(module, ())


def graph_of_imports() -> dict[str, set[str]]:
    """What each module imports of the house, when it is imported or later, inside its functions."""
    return {
        module_of(path): {
            found.module
            for found in imports_of(path)
            if (found.at_run_time or name_of(path).startswith("session/"))  # there types alone make no circle either
            and found.module.startswith("packviz.")
        }
        for path in files()
    }


def reached_from(module: str, graph: dict[str, set[str]]) -> set[str]:
    """The modules that are imported, one by another, where this one is."""
    found: set[str] = set()
    ahead = [module]
    while ahead:
        more = graph.get(ahead.pop(), set()) - found
        found |= more
        ahead.extend(more)
    return found


def test_the_list_of_circles_names_none_that_is_open() -> None:
    graph = graph_of_imports()
    for module, other in CIRCLES_LEFT:
        assert other in graph.get(module, set()), f"{module} no longer imports {other}: take it from the list"
        assert module in reached_from(other, graph), f"{other} no longer leads to {module}: take it from the list"


def test_imports_inside_functions_are_seen() -> None:
    tree = ast.parse("def f():\n    from packviz.core import batch\n")
    [found] = _imports(HOUSE / "api.py", tree, True, False)
    assert found == Import("packviz.core.batch", 2, True, True)


@each_file
def test_qt_stays_in_its_rooms(path: Path) -> None:
    for found in imports_of(path):
        if found.module.split(".")[0] in QT:
            allowed = QT_ROOMS | (CLI_MAY_ASK_QT if found.in_function else set())
            assert within(name_of(path), allowed), f"{name_of(path)}:{found.line} imports {found.module}"


@each_file
def test_torch_stays_in_its_rooms_and_is_imported_when_first_needed(path: Path) -> None:
    for found in imports_of(path):
        if found.module.split(".")[0] in TORCH:
            where = f"{name_of(path)}:{found.line} imports {found.module}"
            assert within(name_of(path), TORCH_ROOMS), where
            assert found.in_function or not found.at_run_time, f"{where} before it is needed"


@pytest.mark.parametrize("statement", ["import packviz", "import packviz; dir(packviz)", "import packviz.cli"])
def test_importing_packviz_loads_neither_qt_nor_torch_nor_numpy(statement: str) -> None:
    heavy = sorted(QT | TORCH | {"numpy"})
    code = f"{statement}; import sys; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("room", ["core", "files", "session", "ui"])
def test_no_room_but_torch_side_loads_torch_when_imported(room: str) -> None:
    modules = [module_of(path) for path in sorted((HOUSE / room).rglob("*.py"))]
    code = f"import importlib, sys; [importlib.import_module(m) for m in {modules}]; print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "False"


@each_file
def test_files_are_short_and_named_after_what_is_in_them(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name_of(path)} has {lines} lines: it asks to be two"
    assert path.stem not in FORBIDDEN_NAMES


def prefixes_shared(names: Iterable[str]) -> set[str]:
    """`ask_` of ask_here, ask_there and tell_all: what two names or more begin with."""
    prefixes = [f"{first}_" for first, mark, _ in (name.partition("_") for name in names) if first and mark]
    return {prefix for prefix in prefixes if prefixes.count(prefix) > 1}


def test_folders_have_rooms_before_a_name_needs_a_prefix() -> None:
    assert prefixes_shared(["ask_here", "ask_there", "tell_all", "ask", "__init__", "__main__"]) == {"ask_"}
    for folder in {path.parent for path in files()}:
        shared = prefixes_shared(path.stem for path in folder.glob("*.py")) - WORDS_OF_THEIR_OWN.keys()
        assert not shared, f"{name_of(folder)} has several files called {', '.join(shared)}…: they ask for a room"


@cache
def dataclasses_with_arrays(path: Path) -> tuple[tuple[ast.ClassDef, dict[str, object]], ...]:
    """Each dataclass of a file that has a field with an array in it, and the options of its decorator."""
    return tuple(_dataclasses(path, names_of_arrays()))


def _dataclasses(path: Path, aliases: frozenset[str]) -> Iterator[tuple[ast.ClassDef, dict[str, object]]]:
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            if "dataclass" not in _names(decorator):
                continue
            fields = [f for f in node.body if isinstance(f, ast.AnnAssign) and "ClassVar" not in _names(f.annotation)]
            if any(_names(f.annotation) & aliases for f in fields):
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                yield node, {k.arg: k.value.value for k in keywords if isinstance(k.value, ast.Constant) and k.arg}


@cache
def names_of_arrays() -> frozenset[str]:
    """How the house calls arrays in its annotations: NumPy's own names, and such as Ints = NDArray[np.int64]."""
    names = {"NDArray", "ArrayLike", "ndarray"}
    for path in files():
        for node in tree_of(path).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) and _names(node.value) & names:
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def _names(node: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


@each_file
def test_dataclasses_that_hold_arrays_are_frozen_and_equal_only_to_themselves(path: Path) -> None:
    for node, options in dataclasses_with_arrays(path):
        where = f"{name_of(path)}:{node.lineno} {node.name}"
        assert options.get("frozen") is True, f"{where} is not frozen"
        assert options.get("eq") is False, f"{where} compares arrays"


def test_the_rule_about_arrays_sees_the_batch_and_the_packing() -> None:
    found = {node.name for path in files() for node, _ in dataclasses_with_arrays(path)}
    assert {"Batch", "Packing", "Finding", "Evidence", "MaskReading", "Reads"} <= found


@each_file
def test_every_source_file_has_its_test_file(path: Path) -> None:
    name = name_of(path)
    is_empty = path.name == "__init__.py" and all(isinstance(node, ast.Expr) for node in tree_of(path).body)
    if is_empty or name in TESTED_ELSEWHERE:
        return
    if path.name == "__init__.py":
        mirrored = Path("tests", *path.relative_to(HOUSE).parts[:-2], f"test_{path.parent.name}.py")
    else:
        mirrored = Path("tests", path.relative_to(HOUSE).parent, f"test_{path.name}")
    assert (ROOT / mirrored).exists(), f"{name} has no {mirrored}"


def test_the_list_of_files_tested_elsewhere_names_files_that_exist() -> None:
    assert [name for name in TESTED_ELSEWHERE if not (HOUSE / name).exists()] == []


# Rule 5, `draw` never emits `intent`: tests/ui/test_views.py, one parametrised test over all views.
