"""A trace of several layers and directions, against plain loops over numbers that say where they stand, and against
torch's own modules, whose states at each moment are those of a run over a part of each row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from packviz.core.moments import Moment, Moments
from packviz.core.packing import Packing, pack_in_order, stable_order
from packviz.core.trace import Trace, final_states
from tests.traces import WIDTHS, assert_read_only, numbered_trace

LENGTHS = [3, 2, 5, 5]


def packing_of(lengths: list[int]) -> Packing:
    return pack_in_order(lengths, stable_order(lengths), max(lengths))


STACKED = numbered_trace(packing_of(LENGTHS), 2, 2)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(1, 3), st.integers(1, 2), st.data())
def test_the_state_after_each_moment_is_that_of_a_plain_loop(
    lengths: list[int], layers: int, directions: int, data: st.DataObject
) -> None:
    packing = packing_of(lengths)
    trace = numbered_trace(packing, layers, directions)
    assert trace.moments == Moments(max(lengths), layers, directions)
    some = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=4)), dtype=np.int64)
    name = data.draw(st.sampled_from("hcg"))
    units = np.array(data.draw(st.lists(st.integers(0, WIDTHS[name] - 1), max_size=4)), dtype=np.int64)
    for moment in trace.moments:
        step, layer, direction = moment
        values, naive = trace.states[layer, direction][name], []
        for row, length in enumerate(lengths):
            if direction == 0:
                naive.append(values[packing.index(row, min(step, length - 1))])
            elif step < length:
                naive.append(values[packing.index(row, step)])
            elif name in "hc":
                naive.append(trace.initial[f"{name}_0"][layer * directions + 1, row])
            else:
                naive.append(np.full(WIDTHS[name], np.nan))
        expected, equal = np.array(naive), np.testing.assert_array_equal
        equal(trace.state(name, moment), expected)
        equal(trace.state(name, step=step, layer=layer, direction=direction), expected)
        equal(trace.state(name, moment, some), expected[some])
        equal(trace.state(name, moment, some, units), expected[some][:, units])
        equal(trace.state(name, moment, slice(1, 3), slice(0, 1)), expected[1:3, :1])
        equal(trace.state(name, moment, None, units), expected[:, units])
        k = [packing.index(row, step if direction else min(step, n - 1)) for row, n in enumerate(lengths)]
        equal(trace.k(moment), k)
        equal(trace.k(step, some, direction=direction), np.array(k)[some])
        assert (trace.k(moment) < 0).tolist() == [bool(direction) and step >= length for length in lengths]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.integers(1, 3), st.integers(1, 2))
def test_a_row_is_had_in_the_order_of_its_steps_and_the_end_is_where_a_walk_leaves_it(
    lengths: list[int], layers: int, directions: int
) -> None:
    trace = numbered_trace(packing_of(lengths), layers, directions)
    for (layer, direction), states in trace.states.items():
        of_pass: dict[str, Any] = {"layer": layer, "direction": direction}
        last = [moment for moment in trace.moments if moment[1:] == (layer, direction)][-1]
        for name in states:
            rows = [trace.row(name, row, **of_pass) for row in range(len(lengths))]
            assert [len(row) for row in rows] == lengths
            after = np.array([row[0] if direction else row[-1] for row in rows])
            np.testing.assert_array_equal(trace.state(name, last), after)
            if name in "hc":
                np.testing.assert_array_equal(trace.final[f"{name}_n"][layer * directions + direction], after)
            assert trace.limit(name, **of_pass) == states[name].max()
    assert {name: end.shape for name, end in trace.final.items()} == {
        f"{name}_n": (layers * directions, len(lengths), WIDTHS[name]) for name in "hc"
    }


class Run(NamedTuple):
    """A run of torch's nn.LSTM, and a Trace made of it by hand."""

    module: torch.nn.LSTM
    x: Tensor
    hx: tuple[Tensor, Tensor]
    inputs: list[Tensor]
    trace: Trace
    final: tuple[Tensor, Tensor]


def part_of(module: torch.nn.LSTM, layer: int, direction: int) -> torch.nn.LSTM:
    """One layer in one direction, as a module of its own that reads forward."""
    size = module.input_size if layer == 0 else 2 * (module.proj_size or module.hidden_size)
    part = torch.nn.LSTM(size, module.hidden_size, proj_size=module.proj_size, dtype=torch.float64)
    ending = f"_l{layer}{'_reverse' * direction}"
    mine = {name: module.state_dict()[name.removesuffix("_l0") + ending] for name in part.state_dict()}
    part.load_state_dict(mine)
    return part


def gates_of(part: torch.nn.LSTM, x: Tensor, h: Tensor) -> list[Tensor]:
    """i, f, g, o of one cell, (H,) each. Source: the equations of torch.nn.LSTM."""
    sums = part.weight_ih_l0 @ x + part.bias_ih_l0 + part.weight_hh_l0 @ h + part.bias_hh_l0
    i, f, g, o = sums.chunk(4)
    return [i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()]


