"""Sessions: the documents of a window in a `.packviz` file that is added to, so that each save writes only what is new.

`session.json` names the documents that there are, in order, and the one that was open; the last one counts, and all
that it names stands before it: whatever moment the program ends at, the last save is whole. Where a part is damaged,
what is left of the last save is read, and said to be no more than that.
`documents/NUMBER.safetensors` is a batch without its x, with the marks around it; `x/NUMBER.safetensors` its x, and
`weights/NUMBER.safetensors` the weights of its module, once for all documents that share them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.module import Module
from packviz.core.saved import SavedDocument, SavedSession
from packviz.core.writing import in_place_of
from packviz.files.kept.arrays import NamedArrays, arrays_bytes
from packviz.files.kept.batch import batch_bytes, read_batch
from packviz.files.kept.container import Appender, Contents, contents, json_of, read_member
from packviz.files.kept.facts import Facts, only_known, text, whole
from packviz.files.kept.frames import BLOCK, Member, is_as_written
from packviz.files.kept.marks import marks_facts, marks_of
from packviz.files.kept.module import module_facts, module_of
from packviz.files.kept.standing import identity_of, standing_at
from packviz.files.loaded import at_place
from packviz.files.opened import opened
from packviz.files.stream import Stream

LIST = "session.json"
MOST_DOCUMENTS = 100_000
"""Batches of a session: what has more is not saved, and so does not have to be opened."""
SPARE, TIMES = 64 << 20, 3
"""A file of more bytes than SPARE, and TIMES those that still count, is written anew."""
_LIST_BYTES = BLOCK + 1
"""A list is that long at least: where none of it reached the disk, its zeros are more than the end of a file has."""
_DOCUMENT = re.compile(r"documents/(?P<number>\d{1,9})\.safetensors")


class SessionLog:
    """A session in a file at `path`, saved again and again. The first save replaces a file that was there.

    Each save raises OSError where the file can't be written, and BatchError where a batch can't be saved; the last one
    is then as it was.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)
        self._file: _File | None = None

    def save(self, session: SavedSession) -> None:
        """Saves all of it; what was written before is not written again. It is on the disk when this returns."""
        if self._file is not None and not self._file.wasteful and self._file.is_at(self._path):
            self._file.add(session)
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = None
        try:
            with in_place_of(self._path) as beside:
                file = _File(beside)
                file.add(session)
        except BaseException:
            if file is not None:
                file.close()
            raise
        if self._file is not None:
            self._file.close()
        self._file = file

    def close(self) -> None:
        """Brings the file to its end."""
        if self._file is not None:
            self._file.close()
            self._file = None


def save_session(path: str | PathLike[str], session: SavedSession, still: Callable[[], None] | None = None) -> str:
    """The session as a file of its own, whole or not at all; the identity of what it holds. `still`: as of
    `in_place_of`. Raises as `SessionLog.save`."""
    with in_place_of(Path(path), still) as beside:
        file = _File(beside)
        try:
            file.add(session)
        finally:
            file.close()
        return standing_at(beside).identity


