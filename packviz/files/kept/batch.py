"""A batch as it stands, with its module and the numbers of its initial state, to bytes and back, bit for bit.

x, lengths and whatever else is an array are the tensors of a safetensors file; all that is none is one JSON object
under "packviz" in its metadata.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.carrier import Carrier, Packed, PackedFields, Padded, Sequences
from packviz.core.cells.companions import companion
from packviz.core.lengths import Filed, Lengths, Origin
from packviz.core.module import Module
from packviz.core.noted import NotedCall, noted_from
from packviz.core.packed import contradictions, is_permutation
from packviz.core.source import Change, Source
from packviz.core.texts.quoting import cut
from packviz.core.whole import Whole
from packviz.files.kept.arrays import NamedArrays, arrays_bytes
from packviz.files.kept.facts import Facts, flag, one_of, only_known, text, whole
from packviz.files.kept.module import module_facts, module_of
from packviz.files.stream import Stream

_FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")

Arrays = dict[str, NDArray[Any]]


def batch_bytes(
    batch: Batch,
    module: Module | None = None,
    hx: Sequence[NDArray[Any]] | None = None,
    *,
    call: NotedCall | None = None,
    more: Mapping[str, Any] | None = None,
    x: bool = True,
) -> bytes:
    """All of it, as in `Whole`, as one safetensors file. `hx`: unless given, the numbers that the module has. `more`:
    what is JSON. `x`: False leaves x itself out, which then lies elsewhere. Raises BatchError where an array holds
    numbers that the format has no name for."""
    arrays: Arrays = {}
    if hx is None:
        hx = () if module is None or module.numbers is None else module.numbers.arrays
    facts: Facts = {"batch": _batch_facts(batch, arrays), "hx": len(hx), "more": dict(more or {})}
    if not x:
        del arrays["x"]
    if module is not None:
        facts["module"] = module_facts(module, arrays)
    if call is not None:
        facts["call"] = call.to_dict()
    arrays |= {f"hx.{place}": np.asarray(part) for place, part in enumerate(hx)}
    return arrays_bytes(arrays, facts)


def read_batch(data: bytes | Stream, x: NDArray[Any] | None = None) -> Whole:
    """What `batch_bytes` wrote; `x`: where it was left out. Raises BatchError where the bytes are no such file, or
    contradict themselves."""
    with only_known("no batch that packviz wrote"):
        arrays = NamedArrays(data, None if x is None else {"x": x})
        facts = arrays.facts
        batch = _batch_of(facts["batch"], arrays)
        module = module_of(facts["module"], arrays) if "module" in facts else None
        hx = tuple(arrays(f"hx.{place}") for place in range(whole(facts["hx"], 2)))
        call = noted_from(facts["call"]) if "call" in facts else None
        return Whole(batch, module, hx, call, dict(facts["more"]))


def call_in(data: bytes) -> NotedCall:
    """The call whose batch was written, without its numbers. Raises BatchError where there is none."""
    with only_known("a batch without the call that it is of"):
        return noted_from(NamedArrays(data).facts["call"])


def _batch_facts(batch: Batch, arrays: Arrays) -> Facts:
    given, carrier = batch.given, batch.carrier
    arrays["x"] = batch.x
    arrays["lengths"] = given.array
    same = given.read.size == given.array.size and given.read.dtype == given.array.dtype
    if not (same and np.array_equal(given.read, given.array.reshape(-1), equal_nan=given.read.dtype.kind in "fc")):
        arrays["lengths.read"] = given.read
    if given.filed is not None:
        arrays["lengths.filed"] = given.filed.lengths
    if batch.mask is not None:
        arrays["mask"] = batch.mask
    if isinstance(carrier, Packed):
        arrays |= {} if carrier.order is None else {"order": carrier.order}
        parts = {name: getattr(carrier.fields, name) for name in _FIELDS} if carrier.fields else {}
        arrays |= {f"packed.{name}": part for name, part in parts.items() if part is not None}
    arrays |= {f"beside.{place}": one.array for place, one in enumerate(batch.beside)}
    return {
        "call": _call_facts(batch.call),
        "source": asdict(batch.source),
        "dtype": batch.dtype,
        "carrier": {Padded: "padded", Sequences: "sequences", Packed: "packed"}[type(carrier)],
        "lengths": {
            "device": given.device,
            "listed": given.listed,
            "origin": given.origin,
            "filed": None
            if given.filed is None
            else {"origin": given.filed.origin, "options": _options(dict(given.filed.options))},
        },
        "mask_inverted": batch.mask_inverted,
        "mask_steps": batch.mask_steps,
        "read_as": list(batch.read_as),
        "beside": [one.name for one in batch.beside],
    }


def _batch_of(facts: Facts, arrays: NamedArrays) -> Batch:
    x, beside = arrays("x"), []
    for place, name in enumerate(facts["beside"]):
        known = companion(text(name), arrays(f"beside.{place}"))
        if known is None:
            raise BatchError(f"it is damaged: {cut(name, 40)!r} is nothing that stands beside x.")
        beside.append(known)
    mask, steps = arrays.maybe("mask"), facts["mask_steps"]
    batch = make_batch(
        x,
        _lengths_of(facts["lengths"], arrays),
        _call_of(facts["call"]),
        source=_source_of(facts["source"]),
        dtype=text(facts["dtype"]),
        mask=mask,
    )
    if mask is not None and (mask.dtype.kind != "b" or mask.shape != x.shape[: mask.ndim] or mask.ndim != 2):
        raise BatchError(f"it is damaged: its mask of shape {mask.shape} is none of x of shape {x.shape}.")
    return replace(
        batch,
        carrier=_carrier_of(facts["carrier"], batch, arrays),
        mask_inverted=flag(facts["mask_inverted"]),
        mask_steps=None if steps is None else whole(steps),
        read_as=tuple(map(text, facts["read_as"])),
        beside=tuple(beside),
    )


def _lengths_of(facts: Facts, arrays: NamedArrays) -> Lengths:
    array, filed = arrays("lengths"), facts["filed"]
    read = arrays.maybe("lengths.read")
    if read is not None and read.ndim != 1:
        raise BatchError(f"it is damaged: lengths.read has shape {read.shape}, but is a vector.")
    return Lengths(
        array,
        frozen(array.reshape(-1)) if read is None else read,
        text(facts["device"]),
        flag(facts["listed"]),
        one_of(Origin, facts["origin"]),
        None if filed is None else _filed_of(filed, arrays("lengths.filed")),
    )


def _filed_of(facts: Facts, lengths: NDArray[Any]) -> Filed:
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise BatchError("it is damaged: lengths.filed holds no whole numbers, one a row.")
    known = asdict(_call_of({**_call_facts(Call()), **facts["options"]}))
    options = tuple((name, known[name]) for name in facts["options"])
    return Filed(lengths, one_of(Origin, facts["origin"]), options)


def _carrier_of(kind: str, batch: Batch, arrays: NamedArrays) -> Carrier:
    """What the batch came as. Raises BatchError where that contradicts its x and lengths."""
    if kind == "padded":
        return Padded()
    known = batch.given.is_vector and len(batch.given) == batch.rows and batch.x.ndim >= 2
    counts = batch.counts
    if kind not in ("sequences", "packed"):
        raise BatchError(f"it is damaged: its batch came as {cut(kind, 20)!r}.")
    if not known or (len(counts) and not 0 <= counts.min() <= counts.max() <= batch.steps):
        raise BatchError(f"it is damaged: {kind} have lengths within their {batch.steps} steps, one a row.")
    if kind == "sequences":
        return Sequences()
    order, data = arrays.maybe("order"), arrays.maybe("packed.data")
    packed = None
    if data is not None:
        packed = PackedFields(data, arrays("packed.batch_sizes"), *(arrays.maybe(f"packed.{n}") for n in _FIELDS[2:]))
        if not contradictions(packed):
            raise BatchError("it is damaged: the fields of its PackedSequence are said to contradict themselves.")
    if order is not None and (len(order) != batch.rows or not is_permutation(order)):
        raise BatchError(f"it is damaged: its order is no permutation of {batch.rows} rows.")
    return Packed(order, packed)


def _source_of(facts: Facts) -> Source:
    texts = {name: None if facts[name] is None else text(facts[name]) for name in ("entry", "tensor", "axes")}
    changes = tuple(one_of(Change, change) for change in facts["changes"])
    return Source(text(facts["name"]), flag(facts["sample"]), changes=changes, **texts)


def _call_facts(call: Call) -> Facts:
    return _options(asdict(call))


def _options(options: Facts) -> Facts:
    """The options of a call as JSON, which has no infinities and no NaN: these as text."""
    return {name: str(n) if isinstance(n, float) and not math.isfinite(n) else n for name, n in options.items()}


def _call_of(facts: Facts) -> Call:
    value, total = facts["padding_value"], facts["total_length"]
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"padding_value is {type(value).__name__}")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise ValueError("padding_value has more than 64 bits")
    if total is not None and (type(total) is not int or not -(2**63) <= total < 2**63):
        raise TypeError(f"total_length is no whole number of 64 bits, but {cut(str(total), 40)}")
    return Call(flag(facts["batch_first"]), flag(facts["enforce_sorted"]), value, total)
