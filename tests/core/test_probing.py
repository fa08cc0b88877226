"""Which cells are padding, and what a run found."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.breaches import found
from packviz.core.carrier import Sequences
from packviz.core.cells.evidence import gather
from packviz.core.probing import Padding, ProbeReport, ProbeRun, Reads, find_padding, nothing_read

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], dtype=np.float32)


def batch_of(x: object, lengths: object, enforce_sorted: bool = False, **how: object) -> Batch:
    return make_batch(x, lengths, Call(True, enforce_sorted), **how)


def padding_of(x: object, lengths: object, **how: object) -> Padding:
    return find_padding(gather(batch_of(x, lengths, **how)))


def test_the_cells_beyond_the_lengths_are_padding() -> None:
    found = padding_of(X, [3, 2, 4])
    np.testing.assert_array_equal(found.cells, np.arange(5) >= np.array([[3], [2], [4]]))
    assert (found.count, found.rows) == (6, 3)
    assert not found.counted.any()
    assert not found.left.any()


def test_what_a_length_counts_though_the_data_say_it_is_padding_is_padding() -> None:
    found = padding_of(X, [3, 2, 5])
    assert found.counted.tolist() == [False, False, True]
    assert found.cells[2].tolist() == [False] * 4 + [True]
    assert found.lengths.tolist() == [3, 2, 5]


def test_data_beyond_a_length_that_is_too_short_are_filled_too() -> None:
    assert padding_of(X, [3, 2, 3]).cells[2].tolist() == [False] * 3 + [True] * 2


def test_a_genuine_zero_between_the_data_is_none() -> None:
    found = padding_of([[1.0, 0, 0, 2], [0, 3, 0, 0]], [4, 2])
    assert found.cells.tolist() == [[False] * 4, [False, False, True, True]]


def test_the_one_step_of_a_row_of_nothing_but_padding_is_data_but_not_more() -> None:
    zeros = np.zeros((2, 3), dtype=np.float32)
    assert padding_of(zeros, [1, 3]).cells.tolist() == [[False, True, True], [True] * 3]


def test_left_padding_is_padding_inside_the_length() -> None:
    found = padding_of([[0, 0, 1, 2, 3], [0, 4, 5, 6, 7], [1, 2, 3, 4, 5]], [3, 4, 5])
    assert found.left.tolist() == [True, True, False]
    assert found.cells.tolist() == [
        [True, True, False, True, True],
        [True, False, False, False, True],
        [False] * 5,
    ]


def test_one_leading_zero_of_a_full_row_of_floats_is_data() -> None:
    assert padding_of([[0.0, 1.5, 2.5], [3.5, 4.5, 5.5]], [3, 3]).count == 0


@pytest.mark.parametrize("how", [{"carrier": Sequences()}, {"origin": "guessed"}])
def test_lengths_that_can_count_no_padding_are_believed(how: dict[str, Any]) -> None:
    assert padding_of(X, [3, 2, 5], **how).cells[2].tolist() == [False] * 5


def test_a_row_without_a_length_has_that_of_its_data() -> None:
    found = padding_of(X, [3, 2])
    assert found.lengths.tolist() == [3, 2, 4]
    assert found.cells[2].tolist() == [False] * 4 + [True]


def test_lengths_that_belong_to_no_rows_leave_the_padding_to_the_data() -> None:
    found = padding_of(X, [3, 2, 4, 4])
    np.testing.assert_array_equal(found.cells, X == 0)


@given(st.data())
def test_padding_is_found_as_a_loop_over_the_cells_would_find_it(data: st.DataObject) -> None:
    rows, steps = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 70))
    random = np.random.default_rng(data.draw(st.integers(0, 999)))
    ends = random.integers(0, steps + 1, rows)
    x = np.where(np.arange(steps) < ends[:, None], random.integers(1, 9, (rows, steps)), 0).astype(np.float32)
    lengths = random.integers(1, steps + 1, rows)
    found = padding_of(x, lengths)
    for row in range(rows):
        end = int(ends[row])
        start = end if lengths[row] > max(end, 1) else int(lengths[row])
        assert found.cells[row].tolist() == [step >= start for step in range(steps)]
        assert found.lengths[row] == lengths[row]


def reads(fill: str, out: list[int], h_n: list[bool], error: str = "") -> Reads:
    """One layer and direction; `out`: the first step of each row, -1 for none."""
    first = np.array([[out]])
    return Reads(fill, first >= 0, first, MappingProxyType({"h_n": np.array([[h_n]])}), error)


def test_the_union_of_the_fills_has_the_first_step_of_any_of_them() -> None:
    run = ProbeRun("packed", (reads("NaN", [-1, 2, -1], [False, True, False]), reads("9", [1, 3, -1], [False] * 3)))
    union = run.union
    assert union is not None
    assert union.out.tolist() == [[[True, True, False]]]
    assert union.first.tolist() == [[[1, 2, -1]]]
    assert union.final["h_n"].tolist() == [[[False, True, False]]]
    assert run.rows.tolist() == [0, 1]
    assert not run.clean


def test_a_run_is_clean_only_if_it_ran_over_every_fill_and_read_nothing() -> None:
    nothing = reads("NaN", [-1], [False])
    assert ProbeRun("packed", (nothing,)).clean
    assert not ProbeRun("packed", (reads("NaN", [-1], [True]),)).clean
    assert not ProbeRun("packed", error="nn.LSTM raises RuntimeError: no").clean
    broken = ProbeRun("packed", (nothing, reads("9", [-1], [False], "RuntimeError: no")))
    assert not broken.clean
    assert broken.errors == ("over padding filled with 9: RuntimeError: no",)


def test_the_report_is_ok_if_the_packed_run_is_whatever_the_unpacked_one_does() -> None:
    batch = batch_of(X, [3, 2, 4])
    runs = (ProbeRun("packed", (reads("NaN", [-1], [False]),)), ProbeRun("unpacked", (reads("NaN", [0], [True]),)))
    report = ProbeReport(batch, "nn.GRU(1, 2)", padding_of(X, [3, 2, 4]), runs, ("a note",))
    assert report.ok
    assert report.packed is runs[0]
    assert report.unpacked is runs[1]
    told = json.loads(json.dumps(report.to_dict()))
    assert told["ok"] is True
    assert told["padding_cells"] == 6
    assert [run["run"] for run in told["runs"]] == ["packed", "unpacked"]
    assert told["runs"][1]["reads"][0] == {
        "fill": "NaN",
        "error": None,
        "outputs": [[[True]]],
        "first_step": [[[0]]],
        "final": {"h_n": [[[True]]]},
    }


def test_nothing_read_is_clean() -> None:
    run = ProbeRun("called", (Reads("NaN", **nothing_read(2, 2, 3, ["state"])),))
    assert run.clean
    assert run.reads[0].final["state"].shape == (2, 2, 3)


def test_a_row_that_may_have_read_padding_is_not_clean_until_something_else_shows_it() -> None:
    none, maybe = reads("NaN", [-1, -1, -1], [False] * 3), np.array([[[True, False, True]]])
    run = ProbeRun("called", (replace(none, undecided=maybe),))
    assert not run.clean
    assert (run.rows.tolist(), run.undecided.tolist()) == ([], [0, 2])
    assert run.to_dict()["undecided_rows"] == [0, 2]
    both = ProbeRun("called", (replace(none, undecided=maybe), reads("9", [-1, -1, -1], [True, False, False])))
    assert (both.rows.tolist(), both.undecided.tolist()) == ([0], [2])
    assert ProbeRun("called", (replace(none, undecided=maybe & False),)).clean


def test_a_report_and_its_parts_are_shown_in_words_and_not_as_arrays() -> None:
    run = ProbeRun("packed", (reads("NaN", [-1, 0, -1], [False, True, False]),))
    report = ProbeReport(batch_of(X, [3, 2, 4]), "nn.GRU(1, 2)", padding_of(X, [3, 2, 4]), (run,))
    assert repr(report) == str(report)
    assert repr(run) == "<ProbeRun packed: outputs and h_n of 1 of 3 rows read padding (row 1)>"
    assert repr(run.reads[0]) == "<Reads NaN: outputs and h_n of 1 of 3 rows read padding (row 1)>"
    assert repr(reads("9", [-1], [False])) == "<Reads 9: clean>"
    assert repr(reads("9", [-1], [False], "ValueError: no")) == "<Reads 9: ValueError: no>"
    assert repr(report.padding) == "<Padding: 6 cells of 3 rows>"


@pytest.mark.parametrize(
    ("code", "note", "untested", "ok"),
    [
        (None, False, (), True),
        ("rows-mixed", False, (), False),
        ("reads-part", False, (), False),
        ("reads-padding", True, (), True),
        (None, False, ("a law",), False),
    ],
)
def test_held_against_the_law_a_report_is_ok_where_nothing_is_above_a_note_and_nothing_untested(
    code: str | None, note: bool, untested: tuple[str, ...], ok: bool
) -> None:
    run = ProbeRun("called", (reads("NaN", [-1], [True]),))  # a mask by multiplication shows with NaN
    findings = () if code is None else (found(code, [0], "It is so.", note=note),)
    padding = padding_of(X, [3, 2, 4])
    report = ProbeReport(
        batch_of(X, [3, 2, 4]), "fn", padding, (run,), untested, findings, untested=untested, judged=True
    )
    assert report.ok is ok
    told = json.loads(json.dumps(report.to_dict()))
    assert [finding["code"] for finding in told["findings"]] == ([] if code is None else [code])
    assert told["untested"] == list(untested)
    assert told["broken"] is None
    error = replace(report, runs=(ProbeRun("called", error="raises ValueError: no"),))
    assert not error.ok
