"""Which files are meant: of folders, patterns and addresses, and what is in the way there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.errors import BatchError
from packviz.files.walk import counted, files_meant, suffixes_looked_for
from tests.files.placed import put


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def meant(name: str) -> list[str]:
    return [f"! {one}" if isinstance(one, BatchError) else one for one in files_meant(name)]


def test_a_name_is_itself_whether_it_is_there_or_not() -> None:
    put("a.npz")
    assert meant("a.npz") == ["a.npz"]
    assert meant("none.npz") == ["none.npz"]
    assert meant("") == [""]  # not this folder


def test_a_folder_is_all_in_it_and_below_as_people_count() -> None:
    put("d/b10.npz", "d/b2.npz", "d/B1.pt", "d/in/a.json", "d/in/deep/x.csv", "d/z.safetensors")
    put("e/film.part", "e/run.packviz", "e/run.packviz.0a1b2c3d-71.part")
    assert meant("d") == ["d/B1.pt", "d/b2.npz", "d/b10.npz", "d/z.safetensors", "d/in/a.json", "d/in/deep/x.csv"]
    assert meant("e") == ["e/run.packviz", "e/run.packviz.0a1b2c3d-71.part"]


def test_hidden_ones_and_other_kinds_are_passed_over() -> None:
    put("d/.a.npz", "d/.git/b.npz", "d/readme.txt", "d/train.py", "d/x.png", "d/a.NPZ", "d/c")
    assert meant("d") == ["d/a.NPZ"]
    assert meant("d/readme.txt") == ["d/readme.txt"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_go_round_end() -> None:
    put("d/a.npz", "e/b.npz")
    Path("d/round").symlink_to("..")
    Path("d/self").symlink_to("self")
    Path("d/e").symlink_to("../e")
    Path("d/again").symlink_to("../e")
    assert [name for name in meant("d") if name.endswith("b.npz")] == ["d/again/b.npz"]
    assert sum(name.endswith("a.npz") for name in meant("d")) == 1
    assert sum(name.endswith("a.npz") for name in meant("d/**/*.npz")) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_that_leads_nowhere_is_told_when_it_is_read() -> None:
    put("d/a.npz")
    Path("d/gone.npz").symlink_to("nowhere.npz")
    assert meant("d") == ["d/a.npz", "d/gone.npz"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipes_are_not_waited_for() -> None:
    put("d/a.npz")
    os.mkfifo("d/b.npz")
    assert meant("d") == ["d/a.npz"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may look everywhere")
def test_a_folder_that_is_closed_is_told_and_the_others_follow() -> None:
    put("d/a/x.npz", "d/b/y.npz")
    Path("d/a").chmod(0)
    try:
        assert meant("d") == ["! d/a can't be looked into: permission denied.", "d/b/y.npz"]
    finally:
        Path("d/a").chmod(0o700)


def test_a_folder_that_can_not_be_listed_is_told_and_the_others_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    put("d/a/x.npz", "d/b/y.npz")
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert meant("d") == ["! d/a can't be looked into: permission denied.", "d/b/y.npz"]


def test_a_folder_without_batches_says_so() -> None:
    Path("d").mkdir()
    [said] = meant("d")
    assert said.startswith("! d holds no file that packviz reads (.pt, .pth, .npz, .npy")
    assert ".txt" not in said


def test_patterns_are_fitted_where_no_file_has_that_name() -> None:
    put("d/a2.npz", "d/a10.npz", "d/b.npz", "d/in/a1.npz", "[x].npz")
    assert meant("d/a*.npz") == ["d/a2.npz", "d/a10.npz"]
    assert meant("d/**/a*.npz") == ["d/a2.npz", "d/a10.npz", "d/in/a1.npz"]
    assert meant("[x].npz") == ["[x].npz"]
    assert meant("q*.npz") == ["! no file fits q*.npz."]
    assert meant("d/i*") == ["d/in/a1.npz"]
    put("d/notes.txt")
    assert meant("d/n*") == ["d/notes.txt"]  # somebody asked for it


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def test_addresses_are_folders_patterns_or_files_too(memory: Any) -> None:
    for name in ("/d/b10.npz", "/d/b2.npz", "/d/notes.txt", "/d/.c.npz"):
        memory.pipe(name, b"")
    assert meant("memory://d") == ["memory:///d/b2.npz", "memory:///d/b10.npz"]
    assert meant("memory://d/b1*") == ["memory:///d/b10.npz"]
    assert meant("memory://d/q*")[0].startswith("! memory://d/q* holds no file that packviz reads")
    assert meant("memory://none.npz") == ["memory://none.npz"]
    assert meant("qq://x")[0].startswith("! qq://x: it can't be opened")


def test_ten_thousand_files_are_found_in_order() -> None:
    Path("d").mkdir()
    for i in range(10_000):
        Path(f"d/b{i}.npz").touch()
    assert meant("d") == [f"d/b{i}.npz" for i in range(10_000)]


@given(st.lists(st.text(max_size=6)))
def test_any_names_have_one_order(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=counted) == sorted(backwards, key=counted)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_numbers_in_names_are_numbers(one: int, other: int) -> None:
    first, second = sorted([f"b{one}.npz", f"b{other}.npz"], key=counted)
    assert (first, second) == (f"b{min(one, other)}.npz", f"b{max(one, other)}.npz")


def test_the_suffixes_are_those_of_the_formats_but_for_texts() -> None:
    known = {".pt", ".pth", ".npz", ".npy", ".safetensors", ".json", ".jsonl", ".csv", ".tsv"}
    assert set(suffixes_looked_for()) - {".packviz"} == known


def left(name: str, *patterns: str) -> list[str]:
    return [f"! {one}" if isinstance(one, BatchError) else one for one in files_meant(name, patterns)]


@pytest.fixture
def tree() -> None:
    put("d/a.npz", "d/a.bak.npz", "d/cache/b.npz", "d/x/cache/c.npz", "d/x/old/e.npz", "d/caches/f.npz")


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("patterns", "wanted"),
    [
        ((), "a.bak.npz a.npz cache/b.npz caches/f.npz x/cache/c.npz x/old/e.npz"),
        (("*.bak.npz",), "a.npz cache/b.npz caches/f.npz x/cache/c.npz x/old/e.npz"),
        (("cache",), "a.bak.npz a.npz caches/f.npz x/old/e.npz"),
        (("cache/",), "a.bak.npz a.npz caches/f.npz x/old/e.npz"),
        (("cache*", "a*"), "x/old/e.npz"),
        (("x/*",), "a.bak.npz a.npz cache/b.npz caches/f.npz"),
        (("x/cache",), "a.bak.npz a.npz cache/b.npz caches/f.npz x/old/e.npz"),
        (("old/e.npz", "[ab].npz"), "a.bak.npz caches/f.npz x/cache/c.npz"),
        (("d",), "a.bak.npz a.npz cache/b.npz caches/f.npz x/cache/c.npz x/old/e.npz"),
    ],
)
def test_what_a_pattern_fits_is_left_out_however_it_is_meant(
    patterns: tuple[str, ...], wanted: str, memory: Any
) -> None:
    for name in left("d"):
        memory.pipe(f"/{name}", b"")
    for folder in ("d", str(Path("d").absolute()), "memory://d"):
        place = folder.replace("memory://", "memory:///")
        assert sorted(left(folder, *patterns)) == [f"{place}/{name}" for name in wanted.split()]
    assert sorted(left("d/**/*.npz", *patterns)) == [f"d/{name}" for name in wanted.split()]


@pytest.mark.usefixtures("tree")
def test_where_all_is_left_out_that_is_told() -> None:
    for name in ("d", "d/*.npz", "d/a.npz"):
        assert left(name, "*.npz") == [f"! {name} means no file that --exclude leaves."]
    assert left("d/a.npz", "*.bak.npz", "d") == ["d/a.npz"]


@pytest.mark.usefixtures("tree")
def test_a_folder_that_is_left_out_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    look = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: seen.append(str(folder)) or look(folder))  # type: ignore[func-returns-value]
    left("d", "cache")
    assert [name.replace(os.sep, "/") for name in seen] == ["d", "d/caches", "d/x", "d/x/old"]


def test_a_pattern_that_goes_below_folders_means_each_file_once() -> None:
    put("d/a.npz", "d/in/b.npz", "d/in/deep/c.npz")
    assert sorted(meant("d/**")) == ["d/a.npz", "d/in/b.npz", "d/in/deep/c.npz"]
    assert sorted(meant("d/*")) == ["d/a.npz", "d/in/b.npz", "d/in/deep/c.npz"]


def test_what_is_left_out_may_be_typed_as_a_shell_completes_it() -> None:
    put("d/a.npz", "d/cache/b.npz", "c.npz")
    for name in (".", "./", "d"):
        for pattern in ("./cache", "./cache/", "cache/"):
            assert not [one for one in files_meant(name, [pattern]) if "cache" in str(one)]
    assert [str(one) for one in files_meant(".", ["./d"])] == ["./c.npz"]
