"""Rules about what stands beside x: labels that are x, of other rows, of other lengths, or padded with a class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.cells.bits import Ints
from packviz.core.cells.companions import IGNORED, Companion, ends_of, on_rows, padded_with
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.rules.table import rule
from packviz.core.texts.wording import count, rows_title

AT_LEAST = 4
"""Labels that are equal to x by chance would be rarer than that."""


@rule("labels-unshifted")
def unshifted(evidence: Evidence) -> Finding | None:
    """The labels are x itself: a network that is to tell the next step is shown it.

    The label of step t is then the id at step t, which the network has just read: the loss falls to nothing, and
    nothing is learnt. For next-step prediction take x[:, 1:] as labels; the last step of each row has none, and is left
    out with the ignore_index of the loss. Where the model shifts the labels itself, as many language models do, or is
    an autoencoder, nothing is wrong.
    """
    for labels, grid in _labels(evidence):
        x = evidence.batch.grid
        if (
            evidence.batch.features
            or x.dtype.kind not in "iu"
            or grid.shape[1] < evidence.steps
            or not _right(evidence)
        ):
            continue
        inside = np.arange(evidence.steps) < evidence.counts[:, None]
        same = grid[:, : evidence.steps] == x
        if int(inside.sum()) < AT_LEAST or not bool(same[inside].all()) or len(np.unique(x[inside])) < 2:
            continue
        return Finding(
            "labels-unshifted",
            Severity.WARNING,
            f"{labels.name} are x, not shifted by a step",
            f"{labels.name} are equal to x in all {count(int(inside.sum()), 'cell')} inside the lengths: the label of "
            "a step is what the network reads at that step. For the next step, shift them by one; where the model "
            "shifts them itself, nothing is wrong.",
            fix=_shifted(evidence, labels.name),
        )
    return None


def _shifted(evidence: Evidence, name: str) -> str:
    """Python for the labels of the next step: x is left as it is, and the last step of each row has no label."""
    long = "torch.as_tensor(lengths)"
    if evidence.batch.call.batch_first:
        return (
            f"{name} = torch.cat([x[:, 1:], x[:, :1]], 1)\n"
            f"{name}[torch.arange(x.size(1)) >= {long}[:, None] - 1] = {IGNORED}  # ignore_index of the loss"
        )
    return (
        f"{name} = torch.cat([x[1:], x[:1]], 0)\n"
        f"{name}[torch.arange(x.size(0))[:, None] >= {long} - 1] = {IGNORED}  # ignore_index of the loss"
    )


@rule("labels-order")
def other_order(evidence: Evidence) -> Finding | None:
    """The labels, or their lengths, are those of the rows in another order.

    Rows that are sorted by their lengths before packing leave their labels behind, and nothing is raised: each row is
    trained towards the label of another. It is seen where the labels have an end of their own, or lengths of their own,
    and these are the lengths of x in another order. With enforce_sorted=False nothing has to be sorted; else index x,
    the lengths and the labels with the same order.
    """
    if not _right(evidence):
        return None
    for told, ends in _ends(evidence):
        counts = evidence.counts
        if np.array_equal(ends, counts) or not np.array_equal(np.sort(ends), np.sort(counts)):
            continue
        order = _order(evidence, ends)
        wrong = np.flatnonzero(ends != counts)
        row = int(wrong[0])
        why = f"{told.name} of row {row} end after {count(int(ends[row]), 'step')}, and its length is {counts[row]}"
        if told.kind == "lengths":
            why = f"{told.name}[{row}] is {ends[row]}, and lengths[{row}] is {counts[row]}"
        by = f" They fit when they are indexed with {order}." if order else ""
        return Finding(
            "labels-order",
            Severity.SILENT if order else Severity.WARNING,
            rows_title(wrong.tolist(), f"{told.name} are of another row", f"{told.name} are those of other rows"),
            f"{why}; all of them are the lengths of x in another order.{by} Sort x, its lengths and {told.name} with "
            "the same order, or none of them: enforce_sorted=False sorts nothing of yours.",
            rows=tuple(wrong.tolist()),
            fix=f"{told.name} = {told.name}[{order}]" if order else None,
        )
    return None


def _order(evidence: Evidence, ends: Ints) -> str:
    """The name of the order beside x with which the labels go with x; nothing where none does."""
    for one in evidence.batch.beside:
        if one.kind != "order" or not np.array_equal(np.sort(one.array), np.arange(evidence.rows)):
            continue
        if np.array_equal(ends[one.array], evidence.counts):
            return one.name
    return ""


@rule("labels-lengths")
def other_lengths(evidence: Evidence) -> Finding | None:
    """The labels do not end where the rows of x do.

    Of labels for each step, what goes beyond the length of its row is compared with outputs of padding, and what ends
    before it leaves steps without a label. It mostly comes from a truncation of one of the two, or from special tokens
    that one of them has. Labels that are one step shorter or longer in all rows, as those of the next step, are right.
    """
    if not _right(evidence):
        return None
    for one in evidence.batch.beside:
        if one.kind == "labels" and one.array.ndim >= 1 and evidence.rows not in one.array.shape[:2]:
            return Finding(
                "labels-lengths",
                Severity.WARNING,
                f"{one.name} have another number of rows than x",
                f"{one.name} has shape {one.array.shape}, and x has {count(evidence.rows, 'row')}: there must be one "
                "label a row, or one for each of its steps.",
            )
    for told, ends in _ends(evidence):
        counts = evidence.counts
        apart = ends - counts
        same = np.array_equal(np.sort(ends), np.sort(counts))
        if told.kind == "lengths":
            long = np.flatnonzero(apart > 0)
            if len(long) and not same:
                return _too_long(told, ends, counts, long)
            continue
        if same or (abs(int(apart[0])) <= 1 and bool(np.all(apart == apart[0]))):
            continue
        wrong = np.flatnonzero(apart)
        row = int(wrong[0])
        return Finding(
            "labels-lengths",
            Severity.WARNING,
            rows_title(wrong.tolist(), f"{told.name} end elsewhere", f"{told.name} end elsewhere"),
            f"{told.name} of row {row} end after {count(int(ends[row]), 'step')}, and its length is {counts[row]}: "
            "labels beyond a length are compared with padding, and steps without a label are not trained.",
            rows=tuple(wrong.tolist()),
        )
    return None


def _too_long(told: Companion, ends: Ints, counts: Ints, rows: Ints) -> Finding:
    row = int(rows[0])
    return Finding(
        "labels-lengths",
        Severity.WARNING,
        rows_title(rows.tolist(), f"{told.name} go beyond its length", f"{told.name} go beyond their lengths"),
        f"{told.name}[{row}] is {ends[row]}, and lengths[{row}] is {counts[row]}: more labels than steps. With one "
        "label a step they are compared with padding; CTCLoss returns inf, which zero_infinity hides.",
        rows=tuple(rows.tolist()),
    )


@rule("labels-padding")
def padded_labels(evidence: Evidence) -> Finding | None:
    """The labels are padded with a number that the loss takes for a class.

    nn.CrossEntropyLoss and nn.NLLLoss leave out labels of -100 and no others, unless ignore_index says which: labels
    that are padded with 0, as x is, train the network to tell class 0 at every cell of padding. Pad them with -100, or
    give the loss ignore_index; where 0 is a class as well as padding, only the first will do. Say ignore_index beside
    the labels, and they are held against it.
    """
    if not _right(evidence):
        return None
    ignored = next((int(one.array.reshape(-1)[0]) for one in evidence.batch.beside if one.kind == "ignored"), None)
    for labels, grid in _labels(evidence):
        value = padded_with(grid, evidence.counts)
        if value is None or value == (IGNORED if ignored is None else ignored):
            continue
        inside = grid[np.arange(grid.shape[1]) < evidence.counts[:, None]]
        used = bool(np.any(inside == value))
        if bool(np.all(inside == value)):
            continue  # labels of one class: nothing tells what is padding
        sure = used or ignored is not None or value < 0
        leaves = f"leaves out {IGNORED if ignored is None else ignored}"
        also = (
            f" {value} is a label inside the lengths, too: ignore_index={value} would leave that out." if used else ""
        )
        return Finding(
            "labels-padding",
            Severity.WARNING if sure else Severity.NOTE,
            f"{labels.name} are padded with {value}, which the loss counts",
            f"Beyond the lengths all {labels.name} are {value}, and the loss {leaves}"
            f"{' unless ignore_index says otherwise' if ignored is None else ''}: it counts each of them.{also}",
            fix=_ignored(evidence, labels, IGNORED if ignored is None else ignored),
        )
    return None


def _ignored(evidence: Evidence, labels: Companion, value: int) -> str:
    """Python that sets the labels beyond the lengths to what the loss leaves out."""
    across = labels.array.shape[0] != evidence.rows or (
        labels.array.shape[1] == evidence.rows and not evidence.batch.call.batch_first
    )
    name, lengths = labels.name, "torch.as_tensor(lengths)"
    if across:
        return f"{name}[torch.arange({name}.size(0))[:, None] >= {lengths}] = {value}"
    return f"{name}[torch.arange({name}.size(1)) >= {lengths}[:, None]] = {value}"


def _right(evidence: Evidence) -> bool:
    """Whether each row has a length that torch can pack: else these are mended first."""
    whole = bool(evidence.batch.beside) and len(evidence.counts) == evidence.rows and evidence.paired
    return whole and not evidence.swapped and bool(evidence.valid.all())


def _labels(evidence: Evidence) -> Iterator[tuple[Companion, NDArray[Any]]]:
    """The labels beside x that have a number for each step, as (B, S)."""
    for one in evidence.batch.beside:
        grid = on_rows(one.array, evidence.rows, evidence.batch.call.batch_first) if one.kind == "labels" else None
        if grid is not None:
            yield one, grid


def _ends(evidence: Evidence) -> Iterator[tuple[Companion, Ints]]:
    """The lengths that the companions have of their own, (B,): given, or by their padding, -100 or that of x."""
    for one in evidence.batch.beside:
        if one.kind == "lengths" and len(one.array) == evidence.rows:
            yield one, one.array.astype(np.int64)
    for one, grid in _labels(evidence):
        value = evidence.batch.call.padding_value
        if bool(np.any(grid == IGNORED)):
            yield one, ends_of(grid, IGNORED)
        elif np.isfinite(value) and bool(np.any(grid[:, -1] == value)) and int(evidence.counts.min()) < grid.shape[1]:
            ends = ends_of(grid, int(value))
            if bool(np.all(np.sum(grid != value, axis=1) == ends)):  # else it is a label as well
                yield one, ends
