"""The plugin of pytest: silent of passing tests, and of all without --packviz; a failing one is explained."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.files.kept.recordings import read_recording
from packviz.pytest_plugin import FOLDER, LONGEST_NAME, file_name

pytest_plugins = ["pytester"]

TESTS = """
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def packed(lengths):
    return pack_padded_sequence(torch.ones(2, 4, 1), lengths, batch_first=True, enforce_sorted=False)


def test_right():
    packed([4, 4])


def test_wrong_and_not_seen():
    packed([4, 6])


def test_raises_as_is_meant():
    with pytest.raises(RuntimeError):
        packed([4, 0])


@pytest.mark.xfail(strict=True)
def test_fails_as_is_meant():
    packed([4, 0])


def test_without_any_call():
    assert 1 == 2


@pytest.mark.parametrize("longest", [6])
def test_dies(longest):
    nn.GRU(1, 2)(packed([4, longest]))


def test_result_is_another():
    assert pad_packed_sequence(packed([3, 3]), batch_first=True)[0].shape == (2, 4, 1)


@pytest.fixture
def broken():
    return packed([4, 0])


def test_whose_fixture_dies(broken):
    pass
"""


@pytest.fixture(scope="module", autouse=True)
def _all_is_loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a test of pytester's imports is forgotten after it, and torch can't be imported twice."""
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence

    from packviz.core.errors import defect_text
    from packviz.core.texts.recording import recording_text
    from packviz.torch_side.recording.recorder import Recorder

    recorder = Recorder(str(tmp_path_factory.mktemp("once") / "once.packviz"), when="always")
    recorder.start()
    with pytest.raises(RuntimeError) as caught:
        pack_padded_sequence(torch.ones(2, 4, 1), [0, 0])
    assert recorder.raised(caught.value)
    assert defect_text(caught.value)
    assert recording_text(recorder.stop())


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # none of those that are installed here

    def ran(*words: str, tests: str = TESTS) -> pytest.RunResult:
        pytester.makepyfile(test_packing=tests)
        return pytester.runpytest_inprocess("-p", "packviz.pytest_plugin", "-p", "no:cacheprovider", *words)

    return ran


def recordings(pytester: pytest.Pytester) -> list[str]:
    return sorted(path.name for path in (pytester.path / FOLDER).glob("*.packviz"))


def test_off_it_does_nothing(run, pytester: pytest.Pytester) -> None:
    result = run()
    result.assert_outcomes(passed=3, failed=3, errors=1, xfailed=1)
    assert "packviz" not in str(result.stdout).replace("packviz.pytest_plugin", "")
    assert not (pytester.path / FOLDER).exists()


def test_a_failing_test_is_explained_and_kept_and_a_passing_one_is_not(run, pytester: pytest.Pytester) -> None:
    result = run("--packviz")
    result.assert_outcomes(passed=3, failed=3, errors=1, xfailed=1)
    told = str(result.stdout)
    assert told.count(" packviz ---") == 3
    dies = next(part for part in told.split("\n____") if part.startswith("_ test_dies[6]") or "test_dies[6] _" in part)
    assert "Row 1: its length is beyond the end of x" in dies
    assert "length-exceeds-time" in dies
    assert "test_packing.py:8" in dies
    kept = recordings(pytester)
    assert len(kept) == 3
    assert kept[1:] == [
        "test_packing.py-test_result_is_another.packviz",
        "test_packing.py-test_whose_fixture_dies.packviz",
    ]
    assert f"packviz check {FOLDER}/{kept[1]}" in told
    recording = read_recording(pytester.path / FOLDER / kept[1])
    assert [call.call for call in recording.calls] == ["pack_padded_sequence", "pad_packed_sequence"]
    assert recording.program == "test_packing.py::test_result_is_another"
    assert (pytester.path / FOLDER / ".gitignore").read_text().endswith("*\n")


