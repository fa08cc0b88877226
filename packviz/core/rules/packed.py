"""The rule about a PackedSequence that contradicts itself."""

from __future__ import annotations

from packviz.core.cells.evidence import Evidence
from packviz.core.findings import Finding, Severity
from packviz.core.packed import contradictions, counted_steps
from packviz.core.rules.table import rule
from packviz.core.texts.wording import count


@rule("packed-inconsistent")
def inconsistent(evidence: Evidence) -> Finding | None:
    """The fields of a PackedSequence contradict each other: it was not made by packing.

    torch looks at none of it when the object is made. Afterwards it raises words that name no field, or it returns
    rows in the wrong order or with steps missing, or it writes beyond its memory, which brings the interpreter down.
    The usual causes: a PackedSequence made by hand, with the lengths as batch_sizes (batch_sizes[t] is the number of
    rows that are longer than t: it never rises, and it sums to the rows of data); data that was filtered or joined
    without its batch_sizes; a file that kept data and batch_sizes, but not the indices. Have pack_sequence or
    pack_padded_sequence make it, and save all four fields.
    """
    fields = evidence.batch.contradictory
    if fields is None:
        return None
    found = contradictions(fields)
    if not found:
        return None
    others = f" (and {count(len(found) - 1, 'other contradiction')})" if len(found) > 1 else ""
    # What torch does is asked; until then: it reads its own batch_sizes everywhere, and the indices only to sort back.
    sizes = any(one.field in ("data", "batch_sizes") for one in found)
    # Unpacking compares total_length before it looks at anything else: then it raises for that.
    total, steps = evidence.batch.call.total_length, counted_steps(fields)
    never = total is not None and steps is not None and total < steps
    return Finding(
        "packed-inconsistent",
        Severity.ERROR if sizes else Severity.SILENT,
        "The PackedSequence contradicts itself",
        f"{found[0].said}{others}. {SIZES if sizes else INDICES}",
        stage="pack",
        also=("run",) if never else ("run", "unpack"),
        asked=True,
        fix=REBUILD,
    )


SIZES = (
    "batch_sizes[t] is the number of rows that are longer than t, so it falls from B and sums to the rows of data; "
    "what is shown here is only the nearest reading."
)
INDICES = (
    "sorted_indices says which row stands at each place of the packed order, unsorted_indices where each row stands; "
    "outputs, lengths and states may come back in another order than the batch."
)
REBUILD = """\
# A PackedSequence is never made by hand: pack the sequences again.
packed = pack_sequence(sequences, enforce_sorted=False)  # or pack_padded_sequence(x, lengths, enforce_sorted=False)
# A file needs all four fields; PackedSequence(**torch.load(path)) makes it whole again.
torch.save(packed._asdict(), path)"""
"""Python that makes one that agrees with itself, and saves it."""
