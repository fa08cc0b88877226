"""What right lengths ask of the options of the call, with torch as the judge."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.findings import Finding
from packviz.core.rules import check
from tests.core.oracle import find

X = np.array([[1, 2, 0, 0], [3, 4, 5, 0], [6, 0, 0, 0]], dtype=np.float32)


def told(lengths: list[int], code: str, **options: object) -> Finding:
    found = find(check(make_batch(X, lengths, Call(True, **{"enforce_sorted": True, **options}))), code)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_right_lengths_in_no_decreasing_order_bring_enforce_sorted_along() -> None:
    finding = told([4, 4, 4], "length-counts-padding")
    assert finding.edit is not None
    assert (finding.edit.label, finding.edit.enforce_sorted) == ("Set 3 lengths, enforce_sorted=False", False)
    assert "enforce_sorted=False goes with them" in finding.detail
    names = {"x": torch.tensor(X), "lengths": torch.tensor([4, 4, 4]), "pack_padded_sequence": pack_padded_sequence}
    exec(str(finding.fix), names)
    assert names["packed"].batch_sizes.tolist() == [3, 2, 1]  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="must be sorted"):
        pack_padded_sequence(torch.tensor(X), names["lengths"], batch_first=True)  # type: ignore[arg-type]


def test_lengths_that_grow_beyond_total_length_bring_it_along() -> None:
    batch = make_batch(X, [2, 2, 1], Call(True, False, 0, 2))
    finding = find(check(batch), "length-cuts-data")
    assert finding is not None
    assert finding.edit is not None
    assert finding.edit.total_length == 3
    assert "total_length=2 is too short for them" in finding.detail
    assert packviz.check(finding.edit.apply(batch)).ok
    lengths = torch.tensor([2, 2, 1])
    names = {"lengths": lengths, "pad_packed_sequence": pad_packed_sequence}
    names["packed"] = pack_padded_sequence(torch.tensor(X), torch.tensor([2, 3, 1]), True, False)
    exec(str(finding.fix), names)
    assert names["out"].shape == (3, 3)


def test_what_is_told_of_itself_or_is_right_anyway_is_not_told_twice() -> None:
    unsorted = told([2, 4, 1], "length-counts-padding")
    assert unsorted.edit is not None
    assert unsorted.edit.enforce_sorted is None  # lengths-unsorted is there, with its own fix
    free = told([4, 4, 4], "length-counts-padding", enforce_sorted=False)
    assert free.fix == "lengths[0], lengths[1], lengths[2] = 2, 3, 1"
