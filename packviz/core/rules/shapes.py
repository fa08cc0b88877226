"""Rules about what is given: the dimensions of x, the shape, device and numbers of the lengths, total_length."""

from __future__ import annotations

import numpy as np

from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Edit, Finding, Severity
from packviz.core.packed import counted_steps
from packviz.core.refusals import unreadable
from packviz.core.rules.fixes import Fix, keep_steps, lengths_from_data, set_lengths
from packviz.core.rules.table import rule
from packviz.core.texts.wording import count, length_named, rows_title


@rule("batch-rank")
def flat(evidence: Evidence) -> Finding | None:
    """x needs at least two dimensions: rows and steps.

    One sequence alone, of shape (T,), is no batch: torch looks for the dimension that is not there, and raises an
    IndexError about dimensions that never says which tensor it means. It mostly happens with a single sentence at
    inference, or after a squeeze() that took the batch dimension away as well. Make it a batch of one row with
    unsqueeze, or give pack_sequence a list of sequences.
    """
    batch = evidence.batch
    if batch.x.ndim >= 2:
        return None
    first = batch.call.batch_first
    wanted = "(B, T, …) with batch_first=True" if first else "(T, B, …) with batch_first=False"
    fix = f"x = x.unsqueeze({0 if first else 1})" if batch.x.ndim else "x = x.reshape(1, 1)"
    return Finding(
        "batch-rank",
        Severity.ERROR,
        f"x has {count(batch.x.ndim, 'dimension') if batch.x.ndim else 'no dimensions'}",
        f"x has shape {batch.x.shape}, but rows and steps are expected, {wanted}. "
        "If it is one sequence, make it a batch of one row.",
        stage="pack",
        fix=fix,
        edit=Edit("Make x one row", one_row=True),
    )


@rule("batch-empty")
def empty(evidence: Evidence) -> Finding | None:
    """x has no rows, no steps or no features: there is nothing to pack, and torch says so.

    It mostly happens with the last batch of a loader, or with a filter that lets nothing through. Skip such a batch
    before you pack it.
    """
    if not evidence.empty or evidence.batch.contradictory is not None:
        return None
    batch = evidence.batch
    sizes = f": {count(evidence.rows, 'row')} and {count(evidence.steps, 'step')}" if batch.x.ndim >= 2 else ""
    features = f", with features of shape {batch.features}" if batch.features else ""
    return Finding(
        "batch-empty",
        Severity.ERROR,
        "The batch is empty",
        f"x has shape {batch.x.shape}{sizes}{features}. There is nothing to pack: skip such a batch.",
        stage="pack",
    )


@rule("lengths-shape")
def no_vector(evidence: Evidence) -> Finding | None:
    """The lengths must be a vector: one whole number a row, of shape (B,).

    A column (B, 1), as it comes out of a data frame or of a sum with keepdim=True, is refused, and so is a single
    number for all rows. What torch says depends on enforce_sorted: `Index is supposed to be a vector`, or that it
    wants a 1D CPU int64 tensor. flatten() mends a column.
    """
    batch, given = evidence.batch, evidence.batch.given
    if given.array.ndim == 1 or evidence.mask_as_lengths is not None:
        return None
    shape, n, rows = given.array.shape, given.array.size, evidence.rows
    one = "one number" if not shape else f"{count(n, 'number')} in {len(shape)} dimensions"
    found = _vector_of(evidence) if batch.x.ndim >= 2 and not evidence.empty else None
    edit, fix = found if found is not None else (None, None)
    return Finding(
        "lengths-shape",
        Severity.ERROR,
        f"lengths has shape {shape}",
        f"lengths holds {one}, but torch wants a vector with one length a row"
        + (f", of shape ({rows},)." if batch.x.ndim >= 2 else "."),
        stage="pack",
        fix=fix,
        edit=edit,
    )


