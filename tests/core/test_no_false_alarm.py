"""No false alarm: of generated batches that are correct, none has an error, a silent finding or a warning."""

from __future__ import annotations

import numpy as np
import pytest

import packviz
from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Padded, Sequences
from packviz.core.cells.guess import guessed
from packviz.core.cells.masks import with_mask
from packviz.core.findings import Finding, Severity
from packviz.core.rules import check

BATCHES = 10_000
ASKED = 200  # so many of them are run through torch, too
FLOATS = ("float16", "float32", "float64")
WHOLES = ("uint8", "int16", "int32", "int64")


def correct_batch(seed: int) -> Batch:
    """A correct batch: ids or measurements of one of several dtypes, padded on the right."""
    random = np.random.default_rng(seed)
    rows, steps = (int(random.choice([1, 2, 3, 4, 7, 20])) for _ in range(2))
    kind = random.choice(["short", "full", "one step", "any", "any", "any"])
    longest = {"one step": 1, "short": max(1, steps // 2)}.get(kind, steps)
    lengths = random.integers(1, longest + 1, rows)
    if kind == "full":
        lengths[:] = steps
    elif random.random() < 0.7:
        lengths[random.integers(rows)] = longest
    if random.random() < 0.1:
        lengths = np.sort(lengths)
    sorted_call = bool(random.random() < 0.4)
    if sorted_call:
        lengths = np.sort(lengths)[::-1].copy()

    ids = bool(random.random() < 0.4)
    features: tuple[int, ...] = () if ids else ((), (1,), (3,), (2, 2))[random.integers(4)]
    dtype = np.dtype(random.choice(WHOLES if ids else FLOATS))
    padding = float(random.choice([0, 0, 0, -1] if ids else [0, 0, 0, -1, 0.1, np.nan]))
    if dtype == np.uint8:
        padding = 0
    shape = (rows, steps, *features)
    if ids:
        x = random.integers(1, int(random.choice([3, 30, 200])), shape).astype(dtype)
    else:
        x = _measurements(random, shape, lengths, padding).astype(dtype)
    x[np.arange(steps) >= lengths[:, None]] = padding
    return _given(random, x, lengths, padding, sorted_call)


def _measurements(
    random: np.random.Generator, shape: tuple[int, ...], lengths: np.ndarray, padding: float
) -> np.ndarray:
    """Numbers among which are real ones that equal the padding value, but for the last cell of a row."""
    x = random.uniform(0.5, 2, shape) * random.choice([-1, 1], shape)
    if padding == padding:
        share = random.choice([0, 0.1, 0.5])
        x[random.random(shape[:2]) < share] = padding
        if random.random() < 0.2:
            x[:, 0] = padding  # as of what starts at 0
    last = np.arange(len(x)), lengths - 1
    x[last] = random.uniform(0.5, 2, x[last].shape)
    return x


def _given(random: np.random.Generator, x: np.ndarray, lengths: np.ndarray, padding: float, sorted_call: bool) -> Batch:
    """The batch in one of the ways in which people bring it."""
    batch_first = bool(random.random() < 0.5)
    total = int(lengths.max() + random.integers(0, 3)) if random.random() < 0.2 else None
    call = Call(batch_first, sorted_call, padding, total)
    laid = x if batch_first else x.swapaxes(0, 1)
    if random.random() < 0.5:
        laid = np.ascontiguousarray(laid)
    way = random.choice(["array", "int32", "float", "listed", "guessed"])
    if way == "guessed":
        batch = guessed(make_batch(laid, lengths, call))
        return batch
    told = {"int32": lengths.astype(np.int32), "float": lengths.astype(np.float32)}.get(way, lengths)
    carrier = Sequences() if random.random() < 0.1 and lengths.max() == x.shape[1] else Padded()
    return make_batch(laid, told, call, carrier=carrier, lengths_listed=way == "listed")


def alarms(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.NOTE]


def told(seed: int, batch: Batch, found: list[Finding]) -> str:
    said = "; ".join(f"{f.severity} {f.code}: {f.detail}" for f in found)
    return f"seed {seed}: x {batch.x.shape} {batch.dtype}, lengths {batch.lengths.tolist()}, {batch.call}: {said}"


@pytest.mark.parametrize("part", range(4))
def test_a_correct_batch_raises_no_alarm(part: int) -> None:
    wrong = []
    for seed in range(part, BATCHES, 4):
        batch = correct_batch(seed)
        found = alarms(check(batch).findings)
        if found:
            wrong.append(told(seed, batch, found))
    assert not wrong, f"{len(wrong)} false alarms, such as\n" + "\n".join(wrong[:10])


def test_nor_does_it_when_torch_is_asked_and_torch_returns() -> None:
    for seed in range(BATCHES, BATCHES + ASKED):
        batch = correct_batch(seed)
        report = packviz.check(batch)
        assert report.verdict is not None
        assert report.verdict.pack.ok
        found = alarms(report.findings)
        assert not found, told(seed, batch, found)
        assert report.ok


@pytest.mark.parametrize("part", range(2))
def test_no_law_is_read_into_what_a_mask_says_of_all_rows_too(part: int) -> None:
    """Padding that is no padding value: a mask says the same as the lengths, which would look wrong in all rows."""
    wrong = []
    for seed in range(part, ASKED, 2):
        random = np.random.default_rng(seed)
        rows, steps = int(random.integers(2, 7)), int(random.integers(2, 12))
        lengths = random.integers(1, steps + 1, rows)
        mask = np.arange(steps) < lengths[:, None]
        x = np.where(mask, random.integers(1, 9, (rows, steps)), 9)
        batch = with_mask(make_batch(x, lengths, Call(True, False)), mask, derive=False)
        found = alarms(check(batch).findings)
        if found:
            wrong.append(told(seed, batch, found))
    assert not wrong, "\n".join(wrong[:10])


def test_a_batch_of_as_many_rows_as_steps_may_be_called_ambiguous_and_no_more() -> None:
    codes = {f.code for seed in range(1000) for f in check(_square(seed)).findings if f.code.startswith("layout")}
    assert codes <= {"layout-ambiguous"}


def _square(seed: int) -> Batch:
    """A correct batch of as many rows as steps."""
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 9))
    lengths = random.integers(1, n + 1, n)
    x = random.integers(1, 9, (n, n)) if seed % 2 else random.uniform(1, 2, (n, n))
    x[np.arange(n) >= lengths[:, None]] = 0
    batch_first = bool(random.random() < 0.5)
    return make_batch(x if batch_first else x.T, lengths, Call(batch_first, False))
