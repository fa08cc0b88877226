"""What a recurrent module raises about the initial state, hx."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message, num, shape


@message(
    "expected hidden",
    rf"expected hidden(?:\[[01]\])? size {shape('want')}, got {shape('got')}",
    "RuntimeError: Expected hidden size (1, 3, 6), got [1, 2, 6]",
)
def _hidden_size(said: Said) -> Iterable[Suspect]:
    """h_0, or c_0, must be (layers × directions, B, H)."""
    want, got = said.sizes("want"), said.sizes("got")
    why = f"hx has shape {_tuple(got)}, and {_tuple(want)} is expected"
    if len(got) != len(want):
        yield "hidden-shape", f"{why}: it must have three dimensions, (layers × directions, B, H)."
        return
    wrong = [i for i in range(len(want)) if want[i] != got[i]]
    if sorted(want) == sorted(got) and wrong[:1] == [0] and len(wrong) == 2 and wrong[1] == 1:
        why += ": the batch comes second, with batch_first=True too"
    elif wrong == [1]:
        why += f": the batch has {want[1]} rows, and hx has {got[1]}. The state of another batch does not fit this one"
    elif wrong == [0]:
        why += f": the first dimension counts layers × directions, which are {want[0]}"
    elif wrong == [2]:
        why += f": H is {want[2]}, and hx has {got[2]}"
    yield "hidden-shape", f"{why}."
    if len(want) == 3 and 1 in wrong:
        yield "layout-swapped", f"If the batch really has {got[1]} rows, then {want[1]} are its steps."


def _tuple(sizes: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, sizes))})"


@message(
    "expected more hidden states",
    r"expected more hidden states in stacked_rnn",
    "RuntimeError: Expected more hidden states in stacked_rnn",
)
def _layers(said: Said) -> Iterable[Suspect]:
    """The first dimension of hx is not layers × directions."""
    yield "hidden-shape", "hx has another first dimension than layers × directions; the batch comes second in it."


COUNTED = "hx has another first dimension than layers × directions, so that too many or too few weights are read by it."
PAIR = "an nn.LSTM takes a pair (h_0, c_0) of two tensors, nn.GRU and nn.RNN one tensor."


@message(
    "expected more weights in stacked_rnn",
    r"expected more weights in stacked_rnn",
    "RuntimeError: Expected more weights in stacked_rnn",
)
def _weights(said: Said) -> Iterable[Suspect]:
    """hx names more layers than there are weights."""
    yield "hidden-shape", COUNTED


@message(
    "odd number of params",
    r"odd number of params or hiddens given to a bidirectional rnn",
    "RuntimeError: Odd number of params or hiddens given to a bidirectional RNN",
)
def _odd(said: Said) -> Iterable[Suspect]:
    """A bidirectional module takes states in twos."""
    yield "hidden-shape", "hx has an odd first dimension, but it must be layers × 2."


@message(
    "incorrect number of rnn parameters",
    r"got an incorrect number of RNN parameters",
    "RuntimeError: got an incorrect number of RNN parameters",
)
def _parameters(said: Said) -> Iterable[Suspect]:
    """The weights do not go with the states."""
    yield "hidden-shape", COUNTED


@message(
    "matrixref: arrayref size",
    rf"MatrixRef: ArrayRef size {num('size')} not divisible by stride {num('stride')}",
    "RuntimeError: MatrixRef: ArrayRef size 10 not divisible by stride 4",
)
def _matrix(said: Said) -> Iterable[Suspect]:
    """The weights can't be dealt out to the layers."""
    yield "hidden-shape", COUNTED


@message(
    "expects two hidden states",
    r"lstm expects two hidden states",
    "RuntimeError: lstm expects two hidden states",
)
def _two(said: Said) -> Iterable[Suspect]:
    """An nn.LSTM takes a pair, (h_0, c_0)."""
    yield "hidden-shape", f"hx has one tensor, or more than two: {PAIR}"


