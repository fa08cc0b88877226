"""resolve: parts are remade only where their inputs changed, never shown from an edit ago, and agree with torch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.carrier import Packed, Padded, Sequences
from packviz.core.findings import Finding
from packviz.core.module import Module
from packviz.core.origins import OfX
from packviz.core.packing import Packing
from packviz.session import actions as act
from packviz.session.cursor import Place
from packviz.session.others import BeforeEdit, Kept, OtherWeights, Unpacked
from packviz.session.requests import TorchInfo, TorchRequest
from packviz.session.scene.grids import Kind, PackedGrid, PaddedGrid
from packviz.session.scene.parts import Scene
from packviz.session.scene.resolve import resolve
from packviz.session.state import COLOURS, Look, State, showing
from packviz.session.updates.update import update
from packviz.session.work import wanted

PICTURE = make_batch(
    [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]], [3, 2, 5, 5], Call(True, False)
)
SIX = ["pointer", "status", "states", "padded", "packed", "sizes"]
ALL = [*SIX, "theme", "down", "ribbons", "row", "findings", "torch", "python", "controls", "banner", "shelf", "two"]
WORK = "work"  # among the actions: all the work that is wanted, done at once


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Small batches, right and wrong: no cells, NaN, any lengths, any number of them, any layout, any kind."""
    rows, steps = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    shape = (rows, steps, *draw(st.sampled_from([(), (1,), (2, 2), (0,)])))
    x = np.arange(np.prod(shape), dtype=np.float64).reshape(shape) - 2
    dtype = draw(st.sampled_from(["int64", "float32", "float64", "bool", "complex64"]))
    if dtype == "float32" and x.size and draw(st.booleans()):
        x.flat[draw(st.integers(0, x.size - 1))] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    call = Call(draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([0, -1.0, float("nan")])))
    kind = draw(st.sampled_from(["padded", "sequences", "packed"])) if steps else "padded"
    n = rows if kind != "padded" else draw(st.integers(max(0, rows - 1), rows + 1))
    least, most = (-1, steps + 2) if kind == "padded" else (1, steps)
    lengths = np.array(draw(st.lists(st.integers(least, most), min_size=n, max_size=n)), dtype=np.int64)
    packed = Packed(np.argsort(-lengths, kind="stable"))
    carrier = {"padded": Padded(), "sequences": Sequences(), "packed": packed}[kind]
    x = x.astype(dtype)
    return make_batch(x if call.batch_first else x.swapaxes(0, 1), lengths, call, carrier=carrier)


numbers = st.integers(-2, 8)
anything = st.one_of(
    st.just(WORK),
    st.builds(act.SetLength, numbers, numbers),
    st.builds(act.SetLengths, st.lists(st.integers(0, 6), max_size=6).map(tuple)),
    st.builds(act.SetOption, st.sampled_from(["batch_first", "enforce_sorted"]), st.booleans()),
    st.builds(act.SetOption, st.just("total_length"), st.none() | st.integers(0, 9)),
    st.builds(act.SetModel, st.builds(Module, st.sampled_from(["LSTM", "GRU", "RNN"]), st.integers(1, 3))),
    st.builds(act.Open, batches()),
    st.builds(act.StepBy, numbers),
    st.builds(act.AskReach, st.none() | st.builds(OfX, numbers, numbers, st.integers(-1, 2))),
    st.builds(act.HoldAgainst, st.none() | st.sampled_from([Unpacked(), BeforeEdit(), Kept(), OtherWeights()])),
    st.just(act.KeepRun()),
    st.builds(act.ToggleBreakpoint, numbers),
    st.builds(act.Hover, st.none() | st.builds(Place, numbers, numbers)),
    st.builds(act.Select, numbers, st.none() | numbers),
    st.builds(
        act.SetLook,
        st.builds(
            Look,
            st.sampled_from(COLOURS),
            st.sampled_from(["down", "right"]),
            st.sampled_from(["light", "dark"]),
            st.sampled_from("hcigr"),
            st.integers(0, 3),
        ),
    ),
    st.sampled_from([act.SwapLayout(), act.GuessLengths(), act.Undo(), act.Redo()]),
)


def work(state: State) -> State:
    """The state once all the work that it wants is done."""
    while requests := wanted(state):
        for request in requests.values():
            try:
                result = TorchInfo("2.x") if request == TorchRequest() else request.do(UNWATCHED)
            except BatchError as error:
                state = update(state, act.Failed(request, str(error)))
            else:
                state = update(state, act.Computed(request, result))
    return state


