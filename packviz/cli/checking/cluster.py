"""The files are checked by the workers of a running Dask cluster, which must see them and have packviz installed.

Scheduling, data transfer and what happens when a worker is lost are Dask's own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packviz import __version__
from packviz.cli.checking.looking import Entry, Item, Job, looked, unread
from packviz.core.errors import BatchError
from packviz.core.samples import SAMPLE
from packviz.core.texts.quoting import cut, elided
from packviz.files.addresses import is_address

AHEAD = 4
"""Files, for each thread of the cluster, that may be checked before those that come first are done."""

PATIENCE_S = 10
"""Seconds that the scheduler has to answer."""


def on_cluster(entries: Sequence[Entry], job: Job, address: str) -> Iterator[tuple[int, Item]]:
    """Every batch of the files, with the place of its file among them, in their order, checked by the cluster whose
    scheduler is at that address, `tcp://host:8786`.

    Names of files are made absolute: the workers work elsewhere. Raises BatchError where there is no cluster, it can't
    check, or it goes away, and what `looked` raises.
    """
    client = _client(address)
    try:
        threads = sum(client.nthreads().values())
        if not threads:
            raise BatchError(f"the Dask cluster at {elided(address)} has no workers: start some, then try again.")
        _same_version(client, address)
        placed = [entry._replace(name=absolute(entry.name)) for entry in entries]
        with _as_long_as_it_is_there(address):
            yield from _in_order(client, placed, job, max(2, AHEAD * threads))
    finally:
        client.close()


@contextmanager
def _as_long_as_it_is_there(address: str) -> Iterator[None]:
    """Raises BatchError where the scheduler goes away, or drops the work."""
    from distributed import CancelledError
    from distributed.comm import CommClosedError

    try:
        yield
    except (CommClosedError, CancelledError, TimeoutError) as error:
        said = cut(" ".join(str(error).split())).rstrip(".")
        raise BatchError(
            f"the Dask cluster at {elided(address)} has gone ({type(error).__name__}: {said}): start it again, and "
            "check what is left."
        ) from None


def _in_order(client: Any, entries: Sequence[Entry], job: Job, most: int) -> Iterator[tuple[int, Item]]:
    ahead: deque[tuple[int, Any]] = deque()
    for at, entry in enumerate(entries):
        ahead.append((at, client.submit(all_looked, entry, job, pure=False)))
        if len(ahead) == most:
            yield from _answered(*ahead.popleft(), entries, job)
    while ahead:
        yield from _answered(*ahead.popleft(), entries, job)


def _answered(at: int, future: Any, entries: Sequence[Entry], job: Job) -> Iterator[tuple[int, Item]]:
    from distributed import KilledWorker

    try:
        items = future.result()
    except KilledWorker:
        why = f"{elided(entries[at].name)}: the workers of the cluster that checked it have died, one after the other."
        items = [unread(entries[at], why, 0, job)]
    yield from ((at, item) for item in items)


def all_looked(entry: Entry, job: Job) -> list[Item]:
    """On a worker: every batch of a file."""
    return list(looked(entry, job))


def version_here() -> str:
    """On a worker: the version of packviz that it has."""
    return __version__


def absolute(name: str) -> str:
    """The name of a file as it is known everywhere that sees the same folders."""
    return name if is_address(name) or name.startswith(SAMPLE) else str(Path(name).absolute())


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise BatchError(
            "--dask sends the files to a Dask cluster by the package distributed, which is not installed here: "
            "pip install 'packviz[dask]'."
        ) from None
    try:
        return Client(address, timeout=PATIENCE_S)
    except (OSError, ValueError, TypeError) as error:
        said = cut(" ".join(str(error).split())).rstrip(".")
        raise BatchError(
            f"there is no Dask cluster at {elided(address)} ({said}): give the address of its scheduler, such as "
            "tcp://127.0.0.1:8786."
        ) from None


def _same_version(client: Any, address: str) -> None:
    place = f"the workers of the Dask cluster at {elided(address)}"
    try:
        found = set(client.run(version_here).values())
    except Exception as error:  # of the workers, whatever they lack
        said = cut(" ".join(str(error).split())).rstrip(".")
        raise BatchError(
            f"{place} can't check ({type(error).__name__}: {said}): install packviz {__version__} on them."
        ) from None
    if found != {__version__}:
        raise BatchError(f"{place} have packviz {', '.join(sorted(found))}, but here it is {__version__}.")
