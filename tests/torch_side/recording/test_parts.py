"""The parts of a recording that other processes wrote beside it."""

from __future__ import annotations

from pathlib import Path

from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Site
from packviz.files.kept.batch import read_batch
from packviz.files.kept.parts import part_path
from packviz.torch_side.recording.made import PACK
from packviz.torch_side.recording.parts import parts
from packviz.torch_side.recording.recorder import Recorder
from packviz.torch_side.recording.written import Written
from tests.torch_side.recording.copies import copy_of
from tests.torch_side.recording.programs import batch


def test_parts_are_numbered_on_and_gone(tmp_path: Path) -> None:
    place = str(tmp_path / "run[1].packviz")
    kept = NotedCall(2, PACK, Site("a.py", 3), reason="first", findings=(("lengths-count", Severity.ERROR),), worker=0)
    for _ in range(1):
        made = Written(part_path(place, "token"), "")
        made.note(kept._replace(number=1, reason=""))
        made.keep(kept, copy_of(PACK, *batch(), True, False))
        made.begin()
        made.end({"while tracing": 1})
    Written(part_path(place, "other"), "").begin()
    [part] = parts(place, "token", 10)
    assert part.unseen == {"while tracing": 1}
    assert [call for call, _ in part.calls] == [kept._replace(number=11, reason=""), kept._replace(number=12)]
    assert part.calls[0][1] is None
    assert part.calls[1][1] is not None
    whole = read_batch(part.calls[1][1])
    assert whole.call == kept._replace(number=12)
    assert whole.batch.given.counts.tolist() == batch()[1].tolist()
    assert [path.name for path in tmp_path.iterdir()] == [Path(part_path(place, "other")).name]


def test_a_part_that_can_not_be_read_stays_and_hides_no_other(tmp_path: Path) -> None:
    place = str(tmp_path / "run.packviz")
    call = NotedCall(1, PACK, Site("a.py", 3), worker=0)
    for worker in (1, 3):
        made = Written(f"{place}.token-{worker}.part", "")
        for number in (1, 2):
            made.note(call._replace(number=number))
        made.begin()
        made.end({})
    broken = tmp_path / "run.packviz.token-2.part"
    broken.write_bytes(b"no recording")
    found = list(parts(place, "token", 10))
    assert [[call.number for call, _ in part.calls] for part in found] == [[11, 12], [], [13, 14]]
    assert [part.unseen for part in found] == [
        {},
        {"not written: what a worker noted can't be read (run.packviz.token-2.part)": 1},
        {},
    ]
    assert list(tmp_path.iterdir()) == [broken]


def test_of_a_part_that_is_damaged_what_comes_before_the_damage_is_there(tmp_path: Path) -> None:
    place = str(tmp_path / "run.packviz")
    path = Path(part_path(place, "token"))
    made = Written(str(path), "")
    copied = copy_of(PACK, *batch(), True, False)
    for number in (1, 2):
        made.keep(NotedCall(number, PACK, Site("a.py", 3), reason="first", worker=0), copied)
    made.begin()
    made.end({})
    data = path.read_bytes()
    at = data.rindex(b"calls/000002.safetensors") + 600  # inside its second batch
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    [part] = parts(place, "token", 0)
    assert [call.number for call, data in part.calls if data is not None] == [1]
    assert len(part.unseen) == 1
    assert path.exists()


def test_a_part_that_can_not_be_read_takes_nothing_from_the_recording(tmp_path: Path) -> None:
    place = str(tmp_path / "run.packviz")
    recorder = Recorder(place, when="always")
    recorder.start()
    pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)
    (tmp_path / f"run.packviz.{recorder._token}-2.part").write_bytes(b"no recording")
    found = recorder.stop()
    assert [call.reason for call in found.calls] == ["always"]
    assert [why.partition(":")[0] for why in found.unseen or {}] == ["not written"]
