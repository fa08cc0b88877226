"""A session comes back as it was saved last, whatever moment the program was ended at; only what is new is written."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, BatchError, make_batch
from packviz.core.module import Module, Stored, held_module
from packviz.core.moments import Moment
from packviz.core.saved import Marks, SavedDocument, SavedSession
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep
from packviz.files import loaded
from packviz.files.kept import sessions
from packviz.files.kept.container import Appender, whole_file
from packviz.files.kept.sessions import SessionFile, SessionLog, read_session, save_session
from packviz.files.registry import load_each
from packviz.files.stream import Stream
from tests.files.kept.test_marks import marks
from tests.files.kept.wholes import batches, modules, same
from tests.recorded import HIDDEN, hx_of

documents = st.builds(SavedDocument, batches(), modules().map(lambda one: one or Module()), marks())


def batch(value: float = 1.0, rows: int = 3) -> Batch:
    return make_batch(np.full((2, rows, 1), value, dtype=np.float32), [2] * rows, source=f"{value:g}.pt")


def stored(seed: int = 0) -> Module:
    torch.manual_seed(seed)
    lstm = torch.nn.LSTM(1, 3)
    return Module(weights=Stored("w.pt", {name: value.detach().numpy() for name, value in lstm.named_parameters()}))


@given(st.lists(documents, max_size=4), st.data())
def test_all_of_it_comes_back(
    tmp_path_factory: pytest.TempPathFactory, some: list[SavedDocument], data: st.DataObject
) -> None:
    session = SavedSession(tuple(some), data.draw(st.integers(0, max(0, len(some) - 1))))
    path = tmp_path_factory.mktemp("session") / "work.packviz"
    save_session(path, session)
    assert same(read_session(path), session)


def test_what_was_written_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    log = SessionLog(path)
    large, module = batch(1.0, 5000), stored()
    session = SavedSession((SavedDocument(large, module), SavedDocument(batch(2.0), module)))
    log.save(session)
    first = path.stat().st_size
    assert first > large.x.nbytes
    edited = SavedDocument(large.with_call(enforce_sorted=False), module, Marks(Stops((AtStep(1),)), row=3))
    moved = SavedSession((session.documents[1], edited), 1)
    log.save(moved)
    assert same(read_session(path), moved)
    assert path.stat().st_size - first < first - large.x.nbytes + 60_000
    before = path.stat().st_size
    log.save(moved)
    assert path.stat().st_size - before <= 2048  # the list alone
    log.close()
    assert same(read_session(path), moved)


def test_what_a_list_names_is_on_the_disk_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, add, sync = list[str](), Appender.add, Appender.sync
    monkeypatch.setattr(Appender, "add", lambda file, name, data: (told.append(name), add(file, name, data)))
    monkeypatch.setattr(Appender, "sync", lambda file: (told.append("sync"), sync(file)))
    log = SessionLog(tmp_path / "work.packviz")
    for number in range(2):
        log.save(SavedSession((SavedDocument(batch(number), Module()),)))
    names = [f"{name}/{number:06d}.safetensors" for number in range(2) for name in ("x", "documents")]
    assert told == [*names[:2], "sync", "session.json", "sync", *names[2:], "sync", "session.json", "sync"]
    log.close()


def test_a_small_file_is_never_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    log = SessionLog(path)
    log.save(SavedSession((SavedDocument(batch(), Module()),)))
    first = path.stat()
    for number in range(30):
        log.save(SavedSession((SavedDocument(batch(number), Module()),)))
        assert os.path.samestat(path.stat(), first)
    log.close()


def test_views_of_one_x_are_not_taken_for_one_another(tmp_path: Path) -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    some = [make_batch(part, [1, 1], source="x") for part in (x, x.T, x[:, :2], x[::-1])]
    session = SavedSession(tuple(SavedDocument(one, Module()) for one in some))
    save_session(tmp_path / "a.packviz", session)
    assert same(read_session(tmp_path / "a.packviz"), session)


def test_most_of_what_counts_no_more_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SPARE", 20_000)
    path = tmp_path / "work.packviz"
    log = SessionLog(path)
    sizes = []
    for value in range(30):
        session = SavedSession((SavedDocument(batch(value, 500), Module()),))
        log.save(session)
        sizes.append(path.stat().st_size)
        assert same(read_session(path), session)
    assert max(sizes) < 60_000
    assert sorted(sizes) != sizes
    log.close()
    assert [found.name for found in tmp_path.iterdir()] == ["work.packviz"]


def test_a_disk_that_is_full_leaves_the_last_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "work.packviz"
    session = SavedSession((SavedDocument(batch(), Module()),))
    save_session(path, session)

    def full(self: Appender, name: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Appender, "add", full)
    with pytest.raises(OSError, match="No space"):
        save_session(path, SavedSession())
    monkeypatch.undo()
    assert same(read_session(path), session)
    assert [found.name for found in tmp_path.iterdir()] == ["work.packviz"]


FULL = """
import resource, signal, sys
import numpy as np
from packviz.core.batch import make_batch
from packviz.core.module import Module
from packviz.core.saved import SavedDocument, SavedSession
from packviz.files.kept.sessions import SessionLog, save_session
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
large, small = (make_batch(np.ones((2, rows, 1), dtype=np.float32), [2] * rows) for rows in (100_000, 3))
session = SavedSession((SavedDocument(large, Module()),))
log = SessionLog(sys.argv[1])
log.save(SavedSession((SavedDocument(small, Module()),)))
for most in (20_000, 4096, 512, 0):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    for save in (log.save, lambda session: save_session(sys.argv[2], session)):
        try:
            save(session)
        except OSError as error:
            print(error.strerror, flush=True)
