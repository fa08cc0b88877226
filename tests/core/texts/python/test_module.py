"""The Python of modules, states and PackedSequences that a batch brings along: run as it is, it does what torch did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from packviz.core.batch import Call, make_batch
from packviz.core.module import Module, StateFacts, Stored, held_module
from packviz.core.samples import finding_samples
from packviz.core.texts.python.module import module_lines, not_run, run_line
from packviz.core.texts.python.snippet import python_for
from packviz.core.verdict import STAGES
from packviz.torch_side.asking.report import report_on
from packviz.torch_side.facts import facts_of
from packviz.torch_side.taken import taken
from tests.recorded import HIDDEN, hx_of, record

X = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
BATCH = make_batch(X, [4, 2, 3], Call(True, False))


def executed(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"torch": torch, "nn": nn}
    with torch.random.fork_rng(), torch.no_grad():
        exec(text, names)
    return names


@pytest.mark.parametrize("code", finding_samples())
def test_the_python_of_a_finding_does_what_torch_does_with_it(code: str) -> None:
    found = finding_samples()[code]
    batch = found.load()
    verdict = report_on(batch, found.module).verdict
    assert verdict is not None
    raised = next((o.text for stage in STAGES if (o := getattr(verdict, stage)).ok is False), None)
    if raised is None:
        names = executed(python_for(batch, found.module))
        assert f"returns {tuple(names['out'].shape)}" in verdict.unpack.text
    else:
        with pytest.raises(Exception) as error:  # noqa: PT011  # whichever it is, torch's verdict has it, too
            executed(python_for(batch, found.module))
        assert f"{type(error.value).__name__}: {error.value}".rstrip() == raised


@st.composite
def modules(draw: st.DrawFn) -> Module:
    cell = draw(st.sampled_from(("LSTM", "GRU", "RNN")))
    return held_module(
        cell=cell,
        input_size=draw(st.integers(1, 4)),
        hidden=draw(st.integers(2, 5)),
        layers=draw(st.integers(1, 2)),
        directions=draw(st.sampled_from((1, 2))),
        projection=draw(st.integers(0, 1)) if cell == "LSTM" else 0,
        dtype=draw(st.sampled_from(("float32", "float64"))),
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        nonlinearity=draw(st.sampled_from(("tanh", "relu"))) if cell == "RNN" else "tanh",
    )


@settings(max_examples=40, deadline=None)
@given(modules())
def test_the_module_that_is_written_has_the_same_facts(facts: Module) -> None:
    names = executed("\n".join(module_lines(facts)))
    assert facts.cell is not None
    assert facts_of(names[facts.cell.lower()]) == facts


H, C = StateFacts((1, 3, 6)), StateFacts((1, 3, 6), "float64")


@pytest.mark.parametrize(
    ("cell", "states", "form", "line"),
    [
        ("GRU", (H,), "", "hx = torch.zeros((1, 3, 6))"),
        ("LSTM", (H, C), "", "hx = (torch.zeros((1, 3, 6)), torch.zeros((1, 3, 6), dtype=torch.float64))"),
        ("LSTM", (H,), "tensor", "hx = torch.zeros((1, 3, 6))"),
        ("LSTM", (H, None), "tuple", "hx = (torch.zeros((1, 3, 6)), None)"),
        ("GRU", (H,), "tuple", "hx = (torch.zeros((1, 3, 6)),)"),
    ],
)
def test_the_initial_state_has_the_form_in_which_it_was_given(cell: Any, states: Any, form: str, line: str) -> None:
    facts = held_module(cell, 2, 6, hx=states, hx_given=form)
    assert module_lines(facts)[-1] == f"{line}  # zeros stand for yours"
    assert run_line(facts).endswith(f"{cell.lower()}(packed, hx)")


def test_what_cannot_be_written_down_is_said_and_the_packing_still_runs() -> None:
    text = python_for(BATCH, held_module(None, class_name="Encoder"))
    assert text.endswith("# Not run: the module is your own Encoder\n")
    assert executed(text)["packed"].batch_sizes.tolist() == [3, 3, 2, 1]
    assert not_run(held_module(hx=(), hx_given="dict")) == "hx is dict, which is no tensor"
    assert not_run(held_module()) is None


def test_a_module_that_somebody_holds_runs_over_x_as_it_is() -> None:
    facts = held_module("GRU", input_size=2, hidden=5, directions=2)
    names = executed(python_for(BATCH, facts))
    assert tuple(names["out"].shape) == (3, 4, 10)


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_numbers_of_hx_are_written_out_where_they_are_few(cell: Any) -> None:
    many = 2 if cell == "LSTM" else 1
    arrays = [np.random.default_rng(n).normal(size=(1, 3, 4)).astype(np.float32) for n in range(many)]
    module = held_module(cell, 2, 4).with_numbers(arrays)
    hx = executed("\n".join(module_lines(module)))["hx"]
    for state, array in zip(hx if cell == "LSTM" else (hx,), arrays, strict=True):
        np.testing.assert_array_equal(state.numpy(), array)
    assert run_line(module).endswith("(packed, hx)")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_many_numbers_of_hx_are_read_from_the_recording_that_has_them(
    dtype: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record(Path("run.packviz"), 17, kept=(17,))
    arrays = hx_of(17)
    module = held_module("LSTM", 2, HIDDEN, hx=(StateFacts((1, 3, HIDDEN), dtype),) * 2).with_numbers(
        arrays, "run.packviz", 17
    )
    monkeypatch.setattr("packviz.core.texts.python.module.MOST_NUMBERS", 5)
    names = executed("import packviz\n" + "\n".join(module_lines(module)))
    for state, array in zip(names["hx"], arrays, strict=True):
        assert torch.equal(state, torch.from_numpy(array).to(getattr(torch, dtype)))
    alone = held_module("GRU", 2, HIDDEN).with_numbers(arrays[:1], "run.packviz", 17)
    names = executed("import packviz\n" + "\n".join(module_lines(alone)))
    assert torch.equal(names["hx"], torch.from_numpy(arrays[0]))
    with pytest.raises(NameError, match="given_hx"):
        executed("\n".join(module_lines(held_module("GRU", 2, HIDDEN).with_numbers(arrays[:1]))))


def test_weights_from_a_file_begin_with_the_numbers_of_hx_too() -> None:
    weights = {name: array.numpy() for name, array in nn.GRU(2, 4).state_dict().items()}
    arrays = [np.full((1, 3, 4), 0.25, dtype=np.float32)]
    module = Module(cell="GRU").with_weights(Stored("w.pt", weights)).with_numbers(arrays)
    text = python_for(BATCH, module)
    assert "h_0 = torch.tensor([[[0.25, 0.25, 0.25, 0.25]" in text
    assert "(packed, hx)" in text


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("make", [nn.LSTM, nn.GRU])
def test_the_python_of_a_module_that_is_the_users_asks_for_it_and_runs_it(make: Any, given: bool) -> None:
    torch.manual_seed(0)
    own, states = make(2, 5, 2), [torch.randn(2, 3, 5), torch.randn(2, 3, 5)]
    hx = (tuple(states) if make is nn.LSTM else states[0]) if given else None
    text = python_for(BATCH, taken(own, hx))
    assert "yours, from" in text
    name = make.__name__.lower()
    asked = {name: own, "x": torch.from_numpy(X.copy())} | ({"hx": hx} if given else {})
    names = executed_with(text, asked)
    packed = nn.utils.rnn.pack_padded_sequence(torch.from_numpy(X.copy()), [4, 2, 3], True, False)
    with torch.no_grad():
        last = own(packed, hx)[1]
    torch.testing.assert_close(names["h_n"], last[0] if make is nn.LSTM else last)
    for missing in (name, *(["hx"] if given else [])):
        with pytest.raises(NameError, match=missing):
            executed_with(text, {key: value for key, value in asked.items() if key != missing})
    with pytest.raises(AssertionError):
        executed_with(text, {**asked, name: make(2, 6)})


def executed_with(text: str, asked: dict[str, Any]) -> dict[str, Any]:
    names: dict[str, Any] = dict(asked)
    with torch.random.fork_rng(), torch.no_grad():
        exec(text, names)
    return names
