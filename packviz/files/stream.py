"""A binary file that reports how much of it was read, and stops when it is asked to."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO

from packviz.core.batch import BatchError
from packviz.core.budget import afford
from packviz.core.cancel import UNWATCHED, Cancelled, Watch

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 4 * 1024 * 1024

COPIES = 2
"""Of what is read whole: its bytes, and the text or the arrays that they become."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class Stream(io.RawIOBase):
    """Reads `raw` in chunks of a few MiB, each of which is reported to `watch`.

    `size`: its length in bytes. `stopped`: Cancelled, where it was raised; libraries that swallow
    exceptions of a file need this to be asked afterwards.
    """

    def __init__(self, raw: BinaryIO, watch: Watch = UNWATCHED) -> None:
        super().__init__()
        self.raw = raw
        self.watch = watch
        self.stopped: Cancelled | None = None
        self.size = raw.seek(0, io.SEEK_END)
        raw.seek(0)
        self._done = 0  # bytes read, wherever: a zip is read from its end
        self._reported = -1.0

    @classmethod
    def of(cls, data: bytes, watch: Watch = UNWATCHED) -> Stream:
        """A stream over bytes in memory."""
        return cls(io.BytesIO(data), watch)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.raw.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.raw.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as the file goes; short only at its end. Raises Cancelled."""
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view):
            self._report()
            count = self.raw.readinto(view[done : done + CHUNK])  # type: ignore[attr-defined]
            if not count:
                break
            done += count
            self._done += count
        return done

    def read_all(self) -> bytearray:
        """The bytes of the whole file. Raises BatchError where they are more than may be taken."""
        afford("all of it at once", COPIES * self.size)
        self.raw.seek(0)
        buffer = bytearray(self.size)
        del buffer[self.readinto(buffer) :]
        return buffer

    def read_text(self) -> str:
        """The text of the whole file: UTF-8, or UTF-16 where it begins with a byte order mark."""
        data = self.read_all()
        encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise BatchError(
                f"byte {error.start} is not {encoding} text; save it as UTF-8, or give it the suffix of its format."
            ) from None

    def _report(self) -> None:
        fraction = self._done / self.size if self.size else 1.0
        try:
            if fraction >= self._reported + 0.005:
                self._reported = fraction
                self.watch.step(fraction)
            else:
                self.watch.check()
        except Cancelled as error:
            self.stopped = error
            raise
