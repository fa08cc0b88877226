"""The error that packviz raises is a ValueError, as a caller would catch it."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

import packviz
from packviz.core.batch import make_batch
from packviz.core.cancel import Cancelled
from packviz.core.errors import BatchError, Defect, NoTorch, Undecided, no_torch, only_batch_errors


def test_what_is_no_batch_is_a_value_error_under_the_name_that_packviz_gives_it() -> None:
    assert packviz.BatchError is BatchError
    with pytest.raises(ValueError, match="x holds <U1"):
        make_batch(["a"], [1])


@pytest.mark.parametrize(
    "error", [BatchError("odd."), Cancelled(), FileNotFoundError(), KeyboardInterrupt(), SystemExit()]
)
def test_what_is_no_defect_passes_the_boundary(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, only_batch_errors():
        raise error
    assert raised.value is error


@pytest.mark.parametrize("raised", ["ImportError('libc10.so: no such file')", "OSError('libc10.so: no such file')"])
def test_torch_that_can_not_be_imported_is_said(raised: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(f"raise {raised}")
    monkeypatch.syspath_prepend(str(tmp_path))
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torch"}
    for name in kept:
        monkeypatch.delitem(sys.modules, name)
    with (
        pytest.raises(NoTorch, match=r"^torch can't be imported here \(libc10\.so: no such file\)"),
        only_batch_errors(),
    ):
        import torch  # noqa: F401
    with pytest.raises(NoTorch, match=r"^torch is not installed here: install it\.$"), only_batch_errors():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
    with (
        pytest.raises(NoTorch, match=r"^torch can't be imported here \(No module named 'torch.nn'\): install"),
        only_batch_errors(),
    ):
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")


def test_another_import_that_fails_is_a_defect() -> None:
    with pytest.raises(Defect, match="ModuleNotFoundError"), only_batch_errors():
        import no_such_module_as_this  # type: ignore[import-not-found]  # noqa: F401
    assert no_torch(ValueError()) is None
    assert no_torch(FileNotFoundError(2, "no such file")) is None


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("maximum recursion depth exceeded")])
def test_what_is_known_is_a_batch_error(error: Exception) -> None:
    with pytest.raises(BatchError), only_batch_errors():
        raise error


def test_all_else_is_a_defect_that_says_what_to_send() -> None:
    with pytest.raises(Defect) as raised, only_batch_errors():
        make_batch([[1]], [1]).with_lengths(Loud())
    said = str(raised.value).splitlines()
    assert said[0].startswith("packviz failed here, which is its own defect and not the batch's")
    assert f"packviz {packviz.__version__}, Python {platform.python_version()}" in said[1]
    assert any("packviz/core/" in line and " in " in line for line in said[2:])
    assert said[-1].startswith("  ZeroDivisionError: " + "x" * 100)
    assert len(said[-1]) < 250


@pytest.mark.parametrize(
    ("option", "choices", "said"),
    [
        ("x", ("speech", "my text"), "which?; or say which, with --x speech or --x 'my text'."),
        ("axes", ("BTF", "TBF", "BFT"), "which?; say which, with --axes BTF, --axes TBF or --axes BFT."),
        ("axes", ("BT",), "which?; say which, with --axes BT."),
        ("x", (), "which?"),
    ],
)
def test_what_can_not_be_told_says_what_to_type_also_at_its_place(
    option: str, choices: tuple[str, ...], said: str
) -> None:
    error = Undecided("which?", choices, option=option)
    assert error.typed() == said
    assert error.at("x.pt").typed() == f"x.pt: {said}"


class Loud:
    def __array__(self, *given: object, **named: object) -> None:
        raise ZeroDivisionError("x" * 10_000)
