"""What is given: dimensions, shapes, devices and dtypes, right and wrong; torch itself says what it makes of each."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import packviz
from packviz.core.batch import OPTIONS, Batch, BatchError, Call, make_batch
from packviz.core.findings import Severity
from packviz.core.packing import Refusal, pack
from packviz.core.rules import check
from packviz.core.verdict import STAGES
from packviz.files.objects import to_batch
from tests.core.oracle import find, one

ROOM = {
    *("batch-rank", "batch-empty", "lengths-shape", "lengths-device", "length-not-finite", "lengths-fractional"),
    "total-length-too-short",
}
NO_VECTOR = {"lengths-shape", "lengths-are-mask"}
CAUSES = {
    "value cannot be converted to type int64": {"length-not-finite"},
    "Cannot copy out of meta tensor": {"lengths-device"},
    "but got 1D": {"lengths-device"},
    "argument should be a 1D CPU int64 tensor": NO_VECTOR,
    "Index is supposed to be a vector": NO_VECTOR,
    "Index to scalar": {"batch-rank"},
    "Dimension out of range": {"batch-rank"},
    "Dimension specified as": {"batch-rank"},
    "index out of range in self": {"lengths-count", "batch-rank"},
    "element is out of DATA bounds": {"lengths-count"},
    "self indexing axis dim should be positive": {"batch-empty"},
    "Cannot pack empty tensors": {"batch-empty", "lengths-count", "batch-rank"},
    "Expected `len(lengths)` to be equal to batch_size": {"lengths-count"},
    "has to be greater than 0": {"length-not-positive", "length-not-finite"},
    "must be sorted in decreasing order": {"lengths-unsorted", "length-not-finite"},
}
"""torch's messages, and the findings that may explain each; the first that fits counts."""

DTYPES = (
    *("bool", "uint8", "uint16", "uint64", "int8", "int16", "int32", "int64"),
    *("float16", "float32", "float64", "bfloat16", "complex64"),
)


@dataclass(frozen=True)
class Asked:
    """A call, and what torch does with it: what it raises while it packs and while it unpacks."""

    x: torch.Tensor
    lengths: Any
    call: Call

    def packs(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # imaginary parts are dropped
            return pack_padded_sequence(self.x, self.lengths, self.call.batch_first, self.call.enforce_sorted)

    def batch(self) -> Batch:
        return to_batch(self.x, self.lengths, self.call, options_given=frozenset(OPTIONS))


def raised(ask: Any) -> Exception | None:
    try:
        ask()
    except Exception as error:
        return error
    return None


@st.composite
def lengths_of_any_kind(draw: st.DrawFn, rows: int) -> Any:
    """Lengths of any rank and dtype: mostly a vector of the right size."""
    likely = st.just((rows,))
    shape = tuple(draw(st.one_of(likely, likely, st.lists(st.integers(0, 4), max_size=3))))
    dtype = draw(st.sampled_from(DTYPES))
    numbers: st.SearchStrategy[Any] = st.integers(0, 5)
    if dtype.startswith(("int", "float", "bfloat", "complex")):
        numbers = st.one_of(st.integers(1, 4), st.integers(-1, 5))
    if dtype.startswith(("float", "bfloat", "complex")) and draw(st.booleans()):
        odd = st.sampled_from([0.5, 2.5, 2.9, -0.5, float("nan"), float("inf"), float("-inf")])
        numbers = st.one_of(numbers, odd)
    size = int(np.prod(shape, dtype=int))
    values = draw(st.lists(numbers, min_size=size, max_size=size))
    if draw(st.booleans()):
        values.sort(key=lambda value: -np.nan_to_num(value))
    tensor = torch.tensor(values, dtype=torch.float64).reshape(shape).to(getattr(torch, dtype))
    if dtype == "complex64" and draw(st.booleans()):
        tensor = tensor + 1j
    made = draw(st.sampled_from(["tensor", "array", "list", "meta"]))
    if made == "meta":
        return tensor.to("meta")
    if made == "list" and dtype != "complex64":
        return (tensor.float() if dtype == "bfloat16" else tensor).tolist()
    return tensor.numpy() if made == "array" and dtype != "bfloat16" else tensor


@st.composite
def calls(draw: st.DrawFn) -> Asked:
    likely = st.lists(st.integers(1, 4), min_size=2, max_size=3)
    shape = draw(st.one_of(likely, likely, st.lists(st.integers(0, 4), max_size=3)))
    batch_first = draw(st.booleans())
    rows = shape[0 if batch_first else 1] if len(shape) > 1 else draw(st.integers(0, 2))
    numbers = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 3, shape)
    total = draw(st.none() | st.integers(-1, 7))
    call = Call(batch_first, draw(st.booleans()), total_length=total)
    return Asked(torch.tensor(numbers, dtype=torch.float32), draw(lengths_of_any_kind(rows)), call)


