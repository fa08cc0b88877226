"""`packviz probe`: a recurrent module, and functions of a file of the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from packviz.cli import main

CODE = """
import beside
import torch
from torch.nn.utils.rnn import pack_padded_sequence

print("printed on the way")
torch.manual_seed(0)
rnn = torch.nn.LSTM(1, 4, batch_first=True)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(1, 3, batch_first=True)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x[..., None].float(), lengths, batch_first=True, enforce_sorted=False)
        return self.rnn(packed)[1][-1]


net = Net()


def good(x, lengths):
    packed = pack_padded_sequence(x[..., None].float(), lengths, batch_first=True, enforce_sorted=False)
    return rnn(packed)[1][0][-1]


def last(x, lengths):
    return rnn(x[..., None].float())[0][:, -1]


def broken(x, lengths):
    raise ZeroDivisionError("by zero")
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module, one that it imports, and a batch."""
    (tmp_path / "mine.py").write_text(CODE)
    (tmp_path / "beside.py").write_text("here = 1\n")
    np.savez(tmp_path / "b.npz", x=np.array([[1.0, 2, 3], [4, 5, 0]], np.float32), lengths=[3, 2], batch_first=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(*words: str) -> int:
    return main(["probe", *words])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("name", "code"), [("good", 0), ("net", 0), ("net.forward", 0), ("last", 1)])
def test_a_function_or_a_module_of_a_file_is_probed(name: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(f"mine.py:{name}", "b.npz", "--no-enforce-sorted") == code
    out, err = capsys.readouterr()
    assert out.startswith("Leak probe of")
    assert "printed on the way" not in out
    assert "printed on the way" in err
    assert "running mine.py, which is your code" in err


@pytest.mark.usefixtures("here")
def test_a_recurrent_module_is_probed_without_running_anything_of_the_users(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("b.npz", "--cell", "GRU", "--format", "json") == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["ok"], told["module"]) == (True, "nn.GRU(1, 6)")
    assert err == ""


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mine.py:Net", "b.npz"), "Net of mine.py is a class: name an instance of it"),
        (("mine.py:nothing", "b.npz"), "mine.py has no nothing: it has rnn, Net, net, good, last, broken."),
        (("mine:good", "b.npz"), "mine:good is no function of a file: write module.py:function"),
        (("gone.py:good", "b.npz"), "gone.py can't be read: there is no such file."),
        (("mine.py:good", "gone.npz"), "there is no file gone.npz."),
        (("bad.py:f", "b.npz"), "bad.py raises NameError: name 'nonsense' is not defined (line 2) where it is run."),
        (("ends.py:f", "b.npz"), "ends.py raises SystemExit: 3 (line 1) where it is run."),
    ],
)
def test_what_can_not_be_run_is_one_sentence(
    words: tuple[str, ...], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "bad.py").write_text("import torch\nnonsense\n")
    (here / "ends.py").write_text("raise SystemExit(3)\n")
    assert ran(*words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_what_the_function_raises_is_in_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran("mine.py:broken", "b.npz") == 1
    assert "ZeroDivisionError: by zero" in capsys.readouterr().out


def test_a_third_word_is_one_too_many(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        ran("a.py:f", "b.npz", "c.npz")
    assert ended.value.code == 2
    assert "one FILE is expected, but 'c.npz' came after it" in capsys.readouterr().err
