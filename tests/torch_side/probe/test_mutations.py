"""Right functions with one fault each: the probe finds those that break the law, and nothing in the others.

Whether a mutant breaks it is decided by alone.py, without packviz. A part of the mutants is probed in every run of the
tests, all of them with `pytest -m whole`.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import torch

from packviz.core.findings import Severity
from packviz.torch_side.probe.calls import probe_callable
from tests.torch_side.probe.alone import Truth, truth_of
from tests.torch_side.probe.functions import LENGTHS, RIGHT, WRONG
from tests.torch_side.probe.mutations import Mutant, mutants
from tests.torch_side.probe.test_judging import law_batch

BATCHES = ((LENGTHS, 7), ((7, 5, 5, 2), 7), ((2, 6, 4, 4, 1), 8), ((5, 5, 5), 5))
"""Unsorted, sorted, with steps that are padding in all rows, and without padding."""
EVERY = 67
"""One of so many mutants is probed in the short run."""
NOT_OF_THE_LAW = {"state-kept", "reads-part", "statistics-over-padding"}


def truth(made: Callable[..., Any], lengths: tuple[int, ...], steps: int, batch_first: bool) -> Truth:
    x = np.array(law_batch(batch_first, lengths, steps).x)
    return truth_of(made, torch.tensor(x if batch_first else x.swapaxes(0, 1)), list(lengths), batch_first)


def compared(tried: Iterable[Mutant], lengths: tuple[int, ...], steps: int) -> Counter[str]:
    """How often the probe and the truth agree in what; `wrong: …` where they do not."""
    tally: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of what mutants do
        for mutant in tried:
            tally[_compared(mutant, lengths, steps)] += 1
    return tally


def _compared(mutant: Mutant, lengths: tuple[int, ...], steps: int) -> str:
    known = truth(mutant.make(), lengths, steps, mutant.batch_first)
    if known.apart is None:
        return "raises"
    report = probe_callable(mutant.make(), law_batch(mutant.batch_first, lengths, steps))
    above = {finding.code for finding in report.findings if finding.severity is not Severity.NOTE}
    told = f"{mutant} over lengths {lengths}: {known}, {sorted(above)}, {report.packed.error}"
    if known.broken:
        if above or not report.ok:
            return "broken" if above else "broken, and said not to be tested"
        return f"wrong: nothing is found of {told}"
    if not known.kept:
        return "too faint to say"
    above -= {"reads-part"} if known.half else set()
    above -= {"statistics-over-padding"} if known.statistics else set()
    return f"wrong: too much is found of {told}" if above else "kept"


def wrong(tally: Counter[str]) -> str:
    return "\n".join([told for told in tally if told.startswith("wrong")])


@pytest.mark.parametrize("name", list(RIGHT)[::3])
def test_the_truth_of_a_right_function_is_that_it_keeps_the_law(name: str) -> None:
    known = truth(RIGHT[name].make(), *BATCHES[0], RIGHT[name].batch_first)
    assert known.kept, known
    assert not known.half
    assert not known.statistics


@pytest.mark.parametrize("name", [name for name in WRONG if WRONG[name].code not in NOT_OF_THE_LAW])
def test_the_truth_of_a_wrong_function_is_that_it_breaks_it(name: str) -> None:
    known = truth(WRONG[name].make(), *BATCHES[0], WRONG[name].batch_first)
    assert known.broken or known.apart is None, known


@pytest.mark.parametrize("name", [name for name in WRONG if WRONG[name].code == "reads-part"])
def test_the_truth_of_a_half_that_is_read_is_found_by_brute_force(name: str) -> None:
    assert truth(WRONG[name].make(), *BATCHES[0], WRONG[name].batch_first).half


def test_there_are_mutants_of_every_kind() -> None:
    told = [str(mutant) for name in RIGHT for mutant in mutants(name)]
    assert len(told) == len(set(told)) > 3_000
    for fault in (
        "nothing is packed",
        "n - 1 → -1",
        ".sorted_indices",
        "masked_fill",
        "viewed(",
        "→ packed_run(rnn, x, n)[0].mean(1)",
        ".softmax(0)",
        "batch_first",
        "enforce_sorted",
        "the lengths are sorted, x is not",
    ):
        assert any(fault in each for each in told), fault


def test_of_a_part_of_the_mutants_those_that_break_the_law_are_found_and_no_others() -> None:
    every = [mutant for name in RIGHT for mutant in mutants(name)]
    tally = compared(every[7::EVERY], *BATCHES[0])
    assert not wrong(tally), wrong(tally)
    assert tally["broken"] > 12
    assert tally["kept"] > 5


@pytest.mark.whole
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize(("lengths", "steps"), BATCHES)
def test_mutants_that_break_the_law_are_found_and_no_others(name: str, lengths: tuple[int, ...], steps: int) -> None:
    tally = compared(mutants(name), lengths, steps)
    print(tally)
    assert not wrong(tally), wrong(tally)
