"""The printed Python, run as it is, gives what the window shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed, Padded, Sequences
from packviz.core.module import CellKind, Module, Stored
from packviz.core.packing import Packing, pack
from packviz.core.places import entry_word
from packviz.core.texts.python.snippet import python_for
from packviz.files.registry import load_all
from packviz.files.weights import load_weights
from packviz.torch_side.order import sorted_indices
from packviz.torch_side.stepping.trace import run

X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
FIRST = make_batch(X, [3, 2, 4], Call(True, False))


def executed(batch: Batch, spec: Module) -> dict[str, Any]:
    """What the names of the snippet hold after it ran."""
    names: dict[str, Any] = {}
    with torch.random.fork_rng(), torch.no_grad():
        exec(python_for(batch, spec), names)
    return names


def assert_reproduces(batch: Batch, spec: Module) -> None:
    order = None if batch.call.enforce_sorted or batch.order is not None else sorted_indices(batch.lengths)
    packing = pack(batch, order)
    assert isinstance(packing, Packing)
    trace, names = run(batch, packing, spec), executed(batch, spec)
    tolerance = {"rtol": 1.6e-2, "atol": 1e-2} if batch.dtype in ("float16", "bfloat16") else {}

    def close(ours: np.ndarray, theirs: torch.Tensor) -> None:
        theirs = theirs.float() if theirs.dtype.itemsize < 4 else theirs
        torch.testing.assert_close(torch.from_numpy(ours.copy()), theirs, equal_nan=True, **tolerance)

    assert names["packed"].batch_sizes.tolist() == packing.batch_sizes.tolist()
    close(trace.final["h_n"], names["h_n"])
    if spec.cell == "LSTM":
        close(trace.final["c_n"], names["c_n"])
    out = names["out"] if batch.call.batch_first else names["out"].transpose(0, 1)
    assert out.shape[1] == (batch.call.total_length or packing.longest)
    for row, length in enumerate(batch.counts.tolist()):
        last = [trace.row("h", row, layer=trace.layers - 1, direction=d) for d in range(trace.directions)]
        close(np.concatenate(last, axis=1), out[row, :length])
        assert (out[row, length:] == batch.call.padding_value).all()
    assert names["out_lengths"].tolist() == packing.lengths.tolist()


@st.composite
def cases(draw: st.DrawFn) -> tuple[Batch, Module]:
    rows, steps = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    features = draw(st.sampled_from([(), (2,), (1, 3)]))
    lengths = draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows))
    enforce_sorted, batch_first = draw(st.booleans()), draw(st.booleans())
    lengths = sorted(lengths, reverse=True) if enforce_sorted else lengths
    dtype = draw(st.sampled_from(["int64", "int32", "bool", "float32", "float64", "float16", "bfloat16"]))
    values = np.random.default_rng(draw(st.integers(0, 99))).normal(size=(rows, steps, *features)) * 5
    if dtype == "bfloat16":
        grid = torch.from_numpy(values).bfloat16().float().numpy()
    else:
        grid = (np.abs(values) if dtype.startswith("int") else values).astype(dtype)
    total = draw(st.sampled_from([None, steps + 2]))
    call = Call(batch_first, enforce_sorted, draw(st.sampled_from([0, -1.5])), total)
    carrier = draw(st.sampled_from([Padded(), Sequences(), Packed()]))
    x = grid if batch_first else grid.swapaxes(0, 1)
    whole = dtype in ("int64", "int32", "bool")
    inputs = draw(st.sampled_from(["auto", "cast", *(["embedding"] if whole else [])]))
    spec = Module(draw(st.sampled_from(["LSTM", "GRU", "RNN"])), 3, draw(st.integers(0, 99)), inputs=inputs)
    return make_batch(x, lengths, call, dtype=dtype, carrier=carrier), spec


@given(cases())
@settings(max_examples=120)
def test_the_python_reproduces_the_view(case: tuple[Batch, Module]) -> None:
    assert_reproduces(*case)


def test_the_first_batch_is_written_as_one_would_type_it() -> None:
    assert python_for(FIRST, Module()) == (
        "import torch\n"
        "from torch import nn\n"
        "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence\n"
        "\n"
        "x = torch.tensor([[1, 2, 3, 0, 0],\n"
        "                  [4, 5, 0, 0, 0],\n"
        "                  [6, 7, 8, 9, 0]])\n"
        "lengths = torch.tensor([3, 2, 4])\n"
        "\n"
        "x = x.to(torch.float32).unsqueeze(-1)\n"
        "torch.manual_seed(0)\n"
        "lstm = nn.LSTM(1, 6)\n"
        "\n"
        "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)\n"
        "out, (h_n, c_n) = lstm(packed)\n"
        "out, out_lengths = pad_packed_sequence(out, batch_first=True)\n"
    )


def test_nan_and_infinity_are_reproduced() -> None:
    x = np.array([[1.5, np.nan, 0], [np.inf, -np.inf, 2]], dtype=np.float32)
    assert_reproduces(make_batch(x, [3, 2], Call(True, True)), Module())


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["model.pt", "model.safetensors", 'odd "name".pt'])
def test_weights_are_loaded_from_their_file(cell: CellKind, bias: bool, name: str, tmp_path: Path) -> None:
    module = getattr(torch.nn, cell)(1, 4, bias=bias)
    arrays = {key: tensor.numpy() for key, tensor in module.state_dict().items()}
    state = {f"encoder.rnn.{key}": tensor for key, tensor in module.state_dict().items()} | {"other": torch.ones(1)}
    path = str(tmp_path / name)
    if name.endswith(".safetensors"):
        save_file(state, path)
    else:
        torch.save(state, path)
    weights = Stored(path, arrays, prefix="encoder.rnn.")
    assert_reproduces(FIRST, Module(cell=cell, weights=weights))
    bare = str(tmp_path / "bare.pt")
    torch.save(module.state_dict(), bare)
    assert_reproduces(FIRST, Module(cell=cell, weights=replace(weights, source=bare, prefix="")))


@pytest.mark.parametrize("prefix", ["", "encoder.rnn."])
@pytest.mark.parametrize(
    "module",
    [
        torch.nn.LSTM(1, 4, 2, bidirectional=True, proj_size=2),
        torch.nn.GRU(1, 4, 3, bias=False, dtype=torch.float64),
        torch.nn.RNN(1, 4, bidirectional=True),
        torch.nn.GRUCell(1, 4),
    ],
    ids=str,
)
def test_weights_of_any_module_are_loaded_from_their_file(prefix: str, module: torch.nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    torch.save({prefix + name: tensor for name, tensor in module.state_dict().items()}, path)
    weights = load_weights(path)
    batch = make_batch(FIRST.x.astype(weights.dtype), [3, 2, 4], Call(True, False))
    assert_reproduces(batch, Module().with_weights(weights))


def test_a_module_that_is_made_to_fit_may_have_layers_and_directions() -> None:
    for module in (
        Module(layers=2, directions=2, initial="drawn"),
        Module("GRU", projection=0, seed=3, initial="drawn", inputs="embedding"),
        Module(projection=3, initial="drawn"),
        Module(layers=2, directions=2),
        Module(projection=3, layers=2),
        Module("RNN", nonlinearity="relu"),
    ):
        assert_reproduces(FIRST, module)


def test_a_large_x_is_read_from_its_file(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(20, 30)).astype(np.float32)
    lengths = np.random.default_rng(1).integers(1, 31, 20)
    np.save(tmp_path / "x.npy", x)
    torch.save(torch.from_numpy(x), tmp_path / "x.pt")
    for name in ("x.npy", "x.pt"):
        batch = make_batch(x, lengths, Call(True, False), source=str(tmp_path / name))
        assert_reproduces(batch, Module(cell="GRU"))


def test_x_that_no_module_takes_is_packed_and_the_reason_given() -> None:
    batch = make_batch([[1j, 2], [3, 0]], [2, 1], Call(True, True))
    names = executed(batch, Module())
    assert names["packed"].data.tolist() == [1j, 3, 2]
    assert "# Not run: x holds complex128" in python_for(batch, Module())


def test_the_call_that_torch_refuses_is_written_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="Length of all samples has to be greater than 0"):
        executed(FIRST.with_lengths([3, 0, 4]), Module())


def test_the_device_is_written_where_it_is_not_the_cpu() -> None:
    text = python_for(FIRST, Module(device="cuda:1"))
    assert 'lstm = nn.LSTM(1, 6).to("cuda:1")\n' in text
    assert 'packed = packed.to("cuda:1")\n' in text


@pytest.mark.parametrize("x", [np.ones(3, np.float32), np.float32(2)])
@pytest.mark.parametrize("batch_first", [True, False])
def test_the_python_of_an_x_without_rows_raises_what_the_call_raises(x: Any, batch_first: bool) -> None:
    code = python_for(make_batch(x, [1], Call(batch_first)), Module())
    assert "# Not run: x has shape" in code
    with pytest.raises(IndexError) as theirs:
        torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(x), torch.tensor([1]), batch_first)
    with pytest.raises(IndexError) as ours:
        exec(code, {})  # our own text, in a test
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("name", ["ten.pt", "ten.json", "ten.jsonl", "ten.npz"])
def test_one_of_several_batches_in_a_file_is_read_from_there(tmp_path: Path, name: str) -> None:
    xs = [torch.arange(75.0).reshape(3, 25) + n for n in range(3)]
    batches = [{"x": x, "lengths": torch.tensor([25, 9, 3]), "batch_first": True} for x in xs]
    named = dict(zip(("0", "the worst", 'a "b"'), batches, strict=True))
    path = tmp_path / name
    if path.suffix == ".npz":
        np.savez(path, **{f"{n}.{part}": value for n, batch in named.items() for part, value in batch.items()})
    elif path.suffix == ".pt":
        torch.save(named, path)
    else:
        plain = {n: {**b, "x": b["x"].tolist(), "lengths": [25, 9, 3]} for n, b in named.items()}
        text = json.dumps(plain) if path.suffix == ".json" else "\n".join(map(json.dumps, plain.values()))
        path.write_text(text)
    for loaded, x in zip(load_all(path), xs, strict=True):
        assert loaded.batch is not None
        assert f"entry={entry_word(loaded.name)})" in python_for(loaded.batch, Module())
        assert torch.equal(executed(loaded.batch, Module(inputs="auto"))["x"].reshape(3, 25), x)
        assert_reproduces(loaded.batch, Module(hidden=2))
