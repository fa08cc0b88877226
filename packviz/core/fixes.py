"""The fixes: each as an edit for the window and as Python that does the same to the tensors `x` and `lengths`."""

from __future__ import annotations

import numpy as np

from packviz.core.evidence import Evidence, Ints
from packviz.core.findings import Edit
from packviz.core.wording import number

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
        return edit, f"{places} = {', '.join(map(str, values.tolist()))}"
    paired = "" if len(lengths) == evidence.rows else "[:len(lengths)]"
    return edit, f"{ends(evidence, paired, without_nan)}\nlengths = torch.where({wrong}, ends, lengths)"


def complete_lengths(evidence: Evidence) -> Fix:
    """One length a row where there were fewer or more: the given ones that have a row, the rest from the data."""
    given = evidence.counts[: evidence.rows]
    if len(given) == len(evidence.counts):
        guessed = np.maximum(evidence.data_end[len(given) :], 1)
        edit = Edit(_rows_label(evidence), lengths=(*given.tolist(), *guessed.tolist()))
        text = f"lengths = torch.cat([torch.as_tensor(lengths), ends[{len(given)}:]])"
    else:
        edit = Edit(_rows_label(evidence), lengths=tuple(np.maximum(evidence.data_end, 1).tolist()))
        text = "lengths = ends"
    return edit, f"{ends(evidence)}\n{text}"


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
    call = evidence.batch.call
    padding = call.padding_value
    filled = "(~x.isnan())" if padding != padding else f"(x != {number(padding)})"
    if without_nan:
        filled = f"({filled} & ~x.isnan())"
    if evidence.batch.features:
        filled = f"{filled}.flatten(2).any(2)"
    time, steps = 1, "torch.arange(1, x.size(1) + 1)"
    if not call.batch_first:
        time, steps = 0, "torch.arange(1, x.size(0) + 1)[:, None]"
    return f"filled = {filled}.cpu()\nends = (filled * {steps}).amax({time}).clamp(min=1){part}"


def set_padding_value(value: float) -> Fix:
    """Say what x is really padded with."""
    return Edit(f"padding_value={number(value)}", padding_value=value), f"padding_value = {number(value)}"


def allow_unsorted(evidence: Evidence) -> Fix:
    """Let torch sort the rows itself."""
    batch = evidence.batch
    edit = Edit("enforce_sorted=False", enforce_sorted=False)
    if batch.kind == "sequences":
        return edit, "packed = pack_sequence(sequences, enforce_sorted=False)"
    layout = "batch_first=True, " if batch.call.batch_first else ""
    return edit, f"packed = pack_padded_sequence(x, lengths, {layout}enforce_sorted=False)"


def keep_steps(evidence: Evidence) -> Fix:
    """Have the unpacked output as long as x."""
    layout = "batch_first=True, " if evidence.batch.call.batch_first else ""
    edit = Edit(f"Keep T: total_length={evidence.steps}", total_length=evidence.steps)
    return edit, f"out, lengths = pad_packed_sequence(packed, {layout}total_length={evidence.steps})"


def last_outputs(evidence: Evidence) -> str:
    """Python for the last output of each row, (B, H), of the unpacked `out`."""
    if evidence.batch.call.batch_first:
        return "last = out[torch.arange(len(lengths)), lengths - 1]"
    return "last = out[lengths - 1, torch.arange(len(lengths))]"
