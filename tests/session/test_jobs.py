"""Jobs: results come back on the GUI thread; what is no longer wanted is dropped; nothing is left at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QThread

from packviz.core.batch import BatchError
from packviz.core.cancel import Watch
from packviz.session.actions import Computed, Failed, Progressed
from packviz.session.jobs import Jobs

PATIENT = ("check", "verdict", "trace")
PATIENCE = 10.0  # seconds until a test that waits for a thread gives up


@dataclass(frozen=True, eq=False)
class Task:
    """A request that waits until it may go on. `runs` counts how often it was begun."""

    kind: str = "load"
    error: Exception | None = None
    heeds: bool = True  # it asks whether to stop
    steps: tuple[float, ...] = ()
    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    runs: list[QThread] = field(default_factory=list)

    @property
    def patient(self) -> bool:
        return self.kind in PATIENT

    def do(self, watch: Watch) -> Any:
        self.runs.append(QThread.currentThread())
        self.begun.release()
        while not self.go.wait(0.005):
            if self.heeds:
                watch.check()
        for fraction in self.steps:
            watch.step(fraction)
        if self.error is not None:
            raise self.error
        return "result"


@dataclass
class Desk:
    """Jobs and what they brought, with the thread that it was brought on."""

    jobs: Jobs
    came: list[Any] = field(default_factory=list)
    threads: list[QThread] = field(default_factory=list)

    def want(self, *tasks: Task) -> None:
        self.jobs.want({task.kind: task for task in tasks})  # type: ignore[misc]

    def take(self, action: Any) -> None:
        self.came.append(action)
        self.threads.append(QThread.currentThread())


@pytest.fixture
def desk(qapp: Any) -> Iterator[Desk]:
    jobs = Jobs()
    desk = Desk(jobs)
    jobs.done.connect(desk.take)
    yield desk
    jobs.close()


def ready(**options: Any) -> Task:
    task = Task(**options)
    task.go.set()
    return task


def begin(task: Task) -> None:
    assert task.begun.acquire(timeout=PATIENCE)


def idle(desk: Desk, qtbot: Any) -> None:
    """Let everything that is still wanted come to its end."""
    desk.want()
    qtbot.waitUntil(lambda: not desk.jobs.busy)


def test_a_result_comes_back_on_the_gui_thread_from_another_one(desk: Desk, qtbot: Any) -> None:
    task = ready()
    desk.want(task)
    qtbot.waitUntil(lambda: bool(desk.came))
    [action] = desk.came
    assert isinstance(action, Computed)
    assert (action.request, action.result) == (task, "result")
    assert desk.threads == [QThread.currentThread()]
    assert task.runs != [QThread.currentThread()]


@pytest.mark.parametrize("heeds", [True, False], ids=["stops", "does not stop"])
def test_the_result_of_a_superseded_request_is_dropped_and_the_newest_is_run(
    desk: Desk, qtbot: Any, heeds: bool
) -> None:
    first, second, third = Task(heeds=heeds), ready(), ready()
    desk.want(first)
    begin(first)
    desk.want(second)
    desk.want(third)
    first.go.set()
    qtbot.waitUntil(lambda: bool(desk.came))
    idle(desk, qtbot)
    assert [action.request for action in desk.came] == [third]
    assert second.runs == []


def test_the_same_request_wanted_again_after_it_was_stopped_is_run_again(desk: Desk, qtbot: Any) -> None:
    task = Task()
    desk.want(task)
    begin(task)
    desk.want()
    desk.want(task)
    qtbot.waitUntil(lambda: len(task.runs) == 2)
    task.go.set()
    qtbot.waitUntil(lambda: bool(desk.came))
    idle(desk, qtbot)
    assert [action.request for action in desk.came] == [task]


@pytest.mark.parametrize("kind", ["torch", "verdict"])
def test_a_request_that_goes_on_being_wanted_is_run_once(desk: Desk, qtbot: Any, kind: str) -> None:
    task = ready(kind=kind)
    desk.want(task)
    qtbot.waitUntil(lambda: bool(desk.came))
    assert not desk.jobs.busy
    assert len(task.runs) == 1


def test_requests_of_different_kinds_run_side_by_side(desk: Desk, qtbot: Any) -> None:
    tasks = [Task(kind) for kind in ("load", "torch", "other")]
    desk.want(*tasks)
    for task in tasks:
        begin(task)
    for task in tasks:
        task.go.set()
    qtbot.waitUntil(lambda: len(desk.came) == 3)


def test_check_verdict_and_trace_wait_for_a_pause_in_the_edits(desk: Desk, qtbot: Any) -> None:
    edits = [[ready(kind=kind) for kind in PATIENT] for _ in range(5)]
    for tasks in edits:
        desk.want(*tasks)
    qtbot.waitUntil(lambda: len(desk.came) == len(PATIENT))
    assert [task.runs for tasks in edits[:-1] for task in tasks] == [[]] * 4 * len(PATIENT)
    assert {action.request for action in desk.came} == set(edits[-1])
    desk.want()


def test_what_can_not_be_done_comes_back_as_its_sentence(desk: Desk, qtbot: Any) -> None:
    desk.want(ready(error=BatchError("row 3 is no list.")), ready(kind="torch", error=MemoryError()))
    qtbot.waitUntil(lambda: len(desk.came) == 2)
    assert all(isinstance(action, Failed) for action in desk.came)
    said = {action.request.kind: action.text for action in desk.came}
    assert said == {"load": "row 3 is no list.", "torch": "there is not enough memory for this torch."}


def test_a_defect_is_shown_and_printed_never_swallowed(
    desk: Desk, qtbot: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.want(ready(error=ZeroDivisionError("by 0")))
    qtbot.waitUntil(lambda: bool(desk.came))
    said = desk.came[0].text.splitlines()
    assert said[0].startswith("packviz failed here, which is its own defect")
    assert said[-1] == "  ZeroDivisionError: by 0"
    assert "ZeroDivisionError: by 0" in capfd.readouterr().err


def test_progress_comes_in_steps_of_a_hundredth_before_the_result(desk: Desk, qtbot: Any) -> None:
    task = ready(steps=tuple(fractions_of(1000)))
    desk.want(task)
    qtbot.waitUntil(lambda: bool(desk.came) and isinstance(desk.came[-1], Computed))
    seen = [action.fraction for action in desk.came[:-1] if isinstance(action, Progressed)]
    assert len(seen) == len(desk.came) - 1
    assert 50 < len(seen) <= 100
    assert seen == sorted(seen)


def fractions_of(n: int) -> list[float]:
    return [i / n for i in range(1, n + 1)]


def test_a_stopped_request_brings_neither_progress_nor_a_result(desk: Desk, qtbot: Any) -> None:
    task = Task(heeds=False, steps=(0.5,))
    desk.want(task)
    begin(task)
    desk.want()
    task.go.set()
    idle(desk, qtbot)
    assert desk.came == []


def test_close_waits_and_nothing_comes_afterwards(desk: Desk, qtbot: Any) -> None:
    tasks = [Task(kind) for kind in ("load", "torch")]
    desk.want(*tasks, ready(kind="verdict"))
    for task in tasks:
        begin(task)
    desk.jobs.close()
    assert not desk.jobs.busy
    assert desk.jobs._pool.activeThreadCount() == 0
    qtbot.wait(0)
    assert desk.came == []


def test_close_takes_back_a_result_that_was_already_on_its_way(desk: Desk, qtbot: Any) -> None:
    task = ready()
    desk.want(task)
    begin(task)
    desk.jobs._pool.waitForDone()  # its result lies in the queue of this thread
    desk.jobs.close()
    qtbot.wait(0)
    assert desk.came == []


def test_the_workers_run_one_job_of_a_kind_at_a_time(desk: Desk, qtbot: Any) -> None:
    first, second = Task(heeds=False), ready()
    desk.want(first)
    begin(first)
    desk.want(second)
    assert second.runs == []
    first.go.set()
    qtbot.waitUntil(lambda: bool(desk.came))
    assert [action.request for action in desk.came] == [second]


def test_idle_is_told_when_a_pause_ends_with_nothing_left_to_do(qtbot: Any, desk: Desk) -> None:
    with qtbot.waitSignal(desk.jobs.idle, timeout=2000):
        desk.want(Task("check"))
        desk.want()
    assert not desk.jobs.busy


def test_idle_is_told_once_the_last_result_is_in(qtbot: Any, desk: Desk) -> None:
    task = Task("load")
    desk.want(task)
    assert desk.jobs.busy
    with qtbot.waitSignal(desk.jobs.idle, timeout=2000):
        task.go.set()
    assert not desk.jobs.busy
    assert [type(action) for action in desk.came] == [Computed]


@pytest.mark.parametrize("raised", [ModuleNotFoundError("No module named 'torch'", name="torch"), ValueError("odd")])
def test_torch_that_is_not_there_is_said_and_is_no_defect(
    desk: Desk, qtbot: Any, capsys: pytest.CaptureFixture[str], raised: Exception
) -> None:
    desk.want(ready(kind="torch", error=raised))
    qtbot.waitUntil(lambda: bool(desk.came))
    [action] = desk.came
    assert isinstance(action, Failed)
    if isinstance(raised, ImportError):
        assert (action.text, capsys.readouterr().err) == ("torch is not installed here: install it.", "")
    else:
        assert "its own defect" in action.text
        assert "ValueError: odd" in capsys.readouterr().err
