"""The module that ran on what a call packed, as torch's own modules are described."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.calls.modules import FAR, module_said, ran_on
from packviz.core.module import Module
from packviz.core.noted import NotedCall
from packviz.torch_side.module import described
from tests.recorded import call_of

RUN = call_of(2)._replace(module="nn.LSTM(2, 16)")
PACK = call_of(1)._replace(call="pack_padded_sequence", module="")


@given(st.sampled_from(["LSTM", "GRU", "RNN"]), st.integers(2, 9), st.integers(1, 3), st.integers(1, 2), st.booleans())
def test_what_is_said_of_a_module_of_torch_is_read(
    cell: str, hidden: int, layers: int, directions: int, projected: bool
) -> None:
    options = {"num_layers": layers, "bidirectional": directions == 2}
    options |= {"proj_size": hidden - 1} if projected and cell == "LSTM" else {}
    module = getattr(torch.nn, cell)(3, hidden, **options)
    made = module_said(described(module))
    assert made is not None
    found = (made.cell, made.hidden, made.layers, made.directions, made.projection, made.held)
    assert found == (cell, hidden, layers, directions, module.proj_size, False)


@pytest.mark.parametrize(
    "words",
    ["", "MyLSTM", "nn.LSTM(2, 0)", "nn.LSTM(2, 99999)", "nn.GRU(2, 6, proj_size=3)", "nn.LSTM(2, 6, proj_size=6)"],
)
def test_other_words_are_no_module(words: str) -> None:
    assert module_said(words) is None


@given(st.text())
def test_nor_is_any_other_text(words: str) -> None:
    assert module_said(words) is None


def test_it_is_the_one_that_ran_next_in_the_same_thread() -> None:
    elsewhere = call_of(2)._replace(thread="other", module="nn.GRU(2, 3)")
    assert ran_on((PACK, elsewhere, RUN._replace(number=3)), PACK) == Module("LSTM", 16)


@pytest.mark.parametrize(
    "next_one",
    [
        PACK._replace(number=2),
        RUN._replace(rows=9),
        RUN._replace(features=(7,)),
        RUN._replace(process=9),
        RUN._replace(worker=0),
    ],
)
def test_one_that_ran_on_something_else_is_not_meant(next_one: NotedCall) -> None:
    assert ran_on((PACK, next_one), PACK) is None


def test_one_that_ran_after_another_call_that_packs_is_that_ones() -> None:
    again, run = PACK._replace(number=2), RUN._replace(number=3)
    assert ran_on((PACK, again, run), PACK) is None
    assert ran_on((PACK, again, run), again) == Module("LSTM", 16)


def test_of_a_call_that_raised_it_is_the_one_that_ran_before() -> None:
    raised = PACK._replace(number=3, error="RuntimeError: no")
    assert ran_on((PACK, RUN, raised), raised) == Module("LSTM", 16)
    assert ran_on((PACK, RUN._replace(features=(7,)), raised), raised) is None


def test_it_is_looked_for_nearby_only() -> None:
    others = tuple(call_of(n)._replace(thread="other") for n in range(3, 3 + FAR))
    raised = PACK._replace(number=3 + FAR)
    assert ran_on((PACK, RUN, *others, raised), raised) is None


@pytest.mark.parametrize("between", [0, 1, FAR - 1, FAR])
def test_so_many_calls_on_either_side_are_near(between: int) -> None:
    others = [call_of(1)._replace(thread="other")] * between
    wanted = Module("LSTM", 16) if between < FAR else None
    after = [call._replace(number=place) for place, call in enumerate((PACK, *others, RUN), 1)]
    assert ran_on(after, after[0]) == wanted
    before = [call._replace(number=place) for place, call in enumerate((RUN, *others, PACK), 1)]
    assert ran_on(before, before[-1]) == wanted


def test_what_packs_nothing_has_none() -> None:
    assert ran_on((PACK, RUN), RUN) is None
