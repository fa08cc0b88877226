"""packviz's own files: the batches of a recording by the number and the site of their call, those of a session, or one
that was handed over. See `packviz.files.kept`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from packviz.core.batch import BatchError
from packviz.core.calls.words import none_kept
from packviz.core.whole import Whole
from packviz.files.kept.batch import read_batch
from packviz.files.kept.container import Contents, contents, read_member
from packviz.files.kept.container import sniff as sniff
from packviz.files.kept.recordings import Recorded
from packviz.files.kept.sessions import SessionFile
from packviz.files.paste.found import Found
from packviz.files.several import Several
from packviz.files.stream import Stream

DAMAGED = "damaged"
"""What a part of a file is called that can't be read, and is none of its batches."""


def read(stream: Stream) -> Found | Several:
    """The batches that it holds, each with its module; of a recording only those of the calls that were kept. What is
    damaged has a place among them, in which it can't be read."""
    found = contents(stream)
    if found.kind == "recording":
        return _calls(stream)
    return _documents(stream) if found.kind == "session" else _batch(stream, found)


def _calls(stream: Stream) -> Several:
    recorded = Recorded(stream, "")
    recording = recorded.recording
    kept = [call for call in recording.calls if call.kept or call.damaged]
    names = [call.name for call in kept]
    numbers = [call.number for call in kept]
    reads: list[Callable[[], Found]] = [partial(_call, recorded, stream, number) for number in numbers]
    for one in recording.damage:  # what is no batch of a call that is known, in a place of its own: it is said, too
        if one.call is None or one.call not in numbers:
            names.append(f"{DAMAGED} {one.at}")
            numbers.append(-1 - len(names))
            reads.append(partial(_refuse, f"{one}; {recording.lost}."))
    if not names:
        raise BatchError(f"{none_kept(recording)}.")
    return Several(tuple(names), lambda index: reads[index](), numbers=tuple(numbers), own=True)


def _call(recorded: Recorded, stream: Stream, number: int) -> Found:
    return Found(None, whole=recorded.batch(stream, number))


def _documents(stream: Stream) -> Several:
    file = SessionFile(stream)
    if not file.names and not file.trouble:
        raise BatchError("it is a session without batches.")

    def find(index: int) -> Found:
        if index == len(file.names):
            return _refuse(file.trouble)
        one = file.document(index)
        more = {"file": file.file, "file_identity": file.file_identity, "identity": file.identity}
        return Found(None, whole=Whole(one.batch, one.module, more=more, marks=one.marks, open=index == file.open))

    names = (*map(str, range(len(file.names))), *([DAMAGED] if file.trouble else []))
    return Several(names, find, own=True)


def _refuse(why: str) -> Found:
    raise BatchError(why)


def _batch(stream: Stream, found: Contents) -> Found:
    one = next((member for member in found.members if member.name.endswith(".safetensors")), None)
    if one is None:
        raise BatchError(f"it is damaged: {found.damage[0] if found.damage else 'it holds no batch'}.")
    return Found(None, whole=read_batch(read_member(stream, one)))
