"""Every fix, as an edit and as Python, alone and after the others: its fault is gone, and no other comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Padded
from packviz.core.cells.companions import companion
from packviz.core.cells.guess import guessed
from packviz.core.cells.masks import with_mask, with_mask_read
from packviz.core.findings import Finding, Severity
from packviz.core.report import Report
from packviz.core.rules import check
from packviz.core.samples import SAMPLES, finding_samples, sample

WRONG = (Severity.ERROR, Severity.SILENT)
NOT_TOLD = {"nan-in-data", "inf-in-data"}
"""What should stand in the place of a NaN only its owner knows; and right lengths may take in one that was beyond."""


def raw_broken(seed: int) -> Batch:
    """A batch that is wrong in one of the ways in which people's are, in any layout, with or without a mask."""
    random = np.random.default_rng(seed)
    rows, steps = int(random.integers(1, 8)), int(random.integers(1, 9))
    ends = random.integers(1, steps + 1, rows)
    padding = float(random.choice([0, 0, 0, -1, 1]))
    features = ((), (), (2,))[random.integers(3)]
    dtype = random.choice(["int64", "float32"])
    x = random.integers(2, 9, (rows, steps, *features)).astype(dtype)
    if random.random() < 0.3:
        x[random.random((rows, steps)) < 0.3] = padding
    beyond = np.arange(steps) >= ends[:, None]
    x[beyond[:, ::-1] if random.random() < 0.15 else beyond] = padding
    if dtype == "float32" and random.random() < 0.1:
        x[random.integers(rows), random.integers(steps)] = np.nan
    lengths = _spoiled(random, ends, steps)
    call = Call(
        bool(random.random() < 0.6),
        bool(random.random() < 0.4),
        float(random.choice([padding, padding, 0])),
        None if random.random() < 0.8 else int(random.integers(1, steps + 3)),
    )
    turned = random.random() < 0.15
    laid = x if call.batch_first != turned else x.swapaxes(0, 1)
    batch = with_mask_read(make_batch(laid, lengths, call))
    if random.random() < 0.1:
        batch = guessed(batch)
    if random.random() < 0.3:
        mask = np.arange(steps) < _spoiled(random, ends, steps, whole=True)[:, None]
        if random.random() < 0.2:
            mask[random.integers(rows), random.integers(steps)] ^= True
        batch = with_mask(batch, mask if call.batch_first != turned else mask.T, inverted=False, derive=False)
    return batch


broken = st.integers(0, 1 << 20).map(raw_broken)


