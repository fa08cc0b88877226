"""The modules that a call reaches, from wherever it holds them."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import pytest
from torch import nn

from packviz.core.batch import BatchError
from packviz.torch_side.probe.reached import modules_reached, reached_by

GLOBAL = nn.Linear(1, 1)


def names_a_global(x: Any) -> Any:
    return (lambda: GLOBAL(x))()


class Holder:
    def __init__(self, module: nn.Module) -> None:
        self.kept = {"a": [module]}

    def __call__(self, x: Any) -> Any:
        return self.kept["a"][0](x)

    def run(self, x: Any) -> Any:
        return self(x)


class Odd:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")

    def __call__(self, x: Any) -> Any:
        return x


def called(module: nn.Module, x: Any) -> Any:
    return module(x)


def with_default(x: Any, module: nn.Module = GLOBAL, *, other: Any = GLOBAL) -> Any:
    return module(x)


def ways(module: nn.Module) -> dict[str, Any]:
    return {
        "itself": module,
        "method": module.forward,
        "lambda": lambda x: module(x),
        "partial": functools.partial(called, module),
        "keyword": functools.partial(called, module=module),
        "list": functools.partial(called, [module]),
        "object": Holder(module),
        "method of an object": Holder(module).run,
        "lambda of a lambda": lambda x: (lambda: module(x))(),
    }


@pytest.mark.parametrize("way", ways(GLOBAL))
def test_it_is_found_once(way: str) -> None:
    module = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    assert modules_reached(ways(module)[way]) == (module,)


def test_globals_and_defaults_are_looked_at_and_parts_of_a_module_are_its_own() -> None:
    assert modules_reached(names_a_global) == (GLOBAL,)
    assert modules_reached(with_default) == (GLOBAL,)
    whole = nn.Sequential(GLOBAL)
    assert modules_reached([whole, GLOBAL]) == (whole,)


def test_nothing_of_a_foreign_object_is_run_and_a_circle_ends() -> None:
    circle: list[Any] = [Odd(), len, 3]
    circle.append(circle)
    assert modules_reached(circle) == ()


class Kept:
    hidden = nn.Linear(1, 1)

    def run(self, x: Any) -> Any:
        return self.hidden(x)


def test_attributes_of_objects_of_classes_and_of_modules_are_looked_at() -> None:
    module, whole = nn.Linear(1, 1), nn.Sequential(nn.ReLU())
    whole.others = [module]  # type: ignore[assignment]
    assert modules_reached(Kept().run) == (Kept.hidden,)
    assert modules_reached(lambda x: whole(x)) == (whole, module)
    held = SimpleNamespace(inner=SimpleNamespace(model=module))
    assert modules_reached(lambda x: held.inner.model(x)) == (module,)


def test_what_else_is_reached_is_told_with_the_names_that_it_is_bound_to() -> None:
    kept: list[int] = []
    count = 0

    def fn(x: Any) -> Any:
        nonlocal count
        count += 1
        return kept, names_a_global

    found = reached_by(fn)
    assert any(thing is kept for thing in found.things)
    assert {cell.cell_contents for cell in found.cells if isinstance(cell.cell_contents, int)} == {0}
    assert {name for _, name in found.names} >= {"names_a_global", "GLOBAL"}


def test_the_tool_that_has_rewritten_an_assert_is_not_gone_into() -> None:
    def fn(x: Any) -> Any:
        assert x is GLOBAL
        return x

    assert any(name.startswith("@py") for name in fn.__code__.co_names), "pytest no longer rewrites so"
    assert {name for _, name in reached_by(fn).names} == {"GLOBAL"}
    assert [thing for thing in reached_by(fn).things if type(thing).__module__.startswith(("_pytest", "pluggy"))] == []


def test_an_iterator_of_a_list_is_no_obstacle_and_a_generator_is_named() -> None:
    fine, stream = iter([1, 2]), (n for n in range(3))
    assert reached_by(lambda x: next(fine)).modules == ()
    held = SimpleNamespace(stream=stream)
    with pytest.raises(BatchError, match=r"held\.stream is a generator"):
        reached_by(lambda x: next(held.stream))
