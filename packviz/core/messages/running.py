"""What a recurrent module raises on a packed batch, and pad_packed_sequence on what comes out of it."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from packviz.core.messages.table import Said, Suspect, message, num

GATES = (1, 3, 4)  # of an nn.RNN, nn.GRU, nn.LSTM: the weights of the state are (gates × H, H)


@message(
    "exceeds dimension size",
    rf"start \({num('start')}\) \+ length \({num('length')}\) exceeds dimension size \({num('size')}\)",
    "RuntimeError: start (10) + length (1) exceeds dimension size (10).",
)
def _start(said: Said) -> Iterable[Suspect]:
    """A module takes the rows of packed data step by step, as many as batch_sizes says, and there are too few."""
    start, length, size = said.n("start"), said.n("length"), said.n("size")
    have = f"data has {size} row{'' if size == 1 else 's'}"
    asked = f"row {start}" if length == 1 else f"rows {start} to {start + length - 1}"
    packed = f"{have}, and batch_sizes asks for {asked}: it sums to more than there are."
    hidden = (
        "hidden-shape",
        f"If it is hx that is read: it has {size} row{'' if size == 1 else 's'}, fewer than the batch.",
    )
    if start != size:
        yield "packed-inconsistent", packed
    if start == 0 and 0 < size < length:
        yield hidden
    goes_on = "one sequence goes" if length == 1 else f"{length} sequences go"
    yield (
        "length-exceeds-time",
        f"{have}, all of them used up at the last step of x, but by their lengths {goes_on} on at the next: a length "
        "is larger than T.",
    )
    yield "layout-swapped", "If the rows are read as steps, T is the number of rows, and right lengths exceed it."
    yield "packed-inconsistent", packed
    if size == 1:
        yield hidden


@message(
    "is invalid for input of size",
    rf"shape ['`\"]?(?P<shape>\[-?[\d, -]{{0,120}}\])['`\"]? is invalid for input of size {num('size')}",
    "RuntimeError: shape '[3, 1, 1]' is invalid for input of size 2",
)
def _view(said: Said) -> Iterable[Suspect]:
    """A tensor is to be seen in another shape, and has not as many numbers as that shape."""
    sizes, size = said.sizes("shape"), said.n("size")
    wanted = prod(sizes)
    short = wanted > size
    run, rows = (*sizes, 1, 1)[:2]
    here = said.inside("pad_packed_sequence") or said.running
    cell = max(1, prod(sizes[1:]))
    left = f"{size // cell} of {run}" if size % cell == 0 and size // cell < run else "fewer"
    too_long = (
        f"The last {run} step{'s' if run > 1 else ''} of batch_sizes take{'' if run > 1 else 's'} {rows} "
        f"row{'s' if rows > 1 else ''} each, but data holds {left}: a length is larger than T."
    )
    packed = f"batch_sizes asks for {wanted} numbers, where data has {size} left."
    shrinks = (
        f"A view to {said['shape']} wants {wanted} numbers, and there are {size}: where it is the unpacked output, it "
        "has max(lengths) steps, not T."
    )
    if short and (here or not said.frames):
        yield "length-exceeds-time", too_long
    if here or not said.frames:
        yield "packed-inconsistent", packed
        yield (
            "module-input-size",
            "If x has other features than the module takes, or none: it counts on its input_size.",
        )
        yield "hidden-shape", "If hx is not (layers × directions, B, H): what a module makes of it has too few numbers."
    if not here and len(sizes) >= 2:
        yield "time-shrinks", shrinks
    if not short and (here or not said.frames):
        yield "length-exceeds-time", "Where x has several dimensions of features: a length is larger than T."
    if short and (here or not said.frames):
        yield "layout-swapped", "If the rows are read as steps, right lengths are larger than T."


@message(
    "shapes cannot be multiplied",
    rf"mat1 and mat2 shapes cannot be multiplied \({num('a')}x{num('b')} and {num('c')}x{num('d')}\)",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x9 and 1x12)",
)
def _multiplied(said: Said) -> Iterable[Suspect]:
    """Two matrices do not fit together: the features of what goes in, and those that the weights take."""
    yield from _matrices(said)


@message(
    "size mismatch, m1:",
    rf"size mismatch, m1: \[{num('a')} x {num('b')}\], m2: \[{num('c')} x {num('d')}\]",
    "RuntimeError: size mismatch, m1: [1 x 9], m2: [1 x 12]",
)
def _multiplied_of_old(said: Said) -> Iterable[Suspect]:
    """Two matrices do not fit together (the words of torch before 1.8)."""
    yield from _matrices(said)


def _matrices(said: Said) -> Iterable[Suspect]:
    a, b, c, d = (said.n(name) for name in "abcd")
    linear = ("linear.py", "forward") in said.frames
    if b == 2 * c:
        both = "backward-final", f"{b} features come in, and the layer takes {c}: {b} is 2 × {c}, both directions."
        if linear:
            yield both
    if not linear:
        why = f"{b} features come in, and the weights take {c}."
        if a == 1:
            why = f"data is a vector of {b} numbers: x has no features, and torch takes all of it for one row."
        state = "hidden-shape", f"hx has {b} features, and the weights of the state take H = {c}."
        if d in [c * gates for gates in GATES] and a > 1:
            yield state
        yield "module-input-size", why
        if d % 4 == 0 and c < d // 4:  # as with proj_size
            yield state
    if b == 2 * c:
        yield both
    elif linear:
        yield "module-input-size", f"A linear layer takes {c} features, and was given {b}; is it made for H or for T?"


@message(
    "must be equal to input_size",
    rf"input\.size\(-1\) must be equal to input_size\. expected {num('want')}, got {num('got')}",
    "RuntimeError: input.size(-1) must be equal to input_size. Expected 2, got 3",
)
def _input_size(said: Said) -> Iterable[Suspect]:
    """The last dimension of x must be the module's input_size."""
    yield "module-input-size", f"x has {said['got']} features, and the module takes {said['want']}."


