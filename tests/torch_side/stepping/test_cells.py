"""One step of each cell, against torch's own single-step cells."""

from __future__ import annotations

import pytest
import torch

from packviz.core.cancel import Cancelled, Watch
from packviz.torch_side.module import layer_of
from packviz.torch_side.stepping import cells
from packviz.torch_side.stepping.cells import CELLS, split_all


@pytest.mark.parametrize(
    ("module", "single"),
    [
        (torch.nn.LSTM(3, 5), torch.nn.LSTMCell(3, 5)),
        (torch.nn.GRU(3, 5), torch.nn.GRUCell(3, 5)),
        (torch.nn.RNN(3, 5), torch.nn.RNNCell(3, 5)),
        (torch.nn.RNN(3, 5, nonlinearity="relu"), torch.nn.RNNCell(3, 5, nonlinearity="relu")),
    ],
    ids=["LSTM", "GRU", "RNN", "RNN relu"],
)
def test_a_step_is_that_of_torchs_cell(module: torch.nn.RNNBase, single: torch.nn.Module) -> None:
    single.load_state_dict({name.removesuffix("_l0"): tensor for name, tensor in module.state_dict().items()})
    data, sizes = torch.randn(7, 3), [4, 3]
    with torch.inference_mode():
        cell = CELLS[module.mode](layer_of(module), data, sizes)
        before = tuple(torch.randn(4, 5) for _ in range(2 if module.mode == "LSTM" else 1))
        theirs: object = before if len(before) == 2 else before[0]
        for size, x, views in zip(sizes, data.split(sizes), cell.parts, strict=True):
            before = tuple(part[:size] for part in before)
            theirs = tuple(part[:size] for part in theirs) if isinstance(theirs, tuple) else theirs[:size]
            cell.resize(size)
            before, theirs = cell.step(views, before), single(x, theirs)
            for ours, expected in zip(before, theirs if isinstance(theirs, tuple) else (theirs,), strict=True):
                torch.testing.assert_close(ours, expected)


def test_every_step_writes_into_its_own_rows_of_the_buffers() -> None:
    module, sizes = torch.nn.LSTM(3, 5), [4, 3]
    with torch.inference_mode():
        cell = CELLS["LSTM"](layer_of(module), torch.randn(7, 3), sizes)
        h, c = cell.step(next(iter(cell.parts)), (torch.zeros(4, 5), torch.zeros(4, 5)))
    assert h.data_ptr() == cell.buffers["h"].data_ptr()
    assert c.data_ptr() == cell.buffers["c"].data_ptr()
    assert [tuple(buffer.shape) for buffer in cell.buffers.values()] == [(7, 5)] * 6


def test_split_all_gives_the_views_of_each_step() -> None:
    a, b = torch.arange(6), torch.arange(6, 12)
    assert [[part.tolist() for part in step] for step in split_all((a, b), [3, 2, 1])] == [
        [[0, 1, 2], [6, 7, 8]],
        [[3, 4], [9, 10]],
        [[5], [11]],
    ]


@pytest.mark.parametrize("bias", [True, False])
def test_the_inputs_are_projected_some_rows_at_a_time_and_can_be_given_up(
    bias: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "AT_ONCE", 40)
    module, data = torch.nn.LSTM(3, 5, bias=bias), torch.randn(7, 3)
    asked: list[int] = []
    with torch.inference_mode():
        made = CELLS["LSTM"](layer_of(module), data, [4, 3], Watch(cancelled=lambda: bool(asked.append(1))))
        expected = torch.nn.functional.linear(data, module.weight_ih_l0, module.bias_ih_l0 if bias else None)
        torch.testing.assert_close(made.inputs, expected)
        assert len(asked) == 4  # two rows of twenty numbers at a time
        with pytest.raises(Cancelled):
            CELLS["LSTM"](layer_of(module), data, [4, 3], Watch(cancelled=lambda: True))
