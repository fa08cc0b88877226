"""Findings: what they count, what their JSON holds, what their edits change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import CELLS_IN_JSON, Edit, Finding, Severity


def batch_of(lengths: list[int], enforce_sorted: bool = False) -> Batch:
    x = np.array([[1, 2, 0], [3, 4, 5]], dtype=np.float32)
    return make_batch(x, lengths, Call(True, enforce_sorted), source="here")


def finding_of(spans: list[list[int]]) -> Finding:
    return Finding("a-code", Severity.SILENT, "title", "detail", spans=np.array(spans, dtype=np.int64).reshape(-1, 3))


def test_severities_are_ranked_worst_first() -> None:
    assert [s.rank for s in (Severity.ERROR, Severity.SILENT, Severity.WARNING, Severity.NOTE)] == [0, 1, 2, 3]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 4)), max_size=6), st.integers(0, 30))
def test_cells_are_the_cells_of_the_spans_and_stop_where_asked(spans: list[tuple[int, int, int]], most: int) -> None:
    finding = finding_of([[row, first, first + n] for row, first, n in spans])
    every = [(row, first + i) for row, first, n in spans for i in range(n)]
    assert finding.cells == every
    assert finding.first_cells(most) == every[:most]
    assert finding.cell_count == finding.laid_out == len(every)
    assert [finding.cell(k) for k in range(len(every))] == every
    for row in range(6):
        first = finding.first_cell_of(row)
        assert first == next((k for k, cell in enumerate(every) if cell[0] == row), None)
    for outside in (-1, len(every)):
        with pytest.raises(IndexError, match=f"no cell {outside}"):
            finding.cell(outside)


def test_a_huge_finding_lists_some_cells_and_counts_all() -> None:
    told = finding_of([[0, 0, 3 * CELLS_IN_JSON]]).to_dict()
    assert len(told["cells"]) == CELLS_IN_JSON
    assert told["cell_count"] == 3 * CELLS_IN_JSON


def test_an_edit_sets_what_it_holds_and_leaves_the_rest() -> None:
    batch = batch_of([2, 3])
    edited = Edit("both", lengths=(1, 3), enforce_sorted=True).apply(batch)
    assert edited.lengths.tolist() == [1, 3]
    assert edited.call == Call(True, True)
    assert edited.x is batch.x
    assert Edit("nothing").apply(batch) is batch
    assert Edit("zero", padding_value=0.0, total_length=3).apply(batch).call.total_length == 3
