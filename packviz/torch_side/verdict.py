"""What the installed torch does with this call: pack, run and unpack, really asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError
from packviz.core.findings import Outcome, Verdict
from packviz.core.model import ModelSpec
from packviz.core.packing import Refusal, is_too_long, pack
from packviz.core.snippet import as_sequences
from packviz.core.wording import abridged
from packviz.torch_side.devices import device_named
from packviz.torch_side.inputs import Prepared, prepare
from packviz.torch_side.module import build, call_name
from packviz.torch_side.seed import generator_at
from packviz.torch_side.tensors import lengths_of, to_array, to_tensor, x_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

"""Numbers of a list that are shown; of longer ones the middle is left out."""

MOST_BYTES = 4 * 2**30
"""That unpacking may take, unless the packed data is large itself; a total_length that was mistyped asks for more."""

UNPACK = "pad_packed_sequence"


class Asked(NamedTuple):
    """What one call did, in words, and what it returned (None where it raised)."""

    outcome: Outcome
    result: Any

    @property
    def sorted_indices(self) -> NDArray[np.int64] | None:
        """`sorted_indices` of the packed batch, (n,) int64; None where torch sorts nothing, or packing raised."""
        order = getattr(self.result, "sorted_indices", None)
        return None if order is None else to_array(order)


def ask(batch: Batch, spec: ModelSpec, *, module: torch.nn.Module | None = None, hx: object | None = None) -> Verdict:
    """What torch does with this batch, this call and the module of `spec`, or with the user's own `module`.

    x goes through pack_padded_sequence as it was given (pack_sequence for a ragged list), and through the module of
    `spec` as `spec.inputs` prepares it; through the user's own module as it was given. `hx`: as the module takes
    it, in the order of the batch. Whatever torch raises is an outcome; nothing is raised from here.
    """
    import torch

    name = f"nn.{spec.cell}" if module is None else call_name(module)
    with torch.no_grad():
        packed = ask_pack(batch)
    if packed.result is None:
        missed = f"not reached: {packed.outcome.call} {'was not asked' if packed.outcome.ok is None else 'raised'}"
        return Verdict(torch.__version__, packed.outcome, Outcome(name, None, missed), Outcome(UNPACK, None, missed))
    run = _ask_run(batch, spec, packed.result, hx) if module is None else _ask_module(module, packed.result, hx, name)
    with torch.no_grad():
        # Where the run raised, unpacking is asked of the packed batch itself: it has words of its own for a bad one.
        unpack = ask_unpack(batch, packed.result if run.result is None else run.result).outcome
    return Verdict(torch.__version__, packed.outcome, run.outcome, unpack)


def ask_pack(batch: Batch, x: Tensor | None = None) -> Asked:
    """What packing does; the result is a PackedSequence. `x`: packed in place of the batch's own, in its layout.

    Lengths go to torch in the dtype they have. A batch that came as a PackedSequence is packed again from its
    own lengths and its own order.
    """
    from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

    call = batch.call

    def sequences() -> PackedSequence:
        given = x_of(batch) if x is None else x
        grid = given if call.batch_first else given.transpose(0, 1)
        return pack_sequence([grid[row, :n] for row, n in enumerate(batch.counts.tolist())], call.enforce_sorted)

    def padded() -> PackedSequence:
        given = x_of(batch) if x is None else x
        if batch.kind == "packed" and batch.order is not None and not call.enforce_sorted:
            return _in_order(given, lengths_of(batch), to_tensor(batch.order), call.batch_first)
        return pack_padded_sequence(given, lengths_of(batch), call.batch_first, call.enforce_sorted)

    packing = pack(batch) if is_too_long(batch) else None
    if isinstance(packing, Refusal) and packing.code == "length-exceeds-time":
        return Asked(Outcome("pack_padded_sequence", None, f"not asked: {packing.reason}"), None)
    ragged = as_sequences(batch)
    again = ", packed again from the lengths of the PackedSequence" if batch.kind == "packed" else ""

    def words(packed: PackedSequence) -> str:
        return f"returns data {_shape(packed.data)}, batch_sizes [{abridged(packed.batch_sizes)}]{again}"

    return _asked("pack_sequence" if ragged else "pack_padded_sequence", sequences if ragged else padded, words)


def ask_unpack(batch: Batch, packed: PackedSequence) -> Asked:
    """What pad_packed_sequence makes of a PackedSequence under the options of the batch; the result is its pair."""
    from torch.nn.utils.rnn import pad_packed_sequence

    call = batch.call
    steps = max(len(packed.batch_sizes), call.total_length or 0)
    size = int(packed.batch_sizes[0]) * steps * packed.data[0].numel() * packed.data.itemsize
    if size > max(MOST_BYTES, 2 * packed.data.nbytes):
        unpacked = (int(packed.batch_sizes[0]), steps, *packed.data.shape[1:])
        said = f"not asked: what it returns, {unpacked}, would take {size / 2**30:,.0f} GiB"
        return Asked(Outcome(UNPACK, None, said), None)

    def unpack() -> tuple[Tensor, Tensor]:
        return pad_packed_sequence(packed, call.batch_first, call.padding_value, call.total_length)

    return _asked(UNPACK, unpack, lambda pair: f"returns {_shape(pair[0])}, lengths [{abridged(pair[1])}]")


def _ask_run(batch: Batch, spec: ModelSpec, packed: PackedSequence, hx: object | None) -> Asked:
    name = f"nn.{spec.cell}"
    try:
        device, prepared = device_named(spec.device), prepare(batch, spec)
        module = build(spec, prepared.input_size, prepared.dtype, drawn=prepared.drawn)
        module = module.to(device)
        ready = _moved(_repacked(batch, prepared, packed), device)
    except (BatchError, TypeError, RuntimeError) as error:
        said = str(error) if isinstance(error, BatchError) else _raised(error)
        return Asked(Outcome(name, None, f"not asked: {said}"), None)
    return _ask_module(module, ready, hx, name)


def _repacked(batch: Batch, prepared: Prepared, packed: PackedSequence) -> PackedSequence:
    """The packed batch with the prepared x; the same object where x was taken as it is."""
    plan = prepared.plan
    if plan.ids is None and plan.cast is None and not plan.unsqueeze and not plan.flatten:
        return packed
    again = ask_pack(batch, prepared.x)
    if again.result is None:
        raise BatchError(again.outcome.text)
    result: PackedSequence = again.result
    return result


def _ask_module(module: torch.nn.Module, packed: PackedSequence, hx: object | None, name: str) -> Asked:
    import torch

    parameter = next(module.parameters(), None)

    def run() -> Any:
        ready = packed if parameter is None else _moved(packed, parameter.device)
        return module(ready) if hx is None else module(ready, states_of(hx, ready.data.device))

    with torch.no_grad(), generator_at(None):
        asked = _asked(name, run, _run_words)
    out = asked.result[0] if isinstance(asked.result, tuple) and asked.result else asked.result
    return Asked(asked.outcome, out if hasattr(out, "batch_sizes") else None)


def _moved(packed: PackedSequence, device: torch.device) -> PackedSequence:
    return packed.to(device)  # type: ignore[arg-type, no-any-return, unused-ignore]  # torch's overloads know dtypes only


def states_of(hx: object, device: torch.device) -> Any:
    """hx as a module takes it: a tensor, or a pair of them for an LSTM, from tensors, arrays or lists."""
    import torch

    if isinstance(hx, (tuple, list)) and hx and not isinstance(hx[0], (int, float)):
        return tuple(torch.as_tensor(part, device=device) for part in hx)
    return torch.as_tensor(hx, device=device)


def _in_order(x: Tensor, lengths: Tensor, order: Tensor, batch_first: bool) -> PackedSequence:
    from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

    x = x.index_select(0 if batch_first else 1, order)
    packed = pack_padded_sequence(x, lengths[order], batch_first, enforce_sorted=True)
    return PackedSequence(packed.data, packed.batch_sizes, order)


def _asked(call: str, ask: Callable[[], Any], words: Callable[[Any], str]) -> Asked:
    try:
        result = ask()
    except Exception as error:  # whatever torch raises is the answer
        return Asked(Outcome(call, False, _raised(error)), None)
    return Asked(Outcome(call, True, words(result)), result)


def _raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip()


def _run_words(result: Any) -> str:
    out, *rest = result if isinstance(result, tuple) and not hasattr(result, "batch_sizes") else (result,)
    states = rest[0] if rest and isinstance(rest[0], tuple) else rest
    words = [f"out {_shape(getattr(out, 'data', out))}"]
    words += [f"{name} {_shape(state)}" for name, state in zip(("h_n", "c_n"), states, strict=False)]
    return f"returns {', '.join(words)}"


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if hasattr(value, "shape") else type(value).__name__
