import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import BatchError
from packviz.core.packing import pack_in_order
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.reference import compare, difference_from, initial_states, run_reference

LENGTHS = np.array([3, 2, 4])
PACKING = pack_in_order(LENGTHS, sorted_indices(LENGTHS), 5)
CPU = torch.device("cpu")


@pytest.mark.parametrize("kind", [torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN])
@pytest.mark.parametrize("given", [True, False])
def test_it_is_what_the_module_returns_for_the_same_packed_batch(kind: type, given: bool) -> None:
    x, module = torch.randn(3, 5, 2), kind(2, 4)
    packed = pack_padded_sequence(x, torch.from_numpy(LENGTHS), batch_first=True, enforce_sorted=False)
    states = tuple(torch.randn(1, 3, 4) for _ in range(2 if kind is torch.nn.LSTM else 1)) if given else ()
    hx = None if not given else states if kind is torch.nn.LSTM else states[0]
    with torch.inference_mode():
        out, final = module(packed, hx)
        started = initial_states(module, PACKING, hx, torch.float32, CPU)
        found = run_reference(module, packed.data, PACKING, started)
    h_n, *c_n = final if isinstance(final, tuple) else (final,)
    assert found["out"].equal(out.data)
    assert found["h_n"].equal(h_n)
    assert len(c_n) == ("c_n" in found)
    assert all(found["c_n"].equal(state) for state in c_n)


@pytest.mark.parametrize("kind", [torch.nn.LSTM, torch.nn.GRU])
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("spoilt", ["", "out", "h_n"])
def test_a_large_run_is_compared_in_parts_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch, kind: type, given: bool, spoilt: str
) -> None:
    data, module = torch.randn(int(LENGTHS.sum()), 2), kind(2, 4)
    hx = tuple(torch.randn(1, 3, 4) for _ in range(2 if kind is torch.nn.LSTM else 1)) if given else None
    with torch.inference_mode():
        states = initial_states(module, PACKING, hx, torch.float32, CPU)
        theirs = {name: value.numpy().copy() for name, value in run_reference(module, data, PACKING, states).items()}
        if spoilt:
            theirs[spoilt][-1, -1] += 0.5
        whole = difference_from(module, data, PACKING, states, theirs["out"], theirs)
        monkeypatch.setattr("packviz.torch_side.asking.parts.PART", 1)
        parts = difference_from(module, data, PACKING, states, theirs["out"], theirs)
    assert (whole.largest, parts.largest) == pytest.approx((0.5, 0.5) if spoilt else (0, 0), abs=1e-6)
    assert whole.agrees == parts.agrees == (not spoilt)


def test_states_are_put_into_sorted_order_from_either_shape_and_any_kind_of_array() -> None:
    state = np.arange(12, dtype=np.float64).reshape(3, 4)
    for hx in (state, state[None], torch.from_numpy(state), state.tolist()):
        given = (hx,) if isinstance(hx, list) else hx
        (found,) = initial_states(torch.nn.GRU(2, 4), PACKING, given, torch.float32, CPU)
        assert found.tolist() == state[[2, 0, 1]].tolist()
        assert found.dtype == torch.float32


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
    found = compare({"out": torch.tensor([theirs])}, array, {}, torch.float32)
    assert found == (difference, agrees)


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float16, 2e-3), (torch.bfloat16, 3e-2)])
def test_half_precision_is_compared_with_its_own_tolerance(dtype: torch.dtype, apart: float) -> None:
    theirs = {"out": torch.tensor([[0.01, 1.0]], dtype=dtype)}
    exact = theirs["out"].float().numpy()
    assert compare(theirs, exact, {}, dtype)[1]
    assert compare(theirs, exact + np.float32(torch.finfo(dtype).eps / 2), {}, dtype)[1]
    assert not compare(theirs, exact + np.float32(apart), {}, dtype)[1]
