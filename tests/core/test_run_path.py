"""How far a batch gets in a module; tests/core/rules/test_modules.py asks torch whether that is so."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module, StateFacts, Stored, held_module
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
        path = run_path(batch_of([4, 2, 3]), held_module(input_size=2, directions=2, hx=hx))
        assert path is not None
        assert path.fits
        assert not path.risky


def test_nothing_is_known_of_other_modules_and_of_a_batch_without_cells() -> None:
    assert run_path(batch_of([4]), held_module(cell=None)) is None
    assert run_path(make_batch(np.ones(3), [1]), held_module()) is None
    assert run_path(make_batch(np.ones((0, 3)), []), held_module()) is None


def test_only_an_lstm_on_the_processor_that_something_does_not_fit_is_risky() -> None:
    batch = batch_of([4, 4, 4])
    facts = [held_module(input_size=3), held_module(input_size=3, device="cuda:0"), held_module("GRU", input_size=3)]
    assert [path.risky for module in facts if (path := run_path(batch, module))] == [True, False, False]


@pytest.mark.parametrize(("lengths", "at_once"), [([4, 4], True), ([4, 3], False), ([2], True)])
def test_equal_lengths_are_taken_at_once(lengths: list[int], at_once: bool) -> None:
    path = run_path(batch_of(lengths), held_module(input_size=2))
    assert path is not None
    assert path.at_once is at_once


def test_prepared_features_count_in_place_of_those_of_x() -> None:
    arrays = {"weight_ih_l0": np.zeros((24, 2)), "weight_hh_l0": np.zeros((24, 6))}
    ids = make_batch(np.ones((2, 4), np.int64), [4, 3], Call(True, False))
    for module in (held_module(input_size=2), Module().with_weights(Stored("w.pt", arrays))):
        path = run_path(batch_of([4, 3]), module)
        assert path is not None
        assert path.fits
    narrow = run_path(ids, module)
    assert narrow is not None
    assert narrow.inputs is not None
    assert (narrow.dtype, narrow.plan.features, narrow.plan.dtype) == (None, (1,), "float32")
    embedded = run_path(ids, module.chosen(inputs="embedding", embedding_size=2))
    assert embedded is not None
    assert embedded.fits
    assert run_path(ids, held_module(input_size=2)) is not None
    assert run_path(make_batch(-ids.x, [4, 3], ids.call), module.chosen(inputs="embedding")) is None
    assert run_path(ids, Module("GRU", weights=module.weights)) is None  # the weights of another cell
