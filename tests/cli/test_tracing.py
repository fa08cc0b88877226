"""`packviz trace` and what it shares with the other commands: weights, layers, directions, an expression."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtGui import QImage

from packviz.cli import main

HERE = ("--batch-first", "--no-enforce-sorted")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A batch with a NaN in row 1 at t2, and a model of several recurrent modules."""
    torch.manual_seed(1)
    x = torch.randn(3, 5, 2)
    torch.save({"x": x, "lengths": torch.tensor([3, 5, 4])}, tmp_path / "good.pt")
    x = x.clone()
    x[1, 2] = float("nan")
    torch.save({"x": x, "lengths": torch.tensor([3, 5, 4])}, tmp_path / "nan.pt")
    rnn = torch.nn.LSTM(2, 4, 2, bidirectional=True)
    model = torch.nn.ModuleDict({"encoder": torch.nn.ModuleDict({"rnn": rnn}), "decoder": torch.nn.GRUCell(2, 3)})
    torch.save(model.state_dict(), tmp_path / "model.pt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_that_agrees_and_in_which_nothing_is_found_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--cell", "gru", "--hidden", "3", "--layers", "2", "--bidirectional")
    assert main(["trace", "good.pt", *HERE, *options, "--until", "absmax(h) > 1"]) == 0
    said = capsys.readouterr().out
    assert "good.pt: 3 rows × 5 steps" in said
    assert "nn.GRU(2, 3, num_layers=2, bidirectional=True) on cpu" in said
    assert "The stepped run agrees with torch's" in said
    assert "h_n[3]  layer 1 ←" in said
    assert "absmax(h) > 1 never holds." in said


def test_where_an_expression_holds_is_said_and_the_exit_code_tells(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "nan.pt", *HERE, "--weights", "model.pt:encoder.rnn", "--until", "isnan(h)"]) == 1
    assert "isnan(h) first holds after t2, layer 0 →, in row 1." in capsys.readouterr().out
    arguments = ["trace", "nan.pt", *HERE, "--weights", "model.pt:encoder.rnn.", "--format", "json"]
    assert main([*arguments, "--until", "direction == backward and isnan(h)"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["until"]["at"] == {"step": 2, "row": 1, "layer": 0, "direction": "backward"}
    assert told["agrees"] is True
    assert told["module"] == "nn.LSTM(2, 4, num_layers=2, bidirectional=True)"


def test_a_run_that_differs_from_torchs_is_not_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from packviz.torch_side.stepping.cells import GRUCell

    right = GRUCell.step

    def wrong(self, views, before):  # type: ignore[no-untyped-def]
        (h,) = right(self, views, before)
        return (h.mul_(1.5),)

    monkeypatch.setattr(GRUCell, "step", wrong)
    assert main(["trace", "good.pt", *HERE, "--cell", "gru"]) == 1
    assert "The stepped run differs from torch's: max |Δ|" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["good.pt", *HERE, "--weights", "model.pt"], "say which is to be stepped, with --weights model.pt:decoder."),
        (["good.pt", *HERE, "--weights", "model.pt:none"], "no recurrent module under the prefix 'none'"),
        (["good.pt", *HERE, "--weights", "none.pt:a"], "none.pt: there is no such file"),
        (["good.pt", *HERE, "--weights", "model.pt:decoder", "--cell", "lstm"], "--cell LSTM is typed, but model.pt"),
        (["good.pt", *HERE, "--weights", "model.pt:decoder", "--layers", "2"], "--layers 2 is typed, but model.pt"),
        (["good.pt", *HERE, "--cell", "gru", "--proj-size", "2"], "--proj-size is for an LSTM"),
        (["good.pt", *HERE, "--proj-size", "6"], "--proj-size is 6, but the hidden size 6: it must be less"),
        (["good.pt", *HERE, "--until", "isnan(z)"], "nn.LSTM(2, 6) has no 'z': it has h, c, i, f, g, o."),
        (["good.pt", "--batch-first"], "good.pt can't be packed: "),
        (["none.pt"], "there is no file none.pt"),
    ],
)
def test_what_can_not_be_done_is_one_sentence_and_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.startswith("packviz: ")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_an_expression_that_is_none_points_at_its_character(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["trace", "good.pt", "--until", "h >> 3"])
    assert ended.value.code == 2
    assert "“h >> 3”, at character 4: here stands '>', but" in capsys.readouterr().err


def test_a_file_whose_name_has_a_colon_is_read_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(torch.nn.RNN(2, 3).state_dict(), folder / "a:b.pt")
    assert main(["trace", "good.pt", *HERE, "--weights", "a:b.pt"]) == 0
    assert "nn.RNN(2, 3)" in capsys.readouterr().out


def apart(one: Path, other: Path) -> float:
    """The share of the pixels in which two pictures differ."""
    first, second = (QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32) for path in (one, other))
    assert first.size() == second.size()
    pixels = [np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4) for image in (first, second)]
    return float((pixels[0] != pixels[1]).any(axis=1).mean())


def test_a_picture_is_made_of_the_moment_at_which_an_expression_holds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = ("--weights", "model.pt:encoder.rnn", "--size", "960x600")
    assert main(["render", "nan.pt", *HERE, *weights, "--until", "isnan(h)", "-o", "a.png"]) == 0
    same = ("--layer", "0", "--direction", "forward", "--step", "2")
    assert main(["render", "nan.pt", *HERE, *weights, *same, "-o", "b.png"]) == 0
    assert apart(folder / "a.png", folder / "b.png") < 0.002  # what has the focus may look another way
    other = ("--layer", "1", "--direction", "backward", "--step", "2")
    assert main(["render", "nan.pt", *HERE, *weights, *other, "-o", "c.png"]) == 0
    assert apart(folder / "a.png", folder / "c.png") > 0.01
    assert main(["render", "good.pt", *HERE, *weights, "--until", "isnan(h)", "-o", "d.png"]) == 2
    assert "isnan(h) never holds in this run" in capsys.readouterr().err
    assert main(["render", "good.pt", *HERE, "--layer", "1", "-o", "d.png"]) == 2
    assert "there is no layer 1 →: the module has 1 layers in 1 directions" in capsys.readouterr().err
    assert not (folder / "d.png").exists()


def test_a_sample_is_stepped_with_the_module_that_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "sample:first-batch", "--layers", "3", "--proj-size", "2"]) == 0
    assert "nn.LSTM(1, 6, num_layers=3, proj_size=2)" in capsys.readouterr().out
    assert main(["trace", "sample:first-batch", "--cell", "rnn", "--nonlinearity", "relu"]) == 0
    assert "nn.RNN(1, 6)" in capsys.readouterr().out
