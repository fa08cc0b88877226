"""The padding value, rounded as torch rounds it when it fills x."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.cells.padding import filled_cells, padding_cell, padding_of, padding_share, round_bfloat16


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("value", [0, 0.1, -1e-8, 1e30, float("inf")])
def test_the_padding_value_is_that_of_a_tensor_that_is_filled_with_it(dtype: str, value: float) -> None:
    filled = torch.full((1, 2), value, dtype=torch.float64).to(getattr(torch, dtype))
    x = (filled.float() if dtype == "bfloat16" else filled).numpy()
    assert padding_of(make_batch(x, [2], Call(True, padding_value=value), dtype=dtype)) == x[0, 0]


@pytest.mark.parametrize(("value", "held"), [(3.0, 3), (0.5, 0.5), (float("inf"), float("inf"))])
def test_whole_numbers_hold_what_they_can(value: float, held: float) -> None:
    assert padding_of(make_batch(np.zeros((1, 2), dtype=np.int64), [2], Call(True, padding_value=value))) == held


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50))
def test_bfloat16_is_rounded_bit_by_bit_as_torch_does(bits):
    single = np.array(bits, dtype=np.uint32).view(np.float32)
    expected = torch.from_numpy(single.copy()).bfloat16().float().numpy()
    np.testing.assert_array_equal(round_bfloat16(single), expected)


def test_a_number_halfway_between_two_bfloat16_goes_to_the_even_one():
    single = np.array([0x3F808000, 0x3F818000, 0x3F808001, 0x3F817FFF], dtype=np.uint32).view(np.float32)
    expected = torch.from_numpy(single.copy()).bfloat16().float().numpy()
    np.testing.assert_array_equal(round_bfloat16(single), expected)


def test_the_share_of_padding_is_that_of_the_cells_beyond_the_lengths() -> None:
    assert padding_share(make_batch(np.ones((2, 4)), [4, 2], Call(True))) == 0.25
    assert padding_share(make_batch(np.ones((2, 4)), [9, -1], Call(True))) == 0.5


@pytest.mark.parametrize(
    ("x", "lengths", "device"),
    [
        (np.ones(4), [4], "cpu"),
        (np.ones((2, 4)), [4], "cpu"),
        (np.ones((2, 4)), [[4, 2]], "cpu"),
        (np.ones((2, 4)), [4, float("nan")], "cpu"),
        (np.ones((2, 4)), [0, 0], "meta"),
        (np.ones((2, 0)), [0, 0], "cpu"),
    ],
)
def test_there_is_no_share_of_padding_where_lengths_are_not_one_number_a_row(x: Any, lengths: Any, device: str) -> None:
    assert padding_share(make_batch(x, lengths, Call(True), lengths_device=device)) is None


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_cell_is_filled_where_any_feature_differs_from_the_padding_value(batch_first: bool, order: str) -> None:
    x = np.array([[[0, 0], [0, 1], [0, 0]], [[np.nan, 0], [0, 0], [0, 0]]], order=order)  # type: ignore[call-overload]
    given = x if batch_first else x.swapaxes(0, 1)
    batch = make_batch(given, [3, 3], Call(batch_first))
    assert filled_cells(batch).tolist() == [[False, True, False], [True, False, False]]
    assert filled_cells(batch.with_call(padding_value=float("nan"))).all(axis=1).tolist() == [True, True]


def test_an_empty_batch_has_no_share_of_padding() -> None:
    assert padding_share(make_batch(np.ones((3, 5, 0)), [3, 2, 1], Call(True))) is None


IDS = torch.tensor([[5, 6, 7, 0, 0], [8, 9, 0, 0, 0], [3, 4, 5, 6, 0]])
LENGTHS = [3, 2, 4]


def embedded(lengths: list[int], batch_first: bool = True, **more: Any) -> packviz.Report:
    """The report on IDS after an embedding and a linear layer, neither of which knows of padding."""
    torch.manual_seed(0)
    x = torch.nn.Sequential(torch.nn.Embedding(12, 4), torch.nn.Linear(4, 6))(IDS)
    x = x if batch_first else x.transpose(0, 1)
    return packviz.check(x, lengths, batch_first=batch_first, enforce_sorted=False, **more)


@pytest.mark.parametrize("batch_first", [True, False])
def test_padding_that_went_through_an_embedding_is_still_padding(batch_first: bool) -> None:
    report = embedded(LENGTHS, batch_first)
    assert report.ok
    assert padding_cell(report.batch) == (1, 4)
    assert filled_cells(report.batch).tolist() == (IDS != 0).tolist()


@pytest.mark.parametrize(
    ("lengths", "code", "cells"),
    [
        ([3, 3, 4], "length-counts-padding", [(1, 2)]),
        ([2, 2, 4], "length-cuts-data", [(0, 2)]),
        ([3, 2, 3], "length-cuts-data", [(2, 3)]),
    ],
)
def test_a_wrong_length_of_embedded_ids_is_named_by_its_row_and_cell(
    lengths: list[int], code: str, cells: list[tuple[int, int]]
) -> None:
    report = embedded(lengths)
    [finding] = [finding for finding in report.findings if finding.severity == "silent"]
    assert (finding.code, finding.cells) == (code, cells)
    names: dict[str, Any] = {"torch": torch, "x": torch.tensor(report.batch.x), "lengths": torch.tensor(lengths)}
    exec(finding.fix or "", names)
    assert names["lengths"].tolist() == LENGTHS


def test_what_differs_from_step_to_step_is_no_padding_unless_a_mask_says_so() -> None:
    torch.manual_seed(0)
    x = torch.nn.Embedding(12, 4)(IDS) + torch.randn(5, 4)  # as by a positional encoding
    options = {"batch_first": True, "enforce_sorted": False}
    assert "length-cuts-data" in [finding.code for finding in packviz.check(x, LENGTHS, **options).findings]
    assert packviz.check(x, LENGTHS, mask=IDS != 0, **options).ok


def test_equal_cells_that_rows_begin_with_are_data() -> None:
    x = torch.arange(4.0).expand(3, 5, 4)
    report = packviz.check(x, LENGTHS, batch_first=True, enforce_sorted=False)
    assert padding_cell(report.batch) is None
    assert [finding.rows for finding in report.findings if finding.code == "length-cuts-data"] == [(0, 1, 2)]
