"""The law is held against functions that are known to keep it or to break it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from packviz.core.batch import Batch
from packviz.core.breaches import PROBED
from packviz.core.findings import Severity
from packviz.core.probing import ProbeReport
from packviz.torch_side.probe.calls import probe_callable
from tests.torch_side.probe.functions import ALL, LENGTHS, RIGHT, SHORT, WIDTH, WRONG, mask_of, pooled
from tests.torch_side.probe.test_calls import batch_of


def law_batch(batch_first: bool = True, lengths: Any = LENGTHS, steps: int = 7, seed: int = 0) -> Batch:
    x = np.random.default_rng(seed).normal(0.3, 1, (len(lengths), steps, WIDTH)).astype(np.float32)
    x[np.arange(steps) >= np.array(lengths)[:, None]] = 0
    return batch_of(x, lengths, batch_first)


def found(report: ProbeReport) -> dict[str, tuple[int, ...]]:
    return {f.code: f.rows for f in report.findings if f.severity is not Severity.NOTE}


def test_there_are_enough_of_them() -> None:
    assert len(RIGHT) >= 30
    assert len(WRONG) >= 40


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_clean(name: str) -> None:
    right = RIGHT[name]
    report = probe_callable(right.make(), law_batch(right.batch_first))
    assert found(report) == {}, str(report)
    assert report.ok, str(report)
    assert report.broken == ""


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_gets_its_code_and_its_rows(name: str) -> None:
    wrong = WRONG[name]
    report = probe_callable(wrong.make(), law_batch(wrong.batch_first))
    assert found(report) == {wrong.code: tuple(wrong.rows)}, str(report)
    assert not report.ok
    [finding] = [f for f in report.findings if f.code == wrong.code]
    assert finding.severity is PROBED[wrong.code].severity
    assert finding.detail.endswith(".")
    assert finding.fix


def test_rows_that_are_padded_on_the_left_are_not_run_alone_and_nothing_is_called_right() -> None:
    batch = batch_of(np.array([[0, 0, 1, 2, 3], [4, 5, 6, 7, 8]], dtype=np.float32), (3, 5))
    report = probe_callable(lambda x, n: x[:, -1], batch)
    assert not report.ok
    assert any("padded on the left" in note for note in report.untested)


def test_lengths_of_which_rows_can_not_be_chosen_leave_it_untested() -> None:
    report = probe_callable(lambda x, n: x * 2, law_batch(), lengths={"lengths": [3, 7, 4, 5]})
    assert report.findings == ()
    assert not report.ok
    assert any("No row was run alone" in note for note in report.untested)


def test_which_dimension_of_a_square_result_holds_the_rows_may_stay_unknown() -> None:
    def one_size(x: Tensor, n: Tensor) -> Tensor:
        if x.shape != (4, 7, WIDTH):
            raise ValueError("one size only")
        return x.mean(1) @ torch.ones(WIDTH, len(x))

    report = probe_callable(one_size, law_batch())
    assert not report.ok
    assert any("two of its dimensions may be the rows" in note for note in report.untested)


@pytest.mark.parametrize("lengths", [[7, 7, 7], [4], [1, 1], [2, 7], [1, 1, 7], [5, 3, 2, 2, 1, 1], [2, 4, 3]])
@pytest.mark.parametrize("name", list(RIGHT)[::4])
def test_what_is_right_is_clean_in_any_batch(name: str, lengths: list[int]) -> None:
    right = RIGHT[name]
    report = probe_callable(right.make(), law_batch(right.batch_first, lengths, seed=len(lengths)))
    assert found(report) == {}, str(report)


@pytest.mark.parametrize("name", [name for name in WRONG if WRONG[name].rows == SHORT][::3])
def test_in_a_large_batch_all_rows_are_found_though_few_are_run_alone(name: str) -> None:
    wrong, lengths = WRONG[name], [7, *([1, 2, 3, 4, 5, 6, 7] * 4)]
    if wrong.code == "lengths-depend-on-company" or "one_step" in name or "positions" in name:
        lengths = [7, *([3, 4, 5] * 7)]
    report = probe_callable(wrong.make(), law_batch(wrong.batch_first, lengths))
    rows = {row for row, length in enumerate(lengths) if length < 7}
    [(code, where)] = found(report).items()
    assert code == wrong.code
    assert set(where) <= rows
    assert len(where) >= 0.8 * len(rows), (len(where), len(rows))


def test_each_result_is_judged_by_itself_and_named() -> None:
    def fn(x: Tensor, n: Tensor) -> dict[str, Tensor]:
        right = x.masked_fill(~mask_of(x, n)[..., None], 0)
        return {"right": right, "mean": right.mean(1), "rows": right.sum((0, 1)).expand(len(x), -1)}

    report = probe_callable(fn, law_batch())
    assert found(report) == {"depends-on-company": tuple(SHORT), "rows-mixed": tuple(ALL)}
    told = {finding.code: finding.detail for finding in report.findings}
    assert told["depends-on-company"].startswith("The result['mean'] of rows 0, 2, 3 is another one alone")
    assert "The result['rows'] of all 4 rows changes with the data of other rows" in told["rows-mixed"]
    assert "Every row reads all of them" in told["rows-mixed"]


def test_a_leak_in_a_row_without_padding_is_not_charged_to_padding() -> None:
    report = probe_callable(lambda x, n: x.mean((0, 1)).expand(len(x), -1), law_batch())
    assert found(report) == {"rows-mixed": tuple(ALL)}


def test_a_permutation_is_shown() -> None:
    report = probe_callable(WRONG["states_in_sorted_order"].make(), law_batch())
    assert (
        "returned in sorted order: index it with unsorted_indices "
        "(row 0 is that of row 1; row 1 is that of row 3; row 3 is that of row 0)"
    ) in report.findings[0].detail
    turned = probe_callable(WRONG["rows_turned_round"].make(), law_batch(lengths=[7, *[3, 4, 5] * 7]))
    assert list(found(turned)) == ["rows-permuted"]
    assert "another order" in turned.findings[0].detail


def test_a_batch_without_padding_is_said_not_to_show_all() -> None:
    report = probe_callable(lambda x: x.mean(1), law_batch(lengths=[7, 7]))
    assert report.ok
    assert any("All rows are of one length" in note for note in report.notes)
    told = probe_callable(lambda x, n: x.mean(1), law_batch(lengths=[7, 7]))
    assert "reads-padding" in found(told)  # rows that are cut show it, where lengths are taken


def test_padding_of_other_rows_is_their_company_for_a_row_that_has_none() -> None:
    def fn(x: Tensor, n: Tensor) -> Tensor:
        return pooled(x, n) + x.masked_fill(mask_of(x, n)[..., None], 0).sum((0, 1))

    report = probe_callable(fn, law_batch())
    assert found(report) == {"reads-padding": tuple(SHORT), "depends-on-company": (1,)}


def test_what_nan_alone_shows_is_no_success_where_no_row_can_be_run_alone() -> None:
    def multiplied(x: Tensor, n: Tensor) -> Tensor:
        return (x * mask_of(x, n)[..., None]).sum(1)

    def of_one_size(x: Tensor, n: Tensor) -> Tensor:
        if x.shape != (4, 7, WIDTH):
            raise ValueError("one size only")
        return multiplied(x, n)[:, :3]

    assert probe_callable(multiplied, law_batch()).ok
    report = probe_callable(of_one_size, law_batch())
    assert found(report) == {}
    assert not report.ok
    assert any("can't be told" in note for note in report.untested)