def opened(batch: Batch = PICTURE) -> State:
    return work(update(State(), act.Open(batch)))


PARTS = {f"packviz.session.scene.{room}" for room in ("parts", "pane", "two_runs")}


def shown(part: Any) -> Any:
    """All that a part shows, as plain values: a grid as everything that it answers for all of its cells."""
    if isinstance(part, np.ndarray):
        return part.tolist()
    if isinstance(part, tuple):
        return [shown(each) for each in part]
    if isinstance(part, Finding):
        return part.to_dict()
    if hasattr(part, "kinds"):
        d, c = np.arange(part.down), np.arange(part.across)
        notes, heads = part.notes(d, c), part.heads(c.tolist())
        return part.kinds(d, c).tolist(), part.fills(d, c).tolist(), part.texts(d, c), notes, heads
    if hasattr(part, "__dataclass_fields__") and type(part).__module__ in PARTS:
        return {name: shown(getattr(part, name)) for name in part.__dataclass_fields__ if name != "made_from"}
    return part


@settings(max_examples=80)
@given(st.none() | batches(), st.lists(anything, max_size=7))
def test_resolve_never_raises_and_never_shows_a_part_of_an_edit_ago(batch: Batch | None, does: list[Any]) -> None:
    state = State() if batch is None else update(State(), act.Open(batch))
    scene = resolve(state, None)
    for action in does:
        state = work(state) if action == WORK else update(state, action)
        scene = resolve(state, scene)
    fresh = resolve(state, None)
    for name in ALL:
        assert shown(getattr(scene, name)) == shown(getattr(fresh, name)), name


@given(batches(), st.lists(anything, max_size=3))
def test_the_same_state_has_the_very_same_parts(batch: Batch, does: list[Any]) -> None:
    state = update(State(), act.Open(batch))
    for action in does:
        state = work(state) if action == WORK else update(state, action)
    scene = resolve(state, None)
    again = resolve(replace(state), scene)
    assert changed(scene, again) == set()


def changed(one: Scene, other: Scene) -> set[str]:
    return {name for name in ALL if getattr(one, name) is not getattr(other, name)}


@pytest.mark.parametrize(
    ("action", "parts"),
    [
        (act.Hover(Place(2, 4)), {"pointer", "status"}),
        (act.Hover(Place(-1, 3)), {"pointer", "status"}),
        (act.StepBy(1), {"pointer", "status", "states"}),
        (act.Select(2), {"pointer", "status", "row"}),
        (act.ToggleBreakpoint(2), {"pointer"}),
        (act.TogglePlay(), {"controls"}),
        (act.SetSpeed(5.0), {"controls"}),
        (act.SetLook(Look(theme="light")), {"theme", "padded", "packed", "ribbons", "row", "states", "controls"}),
        (act.SetLook(Look(orientation="right")), {"padded", "controls"}),
        (act.SetLook(Look(shown="c")), {"row", "controls"}),
        (act.SetLook(Look("value")), {"padded", "packed", "ribbons", "controls"}),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else repr(value),
)
def test_an_action_changes_only_the_parts_that_show_it(action: act.Action, parts: set[str]) -> None:
    state = update(opened(), act.StepTo(1))
    scene = resolve(state, None)
    after = update(state, action)
    assert after is not state
    assert changed(scene, resolve(after, scene)) == parts


def test_a_step_recolours_the_cells_only_where_they_are_coloured_by_state() -> None:
    state = update(opened(), act.SetLook(Look("state")))
    scene = resolve(state, None)
    after = resolve(update(state, act.StepTo(3)), scene)
    assert {"padded", "packed"} <= changed(scene, after)


def test_a_length_changes_neither_theme_nor_the_direction_of_time_but_all_that_is_packed() -> None:
    state = opened()
    scene = resolve(state, None)
    after = resolve(update(state, act.SetLength(2, 4)), scene)
    assert after.theme is scene.theme
    assert {"padded", "packed", "sizes", "ribbons", "findings", "python"} <= changed(scene, after)


@settings(max_examples=60)
@given(st.data())
def test_every_cell_of_both_grids_stands_where_torch_puts_it(data: st.DataObject) -> None:
    rows, steps = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 6))
    lengths = np.array(data.draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows)))
    batch_first, enforce_sorted = data.draw(st.booleans()), data.draw(st.booleans())
    lengths = -np.sort(-lengths) if enforce_sorted else lengths
    x = np.arange(rows * steps).reshape(rows, steps)
    batch = make_batch(x if batch_first else x.T, lengths, Call(batch_first, enforce_sorted))
    theirs = pack_padded_sequence(torch.tensor(batch.x), torch.tensor(lengths), batch_first, enforce_sorted)

    state = update(State(), act.Computed(TorchRequest(), TorchInfo(torch.__version__)))
    state = update(state, act.Open(batch))
    scene = resolve(state, None)
    padded, packed = scene.padded.grid, scene.packed.grid
    assert isinstance(padded, PaddedGrid)
    assert isinstance(packed, PackedGrid)
    d, c = np.arange(scene.down), np.arange(rows)
    inside = packed.kinds(d, c) == Kind.DATA
    # Reading order is memory order: row by row, from the left.
    texts = np.array(packed.texts(d, c))[inside]
    assert texts.tolist() == [str(v) for v in theirs.data.tolist()]
    notes = packed.notes(d, c)
    assert notes is not None
    assert np.array(notes)[inside].tolist() == [f"[{k}]" for k in range(len(theirs.data))]
    np.testing.assert_array_equal(inside.sum(axis=1)[: len(theirs.batch_sizes)], theirs.batch_sizes)
    np.testing.assert_array_equal(scene.sizes.sizes, theirs.batch_sizes)
    # Every cell that counts as data in the padded pane is one of these, in the same colour.
    valid = padded.kinds(d, c) == Kind.DATA
    assert sorted(np.array(padded.texts(d, c))[valid], key=int) == sorted(texts, key=int)
    steps_of, columns = np.nonzero(inside)
    fills, twins = packed.fills(d, c), padded.fills(d, c)
    for k in data.draw(st.lists(st.integers(0, len(theirs.data) - 1), max_size=3)):
        row, step = divmod(int(theirs.data[k]), steps)
        pointed = resolve(update(state, act.Hover(Place(row, step))), scene)
        assert pointed.pointer.hover == (step, row)
        assert pointed.pointer.hover_packed == (steps_of[k], columns[k])
        assert f"→ data[{k}] (t{step}, sorted row {columns[k]})" in pointed.status.left
        assert fills[steps_of[k], columns[k]].tolist() == twins[step, row].tolist()


