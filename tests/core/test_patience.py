"""How long a work may take is allowed beforehand; a clock of the test's own says how late it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import packviz
from packviz.core import patience
from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED, TooLong, Watch
from packviz.core.errors import BatchError
from packviz.core.module import Module
from packviz.core.packing import Packing, pack
from packviz.core.patience import TIME, seconds_of, timed
from packviz.files.paste.paste import parse_paste
from packviz.files.registry import load_each
from packviz.torch_side.asking.verdict import ask
from packviz.torch_side.probe.probes import probe_spec
from packviz.torch_side.stepping.trace import run

BATCH = make_batch(np.ones((3, 4), np.float32), [4, 3, 2], Call(True, True))


class Clock:
    """Seconds that go by each time that it is looked at."""

    def __init__(self, by: float) -> None:
        self.now, self.by = 0.0, by

    def __call__(self) -> float:
        self.now += self.by
        return self.now


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A machine on which every look at the clock is 50 s later."""
    clock = Clock(50)
    monkeypatch.setattr(patience, "clock", clock)
    return clock


def test_a_work_whose_time_is_up_ends_in_a_sentence_that_says_how_to_allow_more(slow: Clock) -> None:
    watch = timed(UNWATCHED, "reading x.csv")
    watch.check()
    watch.check()
    with pytest.raises(TooLong) as refused:
        watch.check()
    said = str(refused.value)
    assert said.startswith("reading x.csv takes more than the 120 s allowed: ")
    assert "--seconds" in said
    assert TIME.variable in said


def test_a_work_that_would_take_far_longer_is_refused_once_its_pace_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(0)
    monkeypatch.setattr(patience, "clock", clock)
    told: list[float] = []
    watch = timed(Watch(progress=told.append), "reading x.csv")
    clock.now = 1.0
    watch.step(0.0001)  # too early to know
    clock.now = 3.0
    watch.step(0.01)  # 300 s, not far beyond 120
    with pytest.raises(TooLong, match=r"reading x.csv would take 3,000 s at its pace, more than the 120 s allowed"):
        watch.step(0.001)
    assert told == [0.0001, 0.01]


def test_parts_of_a_work_share_its_time_and_waiting_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(0)
    monkeypatch.setattr(patience, "clock", clock)
    watch = timed(UNWATCHED, "it")
    assert timed(watch, "a part of it") is watch
    with watch.resting():
        clock.now += 1000
    watch.check()
    watch.unhurried().check()
    clock.now += 121
    watch.unhurried().check()
    for part in (watch, watch.part(0.5, 0.5), watch.quiet(), watch.quiet().part(0, 1)):
        with pytest.raises(TooLong):
            part.check()
    with watch.part(0.5, 0.5).resting(), watch.quiet().resting():
        clock.now += 1000
    clock.now = 100
    fast = timed(UNWATCHED, "it")
    clock.now = 110
    fast.part(0.5, 0.5).step(0.001)  # half is behind
    fast.quiet().step(0.001)  # says nothing of how far the whole is
    with pytest.raises(TooLong, match="would take"):
        fast.step(0.001)


@given(st.floats(0.001, 1e6) | st.integers(1, 10**6))
def test_seconds_are_read_as_they_are_typed(seconds: float) -> None:
    assert seconds_of(seconds) == seconds
    assert seconds_of(f"{seconds:.3f} s") == pytest.approx(seconds, abs=1e-3)


@pytest.mark.parametrize("said", ["", "0", "soon", "-3", "1e3", None, True, "9" * 5000])
def test_what_is_no_number_of_seconds_is_refused(said: object) -> None:
    with pytest.raises(BatchError, match="is no number of seconds"):
        seconds_of(said)


def test_every_way_in_and_every_run_has_its_time(slow: Clock, tmp_path: Path) -> None:
    text = str(np.random.default_rng(0).normal(size=(3000, 3)).tolist())
    names = {".json": text.encode(), ".txt": text.encode(), ".csv": text.replace("], ", "\n").encode()}
    for suffix, data in names.items():
        (tmp_path / f"x{suffix}").write_bytes(data)
    np.save(tmp_path / "x.npy", np.ones((3000, 30)))
    torch.save(torch.ones(3000, 30), tmp_path / "x.pt")
    for path in sorted(tmp_path.iterdir()):
        slow.by = 50
        with pytest.raises(BatchError, match=f"{path.name}: reading it takes more than the 120 s"):
            list(load_each(path))
        with pytest.raises(BatchError, match="takes more than the 1 s allowed"):
            packviz.load(path, seconds=1)
    with pytest.raises(BatchError, match=r"^reading this text takes more"):
        parse_paste(text)
    packing = pack(BATCH)
    assert isinstance(packing, Packing)
    with pytest.raises(TooLong, match=r"stepping nn.LSTM takes more"):
        run(BATCH, packing, Module())
    with pytest.raises(TooLong, match=r"probing nn.LSTM takes more"):
        probe_spec(BATCH, Module())


def test_a_verdict_whose_run_takes_too_long_says_so(slow: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packviz.torch_side.asking.parts.PART", 1)
    batch = make_batch(np.ones((300, 40), np.float32), np.full(300, 40), Call(True, True))
    verdict = ask(batch, Module())
    assert verdict.run.ok is None
    assert verdict.run.text.startswith("not asked to its end: running nn.LSTM takes more than the 120 s allowed")
    assert verdict.pack.ok


def test_what_is_done_between_two_batches_of_a_file_takes_none_of_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(0)
    monkeypatch.setattr(patience, "clock", clock)
    torch.save([{"x": torch.ones(2, 3), "lengths": [3, 2]} for _ in range(5)], tmp_path / "five.pt")
    seen = 0
    for _ in load_each(tmp_path / "five.pt"):
        clock.now += 100
        seen += 1
    assert seen == 5
