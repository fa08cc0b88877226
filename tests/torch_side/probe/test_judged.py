from __future__ import annotations

import numpy as np

from packviz.core.findings import Severity
from packviz.torch_side.probe.judged import Judged, merged


def test_findings_of_one_kind_become_one_with_the_rows_of_all_worst_first() -> None:
    told = Judged()
    told.add("reads-part", [1], "A half.")
    told.add("reads-padding", np.array([2, 0]), "One.")
    told.add("reads-padding", [1, 2], "Two.")
    told.add("reads-padding", [3], "Three.", note=True)
    found = merged(told.findings)
    assert [(f.code, f.severity, f.rows, f.detail) for f in found] == [
        ("reads-padding", Severity.SILENT, (0, 1, 2), "One. Two."),
        ("reads-part", Severity.WARNING, (1,), "A half."),
        ("reads-padding", Severity.NOTE, (3,), "Three."),
    ]


def test_whole_numbers_are_told_of_the_rows_where_they_are_wrong() -> None:
    told = Judged()
    told.add_whole("the result[1]", np.array([False, False]))
    assert told.findings == []
    told.add_whole("the result[1]", np.array([False, True]))
    assert told.findings[0].code == "lengths-depend-on-company"
    assert told.findings[0].detail.startswith("The result[1] of row 1 is another number alone")
