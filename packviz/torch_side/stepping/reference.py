"""torch's own module on the same packed batch: what every trace is held against."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.comparing import TOLERANCES
from packviz.core.packing import Packing
from packviz.core.trace import Where
from packviz.torch_side.asking.parts import is_large, run_in_parts
from packviz.torch_side.tensors import to_tensor

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence


def initial_states(
    module: torch.nn.RNNBase, packing: Packing, hx: object | None, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, ...]:
    """h_0, and c_0 for an LSTM, (L · D, n, H) each, in sorted order; () where hx is None: zeros.

    `hx`: as the module takes it, (L · D, n, H) each, or (n, H) where L · D is 1, in the order of the batch. Raises
    BatchError where there are too many or too few of them, or one has another shape.
    """
    import torch

    if hx is None:
        return ()
    names = ("h_0", "c_0") if module.mode == "LSTM" else ("h_0",)
    parts: Sequence[Any] = hx if isinstance(hx, (tuple, list)) else (hx,)
    if len(parts) != len(names):
        raise BatchError(f"hx has {len(parts)} states, but nn.{module.mode[:4]} takes {' and '.join(names)}.")
    order = to_tensor(packing.sorted_indices)
    stacked = module.num_layers * (2 if module.bidirectional else 1)
    widths = (module.proj_size or module.hidden_size, module.hidden_size)
    states = []
    for name, width, part in zip(names, widths, parts, strict=False):
        expected = (stacked, packing.rows, width)
        try:
            state = torch.as_tensor(part).detach()
        except (TypeError, ValueError, RuntimeError):
            raise BatchError(f"{name} is a {type(part).__name__}, but a tensor of {expected} is expected.") from None
        if state.is_meta or state.layout is not torch.strided:
            kind = "on the meta device" if state.is_meta else "sparse"
            raise BatchError(f"{name} is {kind}, but a dense tensor of {expected}, with numbers, is expected.")
        if tuple(state.shape) != expected and (stacked > 1 or tuple(state.shape) != expected[1:]):
            raise BatchError(
                f"{name} has shape {tuple(state.shape)}, but this batch and module need {expected}: "
                "one state a row of the batch, for each layer and direction."
            )
        states.append(state.to(dtype).reshape(expected).cpu().index_select(1, order).to(device))
    return tuple(states)


def _itself(*index: int) -> tuple[int, ...]:
    return index


class Difference:
    """How far a trace is from torch's own run, as far as it has been compared.

    `largest`: the largest absolute difference. `where`: its name and index as torch returns it, ("out", (k, column)) of
    `out.data`, or ("h_n", (slot, row, unit)); None where nothing differs. `agrees`: whether torch.testing.assert_close
    would find all equal: by its tolerances and with torch.isclose, as it does; its own first call imports all of
    torch.distributed, a second's work.

    The same NaN or the same infinity on both sides is no difference; NaN on one side only is an infinite one.
    float16 and bfloat16 are held as float32 here, which loses nothing. Their tolerance is that of assert_close, but
    one eps in absolute terms: torch's own kernels for them (ATen, oneDNN, cuDNN) differ that much from each other.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        import torch

        self.largest, self.agrees = 0.0, True
        self.where: Where | None = None
        self._dtype = dtype
        rtol, atol = TOLERANCES[str(dtype).removeprefix("torch.")]
        half = dtype in (torch.float16, torch.bfloat16)
        self._tolerance = {"rtol": rtol, "atol": torch.finfo(dtype).eps if half else atol}

    def add(self, name: str, theirs: Tensor, ours: NDArray[Any], at: Callable[..., tuple[int, ...]] = _itself) -> None:
        """Compare some more numbers, of the same shape. `at`: the index in the whole, of an index in these."""
        import torch

        expected, mine = theirs.detach().cpu(), to_tensor(ours).to(self._dtype)
        if mine.equal(expected):  # as on the CPU nearly always: nothing more to compute
            return
        self.agrees &= bool(torch.isclose(mine, expected, **self._tolerance, equal_nan=True).all())
        apart = _apart(mine, expected)
        largest = float(apart.max())
        if largest > self.largest:
            index = np.unravel_index(int(apart.argmax()), tuple(apart.shape))
            self.largest, self.where = largest, (name, at(*map(int, index)))


def difference_from(
    module: torch.nn.RNNBase,
    data: Tensor,
    packing: Packing,
    states: Sequence[Tensor],
    outputs: Sequence[NDArray[Any]],
    final: Mapping[str, NDArray[Any]],
    watch: Watch = UNWATCHED,
) -> Difference:
    """How far a run is from what the module makes of data, (N, F), and the initial states, (L · D, n, H) each, in
    sorted order. A large run is made and compared in parts.

    `outputs`: h of the last layer in each direction, (N, H) in packed order. `final`: "h_n" and "c_n", (L · D, n, H).
    Raises Cancelled.
    """
    found = Difference(data.dtype)
    packed, hx = _given(module, data, packing, states)

    def take(cells: slice | NDArray[np.int64], theirs: Tensor) -> None:
        width = outputs[0].shape[1]
        for direction, ours in enumerate(outputs):
            half = theirs[:, direction * width : (direction + 1) * width]
            found.add("out", half, ours[cells], partial(_in_out, cells, direction * width))

    with _exact(data):
        if is_large(module, packed):
            _, ended = run_in_parts(module, packed, *hx, take=take, watch=watch.quiet())
        else:
            out, ended = module(packed, *hx)
            take(slice(None), out.data)
    for name, theirs in zip(("h_n", "c_n"), ended if isinstance(ended, tuple) else (ended,), strict=False):
        found.add(name, theirs, final[name])
    return found


def _in_out(cells: slice | NDArray[np.int64], first: int, cell: int, unit: int) -> tuple[int, ...]:
    """The index in out.data of a unit of one of these cells, in the half whose columns begin at `first`."""
    k = (cells.start or 0) + cell if isinstance(cells, slice) else int(cells[cell])
    return k, first + unit


def _given(
    module: torch.nn.RNNBase, data: Tensor, packing: Packing, states: Sequence[Tensor]
) -> tuple[PackedSequence, tuple[Any, ...]]:
    """What the module is called with: the packed batch, and hx in the order of the batch where there is one."""
    from torch.nn.utils.rnn import PackedSequence

    order = to_tensor(packing.sorted_indices).to(data.device)
    packed = PackedSequence(data, to_tensor(packing.batch_sizes), order)
    unsorted = to_tensor(packing.unsorted_indices).to(data.device)
    hx = tuple(state.index_select(1, unsorted) for state in states)
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


def _apart(ours: Tensor, theirs: Tensor) -> Tensor:
    """The absolute differences; infinite where only one is NaN."""
    difference = (ours.double() - theirs.double()).abs_() if ours.itemsize < 4 else (ours - theirs).abs_()
    difference.masked_fill_((ours == theirs) | (ours.isnan() & theirs.isnan()), 0)
    return difference.nan_to_num_(nan=math.inf, posinf=math.inf)
