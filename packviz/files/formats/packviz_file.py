"""packviz's own files: the batches of a recording by the number and the site of their call, those of a session, or one
that was handed over. See `packviz.files.kept`."""

from __future__ import annotations

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


def read(stream: Stream) -> Found | Several:
    """The batches that it holds, each with its module; of a recording only those of the calls that were kept."""
    found = contents(stream)
    if found.kind == "recording":
        return _calls(stream)
    return _documents(stream) if found.kind == "session" else _batch(stream, found)


def _calls(stream: Stream) -> Several:
    recorded = Recorded(stream, "")
    kept = recorded.recording.kept
    if not kept:
        raise BatchError(f"{none_kept(recorded.recording)}.")
    names = tuple(call.name for call in kept)
    numbers = tuple(call.number for call in kept)
    return Several(names, lambda index: Found(None, whole=recorded.batch(stream, kept[index].number)), numbers=numbers)


def _documents(stream: Stream) -> Several:
    file = SessionFile(stream)
    if not file.names:
        raise BatchError("it is a session without batches.")

    def find(index: int) -> Found:
        one = file.document(index)
        more = {"file": file.file}
        return Found(None, whole=Whole(one.batch, one.module, more=more, marks=one.marks, open=index == file.open))

    return Several(tuple(map(str, range(len(file.names)))), find)


def _batch(stream: Stream, found: Contents) -> Found:
    one = next((member for member in found.members if member.name.endswith(".safetensors")), None)
    if one is None:
        raise BatchError("it is damaged: it holds no batch.")
    return Found(None, whole=read_batch(read_member(stream, one)))
