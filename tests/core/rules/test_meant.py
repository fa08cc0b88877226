"""The call that a batch is meant for, held against torch: under it, torch does what the other options kept it from."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.report import Meant
from packviz.core.rules import check
from packviz.core.rules.meant import with_meant


def meant(batch: Batch) -> Meant | None:
    return with_meant(check(batch)).meant


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Right batches, read under any options."""
    rows, steps = draw(st.integers(2, 6)), draw(st.integers(1, 6))
    lengths = np.array(draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows)))
    lengths[draw(st.integers(0, rows - 1))] = steps
    x = (np.arange(steps) < lengths[:, None]) * np.arange(1.0, rows * steps + 1).reshape(rows, steps)
    first = draw(st.booleans())
    return make_batch(x if first else x.T, lengths, Call(draw(st.booleans()), draw(st.booleans())))


@given(batches())
@settings(max_examples=300)
def test_its_edit_is_applied_and_what_is_gone_is_gone(batch: Batch) -> None:
    report, found = check(batch), meant(batch)
    wrong = [f for f in report.findings if f.code in ("layout-swapped", "lengths-unsorted")]
    if found is None:
        assert len(wrong) < 2
        return
    mended = found.edit.apply(batch)
    left = [finding.code for finding in check(mended).findings]
    assert set(found.gone) == {finding.code for finding in report.findings} - set(left)
    assert not {"layout-swapped", "lengths-unsorted"} & set(left)
    call = mended.call
    pack_padded_sequence(  # torch takes it
        torch.tensor(mended.x), torch.tensor(mended.lengths), call.batch_first, call.enforce_sorted
    )


def test_one_click_mends_both() -> None:
    x = np.array([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 8], [1, 0, 0, 0, 0]])
    found = meant(make_batch(x, [3, 2, 5, 1], Call(False, True)))
    assert found is not None
    assert found.edit.label == "batch_first=True, enforce_sorted=False"
    assert (found.edit.batch_first, found.edit.enforce_sorted) == (True, False)
    assert set(found.gone) >= {"layout-swapped", "lengths-unsorted", "lengths-count"}


def test_a_single_finding_has_its_own_card() -> None:
    assert meant(make_batch([[1.0, 0], [2, 3]], [1, 2], Call(True, True))) is None
    assert meant(make_batch([[1.0, 2], [2, 0]], [2, 1], Call(True, True))) is None
