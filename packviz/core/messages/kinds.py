"""What is raised where something is of another kind than torch takes: lists, strings, ragged rows, PackedSequences."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message, num

PACKS = ("pack_padded_sequence", "pack_sequence", "_pack_padded_sequence")
HUGE = 1 << 40  # bytes: more than any machine that packs


@message(
    "must be tensor, not",
    r"(?P<call>\w{1,60})\(\): argument '\w{1,40}' \(position \d{1,3}\) must be Tensor, not (?P<kind>\w{1,60})",
    "TypeError: _pack_padded_sequence(): argument 'input' (position 1) must be Tensor, not PackedSequence",
)
def _not_tensor(said: Said) -> Iterable[Suspect]:
    """A function that takes tensors was given something else."""
    kind, call = said["kind"], said["call"]
    if kind == "PackedSequence":
        again = " It is packed already." if call in PACKS else ""
        yield "packed-as-tensor", f"{call} was given a PackedSequence, but takes a tensor.{again}"
    elif call in PACKS:
        yield "not-a-tensor", f"pack_padded_sequence was given a {kind} as x, but takes a tensor."


@message(
    "object has no attribute",
    r"'(?P<kind>\w{1,60})' object has no attribute '(?P<name>\w{1,60})'",
    "AttributeError: 'PackedSequence' object has no attribute 'size'",
)
def _attribute(said: Said) -> Iterable[Suspect]:
    """Something is of another kind than the code takes it for."""
    kind, name = said["kind"], said["name"]
    if kind == "PackedSequence":
        yield "packed-as-tensor", f"A PackedSequence has no {name}; its data has: packed.data.{name}."
    elif name == "batch_sizes":
        pair = "the pair (output, state) that a module returns" if kind == "tuple" else "a padded tensor"
        yield "tensor-as-packed", f"pad_packed_sequence was given {pair}, but takes a PackedSequence."
    elif (
        name in ("index_select", "size") and kind in ("tuple", "str", "NoneType") and (said.running or not said.frames)
    ):
        bare = "" if said.running or name == "index_select" else "If a recurrent module raised it: "
        wrong = {"tuple": "hx is a tuple of tensors", "str": "hx is a text"}.get(kind, "One of hx is None")
        yield "hidden-shape", f"{bare}{wrong}. nn.GRU and nn.RNN take one tensor, an nn.LSTM a pair of them."
    elif kind in ("list", "tuple") and (said.inside(*PACKS) or (said.running and name == "dim")):
        yield "not-a-tensor", f"A {kind} was given as the batch, but a tensor is expected."


@message(
    "object cannot be interpreted as an integer",
    r"'(?P<kind>\w{1,60})' object cannot be interpreted as an integer",
    "TypeError: 'str' object cannot be interpreted as an integer",
)
def _no_integer(said: Said) -> Iterable[Suspect]:
    """Whole numbers were expected."""
    if said.inside(*PACKS):
        yield "lengths-not-numbers", f"A length is a {said['kind']}, but whole numbers are expected."


@message(
    "can be converted to an index",
    r"only integer tensors of a single element can be converted to an index",
    "TypeError: only integer tensors of a single element can be converted to an index",
)
def _no_index(said: Said) -> Iterable[Suspect]:
    """A tensor of several numbers stands where one whole number is expected."""
    if said.inside(*PACKS):
        yield "lengths-not-numbers", "lengths is a list whose items are tensors of more than one number, or of floats."


@message(
    "expected sequence of length",
    rf"expected sequence of length {num('want')} at dim {num('dim')} "
    rf"\(got {num('got')}\)",
    "ValueError: expected sequence of length 3 at dim 1 (got 2)",
)
def _ragged(said: Said) -> Iterable[Suspect]:
    """torch.tensor was given lists of several lengths."""
    why = f"A list of {said['got']} stands beside one of {said['want']}, in dimension {said['dim']}."
    if said.inside(*PACKS):
        yield "lengths-shape", f"lengths is a list of lists. {why}"
    yield "ragged-rows", why


@message(
    "stack expects each tensor to be equal size",
    r"stack expects each tensor to be equal size, but got \[(?P<a>[\d, ]{0,80})\] at entry \d{1,9} and "
    r"\[(?P<b>[\d, ]{0,80})\] at entry (?P<at>\d{1,9})",
    "RuntimeError: stack expects each tensor to be equal size, but got [3] at entry 0 and [2] at entry 1",
)
def _stack(said: Said) -> Iterable[Suspect]:
    """torch.stack was given tensors of several shapes; a DataLoader stacks its items."""
    yield "ragged-rows", f"Sequence {said['at']} has shape [{said['b']}], the first [{said['a']}]."


@message(
    "you tried to allocate",
    rf"you tried to allocate {num('size')} bytes",
    "RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 8000000000000000 bytes.",
)
def _memory(said: Said) -> Iterable[Suspect]:
    """torch asked the system for more memory than there is."""
    size = said.n("size")
    if size < HUGE and not said.inside(*PACKS, "pad_packed_sequence"):
        return
    yield (
        "length-exceeds-time",
        f"{size:,} bytes are more than a batch needs: a length may be absurdly large, and batch_sizes has an entry for "
        "each of its steps.",
    )