def _vector_of(evidence: Evidence) -> Fix | None:
    """The lengths as a vector of their own numbers, where they are one a row or one for all; else from the data."""
    batch, rows = evidence.batch, evidence.rows
    given = batch.given
    if not given.known or bool(unreadable(batch).any()):
        return lengths_from_data(evidence)
    moved = ".cpu()" if given.device != "cpu" else ""
    counts = evidence.counts.tolist()
    if given.array.ndim == 0:
        one = "int(lengths.real)" if batch.lengths.dtype.kind == "c" else "int(lengths)"
        text = f"lengths = torch.full((x.size({0 if batch.call.batch_first else 1}),), {one})"
        return Edit(f"Set all lengths to {counts[0]}", lengths=tuple(counts * rows)), text
    if len(counts) != rows:
        return lengths_from_data(evidence)
    made = "torch.tensor(lengths)" if given.listed else "lengths"
    return Edit("Flatten the lengths", lengths=tuple(counts)), f"lengths = {made}.flatten(){moved}"


@rule("lengths-device")
def elsewhere(evidence: Evidence) -> Finding | None:
    """The lengths must lie on the CPU, wherever x lies.

    torch reads them on the CPU to work out batch_sizes, and refuses a tensor of the GPU instead of copying it, which
    would make the GPU wait. It mostly happens when everything in a batch is moved with one .to(device). Leave the
    lengths on the CPU, or call lengths.cpu() where you pack.
    """
    batch, given = evidence.batch, evidence.batch.given
    if given.device == "cpu":
        return None
    edit, fix = None, "lengths = lengths.cpu()"
    detail = f"lengths is a tensor on {given.device}, but torch takes lengths on the CPU only, wherever x lies."
    if not given.known:
        detail += " A meta tensor has a shape, but no numbers: the panes show it as zeros."
        if batch.x.ndim >= 2 and not evidence.empty:
            edit, fix = lengths_from_data(evidence)
    elif given.is_vector and bool(np.all(batch.lengths == evidence.counts)):
        edit = Edit("Bring the lengths to the CPU", lengths=tuple(evidence.counts.tolist()))
    return Finding(
        "lengths-device",
        Severity.ERROR,
        f"The lengths are on {given.device}",
        detail,
        stage="pack",
        fix=fix,
        edit=edit,
    )


@rule("length-not-finite")
def no_number(evidence: Evidence) -> Finding | None:
    """NaN and infinity are no lengths: a length is a whole number of steps.

    In a Python list torch refuses them, as it does a number beyond 64 bits. In a tensor or an array it does not: it
    makes int64 of them as the processor does, mostly -9223372036854775808, and then raises about a length <= 0 or about
    their order. It mostly comes from a division by zero, or from a column of a data frame with gaps. Mend it where the
    lengths are made.
    """
    batch = evidence.batch
    if batch.lengths.dtype.kind not in "fc" or not batch.given.known:
        return None
    wrong = np.flatnonzero(unreadable(batch))
    if not len(wrong):
        return None
    detail = f"{length_named(batch, int(wrong[0]))}, but a length is a whole number of steps"
    if len(wrong) > 1:
        detail += f"; {count(len(wrong) - 1, 'other length')} {'is' if len(wrong) == 2 else 'are'} no number, too"
    fix = set_lengths(evidence, wrong, evidence.own_end[wrong], "~lengths.isfinite()") if evidence.paired else None
    if evidence.empty:
        fix = None
    return Finding(
        "length-not-finite",
        Severity.ERROR,
        rows_title(wrong.tolist(), "its length is no whole number", "their lengths are no whole numbers"),
        detail + ".",
        rows=evidence.rows_at(wrong),
        stage="pack",
        fix=fix and fix[1],
        edit=fix and fix[0],
    )


