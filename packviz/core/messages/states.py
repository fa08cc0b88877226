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
