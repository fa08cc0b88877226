"""A session is said in a few lines."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import make_batch
from packviz.core.module import Module
from packviz.core.saved import SavedDocument, SavedSession


def test_it_says_its_batches_in_their_order() -> None:
    some = [SavedDocument(make_batch(np.ones((2, 2)), [1, 2], source=name), Module()) for name in ("a.pt", "b.pt")]
    session = SavedSession(tuple(some), 1)
    assert len(session) == 2
    assert str(session) == repr(session) == "session of 2 batches\n0  a.pt\n1  b.pt"
    assert str(SavedSession()) == "session of 0 batches"
