from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.packing import pack
from packviz.core.rules import check
from packviz.core.texts.html.report import report_html
from tests.core.texts.html.pages import check_page, hostile_text

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], np.float32)
LARGEST = 150_000


def of(batch: Batch) -> str:
    packed = pack(batch)
    return check(batch, packed if not hasattr(packed, "code") else None)._repr_html_()


def test_it_has_the_batch_the_verdict_and_each_finding_with_its_rows() -> None:
    report = packviz.check(X, [3, 2, 5], batch_first=True, enforce_sorted=False)
    made = report._repr_html_()
    said = check_page(made).words
    for part in ("x (3, 5) float32", "[3, 2, 5]", "What torch", "pack_padded_sequence", "length-counts-padding"):
        assert part in said
    for finding in report.findings:
        assert finding.code in said
        assert finding.title in said
        assert (finding.fix or "") in said
    assert made.count("<li>") == len(report.findings)
    assert "<svg" in made
    assert report_html(report) == made


def test_where_torch_was_not_asked_that_is_said() -> None:
    said = check_page(
        packviz.check(X, [3, 2, 4], batch_first=True, enforce_sorted=False, ask=False)._repr_html_()
    ).words
    assert "torch was not asked" in said
    assert "nothing is wrong with this call" in said


@given(hostile_text, hostile_text)
def test_the_name_of_a_file_and_what_was_read_get_no_tag_in(name: str, read: str) -> None:
    from dataclasses import replace

    batch = make_batch(X, [3, 2, 5], Call(True, False), source=name)
    check_page(of(replace(batch, read_as=(read,))))


@given(
    st.lists(st.integers(-3, 12) | st.floats(allow_nan=True), min_size=0, max_size=6),
    st.sampled_from([(3, 5), (0, 5), (3, 0), (3, 5, 2), (4,), ()]),
    st.booleans(),
)
def test_any_batch_has_a_page(lengths: list[float], shape: tuple[int, ...], batch_first: bool) -> None:
    x = np.arange(np.prod(shape, dtype=int), dtype=np.float64).reshape(shape)
    check_page(of(make_batch(x, np.array(lengths), Call(batch_first, False))))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300, 1 + 2j, True])
def test_any_number_can_stand_in_a_cell(value: complex) -> None:
    check_page(of(make_batch(np.full((2, 3), value), [3, 2], Call(True, False))))


def test_a_large_batch_with_a_finding_in_every_row_has_a_small_page() -> None:
    lengths = np.random.default_rng(0).integers(1, 2000, 4096)
    x = (np.arange(2048) < lengths[:, None]).astype(np.float32)
    made = of(make_batch(x, lengths + 2, Call(True, False)))
    assert len(made) < LARGEST
    assert "rows are drawn" in check_page(made).words
