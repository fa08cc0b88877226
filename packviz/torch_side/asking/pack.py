"""What packing and unpacking do with a batch, really asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.batch import Batch, BatchError
from packviz.core.carrier import Packed
from packviz.core.packing import Refusal, is_too_long, pack
from packviz.core.quiet import quiet
from packviz.core.texts.python.batch import as_sequences
from packviz.core.texts.wording import abridged
from packviz.core.verdict import Outcome
from packviz.torch_side.asking.asked import Asked, asked, shape
from packviz.torch_side.asking.wire import UNPACK
from packviz.torch_side.devices import device_named
from packviz.torch_side.tensors import lengths_of, to_tensor, x_of

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

MOST_BYTES = 4 * 2**30
"""That unpacking may take, unless the packed data is large itself; a total_length that was mistyped asks for more."""

LARGE = 16 << 20
"""Bytes that unpacking returns from which one feature alone is unpacked: all of them go the same way."""


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
        if batch.order is not None and not call.enforce_sorted:
            return _in_order(given, to_tensor(batch.lengths), to_tensor(batch.order), call.batch_first)
        with quiet():  # of imaginary parts that are dropped: lengths-fractional says so
            return pack_padded_sequence(given, lengths_of(batch), call.batch_first, call.enforce_sorted)

    packing = pack(batch) if is_too_long(batch) else None
    if isinstance(packing, Refusal) and packing.code == "length-exceeds-time":
        return Asked(Outcome("pack_padded_sequence", None, f"not asked: {packing.reason}"), None)
    ragged = as_sequences(batch)
    away = _missing_device(batch)
    if away is not None:
        return Asked(Outcome("pack_padded_sequence", None, f"not asked: there is no {away} here"), None)
    again = ", packed again from the lengths of the PackedSequence" if isinstance(batch.carrier, Packed) else ""

    def words(packed: PackedSequence) -> str:
        return f"returns data {shape(packed.data)}, batch_sizes [{abridged(packed.batch_sizes)}]{again}"

    return asked("pack_sequence" if ragged else "pack_padded_sequence", sequences if ragged else padded, words)


def _missing_device(batch: Batch) -> str | None:
    """The device of the lengths, where this machine has none such; a meta device is everywhere."""
    device = batch.given.device
    if device in ("cpu", "meta"):
        return None
    try:
        device_named(device)
    except BatchError:
        return device
    return None


def ask_unpack(batch: Batch, packed: PackedSequence) -> Asked:
    """What pad_packed_sequence makes of a PackedSequence under the options of the batch; the result is its pair, but
    where that would be LARGE, each feature is a view of the first."""
    from torch.nn.utils.rnn import pad_packed_sequence

    call = batch.call
    steps = max(len(packed.batch_sizes), call.total_length or 0)
    size = int(packed.batch_sizes[0]) * steps * packed.data[0].numel() * packed.data.itemsize
    if size > max(MOST_BYTES, 2 * packed.data.nbytes):
        unpacked = (int(packed.batch_sizes[0]), steps, *packed.data.shape[1:])
        said = f"not asked: what it returns, {unpacked}, would take {size / 2**30:,.0f} GiB"
        return Asked(Outcome(UNPACK, None, said), None)

    whole = size <= LARGE or packed.data.dim() != 2
    given = packed if whole else packed._replace(data=packed.data[:, :1])

    def unpack() -> tuple[Tensor, Tensor]:
        x, lengths = pad_packed_sequence(given, call.batch_first, call.padding_value, call.total_length)
        return x if whole else x.expand(-1, -1, packed.data.shape[1]), lengths

    return asked(UNPACK, unpack, lambda pair: f"returns {shape(pair[0])}, lengths [{abridged(pair[1])}]")


def _in_order(x: Tensor, lengths: Tensor, order: Tensor, batch_first: bool) -> PackedSequence:
    from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

    x = x.index_select(0 if batch_first else 1, order)
    packed = pack_padded_sequence(x, lengths[order], batch_first, enforce_sorted=True)
    return PackedSequence(packed.data, packed.batch_sizes, order)
