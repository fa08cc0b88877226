"""Every batch of the corpus is read as what it is, or not at all, or the terminal says which option chooses."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from packviz.cli import main
from packviz.cli.parser import parse
from packviz.cli.reading import Typed, read_each
from packviz.core.batch import BatchError
from packviz.core.cells.guess import guessed
from packviz.core.cells.padding import padding_of
from packviz.core.module import Module
from packviz.core.report import Report
from packviz.core.texts.report import report_text
from packviz.torch_side.asking.report import report_on
from tests.corpus.cases import Array, Case, Truth
from tests.corpus.make import cases

CASES = {case.name: case for case in cases()}

LEFT: frozenset[str] = frozenset()
"""What is not read as what it is yet."""


def test_there_are_enough_and_every_format_is_there() -> None:
    suffixes = {Path(name).suffix for name in CASES}
    assert len(CASES) >= 60
    assert suffixes >= {".pt", ".npz", ".npy", ".json", ".jsonl", ".safetensors", ".txt"}
    assert len(CASES) == len(list(cases())), "two cases have the same name"
    assert CASES.keys() >= LEFT


@pytest.mark.parametrize("name", CASES)
def test_it_is_read_as_what_it_is_or_not_at_all(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    case.write(path := tmp_path / name)
    if name in LEFT:
        with pytest.raises(AssertionError):
            judge(case, path)
    else:
        judge(case, path)


def judge(case: Case, path: Path) -> None:
    """Raises AssertionError where the terminal says something else of the file than its truth."""
    code, said = checked(path)
    if case.refused:
        assert code == 2, said
        assert all(word in said for word in case.refused), said
        return
    options: Sequence[str] = ()
    if case.asks is not None:
        assert code == 2, said
        assert " ".join(case.asks) in said, said
        options = case.asks
        code, said = checked(path, *options)
    assert code in (0, 1), said
    found = reports(path, options)
    assert found.keys() == case.truths.keys()
    for entry, report in found.items():
        if case.open:
            assert report.layout is not None
            assert report.layout.batch_first is None
            report = report_on(guessed(report.batch.with_call(batch_first=True)), Module(), ask=False)
        codes = read_as(report, case.truths[entry])
        flat = " ".join(report_text(report).split())
        assert all(word in flat for word in case.says), flat
        assert codes >= set(case.broken)


def checked(path: Path, *options: str) -> tuple[int, str]:
    """The exit code of `packviz check`, and all that it prints, in one line."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = main(["check", str(path), "--rules-only", *options])
    return code, " ".join(printed.getvalue().split())


def reports(path: Path, options: Sequence[str]) -> Mapping[str, Report]:
    """The report of each batch in the file."""
    typed = Typed.of(parse(["check", str(path), *options]))
    made = {}
    for loaded, module in read_each(str(path), typed):
        assert loaded.batch is not None, loaded.trouble
        made[loaded.name] = report_on(loaded.batch, module, ask=False)
    return made


def read_as(report: Report, truth: Truth) -> set[str]:
    """Raises AssertionError where the report reads the batch as anything else than it is; the codes that it has once it
    is read the right way round, where it says itself that it is not."""
    batch, layout = report.batch, report.layout
    assert layout is not None
    codes = {f.code for f in report.findings}
    if layout.batch_first is not None and layout.batch_first != batch.call.batch_first:
        # It may have been read the other way round only where the report says so first of all.
        assert batch.given.origin != "guessed"
        assert codes & {"layout-swapped", "lengths-shape"}
        batch = batch.with_call(batch_first=layout.batch_first)
        codes |= {f.code for f in report_on(batch, Module(), ask=False).findings}
    lengths = batch.lengths.reshape(-1).tolist()
    if truth.side == "left" and batch.given.origin == "guessed":
        assert "padding-left" in codes
        assert set(lengths) == {batch.steps}
    else:
        assert lengths == list(truth.lengths)
    if truth.rows is None:
        assert truth.x is not None
        same(batch.grid, truth.x)
    else:
        for row, sequence in enumerate(truth.rows):
            same(batch.grid[row, : len(sequence)], sequence)
    if truth.padding is not None:
        np.testing.assert_allclose(float(padding_of(batch)), truth.padding, rtol=1e-6)
    if truth.side == "left":
        assert layout.side in ("left", None)
    return codes


def same(read: Array, meant: Array) -> None:
    assert read.shape == meant.shape
    np.testing.assert_allclose(read, meant, rtol=1e-3, atol=1e-4)


def test_a_batch_error_is_one_line(tmp_path: Path) -> None:
    for case in CASES.values():
        if case.refused or case.asks:
            case.write(path := tmp_path / case.name)
            with pytest.raises(BatchError) as caught:
                reports(path, ())
            assert "\n" not in str(caught.value)
