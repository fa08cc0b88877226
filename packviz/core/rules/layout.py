"""Rules about the layout of x: which of its first two dimensions are the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from packviz.core.carrier import Padded
from packviz.core.cells.bits import first_runs
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.rules.fixes import other_layout
from packviz.core.rules.table import rule
from packviz.core.texts.wording import count


@rule("layout-swapped")
def swapped(evidence: Evidence) -> Finding | None:
    """Rows are taken for steps: batch_first is the wrong way round.

    torch's default is batch_first=False, x of shape (T, B, *). Data loaders and pad_sequence(batch_first=True) give
    (B, T, *), and both the packing and the network have to be told. torch raises only where the sizes do not fit, and
    then about a number of lengths or about an end that nobody asked for; what fits, as a square batch always does, it
    packs without a word, each row made of one step of all the sequences. It is proven by the number of lengths, or,
    where there are as many rows as steps, by the padding: read the other way, every row ends where its length says.
    """
    if not evidence.swapped or evidence.mask_as_lengths is not None:
        return None  # a mask in place of the lengths says its layout itself
    call, n = evidence.batch.call, len(evidence.counts)
    turned = not call.batch_first
    edit, fix = other_layout(evidence)
    told = "; ".join(evidence.layout.reasons)
    told, first = told[:1].upper() + told[1:], call.batch_first
    found = Finding(
        "layout-swapped",
        Severity.SILENT,
        f"x is read the wrong way round: it needs batch_first={turned}",
        f"{told}. torch says nothing, and packs rows that each hold one step of the sequences.",
        fix=fix,
        edit=edit,
    )
    if n > evidence.rows or (n != evidence.rows and call.enforce_sorted):
        said = f"{told}. With batch_first={first} torch finds {count(evidence.rows, 'row')}."
        return replace(found, severity=Severity.ERROR, stage="pack", detail=said)
    if bool(np.any(evidence.counts > evidence.steps)):
        said = (
            f"{told}. With batch_first={first} x has {count(evidence.steps, 'step')} only: packing returns, and what "
            "uses the packed data fails."
        )
        return replace(found, severity=Severity.ERROR, stage="run", also=("unpack",), detail=said)
    # The cells that are packed though they are padding, and those that are not packed though they are data.
    late = np.flatnonzero(evidence.valid & (evidence.counts > evidence.own_end))
    padding = np.stack([late, evidence.own_end[late], evidence.counts[late]], axis=1)
    data, more = first_runs(evidence.stray)
    spans = np.concatenate([padding, data])
    # Two runs that are sorted each: what a stable sort merges fastest.
    spans = spans[np.argsort(spans[:, 0] * evidence.steps + spans[:, 1], kind="stable")]
    rows = np.flatnonzero(evidence.stray.any(axis=1))
    return replace(found, rows=tuple(np.union1d(late, rows).tolist()), spans=spans, more=more)


@rule("layout-ambiguous")
def ambiguous(evidence: Evidence) -> Finding | None:
    """x has as many rows as steps, and nothing in it tells which are which.

    torch can't notice either if batch_first is the wrong way round, for all sizes fit both ways: it packs one step of
    all the sequences as a row, and the network learns from that. Look once at the code that makes x: where its first
    dimension counts the sequences, batch_first=True is right. A batch with another number of rows decides it by itself.
    """
    batch, rows = evidence.batch, evidence.rows
    if not isinstance(batch.carrier, Padded) or evidence.empty or not evidence.paired or not 1 < rows == evidence.steps:
        return None
    if evidence.layout.batch_first is not None or len(evidence.counts) != rows:
        return None
    first = batch.call.batch_first
    return Finding(
        "layout-ambiguous",
        Severity.NOTE,
        f"x has {rows} rows and {rows} steps: nothing tells which are which",
        f"x has shape {batch.x.shape}, and neither the lengths nor the padding decide between the layouts. With "
        f"batch_first={first} its first dimension counts the {'rows' if first else 'steps'}: make sure that it does.",
    )


def likely_turned(evidence: Evidence) -> str:
    """A sentence for the details of what may only look wrong because x is read the wrong way round; nothing where the
    other layout does not fit better, or where that is certain and a finding of its own."""
    turned = not evidence.batch.call.batch_first
    layout = evidence.layout
    if layout.batch_first is not turned or layout.proves(turned):
        return ""
    return f" Or x is read the wrong way round: batch_first={turned} fits it better."
