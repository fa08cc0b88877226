"""Hostile files: real ones of every kind, with bits turned, bytes cut, put in or moved, and headers that lie."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache

import numpy as np

SUFFIXES = (".npy", ".npz", ".pt", ".safetensors", ".json", ".jsonl", ".csv", ".txt")
X = np.arange(12, dtype=np.float32).reshape(3, 4)
LENGTHS = np.array([4, 2, 3])


@cache
def seeds() -> dict[str, tuple[bytes, ...]]:
    """Some files of each suffix that are right."""
    import torch
    from safetensors.torch import save

    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(X), LENGTHS, True, False)
    x, lengths = torch.tensor(X), torch.tensor(LENGTHS)
    saved: tuple[object, ...] = (
        (x, lengths),
        {"x": x.half(), "lengths": lengths, "batch_first": True},
        [x.long(), x[0].long()],
        packed,
        [{"x": x, "lengths": lengths}, {"x": x[:2], "lengths": lengths[:2]}],
        torch.zeros(1).expand(5, 5),
        torch.nn.LSTM(1, 2).state_dict(),
        x.to_sparse(),
    )
    named = {"x": X.tolist(), "lengths": LENGTHS.tolist(), "batch_first": True}
    return {
        ".npy": (_npy(X), _npy(X.astype(">i2")), _npy(np.asfortranarray(X)), _npy(np.zeros((0, 3))), _npy(X > 2)),
        ".npz": (
            _npz(x=X, lengths=LENGTHS),
            _npz(X, LENGTHS),
            _npz(x_0=X, x_1=X, lengths_0=LENGTHS),
            _npz(mask=X > 1, x=X),
        ),
        ".pt": tuple(map(_pt, saved)),
        ".safetensors": (save(torch.nn.LSTM(1, 2).state_dict()), save({"x": x})),
        ".json": (json.dumps(named).encode(), json.dumps([named, named]).encode(), json.dumps(X.tolist()).encode()),
        ".jsonl": (b"\n".join([json.dumps(named).encode()] * 3),),
        ".csv": (b"1,2,3\n4,5,\n", b"length,a,b\n2,1,2\n1,3,\n", b"a;b\n1,5;2\n"),
        ".txt": (b"x = tensor([[1, 2], [3, 0]])\nlengths = tensor([2, 1])\n",),
    }


def file(random: random.Random) -> tuple[str, bytes]:
    """A suffix and the bytes of one hostile file; the same for the same state of `random`."""
    suffix = random.choice(SUFFIXES)
    data = random.choice(seeds()[suffix])
    for _ in range(random.randint(1, 3)):
        data = random.choice(CHANGES)(data, random)
    return (random.choice(SUFFIXES) if random.random() < 0.05 else suffix), data


def _flip(data: bytes, random: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        if made:
            made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def _cut(data: bytes, random: random.Random) -> bytes:
    a, b = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    return random.choice((data[:a], data[b:], data[:a] + data[b:]))


def _put(data: bytes, random: random.Random) -> bytes:
    at = random.randint(0, len(data))
    more = random.choice((b"\0", b"\xff" * 9, data[:40], b"(", b"9" * 30, random.randbytes(6)))
    return data[:at] + more + data[at:]


def _number(data: bytes, random: random.Random) -> bytes:
    """A number of some bytes in the place of another: a size, an offset, a count."""
    if len(data) < 9:
        return data
    size = random.choice((1, 2, 4, 8))
    at = random.randrange(len(data) - size)
    value = random.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1, random.getrandbits(64)))
    return data[:at] + struct.pack("<Q", value)[:size] + data[at + size :]


def _word(data: bytes, random: random.Random) -> bytes:
    """Other words in a header."""
    words = {
        b"(3, 4)": (b"(3,-4)", b"(True,4)", b"(9**99,)", b"(3, 4, 9223372036854775807)", b"3", b"()", b"(" * 90),
        b"<f4": (b"O", b"<U3", b"i4,,", b"<f16", b"V0", b"<c8", b"<M8[s]", b"[('a','<f4')]"),
        b"False": (b"True", b"None", b"1"),
        b"F32": (b"F64", b"BF16", b"I8", b"F8_E4M3", b"X"),
        b"data_offsets": (b"data_offset", b"shape"),
        b"[8,1]": (b"[-8,1]", b"[8,9999999999]", b"[]", b"8", b"[8,1.5]"),
        b"x.npy": (b"/x.npy", b"y.npy", b"x.npz"),
        b"FloatStorage": (b"LongStorage_", b"system"),
        b"_rebuild_tensor_v2": (b"_rebuild_qtensor", b"_rebuild_parameter", b"os.system"),
    }
    old = random.choice([word for word in words if word in data] or [b""])
    return data.replace(old, random.choice(words[old]), random.choice((1, -1))) if old else data


CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _flip, _cut, _put, _number, _number, _word)


def _npy(array: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.save(held, array)
    return held.getvalue()


def _npz(*arrays: np.ndarray, **named: np.ndarray) -> bytes:
    held = io.BytesIO()
    np.savez(held, *arrays, **named)
    return held.getvalue()


def _pt(value: object) -> bytes:
    import torch

    held = io.BytesIO()
    torch.save(value, held)
    return held.getvalue()


def bomb(size: int) -> bytes:
    """A small .npz whose array `large`, which is not x, unfolds to `size` bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", _npy(X))
        archive.writestr("lengths.npy", _npy(LENGTHS))
        archive.writestr("large.npy", _npy(np.zeros(size, np.uint8)))
    return held.getvalue()
