"""Options of the call as callers in Python give them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

from packviz.core.batch import Call
from packviz.core.errors import BatchError
from packviz.core.options import call_of, refuse_hx_alone


@pytest.mark.parametrize(
    ("given", "call"),
    [
        ((True, 1, 0, None), Call(True, True, 0, None)),
        ((False, np.False_, np.float32(0.5), np.int64(7)), Call(False, False, 0.5, 7)),
        ((False, True, torch.tensor(-1.5), torch.tensor(7)), Call(False, True, -1.5, 7)),
    ],
)
def test_what_torch_takes_is_taken(given: tuple[Any, ...], call: Call) -> None:
    assert call_of(*given) == call


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((1, True, 0, None), "batch_first is 1, but True or False is expected."),
        ((True, "no", 0, None), "enforce_sorted is 'no', but True or False is expected."),
        ((True, True, "0", None), "padding_value is '0', but a number of at most 64 bits is expected."),
        ((True, True, 0, True), "total_length is True, but a whole number of steps, or None, is expected."),
        ((True, True, 0, 2**70), "but a whole number of at most 64 bits is expected."),
    ],
)
def test_what_torch_refuses_is_refused_in_a_sentence(given: tuple[Any, ...], said: str) -> None:
    with pytest.raises(BatchError, match=re.escape(said)):
        call_of(*given)


def test_an_initial_state_goes_with_its_module_alone() -> None:
    for module, hx in ((None, None), (torch.nn.GRU(1, 2), None), (torch.nn.GRU(1, 2), torch.zeros(1, 2, 2))):
        refuse_hx_alone(module, hx)
    with pytest.raises(BatchError, match="give module=, too"):
        refuse_hx_alone(None, torch.zeros(1, 2, 2))
