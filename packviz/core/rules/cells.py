"""Rules that hold the lengths against the cells of x: padding that is counted, data that is cut off, and lengths that
were guessed from the cells."""

from __future__ import annotations

import numpy as np

from packviz.core.carrier import Padded, Sequences
from packviz.core.cells.bits import first_runs, last_bit
from packviz.core.cells.evidence import Evidence
from packviz.core.cells.filling import ending, runs, shortest
from packviz.core.cells.padding import padding_of
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.rules.fixes import set_lengths, set_padding_value
from packviz.core.rules.layout import likely_turned
from packviz.core.rules.table import rule
from packviz.core.texts.wording import MOST_NAMED, cells_named, count, listed, number, rows_named, rows_title


@rule("length-counts-padding")
def counts_padding(evidence: Evidence) -> Finding | None:
    """The last cells inside the length of a row are padding: the length is too large.

    torch can't know which zeros are padding. It packs them with the data, the network takes its last steps on them, and
    h_n is the state after padding. The usual causes: one T for all rows, or lengths counted after padding. Where the
    padding value is a real value of your data, pad with another one and say so with padding_value.
    """
    batch = evidence.batch
    # A list of sequences says its own lengths, and guessed lengths come from the padding: neither can count any.
    own = isinstance(batch.carrier, Sequences) or batch.given.origin == "guessed"
    if own or not evidence.paired or evidence.swapped:
        return None
    wrong = np.flatnonzero(evidence.valid & evidence.by_lengths & (evidence.counts > evidence.own_end))
    if not len(wrong):
        return None
    firsts, stops = evidence.data_end[wrong], evidence.counts[wrong]
    row, first, stop = int(wrong[0]), int(firsts[0]), int(stops[0])
    cells = cells_named(evidence.batch, row, first, stop)
    one = stop - first == 1
    packed = _packed_named(evidence, row, first, stop)
    detail = (
        f"length {stop}, but {cells} {'is' if one else 'are all'} {evidence.padding_named}. "
        f"torch packs {'it' if one else 'them'}{packed}: the RNN takes {count(stop - first, 'step')} on padding and "
        "h_n is wrong."
    )
    if len(wrong) > 1:
        total = int((stops - firsts).sum())
        detail = f"Row {row}: {detail} In all, {count(total, 'padding cell')} of {len(wrong)} rows are packed."
    if evidence.fills_inside(wrong):
        value = number(batch.call.padding_value) if evidence.padding_cell is None else "It"
        detail += f" {value} also stands between the data: if it is a real value, pad x with another one."
    detail += likely_turned(evidence)
    edit, fix = set_lengths(evidence, wrong, evidence.own_end[wrong], _too_long(evidence))
    return Finding(
        "length-counts-padding",
        Severity.SILENT,
        rows_title(wrong.tolist(), "its length counts padding", "their lengths count padding"),
        detail,
        rows=tuple(wrong.tolist()),
        spans=np.stack([wrong, firsts, stops], axis=1),
        fix=fix,
        edit=edit,
    )


@rule("length-cuts-data")
def cuts_data(evidence: Evidence) -> Finding | None:
    """Cells beyond the length of a row hold data: the length is too small.

    torch never reads these cells, and says nothing: the network does not see the end of the row. The usual causes:
    lengths that belong to other rows (after a shuffle or a sort), or that were counted before special tokens were
    added. Where x is padded with something else than 0, say so with padding_value.
    """
    wrong = np.flatnonzero(evidence.stray.any(axis=1))
    if not len(wrong) or evidence.swapped or isinstance(evidence.batch.carrier, Sequences) or evidence.masked:
        return None
    spans, more = first_runs(evidence.stray)
    row, first, stop = spans[0].tolist()
    length = int(evidence.counts[row])
    cells = cells_named(evidence.batch, row, first, stop)
    dropped = int((spans[:, 2] - spans[:, 1]).sum()) + more
    verb, them = ("is", "it") if stop == first + 1 else ("are", "them")
    detail = f"length {length}, but {cells} {verb} not {evidence.padding_named}: torch never reads {them}"
    if len(wrong) > 1:
        detail = f"Row {row}: {detail}. In all, {count(dropped, 'cell')} of {len(wrong)} rows are cut off"
    elif len(spans) > 1:
        detail += f". In all, {count(dropped, 'cell')} of the row are cut off"
    constant = _other_padding(evidence)
    edit: Edit
    if constant is not None:
        detail += f". All cells beyond the lengths are {number(constant)}: that may be the padding value"
        edit, fix = set_padding_value(constant)
    else:
        values = np.maximum(last_bit(evidence.stray)[wrong], 1)
        said = "(lengths < ends) & (lengths > 0)"
        edit, fix = set_lengths(evidence, wrong, values, said, without_nan=evidence.has_nan)
    return Finding(
        "length-cuts-data",
        Severity.SILENT,
        rows_title(wrong.tolist(), "its length cuts off data", "their lengths cut off data"),
        detail + "." + likely_turned(evidence),
        rows=tuple(wrong.tolist()),
        spans=spans,
        more=more,
        fix=fix,
        edit=edit,
    )


