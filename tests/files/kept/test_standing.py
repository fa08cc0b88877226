"""What stands under a name is known by what it holds: the same is the same, whoever wrote it, and whenever."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from packviz.core.saved import SavedDocument, SavedSession
from packviz.files.kept.container import Appender, whole_file
from packviz.files.kept.recordings import RecordingWriter
from packviz.files.kept.sessions import SessionFile, save_session
from packviz.files.kept.standing import Standing, standing_at
from packviz.files.stream import Stream
from tests.files.kept.test_sessions import batch, stored
from tests.recorded import record

SESSION = SavedSession((SavedDocument(batch(), stored()),))


def test_the_kind_of_what_there_is(tmp_path: Path) -> None:
    assert standing_at(tmp_path / "none") == standing_at(tmp_path) == Standing("nothing")
    assert standing_at(record(tmp_path / "run.packviz", 2, kept=(1,))).kind == "recording"
    text, batched, newer = tmp_path / "a.txt", tmp_path / "b.packviz", tmp_path / "c.packviz"
    text.write_bytes(b"x")
    batched.write_bytes(whole_file("batch", {}, {}))
    newer.write_bytes(whole_file("session", {"packviz": 9}, {}))
    assert {standing_at(path).kind for path in (text, batched, newer)} == {"other"}
    save_session(tmp_path / "s.packviz", SESSION)
    assert standing_at(tmp_path / "s.packviz").kind == "session"


def test_a_damaged_recording_is_one_all_the_same(tmp_path: Path) -> None:
    path = record(tmp_path / "run.packviz", 2, kept=(1,))
    data = bytearray(path.read_bytes())
    data[data.index(b"calls/000001") + 1] ^= 1
    path.write_bytes(data)
    assert standing_at(path).kind == "recording"


def test_the_same_records_are_the_same_and_any_other_is_another(tmp_path: Path) -> None:
    one, other = tmp_path / "a.packviz", tmp_path / "b.packviz"
    identity = save_session(one, SESSION)
    assert identity == save_session(other, SESSION) == standing_at(one).identity
    assert one.read_bytes() != other.read_bytes()  # each has a token of its own
    assert SessionFile(Stream.of(one.read_bytes())).identity == identity
    assert save_session(one, SavedSession(SESSION.documents, file="x")) != identity
    assert save_session(one, SavedSession((*SESSION.documents, *SESSION.documents))) != identity
    assert save_session(one, SavedSession((SavedDocument(batch(2.0), stored()),))) != identity


def test_what_is_no_record_counts_too(tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    identity = save_session(path, SESSION)
    data = path.read_bytes()
    at = data.index(b"session.json")
    path.write_bytes(data[:at] + b"\xff" * 512 + data[at:])
    assert standing_at(path).kind == "session"
    assert standing_at(path).identity not in ("", identity)


def test_another_file_that_was_written_anew_is_another(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    before = standing_at(path)
    path.write_bytes(b"xy")
    assert standing_at(path) != before


def test_what_was_packed_anew_is_known_by_its_bytes(tmp_path: Path) -> None:
    def packed(x: bytes) -> Standing:
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as anew:
            for name, part in (("packviz.json", b'{"packviz": 1, "kind": "session"}'), ("x/000000.safetensors", x)):
                info = tarfile.TarInfo(name)
                info.size = len(part)
                anew.addfile(info, io.BytesIO(part))
        (tmp_path / "anew.packviz").write_bytes(data.getvalue())
        return standing_at(tmp_path / "anew.packviz")

    assert packed(b"1") == packed(b"1") != packed(b"2")


def test_a_file_that_grows_is_another(tmp_path: Path) -> None:
    file = Appender(tmp_path / "a.packviz", "session", {})
    before = standing_at(tmp_path / "a.packviz")
    file.add("x/0.safetensors", b"1")
    assert standing_at(tmp_path / "a.packviz") != before
    file.close()
    RecordingWriter(tmp_path / "a.packviz").end()
    assert standing_at(tmp_path / "a.packviz").kind == "recording"
