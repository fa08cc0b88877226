"""What is taken of a user's module: stepped elsewhere, it does what torch does with the module itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.module import STORED
from packviz.core.packing import Packing, pack
from packviz.session import runs
from packviz.torch_side.module import build, initial_of
from packviz.torch_side.stepping.trace import run
from packviz.torch_side.taken import taken

X = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
LENGTHS = [3, 5, 2]
MODULES: dict[str, Any] = {
    "lstm": lambda: nn.LSTM(4, 3),
    "stacked": lambda: nn.LSTM(4, 3, 3, bidirectional=True, batch_first=True),
    "projected": lambda: nn.LSTM(4, 6, proj_size=2, bias=False),
    "gru": lambda: nn.GRU(4, 3, 2, dropout=0.5),
    "relu": lambda: nn.RNN(4, 3, nonlinearity="relu", bidirectional=True),
    "double": lambda: nn.GRU(4, 3).double(),
    "parametrized": lambda: nn.utils.parametrizations.weight_norm(nn.LSTM(4, 3), "weight_hh_l0"),
    "named": lambda: type("Encoder", (nn.LSTM,), {})(4, 3),
}


def states(module: nn.RNNBase) -> Any:
    shape = (module.num_layers * (2 if module.bidirectional else 1), 3)
    dtype = next(module.parameters()).dtype
    h = torch.randn(*shape, module.proj_size or module.hidden_size, dtype=dtype)
    return (h, torch.randn(*shape, module.hidden_size, dtype=dtype)) if isinstance(module, nn.LSTM) else h


@pytest.mark.parametrize("given", [False, True], ids=["zeros", "hx"])
@pytest.mark.parametrize("name", MODULES)
def test_stepped_elsewhere_it_does_what_torch_does_with_the_module_itself(name: str, given: bool) -> None:
    torch.manual_seed(0)
    module = MODULES[name]().train()
    hx = states(module) if given else None
    x = torch.from_numpy(X).to(next(module.parameters()).dtype)
    ours = taken(module, hx)
    batch = make_batch(x.numpy(), LENGTHS, Call(True, False))
    packing = pack(batch)
    assert isinstance(packing, Packing)
    trace = run(batch, packing, ours)
    assert module.training
    packed = pack_padded_sequence(x, torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        _, last = module.eval()(packed, hx)
    h_n = last[0] if isinstance(last, tuple) else last
    torch.testing.assert_close(torch.from_numpy(np.array(trace.final["h_n"])), h_n)
    assert trace.agrees
    assert len(ours.stored.states) == (0 if hx is None else 2 if isinstance(hx, tuple) else 1)
    assert ours.name == ("nn." + type(module).__name__ if type(module).__module__.startswith("torch") else ours.name)
    assert runs.TraceRequest(batch, ours) == runs.TraceRequest(batch, ours)


def test_its_numbers_are_read_only_and_lie_where_they_did() -> None:
    module, hx = nn.GRU(2, 3), torch.ones(1, 1, 3)
    stored = taken(module, hx).stored
    for name, value in module.named_parameters():
        assert np.shares_memory(stored.arrays[name], value.detach().numpy())
        assert not stored.arrays[name].flags.writeable
    assert np.shares_memory(stored.states[0], hx.numpy())
    assert stored.source == "nn.GRU(2, 3)"


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_in_half_precision_its_numbers_are_the_same(dtype: torch.dtype) -> None:
    module = nn.LSTM(2, 3).to(dtype)
    again = build(taken(module))
    for name, value in module.state_dict().items():
        assert again.state_dict()[name].dtype == dtype
        assert torch.equal(again.state_dict()[name], value)


@pytest.mark.parametrize(
    "module",
    [nn.Sequential(nn.LSTM(2, 3)), nn.LSTM(2, 3, device="meta"), nn.LSTM(2, 3, dtype=torch.complex64), nn.Linear(2, 3)],
    ids=["another class", "on the meta device", "of complex numbers", "no recurrent one"],
)
def test_of_another_module_and_of_one_without_numbers_there_are_the_sizes_alone(module: nn.Module) -> None:
    ours = taken(module)
    assert ours.held
    assert ours.stored is None


def test_a_module_with_a_hook_is_not_taken_for_torchs_own() -> None:
    module = nn.LSTM(2, 3)
    module.register_forward_hook(lambda *given: None)
    assert taken(module).cell is None


def test_numbers_that_can_not_be_read_are_an_error_and_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(tensor: torch.Tensor) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nand more")

    monkeypatch.setattr("packviz.torch_side.taken.to_array", fails)
    with pytest.raises(
        BatchError, match=r"the numbers of the module, nn\.GRU\(4, 3\), can't be read \(CUDA error: an "
    ):
        taken(nn.GRU(4, 3))


def test_inside_a_transform_that_holds_them_many_times_there_are_the_sizes_alone() -> None:
    gru, found = nn.GRU(4, 3), []

    def ask(state: torch.Tensor) -> torch.Tensor:
        found.append(taken(gru, state))
        return state

    torch.func.vmap(ask)(torch.zeros(2, 1, 3, 3))
    assert [(module.hidden, module.stored) for module in found] == [(3, None)]


def test_an_initial_state_of_odd_parts_stays_as_far_as_it_is_tensors() -> None:
    ours = taken(nn.LSTM(4, 3), (torch.ones(1, 3, 3), None))
    numbers = ours.stored.states
    assert numbers[0].shape == (1, 3, 3)
    assert numbers[1] is None
    assert ours.hx[1] is None
    assert initial_of(ours, 3, torch.float32)[1] is None
    assert taken(nn.LSTM(4, 3), "h_0").stored.states == (None,)
    assert taken(nn.LSTM(4, 3), torch.ones(1, 3, 3, device="meta")).stored.states == (None,)


def test_what_is_no_module_is_an_error() -> None:
    with pytest.raises(BatchError, match=r"a torch\.nn\.Module is expected"):
        taken(3)


def test_other_weights_or_none_put_the_initial_state_away() -> None:
    module = taken(nn.LSTM(4, 3), (torch.ones(1, 3, 3), torch.ones(1, 3, 3)))
    assert module.inputs == "given"
    drawn = module.drawn()
    assert (drawn.hx, drawn.inputs, drawn.stored) == (None, "auto", None)
    other = taken(nn.LSTM(4, 3)).stored
    assert module.with_weights(other).hx is None
    assert set(STORED) <= set(vars(module))
