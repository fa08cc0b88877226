"""A module is the same after it was written as JSON and arrays; what is none is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from hypothesis import given
from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.module import Module
from packviz.files.kept.module import module_facts, module_of
from packviz.torch_side.taken import taken
from tests.files.kept.wholes import modules, same


@given(modules())
def test_a_module_is_the_same_after_it_was_written(module: Module | None) -> None:
    if module is None:
        return
    arrays: dict[str, NDArray[Any]] = {}
    facts = json.loads(json.dumps(module_facts(module, arrays)))
    assert same(module_of(facts, arrays.__getitem__), module)


@pytest.mark.parametrize("odd", [{"hidden": 0}, {"layers": -1}, {"directions": 3}, {"cell": "CNN"}, {"bias": 1}])
def test_what_is_no_module_is_refused(odd: dict[str, Any]) -> None:
    facts = module_facts(Module(), {}) | odd
    with pytest.raises((ValueError, TypeError)):
        module_of(facts, {}.__getitem__)


def test_weights_of_no_cell_are_refused() -> None:
    weights = {"kind": "stored", "names": [], "source": "w.pt", "dtype": "float32", "prefix": "", "single": False}
    with pytest.raises(BatchError, match=r"are none of an nn\.LSTM"):
        module_of(module_facts(Module(), {}) | {"weights": weights}, {}.__getitem__)


def test_what_a_program_has_shown_keeps_the_numbers_of_its_initial_state() -> None:
    torch.manual_seed(0)
    module = taken(torch.nn.LSTM(2, 3), (torch.randn(1, 4, 3), None))
    arrays: dict[str, NDArray[Any]] = {}
    facts = json.loads(json.dumps(module_facts(module, arrays)))
    again = module_of(facts, arrays.__getitem__)
    assert same(again, module)
    assert again.stored is not None
    assert again.stored.yours
    del facts["weights"]["states"], facts["weights"]["yours"]  # as the first files had them
    before = module_of(facts, arrays.__getitem__).stored
    assert before is not None
    assert (before.yours, before.states) == (False, ())