def test_what_is_not_packed_has_no_twin_but_its_step() -> None:
    scene = resolve(update(opened(), act.Hover(Place(1, 3))), None)
    assert scene.pointer.hover == (3, 1)
    assert scene.pointer.hover_packed == (3, -1)


def test_without_a_batch_the_scene_says_how_to_get_one() -> None:
    scene = resolve(State(), None)
    assert scene.padded.grid is None
    assert scene.padded.empty == "Open, paste or drop a batch, or choose a sample."
    assert scene.python == scene.status.left == scene.findings.summary == scene.row.empty == ""


def test_where_torch_packs_nothing_the_packed_pane_says_why() -> None:
    scene = resolve(update(State(), act.Open(PICTURE.with_lengths([3, 0, 5, 5]))), None)
    assert scene.packed.grid is None
    assert "lengths[1] is 0" in scene.packed.empty
    assert scene.sizes.empty == "no batch_sizes"
    assert scene.ribbons is None
    assert scene.row.empty == "Nothing to step: the batch is not packed."


def test_a_length_beyond_x_makes_the_time_axis_of_all_panes_longer() -> None:
    scene = resolve(opened(PICTURE.with_lengths([3, 2, 7, 5])), None)
    assert scene.down == 7
    assert scene.padded.grid is not None
    assert scene.packed.grid is not None
    assert (scene.padded.grid.down, scene.packed.grid.down, scene.sizes.down) == (7, 7, 7)
    assert scene.sizes.steps == 5


def test_findings_mark_their_cells_in_both_panes_and_their_rows() -> None:
    state = opened()
    scene = resolve(state, None)
    code = scene.findings.cards[0].code
    assert code == "length-counts-padding"
    assert scene.padded.marks.tolist() == [[2, 4, 5, 1]]
    assert scene.packed.marks.tolist() == [[0, 4, 5, 1]]  # sorted row 0
    assert scene.padded.grid is not None
    assert [head.bad for head in scene.padded.grid.heads(range(4))] == [False, False, True, False]
    assert scene.findings.summary.startswith("1 silent")
    assert not scene.findings.checking
    three = resolve(opened(make_batch(PICTURE.x[:3], [3, 4, 5], PICTURE.call)), None)  # sorted rows 2, 1, 0
    assert three.padded.marks.tolist() == [[1, 2, 4, 1], [2, 4, 5, 1]]
    rotated = resolve(opened(make_batch(PICTURE.x[:3], [3, 2, 5], PICTURE.call)), None)  # sorted rows 2, 0, 1
    assert rotated.packed.marks.tolist() == [[0, 4, 5, 1]]
    rows = make_batch(PICTURE.x[[2, 0, 1]], [4, 5, 3], PICTURE.call)  # sorted rows 1, 0, 2
    assert resolve(opened(rows), None).packed.marks.tolist() == [[0, 3, 5, 1], [2, 2, 3, 1]]


