"""Where a cell of x goes, against torch's own derivative of torch's own module in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.cancel import Cancelled, Watch
from packviz.core.module import Module
from packviz.core.origins import OfX
from packviz.core.packing import Packing, pack
from packviz.core.reach import Reach
from packviz.core.trace import Trace
from packviz.torch_side.inputs import prepare
from packviz.torch_side.module import build
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping import reach
from packviz.torch_side.stepping.reach import reach_of
from packviz.torch_side.stepping.trace import run

X = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
LENGTHS = [3, 5, 2]
BATCH = make_batch(X, LENGTHS, Call(True, False))
SPECS = {
    "LSTM": Module("LSTM", 4),
    "LSTM stacked": Module("LSTM", 3, layers=2, directions=2),
    "LSTM projected": Module("LSTM", 4, layers=2, directions=2, projection=3),
    "LSTM drawn": Module("LSTM", 3, layers=2, directions=2, initial="drawn"),
    "GRU": Module("GRU", 4, layers=2),
    "GRU both": Module("GRU", 3, layers=2, directions=2, initial="drawn"),
    "GRU bare": Module("GRU", 3, directions=2, bias=False),
    "RNN": Module("RNN", 4, layers=2, directions=2),
    "RNN relu": Module("RNN", 4, layers=2, directions=2, nonlinearity="relu"),
    "float64": Module("LSTM", 3, directions=2),
}


def traced(batch: Batch, spec: Module) -> Trace:
    packing = pack(batch, sorted_indices(batch.counts))
    assert isinstance(packing, Packing)
    return run(batch, packing, spec)


def cells_of(batch: Batch) -> NDArray[Any]:
    return np.ascontiguousarray(batch.x if batch.call.batch_first else batch.x.swapaxes(0, 1))


def by_autograd(batch: Batch, spec: Module, trace: Trace, row: int) -> dict[tuple[int, int], NDArray[Any]]:
    """(layer, direction) → (length, H, length, F), the derivative of each h by every number that the row has: of
    torch's own modules of one layer, in float64, one on top of the other."""
    prepared = prepare(batch, spec)
    module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn).double()
    x = prepared.x if batch.call.batch_first else prepared.x.transpose(0, 1)
    length = int(batch.counts[row])
    values, both = dict(module.named_parameters()), spec.directions == 2

    def states(data: torch.Tensor) -> list[torch.Tensor]:
        found, read = [], data
        for layer in range(spec.layers):
            options: dict[str, Any] = {"bidirectional": both, "bias": spec.bias}
            if spec.cell == "RNN":
                options["nonlinearity"] = spec.nonlinearity
            if spec.projection:
                options["proj_size"] = spec.projection
            one = getattr(torch.nn, str(spec.cell))(read.shape[1], spec.hidden, **options).double()
            for name, parameter in one.named_parameters():
                parameter.data = values[name.replace("_l0", f"_l{layer}")].data
            part = slice(layer * spec.directions, (layer + 1) * spec.directions)
            hx = tuple(torch.from_numpy(s[part, row].astype(np.float64)) for s in trace.initial.values())
            read, _ = one(read, hx if spec.cell == "LSTM" else hx[0])
            found += list(read.chunk(spec.directions, dim=1))
        return found

    data = x[row, :length].reshape(length, -1).double()
    found = torch.autograd.functional.jacobian(lambda d: tuple(states(d)), data)  # type: ignore[no-untyped-call]
    passes = [(layer, direction) for layer in range(spec.layers) for direction in range(spec.directions)]
    return {at: one.numpy() for at, one in zip(passes, found, strict=True)}


def assert_as_torch(found: Reach, expected: dict[tuple[int, int], NDArray[Any]], numbers: slice) -> None:
    for at, derivative in expected.items():
        of_cell = derivative[:, :, found.of.step, numbers]
        norms = np.sqrt((of_cell**2).sum(axis=(1, 2)))
        np.testing.assert_allclose(found.influence[at], norms, rtol=1e-6, atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SPECS)), st.data())
def test_it_is_torchs_own_derivative(name: str, data: st.DataObject) -> None:
    spec = SPECS[name]
    lengths = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    batch_first = data.draw(st.booleans())
    x = np.random.default_rng(len(lengths)).normal(size=(len(lengths), 6, 2))
    x = x if name == "float64" else x.astype(np.float32)
    batch = make_batch(x if batch_first else x.swapaxes(0, 1).copy(), lengths, Call(batch_first, False))
    trace = traced(batch, spec)
    row = data.draw(st.integers(0, len(lengths) - 1))
    step, feature = data.draw(st.integers(0, lengths[row] - 1)), data.draw(st.integers(-1, 1))
    found = reach_of(batch, spec, trace, OfX(row, step, feature))
    expected = by_autograd(batch, spec, trace, row)
    assert_as_torch(found, expected, slice(None) if feature < 0 else slice(feature, feature + 1))
    assert found.k == trace.packing.index(row, step)
    assert found.length == lengths[row]
    ends = [-1 if direction == 0 else 0 for _, direction in sorted(expected)]
    finals = [np.linalg.norm(expected[at][end, :, step].reshape(-1, 2)[:, feature if feature >= 0 else slice(None)])
              for at, end in zip(sorted(expected), ends, strict=True)]  # fmt: skip
    np.testing.assert_allclose(found.finals, finals, rtol=1e-6, atol=1e-14)


