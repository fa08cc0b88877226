"""Weights of one recurrent layer."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from packviz.core.batch import BatchError
from packviz.files.weights import load_weights, weights_filter


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


def test_biases_may_be_missing_and_checkpoints_may_be_nested(tmp_path):
    module = torch.nn.GRU(2, 3, bias=False)
    path = saved({"epoch": 3, "model": {"state_dict": module.state_dict()}}, tmp_path / "w.pt")
    weights = load_weights(path)
    assert set(weights.arrays) == {"weight_ih_l0", "weight_hh_l0"}
    assert weights.prefix == "model.state_dict."


def state(**changes: torch.Tensor | None) -> dict[str, object]:
    named = {**torch.nn.LSTM(2, 3).state_dict(), **changes}
    return {name: tensor for name, tensor in named.items() if tensor is not None}


REFUSED = {
    "2 layers and 1 direction,": torch.nn.LSTM(2, 3, num_layers=2).state_dict(),
    "1 layer and 2 directions,": torch.nn.GRU(2, 3, bidirectional=True).state_dict(),
    "projection": torch.nn.LSTM(2, 3, proj_size=2).state_dict(),
    "2 recurrent modules (a., b.)": torch.nn.ModuleDict({n: torch.nn.RNN(2, 3) for n in "ab"}).state_dict(),
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
