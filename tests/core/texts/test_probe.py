"""The words of a probe: a sentence a run, a table by row, groups where there are many rows."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.breaches import PROBED, found
from packviz.core.cells.evidence import gather
from packviz.core.probing import ProbeReport, ProbeRun, Reads, find_padding
from packviz.core.texts.probe import cell_words, fill_lines, padding_line, place_name, probe_text, run_line
from packviz.core.texts.report import WIDTH


def reads(fill: str, first: object, h_n: object) -> Reads:
    steps = np.array(first)
    return Reads(fill, steps >= 0, steps, MappingProxyType({"h_n": np.array(h_n, dtype=bool)}))


def report(rows: int, *runs: ProbeRun) -> ProbeReport:
    x = np.tile(np.array([1.0, 2.0, 0.0], dtype=np.float32), (rows, 1))
    batch = make_batch(x, np.full(rows, 2), Call(True))
    return ProbeReport(batch, "nn.GRU(1, 2)", find_padding(gather(batch)), runs)


def test_a_clean_run_says_so_in_a_word() -> None:
    assert run_line(ProbeRun("packed", (reads("NaN", [[[-1, -1]]], [[[0, 0]]]),))) == "clean"


def test_a_sentence_says_what_reads_padding_and_in_which_rows() -> None:
    run = ProbeRun("unpacked", (reads("NaN", [[[-1, -1, -1]]], [[[1, 1, 0]]]),))
    assert run_line(run) == "h_n of 2 of 3 rows reads padding (rows 0, 1)"
    both = ProbeRun("unpacked", (reads("NaN", [[[0, -1, -1]]], [[[1, 0, 0]]]),))
    assert run_line(both) == "outputs and h_n of 1 of 3 rows read padding (row 0)"
    apart = ProbeRun("unpacked", (reads("NaN", [[[0, -1, -1]]], [[[0, 1, 1]]]),))
    assert run_line(apart) == (
        "outputs of 1 of 3 rows read padding (row 0); h_n of 2 of 3 rows reads padding (rows 1, 2)"
    )


def test_an_exception_is_quoted() -> None:
    assert run_line(ProbeRun("packed", error="nn.GRU raises RuntimeError: no")) == "nn.GRU raises RuntimeError: no"


def test_few_rows_have_a_line_each_and_a_column_for_each_layer_and_direction() -> None:
    first = [[[-1, -1], [0, -1]], [[-1, -1], [1, 0]]]
    run = ProbeRun("packed", (reads("NaN", first, np.array(first) >= 0),))
    text = probe_text(report(2, run))
    assert "  row   layer 0 →   layer 0 ←          layer 1 →   layer 1 ←" in text
    assert "  0     clean       out from t0, h_n   clean       out from t1, h_n" in text
    assert "  1     clean       clean              clean       out from t0, h_n" in text


def test_many_rows_are_grouped_by_what_they_read() -> None:
    first = np.full((1, 1, 40), -1)
    first[0, 0, 5], first[0, 0, 7] = 1, 0
    text = probe_text(report(40, ProbeRun("packed", (reads("NaN", first, np.zeros((1, 1, 40))),))))
    assert "layer 0    out from t0 to t1: rows 5, 7 (2 rows)" in text
    assert "layer 0    clean: rows 0, 1, 2, 3, 4, 6, 8, …, 39 (38 rows)" in text


def test_what_only_one_fill_shows_is_explained() -> None:
    none, some = [[[-1, -1]]], [[[-1, 0]]]
    nan_only = ProbeRun("called", (reads("NaN", some, [[[0, 0]]]), reads("±10000", none, [[[0, 0]]])))
    assert fill_lines(nan_only)[0].startswith("Only NaN shows it in row 1: finite padding is multiplied by 0")
    large_only = ProbeRun("called", (reads("NaN", none, [[[0, 0]]]), reads("±10000", some, [[[0, 0]]])))
    assert fill_lines(large_only)[0].startswith("Only ±10000 shows it in row 1: something on the way puts a number")
    assert fill_lines(ProbeRun("called", (reads("NaN", some, some), reads("±10000", some, some)))) == []


def test_padding_is_counted_and_what_was_filled_in_is_named() -> None:
    run = ProbeRun("packed", (reads("NaN", [[[-1]]], [[[0]]]), reads("±10000", [[[-1]]], [[[0]]])))
    assert padding_line(report(3, run)) == "3 cells of 3 rows, filled with NaN, then with ±10000"
    batch = make_batch(np.ones((2, 2), dtype=np.float32), [2, 2], Call(True))
    full = ProbeReport(batch, "nn.GRU(1, 2)", find_padding(gather(batch)), (run,))
    assert padding_line(full).startswith("none: every cell of x is data")


def test_a_callable_has_a_result_and_no_layers() -> None:
    assert place_name("called", 0, 0, 1) == "result"
    assert place_name("packed", 1, 0, 1) == "layer 1"
    assert place_name("packed", 1, 1, 2) == "layer 1 ←"
    assert cell_words(reads("NaN", [[[3]]], [[[1]]]), 0, 0, 0) == "out from t3, h_n"


def test_a_row_that_may_have_read_padding_is_said_to_be_undecided() -> None:
    found = reads("NaN", [[[-1, -1, 2]]], [[[0, 0, 0]]])
    run = ProbeRun("called", (replace(found, undecided=np.array([[[True, False, False]]])),))
    assert run_line(run) == (
        "outputs of 1 of 3 rows read padding (row 2); the result of 1 of 3 rows (row 0) changes only at steps beyond "
        "the lengths, if it holds steps: then it is clean, but if it is a state, it reads padding"
    )
    text = probe_text(report(3, run))
    assert "  0     clean if steps, else a leak\n  1     clean\n  2     out from t2" in text
    many = np.zeros((1, 1, 40), dtype=bool)
    many[0, 0, 3:5] = True
    found = reads("NaN", np.full((1, 1, 40), -1), np.zeros((1, 1, 40)))
    text = probe_text(report(40, ProbeRun("called", (replace(found, undecided=many),))))
    assert "clean if steps, else a leak: rows 3, 4 (2 rows)" in text
    assert "clean: rows 0, 1, 2, 5, 6," in text


@given(st.integers(1, 40), st.integers(1, 3), st.integers(1, 2), st.integers(0, 999))
def test_no_line_is_too_wide(rows: int, layers: int, directions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.integers(-3, 3, (layers, directions, rows)).clip(-1)
    run = ProbeRun("packed", (reads("NaN", first, random.random(first.shape) < 0.5),))
    assert all(len(line) <= WIDTH for line in probe_text(report(rows, run)).splitlines())


def test_what_breaks_the_law_is_said_with_its_place_and_its_fix_and_what_keeps_it_too() -> None:
    clean = ProbeRun("called", (reads("NaN", [[[-1, -1]]], [[[0, 0]]]),))
    law = replace(report(2, clean), judged=True)
    text = probe_text(law)
    assert "  law        kept: each row's result is the same alone" in text
    assert "as called  reads no padding" in text
    mixed = replace(law, findings=(found("rows-mixed", [0], "The result reads row 1."),), broken="broken first by `a`")
    lines = probe_text(mixed).splitlines()
    assert "  law        broken: a row's result must be the same alone, cut to its length, as in any batch" in lines
    assert "  rows-mixed  Row 0: its result reads other rows (silent)" in lines
    assert "    The result reads row 1." in lines
    assert "      h = h_n.transpose(0, 1).reshape(B, -1)  # not h_n.view(B, -1)" in lines
    assert "  where      broken first by `a`" in lines
    note = probe_text(replace(law, findings=(found("reads-padding", [0], "With NaN.", note=True),)))
    assert "pack_padded_sequence" not in note
    assert "not tested in full" in probe_text(replace(law, untested=("Not tested: it.",)))


@pytest.mark.parametrize("code", PROBED)
def test_no_line_of_a_finding_is_longer_than_the_width(code: str) -> None:
    law = replace(report(2), judged=True, runs=(ProbeRun("called"),), findings=(found(code, [0, 1], "It is. " * 40),))
    assert max(map(len, probe_text(law).splitlines())) <= WIDTH
