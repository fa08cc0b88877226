"""The fixes: each as an edit for the window and as Python that does the same to the tensors `x` and `lengths`."""

from __future__ import annotations

from typing import Any

import numpy as np

from packviz.core.carrier import Sequences
from packviz.core.cells.evidence import Evidence, Ints
from packviz.core.findings import Edit
from packviz.core.texts.wording import cells_named, number, rows_counted

MOST_TYPED = 4  # so many lengths are set one by one; more by an expression over the whole batch

Fix = tuple[Edit, str]


def set_lengths(evidence: Evidence, rows: Ints, values: Ints, wrong: str, *, without_nan: bool = False) -> Fix:
    """Set the lengths of `rows`, (m,), to `values`, (m,), which are the ends of the data in these rows.

    `wrong`: the rows in torch's terms of `lengths` and `ends`, such as "lengths > ends"; `without_nan`: whether the
    ends are those of the data that is not NaN.
    """
    lengths = evidence.counts.copy()
    lengths[rows] = values
    label = f"Set length {values[0]}" if len(rows) == 1 else f"Set {len(rows)} lengths"
    edit = Edit(label, lengths=tuple(lengths.tolist()))
    if len(rows) <= MOST_TYPED:
        places = ", ".join(f"lengths[{row}]" for row in rows.tolist())
        widened = "" if _holds(evidence.batch.lengths.dtype, values) else "lengths = torch.as_tensor(lengths).long()\n"
        return edit, f"{widened}{places} = {', '.join(map(str, values.tolist()))}"
    paired = "" if len(lengths) == evidence.rows else "[:len(lengths)]"
    return edit, f"{ends(evidence, paired, without_nan)}\nlengths = torch.where({wrong}, ends, lengths)"


def _holds(dtype: np.dtype[Any], values: Ints) -> bool:
    """Whether lengths of this dtype can be set to these values: a tensor of booleans makes True of all but 0."""
    return dtype.kind != "b" and (dtype.kind not in "iu" or int(values.max()) <= np.iinfo(dtype).max)


def complete_lengths(evidence: Evidence) -> Fix:
    """One length a row where there were fewer or more: the given ones that have a row, the rest from the data."""
    given = evidence.counts[: evidence.rows]
    if len(given) < len(evidence.counts):
        return lengths_from_data(evidence)
    guessed = np.maximum(evidence.data_end[len(given) :], 1)
    edit = Edit(_rows_label(evidence), lengths=(*given.tolist(), *guessed.tolist()))
    return edit, f"{ends(evidence)}\nlengths = torch.cat([torch.as_tensor(lengths), ends[{len(given)}:]])"


def lengths_from_data(evidence: Evidence) -> Fix:
    """Every length set to the end of the data of its row."""
    edit = Edit(_rows_label(evidence), lengths=tuple(np.maximum(evidence.data_end, 1).tolist()))
    return edit, f"{ends(evidence)}\nlengths = ends"


def other_layout(evidence: Evidence) -> Fix:
    """Read x in the other layout, for which the number of lengths is right."""
    turned = not evidence.batch.call.batch_first
    keep = "" if evidence.batch.call.enforce_sorted else ", enforce_sorted=False"
    text = f"packed = pack_padded_sequence(x, lengths, batch_first={turned}{keep})"
    return Edit(f"batch_first={turned}", batch_first=turned), text


def _rows_label(evidence: Evidence) -> str:
    return f"Set {evidence.rows} lengths from the data" if evidence.rows > 1 else "Set 1 length from the data"


def ends(evidence: Evidence, part: str = "", without_nan: bool = False) -> str:
    """Python for `ends`, (B,): the step after the last cell of each row that is not the padding value, at least 1."""
    filled = _filled(evidence, without_nan)
    time, steps = 1, "torch.arange(1, x.size(1) + 1)"
    if not evidence.batch.call.batch_first:
        time, steps = 0, "torch.arange(1, x.size(0) + 1)[:, None]"
    return f"filled = {filled}.cpu()\nends = (filled * {steps}).amax({time}).clamp(min=1){part}"


def _filled(evidence: Evidence, without_nan: bool = False) -> str:
    """Python for the cells that are not the padding value, as x has its rows and steps."""
    padding = evidence.batch.call.padding_value
    filled = "(~x.isnan())" if padding != padding else f"(x != {number(padding)})"
    if evidence.padding_cell is not None:
        row, step = evidence.padding_cell
        filled = f"(x != {cells_named(evidence.batch, row, step, step + 1)})"
    if without_nan:
        filled = f"({filled} & ~x.isnan())"
    return f"{filled}.flatten(2).any(2)" if evidence.batch.features else filled


def shift_rows(evidence: Evidence) -> tuple[Edit, str | None]:
    """Move the rows that are padded on the left to t0, and set those of their lengths that counted their padding.

    No Python where only some of very many rows are meant.
    """
    left = evidence.left
    shift = np.zeros(evidence.rows, dtype=np.int64)
    shift[left.rows] = left.leads
    lengths = None
    if _left_lengths(evidence):
        counts = evidence.counts.copy()
        counts[left.rows] = evidence.steps - left.leads
        lengths = tuple(counts.tolist())
    label = f"Shift {rows_counted(left.rows.tolist())} to t0"
    return Edit(label, lengths=lengths, shift=tuple(shift.tolist())), _shifting(evidence)