def prefix(part: torch.nn.LSTM, x: Tensor, start: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """(h, c) after torch has read the cells of x, (t, F), in that order; `start` where there are none."""
    if not len(x):
        return start
    h, c = part(x, (start[0][None], start[1][None]))[1]
    return h[0], c[0]


@pytest.fixture(scope="module", params=[0, 2], ids=["plain", "projected"])
def ran(request: pytest.FixtureRequest) -> Run:
    """Two layers, two directions, with an initial state: torch runs it cell by cell."""
    torch.manual_seed(0)
    projection, rows, steps = int(request.param), len(LENGTHS), max(LENGTHS)
    module = torch.nn.LSTM(2, 3, 2, bidirectional=True, proj_size=projection, dtype=torch.float64)
    width = projection or 3
    x = torch.randn(rows, steps, 2, dtype=torch.float64)
    hx = torch.randn(4, rows, width, dtype=torch.float64), torch.randn(4, rows, 3, dtype=torch.float64)
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), True, False)
    states: dict[tuple[int, int], dict[str, np.ndarray]] = {}
    inputs = [x]
    with torch.inference_mode():
        final = module(packed, hx)[1]
        for layer in range(2):
            out = torch.zeros(rows, steps, 2 * width, dtype=torch.float64)
            for direction in range(2):
                part, at = part_of(module, layer, direction), 2 * layer + direction
                grids = {n: torch.zeros(rows, steps, width if n == "h" else 3, dtype=torch.float64) for n in "hcifgo"}
                for row, length in enumerate(LENGTHS):
                    state = hx[0][at, row], hx[1][at, row]
                    for step in range(length)[:: -1 if direction else 1]:
                        cell = inputs[layer][row, step]
                        found = dict(zip("ifgo", gates_of(part, cell, state[0]), strict=True))
                        state = prefix(part, cell[None], state)
                        for name, value in {**found, "h": state[0], "c": state[1]}.items():
                            grids[name][row, step] = value
                out[..., direction * width : (direction + 1) * width] = grids["h"]
                data = {n: pack_padded_sequence(g, torch.tensor(LENGTHS), True, False).data for n, g in grids.items()}
                states[layer, direction] = {name: value.numpy() for name, value in data.items()}
            inputs.append(out)
    order = packed.sorted_indices
    assert order is not None
    packing = pack_in_order(LENGTHS, order.numpy(), steps)
    limits = {(*key, name): float(abs(a).max()) for key, held in states.items() for name, a in held.items()}
    initial = {"h_0": hx[0].numpy(), "c_0": hx[1].numpy()}
    trace = Trace(states, initial, packing, limits, 3, 0.0, True, "nn.LSTM(2, 3)", "cpu", "float64", "as it is")
    return Run(module, x, hx, inputs, trace, final)


def close(ours: np.ndarray, theirs: Tensor) -> None:
    torch.testing.assert_close(torch.from_numpy(ours.copy()), theirs)


def test_final_is_h_n_and_c_n_of_a_stacked_bidirectional_module(ran: Run) -> None:
    assert list(ran.trace.final) == ["h_n", "c_n"]
    close(ran.trace.final["h_n"], ran.final[0])
    close(ran.trace.final["c_n"], ran.final[1])


def test_the_last_layers_h_of_both_directions_is_torchs_output(ran: Run) -> None:
    with torch.inference_mode():
        out = ran.module(pack_padded_sequence(ran.x, torch.tensor(LENGTHS), True, False), ran.hx)[0]
    assert isinstance(out, PackedSequence)
    close(np.concatenate([ran.trace.states[1, 0]["h"], ran.trace.states[1, 1]["h"]], axis=1), out.data)


def test_the_state_after_every_moment_is_torchs_own_over_what_has_been_read_by_then(ran: Run) -> None:
    for moment in ran.trace.moments:
        part, at = part_of(ran.module, moment.layer, moment.direction), 2 * moment.layer + moment.direction
        for row, length in enumerate(LENGTHS):
            cells = ran.inputs[moment.layer][row, :length]
            read = cells[moment.step :].flip(0) if moment.direction else cells[: moment.step + 1]
            with torch.inference_mode():
                h, c = prefix(part, read, (ran.hx[0][at, row], ran.hx[1][at, row]))
            close(ran.trace.state("h", moment)[row], h)
            close(ran.trace.state("c", moment)[row], c)


def test_the_gates_after_every_moment_make_its_state_from_the_one_before(ran: Run) -> None:
    """c' = f ⊙ c + i ⊙ g in every layer and direction, for the rows that are active."""
    trace = ran.trace
    for moment in trace.moments:
        step, layer, direction = moment
        first = step == (trace.steps - 1 if direction else 0)
        before = Moment(step + 1 if direction else step - 1, layer, direction)
        c = trace.initial["c_0"][2 * layer + direction] if first else trace.state("c", before)
        i, f, g, o = (trace.state(name, moment) for name in "ifgo")
        active = trace.packing.lengths > step
        np.testing.assert_allclose(trace.state("c", moment)[active], (f * c + i * g)[active])
        waiting = np.isnan(o).all(axis=1)
        assert waiting.tolist() == (~active if direction else np.zeros(len(active), dtype=bool)).tolist()


