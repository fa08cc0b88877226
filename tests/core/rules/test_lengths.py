"""The lengths themselves: their number, their size, their order."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.carrier import Packed
from packviz.core.findings import Severity
from packviz.core.rules import check
from packviz.core.texts.wording import number
from tests.core.oracle import batch_of, find, one, packed, raised_by


def test_dropped_rows_are_silent_and_too_many_lengths_are_an_error() -> None:
    x = [[1, 2], [3, 0], [4, 5]]
    dropped = one(batch_of(x, [2, 1]), "lengths-count")
    assert (dropped.severity, dropped.rows, dropped.spans.tolist()) == (Severity.SILENT, (2,), [[2, 0, 2]])
    assert pad_packed_sequence(packed(batch_of(x, [2, 1])))[0].shape[1] == 2
    assert one(batch_of(x, [2, 1], enforce_sorted=True), "lengths-count").severity is Severity.ERROR
    assert one(batch_of(x, [2, 1, 2, 2]), "lengths-count").stage == "pack"


def test_a_packed_sequence_that_brings_its_order_is_not_called_unsorted() -> None:
    x = np.array([[1, 0], [2, 3]], dtype=np.float32)
    batch = make_batch(x, [1, 2], Call(True, True), origin="packed", carrier=Packed(np.array([1, 0])))
    assert find(check(batch), "lengths-unsorted") is None


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (3, 5, 0)])
def test_an_empty_batch_is_an_error_of_its_own(shape: tuple[int, ...]) -> None:
    batch = batch_of(np.ones(shape), [1] * shape[0])
    assert [f.code for f in check(batch).findings if f.severity is Severity.ERROR] == ["batch-empty"]
    assert raised_by(lambda: packed(batch)) == "Cannot pack empty tensors."


def test_a_length_that_is_not_positive_is_named_and_set_to_the_end_of_its_data() -> None:
    finding = one(batch_of([[1, 2, 0], [3, 0, 0]], [0, 1]), "length-not-positive")
    assert finding.title == "Row 0: its length is not positive"
    assert finding.detail == "lengths[0] is 0, but a length must be at least 1."
    assert (finding.rows, finding.fix) == ((0,), "lengths[0] = 2")


def test_a_row_without_any_data_is_better_dropped() -> None:
    told = one(batch_of([[1, 2], [0, 0]], [2, 0], batch_first=False), "length-not-positive").detail
    assert told.endswith("dropped from the batch: x[:, lengths > 0], lengths[lengths > 0].")


def test_a_length_beyond_the_end_names_the_length_and_the_steps() -> None:
    finding = one(batch_of([[1, 2], [3, 3]], [2, 5]), "length-exceeds-time")
    assert finding.detail.startswith("lengths[1] is 5, but x has 2 steps.")
    assert (finding.rows, finding.stage, finding.fix) == ((1,), "run", "lengths[1] = 2")


def test_unsorted_lengths_name_the_first_that_rises() -> None:
    finding = one(batch_of(np.ones((3, 3)), [3, 1, 2], enforce_sorted=True), "lengths-unsorted")
    assert finding.detail.startswith("lengths[2] is 2, but lengths[1] is 1; enforce_sorted=True")
    assert finding.rows == (2,)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("given", ["1e300", "-1e300", "0.5"])
def test_a_length_that_torch_reads_as_another_number_is_named_as_it_was_given(given: str) -> None:
    batch = batch_of([[1, 2, 0], [3, 0, 0]], np.array([2, float(given)]))
    read = int(torch.tensor(float(given), dtype=torch.float64).to(torch.int64))
    start = f"lengths[1] is {number(float(given))}, which torch reads as {read}, but a length must be at least 1"
    assert one(batch, "length-not-positive").detail.startswith(start)


def test_a_length_that_no_memory_can_hold_is_found_without_laying_it_out() -> None:
    report = check(batch_of([[1, 2], [3, 3]], [2, 10**15]))
    assert report.packing is None
    errors = [f for f in report.findings if f.severity is Severity.ERROR]
    assert [(f.code, f.behind, f.stages) for f in errors] == [("length-exceeds-time", None, ("run", "unpack"))]


@given(st.integers(2, 6), st.integers(2, 6), st.booleans(), st.booleans())
def test_lengths_that_fit_the_other_layout_lead_to_it_and_stay_as_they_are(
    rows: int, steps: int, batch_first: bool, enforce_sorted: bool
) -> None:
    assume(rows != steps)
    x = np.ones((rows, steps) if not batch_first else (steps, rows))  # read the wrong way round
    lengths = [steps] * rows
    report = check(make_batch(x, lengths, Call(batch_first, enforce_sorted)))
    first = report.findings[0]
    assert first.edit is not None
    assert first.edit.batch_first is (not batch_first)
    assert f"batch_first={not batch_first}" in first.detail
    assert all(f.edit is None or f.edit.lengths is None for f in report.findings)
    assert check(first.edit.apply(report.batch)).ok


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(1, 3))
def test_a_length_beyond_the_end_makes_unpacking_raise_as_well(lengths: list[int], steps: int) -> None:
    batch = batch_of(np.ones((len(lengths), steps)), lengths)
    finding = find(check(batch), "length-exceeds-time")
    said = raised_by(lambda: pad_packed_sequence(packed(batch)))
    assert (finding is not None and "unpack" in finding.stages) is (said is not None)


@pytest.mark.parametrize("lengths", [[[3], [1]], 9, [[1, 0, 1], [1, 1, 1]]])
def test_lengths_that_are_no_vector_are_left_to_the_rules_about_shapes(lengths: object) -> None:
    codes = {finding.code for finding in check(make_batch(np.ones((2, 3)), lengths, Call(True))).findings}  # type: ignore[arg-type]
    assert not codes & {"lengths-count", "length-not-positive", "length-exceeds-time", "lengths-unsorted"}
    assert codes & {"lengths-shape", "lengths-are-mask"}


def test_a_length_that_is_no_number_is_neither_called_negative_nor_unsorted() -> None:
    codes = {f.code for f in check(make_batch(np.ones((3, 3)), [float("nan"), 3, 2], Call(True))).findings}
    assert "length-not-finite" in codes
    assert not codes & {"length-not-positive", "lengths-unsorted"}


def test_an_empty_sequence_is_dropped_from_the_list_for_there_is_no_length_to_set() -> None:
    sequences = [torch.tensor([1, 2, 3]), torch.tensor([], dtype=torch.int64)]
    finding = find(packviz.check(sequences, enforce_sorted=False), "length-not-positive")
    assert finding is not None
    assert finding.edit is None
    names: dict[str, object] = {"sequences": sequences}
    exec(str(finding.fix), names)
    assert packviz.check(names["sequences"]).ok


@pytest.mark.parametrize("features", [(3,), (3, 2, 2)])
@pytest.mark.parametrize("batch_first", [True, False])
def test_rows_and_steps_in_one_dimension_are_told_with_the_line_that_takes_them_apart(
    features: tuple[int, ...], batch_first: bool
) -> None:
    lengths = [3, 7, 4, 5, 2]
    x = np.arange(1, 1 + 35 * np.prod(features), dtype=np.float32).reshape(35, *features)
    report = packviz.check(x, lengths, batch_first=batch_first, enforce_sorted=False)
    [found] = [f for f in report.findings if f.code == "lengths-count"]
    assert "35 entries in its first dimension, 5 × 7, the longest length" in found.detail
    space: dict[str, object] = {"x": torch.tensor(x), "lengths": torch.tensor(lengths)}
    exec(f"from torch.nn.utils.rnn import pack_padded_sequence\n{found.fix}", space)
    packed = space["packed"]
    assert isinstance(packed, PackedSequence)
    assert packed.data[0].equal(torch.tensor(x)[7])  # the first step of row 1, the longest
    assert found.edit is None


def test_sequences_one_after_the_other_are_told_with_the_line_that_takes_them_apart() -> None:
    x, lengths = torch.arange(1.0, 64).reshape(21, 3), [3, 7, 4, 5, 2]
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False)
    [found] = [f for f in report.findings if f.code == "lengths-count"]
    assert "to which the lengths add up" in found.detail
    space: dict[str, object] = {"x": x, "lengths": lengths, "torch": torch}
    exec(f"from torch.nn.utils.rnn import pack_sequence\n{found.fix}", space)
    packed = space["packed"]
    assert isinstance(packed, PackedSequence)
    assert packed.data[0].equal(x[3])
    other = packviz.check(torch.ones(20, 3), lengths, batch_first=True, enforce_sorted=False)
    assert not any("first dimension" in f.detail for f in other.findings)


@pytest.mark.parametrize(
    ("lengths", "padded", "told"),
    [([4, 3], True, False), ([4, 3], False, True), ([8, 7], True, False), ([9, 7], True, True), ([9, 8], True, True)],
)
def test_a_small_padded_batch_with_lengths_missing_is_not_taken_for_sequences_end_to_end(
    lengths: list[int], padded: bool, told: bool
) -> None:
    x = np.ones((sum(lengths), 10, 2), np.float32)
    if padded:
        x[:, -1] = 0
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False, ask=False)
    [found] = [f for f in report.findings if f.code == "lengths-count"]
    assert ("to which the lengths add up" in found.detail) == told