def test_what_was_written_apart_is_taken_away(run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    apart = pytester.mkdir("apart")
    monkeypatch.setattr("tempfile.tempdir", str(apart))
    run("--packviz")
    assert [path.name for path in apart.iterdir() if path.name.startswith("packviz-")] == []
    assert len(recordings(pytester)) == 3


def test_a_recording_goes_when_its_test_passes(run, pytester: pytest.Pytester) -> None:
    fails = "from test_other import packed\ndef test_it():\n    packed([4, 4])\n    assert {}\n"
    pytester.makepyfile(test_other=TESTS)
    run("--packviz", "test_packing.py", tests=fails.format("0"))
    assert recordings(pytester) == ["test_packing.py-test_it.packviz"]
    sys.modules.pop("test_packing", None)
    run("--packviz", "test_packing.py", tests=fails.format("12"))
    assert recordings(pytester) == []


def test_all_recordings_of_a_test_go_when_it_passes(run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_other=TESTS)
    each = (
        "import unittest\nfrom test_other import packed\n"
        "class Test(unittest.TestCase):\n    def test_it(self):\n        for n in range(1, {}):\n"
        "            with self.subTest(n=n):\n                packed([4, -n])\n"
    )
    run("--packviz", "test_packing.py", tests=each.format(12))
    assert len(recordings(pytester)) == 11
    (pytester.path / FOLDER / "test_packing.py-Test-test_it-x.packviz").touch()  # of another one
    sys.modules.pop("test_packing", None)
    run("--packviz", "test_packing.py", tests=each.format(1))
    assert recordings(pytester) == ["test_packing.py-Test-test_it-x.packviz"]


def test_what_somebody_has_written_into_its_folder_stays(run, pytester: pytest.Pytester) -> None:
    (pytester.path / FOLDER).mkdir()
    (pytester.path / FOLDER / ".gitignore").write_text("!kept\n")
    run("--packviz", "-k", "test_result_is_another")
    assert len(recordings(pytester)) == 1
    assert (pytester.path / FOLDER / ".gitignore").read_text() == "!kept\n"


SEVERAL = """
import os
import unittest
import pytest
from test_other import packed


@pytest.fixture
def ends_badly():
    yield
    packed([4, 0])


def test_right(ends_badly):
    packed([4, 4])


def test_wrong_and_ends_badly(ends_badly):
    packed([4, -1])


class Test(unittest.TestCase):
    def test_each(self):
        for length in (4, 0, 3, -1):
            with self.subTest(length=length):
                packed([4, length])


def test_removes_the_folder(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    before = os.getcwd()
    os.chdir(gone)
    gone.rmdir()
    try:
        packed([4, 0])
    finally:
        pass


def test_comes_back(request):
    os.chdir(request.config.rootpath)
"""


def test_what_fails_after_another_failure_is_explained_too(run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_other=TESTS)
    for _ in range(2):
        told = str(run("--packviz", "test_packing.py", tests=SEVERAL).stdout)
        sys.modules.pop("test_packing", None)
        assert "packviz failed" not in told
        parts = {part.partition(" _")[0].lstrip("_ "): part for part in told.split("\n____")}
        for name, row in {
            "ERROR at teardown of test_right": "lengths[1] is 0",
            "test_wrong_and_ends_badly": "lengths[1] is -1",
            "ERROR at teardown of test_wrong_and_ends_badly": "lengths[1] is 0",
            "Test.test_each (length=0)": "lengths[1] is 0",
            "Test.test_each (length=-1)": "lengths[1] is -1",
            "test_removes_the_folder": "lengths[1] is 0",
        }.items():
            assert row in parts[name], name
        assert recordings(pytester) == [
            "test_packing.py-Test-test_each-2.packviz",
            "test_packing.py-Test-test_each.packviz",
            "test_packing.py-test_removes_the_folder.packviz",
            "test_packing.py-test_right.packviz",
            "test_packing.py-test_wrong_and_ends_badly-2.packviz",
            "test_packing.py-test_wrong_and_ends_badly.packviz",
        ]
    numbered = [name for name in recordings(pytester) if "-2" in name]
    assert all(f"packviz check {FOLDER}/{name}" in told for name in numbered)
    found = read_recording(pytester.path / FOLDER / "test_packing.py-Test-test_each-2.packviz")
    assert [call.shortest for call in found.calls] == [3, -1]


def test_torch_may_come_late(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("apart")))
    late = "def test_before():\n    pass\n\ndef test_it():\n" + "".join(
        f"    {line}\n"
        for line in (
            "import sys",
            "assert not {'torch', 'numpy'} & set(sys.modules)",
            "import torch",
            "from torch.nn.utils.rnn import pack_padded_sequence",
            "pack_padded_sequence(torch.ones(2, 4), [4, 5], batch_first=True)",
        )
    )
    pytester.makepyfile(test_late=late)
    result = pytester.runpytest_subprocess("-p", "packviz.pytest_plugin", "--packviz", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    assert "lengths-unsorted" in str(result.stdout)
    left = [path.name for path in (pytester.path / "apart").iterdir() if path.name.startswith("packviz-")]
    assert left == [], "a test that has ended waits for torch no more"


@pytest.mark.parametrize("fails", ["start", "raised", "stop"])
def test_a_defect_of_ours_is_told_and_the_test_is_as_it_was(
    fails: str, run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Recorder:
        def __init__(self, path: str, **options: object) -> None:
            pass

        def __getattr__(self, name: str):
            def call(*words: object) -> object:
                if name == fails:
                    raise LookupError(f"a defect in {name}")

            return call

    monkeypatch.setattr("packviz.torch_side.recording.recorder.Recorder", Recorder)
    result = run("--packviz", tests="def test_it():\n    assert 0\ndef test_right():\n    pass\n")
    result.assert_outcomes(passed=1, failed=1)
    assert f"LookupError: a defect in {fails}" in str(result.stdout)


@given(st.text(max_size=300))
def test_any_test_has_a_file_name(test: str) -> None:
    name = file_name(test)
    assert Path(name).name == name
    for letter in ("", "a", "я", "語"):
        assert len(file_name(f"{test}{letter * 300}").encode()) <= LONGEST_NAME + 30  # many systems take 255 bytes
    assert name.isprintable()
    assert "/" not in name
    assert "\\" not in name


def test_tests_of_one_file_have_names_that_differ() -> None:
    tests = ["a/test_b.py::test_c", "a/test_b.py::test_c[1/2]", "a/test_b.py::test_c[1-2]", "a/test_b.py::T::test_c"]
    assert len({file_name(test) for test in tests}) == 4
    assert file_name(tests[0]) == "a-test_b.py-test_c.packviz"
