"""Counts over many batches, against the reports of each."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import packviz
from packviz.core.checked import Checked, Told
from packviz.core.findings import Severity
from packviz.core.report import Report
from packviz.core.tally import MOST_PLACES, MOST_TROUBLES, Tally

batch = st.tuples(st.lists(st.integers(0, 6), min_size=1, max_size=4), st.integers(0, 2**32 - 1))


def report(lengths: list[int], seed: int) -> Report:
    random = np.random.default_rng(seed)
    x = random.integers(0, 3, (len(lengths), 6))
    return packviz.check(x, lengths, batch_first=True, enforce_sorted=False, ask=False)


@settings(max_examples=30)
@given(st.lists(batch, max_size=14))
def test_each_code_is_counted_as_in_the_reports_of_each(drawn: list[tuple[list[int], int]]) -> None:
    reports, tally = [report(*one) for one in drawn], Tally(3)
    for one in reports:
        tally.add(Checked.of(one))
    found = tally.summary()
    assert found.batches == len(reports) == tally.seen
    assert found.wrong == sum(not one.ok for one in reports) == tally.wrong
    assert found.rows == sum(one.batch.rows for one in reports)
    assert found.ok is all(one.ok for one in reports)
    counted = Counter(finding.code for one in reports for finding in one.findings)
    assert {o.code: o.batches for o in found.findings} == counted
    rows: Counter[str] = Counter()
    for one in reports:
        for finding in one.findings:
            rows[finding.code] += len(finding.rows)
    assert {o.code: o.rows for o in found.findings} == {code: rows[code] for code in counted}
    ranks = [o.severity.rank for o in found.findings]
    assert ranks == sorted(ranks)
    spread = Counter(int(n) for one in reports for n in np.clip(one.batch.counts, 0, 6))
    assert dict(zip(found.lengths.values.tolist(), found.lengths.counts.tolist(), strict=True)) == spread


def test_batches_whose_lengths_are_guessed_are_counted() -> None:
    tally = Tally()
    for guessed in (True, False, True, True):
        tally.add(Checked("b", 1, 1, None, guessed=guessed))
    assert (tally.guessed, tally.summary().guessed, tally.seen) == (3, 3, 4)


def told(code: str, severity: Severity, row: int) -> Told:
    return Told(code, severity, f"Row {row}", (row,), 1)


def test_the_first_places_are_kept_and_the_worst_severity() -> None:
    tally = Tally()
    for i in range(8):
        severity = Severity.ERROR if i == 6 else Severity.SILENT
        tally.add(Checked(f"b{i}", 1, 1, None, (told("row-empty", severity, i),), wrong=True))
    [found] = tally.summary().findings
    assert [place.source for place in found.places] == [f"b{i}" for i in range(MOST_PLACES)]
    assert (found.severity, found.batches, found.rows, found.title) == (Severity.ERROR, 8, 8, "Row 6")


def test_what_can_not_be_read_is_counted_and_the_first_sentences_are_kept() -> None:
    tally = Tally()
    for i in range(MOST_TROUBLES + 5):
        tally.add(Checked(f"b{i}", trouble=f"b{i}: it is empty."))
    found = tally.summary(stopped=True)
    assert not found.interrupted
    assert tally.summary(interrupted=True).to_dict()["interrupted"]
    assert (found.batches, found.unread, len(found.troubles), found.ok) == (0, MOST_TROUBLES + 5, MOST_TROUBLES, False)
    assert found.stopped


def test_what_torch_raises_without_a_finding_is_counted() -> None:
    tally = Tally()
    tally.add(Checked("b", 1, 1, raised="nn.LSTM raises, as quoted, and no finding explains it.", wrong=True))
    found = tally.summary()
    assert (found.raised_in, found.raised[0].source, found.ok) == (1, "b", False)


def test_batches_without_lengths_take_no_part_in_the_padding() -> None:
    tally = Tally()
    tally.add(Checked("a", 2, 5, np.array([5, 2])))
    tally.add(Checked("b", 2, 500, None))
    found = tally.summary()
    assert (found.batches, found.measured, found.padding.cells, found.padding.data) == (2, 1, 10, 7)
