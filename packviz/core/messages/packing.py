"""What pack_padded_sequence and pack_sequence raise about sizes, numbers and order."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message, num


@message(
    "decreasing",
    r"['`\"]?(?:lengths|sequences)['`\"]? (?:array )?(?:has to|must|should) be sorted in (?:the )?(?:decreasing order"
    r"|order of decreasing length)",
    "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True.",
)
def _unsorted(said: Said) -> Iterable[Suspect]:
    """enforce_sorted=True, the default, and the lengths are not in decreasing order."""
    yield "lengths-unsorted", "Some length is larger than the one before it. enforce_sorted=False lets torch sort."
    yield "length-not-finite", "A NaN among the lengths is read as a huge negative number, which is in no order."


@message(
    "length of all samples has to be greater than 0",
    r"length of all samples has to be greater than 0",
    "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
)
def _not_positive(said: Said) -> Iterable[Suspect]:
    """A length is below 1: torch can't pack an empty sequence."""
    yield "length-not-positive", "At least one length is 0 or below; torch does not say which."
    yield "lengths-are-mask", "In a row of a mask, each False is a length of 0."
    yield "length-not-finite", "A NaN or an infinity among the lengths is read as a negative number."


@message(
    "to be equal to batch_size, but got",
    rf"expected ['`]?len\(lengths\)['`]? to be equal to batch_size, but got {num('n')} "
    rf"\(batch_size={num('rows')}\)",
    "Expected `len(lengths)` to be equal to batch_size, but got 2 (batch_size=3)",
)
def _count(said: Said) -> Iterable[Suspect]:
    """The number of lengths is not the number of rows of x."""
    n, rows = said.n("n"), said.n("rows")
    why = f"There are {n} lengths for {rows} rows."
    if rows > 0 and n > rows and n % rows == 0:
        why += (
            f" {n} is {n // rows} × {rows}: nn.DataParallel splits tensors among the GPUs, but not lists; give it the "
            "lengths as a tensor."
        )
    yield "lengths-count", why
    yield "layout-swapped", f"torch counts {rows} rows; if x has {n} sequences, it reads the steps as rows."


@message(
    "lengths array has incorrect size",
    r"lengths array has incorrect size",
    "ValueError: lengths array has incorrect size",
)
def _old_count(said: Said) -> Iterable[Suspect]:
    """The number of lengths is not the number of rows of x (the words of torch before 1.0)."""
    yield (
        "lengths-count",
        "There are more or fewer lengths than rows; nn.DataParallel does not split a list of lengths.",
    )
    yield "layout-swapped", "torch may read the steps as rows."


@message("index out of range in self", r"\bindex out of range in self\b", "IndexError: index out of range in self")
def _index(said: Said) -> Iterable[Suspect]:
    """Something is looked up at a place that is not there: rows of x by the sort order, or an embedding by an id."""
    rows = "There are more lengths than rows: with enforce_sorted=False torch looks up one row for each length."
    ids = "An id is not below num_embeddings, or is negative."
    if said.inside("embedding"):
        yield "embedding-index", ids
    elif said.inside("pack_padded_sequence"):
        yield "lengths-count", rows
        yield "layout-swapped", "If the rows are read as steps, there are fewer rows than lengths."
    else:
        yield "lengths-count", f"{rows} The traceback then ends in pack_padded_sequence."
        yield "embedding-index", f"{ids} The traceback then ends in torch.embedding."
        yield "hidden-shape", "hx has fewer rows than the batch, and is put into sorted order."


@message(
    "indices element is out of data bounds",
    rf"INDICES element is out of DATA bounds, id={num('id')} axis_dim="
    rf"{num('size')}",
    "INDICES element is out of DATA bounds, id=2 axis_dim=2",
)
def _bounds(said: Said) -> Iterable[Suspect]:
    """Rows are put into sorted order, and there are fewer of them than the order names."""
    at, size = said["id"], said["size"]
    hidden = (
        f"hx has {size} rows, but the batch has more: row {at} of hx is asked for when it is put into sorted order."
    )
    rows = f"There are more lengths than rows: row {at} of x is asked for, and there are {size}."
    packed = f"sorted_indices or unsorted_indices name row {at}, and there are {size}."
    if said.inside("pack_padded_sequence"):
        yield "lengths-count", rows
        yield "layout-swapped", "If the rows are read as steps, there are fewer rows than lengths."
    elif said.inside("pad_packed_sequence"):
        yield "packed-inconsistent", packed
    elif said.running or said.inside("permute_hidden", "_apply_permutation"):
        yield "hidden-shape", hidden
        yield "packed-inconsistent", packed
    else:
        yield "hidden-shape", hidden
        yield "lengths-count", rows
        yield "packed-inconsistent", packed


