"""The rules together, with torch as the oracle: what it raises is an error here, and nothing else is."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from torch import nn

from packviz.core.batch import OPTIONS, Batch
from packviz.core.findings import Severity
from packviz.core.rules import LEADING, RULES, check
from packviz.core.stopping import SEEN_AS
from packviz.core.texts.report import report_text
from tests.core.oracle import batch_of, calls, packed, raised_by
from tests.views import VIEWS, taken, view_of

# The codes that the design asks for, and those that turned out to be wanted beside them.
CODES = [
    "length-not-positive",
    "length-exceeds-time",
    "length-counts-padding",
    "length-cuts-data",
    "lengths-unsorted",
    "lengths-count",
    "lengths-shape",
    "lengths-device",
    "lengths-fractional",
    "lengths-are-mask",
    "layout-swapped",
    "layout-ambiguous",
    "padding-left",
    "padding-inside",
    "row-all-padding",
    "time-shrinks",
    "total-length-too-short",
    "batch-empty",
    "batch-rank",
    "nan-in-data",
    "inf-in-data",
    "nan-in-padding",
    "packed-inconsistent",
    "module-input-size",
    "module-dtype",
    "hidden-shape",
    "last-output",
    "backward-final",
    "padding-waste",
    "length-not-finite",
    "lengths-guessed",
    "mask-not-right",
    "mask-disagrees",
    "padding-value-too-large",
    "lengths-one-cause",
    "mask-narrow",
    "labels-unshifted",
    "labels-order",
    "labels-lengths",
    "labels-padding",
]
# What torch says about each cause, in the version at hand.
MESSAGES = {
    "length-not-positive": ("Length of all samples has to be greater than 0",),
    "lengths-unsorted": ("must be sorted in decreasing order",),
    "lengths-count": ("Expected `len(lengths)` to be equal to batch_size", "index out of range", "out of DATA bounds"),
    "batch-empty": ("Cannot pack empty tensors", "self indexing axis dim should be positive"),
}


@given(calls())
@example(batch_of(np.ones((3, 5, 1)), [5, 0, 2], enforce_sorted=True))
@example(batch_of(np.ones((3, 5, 1)), [2, 5, 0], enforce_sorted=True))
@example(batch_of(np.ones((3, 0, 1)), [1, 1, 1, 1]))
@example(batch_of(np.ones((3, 5, 1)), np.array([], dtype=np.int64)))
def test_packing_raises_exactly_where_an_error_of_the_packing_stage_is_found(batch: Batch) -> None:
    message = raised_by(lambda: packed(batch))
    reached = [f for f in check(batch).findings if f.stage == "pack" and f.behind is None]
    assert (message is not None) == bool(reached)
    if message is not None:
        meant = {code for f in reached if f.code not in SEEN_AS or f.instead for code in (f.code, *f.instead)}
        assert len([f for f in reached if f.code not in SEEN_AS or f.instead]) == 1
        no_lengths = "lengths-count" in meant and len(batch.lengths) == 0
        assert no_lengths or any(words in message for code in meant for words in MESSAGES.get(code, ())), meant


@given(calls())
def test_running_raises_exactly_where_an_error_is_found(batch: Batch) -> None:
    lstm = nn.LSTM(1, 2, batch_first=batch.call.batch_first)
    message = raised_by(lambda: lstm(packed(batch)))
    errors = [f for f in check(batch).findings if f.severity is Severity.ERROR]
    assert (message is not None) == bool(errors)
    assert all(f.stage in ("pack", "run") for f in errors)


@given(st.data())
def test_a_correct_batch_has_neither_error_nor_silent_finding_nor_warning(data: st.DataObject) -> None:
    rows, steps = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 70))
    lengths = np.array(data.draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows)))
    padding = data.draw(st.sampled_from([0.0, -1.0, 7.5, float("nan"), float("inf")]))
    features = data.draw(st.sampled_from([(), (1,), (3,)]))
    x = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(1, 2, (rows, steps, *features))
    x[np.arange(steps) >= lengths[:, None]] = padding
    batch_first, sorted_call = data.draw(st.booleans()), data.draw(st.booleans())
    if sorted_call:
        order = np.argsort(-lengths, kind="stable")
        x, lengths = x[order], lengths[order]
    report = check(batch_of(x, lengths, batch_first, sorted_call, padding_value=padding))
    assert report.ok
    assert {f.severity for f in report.findings} <= {Severity.NOTE}


def test_the_rules_are_those_of_the_table_and_each_explains_itself() -> None:
    assert sorted(RULES) == sorted(CODES)
    for rule in RULES.values():
        assert rule.help[0].isupper() or rule.help.startswith(("x ", "x, ", *OPTIONS))
        assert "\n\n" in rule.help, rule.code


@given(calls())
def test_findings_come_worst_first_then_as_torch_meets_them_and_one_a_rule(batch: Batch) -> None:
    found = check(batch).findings
    keys = [(f.severity.rank, f.behind is not None, f.code not in LEADING, f.code) for f in found]
    assert keys == sorted(set(keys))


@given(calls())
def test_cells_are_cells_of_x_and_rows_are_rows_of_x(batch: Batch) -> None:
    for finding in check(batch).findings:
        assert all(0 <= row < batch.rows for row in finding.rows)
        for row, first, stop in finding.spans.tolist():
            assert row in finding.rows
            assert 0 <= first < stop <= batch.steps


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("batch_first", [True, False])
def test_the_rules_and_their_words_never_copy_a_view_of_x(name: str, batch_first: bool) -> None:
    rows, steps = 2000, 500
    x = view_of(name, rows, steps).numpy()
    lengths = np.arange(rows) % steps + 1
    batch = batch_of(x, lengths, batch_first)

    def work() -> None:
        report = check(batch)
        assert "length-cuts-data" in {finding.code for finding in report.findings}
        report_text(report)

    assert taken(work) < x.nbytes // 2
