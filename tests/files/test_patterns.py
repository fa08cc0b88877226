"""Which files a pattern fits: those of glob, each once, and links that go round have an end."""

from __future__ import annotations

import glob
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packviz.files.patterns import fitting, goes_down
from tests.files.placed import put

ROUND = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


part = st.sampled_from(["a", "b", "a*", "*", "**", "[b]", "?", "*.x", "c.x", ".h"])


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from(["a", "b", ".h", "[b]"]), max_size=3), max_size=6),
    st.lists(part, min_size=1, max_size=4),
)
def test_without_links_they_are_those_of_glob_each_once(folders: list[list[str]], parts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as top:
        for i, folder in enumerate(folders):
            place = Path(top, *folder)
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{'cd'[i % 2]}.x").touch()
        pattern = "/".join([glob.escape(top), *parts])
        found = fitting(pattern)
        assert len(found) == len(set(found))
        wanted = {name for name in glob.glob(pattern, recursive=True) if os.path.isfile(name)}  # noqa: PTH207, PTH113
        assert {name for name in found if os.path.isfile(name)} == wanted  # noqa: PTH113  # no file where a separator ends it


def test_names_are_as_they_were_typed() -> None:
    put("d/x.npz", "d/in/deep/y.npz", "d/.hidden/z.npz", "w.npz")
    assert sorted(fitting("d/**/*.npz")) == ["d/in/deep/y.npz", "d/x.npz"]
    assert sorted(fitting("**/*.npz")) == ["d/in/deep/y.npz", "d/x.npz", "w.npz"]
    assert sorted(fitting("./**/y.npz")) == ["./d/in/deep/y.npz"]
    assert sorted(fitting("d/**/deep/**")) == ["d/in/deep/y.npz"]
    assert "d/in/deep/y.npz" in fitting("d/**/")
    assert fitting("none/**/*.npz") == []
    assert fitting("d/x.npz/**") == []


@ROUND
def test_links_that_go_round_end_and_each_file_comes_once() -> None:
    put("d/x.npz", "d/sub/y.npz")
    for name, target in {"a": ".", "b": "..", "sub/c": "..", "sub/d": "../sub", "self": "self", "gone": "no"}.items():
        Path("d", name).symlink_to(target)
    assert sorted(fitting("d/**/*.npz")) == ["d/sub/y.npz", "d/x.npz"]
    assert {name for name in fitting("d/**") if name.endswith(".npz")} == {"d/sub/y.npz", "d/x.npz"}
    assert "d/sub/y.npz" in fitting("**/sub/**/*.npz")


@ROUND
def test_a_folder_that_only_a_link_leads_to_is_gone_through() -> None:
    put("far/x.npz", "d/y.npz")
    Path("d/there").symlink_to("../far")
    assert sorted(fitting("d/**/*.npz")) == ["d/there/x.npz", "d/y.npz"]
    assert sorted(fitting("**/*.npz")) == ["d/y.npz", "far/x.npz"]  # by its own name, where it has one here


def test_a_pattern_goes_down_where_a_whole_part_says_so() -> None:
    assert [goes_down(pattern) for pattern in ("**", "a/**", "**/b", "a**", "a**/b", "*")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