@rule("lengths-guessed")
def guessed(evidence: Evidence) -> Finding | None:
    """No lengths were given: packviz took each row to end at its last cell that is not the padding value.

    torch guesses nothing: pack_padded_sequence needs lengths. The guess is right where no row really ends with the
    padding value. Where one does, as measurements may end with 0, its end is cut off here, and the length is too small;
    nothing in x can tell. A row of nothing but padding gets the length 1. Count the lengths before you pad, and pass
    them.
    """
    batch = evidence.batch
    if batch.given.origin != "guessed" or not bool(evidence.valid.any()):
        return None
    counts, steps, padding = evidence.counts, evidence.steps, number(batch.call.padding_value)
    short = np.flatnonzero(evidence.valid & (counts < steps))
    detail = f"No lengths were given. Taken: each row ends at its last cell that is not the padding value {padding}"
    if len(short):
        named, row = rows_named(short.tolist()), int(short[0])
        stop = int(counts[row])
        before = f"{named}{f' of {evidence.rows}' if len(short) > MOST_NAMED else ''}"
        detail += (
            f". {before} {'ends' if len(short) == 1 else 'end'} before t{steps - 1}: if a real {padding} stands at the "
            f"end of {'it' if len(short) == 1 else 'one'}, as {cells_named(batch, row, stop, stop + 1)} may be, its "
            "length is too small, and torch never reads it"
        )
    else:
        detail += "; that is the last step in every row"
    other = _ends_with_another(evidence)
    if other is not None:
        value, ending = other
        detail += (
            f". But {ending} rows end with runs of {value}, which stands nowhere before: if that is the padding, say "
            f"padding_value={value}, and their lengths are smaller"
        )
    inside = np.flatnonzero(evidence.gaps.any(axis=1))
    if len(inside):
        named = rows_named(inside.tolist())
        detail += (
            f". {named} {'holds' if len(inside) == 1 else 'hold'} {padding} before the end of the data: it may well be "
            "a real value, and lengths too small"
        )
    bare = np.flatnonzero(evidence.valid & (evidence.data_end[: len(counts)] == 0))
    if len(bare):
        only, get = ("is", "gets") if len(bare) == 1 else ("are", "get")
        detail += f". {rows_named(bare.tolist())} {only} nothing but padding and {get} the length 1"
    return Finding(
        "lengths-guessed",
        Severity.NOTE,
        _guessed_title(padding, len(short), None if other is None else other[0]),
        detail + ". Pass the lengths where you know them.",
        rows=tuple(short.tolist()),
        spans=np.stack([short, counts[short], np.full_like(short, steps)], axis=1),
        fix="lengths = torch.tensor([len(row) for row in rows])  # before the rows are padded",
    )


def _guessed_title(padding: str, short: int, other: str | None) -> str:
    if other is not None:
        return f"The lengths are guessed, and several rows end with runs of {other}"
    if short:
        return f"The lengths are guessed: a real {padding} at the end of a row is cut off"
    return "The lengths are guessed from the padding"


def _ends_with_another(evidence: Evidence) -> tuple[str, int] | None:
    """Another number than the padding value that x seems padded with, and how many rows end with it, those of nothing
    else with them."""
    batch = evidence.batch
    if not isinstance(batch.carrier, Padded) or batch.x.dtype.kind not in "iuf" or evidence.empty:
        return None
    padding = padding_of(batch)
    for value in ending(batch.grid):
        if value == padding or (value != value and padding != padding):
            continue
        found = runs(batch.grid, value)
        if found.pad(sure=False):
            return number(shortest(value)), found.rows + found.empty
    return None


def _packed_named(evidence: Evidence, row: int, first: int, stop: int) -> str:
    """Where torch packs the cells of one row: ` as data[13]`, ` as data[11] and data[13]`; empty where not known."""
    if evidence.packing is None or not evidence.exact:
        return ""
    k = evidence.packing.index(row, [*range(first, min(stop, first + 2)), stop - 1])
    if (k < 0).any():
        return ""
    if stop - first > 2:
        return f" as data[{k[0]}] … data[{k[-1]}]"
    return f" as {listed([f'data[{i}]' for i in k[: stop - first]])}"


def _too_long(evidence: Evidence) -> str:
    """In torch's terms: the valid lengths that are beyond the ends of their rows."""
    if bool(np.all(evidence.counts <= evidence.steps)):
        return "lengths > ends"
    return f"(lengths > ends) & (lengths <= x.size({int(evidence.batch.call.batch_first)}))"


def _other_padding(evidence: Evidence) -> float | None:
    """The value that all cells beyond the lengths have, where that is one value in several cells of several rows."""
    beyond = evidence.steps - evidence.counts
    if not bool(evidence.valid.all()) or len(evidence.counts) != evidence.rows:
        return None
    if np.count_nonzero(beyond) < 2 or beyond.max() < 2:
        return None
    grid = evidence.batch.grid
    row = int(np.argmax(beyond))
    tail = grid[row, evidence.counts[row] :]
    value = tail.ravel()[0]
    # The longest tail first: it says no without looking at all the others.
    if grid.dtype.kind not in "iuf" or not np.isfinite(value) or bool(np.any(tail != value)):
        return None
    return float(value) if evidence.all_beyond(value) else None
