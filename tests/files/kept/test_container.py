"""The file is a tar archive that standard tools open, and stays readable up to its last whole record."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.files.kept.container import END, KINDS, Appender, contents, json_of, read_member, record, sniff, whole_file
from packviz.files.stream import Stream

names = st.text("abcdef/._0123456789", min_size=1, max_size=99).filter(lambda name: not name.endswith("/"))
records = st.lists(st.tuples(names, st.binary(max_size=2000)), max_size=6)


def found_in(data: bytes) -> tuple[list[tuple[str, bytes]], bool]:
    stream = Stream.of(data)
    found = contents(stream)
    if found.damage:
        raise BatchError(f"{found.damage[0]}.")
    return [(member.name, read_member(stream, member)) for member in found.members], found.whole


@given(records)
def test_python_reads_it_as_a_tar_archive(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[str, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("tar") / "a.packviz"
    file = Appender(path, "recording", {"program": "train.py"})
    for name, data in parts:
        file.add(name, data)
    file.close()
    with tarfile.open(path) as tar:
        read = [(member.name, tar.extractfile(member).read()) for member in tar.getmembers()]  # type: ignore[union-attr]
    assert read[1:] == parts
    assert json.loads(read[0][1]) == {"packviz": 1, "kind": "recording", "program": "train.py"}
    assert found_in(path.read_bytes()) == (parts, True)
    assert sniff(path.read_bytes()[:4096])


@given(records, st.data())
def test_cut_short_anywhere_all_whole_records_are_read(parts: list[tuple[str, bytes]], data: st.DataObject) -> None:
    pieces = [record(name, part) for name, part in parts]
    whole = whole_file("session", {}, {})[: -len(END)] + b"".join(pieces) + END
    head = len(whole) - len(END) - sum(map(len, pieces))
    cut = data.draw(st.integers(head, len(whole)))
    expected, at = [], head
    for piece, part in zip(pieces, parts, strict=True):
        padding = -len(part[1]) % 512
        if at + len(piece) - padding <= cut:  # the zeros that fill its last block may be missing
            expected.append(part)
        at += len(piece)
    assert found_in(whole[:cut]) == (expected, cut == len(whole))


@given(st.binary(max_size=3000))
def test_whatever_the_bytes_are_it_is_a_file_or_one_sentence(data: bytes) -> None:
    head = whole_file("batch", {}, {})[: -len(END)]
    for bytes_ in (data, head + data):
        try:
            found_in(bytes_)
        except BatchError as error:
            said = str(error)
            assert said.endswith(".")
            assert "\n" not in said


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"packviz": 2, "kind": "recording"}, "it was written by a newer packviz, in version 2 of the format"),
        ({"packviz": True, "kind": "recording"}, "says no version"),
        ({"packviz": 1, "kind": "movie"}, "recording, session, batch are known"),
        ([], "holds no JSON object"),
    ],
)
def test_another_version_or_kind_is_refused(about: object, said: str) -> None:
    data = record("packviz.json", json.dumps(about).encode()) + END
    with pytest.raises(BatchError, match=said):
        contents(Stream.of(data))


def test_an_archive_of_something_else_is_none() -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("readme.txt"))
    assert not sniff(data.getvalue())
    with pytest.raises(BatchError, match=r"its first member is not packviz\.json"):
        contents(Stream.of(data.getvalue()))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_pipes_are_refused(kind: bytes) -> None:
    info = tarfile.TarInfo("calls/1.safetensors")
    info.type, info.linkname = kind, "/etc/passwd"
    data = whole_file("recording", {}, {})[: -len(END)] + info.tobuf(tarfile.GNU_FORMAT) + END
    with pytest.raises(BatchError, match=r"^it is damaged: its member 'calls/1\.safetensors' is no file\.$"):
        found_in(data)


PARTS = [("session.json", b'{"documents": [], "open": 0}'), ("x/0.safetensors", bytes(range(256)) * 3)]


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_no_byte_that_is_wrong_goes_unseen(bit: int) -> None:
    whole = whole_file("session", {"more": "so"}, dict(PARTS))
    refused = 0
    for at in range(len(whole)):
        data = bytearray(whole)
        data[at] ^= bit
        try:
            found = found_in(bytes(data))
        except BatchError:
            refused += 1
        else:  # it was between two records, at the end, or where a header says nothing that counts
            assert found[0] == PARTS, at
    assert refused >= 1500


def test_a_hole_is_no_end() -> None:
    whole = whole_file("session", {}, dict(PARTS))
    start = whole.index(b"x/0.safetensors")
    for size in (512, 1024):
        found = contents(Stream.of(whole[:start] + bytes(size) + whole[start + size :]))
        assert [member.name for member in found.members] == ["session.json"]
        assert [(one.at, one.size) for one in found.damage] == [(start, len(whole) - start)]
        assert not found.whole
    for more in (b"", bytes(100), bytes(200_000)):
        assert found_in(whole + more) == (PARTS, True)


def test_a_file_whose_first_record_is_damaged_is_known_by_the_others() -> None:
    for name, kind in (("seen/000000.jsonl", "recording"), ("documents/000000.safetensors", "session")):
        whole = whole_file("recording", {"program": "train.py"}, {"more": b"", name: b"1"})
        for at in (5, 513):
            data = bytearray(whole)
            data[at] ^= 1
            found = contents(Stream.of(bytes(data)))
            assert (found.kind, dict(found.about), found.whole) == (kind, {}, True)
            assert [member.name for member in found.members] == ["more", name]
            assert (found.damage[0].at, found.damage[0].size) == (0, 1024)
    with pytest.raises(BatchError, match=r"its first member is not packviz\.json"):
        contents(Stream.of(b"\xff" + whole_file("recording", {}, {"more": b""})[1:]))


def test_a_newer_version_is_refused_whatever_is_damaged_behind_it() -> None:
    data = record("packviz.json", b'{"packviz": 2, "kind": "recording"}') + b"\xff" * 512 + record("seen/0.jsonl", b"")
    with pytest.raises(BatchError, match="it was written by a newer packviz"):
        contents(Stream.of(data))


def test_each_file_has_a_token_of_its_own(tmp_path: Path) -> None:
    names = []
    for name in ("a", "b"):
        file = Appender(tmp_path / name, "session", {})
        file.add("x/0.safetensors", b"1")
        file.close()
        with tarfile.open(tmp_path / name) as tar:
            names.append({member.gname for member in tar.getmembers()})
    assert [len(one) for one in names] == [1, 1]
    assert names[0] != names[1]
    one, other = ((tmp_path / name).read_bytes() for name in ("a", "b"))
    with pytest.raises(BatchError, match="what begins there is no record of this file"):
        found_in(one[:1024] + other[1024:])


def test_a_file_of_zeros_is_none_and_is_not_read_to_its_end() -> None:
    stream = Stream.of(bytes(1 << 20))
    with pytest.raises(BatchError, match=r"its first member is not packviz\.json"):
        contents(stream)
    assert stream.tell() < 1 << 18


def test_records_that_changed_places_are_told(tmp_path: Path) -> None:
    one, other = record("x/0.safetensors", b"1"), record("x/1.safetensors", b"2")
    data = whole_file("session", {}, {})[: -len(END)] + one[:512] + other[512:] + END
    with pytest.raises(BatchError, match=r"^it is damaged: x/0\.safetensors is not as it was written"):
        found_in(data)


def test_without_checksums_it_is_read_as_it_is(tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as anew:
        for name, part in [("packviz.json", b'{"packviz": 1, "kind": "session"}'), *PARTS]:
            folder = tarfile.TarInfo("x")
            folder.type = tarfile.DIRTYPE
            anew.addfile(folder)
            info = tarfile.TarInfo(name)
            info.size, info.uname = len(part), "somebody"
            anew.addfile(info, io.BytesIO(part))
    assert found_in(data.getvalue()) == (PARTS, True)


def test_it_opens_from_the_moment_on_that_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, link, write = tmp_path / "a.packviz", tmp_path / "link", os.write
    link.symlink_to(path)

    def killed(descriptor: int, data: bytes) -> int:
        assert not path.exists() or found_in(path.read_bytes())
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", killed)
    for place in (path, path, link):
        file = Appender(place, "recording", {})
        file.add("a", b"1")
        file.close()
    assert link.is_symlink()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.packviz", "link"]


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.packviz"
    file = Appender(path, "recording", {})
    file.add("a", b"1" * 700)
    size = path.stat().st_size
    write, left = os.write, [600]

    def full(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        part = data[: left[0]]
        left[0] -= len(part)
        return write(descriptor, part)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        file.add("b", b"2" * 700)
    monkeypatch.undo()
    assert path.stat().st_size == size
    assert found_in(path.read_bytes()) == ([("a", b"1" * 700)], False)
    file.add("c", b"3")
    file.close()
    assert found_in(path.read_bytes()) == ([("a", b"1" * 700), ("c", b"3")], True)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_one_that_can_not_be_begun_leaves_what_was_there_and_nothing_else(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, closed, close = tmp_path / "a.packviz", list[int](), os.close
    path.write_bytes(b"mine")

    def fails(file: int, data: bytes) -> int:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails)
        patch.setattr(os, "close", lambda file: (closed.append(file), close(file)))
        with pytest.raises(type(error)):
            Appender(path, "recording", {})
    assert [one.name for one in tmp_path.iterdir()] == ["a.packviz"]
    assert path.read_bytes() == b"mine"
    assert len(closed) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked there")
def test_another_process_does_not_write_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Appender(tmp_path / "a.packviz", "recording", {})
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(RuntimeError, match="belongs to the process"):
        file.add("b", b"")
    monkeypatch.undo()
    file.close()


def test_json_has_no_constants_of_its_own_and_is_an_object() -> None:
    assert json_of(b'{"a": 1}', "a.json") == {"a": 1}
    for data in (b"[]", b'{"a": NaN}', b"\xff", b"[" * 100_000):
        with pytest.raises(BatchError, match=r"a\.json holds no JSON object"):
            json_of(data, "a.json")


def test_all_kinds_are_opened() -> None:
    for kind in KINDS:
        assert contents(Stream.of(whole_file(kind, {"a": 1}, {"b": b"c"}))).kind == kind


def test_two_threads_begin_the_same_file_each_by_itself(tmp_path: Path) -> None:
    path, together = tmp_path / "a.packviz", Barrier(8)
    failed: list[BaseException] = []

    def begin() -> None:
        try:
            for number in range(20):
                together.wait(10)
                file = Appender(path, "session", {})
                file.add(f"x/{number}.safetensors", b"1")
                file.close()
        except BaseException as error:
            failed.append(error)
            together.abort()

    threads = [Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [one.name for one in tmp_path.iterdir()] == ["a.packviz"]
    found_in(path.read_bytes())
