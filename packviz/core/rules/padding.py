"""Rules about padding: left of the data, inside it, and instead of it."""

from __future__ import annotations

import numpy as np

from packviz.core.carrier import Padded, Sequences
from packviz.core.cells.bits import first_runs, how_many
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.rules.fixes import drop_empty_rows, shift_rows
from packviz.core.rules.layout import likely_turned
from packviz.core.rules.table import rule
from packviz.core.texts.wording import cells_named, count, number, rows_title


@rule("padding-left")
def left(evidence: Evidence) -> Finding | None:
    """Rows start with padding and end with data, but packing takes the first cells of each row.

    torch packs x[row, :length] and nothing else. Of a row that is padded on the left the padding goes in, and as many
    cells at the end of the data are never read; nothing is raised. The usual causes: a tokeniser with
    padding_side="left", as language models want it, or a buffer that is filled from its end. Pad on the right, or shift
    the rows to t0 before you pack them. A row of ids counts as padded on the left where its length is shorter than T
    and fits the ids at its end, or where all rows end with data; measurements, which may be 0 themselves, only where
    most of the shorter rows do so. Where every length is T, it may be no more than a warning.
    """
    found = evidence.left
    if not len(found.rows) or evidence.swapped:
        return None
    batch, steps = evidence.batch, evidence.steps
    counts, padding = evidence.counts[found.rows], number(batch.call.padding_value)
    row, lead, length = int(found.rows[0]), int(found.leads[0]), int(counts[0])
    cells, data = cells_named(batch, row, 0, lead), cells_named(batch, row, lead, steps)
    verb = "is" if lead == 1 else "are"
    detail = (
        f"length {length}, but {cells} {verb} the padding value {padding}, and the data stands at {data}. torch takes "
        f"the first {count(length, 'step')} of the row: {count(min(lead, length), 'step')} on padding"
    )
    taken = int(np.minimum(found.leads, counts).sum())
    cut = int(how_many(evidence.beyond(evidence.filled)[found.rows]).sum())
    if len(found.rows) > 1:
        cut_off = f", and {count(cut, 'cell')} of data {'is' if cut == 1 else 'are'} cut off" if cut else ""
        detail = (
            f"Row {row}: {detail}. In all, {count(taken, 'padding cell')} of {len(found.rows)} rows are packed{cut_off}"
        )
    elif cut:
        detail += f", and the last {count(cut, 'cell')} of the data {'is' if cut == 1 else 'are'} cut off"
    detail += "." if found.proven else f". If {padding} is a real value there, nothing is wrong."
    edit, fix = shift_rows(evidence)
    return Finding(
        "padding-left",
        Severity.SILENT if found.proven else Severity.WARNING,
        rows_title(found.rows.tolist(), "it is padded on the left", "they are padded on the left"),
        detail,
        rows=tuple(found.rows.tolist()),
        spans=np.stack([found.rows, np.zeros_like(found.rows), found.leads], axis=1),
        fix=fix,
        edit=edit,
    )


@rule("padding-inside")
def inside(evidence: Evidence) -> Finding | None:
    """The padding value stands before the end of a row's data, inside its length.

    torch packs these cells like all others: it knows no padding value. Among measurements it may well be a real value,
    and then nothing is wrong, except that lengths can't be counted from the padding. Among ids it mostly means that a
    real id has the number that is meant for padding, or that the row is broken. Keep that number free: start the ids at
    1, or pad with another value and say so with padding_value.
    """
    padding = evidence.batch.call.padding_value
    # NaN and infinities that are packed are told as what they are: they do harm whatever they are meant for.
    if not np.isfinite(padding) or not evidence.gaps.any() or evidence.swapped:
        return None
    gaps, batch = evidence.gaps, evidence.batch
    rows = np.flatnonzero(gaps.any(axis=1))
    spans, more = first_runs(gaps)
    total = int((spans[:, 2] - spans[:, 1]).sum()) + more
    row, first, stop = spans[0].tolist()
    cells, them = cells_named(batch, row, first, stop), "it" if total == 1 else "them"
    be = "is" if stop == first + 1 else "are"
    what = f"{number(padding)}, the padding value," if evidence.padding_cell is None else evidence.padding_named
    detail = f"{cells} {be} {what} before the data ends"
    if len(rows) > 1:
        detail = f"Row {row}: {detail}. In all, {count(total, 'such cell')} in {len(rows)} rows"
    elif total > stop - first:
        detail += f". In all, {count(total, 'such cell')} of the row"
    if evidence.ids:
        broken = "the row is" if len(rows) == 1 else "the rows are"
        detail += f": either {number(padding)} is an id of its own, or {broken} broken. torch packs {them} like any "
        detail += "other id."
    else:
        value = number(padding) if evidence.padding_cell is None else "that"
        detail += f". torch packs {them} like any other: if {value} is a real value there, nothing is wrong."
    detail += likely_turned(evidence)
    return Finding(
        "padding-inside",
        Severity.WARNING if evidence.ids else Severity.NOTE,
        rows_title(rows.tolist(), "the padding value stands in its data", "the padding value stands in their data"),
        detail,
        rows=tuple(rows.tolist()),
        spans=spans,
        more=more,
    )


@rule("row-all-padding")
def nothing_but_padding(evidence: Evidence) -> Finding | None:
    """A row holds nothing but padding, and has a length.

    torch packs it like any other row: the network steps on padding only, and the row has outputs, a final state and a
    share in the loss. The usual causes: an empty text whose length was lifted to 1 because torch wants no 0; rows that
    fill up the last batch. Drop such rows before you pack.
    """
    batch = evidence.batch
    # A list of sequences holds data only: measurements there are zeros, not padding.
    if not evidence.paired or evidence.swapped or (isinstance(batch.carrier, Sequences) and not evidence.ids):
        return None
    n = len(evidence.counts)
    rows = np.flatnonzero(evidence.valid & (evidence.data_end[:n] == 0))
    if not len(rows):
        return None
    row, length = int(rows[0]), int(evidence.counts[rows[0]])
    cells = cells_named(batch, row, 0, length)
    where = f"Row {row}: " if len(rows) > 1 else ""
    return Finding(
        "row-all-padding",
        Severity.WARNING,
        rows_title(rows.tolist(), "it is nothing but padding", "they are nothing but padding"),
        f"{where}length {length}, but all cells of the row are {evidence.padding_named}. torch packs {cells}, and "
        "the RNN steps on padding only: drop such rows, or leave them out of the loss.",
        rows=tuple(rows.tolist()),
        spans=np.stack([rows, np.zeros_like(rows), evidence.counts[rows]], axis=1),
        fix=drop_empty_rows(evidence) if n == evidence.rows and isinstance(batch.carrier, Padded) else None,
    )
