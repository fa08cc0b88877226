"""The rules over a call: the same as `packviz.check`, less what the call can't be about."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import packviz
from packviz.core.findings import Severity
from packviz.torch_side.recording.judged import judged
from packviz.torch_side.recording.made import PACK, SEQUENCES, UNPACK
from tests.torch_side.recording.copies import copy_of
from tests.torch_side.recording.programs import batch


def codes(kind: str, *given: Any, raised: bool = False, ask: bool = False) -> dict[str, Severity]:
    report = judged(copy_of(kind, *given), raised=raised, ask=ask)
    return {finding.code: finding.severity for finding in report.findings}


def test_it_is_what_check_says_of_the_same_batch() -> None:
    x, lengths = batch()
    x[1, lengths[1] - 1], lengths[2] = 0, 9
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False, ask=False)
    assert codes(PACK, x, lengths, True, False) == {finding.code: finding.severity for finding in report.findings}


def test_asked_torch_has_its_say() -> None:
    x, lengths = batch()
    report = judged(copy_of(PACK, x, lengths, True, True), raised=True, ask=True)
    assert report.verdict is not None
    [finding] = [one for one in report.findings if one.code == "lengths-unsorted"]
    assert "raises RuntimeError" in (finding.torch or "")


def test_what_returned_has_no_error_at_it() -> None:
    module, x = nn.LSTM(3, 4), torch.ones(7, 5, 3, dtype=torch.float64)
    assert codes("LSTM", module, x, None, raised=True)["module-dtype"] is Severity.ERROR
    assert "module-dtype" not in codes("LSTM", module, x, None)
    nothing = torch.ones(7, 0, 3)
    assert module.float()(nothing)[0].shape == (7, 0, 4), "torch takes no rows at all, but for packing"
    assert "batch-empty" not in codes("LSTM", module, nothing, None)
    assert codes(PACK, nothing, torch.ones(0, dtype=torch.int64), False, True, raised=True)["batch-empty"]
    x, lengths = batch()
    assert codes(PACK, x, lengths + 5, True, False)["length-exceeds-time"] is Severity.ERROR, "a later call raises"


@pytest.mark.parametrize("zeros", [1, 3])
def test_of_outputs_nothing_is_said_about_padding_inside(zeros: int) -> None:
    packed = pack_sequence([torch.cat([torch.ones(3, 2), torch.zeros(zeros, 2)])])
    assert set(codes(UNPACK, packed, True, 0.0, None)) <= {"layout-ambiguous", "last-output"}


def test_of_a_batch_that_is_not_packed_nothing_is_said_about_lengths() -> None:
    x, _ = batch()
    x[3] = 0
    module = nn.GRU(3, 4, batch_first=True)
    assert codes("GRU", module, x, None) == {}
    x[2, 0, 1] = torch.nan
    assert set(codes("GRU", module, x, None)) == {"nan-in-data"}


def test_a_packed_sequence_that_contradicts_itself_is_found() -> None:
    packed = PackedSequence(torch.ones(6, 3), torch.tensor([3, 2, 2]))
    assert codes("LSTM", nn.LSTM(3, 4), packed, None, raised=True)["packed-inconsistent"] is Severity.ERROR


def test_noise_beyond_the_lengths_is_no_data() -> None:
    x, lengths = torch.rand(5, 7, 3) + 1, torch.tensor([7, 5, 4, 3, 2])
    assert "length-cuts-data" not in codes(PACK, x, lengths, True, True)
    x[3, -1] = x[4, -1] = 0
    assert "length-cuts-data" in codes(PACK, x, lengths, True, True)
    assert "length-cuts-data" in codes(PACK, torch.rand(5, 7, 3) + 1, torch.full((5,), 6), True, True)


def test_a_value_that_stands_everywhere_is_no_padding() -> None:
    """Labels of class 0 are packed like any others."""
    labels = torch.tensor([[1, 0, 2, 0], [0, 1, 0, 0], [3, 0, 1, 0]])
    assert set(codes(PACK, labels, [4, 4, 4], True, True)) <= {"layout-ambiguous"}
    labels[:, :3] = 5
    assert codes(PACK, labels, [4, 4, 4], True, True)["length-counts-padding"] is Severity.SILENT


def test_of_sequences_that_are_packed_all_is_said() -> None:
    rows = [torch.ones(2, 3), torch.ones(4, 3)]
    assert codes(SEQUENCES, rows, True, raised=True)["lengths-unsorted"] is Severity.ERROR
