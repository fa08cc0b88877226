"""Where the elements of a long JSON array or object begin and end, found in its bytes, so that one can be read without
the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch

PIECE = 1 << 20
AT_ONCE = 1 << 18
"""Bytes of elements that are read together, and let go before the next ones."""

_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1


class Elements:
    """The elements of the outermost array or object of a JSON text."""

    def __init__(self, data: bytes, start: int, commas: NDArray[np.int32], end: int) -> None:
        self.data, self.brackets = data, (data[start : start + 1], data[end : end + 1])
        self._starts = np.append(start + 1, commas + 1).astype(np.int32)
        self._stops = np.append(commas, end).astype(np.int32)

    def __len__(self) -> int:
        return len(self._starts)

    @classmethod
    def of(cls, text: str) -> Elements | None:
        """None where the text is not one array or object, from its first to its last bracket."""
        data = text.encode("utf-8", "surrogatepass")
        # The same with other letters in the place of those that are escaped: every quote then begins or ends a string.
        bare = data.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in data else data
        array = np.frombuffer(bare, dtype=np.uint8)
        end = len(data.rstrip()) - 1
        start = len(data) - len(data.lstrip())
        depth, quotes, commas = 0, 0, list[NDArray[np.int32]]()
        for at in range(start, end + 1, PIECE):
            window = array[at : min(at + PIECE, end + 1)]
            marks = np.cumsum(window == ord('"'), dtype=np.int32) + quotes
            outside = marks % 2 == 0
            depths = np.cumsum(np.where(outside, _STEPS[window], 0), dtype=np.int32) + depth
            closed = np.flatnonzero(depths <= 0)
            if len(closed) and at + int(closed[0]) != end:
                return None
            here = np.flatnonzero((window == ord(",")) & (depths == 1) & outside)
            commas.append((here + at).astype(np.int32))
            depth, quotes = int(depths[-1]), int(marks[-1])
        return None if depth or not commas else cls(data, start, np.concatenate(commas), end)

    def read(self, index: int) -> Any:
        """One element of an array; of an object, an object of one."""
        value = self._loads(index, index + 1)
        return value[0] if isinstance(value, list) else value

    def some(self, watch: Watch = UNWATCHED) -> Iterator[Any]:
        """All of them, some at a time: in lists or, of an object, in objects. Raises BatchError naming line and column
        of what is no JSON."""
        first = 0
        while first < len(self):
            watch.check()
            last = int(np.searchsorted(self._stops, int(self._starts[first]) + AT_ONCE))
            last = max(first + 1, last)
            yield self._loads(first, last)
            first = last

    def _loads(self, first: int, last: int) -> Any:
        start, stop = int(self._starts[first]), int(self._stops[last - 1])
        opening, closing = self.brackets
        try:
            return json.loads(opening + self.data[start:stop] + closing)
        except json.JSONDecodeError as error:
            read = error.doc[1 : error.pos].encode("utf-8", "surrogatepass")
            before = (self.data[:start] + read).decode("utf-8", "surrogatepass")
            raise no_json(error, before.count("\n") + 1, len(before) - before.rfind("\n")) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise unreadable(error) from None


def deepest(text: str) -> int:
    """How deep brackets and braces are nested, those in strings too."""
    steps = _STEPS[np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)]
    return int(np.cumsum(steps[steps != 0], dtype=np.int32).max(initial=0))


def no_json(error: json.JSONDecodeError, line: int, column: int) -> BatchError:
    """What to say of a text that is no JSON."""
    return BatchError(f"line {line}, column {column}: {error.msg}; it is no JSON.")


def too_deep() -> BatchError:
    """What to say of lists that are nested beyond reading."""
    return BatchError("its lists are nested far deeper than the (B, T, *) of a batch.")


def unreadable(error: Exception) -> BatchError:
    """What to say of JSON that Python can't hold."""
    if isinstance(error, RecursionError):
        return too_deep()
    return BatchError(f"it can't be read as JSON ({str(error)[:120].rstrip('.')}).")