@message(
    "input must have",
    rf"input must have {num('want')} dimensions, got {num('got')}",
    "RuntimeError: input must have 2 dimensions, got 1",
)
def _dimensions(said: Said) -> Iterable[Suspect]:
    """Packed data must be (N, F), an x that is not packed (B, T, F)."""
    want, got = said.n("want"), said.n("got")
    packed = "packed data" if want == 2 else "x, which is not packed,"
    how = "x has no features: unsqueeze(-1), or embed it" if got < want else "x has more than one dimension of features"
    yield "module-input-size", f"{packed} has {got} dimension{'' if got == 1 else 's'}, and {want} are expected: {how}."


@message(
    "expected input to be 2d or 3d",
    rf"(?:LSTM|GRU|RNN): expected input to be 2D or 3D, got {num('got')}D",
    "ValueError: LSTM: Expected input to be 2D or 3D, got 4D instead",
)
def _padded_dimensions(said: Said) -> Iterable[Suspect]:
    """An x that is not packed must be (B, T, F), or (T, F) without a batch."""
    got = said.n("got")
    yield "module-input-size", f"x has {got} dimension{'' if got == 1 else 's'}; (B, T, F) are expected."


@message(
    "is out of bounds for dimension",
    rf"index {num('index')} is out of bounds for dimension {num('dim')} with size {num('size')}",
    "IndexError: index 4 is out of bounds for dimension 1 with size 4",
)
def _out_of_bounds(said: Said) -> Iterable[Suspect]:
    """An index is beyond the end of a dimension."""
    index, dim, size = said["index"], said["dim"], said["size"]
    pair = "hidden-shape", "hx is one tensor, and an nn.LSTM takes it apart as if it were the pair (h_0, c_0)."
    if said.inside("invert_permutation", "_packed_sequence_init_args"):
        yield "packed-inconsistent", f"sorted_indices names row {index}, and there are {size}."
    elif size == "0" and (said.running or not said.frames):
        yield "packed-inconsistent", "batch_sizes is empty."
    elif said.running:
        yield pair
    elif dim in ("0", "1") and size != "0":
        yield (
            "time-shrinks",
            f"Something of {size} is read at {index}. Where it is the unpacked output, it has max(lengths) steps, not "
            "T.",
        )
        yield "last-output", f"Where it is read at lengths - 1, a length is larger than the {size} steps that came out."
        if dim == "0" and not said.frames:
            yield pair