def test_without_a_layer_it_is_layer_0_forward() -> None:
    equal = np.testing.assert_array_equal
    equal(STACKED.state("c", step=2), STACKED.state("c", Moment(2)))
    equal(STACKED.row("c", 1), STACKED.row("c", 1, layer=0, direction=0))
    assert STACKED.values is STACKED.states[0, 0]
    assert STACKED.names == ("h", "c", "g")
    assert (STACKED.steps, STACKED.hidden) == (5, 3)
    equal(STACKED.state("h", -5, layer=1, direction=1), STACKED.state("h", Moment(0, 1, 1)))
    equal(STACKED.state("h", Moment(99, 1, 0)), STACKED.state("h", Moment(4, 1, 0)))
    equal(STACKED.state("h", Moment(99, 1, 1)), STACKED.initial["h_0"][3])  # backward none has begun
    equal(STACKED.state("h", Moment(3, 1, 1), layer=1, direction=1), STACKED.state("h", Moment(3, 1, 1)))


def test_a_state_or_a_layer_that_there_is_none_of_is_told_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"'z' is no state of nn.LSTM\(1, 3\): choose one of h, c, g\."):
        STACKED.state("z", 0)
    with pytest.raises(ValueError, match=r"no layer 2 in direction 0: the trace has 2 layers and 2 directions"):
        STACKED.state("h", Moment(0, 2))
    with pytest.raises(ValueError, match=r"no layer 0 in direction 1"):
        numbered_trace(packing_of([2])).row("h", 0, direction=1)
    with pytest.raises(ValueError, match=r"has a layer and a direction"):
        STACKED.state("h", Moment(0, 1), layer=0)
    with pytest.raises(ValueError, match=r"has a layer and a direction"):
        STACKED.k(Moment(0, 1), direction=1)


def test_arrays_that_are_no_run_are_refused() -> None:
    def made(states: Any) -> Trace:
        return Trace(states, {}, STACKED.packing, {}, 3, 0.0, True, "", "", "", "")

    held = dict(STACKED.states[0, 0])
    with pytest.raises(ValueError, match=r"\[\(0, 0\), \(0, 1\), \(1, 0\)\], which are not all of a module"):
        made({(0, 0): held, (0, 1): held, (1, 0): held})
    with pytest.raises(ValueError, match=r"states\[\(0, 0\)\]\['h'\] has 14 rows, but data has 15"):
        made({(0, 0): {**held, "h": held["h"][1:]}})


def test_nothing_of_a_trace_can_be_changed() -> None:
    assert_read_only(STACKED)
    with pytest.raises(ValueError, match="read-only"):
        STACKED.values["h"][0] = 0
    with pytest.raises(TypeError):
        STACKED.final["h_n"] = np.zeros(1)  # type: ignore[index]


def test_what_it_was_made_of_can_be_changed_without_it() -> None:
    states = {(0, 0): {"h": np.zeros((15, 2))}}
    initial, limits = {"h_0": np.zeros((1, 4, 2))}, {(0, 0, "h"): 0.0}
    trace = Trace(states, initial, STACKED.packing, limits, 2, 0.0, True, "", "", "", "")
    states[0, 0]["c"] = states[0, 0]["h"]
    states[0, 1] = {}
    initial.clear()
    limits.clear()
    assert (trace.names, list(trace.states), list(trace.initial)) == (("h",), [(0, 0)], ["h_0"])
    assert trace.limit("h") == 0
    assert list(trace.final) == list(final_states(trace.states, trace.packing)) == ["h_n"]
    assert states[0, 0]["h"].flags.writeable


def test_what_is_asked_of_it_belongs_to_whoever_asked() -> None:
    for found in (STACKED.state("h", 1), STACKED.state("h", Moment(4, 1, 1)), STACKED.row("h", 0)):
        before = STACKED.states[0, 0]["h"].copy(), STACKED.states[1, 1]["h"].copy(), STACKED.initial["h_0"].copy()
        found[:] = 7
        after = STACKED.states[0, 0]["h"], STACKED.states[1, 1]["h"], STACKED.initial["h_0"]
        for a, b in zip(before, after, strict=True):
            np.testing.assert_array_equal(a, b)


def test_it_shows_itself_in_a_console_in_one_line() -> None:
    told = "over 4 rows and 5 steps on cpu, float64; max |Δ| against torch 0.0e+00>"
    assert repr(STACKED) == f"<Trace of h, c, g: nn.LSTM(1, 3), 2 layers × 2 directions {told}"
    assert repr(numbered_trace(STACKED.packing)) == f"<Trace of h, c, g: nn.LSTM(1, 3) {told}"
