"""The modules that a call reaches, from wherever it holds them."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from torch import nn

from packviz.torch_side.probe.reached import modules_reached

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
