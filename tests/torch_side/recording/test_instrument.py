"""The code that tells of calls: the same results, the same lines, and nothing where the source is another."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import torch
from torch.nn.utils import rnn

from packviz.torch_side.recording.instrument import instrumented

SOURCE = '''"""A module of functions to be told of."""
import torch

def plain(a, b=2, *, c=3):
    """Says what it is."""
    if a == 0:
        return
    inner = lambda x: x + 1
    def nested():
        return 5
    if a == 1:
        return inner(nested())
    if a == 2:
        raise ValueError(
            "two"
        )
    return a, b, c

def falls(a):
    a.append(1)

class Kind:
    def __init__(self, a):
        self.__a = a

    def get(self):
        return self.__a
'''


class Notes:
    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def dynamo(self, callback: Any) -> Any:
        return callback

    def begin(self, kind: str, *given: Any) -> str:
        self.told.append(("begin", kind, given))
        return kind

    def returned(self, call: str, result: Any) -> None:
        self.told.append(("returned", call, result))

    def raised(self, call: str, error: BaseException) -> None:
        self.told.append(("raised", call, type(error)))


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    path = tmp_path / "told.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("told", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def told(function: FunctionType, notes: Notes, kind: str = "kind") -> None:
    function.__code__ = instrumented({kind: function}, notes)[kind]


@pytest.mark.parametrize("a", [0, 1, 3])
def test_it_returns_the_same_and_tells_of_it(module: ModuleType, a: int) -> None:
    expected, notes = module.plain(a, c=7), Notes()
    told(module.plain, notes)
    assert module.plain(a, c=7) == expected
    assert notes.told == [("begin", "kind", (a, 2, 7)), ("returned", "kind", expected)]


def test_a_function_that_comes_to_its_end_without_return_is_told_of(module: ModuleType) -> None:
    notes, held = Notes(), []
    told(module.falls, notes)
    assert module.falls(held) is None
    assert notes.told[1:] == [("returned", "kind", None)]


def test_it_raises_the_same_at_the_same_line_and_column(module: ModuleType) -> None:
    def places() -> list[tuple[Any, ...]]:
        with pytest.raises(ValueError, match="two") as caught:
            module.plain(2)
        trace, found = caught.tb.tb_next, []
        while trace is not None:
            code = trace.tb_frame.f_code
            found.append((code.co_name, trace.tb_lineno, list(code.co_positions())[trace.tb_lasti // 2]))
            trace = trace.tb_next
        return found

    expected, notes = places(), Notes()
    told(module.plain, notes)
    assert places() == expected
    assert notes.told[1:] == [("raised", "kind", ValueError)]


def test_a_traceback_shows_no_names_but_the_functions_own(module: ModuleType) -> None:
    def names() -> list[str]:
        with pytest.raises(ValueError, match="two") as caught:
            module.plain(2)
        assert caught.tb.tb_next is not None
        return list(caught.tb.tb_next.tb_frame.f_locals)

    expected = names()
    told(module.plain, Notes())
    assert names() == expected


def test_private_names_of_a_class_are_its_own(module: ModuleType) -> None:
    notes = Notes()
    told(module.Kind.get, notes)
    assert module.Kind(4).get() == 4


def test_what_tells_of_the_function_stays(module: ModuleType) -> None:
    before = module.plain.__code__
    told(module.plain, Notes())
    after = module.plain.__code__
    for name in ("co_filename", "co_firstlineno", "co_name", "co_qualname", "co_argcount", "co_flags", "co_freevars"):
        assert getattr(after, name) == getattr(before, name)
    assert module.plain.__doc__ == "Says what it is."


def test_a_function_that_is_not_what_its_source_says_is_left_out(module: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(SOURCE.replace("a.append(1)", "a.append(2)"))
    found = instrumented({"falls": module.falls, "plain": module.plain}, Notes())
    assert set(found) == {"plain"}


@pytest.mark.parametrize("source", ["", "def plain(:", None])
def test_without_its_source_nothing_is_made(module: ModuleType, tmp_path: Path, source: str | None) -> None:
    path = tmp_path / "told.py"
    if source is None:
        path.unlink()
    else:
        path.write_text(source)
    assert instrumented({"plain": module.plain}, Notes()) == {}


def test_torch_compile_finds_the_function_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes()
    code = instrumented({"pack": rnn.pack_sequence}, notes)["pack"]
    made = FunctionType(code, rnn.pack_sequence.__globals__, "made", (True,))
    monkeypatch.setattr(torch.compiler, "is_dynamo_compiling", lambda: True)
    assert made([torch.ones(2)]).data.tolist() == [1, 1]
    assert notes.told == []


def test_nothing_of_the_calls_is_left_in_the_modules() -> None:
    instrumented({"pack": rnn.pack_sequence}, Notes())
    assert not [name for name in vars(sys.modules["torch.nn.utils.rnn"]) if "packviz" in name]
