"""All that is found on a batch, with torch asked and without. torch itself says what is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.module import Module
from packviz.files.handed import batch_of
from packviz.torch_side.asking.report import report_on


def of(x: Any, lengths: Any) -> Batch:
    return batch_of(x, lengths, Call(True, False))


def test_the_packing_is_in_torchs_own_order_of_equal_lengths() -> None:
    lengths = torch.randint(1, 4, (200,), generator=torch.Generator().manual_seed(0))
    x = torch.arange(1, 801).reshape(200, 4)
    report = report_on(of(x, lengths), Module())
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    assert report.packing is not None
    assert report.packing.sorted_indices.tolist() == packed.sorted_indices.tolist()


def test_without_torch_no_place_is_named_that_its_sort_decides() -> None:
    lengths = np.random.default_rng(0).integers(1, 4, 200)
    x = np.where(np.arange(4) < lengths[:, None], 1.0, 0.0)
    lengths[7] = 4
    asked, alone = report_on(of(x, lengths), Module()), report_on(of(x, lengths), Module(), ask=False)
    [named], [silent] = ([f for f in r.findings if f.code == "length-counts-padding"] for r in (asked, alone))
    assert "data[" in named.detail
    assert "data[" not in silent.detail
    told = alone.to_dict()["batch"]
    assert told["batch_sizes"] == asked.to_dict()["batch"]["batch_sizes"]
    assert told["sorted_indices"] is None
    assert told["unsorted_indices"] is None
    few = report_on(of(x[:16], lengths[:16]), Module(), ask=False)  # torch keeps the order of so few rows
    assert few.to_dict()["batch"]["sorted_indices"] is not None
    assert "data[" in few.findings[0].detail


def test_a_module_is_held_against_the_batch_without_running_it() -> None:
    report = report_on(of(torch.ones(3, 5, 2), [5, 4, 3]), Module(), own=torch.nn.GRU(3, 4), ask=False)
    [finding] = [f for f in report.findings if f.code == "module-input-size"]
    assert finding.torch is None
    assert report.verdict is None
    assert not report.ok


def test_a_module_of_ones_own_is_run() -> None:
    x = torch.randn(3, 5, 2)
    lengths = [5, 3, 2]
    fits, does_not = torch.nn.LSTM(2, 4), torch.nn.LSTM(3, 4)
    good = report_on(of(x, lengths), Module(), own=fits)
    bad = report_on(of(x, lengths), Module(), own=does_not)
    assert good.verdict is not None
    assert good.verdict.run.ok is True
    with pytest.raises(RuntimeError) as raised:
        does_not(pack_padded_sequence(x, lengths, batch_first=True))
    assert bad.verdict is not None
    assert bad.verdict.run.text == f"RuntimeError: {raised.value}"


def test_it_is_run_with_its_initial_state() -> None:
    x, lengths, own = torch.randn(3, 5, 2), [5, 3, 2], torch.nn.GRU(2, 4)
    fits, does_not = torch.zeros(1, 3, 4), torch.zeros(1, 3, 5)
    assert report_on(of(x, lengths), Module(), own=own, hx=fits).verdict.run.ok is True  # type: ignore[union-attr]
    with pytest.raises(RuntimeError) as raised:
        own(pack_padded_sequence(x, lengths, batch_first=True), does_not)
    bad = report_on(of(x, lengths), Module(), own=own, hx=does_not)
    assert bad.verdict is not None
    assert bad.verdict.run.text == f"RuntimeError: {raised.value}"


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(BatchError, match="module is str"):
        report_on(of(torch.ones(2, 3), [3, 2]), Module(), own="nn.Linear")
