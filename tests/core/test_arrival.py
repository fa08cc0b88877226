"""Waiting for a module: told once, when it is there whole, and nothing to be seen of it afterwards."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from packviz.core.arrival import Arrival

NAME = "packviz_awaited"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{NAME}.py").write_text("import sys\nREADY = True\n")
    before = list(sys.meta_path)
    yield tmp_path
    sys.modules.pop(NAME, None)
    assert sys.meta_path == before


def test_it_is_told_when_the_module_is_there_and_before_its_importer_goes_on(folder: Path) -> None:
    told: list[bool] = []
    arrival = Arrival(NAME, lambda: told.append(sys.modules[NAME].READY))
    arrival.wait()
    import json  # noqa: F401  # another one

    assert told == []
    module = importlib.import_module(NAME)
    assert told == [True]
    importlib.reload(module)
    assert told == [True]
    arrival.forget()


def test_the_module_is_as_without_it(folder: Path) -> None:
    plain = importlib.import_module(NAME)
    seen = (type(plain.__loader__), type(plain.__spec__.loader), plain.__spec__.origin, plain.__file__)
    del sys.modules[NAME]
    Arrival(NAME, lambda: None).wait()
    again = importlib.import_module(NAME)
    assert (type(again.__loader__), type(again.__spec__.loader), again.__spec__.origin, again.__file__) == seen
    assert again.__loader__ is again.__spec__.loader


def test_several_may_wait_for_it_and_each_is_told_once(folder: Path) -> None:
    told: list[int] = []
    arrivals = [Arrival(NAME, lambda number=number: told.append(number)) for number in range(3)]
    for arrival in arrivals:
        arrival.wait()
    arrivals[1].forget()
    module = importlib.import_module(NAME)
    assert sorted(told) == [0, 2]
    assert module.__loader__ is module.__spec__.loader
    assert type(module.__loader__).__module__ != Arrival.__module__
    assert arrivals[0].find_spec(NAME, None) is not None, "also where it waits no more"


def test_who_only_looks_for_it_does_not_end_the_waiting(folder: Path) -> None:
    told: list[int] = []
    Arrival(NAME, lambda: told.append(1)).wait()
    spec = importlib.util.find_spec(NAME)
    assert spec is not None
    assert spec.loader is not None
    assert spec.loader.get_filename(NAME) == str(folder / f"{NAME}.py")  # type: ignore[attr-defined]
    assert told == []
    importlib.import_module(NAME)
    assert told == [1]


def test_a_module_that_is_not_there_is_not_there(folder: Path) -> None:
    (folder / f"{NAME}.py").unlink()
    arrival = Arrival(NAME, lambda: pytest.fail("it is not there"))
    arrival.wait()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)
    arrival.forget()
    arrival.forget()


def test_a_module_that_fails_is_waited_for_again(folder: Path) -> None:
    (folder / f"{NAME}.py").write_text("1/0\n")
    told: list[int] = []
    Arrival(NAME, lambda: told.append(1)).wait()
    with pytest.raises(ZeroDivisionError):
        importlib.import_module(NAME)
    assert told == []
    (folder / f"{NAME}.py").write_text("READY = 1  # another size\n")
    importlib.import_module(NAME)
    assert told == [1]


@pytest.mark.parametrize("text", ["1/0", "import packviz_nowhere", "raise ImportError('x')", "x = = 1"])
def test_the_traceback_of_one_that_fails_is_that_without_it(text: str, folder: Path) -> None:
    (folder / f"{NAME}.py").write_text(f"def f():\n    pass\n{text}\n")
    told = []
    arrival = Arrival(NAME, lambda: pytest.fail("it is not there"))
    for begin in (lambda: None, arrival.wait):
        begin()
        try:
            exec(f"import {NAME}")
        except (Exception, SyntaxError) as error:
            told.append("".join(traceback.format_exception(error)))
    arrival.forget()
    assert len(told) == 2
    assert told[1] == told[0]


def test_of_a_module_that_is_there_it_is_told_at_once() -> None:
    told: list[int] = []
    Arrival("sys", lambda: told.append(1)).wait()
    assert told == [1]


def test_a_package_keeps_its_parts(folder: Path) -> None:
    (folder / f"{NAME}.py").unlink()
    (folder / NAME).mkdir()
    (folder / NAME / "__init__.py").write_text("from . import inner\n")
    (folder / NAME / "inner.py").write_text(f"import {NAME}\n")
    told: list[bool] = []
    Arrival(NAME, lambda: told.append(f"{NAME}.inner" in sys.modules)).wait()
    importlib.import_module(f"{NAME}.inner")
    assert told == [True]
    del sys.modules[f"{NAME}.inner"]
