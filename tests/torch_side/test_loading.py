"""A loader, its generators, its workers and all random numbers are as they were."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, RandomSampler

from packviz.torch_side.loading import loader_as_it_was


def numbers() -> tuple[Any, ...]:
    return random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # type: ignore[union-attr,index]


def test_all_random_numbers_are_put_back_also_where_it_raises() -> None:
    loader = DataLoader(list(range(8)), 2, shuffle=True)  # type: ignore[arg-type]
    before = numbers()

    def drawing() -> None:
        with loader_as_it_was(loader):
            for _ in loader:
                random.random()
                np.random.rand()
                torch.rand(3)
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        drawing()
    assert numbers() == before


def test_generators_of_the_loader_and_its_samplers_are_put_back() -> None:
    own, samplers = torch.Generator(), torch.Generator()
    data = list(range(40))
    loader: Any = DataLoader(data, 4, sampler=RandomSampler(data, generator=samplers), generator=own)  # type: ignore[arg-type]
    states = own.get_state(), samplers.get_state()
    with loader_as_it_was(loader):
        first = [batch.tolist() for batch in loader]
    assert all(
        torch.equal(one, other) for one, other in zip(states, (own.get_state(), samplers.get_state()), strict=True)
    )
    assert [batch.tolist() for batch in loader] == first  # and so the next epoch is the one that it would have been


def test_an_epoch_that_was_begun_goes_on() -> None:
    loader: Any = DataLoader(list(range(12)), 2, num_workers=1, persistent_workers=True)  # type: ignore[arg-type]
    epoch = iter(loader)
    seen = next(epoch).tolist()
    with loader_as_it_was(loader):
        assert len([batch.tolist() for batch in loader]) == 6
    assert loader._iterator is epoch
    assert [seen, *(batch.tolist() for batch in epoch)] == [[i, i + 1] for i in range(0, 12, 2)]


def test_a_plain_iterable_needs_nothing() -> None:
    loader = [[1], [2]]
    with loader_as_it_was(loader):
        assert list(loader) == [[1], [2]]


def test_torch_is_not_imported_for_it() -> None:
    code = (
        "import sys; from packviz.torch_side.loading import loader_as_it_was\n"
        "with loader_as_it_was([1]): pass\n"
        "print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
