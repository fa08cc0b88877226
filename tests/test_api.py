"""packviz in Python: check, trace, load. torch itself says what is right."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

import packviz
from packviz.core.module import Module

ROWS = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
WRONG = [[1, 2, 3, 4, 0], [5, 6, 0, 0, 0], [7, 8, 9, 0, 0]]


def codes(report: packviz.Report) -> set[str]:
    return {finding.code for finding in report.findings}


def test_the_public_names_are_listed_and_can_be_had() -> None:
    assert {
        "check",
        "explain",
        "load",
        "probe",
        "trace",
        "Report",
        "Finding",
        "Severity",
        "Batch",
        "BatchError",
    } <= set(dir(packviz))
    assert all(getattr(packviz, name) is not None for name in dir(packviz))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'packviz' has no attribute 'chekc'"):
        packviz.chekc  # noqa: B018


def test_a_right_batch_is_ok() -> None:
    report = packviz.check(torch.tensor(ROWS), [3, 2, 4], batch_first=True, enforce_sorted=False)
    assert report.ok
    assert report.verdict is not None
    assert report.verdict.pack.ok is True
    assert report.verdict.version == torch.__version__


@pytest.mark.parametrize("make", [torch.tensor, np.array, list], ids=["tensor", "array", "list"])
def test_lengths_that_count_padding_and_cut_data_are_found(make: object) -> None:
    report = packviz.check(make(WRONG), [3, 2, 5], batch_first=True, enforce_sorted=False)  # type: ignore[operator]
    assert not report.ok
    assert {"length-counts-padding", "length-cuts-data"} <= codes(report)


def test_the_defaults_are_torchs() -> None:
    x, lengths = torch.tensor(ROWS), torch.tensor([3, 2, 4])
    with pytest.raises(RuntimeError) as raised:
        pack_padded_sequence(x.T, lengths)
    report = packviz.check(x.T, lengths)
    assert "lengths-unsorted" in codes(report)
    assert report.verdict is not None
    assert report.verdict.pack.text == f"RuntimeError: {raised.value}"


def test_the_rules_alone_neither_ask_nor_import_torch() -> None:
    code = """
import sys, numpy as np, packviz
report = packviz.check(np.ones((3, 5)), [5, 3, 2], batch_first=True, ask=False)
print(report.verdict, report.to_dict()["torch"], "torch" in sys.modules, [f.torch for f in report.findings])
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "None None False [None, None]"


def test_a_list_of_sequences_is_packed_as_pack_sequence_does() -> None:
    sequences = [torch.tensor([1, 2, 3, 4]), torch.tensor([5, 6]), torch.tensor([7, 8, 9])]
    report = packviz.check(sequences, enforce_sorted=False)
    packed = pack_sequence(sequences, enforce_sorted=False)
    assert report.packing is not None
    assert report.packing.batch_sizes.tolist() == packed.batch_sizes.tolist()
    assert report.to_dict()["batch"]["unsorted_indices"] == packed.unsorted_indices.tolist()


def test_a_packed_sequence_brings_its_lengths_along() -> None:
    packed = pack_padded_sequence(torch.tensor(ROWS), [3, 2, 4], batch_first=True, enforce_sorted=False)
    report = packviz.check(packed)
    assert report.batch.lengths.tolist() == [3, 2, 4]
    assert report.to_dict()["batch"]["lengths_from"] == "packed"


def test_hx_without_a_module_is_refused() -> None:
    with pytest.raises(packviz.BatchError, match="give module=, too"):
        packviz.check(torch.zeros(2, 3), [3, 2], batch_first=True, hx=torch.zeros(1, 2, 4))


@pytest.mark.parametrize("x", [None, 3, "text", torch.zeros(3, 4).to_sparse(), {"x": "text"}])
def test_what_is_no_batch_is_refused_in_one_sentence(x: object) -> None:
    with pytest.raises(packviz.BatchError) as refused:
        packviz.check(x, [1])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", [torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN])
def test_a_trace_ends_where_torchs_own_run_ends(kind: type[torch.nn.RNNBase]) -> None:
    torch.manual_seed(0)
    module, x = kind(2, 4), torch.randn(3, 5, 2)
    trace = packviz.trace(module, x, [3, 5, 2], batch_first=True, enforce_sorted=False)
    _, state = module(pack_padded_sequence(x, [3, 5, 2], batch_first=True, enforce_sorted=False))
    h_n = state[0] if isinstance(state, tuple) else state
    torch.testing.assert_close(torch.from_numpy(trace.state("h", trace.steps - 1)), h_n[0].detach())
    assert trace.agrees