def test_the_trace_of_an_edit_ago_is_shown_as_stale_until_the_new_one_is_there() -> None:
    state = opened()
    scene = resolve(state, None)
    assert not scene.row.stale
    assert scene.row.grid is not None
    edited = update(state, act.SetLength(2, 4))
    waiting = resolve(edited, scene)
    assert waiting.row.stale
    assert waiting.states.stale
    done = resolve(work(edited), waiting)
    assert not done.row.stale
    assert not done.states.stale


def test_a_module_that_cannot_be_stepped_says_why_in_place_of_its_states() -> None:
    state = opened()
    [request] = {"trace": wanted(update(state, act.SetModel(Module("GRU"))))["trace"]}.values()
    failed = update(update(state, act.SetModel(Module("GRU"))), act.Failed(request, "it does not fit."))
    scene = resolve(failed, None)
    assert scene.states.grid is None
    assert scene.states.empty == scene.row.empty == "it does not fit."


def test_a_row_without_a_length_has_no_states() -> None:
    state = opened(PICTURE.with_lengths([3, 2]))
    scene = resolve(update(state, act.Select(3)), None)
    assert scene.row.grid is None
    assert scene.row.empty == "Row 3 has no length: torch drops it."


def test_the_order_of_equal_lengths_is_provisional_until_torch_is_there() -> None:
    batch = make_batch(np.ones((20, 4)), np.tile([2, 3], 10), Call(True, False))
    state = update(State(), act.Open(batch))
    assert "asking torch" in resolve(state, None).packed.footer
    state = update(state, act.Computed(TorchRequest(), TorchInfo("2.x", ("cpu",))))
    assert resolve(state, None).packed.footer.startswith("sorted [")


def test_opening_a_batch_of_the_same_shape_is_no_reason_to_compare_its_cells() -> None:
    scene = resolve(opened(), None)
    other = make_batch(PICTURE.x + 1, PICTURE.lengths, PICTURE.call)
    after = resolve(update(opened(), act.Open(other)), scene)
    assert after.padded is not scene.padded


def test_controls_show_what_undo_would_undo_and_the_lengths_as_typed() -> None:
    state = update(opened(), act.SetLength(2, 4))
    controls = resolve(state, None).controls
    assert controls.undo == "length of row 2"
    assert controls.redo is None
    assert controls.lengths == "3, 2, 4, 5"
    assert controls.devices == ("cpu",)
    back = resolve(update(state, act.Undo()), None).controls
    assert back.redo == "length of row 2"


def test_the_packing_is_made_once_for_many_hovers(monkeypatch: pytest.MonkeyPatch) -> None:
    state = opened()
    scene = resolve(state, None)
    monkeypatch.setattr("packviz.session.scene.resolve.packing_of", None)
    for row in range(4):
        state = update(state, act.Hover(Place(row, 1)))
        scene = resolve(state, scene)
    assert isinstance(scene.made_from["packing"][1], Packing)


def test_states_of_the_last_lengths_say_so_in_words_until_those_of_now_are_there() -> None:
    state = work(work(opened()))
    now = resolve(state, None)
    assert (now.states.of, now.row.of, now.findings.of, now.torch.of) == ("", "", "", "")
    edited = update(state, act.SetLength(0, 2))
    scene = resolve(edited, now)
    for pane in (scene.states, scene.row):
        assert pane.grid is not None
        assert pane.stale
        assert pane.subtitle.startswith("of the last lengths · ")
    assert (scene.findings.of, scene.findings.checking) == ("the last lengths", True)
    codes = [card.code for card in now.findings.cards]
    assert codes == [card.code for card in scene.findings.cards] != []
    assert (scene.torch.of, scene.torch.verdict) == ("the last lengths", now.torch.verdict)
    back = resolve(update(edited, act.Undo()), scene)
    assert (back.states.of, back.findings.of, back.torch.of) == ("", "", "")
    assert codes == [card.code for card in back.findings.cards]
    done = resolve(work(edited), scene)
    assert (done.states.of, done.torch.of, done.findings.checking) == ("", "", False)


