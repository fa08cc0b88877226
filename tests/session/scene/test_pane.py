"""One pane of cells: what it is of, and that its arrays can't be written to."""

from __future__ import annotations

import numpy as np

from packviz.session.scene.pane import NO_MARKS, Pane


def test_a_pane_is_stale_where_it_is_of_an_edit_ago() -> None:
    assert not Pane("row", "Row 0").stale
    assert Pane("row", "Row 0", of="the last lengths").stale


def test_its_arrays_can_not_be_written_to() -> None:
    marks, ends = np.zeros((1, 4), np.int64), np.zeros(2, np.int64)
    pane = Pane("padded", "Padded x", marks=marks, ends=ends)
    assert not pane.marks.flags.writeable
    assert pane.ends is not None
    assert not pane.ends.flags.writeable
    assert marks.flags.writeable  # that of the caller stays as it is
    assert NO_MARKS.shape == (0, 4)
