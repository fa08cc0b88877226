from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence

from packviz.core.batch import BatchError
from packviz.core.packing import pack_in_order
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.reference import Difference, difference_from, initial_states

LENGTHS = np.array([3, 2, 4])
ORDER = sorted_indices(LENGTHS)
PACKING = pack_in_order(LENGTHS, ORDER, 5)
CPU = torch.device("cpu")


def run_of(module: torch.nn.RNNBase, data: torch.Tensor, hx: Any) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    """What torch returns for this packed batch: the halves of out, and h_n and c_n by name."""
    packed = PackedSequence(data, torch.from_numpy(PACKING.batch_sizes.copy()), torch.from_numpy(ORDER.copy()))
    out, final = module(packed, hx)
    halves = out.data.chunk(2 if module.bidirectional else 1, dim=1)
    states = final if isinstance(final, tuple) else (final,)
    return [half.numpy().copy() for half in halves], {
        name: state.numpy().copy() for name, state in zip(("h_n", "c_n"), states, strict=False)
    }


@pytest.mark.parametrize("kind", [torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN])
@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}])
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("parts", [False, True], ids=["whole", "in parts"])
@pytest.mark.parametrize("spoilt", ["", "out", "h_n"])
def test_a_difference_from_what_the_module_returns_is_found_where_it_is(
    monkeypatch: pytest.MonkeyPatch, kind: type, options: dict[str, Any], given: bool, parts: bool, spoilt: str
) -> None:
    data, module = torch.randn(int(LENGTHS.sum()), 2), kind(2, 4, **options)
    stacked = 4 if options else 1
    hx: Any = tuple(torch.randn(stacked, 3, 4) for _ in range(2 if kind is torch.nn.LSTM else 1)) if given else None
    hx = hx[0] if given and kind is not torch.nn.LSTM else hx
    if parts:
        monkeypatch.setattr("packviz.torch_side.asking.parts.PART", 1)
    with torch.inference_mode():
        states = initial_states(module, PACKING, hx, torch.float32, CPU)
        halves, final = run_of(module, data, hx)
        spoiled = {"": None, "out": halves[-1][5:], "h_n": final["h_n"][-1]}[spoilt]
        if spoiled is not None:
            spoiled[2, 1] += 0.5
        found = difference_from(module, data, PACKING, states, halves, final)
    expected = {"out": (7, 1 + 4 * (len(halves) - 1)), "h_n": (stacked - 1, 2, 1)}
    assert found.largest == pytest.approx(0.5 if spoilt else 0, abs=1e-6)
    assert found.agrees == (not spoilt)
    if spoilt:
        assert found.where == (spoilt, expected[spoilt])


def test_states_are_put_into_sorted_order_from_either_shape_and_any_kind_of_array() -> None:
    state = np.arange(12, dtype=np.float64).reshape(3, 4)
    for hx in (state, state[None], torch.from_numpy(state), state.tolist()):
        given = (hx,) if isinstance(hx, list) else hx
        (found,) = initial_states(torch.nn.GRU(2, 4), PACKING, given, torch.float32, CPU)
        assert found.tolist() == state[None, [2, 0, 1]].tolist()
        assert found.dtype == torch.float32


@pytest.mark.parametrize("kind", [torch.nn.LSTM, torch.nn.GRU])
def test_states_of_all_layers_and_directions_are_put_into_sorted_order(kind: type) -> None:
    options = {"proj_size": 3} if kind is torch.nn.LSTM else {}
    module = kind(2, 4, num_layers=2, bidirectional=True, **options)
    hx = (torch.randn(4, 3, 3), torch.randn(4, 3, 4)) if options else (torch.randn(4, 3, 4),)
    found = initial_states(module, PACKING, hx, torch.float32, CPU)
    assert all(ours.equal(theirs[:, [2, 0, 1]]) for ours, theirs in zip(found, hx, strict=True))
    with pytest.raises(BatchError, match=r"h_0 has shape \(3, [34]\), but this batch and module need \(4, 3, [34]\)"):
        initial_states(module, PACKING, tuple(state[0] for state in hx), torch.float32, CPU)


def test_states_of_the_wrong_number_or_shape_are_refused_in_a_sentence() -> None:
    lstm, state = torch.nn.LSTM(2, 4), torch.zeros(1, 3, 4)
    with pytest.raises(BatchError, match=r"hx has 1 states, but nn.LSTM takes h_0 and c_0"):
        initial_states(lstm, PACKING, state, torch.float32, CPU)
    with pytest.raises(BatchError, match=r"c_0 has shape \(1, 2, 4\), but this batch and module need \(1, 3, 4\)"):
        initial_states(lstm, PACKING, (state, state[:, :2]), torch.float32, CPU)


@pytest.mark.parametrize(
    ("ours", "theirs", "difference", "agrees"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0, True),
        ([1.0, 2.5], [1.0, 2.0], 0.5, False),
        ([1.0, np.nan, np.inf], [1.0, np.nan, np.inf], 0.0, True),
        ([1.0, np.nan], [1.0, 2.0], np.inf, False),
        ([np.inf], [-np.inf], np.inf, False),
        ([1.0 + 1e-7], [1.0], pytest.approx(1.2e-7, rel=0.1), True),
        ([], [], 0.0, True),
    ],
)
def test_the_largest_difference_and_whether_it_matters(
    ours: list[float], theirs: list[float], difference: float, agrees: bool
) -> None:
    array = np.array([ours], dtype=np.float32)
    found = Difference(torch.float32)
    found.add("out", torch.tensor([theirs]), array)
    assert (found.largest, found.agrees) == (difference, agrees)
    assert (found.where is None) == (difference == 0)


numbers = st.sampled_from([0.0, 1.0, 1.0000001, 1.000002, 1.001, 1e-5, 1.1e-5, 1e-7, -5.0, np.nan, np.inf, -np.inf])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(pairs=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_it_agrees_where_assert_close_does(dtype: torch.dtype, pairs: list[tuple[float, float]]) -> None:
    ours, theirs = torch.tensor(pairs, dtype=dtype).T
    try:
        torch.testing.assert_close(ours, theirs, equal_nan=True)
        close = True
    except AssertionError:
        close = False
    found = Difference(dtype)
    found.add("out", theirs[None], ours[None].numpy())
    assert found.agrees == close


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float16, 2e-3), (torch.bfloat16, 3e-2)])
def test_half_precision_is_compared_with_its_own_tolerance(dtype: torch.dtype, apart: float) -> None:
    theirs = torch.tensor([[0.01, 1.0]], dtype=dtype)
    exact = theirs.float().numpy()

    def agrees(ours: np.ndarray) -> bool:
        found = Difference(dtype)
        found.add("out", theirs, ours)
        return found.agrees

    assert agrees(exact)
    assert agrees(exact + np.float32(torch.finfo(dtype).eps / 2))
    assert not agrees(exact + np.float32(apart))
