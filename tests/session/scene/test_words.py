"""The words of the scene."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.cells.layout import Layout
from packviz.core.findings import Finding, Severity
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.packing import Packing, pack
from packviz.core.report import Report
from packviz.session.loads import LoadRequest
from packviz.session.requests import TraceRequest
from packviz.session.scene import words
from packviz.session.state import Cursor, Loading, Message, Place, State

ROWS = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]]
LENGTHS = [3, 2, 5, 5]
PICTURE = make_batch(ROWS, LENGTHS, Call(True, False), source="picture")
TIME_FIRST = make_batch(np.array(ROWS).T, LENGTHS, Call(False, False))
ROTATED = make_batch(ROWS[:3], [3, 2, 5], Call(True, False))  # whose sorted and unsorted indices differ


def said(batch: Batch, row: int, step: int) -> str:
    return words.cell_text(batch, pack(batch), Place(row, step))


# ---- the status bar --------------------------------------------------------------------------------------------------


def test_the_status_line_of_the_picture() -> None:
    assert said(PICTURE, 2, 4) == "x[2, 4] = 0 → data[13] (t4, sorted row 0)"


def test_the_status_line_names_the_cell_as_x_is_indexed() -> None:
    assert said(TIME_FIRST, 2, 4) == "x[4, 2] = 0 → data[13] (t4, sorted row 0)"


@pytest.mark.parametrize("batch", [PICTURE, TIME_FIRST, ROTATED], ids=["batch_first", "time first", "rotated"])
def test_every_status_line_of_a_packed_cell_is_true_in_torch(batch: Batch) -> None:
    packed = pack_padded_sequence(
        torch.tensor(batch.x), torch.tensor(batch.lengths), batch.call.batch_first, enforce_sorted=False
    )
    assert packed.unsorted_indices is not None
    for row, length in enumerate(batch.lengths.tolist()):
        for step in range(length):
            found = re.fullmatch(
                r"x\[(\d+), (\d+)\] = (\d+) → data\[(\d+)\] \(t(\d+), sorted row (\d+)\)", said(batch, row, step)
            )
            assert found is not None
            first, second, value, k, t, rank = map(int, found.groups())
            assert batch.x[first, second] == value == packed.data[k]
            assert t == step
            assert rank == packed.unsorted_indices[row]


@pytest.mark.parametrize(
    ("row", "step", "text"),
    [
        (0, 4, "x[0, 4] = 0 · padding (length 3): not packed"),
        (-1, 3, "t3"),
        (-1, -1, ""),
        (2, -1, ""),
        (4, 0, ""),
    ],
)
def test_what_is_no_packed_cell_says_what_it_is(row: int, step: int, text: str) -> None:
    assert said(PICTURE, row, step) == text


def test_a_step_that_x_has_not_is_named_with_the_length_that_counts_it() -> None:
    batch = PICTURE.with_lengths([3, 7])
    assert said(batch, 1, 5) == "x[1, 5] does not exist: x has 5 steps, but lengths[1] is 7"
    assert said(batch, 0, 5) == "x[0, 5] does not exist: x has 5 steps"
    assert said(batch, 3, 5) == "x[3, 5] does not exist: x has 5 steps"


def test_a_row_without_a_length_is_said_to_be_dropped() -> None:
    assert said(PICTURE.with_lengths([3, 2]), 3, 0) == "x[3, 0] = 7 · row 3 has no length: torch drops it"


def test_where_torch_packs_nothing_the_cell_is_not_packed() -> None:
    assert said(PICTURE.with_lengths([3, 2, 0, 5]), 0, 0) == "x[0, 0] = 1 · not packed"


def test_cells_with_features_show_the_first_of_them() -> None:
    batch = make_batch(np.arange(16.0).reshape(1, 2, 8), [2], Call(True))
    assert said(batch, 0, 1) == "x[0, 1] = [8, 9, 10, 11, 12, 13, …] → data[1] (t1, sorted row 0)"


def test_the_status_bar_says_what_the_batch_is() -> None:
    left, right = words.status(PICTURE, pack(PICTURE), Cursor(Moment(4), 2), Module(device="cuda:0"))
    assert left == "x[2, 4] = 0 → data[13] (t4, sorted row 0)"
    assert right == "picture · 4 × 5 · 25% padding · cuda:0 · int64"
    hovered, _ = words.status(PICTURE, pack(PICTURE), Cursor(Moment(4), 2, Place(0, 0)), Module())
    assert hovered.startswith("x[0, 0] = 1")
    assert words.status(None, None, Cursor(), Module()) == ("", "")


# ---- lists -----------------------------------------------------------------------------------------------------------


def test_short_lists_are_whole_and_long_ones_leave_their_middle_out() -> None:
    assert words.short_list([6, 4, 4], 3) == "[6, 4, 4]"
    assert words.short_list(np.arange(100), 4) == "[0, 1, 2, …, 99]"
    assert words.short_list([]) == "[]"


@given(st.lists(st.integers(0, 10**6), max_size=40), st.integers(2, 12))
def test_no_list_shows_more_numbers_than_it_may(values: list[int], most: int) -> None:
    text = words.short_list(values, most)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    assert len(numbers) == min(len(values), most)
    assert numbers[:-1] == values[: len(numbers) - 1]
    assert numbers[-1:] == values[-1:]


@pytest.mark.parametrize(
    ("lengths", "text"), [([3, 2, 4], "3, 2, 4"), ([3.0, 2.5], "3, 2.5"), ([True, False], "1, 0"), ([], "")]
)
def test_lengths_are_written_as_they_are_typed(lengths: list[float], text: str) -> None:
    assert words.lengths_text(make_batch(np.zeros((3, 5)), lengths, Call(True))) == text


def test_a_large_length_is_written_whole() -> None:
    assert words.lengths_text(PICTURE.with_lengths([1234567, 2, 3, 4])) == "1234567, 2, 3, 4"
    assert words.lengths_text(None) == ""


# ---- panes -----------------------------------------------------------------------------------------------------------


def test_subtitles_say_shape_dtype_layout_and_the_direction_of_time() -> None:
    assert words.padded_subtitle(PICTURE, "down") == "(4, 5) int64 · batch_first · time ↓"
    assert words.padded_subtitle(TIME_FIRST, "right") == "(5, 4) int64 · time first · time →"
    packing = pack(PICTURE)
    assert isinstance(packing, Packing)
    assert words.packed_subtitle(PICTURE, packing).startswith("(15,)")


def test_the_padded_footer_says_where_the_lengths_come_from() -> None:
    assert "drag" in words.padded_footer(PICTURE)
    guessed = words.padded_footer(PICTURE.with_lengths(PICTURE.lengths, "guessed"))
    assert guessed.startswith("lengths guessed from the padding · ")


def test_the_packed_footer_shows_torchs_indices() -> None:
    packing = pack(ROTATED)
    assert isinstance(packing, Packing)
    packed = pack_padded_sequence(torch.tensor(ROTATED.x), torch.tensor(ROTATED.lengths), True, enforce_sorted=False)
    assert packed.sorted_indices is not None
    assert packed.unsorted_indices is not None
    expected = f"sorted {packed.sorted_indices.tolist()} · unsorted {packed.unsorted_indices.tolist()}"
    assert words.packed_footer(packing, ROTATED, False) == expected
    assert "asking torch" in words.packed_footer(packing, ROTATED, True)


def test_batch_sizes_are_listed_and_summed_and_what_data_lacks_is_said() -> None:
    for lengths, line in (([3, 2, 5, 5], "sum 15"), ([3, 2, 7, 5], "sum 17, but data has 15")):
        packing = pack(PICTURE.with_lengths(lengths))
        assert isinstance(packing, Packing)
        listed, total = words.sizes_lines(packing)
        assert listed == str(packing.batch_sizes.tolist())
        assert total == line


def test_the_state_lines_name_active_and_ended_rows_and_the_agreement_with_torch() -> None:
    trace = TraceRequest(PICTURE, Module()).do(UNWATCHED)
    subtitle, footer = words.states_lines(trace, 2)
    assert "3 of 4 active" in subtitle
    assert "row 1 ended at t1, its h is final" in subtitle
    assert footer.startswith("active rows [0, 2, 3] · h[:3] updated · max |Δ| against torch's nn.LSTM")
    assert footer.endswith("✓")
    assert "ended" not in words.states_lines(trace, 0)[0]
    shown, ends = words.row_lines(trace, 1)
    assert shown == "6 units"
    assert ends == "ends at t1 = h_n[0, 1]"


def test_findings_are_counted_by_severity_worst_first() -> None:
    kinds = [Severity.ERROR, Severity.ERROR, Severity.SILENT, Severity.SILENT, Severity.NOTE]
    findings = tuple(Finding("code", severity, "", "") for severity in kinds)
    assert words.findings_summary(Report(PICTURE, None, findings)) == "2 errors · 2 silent · 1 note"
    assert words.findings_summary(Report(PICTURE, None, ())) == ""


# ---- waiting ---------------------------------------------------------------------------------------------------------


def test_a_line_about_something_earlier_says_so_first() -> None:
    assert words.of_line("the last lengths", "6 units") == "of the last lengths · 6 units"
    assert words.of_line("", "6 units") == "6 units"


def test_the_banner_shows_a_load_before_a_message() -> None:
    loading = Loading(LoadRequest(1, paths=("/some/where/b.pt",)), 0.5)
    state = State(loading=loading, message=Message("no", bad=True))
    assert words.banner(state) == ("Reading b.pt…", False, True, 0.5)
    assert words.banner(replace(state, loading=None)) == ("no", True, False, 0.0)
    assert words.banner(State()) == ("", False, False, 0.0)


def test_lengths_without_values_are_not_typed_and_imaginary_parts_are_left_out() -> None:
    assert words.lengths_text(make_batch(np.ones((2, 3)), [0, 0], lengths_device="meta")) == ""
    assert words.lengths_text(make_batch(np.ones((2, 3)), [3 + 1j, 2.5])) == "3, 2.5"
    assert words.lengths_text(make_batch(np.ones((2, 3)), [[3], [float("nan")]])) == "3, nan"


def test_an_x_without_rows_is_named_as_it_is() -> None:
    batch = make_batch(np.array([1.0, 2.0, 0.0]), [2])
    left, right = words.status(batch, pack(batch), Cursor(Moment(1)), Module())
    assert left == "x[1] = 2 · not packed"
    assert right == "x · (3,) · cpu · float64"


def test_a_length_that_is_no_number_is_told_as_it_is() -> None:
    batch = make_batch(np.ones((2, 3)), [3, float("nan")], Call(True))
    assert words.cell_text(batch, pack(batch), Place(1, 0)) == "x[1, 0] = 1 · padding (length nan): not packed"
    meta = make_batch(np.ones((2, 3)), [0, 0], Call(True), lengths_device="meta")
    assert words.cell_text(meta, pack(meta), Place(1, 0)) == "x[1, 0] = 1 · not packed"


def test_the_padded_footer_begins_with_the_layout_once_it_is_known() -> None:
    layout = Layout(True, "right", "certain", ("4 lengths for 4 rows; x has 5 steps",))
    said = words.padded_footer(PICTURE, layout)
    assert said.startswith("batch_first, padded right: certain · 4 lengths for 4 rows; x has 5 steps · drag")
    assert words.layout_head(Layout(None, "left", "undecidable", ())) == "batch_first undecidable, padded left"
    assert words.layout_head(Layout(False, None, "likely", ())) == "time first: likely"
