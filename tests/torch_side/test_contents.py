"""What attributes hold is kept and put back."""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from typing import Any

import numpy as np
import pytest
import torch

from packviz.torch_side.contents import Contents


class Plain:
    def __init__(self) -> None:
        self.a, self.b = 1, [2]


class Slots:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a = 1


class Kept:
    n = 1


def change_plain(thing: Plain) -> None:
    thing.a = 5
    thing.b.append(3)
    thing.c = 7  # type: ignore[attr-defined]


def drawn_from(generator: torch.Generator) -> None:
    torch.rand(1, generator=generator)


CHANGES: dict[str, tuple[Any, Any, Any]] = {
    "list": (lambda: [1, [2]], lambda t: (t.append(3), t[1].append(4)), list),
    "dict": (lambda: {"a": [1]}, lambda t: (t.update(b=2), t["a"].clear()), dict),
    "order": (lambda: OrderedDict(a=1, b=2), lambda t: t.move_to_end("a"), lambda t: list(t.items())),
    "set": (lambda: {1, 2}, lambda t: t.add(3), set),
    "deque": (lambda: deque([1]), lambda t: t.append(2), list),
    "bytearray": (lambda: bytearray(b"ab"), lambda t: t.extend(b"c"), bytes),
    "array": (lambda: np.array([1.0, np.nan]), lambda t: t.fill(3), lambda t: t.tobytes()),
    "tensor": (lambda: torch.tensor([1.0, torch.nan]), lambda t: t.fill_(3), lambda t: repr(t)),
    "tuple": (lambda: ([1], {2}), lambda t: (t[0].append(1), t[1].clear()), repr),
    "object": (Plain, change_plain, lambda t: repr(vars(t))),
    "slots": (Slots, lambda t: (setattr(t, "a", 2), setattr(t, "b", 3)), lambda t: (t.a, hasattr(t, "b"))),
    "iterator": (lambda: iter([1, 2, 3]), next, lambda t: t.__length_hint__()),
    "class": (lambda: Kept, lambda t: (setattr(t, "n", 2), setattr(t, "m", 3)), lambda t: (t.n, hasattr(t, "m"))),
    "sign": (lambda: torch.tensor([0.0]), lambda t: t.neg_(), lambda t: torch.signbit(t).tolist()),
    "resized": (lambda: torch.tensor([1.0]), lambda t: setattr(t, "data", torch.ones(3)), lambda t: t.tolist()),
    "random": (lambda: random.Random(1), lambda t: t.random(), lambda t: t.getstate()),
    "numpy": (lambda: np.random.default_rng(1), lambda t: t.random(), lambda t: repr(t.bit_generator.state)),
    "torch": (
        lambda: torch.Generator().manual_seed(1),
        lambda t: torch.rand(1, generator=t),
        lambda t: t.get_state().tolist(),
    ),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_put_back(kind: str) -> None:
    make, change, told = CHANGES[kind]
    thing = make()
    before = told(thing)
    contents = Contents()
    contents.keep({"held": [thing]})
    change(thing)
    assert told(thing) != before
    for put_back in reversed(contents.back):
        put_back()
    assert told(thing) == before


def test_a_circle_ends_and_what_is_kept_elsewhere_is_left_alone() -> None:
    circle: list[Any] = [1]
    circle.append(circle)
    other = [1]
    contents = Contents(skip=[other])
    contents.keep([circle, other])
    circle.append(2)
    other.append(2)
    for put_back in contents.back:
        put_back()
    assert len(circle) == 2
    assert other == [1, 2]