class SessionFile:
    """The documents in a file, each read once it is asked for. Raises BatchError where it is no session.

    `trouble`: why they are not those of the last save, or may not be, a sentence; "" where they are. `identity`: that
    of what it holds. `file`, `file_identity`: of work that was kept by itself, the session file that it belongs to, and
    the identity of that when it was opened or saved last.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        found = contents(stream)
        if found.kind != "session":
            raise BatchError(f"it holds a {found.kind}, but a session is expected.")
        self._members: Mapping[str, Member] = {member.name: member for member in found.members}
        self._known: dict[str, NamedArrays] = {}
        with only_known("no session that packviz wrote"):
            facts, self.trouble = _list(stream, found)
            self.names = tuple(f"documents/{whole(number):06d}.safetensors" for number in facts["documents"])
            if len(self.names) > MOST_DOCUMENTS:
                raise BatchError(
                    f"it holds {len(self.names):,} batches, more than the {MOST_DOCUMENTS:,} of a session."
                )
            self.open = whole(facts["open"], max(0, len(self.names) - 1))
            self.file = text(facts.get("file", ""))
            self.file_identity = text(facts.get("identity", ""))
        self.identity = identity_of(stream, found)

    def document(self, place: int) -> SavedDocument:
        """The document at this place. Raises BatchError where it is damaged."""
        with only_known("no session that packviz wrote"):
            data = self._read(self.names[place])
            more = NamedArrays(data).facts["more"]
            read = read_batch(data, self._arrays("x", more["x"])("x"))
            place, number = more.get("hx", ("", 0))
            module = self._module(more["module"]).with_numbers(read.hx, text(place), whole(number))
            return SavedDocument(read.batch, module, marks_of(more["marks"]))

    def _module(self, said: Facts) -> Module:
        if said["weights"]["kind"] != "stored":
            return module_of(said, _no_arrays)
        return module_of(said, self._arrays("weights", said["weights"]["number"]))

    def _arrays(self, folder: str, number: object) -> NamedArrays:
        name = f"{folder}/{whole(number):06d}.safetensors"
        if name not in self._known:
            self._known[name] = NamedArrays(self._read(name))
        return self._known[name]

    def _read(self, name: str) -> bytes:
        if name not in self._members:
            raise BatchError(f"it is damaged: {name} is missing.")
        return read_member(self._stream, self._members[name])


def read_session(path: str | PathLike[str], watch: Watch = UNWATCHED) -> SavedSession:
    """The session in a file. Raises BatchError, one sentence that names the file."""
    with opened(path, watch) as (stream, name), at_place(name):
        file = SessionFile(stream)
        if file.trouble:
            raise BatchError(file.trouble)
        return SavedSession(tuple(map(file.document, range(len(file.names)))), file.open, file.file, file.file_identity)


class _File:
    """One file that is added to, and what is in it: by what was written, its number, and that itself, so that no other
    object takes its identity."""

    def __init__(self, path: Path) -> None:
        self.appender = Appender(path, "session", {})
        self._known: dict[Hashable, tuple[int, int, object]] = {}
        self._counts: dict[str, int] = {}
        self._live = self._size = 0

    def is_at(self, path: Path) -> bool:
        """Whether the file of that name is this one still: somebody may have removed or replaced it."""
        try:
            return os.path.samestat(path.stat(), self.appender.stat())
        except OSError:
            return False

    def close(self) -> None:
        """Brings it to its end."""
        with suppress(OSError):  # without one, as on a disk that is full, it is read just as well
            self.appender.close()

    @property
    def wasteful(self) -> bool:
        """Whether most of what is in it counts no more."""
        return self._size > SPARE and self._size > TIMES * self._live

    def add(self, session: SavedSession) -> None:
        """Adds what is new, and then the list that makes it count."""
        if len(session) > MOST_DOCUMENTS:
            many = f"{len(session):,} batches, more than the {MOST_DOCUMENTS:,}"
            raise BatchError(f"there are {many} that a session has: close some of them.")
        used: set[Hashable] = set()
        numbers = [self._document(document, used) for document in session.documents]
        said = {"documents": numbers, "open": session.open, "file": session.file, "identity": session.identity}
        self.appender.sync()  # before what makes it count: the system may write the last part first
        self._write(LIST, json.dumps(said).encode().ljust(_LIST_BYTES))
        self.appender.sync()
        self._known = {key: known for key, known in self._known.items() if key in used}
        self._live = sum(size for _, size, _ in self._known.values())

    def _document(self, document: SavedDocument, used: set[Hashable]) -> int:
        batch, module, marks = document.batch, document.module, document.marks
        lies = batch.x.__array_interface__["data"][0], batch.x.strides, batch.x.shape, batch.x.dtype.str
        x = self._once("x", lies, batch.x, lambda: arrays_bytes({"x": batch.x}, {}), used)
        stored, held = module.stored, dict[str, NDArray[Any]]()
        facts = module_facts(module, held)
        if stored is not None:
            number = self._once("weights", id(stored), stored, lambda: arrays_bytes(held, {}), used)
            facts["weights"] = {**facts["weights"], "number": number}
        more, hx = {"x": x, "module": facts, "marks": marks_facts(marks)}, module.numbers
        if hx is not None:
            more["hx"] = (hx.place, hx.number)
        said = json.dumps(more, allow_nan=False)
        arrays = () if hx is None else hx.arrays
        return self._once(
            "documents",
            (id(batch), id(hx), said),
            (batch, hx),
            lambda: batch_bytes(batch, hx=arrays, more=json.loads(said), x=False),
            used,
        )

    def _once(self, folder: str, what: Hashable, held: object, make: Callable[[], bytes], used: set[Hashable]) -> int:
        """The number of what was written, or is now."""
        key = (folder, what)
        used.add(key)
        if key not in self._known:
            number = self._counts.get(folder, 0)
            data = make()
            self._write(f"{folder}/{number:06d}.safetensors", data)
            self._counts[folder] = number + 1
            self._known[key] = (number, len(data), held)
        return self._known[key][0]

    def _write(self, name: str, data: bytes) -> None:
        self.appender.add(name, data)
        self._size += len(data)


def _list(stream: Stream, found: Contents) -> tuple[Facts, str]:
    """The last list of documents of which all is there, and why it is not that of the last save, a sentence; of a file
    that has lost all its lists one of all documents in it."""
    lists = [member for member in found.members if member.name == LIST]
    last = next((member for member in reversed(lists) if is_as_written(stream, member)), None)
    then = -1 if last is None else last.at
    places = [*(one.at for one in found.damage), *(member.at for member in lists)]
    lost = [at for at in places if at > then]
    if last is None and not lost:
        raise BatchError("it is damaged: it was cut short before its first save was whole.")
    facts = _all_in(found) if last is None else json_of(read_member(stream, last), LIST)
    if not lost:
        return facts, _blank(stream, found.blank)
    what = "these are the batches that are in it, as they were saved" if last is None else "this is the save before it"
    return facts, f"the list of its last save is damaged, or lost, at byte {min(lost):,}: {what}."


def _blank(stream: Stream, many: int) -> str:
    """What to say of so many zeros at the end; nothing of none."""
    if not many:
        return ""
    where = f"it ends in {many:,} zero bytes, from byte {stream.size - many:,} on, as after a machine went down"
    return f"{where}: a later save may have stood there, and the last changes may be missing."


def _all_in(found: Contents) -> Facts:
    """A list of all documents that are there."""
    numbers = (int(match["number"]) for one in found.members if (match := _DOCUMENT.fullmatch(one.name)))
    return {"documents": sorted(numbers), "open": 0}


def _no_arrays(name: str) -> NDArray[Any]:
    raise BatchError(f"it is damaged: {name} is missing.")