@pytest.mark.parametrize(("feature", "numbers"), [(-1, slice(None)), (0, slice(0, 3)), (1, slice(3, 6))])
def test_of_an_id_it_is_that_of_its_embedding(feature: int, numbers: slice) -> None:
    ids = np.random.default_rng(0).integers(1, 9, size=(2, 4, 2))
    batch = make_batch(ids, [4, 3], Call(True, False))
    spec = Module("GRU", 3, layers=2, directions=2, inputs="embedding", embedding_size=3)
    trace = traced(batch, spec)
    found = reach_of(batch, spec, trace, OfX(1, 2, feature))
    assert_as_torch(found, by_autograd(batch, spec, trace, 1), numbers)
    assert found.embedded
    assert found.numbers == (6 if feature < 0 else 3)


def test_what_vanishes_is_right_to_its_last_digits_and_not_the_rounding_of_the_states() -> None:
    x = np.random.default_rng(0).normal(size=(1, 120, 1))
    batch, spec = make_batch(x, [120], Call(True, False)), Module("RNN", 4)
    trace = traced(batch, spec)
    found = reach_of(batch, spec, trace, OfX(0, 0, 0)).influence[0, 0]
    expected = by_autograd(batch, spec, trace, 0)[0, 0][:, :, 0, 0]
    assert found[-1] < 1e-20
    np.testing.assert_allclose(found, np.sqrt((expected**2).sum(axis=1)), rtol=1e-6)


def test_what_is_too_small_or_too_large_to_be_squared_is_still_a_number() -> None:
    moved = torch.tensor([[3.0, 0.0], [0.0, 4.0]]).double()
    for scale in (1e-200, 1.0, 1e200):
        assert reach._norm(moved * scale) == pytest.approx(5 * scale)
    assert reach._norm(moved * 0) == 0
    assert np.isnan(reach._norm(moved * float("nan")))


def test_in_parts_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, rng = SPECS["LSTM projected"], np.random.default_rng(1)
    batch = make_batch(rng.normal(size=(1, 4, 7)).astype(np.float32), [4], Call(True, False))
    trace = traced(batch, spec)
    whole = reach_of(batch, spec, trace, OfX(0, 1, -1))
    monkeypatch.setattr(reach, "AT_ONCE", 1)
    told: list[float] = []
    parts = reach_of(batch, spec, trace, OfX(0, 1, -1), watch=Watch(told.append))
    for at, values in whole.influence.items():
        np.testing.assert_allclose(parts.influence[at], values, rtol=1e-12)
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(told) > 7


def test_before_it_is_read_nothing_hangs_on_it() -> None:
    spec = SPECS["LSTM stacked"]
    found = reach_of(BATCH, spec, traced(BATCH, spec), OfX(1, 2, 0)).influence
    assert not found[0, 0][:2].any()
    assert found[0, 0][2:].all()
    assert not found[0, 1][3:].any()
    assert found[0, 1][:3].all()
    assert found[1, 0].all()  # it reads both directions


def test_a_row_with_nan_has_no_derivative_from_there_on() -> None:
    x = X.copy()
    x[1, 3, 1] = np.nan
    for spec in (Module("GRU", 4), Module("RNN", 4, nonlinearity="relu")):
        batch = make_batch(x, LENGTHS, Call(True, False))
        found = reach_of(batch, spec, traced(batch, spec), OfX(1, 1, 0)).influence[0, 0]
        assert np.isnan(found).tolist() == [False, False, False, True, True]
        assert found[1] > 0


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (OfX(0, 4, 0), r"x\[0, 4\] goes nowhere: it is padding \(length 3\), and not packed"),
        (OfX(7, 0, 0), "there is no cell of row 7 at step 0: x has 3 rows and 5 steps"),
        (OfX(0, -1, 0), "there is no cell of row 0 at step -1"),
        (OfX(0, 0, 2), "there is no feature 2: a cell of x has 2, from 0; -1 is all of them"),
    ],
)
def test_what_goes_nowhere_is_said(cell: OfX, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        reach_of(BATCH, SPECS["LSTM"], traced(BATCH, SPECS["LSTM"]), cell)


def test_a_row_that_torch_drops_goes_nowhere() -> None:
    batch = make_batch(X, [3, 5], Call(True, False))
    with pytest.raises(BatchError, match="row 2 has no length"):
        reach_of(batch, SPECS["GRU"], traced(batch, SPECS["GRU"]), OfX(2, 0, 0))


def test_it_is_given_up_where_it_is_asked_to() -> None:
    spec = replace(SPECS["LSTM"], hidden=2)
    trace, calls = traced(BATCH, spec), list[int]()

    def cancelled() -> bool:
        calls.append(1)
        return len(calls) > 12  # in the middle of the derivatives

    with pytest.raises(Cancelled):
        reach_of(BATCH, spec, trace, OfX(1, 0, -1), watch=Watch(cancelled=cancelled))