log.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit there")
def test_where_there_is_no_room_nothing_is_left_but_the_last_save(tmp_path: Path) -> None:
    kept, mine = tmp_path / "kept.packviz", tmp_path / "mine.packviz"
    words = [sys.executable, "-c", textwrap.dedent(FULL), str(kept), str(mine)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    assert said == ["File too large"] * 8
    assert [found.name for found in tmp_path.iterdir()] == ["kept.packviz"]
    assert read_session(kept).documents[0].batch.rows == 3


def test_a_file_that_was_removed_or_replaced_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "work.packviz"
    log = SessionLog(path)
    session = SavedSession((SavedDocument(batch(), Module()),))
    log.save(session)
    shutil.rmtree(path.parent)
    log.save(session)
    assert same(read_session(path), session)
    save_session(path, SavedSession())
    log.save(session)
    assert same(read_session(path), session)
    log.close()
    assert same(read_session(path), session)


def test_a_link_stays_one_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    link, target = tmp_path / "work.packviz", tmp_path / "there.packviz"
    link.symlink_to(target)
    save_session(link, SavedSession())
    assert link.is_symlink()
    assert same(read_session(target), SavedSession())
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match=r"it is no file|Is a directory"):
            save_session(path, SavedSession())
    assert (tmp_path / "pipe").is_fifo()


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    path.write_bytes(b"")
    path.chmod(0o640)
    save_session(path, SavedSession())
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_batch_that_cannot_be_saved_leaves_the_last_save(tmp_path: Path) -> None:
    path = tmp_path / "work.packviz"
    log = SessionLog(path)
    session = SavedSession((SavedDocument(batch(), Module()),))
    log.save(session)
    odd = SavedDocument(make_batch(np.ones((2, 2), dtype=np.longdouble), [1, 2]), Module())
    with pytest.raises(BatchError, match="can't be saved"):
        log.save(SavedSession((*session.documents, odd)))
    assert same(read_session(path), session)
    log.close()


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ({}, "cut short before its first save"),
        ({"session.json": b"{}"}, "no session that packviz wrote"),
        ({"session.json": b'{"documents": [4], "open": 0}'}, "documents/000004.safetensors is missing"),
        ({"session.json": b'{"documents": ["../x"], "open": 0}'}, "no session that packviz wrote"),
        ({"session.json": b'{"documents": [], "open": 3}'}, "no session that packviz wrote"),
    ],
)
def test_what_is_damaged_is_one_sentence(tmp_path: Path, records: dict[str, bytes], said: str) -> None:
    path = tmp_path / "a.packviz"
    path.write_bytes(whole_file("session", {}, records))
    with pytest.raises(BatchError, match=rf"a\.packviz: .*{said}"):
        read_session(path)
    path.write_bytes(whole_file("recording", {}, {}))
    with pytest.raises(BatchError, match="it holds a recording, but a session is expected"):
        read_session(path)


