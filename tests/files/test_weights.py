"""Weights of a recurrent module, of any layers and directions."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from packviz.core.batch import BatchError, Call, make_batch
from packviz.core.errors import Undecided
from packviz.core.module import Module
from packviz.core.packing import pack
from packviz.files.weights import load_weights, weights_filter
from packviz.torch_side.stepping.trace import run


def saved(state: dict[str, object], path: Path) -> Path:
    if path.suffix == ".safetensors":
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    else:
        torch.save(state, path)
    return path


class Model(torch.nn.Module):
    def __init__(self, recurrent: torch.nn.Module) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(5, 3)
        self.encoder = torch.nn.ModuleDict({"rnn": recurrent})


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64], ids=str)
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_weights_come_back_under_any_prefix(tmp_path, kind, dtype, suffix):
    recurrent = getattr(torch.nn, kind)(3, 4).to(dtype)
    path = saved(Model(recurrent).state_dict(), tmp_path / f"w{suffix}")
    weights = load_weights(path)
    assert (weights.cell, weights.hidden, weights.input_size) == (kind, 4, 3)
    assert weights.dtype == str(dtype).removeprefix("torch.")
    assert (weights.prefix, weights.source) == ("encoder.rnn.", str(path))
    assert set(weights.arrays) == set(recurrent.state_dict())
    for name, tensor in recurrent.state_dict().items():
        assert torch.equal(torch.from_numpy(weights.arrays[name].copy()).to(dtype), tensor)
        assert not weights.arrays[name].flags.writeable


MODULES = {
    "stacked": lambda: torch.nn.LSTM(3, 4, num_layers=3),
    "both ways": lambda: torch.nn.GRU(3, 4, num_layers=2, bidirectional=True),
    "projected": lambda: torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2),
    "without biases": lambda: torch.nn.RNN(3, 4, num_layers=2, bias=False),
}


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("name", MODULES)
def test_all_layers_and_directions_come_back_and_step_as_the_module_does(tmp_path, name, suffix):
    module = MODULES[name]()
    weights = load_weights(saved(Model(module).state_dict(), tmp_path / f"w{suffix}"))
    assert list(weights.arrays) == list(module.state_dict())
    ours = Module().with_weights(weights)
    assert (ours.layers, ours.directions, ours.projection) == (
        module.num_layers, 2 if module.bidirectional else 1, module.proj_size,
    )  # fmt: skip
    batch = make_batch(torch.randn(2, 5, 3).numpy(), [5, 3], Call(True, True))
    traced = run(batch, pack(batch), ours)
    assert traced.agrees
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.from_numpy(batch.x.copy()), torch.tensor([5, 3]), True)
    with torch.inference_mode():
        final = module(packed)[1]
    h_n = final[0] if isinstance(final, tuple) else final
    torch.testing.assert_close(torch.from_numpy(traced.final["h_n"].copy()), h_n)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("prefix", ["", "decoder.cell."])
def test_weights_of_a_single_cell_are_those_of_one_layer(tmp_path, kind, suffix, prefix):
    cell = getattr(torch.nn, f"{kind}Cell")(3, 4)
    state = {prefix + name: tensor for name, tensor in cell.state_dict().items()}
    weights = load_weights(saved(state, tmp_path / f"w{suffix}"))
    assert (weights.cell, weights.layers, weights.prefix, weights.single) == (kind, 1, prefix, True)
    assert {name.removesuffix("_l0") for name in weights.arrays} == set(cell.state_dict())
    with pytest.raises(BatchError, match="weight_hh has shape"):
        load_weights(saved(state | {f"{prefix}weight_hh": torch.ones(5, 4)}, tmp_path / f"v{suffix}"))


def test_of_several_modules_the_one_under_the_prefix_is_read(tmp_path):
    modules = torch.nn.ModuleDict({"a": torch.nn.LSTM(2, 3, 2), "b": torch.nn.GRUCell(2, 5)})
    path = saved(modules.state_dict(), tmp_path / "w.pt")
    with pytest.raises(Undecided) as raised:
        load_weights(path)
    assert raised.value.choices == ("a.", "b.")
    for prefix in ("a", "a."):
        assert load_weights(path, prefix=prefix).layers == 2
    assert load_weights(path, prefix="b").hidden == 5
    with pytest.raises(BatchError, match=r"no recurrent module under the prefix 'c': a\., b\.\."):
        load_weights(path, prefix="c")


def test_biases_may_be_missing_and_checkpoints_may_be_nested(tmp_path):
    module = torch.nn.GRU(2, 3, bias=False)
    path = saved({"epoch": 3, "model": {"state_dict": module.state_dict()}}, tmp_path / "w.pt")
    weights = load_weights(path)
    assert set(weights.arrays) == {"weight_ih_l0", "weight_hh_l0"}
    assert weights.prefix == "model.state_dict."


def state(**changes: torch.Tensor | None) -> dict[str, object]:
    named = {**torch.nn.LSTM(2, 3).state_dict(), **changes}
    return {name: tensor for name, tensor in named.items() if tensor is not None}


def state_of_lstm() -> dict[str, torch.Tensor]:
    return dict(torch.nn.LSTM(2, 3).state_dict())


REFUSED = {
    "no weight_hh_l1_reverse:": {
        name: tensor
        for name, tensor in torch.nn.GRU(2, 3, 2, bidirectional=True).state_dict().items()
        if name != "weight_hh_l1_reverse"
    },
    "weight_ih_l1 has shape (12, 4), but (12, 3) is expected": torch.nn.LSTM(2, 3, num_layers=2).state_dict()
    | {"weight_ih_l1": torch.ones(12, 4)},
    "weight_hr_l0 has shape (2, 4) and weight_hh_l0 (12, 2)": torch.nn.LSTM(2, 3, proj_size=2).state_dict()
    | {"weight_hr_l0": torch.ones(2, 4)},
    "100000001 layers, but at most 64": state_of_lstm() | {"weight_ih_l100000000": torch.ones(12, 3)},
    "2 recurrent modules, a., b.: say which": torch.nn.ModuleDict({n: torch.nn.RNN(2, 3) for n in "ab"}).state_dict(),
    "no weight_ih_l0": torch.nn.Linear(2, 3).state_dict(),
    "no weight_hh_l0": state(weight_hh_l0=None),
    "weight_hh_l0 has shape (5, 3)": state(weight_hh_l0=torch.ones(5, 3)),
    "weight_ih_l0 has shape (11, 2)": state(weight_ih_l0=torch.ones(11, 2)),
    "bias_ih_l0 alone": state(bias_hh_l0=None),
    "bias_hh_l0 has shape (4,)": state(bias_hh_l0=torch.ones(4)),
    "float32, float64": state(bias_hh_l0=torch.ones(12, dtype=torch.float64)),
    "of int64": {name: torch.ones(tensor.shape, dtype=torch.int64) for name, tensor in state().items()},
}


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("said", REFUSED)
def test_what_can_not_be_stepped_is_refused_in_one_sentence(tmp_path, said, suffix):
    with pytest.raises(BatchError) as raised:
        load_weights(saved(REFUSED[said], tmp_path / f"w{suffix}"))
    assert said in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path))


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_damaged_missing_and_pickled_files_are_refused(tmp_path, suffix):
    path = saved(state(), tmp_path / f"w{suffix}")
    path.write_bytes(path.read_bytes()[:200])
    for broken in (path, tmp_path / f"none{suffix}"):
        with pytest.raises(BatchError, match=str(tmp_path)):
            load_weights(broken)
    torch.save(torch.nn.LSTM(2, 3), tmp_path / "module.pt")
    with pytest.raises(BatchError, match="LSTM"):
        load_weights(tmp_path / "module.pt")


def test_a_whole_batch_is_no_weights(tmp_path):
    torch.save(torch.ones(2, 3), tmp_path / "x.pt")
    with pytest.raises(BatchError, match="no weight_ih_l0"):
        load_weights(tmp_path / "x.pt")


def test_the_dialog_offers_the_suffixes():
    assert weights_filter() == "Weights (*.pt *.pth *.safetensors);;All files (*)"


def test_a_pickled_module_is_told_to_save_its_state_dict(tmp_path: Path) -> None:
    torch.save(torch.nn.LSTM(1, 2), tmp_path / "m.pt")
    with pytest.raises(BatchError, match=r"it holds a torch\.nn\.\S+LSTM, .*; save its state_dict: torch\.save"):
        load_weights(tmp_path / "m.pt")
    module = torch.nn.LSTM(1, 2)
    torch.save(module.state_dict(), tmp_path / "m.pt")  # as it says
    assert load_weights(tmp_path / "m.pt").hidden == 2


def test_a_file_that_is_written_over_while_it_is_read_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are read, and then parsed: were it mapped, the process would end with SIGBUS."""
    import safetensors.torch

    path = tmp_path / "w.safetensors"
    module = torch.nn.GRU(2, 64)
    save_file(module.state_dict(), path)
    whole = safetensors.torch.load

    def parse(data: bytes) -> dict[str, torch.Tensor]:
        path.write_bytes(b"")  # shorter by all of it
        return whole(data)

    monkeypatch.setattr(safetensors.torch, "load", parse)
    assert load_weights(path).arrays["weight_hh_l0"].tolist() == module.weight_hh_l0.tolist()