@message(
    "batch_sizes can not be empty",
    r"batch_sizes can not be empty",
    "RuntimeError: batch_sizes can not be empty",
)
def _no_sizes(said: Said) -> Iterable[Suspect]:
    """There are no steps in the PackedSequence."""
    yield "packed-inconsistent", "batch_sizes is empty."


@message(
    "batch_sizes should always be on cpu",
    r"batch_sizes should always be on CPU",
    "ValueError: batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually.",
)
def _sizes_device(said: Said) -> Iterable[Suspect]:
    """batch_sizes lies on another device than the CPU."""
    yield (
        "packed-inconsistent",
        "batch_sizes lies on the GPU: packed.to(device) moves the data and leaves it on the CPU.",
    )


@message(
    "length must be non-negative",
    r"narrow\(\): length must be non-negative",
    "RuntimeError: narrow(): length must be non-negative.",
)
def _narrow(said: Said) -> Iterable[Suspect]:
    """A part of a tensor is to have fewer than no rows."""
    if said.running or said.inside("pad_packed_sequence") or not said.frames:
        yield "packed-inconsistent", "batch_sizes holds a negative number, or rises."


@message(
    "dimension size must be non-negative",
    r"zeros: dimension size must be non-negative",
    "RuntimeError: zeros: Dimension size must be non-negative.",
)
def _zeros(said: Said) -> Iterable[Suspect]:
    """A tensor is to have a size below 0."""
    if said.running or not said.frames:
        yield "packed-inconsistent", "batch_sizes[0], the rows of the initial state, is negative."


@message(
    "tensor with negative dimension",
    rf"trying to create tensor with negative dimension {num('size')}",
    "RuntimeError: Trying to create tensor with negative dimension -1: [4, -1, 2]",
)
def _negative(said: Said) -> Iterable[Suspect]:
    """A tensor is to have a size below 0."""
    if said.running or said.inside("pad_packed_sequence") or not said.frames:
        yield "packed-inconsistent", f"batch_sizes[0], the number of rows, is {said['size']}."


@message(
    "failed to unpack the object at pos",
    r"zeros\(\): argument 'size' failed to unpack the object at pos \d{1,3} with error"
    r"(?P<traced>[^\n]{1,60}but got FakeTensor)?",
    "TypeError: zeros(): argument 'size' failed to unpack the object at pos 2 with error \"type must be ints\"",
)
def _float_sizes(said: Said) -> Iterable[Suspect]:
    """A size is no whole number."""
    if said.has("traced"):
        yield (
            "compile-break",
            "torch.export follows the shapes without numbers, and batch_sizes hang on the values of the lengths.",
        )
    elif said.running:
        yield "packed-inconsistent", "batch_sizes[0] is no whole number."


@message(
    "expected total_length to be at least",
    r"expected total_length to be at least the length of the longest sequence in input, but got total_length="
    rf"{num('got')} and max sequence length being {num('longest')}",
    "ValueError: Expected total_length to be at least the length of the longest sequence in input, but got "
    "total_length=2 and max sequence length being 4",
)
def _total(said: Said) -> Iterable[Suspect]:
    """pad_packed_sequence can add steps, but takes none away."""
    got, longest = said["got"], said["longest"]
    yield "total-length-too-short", f"total_length is {got}, and the longest sequence has {longest} steps."
    yield "length-exceeds-time", f"If total_length is T, the longest length, {longest}, is beyond the end of x."
