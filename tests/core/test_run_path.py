"""How far a batch gets in a module; tests/core/rules/test_modules.py asks torch whether that is so."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module_facts import ModuleFacts, StateFacts
from packviz.core.run_path import promotes, run_path

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def batch_of(lengths: list[int], features: tuple[int, ...] = (2,), keeps: bool = False) -> Batch:
    return make_batch(np.ones((len(lengths), 4, *features), np.float32), lengths, Call(True, keeps))


@pytest.mark.parametrize(("dtype", "own"), list(product(DTYPES, DTYPES[4:])))
def test_dtypes_are_promoted_as_torch_promotes_them(dtype: str, own: str) -> None:
    theirs, ours = getattr(torch, dtype), getattr(torch, own)
    assert promotes(dtype, own) == (torch.promote_types(theirs, ours) == ours)


def test_a_batch_that_fits_fits_with_and_without_a_state() -> None:
    for hx in (None, (StateFacts((2, 3, 6)), StateFacts((2, 3, 6)))):
        path = run_path(batch_of([4, 2, 3]), ModuleFacts(inputs=2, directions=2, hx=hx))
        assert path is not None
        assert path.fits
        assert not path.risky


def test_nothing_is_known_of_other_modules_and_of_a_batch_without_cells() -> None:
    assert run_path(batch_of([4]), ModuleFacts(cell=None)) is None
    assert run_path(make_batch(np.ones(3), [1]), ModuleFacts()) is None
    assert run_path(make_batch(np.ones((0, 3)), []), ModuleFacts()) is None


def test_only_an_lstm_on_the_processor_that_something_does_not_fit_is_risky() -> None:
    batch = batch_of([4, 4, 4])
    facts = [ModuleFacts(inputs=3), ModuleFacts(inputs=3, device="cuda:0"), ModuleFacts("nn.GRU", "GRU", inputs=3)]
    assert [path.risky for module in facts if (path := run_path(batch, module))] == [True, False, False]


@pytest.mark.parametrize(("lengths", "at_once"), [([4, 4], True), ([4, 3], False), ([2], True)])
def test_equal_lengths_are_taken_at_once(lengths: list[int], at_once: bool) -> None:
    path = run_path(batch_of(lengths), ModuleFacts(inputs=2))
    assert path is not None
    assert path.at_once is at_once


def test_prepared_features_count_in_place_of_those_of_x() -> None:
    path = run_path(batch_of([4, 3]), ModuleFacts(inputs=2, fed=(5, "float64")))
    assert path is not None
    assert path.inputs is not None
    assert path.dtype is not None
