"""The rule about lengths that are all wrong in the same way: one finding in the place of one for each kind of row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from packviz.core.carrier import Padded
from packviz.core.cells.bits import before_step, first_runs, from_step
from packviz.core.cells.evidence import Evidence, Ints
from packviz.core.cells.laws import Law, law_of
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.rules.fixes import Fix, ends
from packviz.core.rules.table import rule
from packviz.core.texts.wording import count, number


@rule("lengths-one-cause")
def one_cause(evidence: Evidence) -> Finding | None:
    """One cause explains the lengths of all rows, so that one line mends them all.

    Lengths that are wrong row by row are mended row by row; lengths that are all wrong in the same way were made
    wrongly, and there they are mended. All of them one too large or too small: a mark at the end of each row is counted
    that is not in x, or is in x and not counted. All of them a factor too large or too small: the steps of x were
    pooled, strided or stacked and the lengths were not, or the other way round; a clamp would hide that. All of them
    the number of cells that are not padding, as (x != 0).sum(1) gives it, where 0 stands between the data as well: it
    is a real value, and the ends of the rows are cut off. All of them those of other rows: the rows or the lengths were
    sorted or shuffled without the others. All rows begin late by the same number of steps: x was shifted, and the
    lengths do not know. What the single rows would be told is left out; it follows from this.
    """
    law = _law(evidence)
    if law is None:
        return None
    counts, own = evidence.counts, evidence.own_end
    wrong = np.flatnonzero(counts != own)
    spans, more = _spans(evidence, law)
    title, why = _said(evidence, law, int(wrong[0]))
    edit, fix = _mended(evidence, law)
    found = Finding(
        "lengths-one-cause",
        Severity.SILENT,
        title,
        f"{why} {_follows(evidence)}",
        rows=tuple(wrong.tolist()),
        spans=spans,
        more=more,
        fix=fix,
        edit=edit,
        instead=("length-counts-padding", "length-cuts-data", *ALSO.get(law.kind, ())),
    )
    return _raising(evidence, found)


ALSO = {"filled": ("padding-inside",), "late": ("padding-inside", "padding-left")}
"""More findings that follow from some laws."""


def _spans(evidence: Evidence, law: Law) -> tuple[Ints, int]:
    """The cells that are packed though they are padding, and those that are not packed though they are data."""
    counts, own = evidence.counts, evidence.own_end
    late = np.flatnonzero(evidence.valid & (counts > own))
    counted = np.stack([late, own[late], counts[late]], axis=1)
    if law.kind == "late":  # `stray` leaves out what may be padded on the left
        cut, more = first_runs(from_step(evidence.filled, counts))
    else:
        cut, more = first_runs(evidence.stray)
    parts = [counted, cut]
    if "padding-inside" in ALSO.get(law.kind, ()):
        inside, others = first_runs(before_step(~evidence.filled, np.clip(counts, 0, own)))
        parts, more = [*parts, inside], more + others
    spans = np.concatenate(parts)
    return spans[np.argsort(spans[:, 0] * max(evidence.steps, 1) + spans[:, 1], kind="stable")], more


def _law(evidence: Evidence) -> Law | None:
    batch = evidence.batch
    if batch.given.origin != "given" or not isinstance(batch.carrier, Padded) or not evidence.paired or evidence.empty:
        return None
    counts, ends_ = evidence.counts, evidence.data_end
    if len(counts) != evidence.rows or len(counts) < 2 or batch.lengths.dtype.kind not in "iuf":
        return None
    if bool(np.all(counts == evidence.own_end)) or not bool(ends_.all()) or evidence.swapped or evidence.masked:
        return None
    if evidence.has_nan or bool(np.any(batch.lengths != counts)):
        return None
    if evidence.layout.batch_first is (not batch.call.batch_first):
        return None  # the rows are likely no rows
    law = law_of(counts, evidence.data_start, ends_, evidence.held, evidence.steps)
    # Rows that are padded on the left are a cause of their own, which any law but that one follows from.
    left = len(evidence.left.rows) and (law is None or law.kind != "late" or bool(np.all(ends_ == evidence.steps)))
    return None if left else law


def _raising(evidence: Evidence, found: Finding) -> Finding:
    """The finding with what torch raises about such lengths, and in the place of the findings that say so."""
    counts, own = evidence.counts, evidence.own_end
    if evidence.most > evidence.steps:
        found = replace(found, stage="run", also=("unpack",), instead=(*found.instead, "length-exceeds-time"))
    rises = bool(np.any(counts[1:] > counts[:-1])) and not bool(np.any(own[1:] > own[:-1]))
    refused = (evidence.least <= 0, "length-not-positive"), (rises, "lengths-unsorted")
    for holds, code in refused:
        if holds and (code != "lengths-unsorted" or evidence.batch.call.enforce_sorted):
            found = replace(found, stage="pack", also=(), instead=(*found.instead, code))
    return found if found.stage is None else replace(found, severity=Severity.ERROR)


def _said(evidence: Evidence, law: Law, row: int) -> tuple[str, str]:
    """The title, and the sentences on what it is and what it comes from; `row`: one whose length is wrong."""
    length, end, by = int(evidence.counts[row]), int(evidence.own_end[row]), abs(law.by)
    here = f"lengths[{row}] is {length}, and the data of row {row} ends after {count(end, 'step')}"
    padding = number(evidence.batch.call.padding_value) if evidence.padding_cell is None else "the padding"
    if law.kind == "filled":
        told = f"All lengths count the cells that are not {padding}"
        return told, (
            f"{here}: its length is the number of its cells that are not {evidence.padding_named}, as that of every "
            f"row, but {padding} stands before the end of the data, too, where it is a real value. Count the lengths "
            f"before you pad; {f'a real {padding}' if evidence.padding_cell is None else 'one'} at the end of a row "
            "nothing in x can tell."
        )
    if law.kind == "late":
        return f"All rows begin {count(by, 'step')} late", (
            f"Each row begins with {count(by, 'step')} of padding, and its length leaves {'it' if by == 1 else 'them'} "
            f"out: {here}. Was x shifted, or a mark of padding put before each row? Shift x back, or count these steps."
        )
    if law.kind == "order":
        which = {1: "that of the row before it", -1: "that of the row after it"}.get(law.by, "that of another row")
        told = "in reverse order" if law.turned else "in another order"
        return f"The lengths are those of the rows {told}", (
            f"Each length is {'its own or ' if not law.by else ''}{which}: {here}. The lengths, or the rows of x, "
            "were sorted or shuffled, and the others were not: do it to both, and to the labels, or to none."
        )
    if law.kind == "offset":
        large, cut = law.by > 0, f", or {evidence.steps}, the steps of x, where that is less" if law.cut else ""
        mark, was = ("an end mark", "Was") if by == 1 else (f"{by} marks", "Were")
        why = (
            f"{was} {mark} counted that x does not have? Where {padding} is a real value that ends each row, nothing "
            "is wrong but that x is padded with it."
            if large
            else f"{was} {mark} put into x after the lengths were counted?"
        )
        title = f"All lengths are {by} too {'large' if large else 'small'}"
        return title, f"{here}, {count(by, 'step')} {'less' if large else 'more'}, and so in every row{cut}. {why}"
    large = law.kind == "times"
    rounded = {"": "", "up": ", rounded up", "down": ", rounded down"}[law.rounded]
    what = f"its length {'over' if large else 'times'} {by}" if not law.rounded or large else f"{by} times its length"
    title = f"All lengths are {by} times too {'large' if large else 'small'}"
    why = (
        f"Were the steps of x pooled, strided or stacked by {by}, and the lengths were not? Divide them in the same "
        "way; a clamp would hide it."
        if large
        else f"Were the lengths divided by {by}, as after pooling or striding, and these are not the pooled steps?"
    )
    return title, f"{here}: {what}{rounded}, and so in every row. {why}"


def _follows(evidence: Evidence) -> str:
    """What torch does with such lengths."""
    counts, own, steps = evidence.counts, evidence.own_end, evidence.steps
    told = list[str]()
    if evidence.least <= 0:
        told.append(f"{_lengths(int(np.sum(counts <= 0)))} below 1, which torch refuses")
    if evidence.most > steps:
        beyond = _lengths(int(np.sum(counts > steps)))
        told.append(f"{beyond} beyond the {count(steps, 'step')} of x: what uses the packed data fails")
    padding = int((counts - own)[evidence.valid & (counts > own)].sum())
    cut = int((own - counts)[counts < own].sum())
    if padding:
        told.append(f"the RNN takes {count(padding, 'step')} on padding")
    if cut:
        told.append(f"{count(cut, 'step')} at the ends of the rows {'is' if cut == 1 else 'are'} never read")
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}."


def _lengths(n: int) -> str:
    return f"{count(n, 'length')} {'is' if n == 1 else 'are'}"


def _mended(evidence: Evidence, law: Law) -> Fix:
    """The fix of all rows at once."""
    own: Ints = evidence.own_end
    lengths = "torch.as_tensor(lengths).long()"
    by, time = abs(law.by), int(evidence.batch.call.batch_first)
    if law.kind == "late":
        edit = Edit(f"Shift all rows by {count(by, 'step')}", shift=(by,) * evidence.rows)
        return edit, f"x = x.roll(-{by}, {time})  # each row's first {count(by, 'step')} go to its end"
    label, text = f"Set {evidence.rows} lengths from the data", f"{ends(evidence)}\nlengths = ends"
    if law.kind == "offset" and not law.cut:
        label = f"Subtract {by} from all lengths" if law.by > 0 else f"Add {by} to all lengths"
        text = f"lengths = {lengths} {'-' if law.by > 0 else '+'} {by}"
    elif law.kind == "order" and (law.by or law.turned):
        label = "Turn the lengths round" if law.turned else f"Roll the lengths by {-law.by}"
        text = f"lengths = {lengths}.{'flip(0)' if law.turned else f'roll({-law.by})'}"
    elif law.kind == "times":
        label = f"Divide all lengths by {by}"
        up = {"up": f"({lengths} + {by - 1}) // {by}", "down": f"({lengths} // {by}).clamp(min=1)"}
        text = f"lengths = {up.get(law.rounded, f'{lengths} // {by}')}"
    elif law.kind == "over" and not law.rounded:
        label, text = f"Multiply all lengths by {by}", f"lengths = {lengths} * {by}"
    return Edit(label, lengths=tuple(own.tolist())), text
