"""The module and its initial state, against what torch does with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.findings import Finding, Severity
from packviz.core.module import Module, StateFacts, Stored, held_module
from packviz.core.report import Report
from packviz.core.rules import check
from tests.core.oracle import find
from tests.module_calls import disagreement, module_call

X = torch.ones(3, 5, 2)
FALLING, MIXED, EQUAL = [5, 3, 2], [3, 2, 5], [5, 5, 5]
SEEDS = range(20_000, 20_240)


def checked(x: Any, lengths: list[int], module: nn.Module, hx: Any = None, keeps: bool = False) -> Report:
    return packviz.check(x, lengths, batch_first=True, enforce_sorted=keeps, module=module, hx=hx, padding_value=-1)


def told(report: Report, code: str) -> Finding:
    finding = find(report, code)
    assert finding is not None, [f.code for f in report.findings]
    return finding


def ran(x: torch.Tensor, lengths: list[int], module: nn.Module, hx: Any = None, keeps: bool = False) -> Any:
    packed = pack_padded_sequence(x, torch.tensor(lengths), True, keeps)
    return module(packed) if hx is None else module(packed, hx)


def words(x: torch.Tensor, lengths: list[int], module: nn.Module, hx: Any = None, keeps: bool = False) -> str:
    with pytest.raises(Exception) as raised:  # noqa: PT011
        ran(x, lengths, module, hx, keeps)
    return f"nn.{type(module).__name__} raises {type(raised.value).__name__}: {raised.value}"


@pytest.mark.parametrize("part", range(4))
def test_what_torch_does_with_a_module_is_what_the_findings_say(part: int) -> None:
    for seed in list(SEEDS)[part::4]:
        call = module_call(seed)
        report = packviz.check(call.x, call.lengths, module=call.module, hx=call.hx, **call.options)
        assert not disagreement(call, report), f"{seed}: {call}"


def test_the_calls_of_that_test_are_right_and_wrong_in_all_ways() -> None:
    calls = [module_call(seed) for seed in SEEDS]
    fitting = sum(call.fits for call in calls)
    assert len(calls) // 5 < fitting < len(calls) // 2
    assert {call.module.mode for call in calls} == {"LSTM", "GRU", "RNN_TANH"}
    assert any(max(call.lengths) > call.x.shape[1] for call in calls)


# ---- x ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_another_number_of_features_is_named_with_torchs_own_words(kind: type[nn.RNNBase]) -> None:
    module = kind(3, 6)
    finding = told(checked(X, MIXED, module), "module-input-size")
    assert finding.title == f"x has F = 2, and nn.{kind.__name__} takes F = 3"
    assert (finding.severity, finding.stage) == (Severity.ERROR, "run")
    assert finding.torch == words(X, MIXED, module)
    assert finding.fix == f"module = nn.{kind.__name__}(2, 6)"


def test_a_module_that_is_made_for_the_features_keeps_its_other_options() -> None:
    module = nn.LSTM(3, 6, 2, bias=False, batch_first=True, bidirectional=True, proj_size=4)
    fix = told(checked(X, MIXED, module), "module-input-size").fix
    made = eval(str(fix).removeprefix("module = "), {"nn": nn})
    assert str(made) == str(nn.LSTM(2, 6, 2, bias=False, batch_first=True, bidirectional=True, proj_size=4))
    ran(X, MIXED, made)


def test_numbers_without_a_feature_dimension_get_one() -> None:
    finding = told(checked(X[..., 0], MIXED, nn.GRU(1, 6)), "module-input-size")
    assert "x has no feature dimension: its shape is (3, 5)" in finding.detail
    assert finding.fix == "x = x.unsqueeze(-1)"
    ran(X[..., 0].unsqueeze(-1), MIXED, nn.GRU(1, 6))


def test_token_ids_get_an_embedding() -> None:
    ids = torch.arange(15).reshape(3, 5)
    report = checked(ids, MIXED, nn.LSTM(8, 6))
    assert told(report, "module-input-size").fix == "embedding = nn.Embedding(int(x.max()) + 1, 8)\nx = embedding(x)"
    assert "nn.Embedding" in told(report, "module-dtype").detail


@pytest.mark.parametrize("own", [torch.float32, torch.float64])
@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.uint8])
def test_the_embedding_is_the_way_out_for_the_dtype_of_ids_too(dtype: torch.dtype, own: torch.dtype) -> None:
    ids, module = torch.arange(15).reshape(3, 5).to(dtype), nn.GRU(8, 6, dtype=own)
    scope: dict[str, Any] = {"nn": nn, "torch": torch, "x": ids}
    exec(str(told(checked(ids, MIXED, module), "module-dtype").fix), scope)
    ran(scope["x"], MIXED, module)


def test_numbers_below_0_are_no_ids() -> None:
    report = checked(torch.arange(15).reshape(3, 5) - 3, MIXED, nn.GRU(8, 6))
    assert told(report, "module-dtype").fix == "x = x.to(torch.float32)"
    assert "Embedding" not in str(told(report, "module-input-size").fix)


def test_several_feature_dimensions_are_flattened() -> None:
    finding = told(checked(torch.ones(3, 5, 2, 2), MIXED, nn.GRU(4, 6)), "module-input-size")
    assert "of the sizes (2, 2)" in finding.detail
    assert finding.fix == "x = x.flatten(2)"


def test_an_lstm_that_runs_with_the_wrong_features_is_silent() -> None:
    # All lengths are equal: oneDNN, where this torch has it, takes the batch at once and compares no sizes.
    report = checked(X, EQUAL, nn.LSTM(3, 6))
    finding = told(report, "module-input-size")
    assert report.verdict is not None
    expected = {True: Severity.SILENT, False: Severity.ERROR}
    assert finding.severity is expected[bool(report.verdict.run.ok)]
    assert not report.ok


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_another_dtype_is_named(kind: type[nn.RNNBase], dtype: torch.dtype) -> None:
    module, x = kind(2, 6), X.to(dtype)
    finding = told(checked(x, MIXED, module), "module-dtype")
    assert finding.title == f"x is {str(dtype).removeprefix('torch.')}, and nn.{kind.__name__} is float32"
    assert finding.fix == "x = x.to(torch.float32)"
    assert finding.torch == words(x, MIXED, module)
    assert finding.severity is Severity.ERROR


# ---- hx --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_the_state_of_a_larger_batch_is_silently_cut(kind: type[nn.RNNBase]) -> None:
    module, h = kind(2, 6), torch.randn(1, 4, 6)
    hx = (h, h) if kind is nn.LSTM else h
    report = checked(X, MIXED, module, hx)
    finding = told(report, "hidden-shape")
    assert (finding.severity, finding.torch) == (Severity.SILENT, "says nothing")
    assert finding.title == "h_0 has 1 row more than the batch"
    assert finding.fix == ("h_0, c_0 = h_0[:, :3], c_0[:, :3]" if kind is nn.LSTM else "h_0 = h_0[:, :3]")
    cut = (h[:, :3], h[:, :3]) if kind is nn.LSTM else h[:, :3]
    assert ran(X, MIXED, module, hx)[0].data.equal(ran(X, MIXED, module, cut)[0].data)


@pytest.mark.parametrize("keeps", [True, False])
def test_the_state_of_a_smaller_batch_raises(keeps: bool) -> None:
    module, h, lengths = nn.GRU(2, 6), torch.zeros(1, 2, 6), FALLING if keeps else MIXED
    finding = told(checked(X, lengths, module, h, keeps), "hidden-shape")
    assert finding.title == "h_0 has the shape (1, 2, 6), but (1, 3, 6) is expected"
    assert finding.fix == "h_0 = torch.zeros(1, 3, 6)"
    assert finding.torch == words(X, lengths, module, h, keeps)


def test_c_0_of_an_lstm_with_projection_has_a_size_of_its_own() -> None:
    module = nn.LSTM(2, 6, proj_size=4)
    h, c = torch.zeros(1, 3, 4), torch.zeros(1, 3, 6)
    assert find(checked(X, MIXED, module, (h, c)), "hidden-shape") is None
    finding = told(checked(X, MIXED, module, (c, h)), "hidden-shape")
    assert "proj_size = 4" in finding.detail
    assert finding.fix == "h_0 = torch.zeros(1, 3, 4)\nc_0 = torch.zeros(1, 3, 6)"
    assert finding.torch == words(X, MIXED, module, (c, h))


@pytest.mark.parametrize(
    ("hx", "said"),
    [
        (torch.zeros(1, 3, 6), "hx is one tensor of the shape (1, 3, 6)"),
        ((torch.zeros(1, 3, 6),), "hx is a tuple of 1: a tensor of (1, 3, 6)"),
        ((torch.zeros(1, 3, 6), None), "a tensor of (1, 3, 6) and something that is no tensor"),
        ("zeros", "hx is of the type str"),
        ({}, "hx is of the type dict"),
    ],
)
def test_an_lstm_takes_a_pair(hx: Any, said: str) -> None:
    module = nn.LSTM(2, 6)
    finding = told(checked(X, MIXED, module, hx), "hidden-shape")
    assert said in finding.detail
    assert finding.severity is Severity.ERROR
    assert finding.torch is not None


def test_a_gru_takes_one_tensor() -> None:
    module, h = nn.GRU(2, 6), torch.zeros(1, 3, 6)
    finding = told(checked(X, MIXED, module, (h, h)), "hidden-shape")
    assert finding.title == "nn.GRU takes one tensor h_0 as hx"
    assert finding.torch == words(X, MIXED, module, (h, h))


def test_states_that_end_the_interpreter_are_asked_in_another_process() -> None:
    # torch looks up c_0 of a layer that c_0 does not have, and reads what lies beyond.
    h, c = torch.zeros(2, 3, 6), torch.zeros(1, 3, 6)
    finding = told(checked(X, MIXED, nn.LSTM(2, 6), (h, c)), "hidden-shape")
    assert finding.severity is Severity.ERROR
    assert "brings the interpreter down" in str(finding.torch)


def test_rows_that_have_no_length_may_have_a_state() -> None:
    module, h = nn.GRU(2, 6), torch.zeros(1, 3, 6)
    report = checked(X, [3, 2], module, h)
    assert find(report, "hidden-shape") is None
    assert told(report, "lengths-count").severity is Severity.SILENT


def test_the_dtype_of_a_state_is_named() -> None:
    module, h = nn.GRU(2, 6), torch.zeros(1, 3, 6, dtype=torch.float64)
    finding = told(checked(X, MIXED, module, h), "module-dtype")
    assert finding.title == "h_0 is float64, and nn.GRU is float32"
    assert finding.fix == "h_0 = h_0.to(torch.float32)"
    assert finding.torch == words(X, MIXED, module, h)


# ---- what torch stops at first ---------------------------------------------------------------------------------


def test_of_several_causes_the_first_is_named_and_the_others_are_behind_it() -> None:
    module, h = nn.GRU(3, 6), torch.zeros(1, 2, 6)
    long = torch.ones(3, 5, 2, dtype=torch.float64)
    report = checked(long, [7, 3, 2], module, h, keeps=True)
    behind = {f.code: f.behind for f in report.findings if f.severity is Severity.ERROR}
    assert behind == {
        "module-dtype": None,
        "module-input-size": "module-dtype",
        "hidden-shape": "module-dtype",
        "length-exceeds-time": "module-dtype",
    }
    sorting = checked(long, [7, 3, 2], module, h)  # the rows of the state are sorted before anything is looked at
    assert told(sorting, "hidden-shape").behind is None
    assert told(sorting, "module-dtype").behind == "hidden-shape"


# ---- backward-final --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_final_state_backward_is_where_the_note_says(layers: int, batch_first: bool) -> None:
    module, x = nn.LSTM(2, 6, layers, bidirectional=True), torch.randn(3, 5, 2)
    given = x if batch_first else x.transpose(0, 1)
    report = packviz.check(given, MIXED, batch_first=batch_first, enforce_sorted=False, module=module)
    finding = told(report, "backward-final")
    assert finding.severity is Severity.NOTE
    packed, (h_n, _) = ran(x, MIXED, module)
    out = pad_packed_sequence(packed, batch_first)[0]
    place = finding.detail.split("t = 0, ")[1].split(";")[0]
    assert place == ("out[:, 0, 6:]" if batch_first else "out[0, :, 6:]")
    scope = {"out": out, "h_n": h_n, "torch": torch}
    exec(str(finding.fix), scope)
    last: torch.Tensor = scope["last"]
    assert last[:, 6:].equal(eval(place, scope))
    assert last[:, :6].equal((out if batch_first else out.transpose(0, 1))[range(3), torch.tensor(MIXED) - 1, :6])
    assert f"h_n is ({layers * 2}, 3, 6)" in finding.detail


def test_there_is_no_such_note_for_one_direction_or_a_batch_that_does_not_run() -> None:
    assert find(checked(X, MIXED, nn.LSTM(2, 6)), "backward-final") is None
    assert find(checked(X, MIXED, nn.GRU(3, 6, bidirectional=True)), "backward-final") is None
    assert find(checked(X, [7, 2, 5], nn.GRU(2, 6, bidirectional=True)), "backward-final") is None


# ---- modules that are not at hand ------------------------------------------------------------------------------


def test_a_module_of_ones_own_class_is_run_and_nothing_is_said_of_its_sizes() -> None:
    class Mine(nn.Module):
        def forward(self, packed: Any) -> Any:
            raise ValueError("not today")

    report = checked(X, MIXED, Mine())
    assert report.verdict is not None
    assert report.verdict.run.text == "ValueError: not today"
    assert not [f for f in report.findings if f.severity is Severity.ERROR]
    assert not report.ok


def test_a_module_that_somebody_holds_is_checked_and_one_like_it_is_run() -> None:
    facts = held_module("GRU", input_size=2, hidden=6, hx=(StateFacts((1, 2, 6)),))
    batch = make_batch(X.numpy(), MIXED, Call(True, False, padding_value=-1))
    from packviz.torch_side.asking.report import report_on

    report = report_on(batch, facts)
    assert told(report, "hidden-shape").torch == words(X, MIXED, nn.GRU(2, 6), torch.zeros(1, 2, 6))


def test_loaded_weights_are_a_module_that_x_must_fit() -> None:
    module = nn.GRU(3, 4)
    weights = Stored("model.pt", {name: tensor.numpy() for name, tensor in module.state_dict().items()})
    spec = Module().with_weights(weights)
    batch = make_batch(np.ones((3, 5)), MIXED, Call(True, False, padding_value=-1))
    report = check(batch, None, spec)
    assert report.batch is batch
    assert told(report, "module-dtype").title == "x is float64, and nn.GRU is float32"
    assert told(report, "module-input-size").title == "x has F = 1, and nn.GRU takes F = 3"
    wide = make_batch(np.ones((3, 5, 3), np.float32), MIXED, batch.call)
    assert not [f for f in check(wide, None, spec).findings if f.severity is Severity.ERROR]
