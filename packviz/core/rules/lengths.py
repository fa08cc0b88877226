"""Rules about the lengths themselves: how many there are, how large, in what order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from packviz.core.carrier import Packed, Padded, Sequences
from packviz.core.cells.evidence import Evidence, Ints
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.refusals import unreadable
from packviz.core.rules.fixes import Fix, allow_unsorted, complete_lengths, other_layout, set_lengths
from packviz.core.rules.table import rule
from packviz.core.texts.wording import count, length_named, rows_title


@rule("lengths-count")
def mismatched(evidence: Evidence) -> Finding | None:
    """There must be one length for each row of x.

    enforce_sorted=True compares the two numbers and raises. enforce_sorted=False does not: with more lengths than rows
    torch fails while it sorts the rows (`index out of range in self`); with fewer it packs the rows that have a length
    and drops the others without a word, so that the output has fewer rows than the batch. The usual causes: lengths
    of another batch, a last batch that is smaller than the others, or batch_first the wrong way round.
    """
    n, rows = len(evidence.counts), evidence.rows
    if n == rows or rows == 0 or not evidence.told:
        return None
    given = f"{count(n, 'length')} for {count(rows, 'row')}"
    turned = evidence.swapped
    edit, fix = other_layout(evidence) if turned else complete_lengths(evidence) if evidence.steps else (None, None)
    layout = _layout_meant(evidence) if turned else ""
    flat = None if turned else _flat(evidence)
    if flat is not None:
        layout, edit, fix = f" {flat.said}", None, flat.python
    if not evidence.paired or evidence.empty:
        why = (
            "enforce_sorted=True expects as many lengths as rows."
            if n < rows and n
            else "one length a row is expected."
        )
        return Finding(
            "lengths-count",
            Severity.ERROR,
            f"There are {given}",
            f"lengths has {count(n, 'entry', 'entries')}, but x has {count(rows, 'row')}: {why}{layout}",
            stage="pack",
            fix=fix,
            edit=edit,
        )
    dropped = np.arange(n, rows)
    ends = evidence.data_end[n:]
    which = {1: f"row {n} is", 2: f"rows {n} and {n + 1} are"}.get(rows - n, f"rows {n} to {rows - 1} are")
    return Finding(
        "lengths-count",
        Severity.SILENT,
        rows_title(dropped.tolist(), "it has no length, and is dropped", "they have no length, and are dropped"),
        f"There are {given}. With enforce_sorted=False torch packs the first {count(n, 'row')} only: {which} missing "
        f"from the packed data, from the output and from h_n.{layout}",
        rows=tuple(dropped.tolist()),
        spans=np.stack([dropped, np.zeros_like(dropped), ends], axis=1)[ends > 0],
        fix=fix,
        edit=edit,
    )


CERTAIN = 16
"""So many entries are not by chance as many as the lengths add up to."""


class Flat(NamedTuple):
    """An x whose rows and steps may lie in one dimension: why, in words, and Python that takes it apart."""

    said: str
    python: str


def _flat(evidence: Evidence) -> Flat | None:
    """Rows and steps in the first dimension of x, (B*T, *) or one sequence after the other; None where nothing says so.

    There are as many lengths as fit neither of its dimensions, and it has so many rows of the longest length, or so
    many steps in all, which a small padded batch with lengths missing may have by chance.
    """
    shape, counts = evidence.batch.x.shape, evidence.counts
    n, longest = len(counts), int(counts.max(initial=0))
    if n < 2 or longest < 2 or int(counts.min()) < 1 or n in shape[:2]:
        return None
    if not isinstance(evidence.batch.carrier, Padded):
        return None
    lies = f"x has {shape[0]} entries in its first dimension,"
    pack = "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)"
    if shape[0] == n * longest:
        sizes = ", ".join(map(str, (n, longest, *shape[1:])))
        said = f"{lies} {n} × {longest}, the longest length: if rows and steps lie in it, (B*T, *), take them apart."
        return Flat(said, f"x = x.reshape({sizes})\n{pack}")
    padded = bool((evidence.data_end < evidence.steps).any())
    if shape[0] == int(counts.sum()) and (not padded or shape[0] >= CERTAIN):
        said = f"{lies} to which the lengths add up: if the sequences stand one after the other in it, take them apart."
        split = "rows = x.split(torch.as_tensor(lengths).long().tolist())"
        return Flat(said, f"{split}\npacked = pack_sequence(rows, enforce_sorted=False)")
    return None


def _layout_meant(evidence: Evidence) -> str:
    n, other = len(evidence.counts), not evidence.batch.call.batch_first
    return f" With batch_first={other}, x would have {count(n, 'row')}, as many as there are lengths."


@rule("length-not-positive")
def not_positive(evidence: Evidence) -> Finding | None:
    """Every length must be at least 1: torch can't pack an empty sequence.

    A 0 mostly comes from an empty text, or from a mask without a single True. Drop such rows from the batch before you
    pack it, or give them the length 1 and one step of padding.
    """
    if evidence.least > 0 or not evidence.told:
        return None
    wrong = np.flatnonzero((evidence.counts <= 0) & ~unreadable(evidence.batch))
    if not len(wrong):
        return None
    first = int(wrong[0])
    detail = f"{length_named(evidence.batch, first)}, but a length must be at least 1"
    if len(wrong) > 1:
        detail += f"; {count(len(wrong) - 1, 'other length')} {'is' if len(wrong) == 2 else 'are'} below that, too"
    fix: tuple[Edit | None, str] | None = _own_ends(evidence, wrong, "lengths <= 0")
    if evidence.batch.lengths.dtype.kind == "b":
        fix = None  # what the lengths are no boolean says; lengths-are-mask mends them all
    if isinstance(evidence.batch.carrier, Sequences):  # pack_sequence takes no lengths: there is none to set
        fix = None, "sequences = [sequence for sequence in sequences if len(sequence) > 0]"
        detail += ". Drop the empty sequences before you pack"
    elif fix is not None and bool(np.any(evidence.data_end[wrong] == 0)):
        keep = "x[lengths > 0]" if evidence.batch.call.batch_first else "x[:, lengths > 0]"
        detail += f". A row without any data is better dropped from the batch: {keep}, lengths[lengths > 0]"
    return Finding(
        "length-not-positive",
        Severity.ERROR,
        rows_title(wrong.tolist(), "its length is not positive", "their lengths are not positive"),
        detail + ".",
        rows=evidence.rows_at(wrong),
        stage="pack",
        fix=fix and fix[1],
        edit=fix and fix[0],
    )


@rule("length-exceeds-time")
def exceeds(evidence: Evidence) -> Finding | None:
    """No length may be larger than T, the number of steps of x.

    pack_padded_sequence does not look: it counts the steps that x does not have in batch_sizes, and returns. The
    network fails later, with a message about sizes that never names the lengths. The usual causes: lengths taken before
    the texts were truncated, or before the steps were pooled or strided, where a clamp would only hide that all others
    are wrong, too; or batch_first the wrong way round, so that rows are taken for steps.
    """
    if evidence.most <= evidence.steps or evidence.empty or not evidence.told:
        return None
    wrong = np.flatnonzero(evidence.counts > evidence.steps)
    first = int(wrong[0])
    more = (
        f"; {count(len(wrong) - 1, 'other length')} end{'s' if len(wrong) == 2 else ''} beyond them, too"
        if len(wrong) > 1
        else ""
    )
    # Where x is read in the wrong layout the lengths are right: cutting them would break the batch.
    turned = evidence.swapped
    over = f"lengths > x.size({int(evidence.batch.call.batch_first)})"
    pooled, divided = ("", None) if turned else _pooled(evidence, len(wrong))
    fix = other_layout(evidence) if turned else divided or _own_ends(evidence, wrong, over)
    return Finding(
        "length-exceeds-time",
        Severity.ERROR,
        rows_title(wrong.tolist(), "its length is beyond the end of x", "their lengths are beyond the end of x"),
        f"{length_named(evidence.batch, first)}, but x has {count(evidence.steps, 'step')}{more}. "
        "pack_padded_sequence accepts it; what uses the packed data fails, with a message that names no length."
        f"{_layout_meant(evidence) if turned else pooled}",
        rows=evidence.rows_at(wrong),
        stage="run",
        also=("unpack",),
        fix=fix and fix[1],
        edit=fix and fix[0],
    )


MUCH = 1.5
"""Times T, from which on a length is so far beyond the end of x that its steps may have been pooled."""


def _pooled(evidence: Evidence, beyond: int) -> tuple[str, Fix | None]:
    """The question whether x is what pooling left of its steps, before any clamp that would hide it; and the lengths
    divided, where that fits and nothing in the cells tells how long the rows are."""
    steps, longest = evidence.steps, evidence.most
    if longest < MUCH * steps:
        return "", None
    asked = (
        " Were the steps of x pooled, strided or stacked, and the lengths not divided? Then the shorter ones are "
        "wrong, too."
    )
    by = max(2, round(longest / steps)) if longest <= MOST_POOLED * steps else 0
    up = bool(by) and -(-longest // by) == steps
    if not up and not (by and longest // by == steps):
        return asked, None
    asked += f" T is the longest length over {by}."
    counts = evidence.counts
    alike = 2 * beyond > len(counts) > 1 and len(np.unique(counts)) > 1 and evidence.least > 0
    if not alike or not evidence.paired or bool(np.any(evidence.data_end < steps)):
        return asked, None  # the cells tell the lengths, or it is one row that may have been typed wrong
    divided = -(-counts // by) if up else np.maximum(counts // by, 1)
    long = "torch.as_tensor(lengths).long()"
    text = f"({long} + {by - 1}) // {by}" if up else f"({long} // {by}).clamp(min=1)"
    edit = Edit(f"Divide all lengths by {by}", lengths=tuple(divided.tolist()))
    return asked, (edit, f"lengths = {text}  # by the formula of the layer that pooled the steps")


MOST_POOLED = 64
"""The largest factor by which steps are pooled."""


@rule("lengths-unsorted")
def unsorted(evidence: Evidence) -> Finding | None:
    """enforce_sorted=True, the default, expects the lengths in decreasing order; else torch raises.

    Only export to ONNX needs that. With enforce_sorted=False torch sorts the rows itself, and puts the outputs and h_n
    back into the order of the batch; the labels stay as they are.
    """
    counts, batch = evidence.counts, evidence.batch
    if not batch.call.enforce_sorted or isinstance(batch.carrier, Packed) or not evidence.told:
        return None
    rises = np.flatnonzero((counts[1:] > counts[:-1]) & ~unreadable(batch)[:-1]) + 1
    if not len(rises):
        return None
    at = int(rises[0])
    edit, fix = allow_unsorted(evidence)
    return Finding(
        "lengths-unsorted",
        Severity.ERROR,
        "The lengths are not in decreasing order",
        f"{length_named(batch, at)}, but {length_named(batch, at - 1)}; enforce_sorted=True, the default, expects the "
        "longest row first.",
        rows=evidence.rows_at(rises),
        stage="pack",
        fix=fix,
        edit=edit,
    )


def _own_ends(evidence: Evidence, wrong: Ints, said: str) -> Fix | None:
    """The wrong lengths set to the ends of the data of their rows, where each of them has a row."""
    if len(evidence.counts) > evidence.rows or evidence.empty:
        return None
    return set_lengths(evidence, wrong, evidence.own_end[wrong], said)