def test_of_another_batch_nothing_earlier_is_shown() -> None:
    state = work(work(opened()))
    other = resolve(update(state, act.Open(make_batch(np.ones((4, 5)), [3, 2, 5, 5], Call(True, False)))), None)
    assert other.states.grid is None
    assert other.row.grid is None
    assert other.findings.cards == ()
    assert other.torch.verdict is None


@pytest.mark.parametrize(("length", "down"), [(4, 5), (9, 9), (5 + 64, 69), (5 + 65, 69), (2**40, 69), (2**62, 69)])
def test_of_a_batch_that_is_not_packed_at_most_64_steps_beyond_x_are_shown(length: int, down: int) -> None:
    scene = resolve(showing(make_batch(np.ones((2, 5)), [length, 0], Call(True))), None)
    assert scene.packed.empty
    assert scene.down == down
    assert scene.padded.grid is not None
    assert scene.padded.grid.down == down


def test_that_torch_raises_nothing_is_no_good_news_where_something_is_wrong_in_silence() -> None:
    short = make_batch([[1, 2, 3, 4], [5, 6, 0, 0]], [2, 2], Call(True, True))
    both = (short, short.with_lengths([4, 2]))
    wrong, right = (resolve(work(update(opened(), act.Open(batch))), None).torch for batch in both)
    assert wrong.silent
    assert wrong.title.endswith("does with this call: no error, but wrong")
    assert not right.silent
    assert right.title.endswith("does with this call")


def test_coloured_by_gradient_the_cells_wait_for_it_and_then_show_it() -> None:
    state = replace(opened(), look=replace(opened().look, colour="gradient"))
    assert "gradients: " in resolve(state, None).padded.footer
    there = resolve(work(state), None)
    assert "gradient of the sum of h_n at x" in there.padded.footer
    assert there.padded.scale is not None
    assert there.padded.scale.low == "1e-6"
    grid = there.padded.grid
    assert grid is not None
    assert grid.colours.gradient is not None  # type: ignore[attr-defined]
    norms = grid.colours.gradient.norms  # type: ignore[attr-defined]
    assert (norms > 0).sum() == int(state.batch.counts.sum())  # type: ignore[union-attr]
    assert f"gradient of the sum of h_n at x {norms[0, 0]:.3g}" in there.status.left
    assert f"{float(np.nanmax(norms)):.3g}"[:3] in there.padded.scale.high
    plain = replace(state, look=replace(state.look, colour="sequence"))
    assert "gradient" not in {request.kind for request in wanted(plain).values()}


def test_the_gradient_at_h_is_that_of_the_layer_and_direction_that_is_shown_and_of_what_was_chosen() -> None:
    batch = make_batch(np.random.default_rng(0).normal(size=(2, 4, 2)).astype(np.float32), [4, 2], Call(True, True))
    state = update(State(), act.Open(batch, Module("GRU", 3, layers=2, directions=2)))
    look = replace(state.look, colour="gradient", at_h=True, gradient=(0, 1, 4))  # unit 1, backward
    state = work(update(update(state, act.SetLook(look)), act.GoToPass(1, 1)))
    scene = resolve(state, None)
    assert "gradient of out[0, 1, 4] at h of layer 1 ←" in scene.padded.footer
    norms = scene.padded.grid.colours.gradient.norms  # type: ignore[union-attr]
    assert (norms[0] > 0).tolist() == [False, True, True, True]  # backward it hangs on what was read before it
    assert not norms[1].any()
    ahead = resolve(update(state, act.GoToPass(1, 0)), scene)
    assert "at h of layer 1 →" in ahead.padded.footer
    assert not ahead.padded.grid.colours.gradient.norms.any()  # type: ignore[union-attr]
    below = resolve(update(state, act.GoToPass(0, 0)), scene)
    assert (below.padded.grid.colours.gradient.norms[0] > 0).all()  # type: ignore[union-attr]


def test_a_gradient_of_an_output_that_is_not_there_says_so() -> None:
    look = replace(opened().look, colour="gradient", gradient=(9, 0, 0))
    scene = resolve(work(update(opened(), act.SetLook(look))), None)
    assert "there is no output[9, 0, 0]" in scene.padded.footer
    assert look.afresh().gradient == "h_n"
    assert replace(look, gradient="mean").afresh().gradient == "mean"
