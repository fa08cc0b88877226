"""The title of the window: what is open, and of which session."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import make_batch
from packviz.core.module import Module
from packviz.session.document import Document, Documents
from packviz.session.scene.work import WorkPart, work_part

A = Document(make_batch(np.ones((2, 3)), [2, 2], source="a.pt"), Module(), number=1)


def test_it_says_what_is_open_and_where_it_is_saved() -> None:
    assert work_part(Documents(), (), "", 0) == WorkPart()
    assert work_part(Documents((A,)), (A,), "", 0) == WorkPart("", False, 0, "a.pt")
    file = "/home/a/work.packviz"
    assert work_part(Documents((A,)), (), file, 3) == WorkPart(file, True, 3, "work.packviz: a.pt")


def test_a_name_with_a_line_break_stands_in_one_line() -> None:
    batch = make_batch(np.ones((2, 3)), [2, 2], source="a\nb.pt")
    made = work_part(Documents((Document(batch, Module(), number=1),)), (), "/home/c\nd.packviz", 1)
    assert len(made.shown.splitlines()) == 1
