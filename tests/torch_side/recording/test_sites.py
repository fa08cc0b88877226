"""Where a call is made: the first line that is neither torch's nor packviz's."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import Any

import pytest
import torch
from torch import nn

from packviz.core import errors
from packviz.torch_side.recording import sites


def here() -> FrameType:
    return sys._getframe(1)


def test_it_is_the_line_of_the_caller() -> None:
    frame = here()
    site = sites.site_of(frame)
    assert site is not None
    assert (site.path, site.function) == (__file__, "test_it_is_the_line_of_the_caller")
    assert site.shown.startswith("test_sites.py:")


def test_frames_of_torch_are_passed_over() -> None:
    class Module(nn.Module):
        def forward(self) -> Any:
            return sites.site_of(here().f_back)

    site = Module()()
    assert site is not None
    assert site.function == "test_frames_of_torch_are_passed_over"


def test_what_packviz_calls_has_none() -> None:
    code = compile("found = site_of(frame())", str(errors.HOUSE / "api.py"), "exec")
    names: dict[str, Any] = {"site_of": sites.site_of, "frame": here}
    exec(code, names)
    assert names["found"] is None


def test_a_call_from_nowhere_is_said() -> None:
    assert sites.site_of(None) == sites.NOWHERE


def test_threads_that_python_does_not_know_stay_unknown() -> None:
    import _thread

    named: list[str] = []
    done = threading.Event()

    def run() -> None:
        named.append(sites.thread_name())
        done.set()

    before = threading.active_count()
    _thread.start_new_thread(run, ())
    assert done.wait(10)
    assert named[0].startswith("thread ")
    assert threading.active_count() == before
    assert sites.thread_name() == threading.current_thread().name


def test_the_process_that_starts_workers_is_none() -> None:
    assert torch.utils.data.get_worker_info() is None
    assert sites.worker_number() == -1


def test_of_code_that_is_made_without_end_few_sites_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "_met", {})
    monkeypatch.setattr(sites, "MOST_MET", 3)
    found = [sites._meet(("a.py", line, "f")) for line in range(10)]
    assert [site.line for site in found] == list(range(10))
    assert len(sites._met) <= 3
    assert sites._meet(("a.py", 9, "f")) is found[9]


def test_of_files_that_come_without_end_few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "MOST_MET", 3)
    monkeypatch.setattr(sites, "_owners", {})
    for number in range(9):
        assert sites.is_programs(f"/home/somebody/{number}.py")
        assert len(sites._owners) <= 3
    assert not sites.is_programs(torch.__file__)
    assert not sites.is_programs(str(errors.HOUSE / "api.py"))