@message(
    "argument should be a 1d cpu int64 tensor",
    r"['`\"]?lengths['`\"]? argument should be a 1D CPU int64 tensor(?:, but got (?P<rank>\d{1,2})D "
    r"(?P<device>[a-z]{1,20}(?::\d{1,4})?) (?P<dtype>\w{1,20}) tensor)?",
    "'lengths' argument should be a 1D CPU int64 tensor, but got 1D cuda:0 Long tensor",
)
def _one_d_cpu(said: Said) -> Iterable[Suspect]:
    """The lengths are a vector of int64 on the CPU, or torch does not take them."""
    if not said.has("rank"):
        yield "lengths-device", "The lengths are a tensor on the GPU, most likely; torch takes them on the CPU only."
        yield "lengths-shape", "Or they have another shape than (B,)."
        return
    rank, device, dtype = said.n("rank"), said["device"], said["dtype"]
    if rank != 1:
        yield "lengths-shape", f"lengths has {rank} dimensions, but one is expected: one length a row."
    if rank == 2:
        yield "lengths-are-mask", "A mask of shape (B, T) has two dimensions, too."
    if device != "cpu":
        yield "lengths-device", f"lengths lies on {device}, but torch takes the lengths on the CPU only."
    if dtype.lower() != "long" and rank == 1 and device == "cpu":
        yield "packed-inconsistent", f"batch_sizes holds {dtype} numbers, but must hold int64."


@message(
    "index is supposed to be a vector",
    r"index is supposed to be (?:a vector|an empty tensor or a vector|1-d)",
    "IndexError: index_select(): Index is supposed to be a vector",
)
def _vector(said: Said) -> Iterable[Suspect]:
    """The sort order has two dimensions or more, as the lengths have."""
    yield "lengths-shape", "lengths has shape (B, 1) or the like; torch sorts it, and can't pick rows by a matrix."
    yield "lengths-are-mask", "A mask of shape (B, T) is a matrix, too."


@message("cannot pack empty tensors", r"cannot pack empty tensors", "RuntimeError: Cannot pack empty tensors.")
def _empty(said: Said) -> Iterable[Suspect]:
    """x has no cells: no rows, no steps or no features; or no lengths were given."""
    yield "batch-empty", "A dimension of x is 0."
    yield "lengths-count", "lengths is empty: with enforce_sorted=False that picks no rows at all."


@message(
    "self indexing axis dim should be positive",
    r"self indexing axis dim should be positive",
    "RuntimeError: index_select(): self indexing axis dim should be positive",
)
def _no_rows(said: Said) -> Iterable[Suspect]:
    """There are no rows to pick from."""
    hidden = "hidden-shape", "hx has no rows, and torch is to put them into the sorted order of the batch."
    if said.running:
        yield hidden
    if said.inside("pad_packed_sequence") or not said.frames:
        packed = "packed-inconsistent", "batch_sizes[0] is 0: nothing is unpacked that could be put in order."
    if not said.running and not said.inside("pad_packed_sequence"):
        yield "batch-empty", "x has no rows, and torch is to put them into sorted order."
        yield "layout-swapped", "The dimension that is read as the rows is empty."
    if not said.frames:
        yield hidden
    if said.inside("pad_packed_sequence") or not said.frames:
        yield packed


@message(
    "cannot copy out of meta tensor",
    r"cannot copy out of meta tensor",
    "NotImplementedError: Cannot copy out of meta tensor; no data!",
)
def _meta(said: Said) -> Iterable[Suspect]:
    """A tensor lies on the device "meta", which knows shapes and holds no numbers."""
    if said.inside("pack_padded_sequence") or not said.frames:
        yield "lengths-device", "The lengths lie on the device meta: pack_padded_sequence can't read them there."
    if not said.inside("pack_padded_sequence"):
        yield "other-device", "Something was made on the device meta, and is to be read or moved from there."


@message(
    "received an empty list of sequences",
    r"received an empty list of sequences",
    "RuntimeError: received an empty list of sequences",
)
def _no_sequences(said: Said) -> Iterable[Suspect]:
    """pack_sequence or pad_sequence was given no sequences."""
    yield "batch-empty", "The list of sequences is empty."


@message(
    "dimension out of range",
    r"dimension out of range \(expected to be in range of \[(?P<low>-?\d{1,4}), (?P<high>-?\d{1,4})\], but got "
    r"(?P<got>-?\d{1,4})\)",
    "IndexError: Dimension out of range (expected to be in range of [-1, 0], but got 1)",
)
def _dimension(said: Said) -> Iterable[Suspect]:
    """A tensor has fewer dimensions than torch counts on."""
    dimensions = said.n("high") + 1
    flat = f"A tensor of {dimensions} dimension{'s' if dimensions > 1 else ''} was given where more are expected"
    hidden = "hidden-shape", f"hx has {dimensions} dimensions, but must be (layers × directions, B, H)."
    if said.running or said.inside("permute_hidden", "_apply_permutation"):
        yield hidden
        yield "batch-rank", f"{flat}."
    else:
        yield "batch-rank", f"{flat}: x must be at least (B, T) or (T, B)."
        if dimensions == 2 or not said.frames:
            yield hidden


@message(
    "but tensor has no dimensions",
    r"dimension specified as -?\d{1,4} but tensor has no dimensions",
    "IndexError: Dimension specified as 1 but tensor has no dimensions",
)
def _no_dimensions(said: Said) -> Iterable[Suspect]:
    """A tensor that is a single number was given."""
    yield "batch-rank", "x, or one of the sequences, is a single number; a sequence needs steps."


@message(
    "index to scalar can have only 1 value",
    r"index to scalar can have only 1 value, got \d{1,18} value",
    "RuntimeError: index_select(): Index to scalar can have only 1 value, got 3 value(s)",
)
def _scalar(said: Said) -> Iterable[Suspect]:
    """x is a single number."""
    yield "batch-rank", "x is a single number; a batch has rows and steps."
