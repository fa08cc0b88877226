"""Where a cell of x goes, in the scene: what it is, where it goes, or why that is not known."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.core.origins import OfX
from packviz.session import actions as act
from packviz.session.scene.numbers import full
from packviz.session.scene.resolve import resolve
from packviz.session.updates.update import update
from tests.session.test_other_runs import X, opened, worked


def test_it_says_which_cell_and_where_it_goes() -> None:
    state = worked(opened(act.AskReach(OfX(2, 1, 1))))
    part = resolve(state, None).reach
    assert part.reach is not None
    assert part.reach.of == OfX(2, 1, 1)
    assert part.cell.startswith(f"x[2, 1, 1] = {full(X[2, 1, 1])}, of [")
    assert f"→ data[{part.reach.k}] (t1, sorted row 1)" in part.cell
    assert (part.features, part.why) == (2, "")
    norm = resolve(worked(update(state, act.AskReach(OfX(2, 1, -1)))), None).reach
    assert norm.cell.startswith("‖x[2, 1]‖")
    assert norm.reach is not None
    assert norm.reach.numbers == 2


def test_it_follows_the_batch_and_waits_while_it_is_computed() -> None:
    state = worked(opened(act.AskReach(OfX(2, 1, 0))))
    before = resolve(state, None)
    longer = update(state, act.SetLength(2, 4))
    waiting = resolve(longer, before)
    assert waiting.reach.reach is None
    assert waiting.reach.why == "stepping…"
    after = resolve(worked(longer), waiting)
    assert after.reach.reach is not None
    assert before.reach.reach is not None
    assert (before.reach.reach.length, after.reach.reach.length) == (3, 4)


def test_a_cell_that_goes_nowhere_says_why() -> None:
    part = resolve(worked(opened(act.AskReach(OfX(1, 3, 0)))), None).reach
    assert part.reach is None
    assert "x[1, 3] goes nowhere: it is padding" in part.why
    bad = make_batch(np.ones((2, 3, 1), np.float32), [3, 0], Call(True, False))
    refused = worked(update(opened(act.AskReach(OfX(0, 0, 0))), act.Open(bad, Module())))
    assert "not packed" in resolve(refused, None).reach.why
    gone = worked(update(opened(act.AskReach(OfX(2, 1, 1))), act.Open(make_batch([[1.0]], [1], Call(True, False)))))
    assert "there is no cell of row 2" in resolve(gone, None).reach.why


def test_where_nobody_asks_there_is_nothing_and_the_part_stays_the_same() -> None:
    state = worked(opened())
    scene = resolve(state, None)
    assert scene.reach.of is None
    moved = resolve(update(state, act.SetLength(0, 2)), scene)
    assert moved.reach is scene.reach
    asked = worked(update(state, act.AskReach(OfX(0, 0, 0))))
    there = resolve(asked, scene)
    assert resolve(update(asked, act.StepTo(2)), there).reach is there.reach
