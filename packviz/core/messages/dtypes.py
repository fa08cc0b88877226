"""What is raised where numbers are of another dtype than torch takes, or do not fit into it."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message

PACKS = ("pack_padded_sequence", "pack_sequence")
MIXED = "x, h_0, c_0 and the weights are not of one dtype; no word says which of them it is."


@message(
    "dtype",
    r"mat1 and mat2 must have the same dtype(?:, but got (?P<one>\w{1,20}) and (?P<two>\w{1,20}))?"
    r"|rnn input dtype \((?P<x>[\w.]{1,30})\) does not match weight dtype \((?P<weight>[\w.]{1,30})\)"
    r"|input and (?:parameter|hidden) tensors are not the same dtype, found input tensor with (?P<a>\w{1,20}) and "
    r"\w{1,20} tensor with (?P<b>\w{1,20})"
    r"|expected m1 and m2 to have the same dtype, but got: (?P<m1>[\w:<> ]{1,30}) != (?P<m2>[\w:<>]{1,30})",
    "RuntimeError: mat1 and mat2 must have the same dtype, but got Long and Float",
)
def _dtype(said: Said) -> Iterable[Suspect]:
    """x, or hx, and the weights of the module have different dtypes."""
    pairs = (("one", "two"), ("x", "weight"), ("a", "b"), ("m1", "m2"))
    found = next(((said[one], said[two]) for one, two in pairs if said.has(one)), ("", ""))
    yield _other_dtype(*found)


@message(
    "scalar type",
    r"expected (?:object of )?scalar type (?P<two>\w{1,20}) but (?:found|got scalar type) (?P<one>\w{1,20})",
    "RuntimeError: expected scalar type Float but found Double",
)
def _scalar_type(said: Said) -> Iterable[Suspect]:
    """Two tensors that are to work together have different dtypes."""
    yield _other_dtype(said["one"], said["two"])


def _other_dtype(given: str, wanted: str) -> Suspect:
    if not given:
        return "module-dtype", "x, or hx, has another dtype than the weights of the module."
    one, two = (name.removeprefix("torch.").removeprefix("c10::") for name in (given, wanted))
    why = f"x, or hx, is {one}, and the weights of the module are {two}."
    if one.lower() in ("long", "int", "int64", "int32", "short", "byte", "long int"):
        why += " Whole numbers are token ids, mostly: was the nn.Embedding left out?"
    return "module-dtype", why


@message(
    "get_mkldnn_dtype",
    r"get_mkldnn_dtype: unsupported data type",
    "RuntimeError: get_mkldnn_dtype: unsupported data type",
)
def _mkldnn(said: Said) -> Iterable[Suspect]:
    """The library that runs an nn.LSTM on the CPU, oneDNN, has no such numbers."""
    yield "module-dtype", MIXED


@message(
    "itensor_view_from_dense",
    r"itensor_view_from_dense expects float",
    "RuntimeError: itensor_view_from_dense expects float, bfloat16 or half tensor input",
)
def _dense(said: Said) -> Iterable[Suspect]:
    """The library that runs an nn.LSTM on the CPU, oneDNN, has no such numbers."""
    yield "module-dtype", MIXED


@message(
    "create a primitive descriptor for the",
    r"could not create a primitive descriptor for the (?:LSTM|GRU|RNN|vanilla rnn)",
    "RuntimeError: could not create a primitive descriptor for the LSTM forward propagation primitive.",
)
def _primitive(said: Said) -> Iterable[Suspect]:
    """The library that runs an nn.LSTM on the CPU, oneDNN, can't do it for these dtypes together."""
    yield "module-dtype", MIXED


@message(
    "without overflow",
    r"value cannot be converted to type (?P<kind>[\w:]{1,20}) without overflow",
    "RuntimeError: value cannot be converted to type int64_t without overflow",
)
def _overflow(said: Said) -> Iterable[Suspect]:
    """A number is too large for the dtype that is to hold it, or is NaN or infinite, which no whole numbers are."""
    kind = said["kind"].rpartition(":")[2].removesuffix("_t")
    value = "padding-value-too-large", f"pad_packed_sequence is to fill a tensor of {kind} with padding_value."
    if said.inside("pad_packed_sequence", "pad_sequence"):
        yield value
    elif said.inside(*PACKS):
        yield "length-not-finite", "A length is NaN or infinite."
    elif not said.frames:
        finite = "length-not-finite", "If it comes from pack_padded_sequence: a length is NaN or infinite."
        yield from (finite, value) if said["kind"] == "int64" else (value, finite)
