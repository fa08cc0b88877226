"""Batches without padding: rows that are cut show what a shorter one would get."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from packviz.core.batch import Batch, Call, make_batch
from packviz.torch_side.probe.calls import probe_callable
from packviz.torch_side.probe.shortened import EVEN
from tests.torch_side.probe.functions import RIGHT, WRONG, pooled
from tests.torch_side.probe.test_judging import found, law_batch

READ = [
    "h_n_over_the_padded_x",
    "a_maximum_over_the_padded_x",
    "attention_without_a_mask",
    "the_next_step_is_looked_at",
]
HANGING = ["the_last_step_of_unpacked_outputs", "a_mean_over_unpacked_zeros", "a_masked_sum_divided_by_the_longest"]


@pytest.mark.parametrize("lengths", [(6, 6, 6), (5,)])
@pytest.mark.parametrize("name", [*READ, *HANGING])
def test_what_is_wrong_is_found_in_the_rows_that_were_cut(name: str, lengths: tuple[int, ...]) -> None:
    report = probe_callable(WRONG[name].make(), law_batch(WRONG[name].batch_first, lengths, lengths[0]))
    if name in HANGING and len(lengths) == 1:  # without company, nothing is padded
        return
    cut = tuple(range(len(lengths)))
    assert found(report) == {"reads-padding" if name in READ else "depends-on-company": cut}, str(report)
    assert ", cut to 3 steps, " in report.findings[0].detail
    assert any("cut to 3 steps, to see what a shorter row gets" in note for note in report.notes)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_clean(name: str) -> None:
    report = probe_callable(RIGHT[name].make(), law_batch(RIGHT[name].batch_first, (7, 7, 7), 7))
    assert found(report) == {}, str(report)
    assert report.ok
    assert EVEN not in report.notes


@pytest.mark.parametrize("kind", ["list", "tuple", "array", "int32", "mask"])
def test_lengths_are_cut_in_the_type_in_which_they_are_given(kind: str) -> None:
    given: Any = [4, 4, 4]
    given = {"tuple": tuple, "array": np.array}.get(kind, list)(given)
    given = torch.tensor(given, dtype=torch.int32) if kind == "int32" else given
    given = torch.ones(3, 4, dtype=torch.bool) if kind == "mask" else given
    seen = set()

    def fn(x: Tensor, n: Any) -> Tensor:
        assert type(n) is type(given)
        n = n.sum(1) if kind == "mask" else torch.as_tensor(n)
        seen.add(tuple(n.tolist()))
        return pooled(x, n)

    def lasting(x: Tensor, n: Any) -> Tensor:
        return x[:, -1]

    batch = law_batch(True, (4, 4, 4), 4)
    assert probe_callable(fn, batch, lengths=given).ok
    assert found(probe_callable(lasting, batch, lengths=given)) == {"reads-padding": (0, 1, 2)}


def test_whole_numbers_are_cut_as_well() -> None:
    ids = np.random.default_rng(0).integers(1, 9, (4, 6))
    batch = make_batch(ids, [6] * 4, Call(True, False))
    torch.manual_seed(0)
    table = nn.Embedding(9, 3)
    assert found(probe_callable(lambda x, n: table(x).mean(1), batch)) == {"reads-padding": (0, 1, 2, 3)}
    assert probe_callable(lambda x, n: pooled(table(x), n), batch).ok
    counted = probe_callable(lambda x, n: (pooled(table(x), n), torch.full_like(n, x.shape[1])), batch)
    assert found(counted) == {"lengths-depend-on-company": (0, 1, 2, 3)}


def of_four_steps(x: Tensor, n: Tensor) -> Tensor:
    if x.shape[1] != 4:
        raise ValueError("four steps, please")
    return x.mean(1)


def one_step() -> Batch:
    return law_batch(True, (1, 1), 1)


@pytest.mark.parametrize(
    ("fn", "batch"),
    [
        (of_four_steps, law_batch(True, (4, 4), 4)),
        (lambda x: x.mean(1), law_batch(True, (4, 4), 4)),
        (lambda x, n: x.mean(1), one_step()),
    ],
)
def test_where_no_row_can_be_cut_that_is_said(fn: Any, batch: Batch) -> None:
    report = probe_callable(fn, batch)
    assert EVEN in report.notes
    assert report.findings == ()


def test_what_takes_sorted_lengths_only_gets_shorter_rows_at_the_end() -> None:
    def at_the_end(x: Tensor, n: Tensor) -> Tensor:
        if (n.diff() > 0).any():
            raise ValueError("longest first, please")
        return x[:, -1]

    assert found(probe_callable(at_the_end, law_batch(True, (4, 4, 4), 4))) == {"reads-padding": (2,)}


def test_the_rows_that_are_not_cut_stay_what_they_were() -> None:
    report = probe_callable(lambda x, n: x[:, : int(n.min())], law_batch(True, (4, 4, 4), 4))
    assert found(report) == {"depends-on-company": (0, 1, 2)}
    assert "beside rows that were cut to 2 steps" in report.findings[0].detail


def test_an_order_that_equal_lengths_hide_is_found() -> None:
    report = probe_callable(
        lambda x, n: pooled(x, n)[n.argsort(descending=True, stable=True)], law_batch(True, (4, 4, 4), 4)
    )
    assert not report.ok
