"""The plugin of pytest: with --packviz, a failing test's calls around packing are explained in its report, and kept.

Without --packviz it does nothing and imports nothing. A recording lies in the folder `.packviz` of the root directory,
called as its test, until that test is run again; passing tests leave none.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ExceptionRepr

from packviz.core.arrival import Arrival, is_torch

if TYPE_CHECKING:
    from packviz.core.noted import Recording

FOLDER = ".packviz"
KEEP = 50
LONGEST_NAME = 150
"""Bytes of a test's name that its recording is called by."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--packviz`."""
    parser.getgroup("packviz").addoption(
        "--packviz",
        action="store_true",
        help=f"explain the calls around packing of each failing test, and keep them in {FOLDER}/ of the root directory",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Records tests where that is asked for."""
    if config.getoption("packviz"):
        config.pluginmanager.register(Recordings(config.rootpath / FOLDER), "packviz-recordings")


class Recordings:
    """Records each test, and keeps what was recorded of those that fail in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._test: _Recorded | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """From the set-up of a test to its end."""
        place = self._folder / file_name(item.nodeid)
        for number in ("", "-[2-9]", "-[1-9][0-9]"):
            for before in place.parent.glob(f"{place.stem}{number}.packviz"):
                before.unlink(missing_ok=True)
        self._test = _Recorded(place, item.nodeid)
        try:
            return (yield)
        finally:
            self._test.end()
            self._test = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What fails gets one section more, in which the calls up to there are explained: a test, one of its subtests,
        and what comes after it."""
        report = yield
        if self._test is not None and report.failed:
            told = self._test.told(call.excinfo.value if call.excinfo is not None else None)
            if told and isinstance(report.longrepr, ExceptionRepr):
                report.longrepr.addsection("packviz", told)
            elif told:
                report.sections.append(("packviz", told))
        return report


class _Recorded:
    """One test's recorder: it begins when torch is there, and writes apart until it is known that the test fails.

    After a failure it begins anew, into a file with a number behind its name: a subtest, or the end of a fixture, may
    fail, too.
    """

    def __init__(self, place: Path, name: str) -> None:
        self._place, self._name = place, name
        self._failures = 0
        self._apart: list[Path] = []
        self._recorder: Any = None
        self._trouble = ""
        self._arrival = Arrival("torch", self._begin)
        self._arrival.wait()

    def _begin(self) -> None:
        if not is_torch():
            return
        from packviz.torch_side.recording.recorder import Recorder

        try:
            self._apart.append(Path(tempfile.mkdtemp(prefix="packviz-")))
            place = str(self._apart[-1] / self._place.name)
            recorder = Recorder(place, keep=KEEP, when="always", program=self._name)
            recorder.start()
            self._recorder = recorder
        except Exception as error:  # a defect of ours: it is told in the report, and the test goes on
            self._note(error)

    def told(self, error: BaseException | None) -> str:
        """The test fails, of this: what is to be said of it, and the recording is put in its place. Nothing where it
        made no call around packing."""
        recorder, self._recorder = self._recorder, None
        parts: list[str] = []
        try:
            if recorder is not None:
                explained = recorder.raised(error) if isinstance(error, Exception) else ""
                parts = [explained, self._kept(recorder.stop())]
        except Exception as own:
            self._note(own)
        parts, self._trouble = [*parts, self._trouble], ""
        if recorder is not None:
            self._begin()
        return "\n\n".join(part for part in parts if part)

    def _kept(self, recording: Recording) -> str:
        from dataclasses import replace

        from packviz.core.texts.quoting import shown
        from packviz.core.texts.recording import noteworthy, recording_text

        if not recording.calls:
            return shown(recording_text(recording)) if noteworthy(recording, "finding") else ""
        if recording.place:
            self._place.parent.mkdir(exist_ok=True)
            ignored = self._place.parent / ".gitignore"
            if not ignored.exists():
                ignored.write_text("# made by packviz\n*\n", encoding="utf-8")
            self._failures += 1
            number = "" if self._failures == 1 else f"-{self._failures}"
            place = self._place.with_name(f"{self._place.stem}{number}.packviz")
            shutil.move(recording.place, place)
            recording = replace(recording, place=_near(place))
        return shown(recording_text(recording))

    def end(self) -> None:
        """Ends the recording, where that has not been done, and takes away what was written apart."""
        self._arrival.forget()
        if self._recorder is not None:
            try:
                self._recorder.stop()
            except Exception as error:
                self._note(error)
        for apart in self._apart:
            shutil.rmtree(apart, ignore_errors=True)

    def _note(self, error: Exception) -> None:
        from packviz.core.errors import defect_text

        self._trouble = defect_text(error)


def file_name(test: str) -> str:
    """What the recording of a test is called, by the test's id: what no file system minds."""
    plain = re.sub(r"[^\w.-]+", "-", test).strip("-.")
    whole = plain.encode()
    if len(whole) > LONGEST_NAME or re.search(r"[^\w./:-]", test):  # else another test would be called so, too
        head = whole[:LONGEST_NAME].decode(errors="ignore")
        plain = f"{head}-{zlib.crc32(test.encode('utf-8', 'replace')):08x}"
    return f"{plain}.packviz"


def _near(place: Path) -> str:
    """The path from the working directory, where it lies in it."""
    try:
        here = Path.cwd()
    except OSError:  # the test has removed it
        return str(place)
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(place)
