"""torch's own module on the same packed batch: what every trace is held against."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.packing import Packing
from packviz.torch_side.asking.parts import is_large, run_in_parts
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

    Reference = dict[str, Tensor]


def initial_states(
    module: torch.nn.RNNBase, packing: Packing, hx: object | None, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, ...]:
    """The state(s) before the first step, (n, H) each, in sorted order; () where hx is None: zeros.

    `hx`: as the module takes it, (1, n, H) or (n, H) each, in the order of the batch. Raises BatchError where
    there are too many or too few of them, or one has another shape.
    """
    import torch

    if hx is None:
        return ()
    names = ("h_0", "c_0") if module.mode == "LSTM" else ("h_0",)
    parts: Sequence[Any] = hx if isinstance(hx, (tuple, list)) else (hx,)
    if len(parts) != len(names):
        raise BatchError(f"hx has {len(parts)} states, but nn.{module.mode[:4]} takes {' and '.join(names)}.")
    order = to_tensor(packing.sorted_indices)
    expected = (packing.rows, module.hidden_size)
    states = []
    for name, part in zip(names, parts, strict=True):
        try:
            state = torch.as_tensor(part).detach()
        except (TypeError, ValueError, RuntimeError):
            raise BatchError(
                f"{name} is a {type(part).__name__}, but a tensor of {(1, *expected)} is expected."
            ) from None
        if state.is_meta or state.layout is not torch.strided:
            kind = "on the meta device" if state.is_meta else "sparse"
            raise BatchError(f"{name} is {kind}, but a dense tensor of {(1, *expected)}, with numbers, is expected.")
        if tuple(state.shape) not in (expected, (1, *expected)):
            raise BatchError(
                f"{name} has shape {tuple(state.shape)}, but this batch and module need {(1, *expected)}: "
                "one state a row of the batch."
            )
        states.append(state.to(dtype).reshape(expected).cpu().index_select(0, order).to(device))
    return tuple(states)


class Difference:
    """How far a trace is from torch's own run, as far as it has been compared: the `largest` absolute difference, and
    whether it `agrees`, as `compare` says."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.largest, self.agrees, self._dtype = 0.0, True, dtype

    def add(self, theirs: Tensor, ours: NDArray[Any]) -> None:
        """Compare some more numbers, of the same shape."""
        largest, agrees = compare({"out": theirs}, ours, {}, self._dtype)
        self.largest, self.agrees = max(self.largest, largest), self.agrees and agrees


def difference_from(
    module: torch.nn.RNNBase,
    data: Tensor,
    packing: Packing,
    states: Sequence[Tensor],
    out: NDArray[Any],
    final: Mapping[str, NDArray[Any]],
    watch: Watch = UNWATCHED,
) -> Difference:
    """How far `out`, (N, H) in packed order, and `final`, "h_n" and "c_n", (1, n, H), are from what the module makes of
    data, (N, F), and the initial states, (n, H) each, in sorted order. A large run is made and compared in parts.

    Raises Cancelled.
    """
    found = Difference(data.dtype)
    packed, hx = _given(module, data, packing, states)
    if not is_large(module, packed):
        reference = run_reference(module, data, packing, states)
        found.largest, found.agrees = compare(reference, out, final, data.dtype)
        return found

    def take(cells: slice | NDArray[np.int64], theirs: Tensor) -> None:
        found.add(theirs, out[cells])

    with _exact(data):
        _, ended = run_in_parts(module, packed, *hx, take=take, watch=Watch(cancelled=watch.cancelled))
    for name, theirs in zip(("h_n", "c_n"), ended if isinstance(ended, tuple) else (ended,), strict=False):
        found.add(theirs, final[name])
    return found


def run_reference(module: torch.nn.RNNBase, data: Tensor, packing: Packing, states: Sequence[Tensor]) -> Reference:
    """What the module itself makes of data, (N, F), from the same initial states, (n, H) each, in sorted order.

    "out": (N, H) in packed order; "h_n" and, for an LSTM, "c_n": (1, n, H) in the order of the batch.
    """
    packed, given = _given(module, data, packing, states)
    with _exact(data):
        out, final = module(packed, *given)
    h_n, *more = final if isinstance(final, tuple) else (final,)
    return {"out": out.data, "h_n": h_n, **({"c_n": more[0]} if more else {})}


def _given(
    module: torch.nn.RNNBase, data: Tensor, packing: Packing, states: Sequence[Tensor]
) -> tuple[PackedSequence, tuple[Any, ...]]:
    """What the module is called with: the packed batch, and hx in the order of the batch where there is one."""
    from torch.nn.utils.rnn import PackedSequence

    order = to_tensor(packing.sorted_indices).to(data.device)
    packed = PackedSequence(data, to_tensor(packing.batch_sizes), order)
    unsorted = to_tensor(packing.unsorted_indices).to(data.device)
    hx = tuple(state.index_select(0, unsorted)[None] for state in states)
    return packed, () if not hx else (hx,) if module.mode == "LSTM" else hx


@contextmanager
def _exact(data: Tensor) -> Iterator[None]:
    """On CUDA, float32 is multiplied as float32 inside: cuDNN's TensorFloat-32, which torch allows by default, rounds
    to three digits."""
    import torch

    cudnn = torch.backends.cudnn
    if data.device.type != "cuda":
        yield
        return
    with cudnn.flags(enabled=cudnn.enabled, deterministic=cudnn.deterministic, allow_tf32=False):
        yield


def compare(
    reference: Reference, out: NDArray[Any], final: Mapping[str, NDArray[Any]], dtype: torch.dtype
) -> tuple[float, bool]:
    """The largest absolute difference from the reference, and whether torch.testing.assert_close finds them equal.

    The same NaN or the same infinity on both sides is no difference; NaN on one side only is an infinite one.
    float16 and bfloat16 are held as float32 here, which loses nothing. Their tolerance is that of assert_close, but
    one eps in absolute terms: torch's own kernels for them (ATen, oneDNN, cuDNN) differ that much from each other.
    """
    import torch

    rtol, atol = {
        torch.float16: (1e-3, torch.finfo(torch.float16).eps),
        torch.bfloat16: (1.6e-2, torch.finfo(torch.bfloat16).eps),
    }.get(dtype, (None, None))

    largest, agrees = 0.0, True
    for name, expected in reference.items():
        theirs = expected.detach().cpu()
        ours = to_tensor(out if name == "out" else final[name]).to(dtype)
        if ours.equal(theirs):  # as on the CPU nearly always: nothing more to compute
            continue
        try:
            torch.testing.assert_close(ours, theirs, rtol=rtol, atol=atol, equal_nan=True)
        except AssertionError:
            agrees = False
        largest = max(largest, _largest(ours, theirs))
    return largest, agrees


def _largest(ours: Tensor, theirs: Tensor) -> float:
    difference = (ours.double() - theirs.double()).abs_() if ours.itemsize < 4 else (ours - theirs).abs_()
    difference.masked_fill_((ours == theirs) | (ours.isnan() & theirs.isnan()), 0)
    return float(difference.nan_to_num_(nan=math.inf, posinf=math.inf).max())
