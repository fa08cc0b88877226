"""What is raised where packing leaves plain Python on one processor: exports, compilers, several or other devices."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message


@message(
    "cannot export individual pack_padded_sequence",
    r"cannot export individual pack_padded_sequence or pad_packed_sequence; these operations must occur in pairs",
    "RuntimeError: ONNX export failed: Cannot export individual pack_padded_sequence or pad_packed_sequence; these "
    "operations must occur in pairs.",
)
def _pairs(said: Said) -> Iterable[Suspect]:
    """ONNX has no PackedSequence: packing and unpacking go away together, around a recurrent module, or not at all."""
    yield (
        "export-pairs",
        "The exported module packs and does not unpack, or the other way round, or does something else than a "
        "recurrent "
        "module in between.",
    )


@message(
    "scatterelements",
    r"(?:running )?ScatterElements(?: node)?\b",
    "Non-zero status code returned while running ScatterElements node. Status Message: indices element out of data "
    "bounds, idx=2 must be within the inclusive range [-2,1]",
)
def _scatter(said: Said) -> Iterable[Suspect]:
    """An exported model puts rows into another order, by ScatterElements, and there are fewer than it was made for."""
    yield (
        "export-fixed",
        "enforce_sorted=False sorts the rows, and its order was written down for the number of rows at the export.",
    )
    yield "lengths-count", "Or there are more lengths than rows."


@message(
    "`pack_padded_sequence` in file",
    r"the function `(?:pack_padded_sequence|pad_packed_sequence|pack_sequence)` in file",
    "torch._dynamo.exc.Unsupported: Attempted to call function marked as skipped\n  Explanation: Dynamo developers "
    "have "
    "intentionally marked that the function `pack_padded_sequence` in file `rnn.py` should not be traced.",
)
@message(
    "attempted to wrap rnn, gru, or lstm",
    r"attempted to wrap RNN, GRU, or LSTM",
    "torch._dynamo.exc.Unsupported: Attempted to wrap RNN, GRU, or LSTM",
)
@message(
    "graph breaks on rnn",
    r"purposely graph breaks on RNN, GRU, LSTMs?",
    "torch._dynamo.exc.Unsupported: TorchDynamo purposely graph breaks on RNN, GRU, LSTMs",
)
def _compiled(said: Said) -> Iterable[Suspect]:
    """torch.compile does not look into packing, nor, by default, into recurrent modules: it runs them as they are."""
    yield "compile-break", "fullgraph=True allows no such break; without it the rest is compiled around them."


@message(
    "for argument 'lengths' but instead found type",
    r"expected a value of type '[\w\[\], ]{1,60}' for argument 'lengths' but instead found type "
    r"'(?P<kind>[\w\[\], ]{1,60})'",
    "RuntimeError: Expected a value of type 'Union[Tensor, List[int]]' for argument 'lengths' but instead found type "
    "'list'.",
)
def _scripted(said: Said) -> Iterable[Suspect]:
    """TorchScript checks the types that are written down, before anything runs."""
    yield "script-lengths", f"lengths is a {said['kind']} there, by its annotation or by what it is made of."


@message(
    "not part of single contiguous chunk of memory",
    r"RNN module weights are not part of single contiguous chunk of memory",
    "UserWarning: RNN module weights are not part of single contiguous chunk of memory. This means they need to be "
    "compacted at every call, possibly greatly increasing memory usage. To compact weights again call "
    "flatten_parameters().",
)
def _weights_apart(said: Said) -> Iterable[Suspect]:
    """cuDNN wants all weights in one piece, and copies them at every call where they are not: it is slow, not wrong."""
    yield "weights-apart", "nn.DataParallel, a deep copy or a loaded state leaves each weight in a place of its own."


@message(
    "device type for generator but found",
    r"expected a '?(?P<want>\w{1,20})'? device type for generator but found '?(?P<got>\w{1,20})'?",
    "RuntimeError: Expected a 'cuda' device type for generator but found 'cpu'",
)
@message(
    "expected object of backend cpu but got backend cuda",
    r"expected object of backend CPU but got backend CUDA",
    "RuntimeError: Expected object of backend CPU but got backend CUDA for argument #2 'lengths'",
)
def _default(said: Said) -> Iterable[Suspect]:
    """Something was made on the GPU that torch wants on the CPU, or the other way round."""
    yield "default-device", "set_default_tensor_type or set_default_device says that new tensors lie on the GPU."
    yield "lengths-device", "Where it is the lengths: torch takes them on the CPU only."


@message(
    "is not currently implemented for the mps device",
    r"the operator '(?P<name>aten::\w{1,60})(?:\.\w{1,30})?' is not currently implemented for the MPS device",
    "NotImplementedError: The operator 'aten::_pack_padded_sequence' is not currently implemented for the MPS device.",
)
def _mps(said: Said) -> Iterable[Suspect]:
    """This version of torch has no such operation on the GPU of a Mac."""
    if "pack" in said["name"] or any(kind in said["name"] for kind in ("lstm", "gru", "rnn")) or said.running:
        yield "mps-missing", f"{said['name']} is what packing, unpacking or the recurrent module calls."


@message(
    "with projections is not currently supported with mps",
    r"LSTM with projections is not currently supported with MPS",
    "RuntimeError: LSTM with projections is not currently supported with MPS.",
)
def _mps_projection(said: Said) -> Iterable[Suspect]:
    """nn.LSTM with proj_size does not run on the GPU of a Mac."""
    yield "mps-missing", "proj_size is not 0."


@message(
    "placeholder storage has not been allocated on mps",
    r"placeholder storage has not been allocated on MPS device",
    "RuntimeError: Placeholder storage has not been allocated on MPS device!",
)
def _mps_placeholder(said: Said) -> Iterable[Suspect]:
    """The module lies on the GPU of a Mac, and something that it is given does not."""
    yield "other-device", "x or hx lies on the CPU, and the module on mps. The lengths stay on the CPU."