@message(
    "received an invalid combination of arguments",
    r"\b(?P<call>lstm|gru|rnn_tanh|rnn_relu)\(\) received an invalid combination of arguments",
    "TypeError: lstm() received an invalid combination of arguments - got (Tensor, Tensor, Tensor, list, bool, int)",
)
def _combination(said: Said) -> Iterable[Suspect]:
    """Something that a module hands on is of another kind than torch takes; mostly hx."""
    yield "hidden-shape", f"hx is of another kind: {PAIR}"


@message(
    "expected tensor as element",
    r"expected Tensor as element (?P<at>\d{1,4}) in argument 2, but got (?P<kind>\w{1,40})",
    "TypeError: expected Tensor as element 0 in argument 2, but got NoneType",
)
def _element(said: Said) -> Iterable[Suspect]:
    """One of several tensors is none; argument 2 of what a module calls is hx."""
    if said.running or not said.frames:
        yield "hidden-shape", f"hx[{said['at']}] is a {said['kind']}: {PAIR}"


@message("tuple index out of range", r"tuple index out of range", "IndexError: tuple index out of range")
def _short(said: Said) -> Iterable[Suspect]:
    """A tuple has fewer items than the code counts on."""
    if said.running:
        yield "hidden-shape", f"hx is a tuple of one: {PAIR}"
    elif not said.frames:
        yield "hidden-shape", f"If a recurrent module raised it, hx is a tuple of one: {PAIR}"


@message(
    "out of range for tensor of size",
    rf"index {num('index')} out of range for tensor of size {shape('size')} at dimension {num('dim')}",
    "IndexError: select(): index 1 out of range for tensor of size [1, 1, 3] at dimension 0",
)
def _select(said: Said) -> Iterable[Suspect]:
    """An index is beyond the end of a dimension."""
    size, dim = said.sizes("size"), said.n("dim")
    if said.running or (not said.frames and dim == 0):
        yield (
            "hidden-shape",
            f"If it is hx that is read: its shape is {_tuple(size)}, so that a layer or h_0 is missing.",
        )
    if not said.running and dim in (0, 1):
        yield (
            "time-shrinks",
            f"A tensor of {_tuple(size)} is read at {said['index']}. Where it is the unpacked output, it has "
            "max(lengths) steps, not T.",
        )


@message(
    "hx should also be",
    r"for (?P<kind>batched 3-D|unbatched 2-D) input, hx should also be \dD?-?D? but got (?P<got>\d)-D tensor",
    "RuntimeError: For batched 3-D input, hx should also be 3-D but got 2-D tensor",
)
def _hx_dimensions(said: Said) -> Iterable[Suspect]:
    """hx has another number of dimensions than x asks for."""
    yield from _of_rank(said)


@message(
    "hx and cx should also be",
    r"for (?P<kind>batched 3-D|unbatched 2-D) input, hx and cx should also be \d-D but got \((?P<got>\d)-D, \d-D\)",
    "RuntimeError: For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors",
)
def _pair_dimensions(said: Said) -> Iterable[Suspect]:
    """h_0 and c_0 have another number of dimensions than x asks for."""
    yield from _of_rank(said)


def _of_rank(said: Said) -> Iterable[Suspect]:
    batched = said["kind"].lower().startswith("batched")
    hidden = "hidden-shape", f"hx has {said['got']} dimensions, and {3 if batched else 2} are expected."
    if not batched:
        yield "batch-rank", "x has two dimensions, (T, F): it has lost its batch, and is taken for one sequence."
    yield hidden


@message(
    "doesn't match hidden",
    rf"input batch size {num('rows')} doesn't match hidden\[?\d?\]? ?batch size {num('got')}",
    "RuntimeError: Input batch size 3 doesn't match hidden0 batch size 2",
)
def _cell(said: Said) -> Iterable[Suspect]:
    """The state has another number of rows than the input of this step."""
    yield "hidden-shape", f"The input has {said['rows']} rows, and the state {said['got']}."
