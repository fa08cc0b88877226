"""The README's map is the tree: each room is on it, and each file that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "packviz"
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LAID_OUT = TEXT[TEXT.index("## How the code is laid out") : TEXT.index("## Speed")]
ROOMS = sorted(path.parent.relative_to(HOUSE).as_posix() for path in HOUSE.rglob("*/__init__.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_map(room: str) -> None:
    assert f"`{room.rpartition('/')[2]}/`" in LAID_OUT


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(?:packviz/)?([\w/]+\.py)`", LAID_OUT))))
def test_every_file_that_is_named_is_there(name: str) -> None:
    if "NAME" in name:  # as in a recipe
        return
    if name.startswith("tests/"):
        assert (ROOT / name).exists()
    else:
        assert any(path.as_posix().endswith(f"/{name}") for path in HOUSE.rglob("*.py")), name


def test_every_key_that_is_named_belongs_to_a_command() -> None:
    from packviz.ui.commands.table import COMMANDS

    keys = {key for command in COMMANDS for key in command.keys}
    named = set(re.findall(r"\*\*((?:Ctrl\+|Shift\+)*(?:F\d+|PgUp|PgDown|Space|[A-Z]))\*\*", TEXT))
    assert len(named) > 10
    assert named <= keys


def test_the_table_of_findings_names_all_of_them_and_no_other() -> None:
    from packviz.core.catalogue import CODES

    table = TEXT[TEXT.index("| code | says | severity |") :]
    table = table[: table.index("\n\n")]
    named = [code for line in table.splitlines() for code in re.findall(r"`([a-z-]+)`", line.split("|")[1])]
    assert sorted(named) == sorted(CODES)
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"- **Findings**: {len(CODES)} codes" in changes


def test_the_table_of_what_the_probe_finds_names_all_of_it_and_no_other() -> None:
    from packviz.core.breaches import PROBED

    table = TEXT[TEXT.index("| what the probe finds |") :]
    table = table[: table.index("\n\n")]
    lines = [line.split("|")[1:4] for line in table.splitlines()[2:]]
    assert [re.findall(r"`([a-z-]+)`", code) for code, _, _ in lines] == [[code] for code in PROBED]
    for (code, _, severity), breach in zip(lines, PROBED.values(), strict=True):
        assert severity.strip().startswith(breach.severity), code


def test_every_suffix_of_a_format_is_read_by_copied_python_and_told_in_the_terminal_and_here() -> None:
    from packviz.cli.manual import FILE_HELP
    from packviz.core.texts.python.batch import ARRAY, SUFFIXES
    from packviz.files.registry import FORMATS

    suffixes = {suffix for form in FORMATS for suffix in form.suffixes}
    assert suffixes == {*SUFFIXES, ARRAY}
    for suffix in suffixes - {".txt", ".py", ".log"}:
        assert suffix in FILE_HELP
        assert f"`{suffix}`" in TEXT