@settings(max_examples=300)
@given(calls())
def test_packing_is_refused_where_torch_raises_and_for_the_cause_that_its_message_names(asked: Asked) -> None:
    error = raised(asked.packs)
    refusal = pack(asked.batch())
    assert isinstance(refusal, Refusal) is (error is not None), error
    if isinstance(refusal, Refusal):
        causes = next(codes for words, codes in CAUSES.items() if words in str(error))
        assert refusal.code in causes, error


@settings(max_examples=200)
@given(calls())
def test_each_stage_has_an_error_finding_exactly_where_torch_raises(asked: Asked) -> None:
    report = check(asked.batch())
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    error = raised(asked.packs)
    if error is not None:
        first = [finding for finding in errors if finding.behind is None and finding.stage == "pack"]
        refusal = pack(asked.batch())
        assert isinstance(refusal, Refusal)
        assert any(finding.says(refusal.code) for finding in first), error
        return
    assert not [finding.code for finding in errors if finding.stage == "pack"]
    packed = asked.packs()
    unpacking = raised(
        lambda: pad_packed_sequence(packed, asked.call.batch_first, total_length=asked.call.total_length)
    )
    assert any("unpack" in finding.stages for finding in errors) is (unpacking is not None), unpacking


@settings(max_examples=60)
@given(calls())
def test_the_verdict_and_the_findings_agree(asked: Asked) -> None:
    call = asked.call
    report = packviz.check(
        asked.x,
        asked.lengths,
        batch_first=call.batch_first,
        enforce_sorted=call.enforce_sorted,
        total_length=call.total_length,
    )
    assert report.verdict is not None
    assert report.unexplained is None
    error = raised(asked.packs)
    assert report.verdict.pack.ok is (error is None)
    assert error is None or report.verdict.pack.text == f"{type(error).__name__}: {error}".rstrip()
    outcomes = [getattr(report.verdict, stage).ok for stage in STAGES]
    errors = [finding.code for finding in report.findings if finding.severity is Severity.ERROR]
    assert bool(errors) is (False in outcomes), errors
    assert str(report)
    assert report.to_dict()["batch"]["steps"] == report.batch.steps


@settings(max_examples=100)
@given(calls())
def test_after_its_edit_a_finding_of_this_room_is_gone(asked: Asked) -> None:
    batch = asked.batch()
    for finding in check(batch).findings:
        if finding.edit is not None and finding.code in ROOM:
            mended = finding.edit.apply(batch)
            assert mended is not batch
            assert find(check(mended), finding.code) is None, finding.code


@settings(max_examples=100)
@given(calls())
def test_the_python_of_a_fix_does_what_its_edit_does(asked: Asked) -> None:
    batch = asked.batch()
    for finding in check(batch).findings:
        if finding.edit is None or finding.code not in ROOM - {"total-length-too-short"} or finding.fix is None:
            continue
        lengths = asked.lengths if isinstance(asked.lengths, torch.Tensor | list) else torch.as_tensor(asked.lengths)
        names = {"torch": torch, "x": asked.x, "lengths": lengths.clone() if hasattr(lengths, "clone") else lengths}
        names |= {
            "pack_padded_sequence": lambda *_, **__: None,
            "pad_packed_sequence": lambda *_, given=names, **__: (None, given["lengths"]),
        }
        names["packed"] = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(finding.fix, names)  # the very text that is copied
            # Of lengths that stay complex torch drops the imaginary parts, and warns of it, once a process.
            edited = finding.edit.lengths is not None
            counts = torch.as_tensor(names["lengths"], dtype=torch.int64).tolist() if edited else None
        mended = finding.edit.apply(batch)
        assert tuple(names["x"].shape) == mended.x.shape
        assert counts is None or counts == mended.counts.tolist()


@given(st.integers(2, 4), st.integers(2, 4), st.booleans(), st.sampled_from(DTYPES[:-1]), st.booleans())
def test_right_lengths_of_every_dtype_have_no_finding_of_this_room(
    rows: int, steps: int, batch_first: bool, dtype: str, listed: bool
) -> None:
    x = torch.ones((rows, steps) if batch_first else (steps, rows))
    lengths = torch.tensor([steps] * rows).to(getattr(torch, dtype if dtype != "bool" else "uint8"))
    report = packviz.check(x, lengths.tolist() if listed else lengths, batch_first=batch_first, total_length=steps)
    assert not {finding.code for finding in report.findings} & ROOM
    assert report.ok


