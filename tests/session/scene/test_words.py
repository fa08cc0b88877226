"""The words of the scene."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.core.cells.guess import guessed
from packviz.core.cells.layout import Layout
from packviz.core.findings import Finding, Severity
from packviz.core.module import Module
from packviz.core.moments import Moment
from packviz.core.packing import Packing, pack
from packviz.core.report import Report
from packviz.core.rules import check
from packviz.core.trace import Where
from packviz.session.actions import Undo
from packviz.session.loads import LoadRequest
from packviz.session.runs import TraceRequest
from packviz.session.scene import words
from packviz.session.state import Loading, Message, Offer, State

ROWS = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0], [7, 3, 2, 5, 8]]
LENGTHS = [3, 2, 5, 5]
PICTURE = make_batch(ROWS, LENGTHS, Call(True, False), source="picture")
TIME_FIRST = make_batch(np.array(ROWS).T, LENGTHS, Call(False, False))
ROTATED = make_batch(ROWS[:3], [3, 2, 5], Call(True, False))  # whose sorted and unsorted indices differ


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
    subtitle, footer = words.states_lines(trace, Moment(2))
    assert "3 of 4 active" in subtitle
    assert "row 1 ended at t1, its h is final" in subtitle
    assert footer.startswith("active rows [0, 2, 3] updated · 2.11 KiB of states · max |Δ| against torch's nn.LSTM")
    assert footer.endswith("✓")
    assert "ended" not in words.states_lines(trace, Moment(0))[0]
    shown, ends = words.row_lines(trace, 1)
    assert shown == "6 units"
    assert ends == "ends at t1 = h_n[0, 1]"


def test_the_state_lines_of_several_layers_say_what_a_layer_reads_and_which_rows_wait() -> None:
    trace = TraceRequest(PICTURE, Module("GRU", layers=2, directions=2)).do(UNWATCHED)
    subtitle, _ = words.states_lines(trace, Moment(2, 1, 1))
    assert "1 row not begun" not in subtitle
    assert "row 1 not begun: a row begins at its own last step" in subtitle
    assert subtitle.endswith("input: h of layer 0, forward and backward side by side")
    assert words.states_lines(trace, Moment(2))[0].endswith(trace.inputs)
    shown, ends = words.row_lines(trace, 1, "h", (1, 1))
    assert (shown, ends) == ("6 units", "begins at t1, ends at t0 = h_n[3, 1]")
    assert words.row_lines(trace, 1, "h", (1, 0))[1] == "ends at t1 = h_n[2, 1]"


@pytest.mark.parametrize(
    ("where", "said"), [(("out", (12, 3)), "out.data[12, 3]"), (("h_n", (1, 2, 0)), "h_n[1, 2, 0]")]
)
def test_the_largest_difference_is_said_where_it_is(where: Where, said: str) -> None:
    assert words.place_in_results(where) == said
    trace = replace(TraceRequest(PICTURE, Module()).do(UNWATCHED), difference=2e-7, furthest=where)
    assert words.agreement(trace) == f"max |Δ| against torch's nn.LSTM(1, 6) 2.0e-07 at {said} ✓"


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
    assert words.banner(state) == ("Reading b.pt…", False, True, 0.5, ())
    assert words.banner(replace(state, loading=None)) == ("no", True, False, 0.0, ())
    offers = (Offer("Do it", Undo()),)
    assert words.banner(State(message=Message("so", offers=offers))) == ("so", False, False, 0.0, offers)
    assert words.banner(State()) == ("", False, False, 0.0, ())


def test_lengths_without_values_are_not_typed_and_imaginary_parts_are_left_out() -> None:
    assert words.lengths_text(make_batch(np.ones((2, 3)), [0, 0], lengths_device="meta")) == ""
    assert words.lengths_text(make_batch(np.ones((2, 3)), [3 + 1j, 2.5])) == "3, 2.5"
    assert words.lengths_text(make_batch(np.ones((2, 3)), [[3], [float("nan")]])) == "3, nan"


def test_the_padded_footer_begins_with_the_layout_once_it_is_known() -> None:
    layout = Layout(True, "right", "certain", ("4 lengths for 4 rows; x has 5 steps",))
    said = words.padded_footer(PICTURE, layout)
    assert said.startswith("batch_first, padded right: certain · 4 lengths for 4 rows; x has 5 steps · drag")
    assert words.layout_head(Layout(None, "left", "undecidable", ())) == "batch_first undecidable, padded left"
    assert words.layout_head(Layout(False, None, "likely", ())) == "time first: likely"


@given(
    x=arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 2)),
    batch_first=st.booleans(),
)
def test_nothing_is_called_certain_beside_lengths_that_are_guessed(x: np.ndarray, batch_first: bool) -> None:
    batch = guessed(make_batch(x, [], Call(batch_first, False)))
    layout = check(batch).layout
    assert layout is not None
    said = words.padded_footer(batch, layout)
    assert said.startswith("lengths guessed from the padding · ")
    assert "certain" not in said


def test_of_several_files_the_one_whose_layout_is_guessed_is_named() -> None:
    batch = make_batch(np.ones((3, 4)), [3, 3, 3, 3], source="a.npy", origin="guessed")
    several = LoadRequest(1, paths=("b.npy", "a.npy"))
    assert words.layout_note(batch, several).startswith("a.npy says neither lengths nor batch_first")
    assert words.layout_note(batch, replace(several, paths=("a.npy",))).startswith("a.npy says ")


def test_ended_rows_are_named_up_to_three_and_counted_beyond() -> None:
    def said(lengths: list[int]) -> str:
        batch = make_batch(np.zeros((len(lengths), max(lengths))), lengths, Call(True, False))
        packing = pack(batch)
        assert isinstance(packing, Packing)
        return words.ended_rows(packing, np.flatnonzero(packing.lengths <= 3))

    assert said([5, 2]) == "row 1 ended at t1, its h is final"
    assert said([5, 2, 4, 3]) == "rows 1, 3 ended, the last at t2: their h is final"
    assert said([5, 1, 1, 3, 2]) == "4 rows ended, the last at t2: their h is final"