def test_a_trace_starts_from_hx() -> None:
    torch.manual_seed(0)
    module, x, hx = torch.nn.GRU(2, 4), torch.randn(3, 5, 2), torch.randn(1, 3, 4)
    trace = packviz.trace(module, x, [3, 5, 2], batch_first=True, enforce_sorted=False, hx=hx)
    _, h_n = module(pack_padded_sequence(x, [3, 5, 2], batch_first=True, enforce_sorted=False), hx)
    torch.testing.assert_close(torch.from_numpy(trace.state("h", trace.steps - 1)), h_n[0].detach())


def test_what_torch_does_not_pack_is_not_traced() -> None:
    with pytest.raises(packviz.BatchError, match="decreasing order"):
        packviz.trace(torch.nn.GRU(1, 4), torch.zeros(5, 3, 1), [3, 5, 2])


def test_a_file_is_loaded_with_the_options_given(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array(ROWS))
    batch = packviz.load(tmp_path / "x.npy", lengths=[3, 2, 4], batch_first=True, padding_value=-1)
    assert batch.lengths.tolist() == [3, 2, 4]
    assert batch.call.batch_first is True
    assert batch.call.padding_value == -1


def test_one_of_several_batches_in_a_file_is_loaded_by_its_name_or_its_number(tmp_path: Path) -> None:
    path = tmp_path / "two.pt"
    torch.save({"good": {"x": torch.tensor(ROWS), "lengths": [3, 2, 4]}, "bad": (torch.tensor(ROWS), [3, 2, 9])}, path)
    for entry in ("bad", 1, -1, "1"):
        batch = packviz.load(path, entry=entry, batch_first=True)
        assert (batch.source.shown, batch.lengths.tolist()) == (f"{path}[bad]", [3, 2, 9])
        assert batch.call.batch_first
    with pytest.raises(packviz.BatchError, match=r'2 batches: say which one, with entry="good" or entry="bad"\.$'):
        packviz.load(path)
    with pytest.raises(packviz.BatchError, match="sample:first-batch is one batch"):
        packviz.load("sample:first-batch", entry=0)


def test_load_names_an_option_that_it_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no option 'bacth_first'"):
        packviz.load(tmp_path / "x.npy", bacth_first=True)


def test_load_refuses_an_option_as_check_does(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array(ROWS))
    with pytest.raises(packviz.BatchError, match="batch_first is 'yes', but True or False is expected"):
        packviz.load(tmp_path / "x.npy", batch_first="yes")


def test_load_names_the_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(packviz.BatchError, match=r"none\.npy"):
        packviz.load(tmp_path / "none.npy")


def test_load_names_the_file_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY\x01\x00 nothing of use")
    with pytest.raises(packviz.BatchError, match=r"broken\.npy"):
        packviz.load(tmp_path / "broken.npy")


@pytest.mark.parametrize("total", [2, 0, -1])
def test_a_total_length_that_torch_raises_for_is_not_ok(total: int) -> None:
    report = packviz.check(ROWS, [3, 2, 4], batch_first=True, enforce_sorted=False, total_length=total)
    assert not report.ok
    assert "nothing is wrong" not in str(report)


def test_a_module_that_the_batch_does_not_fit_is_not_ok() -> None:
    x = torch.tensor(ROWS, dtype=torch.float32)[..., None]
    report = packviz.check(x, [3, 2, 4], batch_first=True, enforce_sorted=False, module=torch.nn.LSTM(3, 4))
    assert not report.ok
    assert "mat1 and mat2" in str(report)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("batch_first", None, "batch_first is None, but True or False is expected."),
        ("batch_first", 1, "batch_first is 1, but True or False is expected."),
        ("enforce_sorted", "no", "enforce_sorted is 'no', but True or False is expected."),
        ("padding_value", "a", "padding_value is 'a', but a number of at most 64 bits is expected."),
        ("total_length", 2.5, "total_length is 2.5, but a whole number of steps, or None, is expected."),
        ("total_length", True, "total_length is True, but a whole number of steps, or None, is expected."),
        ("batch_first", np.True_, "batch_first is np.True_ (of type numpy.bool), but True or False is expected."),
        ("padding_value", 2**64, "padding_value is 18446744073709551616, but a number of at most 64 bits is expected."),
        (
            "padding_value",
            Fraction(1, 2),
            "padding_value is Fraction(1, 2) (of type fractions.Fraction), "
            "but a number of at most 64 bits is expected.",
        ),
        (
            "total_length",
            2**63,
            "total_length is 9223372036854775808, but a whole number of at most 64 bits is expected.",
        ),
    ],
)
def test_an_option_that_torch_refuses_is_named(name: str, value: object, said: str) -> None:
    with pytest.raises(packviz.BatchError) as raised:
        packviz.check(ROWS, [3, 2, 4], **{name: value})  # type: ignore[arg-type]
    assert str(raised.value) == said