def _spoiled(random: np.random.Generator, ends: np.ndarray, steps: int, *, whole: bool = False) -> np.ndarray:
    """Lengths of which one, some or all are wrong."""
    made: list[Callable[[], Any]] = [
        lambda: ends,
        lambda: np.where(np.arange(len(ends)) == 0, random.integers(-1, steps + 3), ends),
        lambda: random.integers(1, steps + 1, len(ends)),
        lambda: ends + int(random.integers(-2, 3)),
        lambda: ends * int(random.integers(2, 4)),
        lambda: -(-ends // 2),
        lambda: random.permutation(ends),
        lambda: np.full(len(ends), steps),
        lambda: np.sort(ends)[::-1].copy(),
    ]
    odd: list[Callable[[], Any]] = [
        lambda: ends[:-1],
        lambda: np.append(ends, 1),
        lambda: ends + 0.5,
        lambda: ends[:, None],
        lambda: np.arange(steps) < ends[:, None],
        lambda: ends > 1,
        lambda: np.where(ends > 1, ends, np.nan),
    ]
    ways = made if whole else [*made, *odd]
    return np.asarray(ways[int(random.integers(len(ways)))]())


def all_samples() -> list[str]:
    return [found.name for found in SAMPLES] + list(finding_samples())


def wrong(report: Report) -> set[str]:
    """The codes that are wrong, with those that another one stands for."""
    return {code for f in report.findings if f.severity in WRONG for code in (f.code, *f.instead)}


def held(before: Report, finding: Finding, after: Report, how: str) -> None:
    """The fault is gone, and nothing is wrong that was right.

    A fault that was there and could not be seen may come to light: no row that the fix has left as it was is looked at.
    """
    said = f"{how} of {finding.code}: {finding.fix!r} {finding.edit}\nbefore\n{before}\nafter\n{after}"
    assert finding.code not in [f.code for f in after.findings], f"not gone after {said}"
    touched, had = _touched(before.batch, after.batch), wrong(before)
    for new in after.findings:
        if "pooled" in finding.detail and new.code == "length-cuts-data":
            continue  # x has no padding that could tell how long its rows are
        if new.severity in WRONG and new.code not in {*had, *NOT_TOLD, *OF_X} and not had & {*new.instead}:
            meant = not new.rows or bool(touched & set(new.rows)) or new.code in OF_ALL
            assert not (touched and meant), f"{new.code} came by {said}"


OF_X = ("padding-left", "layout-swapped", "mask-disagrees")
"""What is wrong with x or its mask: wrong lengths hide it, and right ones bring it to light."""
OF_ALL = ("lengths-unsorted", "total-length-too-short")
"""What hangs on all lengths together."""


def _touched(before: Batch, after: Batch) -> set[int]:
    """The rows, in the layout that the batch has now, whose length is another number or whose cells are others."""
    now, then = after.row_lengths, before.counts
    if after.rows < before.rows:
        return set()  # rows were left out, and the others are as they were
    rows = {row for row in range(len(now)) if row >= len(then) or now[row] != then[row]}
    if before.x.shape == after.x.shape and before.call.batch_first == after.call.batch_first and before.x.ndim > 1:
        same = (before.grid == after.grid) | ((before.grid != before.grid) & (after.grid != after.grid))
        most = np.zeros(before.rows, dtype=np.int64)
        for counts in (now[: before.rows], then[: before.rows]):
            most[: len(counts)] = np.maximum(most[: len(counts)], counts)
        inside = np.arange(before.steps) < most[:, None]
        rows |= set(np.flatnonzero((inside & ~same.reshape(*same.shape[:2], -1).all(2)).any(1)).tolist())
    return rows


def by_python(batch: Batch, finding: Finding) -> Batch:
    """The batch after the Python of a fix has run on its tensors."""
    made: dict[str, Any] = {}

    def packs(x: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> str:
        made.update(x=x, lengths=lengths, batch_first=batch_first, enforce_sorted=enforce_sorted)
        return "packed"

    def unpacks(packed: Any, batch_first: bool = False, total_length: int | None = None) -> tuple[str, Any]:
        made["total_length"] = total_length
        return "out", names["lengths"]

    given = batch.given.array
    names: dict[str, Any] = {
        "torch": torch,
        "x": torch.tensor(batch.x),
        "lengths": given.tolist() if batch.given.listed else torch.tensor(given),
        "pack_padded_sequence": packs,
        "pad_packed_sequence": unpacks,
        "packed": "packed",
    }
    names |= {one.name: torch.tensor(one.array) for one in batch.beside}
    if batch.mask is not None:
        names["mask"] = torch.tensor(~batch.mask if batch.mask_inverted else batch.mask)
    exec(str(finding.fix), names)  # our own text, in a test
    options = {name: made[name] for name in ("batch_first", "enforce_sorted", "total_length") if name in made}
    if "padding_value" in names:
        options["padding_value"] = float(names["padding_value"])
    call = replace(batch.call, **options)
    after = make_batch(names["x"].numpy(), np.asarray(names["lengths"]), call)
    beside = {one.name: names[one.name].numpy() for one in batch.beside}
    after = replace(after, beside=tuple(one for one in map(companion, beside, beside.values()) if one is not None))
    mask = names.get("mask")
    if mask is None or mask.shape not in (after.x.shape[:2], after.x.shape[1::-1]):
        return after
    return with_mask(after, mask.numpy(), inverted=batch.mask_inverted, derive=False)


RUNS = ("last = ", "module = ", "h_n", "h_0", "sequences = ", "packed = pack_sequence", "out.", "h = ")
"""Fixes that are about what comes out, about the module, or about a list of sequences; they are run in other tests."""


def fixes(report: Report) -> Iterator[Finding]:
    yield from (f for f in report.findings if f.fix is not None and not any(word in f.fix for word in RUNS))


def each_alone(report: Report) -> None:
    batch = report.batch
    for finding in report.findings:
        if finding.edit is not None:
            held(report, finding, check(finding.edit.apply(batch), module=report.module), "the edit")
    if batch.contradictory is not None or not isinstance(batch.carrier, Padded) or not batch.given.known:
        return
    if batch.given.origin == "guessed":
        return  # there are no lengths that the Python could be about
    for finding in fixes(report):
        if finding.code in NOT_TOLD:
            continue
        held(report, finding, check(by_python(batch, finding), module=report.module), "the Python")


def one_after_the_other(report: Report) -> None:
    """Whatever is first, then of what is left the first, and so on."""
    for turn in range(2):
        batch, seen = report.batch, report
        for _ in range(12):
            found = [f for f in seen.findings if f.edit is not None and f.severity in WRONG]
            if not found:
                break
            finding = found[0 if turn == 0 else -1]
            assert finding.edit is not None
            batch = finding.edit.apply(batch)
            after = check(batch, module=report.module)
            held(seen, finding, after, "the edit, after others,")
            seen = after
        left = [f for f in seen.findings if f.severity in WRONG and f.edit is not None]
        assert not left, f"{[f.code for f in left]} are never mended:\n{seen}"


@pytest.mark.parametrize("name", all_samples())
def test_of_the_samples(name: str) -> None:
    found = sample(name)
    report = check(found.load(), module=found.module)
    each_alone(report)
    one_after_the_other(report)


@given(broken)
@settings(max_examples=500)
def test_of_broken_batches_alone(batch: Batch) -> None:
    each_alone(check(batch))


@given(broken)
@settings(max_examples=300)
def test_of_broken_batches_one_after_the_other(batch: Batch) -> None:
    one_after_the_other(check(batch))