SAVING = """
import sys
import numpy as np
from packviz.core.batch import make_batch
from packviz.core.module import Module
from packviz.core.saved import SavedDocument, SavedSession
from packviz.files import loaded
from packviz.files.kept import sessions
sessions.SPARE = 50_000
log = sessions.SessionLog(sys.argv[1])
for number in range(10_000):
    batch = make_batch(np.full((2, 700, 1), number, dtype=np.float32), [2] * 700)
    log.save(SavedSession((SavedDocument(batch, Module(seed=number)),)))
    print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
@pytest.mark.parametrize(
    "count", [pytest.param(6), pytest.param(200, marks=[pytest.mark.whole, pytest.mark.timeout(1200)])]
)
def test_killed_at_any_moment_the_last_save_is_there(tmp_path: Path, count: int) -> None:
    path, chance = tmp_path / "work.packviz", random.Random(count)
    for round_ in range(count):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SAVING), str(path)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            try:
                for _ in range(1 + round_ * 7 % 40):
                    said = child.stdout.readline()
                time.sleep(chance.uniform(0, 0.02))  # somewhere in a save, or between two
            finally:
                os.kill(child.pid, signal.SIGKILL)
            rest = child.stdout.read().split()
        saved = int(([said.strip(), *rest])[-1])
        found = read_session(path).documents[0]
        assert found.module.seed in (saved, saved + 1)
        assert bool((found.batch.x == found.module.seed).all())


def test_marks_alone_are_a_new_document_of_the_same_x(tmp_path: Path) -> None:
    one = SavedDocument(batch(), Module())
    log = SessionLog(tmp_path / "a.packviz")
    for step in range(3):
        session = SavedSession((replace(one, marks=Marks(moment=Moment(step))),))
        log.save(session)
        assert same(read_session(tmp_path / "a.packviz"), session)
    log.close()


def test_the_numbers_of_hx_come_back_with_the_call_that_they_are_of(tmp_path: Path) -> None:
    one = batch()
    module = held_module("LSTM", 1, HIDDEN).with_numbers(hx_of(17), "run.packviz", 17)
    zeros = held_module("LSTM", 1, HIDDEN, hx=module.hx)
    save_session(tmp_path / "a.packviz", SavedSession((SavedDocument(one, module), SavedDocument(one, zeros))))
    first, second = read_session(tmp_path / "a.packviz").documents
    found = first.module.numbers
    assert found is not None
    assert (found.place, found.number) == ("run.packviz", 17)
    assert all(same(array, then) for array, then in zip(found.arrays, hx_of(17), strict=True))
    assert (second.module.numbers, second.module.hx) == (None, module.hx)


def saved_twice(path: Path) -> bytes:
    log = SessionLog(path)
    for many in (1, 2):
        log.save(SavedSession(tuple(SavedDocument(batch(float(n)), Module()) for n in range(many)), many - 1))
    log.close()
    return path.read_bytes()


def opened_in(data: bytes) -> SessionFile:
    return SessionFile(Stream.of(data))


def test_where_the_last_list_is_damaged_the_one_before_counts_and_it_is_said(tmp_path: Path) -> None:
    data = saved_twice(tmp_path / "a.packviz")
    at = data.rindex(b"session.json")
    for place in (at + 1, at + 514):
        bent = bytearray(data)
        bent[place] ^= 1
        found = opened_in(bytes(bent))
        assert (len(found.names), found.open) == (1, 0)
        assert found.trouble == (
            f"the list of its last save is damaged, or lost, at byte {at:,}: this is the save before it."
        )
        (tmp_path / "b.packviz").write_bytes(bent)
        with pytest.raises(BatchError, match=r"b\.packviz: the list of its last save is damaged, or lost"):
            read_session(tmp_path / "b.packviz")


@pytest.mark.parametrize("written", ["nothing", "the batch"])
def test_zeros_where_a_later_save_may_have_stood_are_said(tmp_path: Path, written: str) -> None:
    """As a system leaves a file that goes down before what was written last is on the disk."""
    path = tmp_path / "a.packviz"
    log = SessionLog(path)
    one = SavedDocument(batch(0.0), Module())
    log.save(SavedSession((one,)))
    before = path.stat().st_size
    log.save(SavedSession((one, SavedDocument(batch(1.0), Module()))))
    data = path.read_bytes()
    log.close()
    kept = before if written == "nothing" else data.rindex(b"session.json")
    torn = data[:kept] + bytes(len(data) - kept)
    found = opened_in(torn)
    assert (len(found.names), found.open) == (1, 0)
    assert found.trouble == (
        f"it ends in {len(data) - kept:,} zero bytes, from byte {kept:,} on, as after a machine went down: a later "
        "save may have stood there, and the last changes may be missing."
    )
    assert same(found.document(0), one)


def test_a_list_that_did_not_reach_the_disk_is_more_than_the_end_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    log = SessionLog(path)
    log.save(SavedSession())
    data = path.read_bytes()
    log.save(SavedSession(identity="i"))
    torn = data + bytes(path.stat().st_size - len(data))
    log.close()
    assert opened_in(torn).trouble.startswith("it ends in 1,536 zero bytes")
    assert [opened_in(data + bytes(n)).trouble for n in (0, 1, 511, 512, 1023, 1024)] == [""] * 6


def test_zeros_that_a_packer_of_archives_fills_the_end_with_are_none(tmp_path: Path) -> None:
    data = whole_file("session", {}, {"session.json": b'{"documents": [], "open": 0}'})
    assert opened_in(data + bytes(8192)).trouble == ""


def test_where_all_lists_are_damaged_all_batches_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    save_session(path, SavedSession((SavedDocument(batch(3.0), Module()), SavedDocument(batch(4.0), Module())), 1))
    bent = bytearray(path.read_bytes())
    bent[bent.rindex(b"session.json") + 514] ^= 1
    found = opened_in(bytes(bent))
    assert [float(found.document(place).batch.x[0, 0, 0]) for place in (0, 1)] == [3.0, 4.0]
    assert found.trouble.endswith("these are the batches that are in it, as they were saved.")


def test_damage_before_the_last_list_in_what_counts_no_more_is_none(tmp_path: Path) -> None:
    data = saved_twice(tmp_path / "a.packviz")
    bent = bytearray(data)
    bent[data.index(b"session.json") + 1] ^= 1
    found = opened_in(bytes(bent))
    assert (len(found.names), found.trouble) == (2, "")
    assert [float(found.document(place).batch.x[0, 0, 0]) for place in (0, 1)] == [0.0, 1.0]


@pytest.mark.parametrize(("bit", "every"), [(0x01, 17), (0x20, 37), pytest.param(0x01, 1, marks=pytest.mark.whole)])
def test_no_byte_of_a_session_is_shown_wrong(tmp_path: Path, bit: int, every: int) -> None:
    data = saved_twice(tmp_path / "a.packviz")
    whole = opened_in(data)
    right = [whole.document(place) for place in (0, 1)]
    for at in range(0, len(data), every):
        bent = bytearray(data)
        bent[at] ^= bit
        try:
            found = opened_in(bytes(bent))
        except BatchError as error:
            pytest.fail(f"{at}: {error}")
        assert found.trouble or (found.names, found.open) == (whole.names, whole.open), at
        lost = 0
        for place, expected in enumerate(right[: len(found.names)]):
            try:
                assert same(found.document(place), expected), at
            except BatchError:
                lost += 1
        assert lost <= 1, at


@given(st.data())
def test_whatever_happens_to_a_session_what_is_shown_is_right(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("bent") / "a.packviz"
    save_session(path, SavedSession((SavedDocument(batch(3.0), Module()), SavedDocument(batch(4.0), stored()))))
    whole = path.read_bytes()
    right = read_session(path)
    at, gone = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 1200) | st.sampled_from([512, 1024]))
    bent = whole[:at] + data.draw(st.binary(max_size=600)) + whole[at + gone :]
    try:
        found = opened_in(bent)
        shown = [found.document(place) for place in range(len(found.names))]
    except BatchError:
        return
    assert found.trouble or same(SavedSession(tuple(shown), found.open), right)
    assert all(any(same(one, other) for other in right.documents) for one in shown)


def test_what_can_be_saved_can_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_DOCUMENTS", 5)
    monkeypatch.setattr(loaded, "MOST_BATCHES", 3)
    path, one = tmp_path / "a.packviz", batch()
    some = tuple(SavedDocument(one, Module(seed=seed)) for seed in range(6))
    save_session(path, SavedSession(some[:5]))
    assert [found.module.seed for found in load_each(path) if found.module is not None] == [0, 1, 2, 3, 4]
    with pytest.raises(BatchError, match=r"^there are 6 batches, more than the 5 that a session has: close some"):
        save_session(path, SavedSession(some))
    log = SessionLog(tmp_path / "b.packviz")
    with pytest.raises(BatchError, match="there are 6 batches"):
        log.save(SavedSession(some))
    assert len(read_session(path)) == 5
    assert [found.name for found in tmp_path.iterdir()] == ["a.packviz"]
    monkeypatch.setattr(sessions, "MOST_DOCUMENTS", 4)
    with pytest.raises(BatchError, match="it holds 5 batches, more than the 4 of a session"):
        read_session(path)