def test_a_padding_value_that_can_not_be_read_is_named() -> None:
    with pytest.raises(packviz.BatchError, match=r"padding_value is .*, whose value can't be read: give a number"):
        packviz.check(ROWS, [3, 2, 4], padding_value=torch.tensor(1, device="meta"))  # type: ignore[arg-type]


@pytest.mark.parametrize("flag", [1, 0, None, np.True_, torch.tensor(False)], ids=repr)
def test_enforce_sorted_is_whatever_torch_takes_for_true_or_false(flag: Any) -> None:
    x, lengths = torch.tensor(ROWS), [4, 3, 2]
    packed = pack_padded_sequence(x, lengths, True, flag)
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=flag)
    assert report.batch.call.enforce_sorted is (packed.sorted_indices is None)


def test_options_may_be_numbers_of_numpy_and_torch() -> None:
    report = packviz.check(
        ROWS, [3, 2, 4], batch_first=True, enforce_sorted=False, padding_value=torch.tensor(0), total_length=np.int64(5)
    )
    assert report.ok
    assert report.batch.call.total_length == 5


def test_a_loaded_batch_can_be_checked_and_traced_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"x": [[1.0, 2, 0], [3, 4, 5]], "lengths": [2, 3], "batch_first": true, "enforce_sorted": false}')
    batch = packviz.load(path)
    assert packviz.check(batch).ok
    assert not packviz.check(batch, [3, 3]).ok
    lstm = torch.nn.LSTM(1, 2)
    assert packviz.trace(lstm, batch).difference < 1e-6


def test_a_sample_is_loaded_by_its_name_and_an_unknown_one_is_named() -> None:
    batch = packviz.load("sample:first-batch", lengths=[3, 3, 4], batch_first=True)
    assert (batch.lengths.tolist(), batch.call.enforce_sorted) == ([3, 3, 4], False)
    assert packviz.load("sample:first-batch", enforce_sorted=True).call.enforce_sorted
    with pytest.raises(packviz.BatchError, match="nothing-such"):
        packviz.load("sample:nothing-such")


def test_an_exception_is_explained_with_the_batch_that_raised_it() -> None:
    x, lengths = torch.tensor(ROWS).float().unsqueeze(-1), [3, 2, 6]
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    with pytest.raises(RuntimeError) as raised:
        torch.nn.LSTM(1, 6)(packed)
    told = packviz.explain(raised.value, x, lengths, batch_first=True, enforce_sorted=False)
    assert (told.causes[0].code, told.causes[0].rows, told.causes[0].confirmed) == ("length-exceeds-time", (2,), True)
    assert str(told).startswith(f"RuntimeError: {raised.value}\n")
    assert packviz.explain(str(raised.value)).causes[0].confirmed is None


def test_explain_takes_a_code_and_puts_one_right_that_is_misspelt() -> None:
    told = packviz.explain("padding-left")
    assert told.known
    assert "Rows start with padding" in str(told)
    there = packviz.explain("padding-left", [[0, 0, 1], [0, 2, 3], [1, 2, 3]], [1, 2, 3], batch_first=True)
    assert there.causes[0].rows == (0, 1)
    with pytest.raises(packviz.BatchError, match="did you mean padding-left"):
        packviz.explain("padding-lfet")


def test_explain_takes_the_module_and_hx_too() -> None:
    x, module, hx = torch.tensor(ROWS).float().unsqueeze(-1), torch.nn.GRU(1, 6), torch.zeros(1, 2, 6)
    call = {"batch_first": True, "enforce_sorted": False}
    with pytest.raises(RuntimeError) as raised:
        module(pack_padded_sequence(x, [3, 2, 4], **call), hx)
    told = packviz.explain(raised.value, x, [3, 2, 4], module=module, hx=hx, **call)
    assert (told.causes[0].code, told.causes[0].confirmed) == ("hidden-shape", True)