@rule("lengths-fractional")
def fractional(evidence: Evidence) -> Finding | None:
    """A length with a fraction is cut down to a whole number, without a word.

    torch makes int64 of the lengths: 2.9 becomes 2, and the row loses its last step. Lengths that were multiplied by a
    ratio, as for speech, come out like that. Round them yourself, the way you mean it: ceil() keeps every step that
    has begun. Of a complex tensor only the real part is read.
    """
    batch, lengths = evidence.batch, evidence.batch.lengths
    given = batch.given
    if lengths.dtype.kind not in "fc" or not given.is_vector:
        return None
    real = lengths.real
    with np.errstate(invalid="ignore"):
        cut = np.isfinite(real) & ((np.trunc(real) != real) | (lengths.imag != 0))
    wrong = np.flatnonzero(cut & ~unreadable(batch))
    if not len(wrong):
        return None
    part = "a fraction" if bool(np.all(lengths.imag[wrong] == 0)) else "a part that is not whole or not real"
    detail = length_named(batch, int(wrong[0]))
    if len(wrong) > 1:
        detail += f"; {count(len(wrong) - 1, 'other length')} {'has' if len(wrong) == 2 else 'have'} {part}, too"
    begun = np.ceil(real[wrong])
    # The cells say how they are meant: where each row goes on for the step that has begun, that step counts.
    up = evidence.paired and bool(np.all(evidence.own_end[wrong] == begun)) and lengths.dtype.kind == "f"
    counts = evidence.counts.copy()
    if up:
        counts[wrong] = begun.astype(np.int64)
    label = "Round up" if up else "Cut it off here"
    edit = None if bool(unreadable(batch).any()) else Edit(label, lengths=tuple(counts.tolist()))
    listed = given.listed
    if up:
        whole = "[int(-(-n // 1)) for n in lengths]" if listed else "torch.as_tensor(lengths).ceil().long()"
    else:
        whole = "[int(n) for n in lengths]" if listed else "lengths.long()"
    return Finding(
        "lengths-fractional",
        Severity.SILENT,
        rows_title(wrong.tolist(), f"its length has {part}", f"their lengths have {part}"),
        detail
        + (
            ". The data of x goes on for the step that has begun: round up before you pack."
            if up
            else ". Round the lengths before you pack, the way they are meant."
        ),
        rows=evidence.rows_at(wrong),
        fix=f"lengths = {whole if lengths.dtype.kind != 'c' else 'lengths.real.long()'}",
        edit=edit,
    )


@rule("total-length-too-short")
def too_short(evidence: Evidence) -> Finding | None:
    """total_length must be at least the longest length.

    pad_packed_sequence fills up to total_length, and never cuts off: with less room than the longest row needs it
    raises a ValueError. It mostly happens where total_length is a constant, or T of another batch. Leave it out, or
    take x.size(1) (x.size(0) without batch_first) of the very batch that was packed.
    """
    total, longest = evidence.batch.call.total_length, _unpacked_steps(evidence)
    if total is None or longest is None or total >= longest:
        return None
    packing, fields = evidence.packing, evidence.batch.contradictory
    what = "the longest row has" if fields is None else "batch_sizes counts"
    detail = f"total_length is {total}, but {what} {count(longest, 'step')}: unpacking never cuts a row off, it raises."
    edit: Edit | None = None
    fix: str | None = None
    if fields is None and longest > evidence.steps and 0 < evidence.steps <= total:
        detail += f" Lengths that end inside the {count(evidence.steps, 'step')} of x would fit: mend these first."
    else:
        edit, fix = keep_steps(evidence, longest)
    return Finding(
        "total-length-too-short",
        Severity.ERROR,
        f"total_length={total} is too short",
        detail,
        rows=() if packing is None else tuple(np.flatnonzero(packing.lengths > total).tolist()),
        stage="unpack",
        fix=fix,
        edit=edit,
    )


def _unpacked_steps(evidence: Evidence) -> int | None:
    """How many steps unpacking comes to: the longest length, or what batch_sizes says where it contradicts the rest;
    None where it comes to none."""
    fields = evidence.batch.contradictory
    if fields is not None:
        return counted_steps(fields)
    return None if evidence.packing is None else evidence.packing.longest
