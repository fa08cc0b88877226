"""One array in NumPy's .npy format; read straight into place, never unpickled."""

from __future__ import annotations

import io
import math
import re
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.cancel import Cancelled
from packviz.files.objects import interpret
from packviz.files.paste.found import Found
from packviz.files.stream import CHUNK, Stream

MAGIC = b"\x93NUMPY"
MOST_HEADER = 64 * 1024


def sniff(head: bytes) -> bool:
    return head.startswith(MAGIC)


def read(stream: Stream) -> Found:
    """x, from a file that holds one array. Its lengths are left to be guessed."""
    stream.seek(0)
    return interpret(read_array(cast(BinaryIO, stream), stream.size))


def read_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether the order is Fortran's, and dtype; the file then stands at the data."""
    try:
        version = npy_format.read_magic(file)
        if version == (1, 0):
            return _header(file)
        if version == (2, 0):
            return npy_format.read_array_header_2_0(file, max_header_size=MOST_HEADER)
    except Cancelled:
        raise
    except Exception as error:  # the header is parsed as a Python literal, which fails in many ways
        raise BatchError(f"its header is damaged ({_first_line(error)}); save it again with np.save.") from None
    raise BatchError(f"it is in version {version[0]}.{version[1]} of the .npy format; save it again with np.save.")


def _header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """As NumPy reads it, which takes a header for Python and has it parsed; one that is as NumPy writes it for numbers
    is read here, many times faster."""
    size = file.read(2)
    text = file.read(int.from_bytes(size, "little"))
    plain = _PLAIN.fullmatch(text)
    if plain is None or len(text) != int.from_bytes(size, "little"):
        return npy_format.read_array_header_1_0(io.BytesIO(size + text), max_header_size=MOST_HEADER)
    shape = tuple(int(n) for n in plain[3].replace(b" ", b"").split(b",") if n)
    return shape, plain[2] == b"True", np.dtype(plain[1].decode())


_PLAIN = re.compile(
    rb"\{'descr': '([<>|][biufc]\d{1,2})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,18},)?|\d{1,18}(?:, \d{1,18}){1,31})\), \} *\n"
)


def read_array(file: BinaryIO, size: int) -> NDArray[Any]:
    """The array of a .npy file of `size` bytes, in one allocation. Raises BatchError for objects and for damage."""
    shape, fortran, dtype = read_header(file)
    if dtype.hasobject:
        raise BatchError(
            "it holds Python objects, which packviz never unpickles; save numbers: np.save(path, x.astype(np.float32))."
        )
    if any(isinstance(length, bool) or length < 0 for length in shape):
        raise BatchError(f"its header is damaged: the shape is {shape}; save it again with np.save.")
    needed = math.prod(shape) * dtype.itemsize
    present = size - file.tell()
    if needed > present:
        raise BatchError(
            f"it is cut short: shape {shape} of {dtype} needs {needed:,} bytes, but only {max(0, present):,} are there."
        )
    afford(f"an array of shape {shape} of {dtype}", needed)
    try:
        array = np.empty(shape[::-1] if fortran else shape, dtype)
        _fill(array, file)
    except (MemoryError, ValueError) as error:
        raise BatchError(f"shape {shape} of {dtype} can't be held in memory ({_first_line(error)}).") from None
    if not dtype.isnative:  # of another kind of processor: packviz has converted it, torch would not
        array = array.byteswap(inplace=True).view(dtype.newbyteorder("="))
    return array.T if fortran else array


def _fill(array: NDArray[Any], file: BinaryIO) -> None:
    if not array.nbytes:
        return
    target = memoryview(array.reshape(-1).view(np.uint8).data)
    done = 0
    while done < len(target):
        count = file.readinto(target[done : done + CHUNK])  # type: ignore[attr-defined]
        if not count:
            raise BatchError(f"it is cut short: {len(target):,} bytes of data are expected, but {done:,} are there.")
        done += count


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120].rstrip(".:")