def test_what_explain_can_not_take_is_refused() -> None:
    with pytest.raises(TypeError, match="a text or an exception"):
        packviz.explain(5)
    with pytest.raises(packviz.BatchError, match="give x, too"):
        packviz.explain("Cannot pack empty tensors.", lengths=[1])


def test_a_probe_finds_the_row_whose_length_counts_padding() -> None:
    options = {"batch_first": True, "enforce_sorted": False}
    x, module = torch.tensor(ROWS).float().unsqueeze(-1), torch.nn.GRU(1, 4, 2, bidirectional=True, batch_first=True)
    right, wrong = (packviz.probe(module, x, lengths, **options) for lengths in ([3, 2, 4], torch.tensor([3, 2, 5])))
    assert right.ok
    assert [run.name for run in right.runs] == ["packed", "unpacked"]
    assert right.packed.reads[0].out.shape == (2, 2, 3)
    assert not wrong.ok
    assert wrong.packed.rows.tolist() == [2]
    assert "the length of row 2 counts padding" in " ".join(str(wrong).split())
    assert [(f.code, f.rows) for f in wrong.findings] == [("reads-padding", (2,))]
    assert right.findings == ()
    assert wrong.to_dict()["runs"][0]["rows"] == [2]


def test_a_probe_takes_hx_a_loaded_batch_sequences_and_a_packed_sequence() -> None:
    module, hx = torch.nn.LSTM(1, 4), (torch.ones(1, 3, 4), torch.ones(1, 3, 4))
    assert packviz.probe(module, packviz.load("sample:first-batch"), hx=hx).ok
    rows = [torch.tensor([1.0, 0.0, 3.0]), torch.tensor([2.0])]
    assert packviz.probe(module, rows, enforce_sorted=False).ok
    assert packviz.probe(module, pack_sequence(rows)).ok


def test_a_probe_takes_any_callable_of_x_and_lengths() -> None:
    def mean(x: torch.Tensor, lengths: list[int]) -> torch.Tensor:
        return x.mean(1)

    report = packviz.probe(mean, torch.tensor(ROWS).float(), [3, 2, 4], batch_first=True)
    assert report.packed.rows.tolist() == [0, 1, 2]
    assert (report.module, report.unpacked) == ("mean", None)
    assert isinstance(report, packviz.ProbeReport)


def test_a_probe_holds_a_model_against_the_law_and_names_the_fault_its_rows_and_its_place() -> None:
    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.pool = torch.nn.Conv1d(1, 4, 3, padding=1), torch.nn.AdaptiveAvgPool1d(1)

        def forward(self, x: torch.Tensor, lengths: Any) -> torch.Tensor:
            return self.pool(self.conv(x[:, None]))[..., 0]

    x = torch.tensor(ROWS).float()[:, :4]
    report = packviz.probe(Model(), x, [3, 2, 4], batch_first=True, enforce_sorted=False)
    assert not report.ok
    assert [(f.code, f.rows) for f in report.findings] == [("reads-padding", (0, 1))]
    assert report.broken == "broken first by `conv` (Conv1d), input right, output wrong"
    told = report.to_dict()
    assert told["findings"][0]["rows"] == [0, 1]
    assert told["broken"] == report.broken


def test_what_can_not_be_probed_is_refused_in_words() -> None:
    x = torch.tensor(ROWS).float()
    with pytest.raises(packviz.BatchError, match="module is a int"):
        packviz.probe(3, x, [3, 2, 4], batch_first=True)
    with pytest.raises(packviz.BatchError, match="hx is for"):
        packviz.probe(lambda x, n: x, x, [3, 2, 4], batch_first=True, hx=torch.zeros(1))
    with pytest.raises(packviz.BatchError, match="nothing to probe"):
        packviz.probe(torch.nn.GRU(1, 1), torch.zeros(0, 3), [], batch_first=True)


def test_a_built_in_batch_is_held_against_the_module_that_it_is_about() -> None:
    batch = packviz.load("sample:hidden-shape")
    assert "hidden-shape" in {finding.code for finding in packviz.check(batch).findings}
    module = torch.nn.LSTM(2, 6, batch_first=True)
    assert "hidden-shape" not in {finding.code for finding in packviz.check(batch, module=module).findings}
    assert packviz.check(packviz.load("sample:first-batch")).module == Module()
