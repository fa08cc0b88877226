"""Rules about NaN and infinities in x."""

from __future__ import annotations

import numpy as np

from packviz.core.carrier import Sequences
from packviz.core.cells.bits import Bits, first_runs
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.rules.fixes import fill_padding, set_padding_value
from packviz.core.rules.table import rule
from packviz.core.texts.wording import cells_named, count, rows_title


@rule("nan-in-data")
def nan_inside(evidence: Evidence) -> Finding | None:
    """A cell inside the length of a row is NaN.

    torch packs it, and says nothing: every state and output of that row is NaN from that step on (in a backward
    direction, from that step down to t0), and so is the loss of the whole batch; after one step of the optimiser all
    weights are. Other rows stay clean until then. The usual causes: missing values, 0 / 0 in a normalisation of a
    constant feature, the logarithm of a negative number. Mend it where it comes from, or decide on a value for it.
    """
    found = _packed(evidence, evidence.nan)
    if not found.any():
        return None
    return _inside(
        evidence,
        found,
        "nan-in-data",
        "NaN",
        "every state and output of the row is NaN from {step} on, and the loss with it",
        np.isnan,
    )


@rule("inf-in-data")
def infinite_inside(evidence: Evidence) -> Finding | None:
    """A cell inside the length of a row is infinite.

    torch packs it, and says nothing. The gates that read it are driven to their limits, or turn NaN where two
    infinities meet (inf - inf, 0 · inf); the gradient of the weights that it is multiplied with is NaN either way. The
    usual causes: a division by zero, log(0), and numbers too large for float16. Mend it where it comes from, or clamp.
    """
    found = _packed(evidence, evidence.infinite)
    if not found.any():
        return None
    return _inside(
        evidence,
        found,
        "inf-in-data",
        "infinite",
        "the gates that read it are driven to their limits, or NaN; the gradient of the weights turns NaN",
        np.isinf,
    )


@rule("nan-in-padding")
def nan_beyond(evidence: Evidence) -> Finding | None:
    """Cells beyond the length of a row are NaN: they are padding.

    torch does not pack them, so nothing is wrong with this call. A network that runs over the padded x, or a mean or a
    loss over all of its steps, turns NaN, even if a mask multiplies the padding by 0: 0 · NaN is NaN. Where NaN is what
    you pad with, say so with padding_value=float("nan"); else pad with 0.
    """
    padding = evidence.batch.call.padding_value
    if padding != padding or not evidence.nan.any():
        return None
    found = evidence.beyond(evidence.nan)
    if not found.any():
        return None
    (spans, more), rows = first_runs(found), _rows(found)
    total = count(int((spans[:, 2] - spans[:, 1]).sum()) + more, "cell")
    row = int(spans[0, 0])
    detail = f"{_cells(evidence, spans[0].tolist(), 'NaN', np.isnan)}, beyond the length {evidence.counts[row]}"
    if len(rows) > 1:
        detail = f"Row {row}: {detail}. In all, {total} of {len(rows)} rows are"
    edit: Edit | None = None
    fix: str | None = None
    if bool(evidence.valid.all()) and len(evidence.counts) == evidence.rows:
        # Where the lengths are wrong, what lies beyond them may be data, which filling would wipe out.
        data = evidence.beyond(evidence.without_nan).any()
        fix = None if data else fill_padding(evidence)
        if evidence.all_beyond(float("nan")):
            edit, fix = set_padding_value(float("nan"))
    return Finding(
        "nan-in-padding",
        Severity.NOTE,
        rows_title(rows, "NaN in its padding", "NaN in their padding"),
        f"{detail}. torch does not pack them, so nothing is wrong here; over the padded x the network, or a loss, "
        "would turn NaN.",
        rows=tuple(rows),
        spans=spans,
        more=more,
        fix=fix,
        edit=edit,
    )


def _packed(evidence: Evidence, bits: Bits) -> Bits:
    """Those of the cells, (B, ·), that torch packs, (n, ·), but for the padding that another finding is about."""
    if not bits.any():
        return bits
    found = evidence.inside(bits)
    if not found.any():
        return found
    if np.isfinite(evidence.batch.call.padding_value) or isinstance(evidence.batch.carrier, Sequences):
        return found
    return found & (evidence.filled[: len(found)] | evidence.gaps)


def _inside(evidence: Evidence, found: Bits, code: str, what: str, then: str, test: np.ufunc) -> Finding:
    """The finding on these cells, (n, ·), that torch packs; `then`: what comes of it, from {step} on."""
    noun = {"infinite": "infinity"}.get(what, what)
    (spans, more), rows = first_runs(found), _rows(found)
    total = count(int((spans[:, 2] - spans[:, 1]).sum()) + more, "cell")
    row, first, stop = spans[0].tolist()
    cells, them = _cells(evidence, spans[0].tolist(), what, test), "it" if stop == first + 1 else "them"
    length = evidence.counts[row]
    detail = f"{cells}, inside the length {length}: torch packs {them}, and {then.format(step=f't{first}')}"
    if len(rows) > 1:
        detail = f"Row {row}: {detail}. In all, {total} of {len(rows)} rows are {what}"
    elif len(spans) > 1:
        detail += f". In all, {total} of the row are {what}"
    return Finding(
        code,
        Severity.SILENT,
        rows_title(rows, f"{noun} in its data", f"{noun} in their data"),
        f"{detail}.",
        rows=tuple(rows),
        spans=spans,
        more=more,
        fix=f"x = torch.where(x.{test.__name__}(), 0, x)  # or whatever is right in their place",
    )


def _cells(evidence: Evidence, span: list[int], what: str, test: np.ufunc) -> str:
    """`x[1, 2] is NaN`; of a cell with features, `x[1, 2] is NaN in feature 3`."""
    row, first, stop = span
    named = f"{cells_named(evidence.batch, row, first, stop)} {'is' if stop == first + 1 else 'are'} {what}"
    if not evidence.batch.features:
        return named
    at = np.argwhere(test(evidence.batch.grid[row, first]))[0].tolist()
    return f"{named} in feature {at[0] if len(at) == 1 else tuple(at)}"


def _rows(bits: Bits) -> list[int]:
    """The rows with a bit that is set."""
    rows: list[int] = np.flatnonzero(bits.any(axis=1)).tolist()
    return rows
