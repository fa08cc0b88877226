"""A part is made once for its inputs, and again where one of them is another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from packviz.session.scene.memo import Memo
from packviz.session.scene.resolve import resolve
from packviz.session.state import State


def test_a_part_is_made_again_only_where_an_input_is_another() -> None:
    scene = resolve(State(), None)
    calls: list[object] = []

    def make(*inputs: object) -> object:
        calls.append(inputs)
        return object()

    array = np.arange(3)
    first = Memo(scene)
    part = first("new", make, array, "a")
    scene = replace(scene, made_from=first.new)
    again = Memo(scene)
    assert again("new", make, array, "a") is part
    assert again("new", make, array.copy(), "a") is not part, "arrays are alike only if they are the same one"
    assert Memo(scene)("new", make, array, "b") is not part
    assert len(calls) == 3


def test_a_part_that_comes_out_alike_stays_the_object_that_it_was() -> None:
    scene = resolve(State(), None)
    first = Memo(scene)
    part = first("new", lambda n: (n // 2,), 4)
    scene = replace(scene, made_from=first.new)
    assert Memo(scene)("new", lambda n: (n // 2,), 5) is part
    assert Memo(scene)("new", lambda n: (n // 2,), 6) == (3,)


def test_without_a_scene_before_all_is_made() -> None:
    memo = Memo(None)
    assert memo("new", lambda: 3) == 3
    assert memo.new == {"new": ((), 3)}
