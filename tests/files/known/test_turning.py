from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import BatchError
from packviz.files.known.turning import turned_sequences
from packviz.files.paste.found import Found

MELS = [np.random.default_rng(n).random((20, n)) for n in (7, 4, 9)]


def test_sequences_whose_last_dimensions_differ_are_turned() -> None:
    found = turned_sequences(Found(MELS))
    assert [row.array.shape for row in found.x] == [(7, 20), (4, 20), (9, 20)]  # type: ignore[attr-defined]
    assert "time last" in found.said[0]
    rows = [mel.T for mel in MELS]
    assert turned_sequences(Found(rows)).x is rows


def test_axes_say_it_where_nothing_tells() -> None:
    same = [MELS[0], MELS[0]]
    assert turned_sequences(Found(same)).x is same
    turned = turned_sequences(Found(same), "BFT").x
    assert [row.array.shape for row in turned] == [(7, 20)] * 2  # type: ignore[attr-defined]
    with pytest.raises(BatchError, match="axes"):
        turned_sequences(Found(same), "XYZ")
    with pytest.raises(BatchError, match="no layout of its own"):
        turned_sequences(Found([[1, 2], [3]]), "BT")
