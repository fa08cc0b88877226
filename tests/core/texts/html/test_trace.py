from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import packviz
from packviz.core.texts.html.trace import MOST_SLOTS, trace_html
from tests.core.texts.html.pages import check_page

X, LENGTHS = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32), [3, 2, 5]


@pytest.mark.parametrize("layers", [1, 20])
def test_it_says_how_the_run_agrees_and_how_h_n_is_laid_out(layers: int) -> None:
    torch.manual_seed(0)
    module = nn.LSTM(2, 3, layers, bidirectional=True)
    trace = packviz.trace(module, X, LENGTHS, batch_first=True, enforce_sorted=False)
    made = trace._repr_html_()
    assert made == trace_html(trace)
    said = check_page(made).words
    for part in (trace.module, "agrees with torch's", "h_n[0]", "layer 0 ←", "step 0 of each row", "2, 1, 4"):
        assert part in said
    assert ("more" in said) == (2 * layers > MOST_SLOTS)
    assert "row 2, length 5" in said
    assert len(made) < 40_000


def test_one_that_differs_says_so_and_where() -> None:
    from dataclasses import replace

    trace = packviz.trace(nn.GRU(2, 3), X, LENGTHS, batch_first=True, enforce_sorted=False)
    said = check_page(replace(trace, agrees=False, furthest=("h_n", (0, 1, 2)))._repr_html_()).words
    assert "differs from torch's" in said
    assert "h_n[0, 1, 2]" in said