@pytest.mark.parametrize("batch_first", [True, False])
def test_one_sequence_becomes_one_row(batch_first: bool) -> None:
    report = packviz.check(torch.tensor([1.0, 2.0, 3.0]), batch_first=batch_first)
    finding = report.findings[0]
    assert (finding.code, finding.title) == ("batch-rank", "x has 1 dimension")
    assert finding.fix == f"x = x.unsqueeze({0 if batch_first else 1})"
    assert finding.torch is not None
    assert "Dimension" in finding.torch
    assert finding.edit is not None
    mended = finding.edit.apply(report.batch)
    assert (mended.rows, mended.steps, mended.lengths.tolist()) == (1, 3, [3])
    assert check(mended).ok


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (3, 5, 0), (0,)])
def test_an_empty_batch_names_its_shape(shape: tuple[int, ...]) -> None:
    finding = one(make_batch(np.ones(shape), [1] * shape[0], Call(True)), "batch-empty")
    assert f"x has shape {shape}" in finding.detail


def test_a_column_of_lengths_is_flattened() -> None:
    x = torch.ones(3, 4)
    report = packviz.check(x, torch.tensor([[4], [3], [2]]), batch_first=True)
    finding = report.findings[0]
    assert (finding.code, finding.title) == ("lengths-shape", "lengths has shape (3, 1)")
    assert finding.fix == "lengths = lengths.flatten()"
    assert finding.edit is not None
    assert check(finding.edit.apply(report.batch)).batch.lengths.tolist() == [4, 3, 2]


def test_one_length_for_all_rows_is_repeated() -> None:
    finding = packviz.check(torch.ones(3, 4), 4, batch_first=True).findings[0]
    assert finding.edit is not None
    assert (finding.code, finding.edit.lengths) == ("lengths-shape", (4, 4, 4))


def test_lengths_on_another_device_are_brought_to_the_cpu_and_torch_is_not_asked_where_there_is_none() -> None:
    batch = make_batch(torch.ones(2, 3).numpy(), [3, 2], Call(True), lengths_device="cuda:7")
    finding = one(batch, "lengths-device")
    assert finding.title == "The lengths are on cuda:7"
    assert finding.fix == "lengths = lengths.cpu()"
    assert finding.edit is not None
    mended = finding.edit.apply(batch)
    assert (mended.given.device, mended.lengths.tolist()) == ("cpu", [3, 2])
    report = packviz.check(batch)
    assert report.verdict is not None
    assert (report.verdict.pack.ok, report.verdict.pack.text) == (None, "not asked: there is no cuda:7 here")


def test_a_meta_tensor_has_no_lengths_and_no_other_finding_about_them() -> None:
    report = packviz.check(torch.ones(2, 3), torch.tensor([0, 9], device="meta"), batch_first=True)
    assert [finding.code for finding in report.findings if finding.severity is not Severity.NOTE] == ["lengths-device"]
    assert "no numbers" in report.findings[0].detail
    assert report.to_dict()["batch"]["lengths"] is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", [list, torch.tensor, np.array])
@pytest.mark.parametrize("enforce_sorted", [True, False])
def test_a_length_that_is_no_number_is_named_and_set_to_the_end_of_its_data(
    value: float, kind: Any, enforce_sorted: bool
) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 0.0]])
    report = packviz.check(x, kind([3.0, value]), batch_first=True, enforce_sorted=enforce_sorted)
    finding = report.findings[0]
    assert (finding.code, finding.rows, finding.fix) == ("length-not-finite", (1,), "lengths[1] = 2")
    assert finding.detail.startswith(f"lengths[1] is {value}, ")
    assert ("which torch reads as" in finding.detail) is (kind is not list)
    assert find(report, "length-not-positive") is None
    assert finding.edit is not None
    assert check(finding.edit.apply(report.batch)).ok


def test_a_number_beyond_64_bits_is_refused_by_torch_in_a_list_and_read_as_another_in_a_tensor() -> None:
    x = torch.ones(1, 2)
    assert packviz.check(x, [1e300], batch_first=True).findings[0].code == "length-not-finite"
    tensor = torch.tensor([1e300], dtype=torch.float64)
    assert packviz.check(x, tensor, batch_first=True).findings[0].code == "length-not-positive"
    with pytest.raises(BatchError, match=r"^lengths\[0\] is 9223372036854775808, but"):
        packviz.check(x, [2**63], batch_first=True)