def _left_lengths(evidence: Evidence) -> bool:
    """Whether a row that is padded on the left has another length than its data: its padding is counted, or it has real
    padding values that are not."""
    left = evidence.left
    return bool(np.any(evidence.counts[left.rows] != evidence.steps - left.leads))


def _shifting(evidence: Evidence) -> str | None:
    left, batch = evidence.left, evidence.batch
    guessed = batch.given.origin == "guessed"
    if len(left.rows) <= MOST_TYPED and not guessed:
        row = "x[{0}]" if batch.call.batch_first else "x[:, {0}]"
        moves = [f"{row.format(r)} = {row.format(r)}.roll(-{n}, 0)" for r, n in zip(left.rows, left.leads, strict=True)]
        places = ", ".join(f"lengths[{r}]" for r in left.rows)
        values = ", ".join(str(evidence.steps - n) for n in left.leads)
        return "\n".join([*moves, *([f"{places} = {values}"] if _left_lengths(evidence) else [])])
    found = np.isin(np.arange(evidence.rows), left.rows)
    shaped = (evidence.data_start > 0) & (evidence.data_end == evidence.steps)
    if len(evidence.counts) != evidence.rows:
        return None
    time, last, where = (1, "filled[:, -1]", "[:, None]") if batch.call.batch_first else (0, "filled[-1]", "")
    rows, steps = f"torch.arange(x.size({1 - time}))", f"torch.arange(x.size({time}))"
    moved = f"x[{rows}[:, None], steps]" if time else f"x[steps, {rows}]"
    if bool(np.array_equal(found, shaped)):
        which = last
    elif bool(np.array_equal(found, shaped & (evidence.counts < evidence.steps))):
        which = f"{last} & (torch.as_tensor(lengths) < x.size({time}))"
    else:
        return None
    lines = [
        f"filled = {_filled(evidence)}.cpu()",
        f"lead = filled.int().argmax({time}) * ({which})",
        f"steps = ({steps}{'' if time else '[:, None]'} + lead{where}) % x.size({time})",
        f"x = {moved}",
    ]
    if _left_lengths(evidence):
        moved_to = f"torch.where(lead > 0, x.size({time}) - lead, torch.as_tensor(lengths))"
        lines.append(f"lengths = {f'filled.sum({time}).clamp(min=1)' if guessed else moved_to}")
    return "\n".join(lines)


def drop_empty_rows(evidence: Evidence) -> str:
    """Python for the batch without the rows that hold nothing but padding."""
    rows, time = ("x[keep]", 1) if evidence.batch.call.batch_first else ("x[:, keep]", 0)
    keep = f"keep = {_filled(evidence)}.any({time})"
    return f"{keep}\nx, lengths = {rows}, torch.as_tensor(lengths)[keep.cpu()]"


def fill_padding(evidence: Evidence) -> str:
    """Python that sets every cell beyond the lengths to the padding value."""
    call = evidence.batch.call
    whole = ".long()" if evidence.batch.lengths.dtype.kind in "fc" else ""
    steps, lengths = "torch.arange(x.size(1))", f"torch.as_tensor(lengths){whole}[:, None]"
    if not call.batch_first:
        steps, lengths = "torch.arange(x.size(0))[:, None]", f"torch.as_tensor(lengths){whole}"
    return f"x[({steps} >= {lengths}).to(x.device)] = {number(call.padding_value)}"


def set_padding_value(value: float) -> Fix:
    """Say what x is really padded with."""
    return Edit(f"padding_value={number(value)}", padding_value=value), f"padding_value = {number(value)}"


def allow_unsorted(evidence: Evidence) -> Fix:
    """Let torch sort the rows itself."""
    batch = evidence.batch
    edit = Edit("enforce_sorted=False", enforce_sorted=False)
    if isinstance(batch.carrier, Sequences):
        return edit, "packed = pack_sequence(sequences, enforce_sorted=False)"
    layout = "batch_first=True, " if batch.call.batch_first else ""
    return edit, f"packed = pack_padded_sequence(x, lengths, {layout}enforce_sorted=False)"


def keep_steps(evidence: Evidence, steps: int | None = None) -> Fix:
    """Have the unpacked output as long as x, or of so many steps."""
    total = evidence.steps if steps is None else steps
    layout = "batch_first=True, " if evidence.batch.call.batch_first else ""
    edit = Edit(f"Keep T: total_length={total}" if steps is None else f"total_length={total}", total_length=total)
    return edit, f"out, lengths = pad_packed_sequence(packed, {layout}total_length={total})"


BOTH_DIRECTIONS = "last = torch.cat([h_n[-2], h_n[-1]], -1)"
"""Python for the final states of both directions of the last layer, (B, 2 · H)."""


def last_outputs(evidence: Evidence) -> str:
    """Python for the last output of each row, (B, H), of the unpacked `out`."""
    if evidence.batch.call.batch_first:
        return "last = out[torch.arange(len(lengths)), lengths - 1]"
    return "last = out[lengths - 1, torch.arange(len(lengths))]"
