"""Rules about what comes out: how many steps unpacking returns, where each row's last output is, what packing saves."""

from __future__ import annotations

import numpy as np

from packviz.core.carrier import Packed
from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.module import Drawn, is_float
from packviz.core.packing import Packing
from packviz.core.rules.fixes import BOTH_DIRECTIONS, keep_steps, last_outputs
from packviz.core.rules.table import rule
from packviz.core.texts.wording import MOST_NAMED, count, number, rows_named


@rule("time-shrinks")
def shrinks(evidence: Evidence) -> Finding | None:
    """Unpacking returns max(lengths) steps, not the T steps of x.

    That is right as long as nothing expects T again: a mask of shape (B, T), labels for each step, or nn.DataParallel,
    which glues together the outputs of several devices. total_length=T keeps all steps.
    """
    packing = _runs(evidence)
    if packing is None or evidence.batch.call.total_length is not None or packing.longest == evidence.steps:
        return None
    first = (packing.rows, packing.longest) if evidence.batch.call.batch_first else (packing.longest, packing.rows)
    edit, fix = keep_steps(evidence)
    return Finding(
        "time-shrinks",
        Severity.NOTE,
        f"Unpacking returns {count(packing.longest, 'step')}, x has {evidence.steps}",
        f"The longest length is {packing.longest}, so pad_packed_sequence returns ({first[0]}, {first[1]}, …). "
        f"Where {evidence.steps} are expected again, as by a mask or by labels, pass total_length={evidence.steps}.",
        fix=fix,
        edit=edit,
    )


@rule("padding-value-too-large")
def too_large(evidence: Evidence) -> Finding | None:
    """padding_value must be a number that the output can hold.

    pad_packed_sequence fills the output with it, in the dtype of the output, and raises where that dtype ends before
    it: half precision at 65504. It mostly is the -1e9 that a mask of attention scores wants. float("-inf") always fits.
    """
    value, dtype = evidence.batch.call.padding_value, _unpacked_dtype(evidence)
    most = LARGEST.get(dtype)
    if most is None or not np.isfinite(value) or abs(value) <= most:
        return None
    limit = f'float("{"-" if value < 0 else ""}inf")'
    return Finding(
        "padding-value-too-large",
        Severity.ERROR,
        f"The output can't hold padding_value={number(value)}",
        f"padding_value is {number(value)}, but the output is {dtype}, which ends at {number(most)}: unpacking raises. "
        f"Take {limit}, or a smaller number.",
        stage="unpack",
        fix=f"padding_value = {limit}",
    )


LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}
"""The largest finite number of each dtype that Python's floats go beyond."""


def _unpacked_dtype(evidence: Evidence) -> str:
    """torch's name of the dtype of what is unpacked, where a module runs over the batch and it is known, else "".

    Where the run raises it is the packed batch itself, in the dtype of x; and so is what a module of this dtype
    makes of it.
    """
    packing, batch = evidence.packing, evidence.batch
    if packing is None or batch.contradictory is not None:
        return ""
    module, path, runs = evidence.module, evidence.path, packing.longest <= evidence.steps
    given = batch.dtype if is_float(batch.dtype) else ""
    if module is None or (path is None and isinstance(module.weights, Drawn)):
        return given or ("float32" if runs else "")
    if path is None:
        return ""
    own = path.module.dtype or ""
    if runs and path.fits:
        return own
    raises = path.dtype is not None and path.dtype.which == "x" and path.dtype.raises
    return given if raises or own == given else ""


@rule("last-output")
def last_output(evidence: Evidence) -> Finding | None:
    """The last step of the unpacked output is padding for every row that ended before it.

    `out[:, -1]` (`out[-1]` without batch_first) looks like the last output, and is 0 for the shorter rows. Take each
    row's output at its length - 1, or h_n, which holds just that. Of a bidirectional module no one step of the output
    has the last output of both directions, for backward it is at t = 0: there take h_n.
    """
    packing = _runs(evidence)
    if packing is None:
        return None
    call = evidence.batch.call
    if call.total_length is not None and call.total_length < packing.longest:
        return None  # unpacking raises: there is no output
    steps = max(packing.longest, call.total_length or 0)
    short = np.flatnonzero(packing.lengths < steps)
    if not len(short):
        return None
    named = rows_named(short.tolist())
    end = "ends" if len(short) == 1 else "end"
    last = "out[:, -1]" if call.batch_first else "out[-1]"
    both = evidence.module is not None and evidence.module.directions == 2
    take = (
        "Take h_n[-2] and h_n[-1]: forward a row ends at lengths - 1, backward at t = 0, and no one step of the output "
        "has both."
        if both
        else "Take each row at lengths - 1, or h_n."
    )
    whole = f" {named} of {packing.rows}" if len(short) > MOST_NAMED else f" {named}"
    return Finding(
        "last-output",
        Severity.NOTE,
        f"{last} is not the last output",
        f"{whole.strip()} {end} before t{steps - 1}, the last step of the unpacked output, which is padding there. "
        f"{take}",
        rows=tuple(short.tolist()),
        fix=BOTH_DIRECTIONS if both else last_outputs(evidence),
    )


MOSTLY = 0.5  # padding-waste: from this share of padding on


@rule("padding-waste")
def waste(evidence: Evidence) -> Finding | None:
    """At least half of the cells of x are padding: packing saves the work on them.

    A packed run computes the N cells of data only; a run over the padded x computes all B · T cells. x itself still
    takes their memory. Batches of rows that are about as long as each other, as from a sampler that sorts by length,
    have less padding; where no row reaches T, x can be cut to its longest row.
    """
    packing = _runs(evidence)
    if packing is None or packing.rows != evidence.rows or isinstance(evidence.batch.carrier, Packed):
        return None
    cells = evidence.rows * evidence.steps
    padding = cells - packing.size
    if padding < MOSTLY * cells:
        return None
    saved = (
        f"The packed run takes {count(packing.size, 'cell')} instead of {cells}, {cells / packing.size:.3g} times fewer"
    )
    short = packing.longest < evidence.steps
    cut = f"x[:, :{packing.longest}]" if evidence.batch.call.batch_first else f"x[:{packing.longest}]"
    hint = f"no row is longer than {packing.longest}: {cut} would do" if short else "rows of like length waste less"
    return Finding(
        "padding-waste",
        Severity.NOTE,
        f"{padding / cells:.0%} of x is padding",
        f"{padding} of {cells} cells are beyond the lengths. {saved}. x holds them all the same; {hint}.",
    )


def _runs(evidence: Evidence) -> Packing | None:
    """The packing, where a network can run over it."""
    packing = evidence.packing
    return None if packing is None or evidence.empty or packing.longest > packing.steps else packing
