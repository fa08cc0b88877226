"""Resources are found in the checkout, and in an installed wheel."""

from pathlib import Path

import pytest

from packviz.core import resources
from packviz.core.resources import resource


def test_a_resource_of_the_checkout_is_found() -> None:
    assert resource("samples/first-batch.json").is_file()


def test_a_wheel_s_own_resources_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "packviz")
    for folder in (tmp_path / "resources", tmp_path / "packviz" / "resources"):
        folder.mkdir(parents=True)
        (folder / "a.json").write_text("{}")
    assert resource("a.json") == tmp_path / "packviz" / "resources" / "a.json"


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"no-such\.json is missing"):
        resource("no-such.json")
