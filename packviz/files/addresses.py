"""Addresses such as s3://bucket/x.npz, which fsspec opens, with the drivers that the user has.

fsspec comes with torch; the drivers of most places do not, and are the user's choice. Credentials are found by the
driver, where it always finds them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from packviz.core.budget import afford
from packviz.core.errors import BatchError
from packviz.core.texts.quoting import cut, elided

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z][A-Za-z0-9+.-]+)*://")
_PLAIN = re.compile(r"https?://", re.IGNORECASE)
COPIES = 2
"""Of the bytes of a file that can't be read in parts."""


def is_address(name: str) -> bool:
    """Whether it is an address, with a scheme and `://`, rather than the name of a file."""
    return _ADDRESS.match(name) is not None


@contextmanager
def opened_at(address: str) -> Iterator[BinaryIO]:
    """The bytes of the file at an address, seekable; read in parts, where the driver can. Raises BatchError where there
    is none or no driver, OSError where it can't be read."""
    system, path = _system(address)
    with _failing(address):
        raw = system.open(path, "rb")
    try:
        yield cast(BinaryIO, _Remote(address, _seekable(address, system, path, raw)))
    finally:
        raw.close()


def files_at(address: str) -> list[str]:
    """The addresses of the files that an address means, in order: of a folder all in it and below, of a pattern with *
    or [ those that it fits; else itself. Of a web server, which lists nothing, itself.

    Raises BatchError where there is no driver, or it can't be listed.
    """
    if _PLAIN.match(address):
        return [address]
    system, path = _system(address)
    with _failing(address):
        if re.search(r"[*\[]", path):
            found = [name for name in system.glob(path) if system.isfile(name)]
        elif system.isdir(path):
            found = system.find(path)
        else:
            return [address]
    _, *chained = address.split("::")
    return ["::".join([system.unstrip_protocol(name), *chained]) for name in sorted(map(str, found))]


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path on it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise BatchError(
            f"{elided(address)}: addresses are opened by fsspec, which is not installed here: pip install fsspec."
        ) from None
    with _failing(address):
        system, path = url_to_fs(address)
    return system, str(path)


@contextmanager
def _failing(address: str) -> Iterator[None]:
    """What a driver raises, which may be anything, as one sentence that names the address."""
    place = elided(address)
    try:
        yield
    except (BatchError, MemoryError):
        raise
    except ImportError as error:
        scheme = address.partition("://")[0].split("::")[-1]
        raise BatchError(
            f"{place}: the driver for {scheme}:// is not installed here ({_said(error)}): install it with pip."
        ) from None
    except FileNotFoundError as error:
        why = error.__cause__  # a server that can't be reached is told as a file that is not there
        if why is None or isinstance(why, FileNotFoundError):
            raise BatchError(f"{place}: there is no such file.") from None
        raise BatchError(f"{place}: it can't be reached ({type(why).__name__}: {_said(why)}).") from None
    except Exception as error:
        raise BatchError(f"{place}: it can't be opened ({type(error).__name__}: {_said(error)}).") from None


def _said(error: BaseException) -> str:
    return cut(" ".join(str(error).split())).rstrip(".") or "no more is said"


def _seekable(address: str, system: Any, path: str, raw: Any) -> BinaryIO:
    """The file, or all its bytes where it can't be read in parts."""
    with _failing(address):
        try:
            raw.seek(0, io.SEEK_END)
            raw.seek(0)
        except (OSError, ValueError, NotImplementedError, AttributeError):
            size = getattr(raw, "size", None)
            afford(elided(address), COPIES * (size or 0))
            return io.BytesIO(system.cat_file(path))
    found: BinaryIO = raw
    return found


class _Remote(io.RawIOBase):
    """A file of a driver, whose every failure is an OSError, as that of a file is."""

    def __init__(self, address: str, raw: BinaryIO) -> None:
        super().__init__()
        self._address, self._raw = address, raw

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._raw.read(len(buffer))
        except (OSError, MemoryError):
            raise
        except Exception as error:
            raise OSError(f"{type(error).__name__}: {_said(error)}") from error
        buffer[: len(data)] = data
        return len(data)
