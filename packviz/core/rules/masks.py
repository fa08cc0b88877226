"""Rules about masks: passed as lengths, or beside x."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import Batch
from packviz.core.cells.bits import ALL, before_step, bits_of, first_runs
from packviz.core.cells.evidence import Evidence, Ints
from packviz.core.cells.masks import MaskReading
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.rules.fixes import Fix, fill_padding, lengths_from_data
from packviz.core.rules.table import rule
from packviz.core.texts.wording import abridged, count, rows_title


@rule("lengths-are-mask")
def are_mask(evidence: Evidence) -> Finding | None:
    """A mask was passed as lengths.

    A mask says of each cell whether it is data; torch wants one number a row, how many cells are. A whole mask it
    refuses: `Index is supposed to be a vector`, or that it wants a 1D tensor. A vector of booleans it takes for ones
    and zeros, and raises about a length <= 0, or, where all are True, packs the first step of each row only. The sum of
    the mask over its steps gives the lengths, where each of its rows is True … True False … False.
    """
    batch, reading = evidence.batch, evidence.mask_as_lengths
    if reading is None:
        return _vector(evidence)
    given = batch.given.array
    rows, steps = reading.grid.shape
    sizes = "(B, T)" if reading.time else "(T, B)"
    holds = "booleans" if given.dtype.kind == "b" else "zeros and ones"
    detail = f"lengths has shape {given.shape} and holds {holds}: a mask, {sizes}, but torch wants one number a row"
    if reading.inverted:
        detail += ". It is True at padding: turn it with ~ first"
    if reading.turned:
        detail += f". It is the mask of {count(rows, 'row')} of {count(steps, 'step')}, as x has with "
        detail += f"batch_first={not batch.call.batch_first}"
    edit, fix = None, None
    if reading.right:
        detail += f". Its rows have the lengths {abridged(reading.lengths)}."
        edit, fix = _summed(batch, reading)
    else:
        row = int(np.union1d(reading.wrong, reading.empty)[0])
        detail += f". No lengths say the same: {_offence(reading, row, 'lengths', reading.inverted)}."
    return Finding(
        "lengths-are-mask",
        Severity.ERROR,
        "The lengths are a mask",
        detail,
        stage="pack",
        fix=fix,
        edit=edit,
    )


def _vector(evidence: Evidence) -> Finding | None:
    """Of a vector of booleans."""
    batch, n = evidence.batch, len(evidence.counts)
    if batch.lengths.dtype.kind != "b" or not n or not evidence.told or evidence.empty:
        return None
    zeros = np.flatnonzero(~batch.lengths)
    whole = n == evidence.rows
    edit, fix = lengths_from_data(evidence) if whole else (None, None)
    ones = "torch reads True as the length 1"
    if len(zeros):
        detail = f"lengths holds booleans: {ones}, and False, as in lengths[{zeros[0]}], as 0, which it refuses."
        title = "The lengths are booleans"
        return Finding("lengths-are-mask", Severity.ERROR, title, detail, stage="pack", fix=fix, edit=edit)
    if not evidence.paired:
        return None
    cut = np.flatnonzero(evidence.data_end[:n] > 1)
    if not len(cut):
        return None  # rows of one step: their lengths are 1 indeed
    return Finding(
        "lengths-are-mask",
        Severity.SILENT,
        "The lengths are booleans",
        f"lengths holds booleans: {ones}, and packs the first step of each row only.",
        rows=tuple(cut.tolist()),
        fix=fix,
        edit=edit,
    )


@rule("mask-not-right")
def not_right(evidence: Evidence) -> Finding | None:
    """The mask does not pad on the right: no lengths say the same.

    Lengths can only say that the first cells of a row are data. A mask with padding on the left, as tokenizers of text
    generation make it, or with a hole, as it comes out of comparing data with 0, keeps other cells; mask.sum(1) counts
    them, and torch then packs the wrong ones. Move the data of each row to its front first, or pad on the right.
    """
    batch, reading = evidence.batch, evidence.mask
    if batch.mask is None or reading is None or not len(reading.wrong) or reading.turned or evidence.swapped:
        return None
    derived = batch.given.origin == "mask"
    said = bits_of(reading.grid)[reading.wrong]
    kept = before_step(np.full_like(said, ALL), reading.lengths[reading.wrong])  # by lengths that count its True
    spans, more = first_runs(said ^ kept)
    spans[:, 0] = reading.wrong[spans[:, 0]]
    which = rows_title(
        reading.wrong.tolist(), "its mask does not pad on the right", "their masks do not pad on the right"
    )
    then = "Lengths that count its True pack the wrong cells." if derived else "torch reads the lengths only."
    shifted = bool(np.isin(reading.wrong, evidence.left.rows).all())  # by the fix of padding-left, mask and all
    fix: str | None = None
    if shifted:
        then += " Shift the rows to t0, as padding-left says, and the mask with them."
    elif (derived and evidence.mask_as_lengths is None) or _is_data(evidence, reading):
        fix = _to_the_front(batch, reading)
        if batch.mask_steps is not None:
            fix = f"{_widening(evidence)}\n{fix}"
        if not _is_data(evidence, reading):
            fix += f"\n{fill_padding(evidence)}  # what the mask leaves out"
    elif _ends_told(evidence, reading.wrong):
        then += " The padding of x agrees with the lengths: the mask seems to be the wrong one."
        fix = _mask_of_lengths(batch, reading)
    return Finding(
        "mask-not-right",
        Severity.SILENT if derived else Severity.WARNING,
        which,
        f"{_offence(reading, int(reading.wrong[0]), 'mask', batch.mask_inverted)}, which no length can say. {then}",
        rows=tuple(reading.wrong.tolist()),
        spans=spans,
        more=more,
        fix=fix,
    )


def _is_data(evidence: Evidence, reading: MaskReading) -> bool:
    """Whether the mask is True at the cells of x that are not padding, and nowhere else."""
    return bool(np.array_equal(bits_of(reading.grid), evidence.filled))


def _ends_told(evidence: Evidence, rows: Ints) -> bool:
    """Whether the data of these rows, (m,), ends where their lengths say."""
    if not evidence.paired or len(evidence.counts) != evidence.rows:
        return False
    return bool(np.all(evidence.own_end[rows] == evidence.counts[rows]))


@rule("mask-narrow")
def narrow(evidence: Evidence) -> Finding | None:
    """The mask has max(lengths) steps, and x has more.

    A mask that is made of the lengths alone ends at the longest of them; x may be padded to a fixed T. It fits what
    unpacking returns, which has max(lengths) steps, too, but neither x nor labels of T steps: laid on these it raises,
    or, where a size is 1, is spread out without a word. Make it with T steps, as torch.arange(x.size(1)) does, or by
    the max_len of the function that makes it, and unpack with total_length=T.
    """
    batch, reading = evidence.batch, evidence.mask
    if batch.mask_steps is None or reading is None or evidence.swapped:
        return None
    shape = [evidence.rows, batch.mask_steps] if reading.time else [batch.mask_steps, evidence.rows]
    sizes = "(B, max(lengths))" if reading.time else "(max(lengths), B)"
    return Finding(
        "mask-narrow",
        Severity.NOTE,
        f"The mask has {count(batch.mask_steps, 'step')}, x has {evidence.steps}",
        f"mask has shape ({shape[0]}, {shape[1]}), read as {sizes}: it ends at the longest length, and what is beyond "
        f"is taken for padding. It fits what unpacking returns, and not x. Make it with max_len={evidence.steps}, and "
        f"unpack with total_length={evidence.steps}, where {evidence.steps} steps are expected.",
        fix=_widening(evidence),
    )


def _widening(evidence: Evidence) -> str:
    """Python that fills up a mask of max(lengths) steps with padding."""
    batch, reading = evidence.batch, evidence.mask
    assert batch.mask_steps is not None
    assert reading is not None
    more = evidence.steps - batch.mask_steps
    sides = f"(0, {more})" if reading.time else f"(0, 0, 0, {more})"
    return f"mask = torch.nn.functional.pad(mask, {sides}, value={int(batch.mask_inverted)})"


@rule("mask-disagrees")
def disagrees(evidence: Evidence) -> Finding | None:
    """The mask and the lengths say different things about a row.

    One of them is wrong, and torch reads the lengths only: where these are too small it drops cells that the mask calls
    data, where they are too large it packs padding, without a word either way. It mostly happens where the one was made
    before a truncation or a shuffle, and the other after it. Make both from the same thing: lengths = mask.sum(1).
    """
    batch, reading = evidence.batch, evidence.mask
    if batch.mask is None or reading is None or len(reading.wrong) or reading.turned or evidence.swapped:
        return None
    if batch.given.origin == "mask" or not evidence.paired or len(evidence.counts) != evidence.rows:
        return None
    counts, said = evidence.counts, reading.lengths
    # torch packs no row without a cell: 1 is the nearest length to that of a row without a True.
    rows = np.flatnonzero((counts != said) & ~((said == 0) & (counts == 1)))
    if not len(rows):
        return None
    ends = evidence.own_end[rows]
    by_padding = bool(np.all(ends == counts[rows]))
    by_mask = bool(np.all(ends == np.maximum(said[rows], 1)))
    row = int(rows[0])
    detail = f"lengths[{row}] is {counts[row]}, but the mask of row {row} is True at {count(int(said[row]), 'step')}"
    if len(rows) > 1:
        detail += f"; {count(len(rows) - 1, 'other row')} differ{'s' if len(rows) == 2 else ''}, too"
    edit: Edit | None = None
    fix: str | None = None
    if by_padding:
        detail += ". The padding of x agrees with the lengths: the mask seems to be the wrong one."
        fix = _mask_of_lengths(batch, reading)
    elif by_mask:
        detail += ". torch reads the lengths only."
        edit, fix = _counted(batch, reading, rows)
    else:
        detail += (
            ". torch reads the lengths only, and the data of x does not end where either says: mend the lengths first, "
            "then make the mask of them."
        )
    first, stop = np.minimum(counts[rows], said[rows]), np.maximum(counts[rows], said[rows])
    spans = np.stack([rows, np.clip(first, 0, evidence.steps), np.clip(stop, 0, evidence.steps)], axis=1)
    return Finding(
        "mask-disagrees",
        Severity.WARNING if by_padding else Severity.SILENT,
        rows_title(rows.tolist(), "its length is not that of the mask", "their lengths are not those of the mask"),
        detail,
        rows=tuple(rows.tolist()),
        spans=spans[spans[:, 1] < spans[:, 2]],
        fix=fix,
        edit=edit,
    )


def _counted(batch: Batch, reading: MaskReading, rows: Ints) -> Fix:
    """The lengths counted from the mask beside x, which differ in these rows, (m,)."""
    lengths = np.maximum(reading.lengths, 1)
    label = f"Set length {lengths[rows[0]]}" if len(rows) == 1 else f"Set {len(rows)} lengths"
    least = ".clamp(min=1)" if len(reading.empty) else ""
    text = f"lengths = {_data('mask', batch.mask_inverted)}.sum({reading.time}){least}"
    return Edit(f"{label} from the mask", lengths=tuple(lengths.tolist())), text


def _mask_of_lengths(batch: Batch, reading: MaskReading) -> str:
    """Python for the mask that the lengths say, as the one beside x lies."""
    whole = ".long()" if batch.lengths.dtype.kind in "fc" else ""
    sized = "mask" if batch.mask_steps is None else "x"
    time = reading.time if batch.mask_steps is None else int(batch.call.batch_first)
    steps, lengths = f"torch.arange({sized}.size({time}))", f"torch.as_tensor(lengths){whole}"
    than = ">=" if batch.mask_inverted else "<"
    return f"mask = {steps} {than} {lengths}[:, None]" if reading.time else f"mask = {steps}[:, None] {than} {lengths}"


def _offence(reading: MaskReading, row: int, name: str, inverted: bool) -> str:
    """Why no length says what the mask says of a row: `mask[1, 1] is False, mask[1, 2] is True: a hole`."""
    kind, step = reading.offence(row)
    if kind == "empty":
        return f"row {row} of {name} has no cell of data, and a length is at least 1"
    later = step + int(np.argmax(reading.grid[row, step:]))
    here, there = (f"{name}[{row}, {t}]" if reading.time else f"{name}[{t}, {row}]" for t in (step, later))
    what = "padding on the left" if kind == "left" else "a hole"
    return f"{here} is {inverted}, and {there} after it is {not inverted}: {what}"


def _kept(inverted: bool, reading: MaskReading, batch: Batch) -> str:
    """Python for the mask, True at data, in the layout of x."""
    across = bool(reading.time) != batch.call.batch_first
    return f"{_data('mask', inverted)}{'.T' if across else ''}"


def _data(name: str, inverted: bool) -> str:
    """Python for the mask, True at data, whatever its dtype."""
    return f"({name} == 0)" if inverted else f"({name} != 0)"


def _to_the_front(batch: Batch, reading: MaskReading) -> str:
    """Python that moves what the mask calls data to the front of each row of x."""
    time = int(batch.call.batch_first)
    rows = "torch.arange(x.size(0))[:, None], order" if time else "order, torch.arange(x.size(1))"
    least = ".clamp(min=1)" if len(reading.empty) else ""
    return (
        f"keep = {_kept(batch.mask_inverted, reading, batch)}\n"
        f"order = keep.int().argsort(dim={time}, descending=True, stable=True)\n"
        f"x, lengths = x[{rows}], keep.sum({time}){least}\n"
        f"{_mask_of_lengths(batch, reading)}"
    )


def _summed(batch: Batch, reading: MaskReading) -> Fix:
    """The lengths that a mask says that was passed in their place; and the layout that it goes with."""
    given, first = batch.given, batch.call.batch_first != reading.turned
    name = "torch.as_tensor(lengths)" if given.listed else "lengths"
    moved = ".cpu()" if given.device != "cpu" else ""
    text = f"lengths = {_data(name, reading.inverted)}.sum({reading.time}){moved}"
    label = f"Set {count(len(reading.lengths), 'length')} from the mask"
    edit = Edit(label, lengths=tuple(reading.lengths.tolist()), batch_first=first if reading.turned else None)
    if reading.turned:
        keep = "" if batch.call.enforce_sorted else ", enforce_sorted=False"
        text += f"\npacked = pack_padded_sequence(x, lengths, batch_first={first}{keep})"
    return edit, text
