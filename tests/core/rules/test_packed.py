"""A PackedSequence that contradicts itself: what is said of it before torch is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from torch.nn import utils
from torch.nn.utils.rnn import PackedSequence

from packviz.core.batch import Batch
from packviz.core.findings import Severity
from packviz.core.packing import Refusal, pack
from packviz.core.rules import check
from packviz.core.verdict import Outcome, Verdict
from packviz.files.objects import to_batch
from packviz.files.registry import load
from tests.core.oracle import find, one
from tests.hand_made import Fields, agree, hand_made, made

D, S = torch.arange(1.0, 6), torch.tensor


def batch_of(sizes: list[int], *indices: list[int]) -> Batch:
    return to_batch(PackedSequence(D, S(sizes), *(S(part) for part in indices)))


def test_the_first_contradiction_is_named_and_the_others_are_counted() -> None:
    finding = one(batch_of([2, 3]), "packed-inconsistent")
    assert finding.detail.startswith("batch_sizes[1] is 3 after 2, but rows that ended do not come back. ")
    finding = one(batch_of([2, 0, 2]), "packed-inconsistent")
    assert finding.detail.startswith("batch_sizes[1] is 0, but at least one row is active at every step (and 2 other ")


def test_packing_refuses_with_the_same_words() -> None:
    batch = batch_of([2, 3])
    refusal = pack(batch)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "packed-inconsistent"
    assert (
        refusal.reason.removeprefix("The PackedSequence contradicts itself: ")[:-1]
        in find(check(batch), "packed-inconsistent").detail
    )  # type: ignore[union-attr]


@pytest.mark.parametrize(("run", "unpack"), [(True, False), (False, True), (True, True)])
def test_torch_says_whether_it_is_an_error_or_silent(run: bool, unpack: bool) -> None:
    report = check(batch_of([3, 2], [1, 2, 0], [1, 2, 0]))
    told = [Outcome("PackedSequence", True, "returns")]
    told += [Outcome(name, ok, "returns" if ok else "E: no") for name, ok in (("nn.LSTM", run), ("pad", unpack))]
    finding = find(report.with_verdict(Verdict("2", *told)), "packed-inconsistent")
    assert finding is not None
    assert finding.severity is (Severity.SILENT if run and unpack else Severity.ERROR)
    assert finding.torch == ("says nothing" if run and unpack else f"{'pad' if run else 'nn.LSTM'} raises E: no")


@given(hand_made())
def test_a_contradiction_is_the_only_thing_that_is_found_and_none_is_found_where_fields_agree(fields: Fields) -> None:
    found = [f.code for f in check(to_batch(made(fields))).findings if f.severity is not Severity.NOTE]
    if agree(fields):
        assert "packed-inconsistent" not in found
    else:
        assert found == ["packed-inconsistent"]


def test_the_fix_makes_and_saves_a_packed_sequence_that_agrees_with_itself(tmp_path: Path) -> None:
    finding = one(batch_of([2, 3]), "packed-inconsistent")
    assert finding.fix is not None
    path = tmp_path / "packed.pt"
    names = {"torch": torch, "pack_sequence": utils.rnn.pack_sequence, "path": path}
    exec(finding.fix, names | {"sequences": [torch.arange(2.0), torch.arange(3.0)]})
    batch = load(path)
    assert batch.contradictory is None
    assert batch.lengths.tolist() == [2, 3]
    again = PackedSequence(**torch.load(path))
    assert again.batch_sizes.tolist() == [2, 2, 1]