def test_a_fraction_is_cut_off_without_a_word() -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 0.0]])
    report = packviz.check(x, torch.tensor([3.0, 2.9]), batch_first=True)
    finding = one(report.batch, "lengths-fractional")
    assert (finding.severity, finding.rows) == (Severity.SILENT, (1,))
    assert finding.detail.startswith("lengths[1] is 2.9000000953674316, which torch reads as 2")
    assert report.verdict is not None
    assert report.verdict.pack.ok
    assert not report.ok


def test_an_imaginary_part_is_cut_off_too() -> None:
    report = packviz.check(torch.ones(2, 3), torch.tensor([3 + 1j, 3 + 0j]), batch_first=True)
    assert one(report.batch, "lengths-fractional").rows == (0,)
    assert report.verdict is not None
    assert report.verdict.pack.ok


def test_a_total_length_that_is_too_short_names_the_longest_row_and_grows() -> None:
    report = packviz.check(torch.ones(3, 5), [5, 3, 2], batch_first=True, total_length=2)
    finding = report.findings[0]
    assert (finding.code, finding.rows, finding.stage) == ("total-length-too-short", (0, 1), "unpack")
    assert finding.torch is not None
    assert "Expected total_length to be at least the length" in finding.torch
    assert finding.edit is not None
    assert finding.edit.apply(report.batch).call.total_length == 5
    assert find(check(make_batch(np.ones((1, 2)), [0], Call(True, total_length=0))), finding.code) is None


@pytest.mark.parametrize(
    ("sizes", "order", "back"), [([3, 2, 1], None, None), ([3, 2], [2, 0, 1], [0, 1, 2]), ([[3], [2]], None, None)]
)
def test_total_length_is_compared_first_of_all_with_the_steps_of_a_packed_sequence_that_contradicts_itself(
    sizes: list[int], order: list[int] | None, back: list[int] | None
) -> None:
    indices = [None if given is None else torch.tensor(given) for given in (order, back)]
    wrong = PackedSequence(torch.arange(5.0)[:, None], torch.tensor(sizes), *indices)
    error = raised(lambda: pad_packed_sequence(wrong, total_length=1))
    assert isinstance(error, ValueError)
    assert "total_length" in str(error)
    report = packviz.check(wrong, total_length=1)
    finding = find(report, "total-length-too-short")
    assert finding is not None
    assert (finding.severity, finding.behind) == (Severity.ERROR, None)
    assert f"batch_sizes counts {len(sizes)} steps" in finding.detail
    inconsistent = find(report, "packed-inconsistent")
    assert inconsistent is not None
    assert "total_length" not in str(inconsistent.torch)


def test_a_total_length_that_only_a_length_beyond_x_outgrows_is_not_raised() -> None:
    finding = one(make_batch(np.ones((2, 5)), [7, 3], Call(True, total_length=5)), "total-length-too-short")
    assert finding.fix is None
    assert finding.edit is None
    assert finding.detail.endswith("Lengths that end inside the 5 steps of x would fit: mend these first.")


@pytest.mark.parametrize("shape", [(3, 5, 0), (3, 0, 2)])
def test_of_a_batch_without_cells_no_cell_is_called_padding(shape: tuple[int, ...]) -> None:
    codes = [f.code for f in check(make_batch(np.ones(shape), [3, 2, 1], Call(True))).findings]
    assert codes[0] == "batch-empty"
    assert not {"row-all-padding", "length-counts-padding"} & set(codes)


def test_a_fraction_is_rounded_up_where_the_data_goes_on_for_the_step_that_has_begun() -> None:
    x = torch.tensor([[3, 4, 5, 0], [1, 2, 6, 7], [9, 0, 0, 0]])
    report = packviz.check(x, torch.tensor([3.0, 3.9, 1.0]), batch_first=True, enforce_sorted=False)
    finding = find(report, "lengths-fractional")
    assert finding is not None
    assert finding.edit is not None
    assert finding.edit.lengths == (3, 4, 1)
    assert "round up" in finding.detail
    for lengths in (torch.tensor([3.0, 3.9, 1.0]), np.array([3.0, 3.9, 1.0])):
        names = {"torch": torch, "lengths": lengths}
        exec(finding.fix or "", names)
        assert names["lengths"].tolist() == [3, 4, 1]
