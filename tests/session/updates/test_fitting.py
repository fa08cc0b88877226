"""Which module steps the next batch, and what is said where it had to be changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.module import Module, Stored
from packviz.core.noted import NotedCall, Site
from packviz.session.loads import Entry
from packviz.session.state import State, showing
from packviz.session.updates.fitting import before, fitted

WEIGHTS = Stored("w.pt", {"weight_ih_l0": np.zeros((4, 2)), "weight_hh_l0": np.zeros((4, 1))})
FLOATS = make_batch(np.full((3, 5, 2), 0.5), [3, 2, 4], Call(True, False), source="floats.pt")
IDS = make_batch(np.array([[1, 2, 0], [3, 0, 0]]), [2, 1], Call(True, False), source="ids.pt")


@pytest.mark.parametrize("module", [Module("GRU", 3, 7), Module(hidden=2, weights=WEIGHTS)])
def test_what_fits_goes_on_and_nothing_is_said(module: Module) -> None:
    assert fitted(module, Entry(FLOATS)) == (module, "")


def test_weights_for_another_number_of_features_are_put_aside_and_that_is_said() -> None:
    fit = fitted(Module(hidden=1, weights=WEIGHTS), Entry(IDS))
    assert fit.module == Module(hidden=1)
    assert fit.said == (
        "The weights of w.pt take F = 2, but ids.pt has F = 1: they are put aside, and an nn.LSTM(1, 1) with seed 0 is "
        "stepped."
    )


@pytest.mark.parametrize("batch", [FLOATS, make_batch([[-1, 2], [3, 0]], [2, 1], Call(True), source="negative.pt")])
def test_inputs_that_do_not_fit_go_back_to_the_first_choice_and_that_is_said(batch: Batch) -> None:
    fit = fitted(Module(inputs="embedding"), Entry(batch))
    assert fit.module.inputs == "auto"
    assert fit.said == (
        "Inputs are back to “floats as they are, whole numbers cast”: “whole numbers through nn.Embedding” does not "
        f"fit {batch.source}."
    )
    assert fitted(Module(inputs="embedding"), Entry(IDS)) == (Module(inputs="embedding"), "")
    assert fitted(Module(inputs="cast"), Entry(batch)).said == ""


def test_a_batch_that_goes_in_no_way_at_all_changes_no_choice() -> None:
    odd = make_batch(np.zeros((2, 3, 0)), [3, 3], Call(True))
    assert fitted(Module(inputs="embedding"), Entry(odd)).module.inputs == "embedding"


def test_a_batch_that_brings_its_own_module_is_stepped_by_it_and_what_is_put_aside_is_said() -> None:
    own = Module("RNN", 3)
    assert fitted(Module("GRU"), Entry(FLOATS, own)) == (own, "")
    fit = fitted(Module(weights=WEIGHTS), Entry(FLOATS, own))
    assert fit == (own, "floats.pt brings its own nn.RNN: the weights of w.pt are put aside.")


CALL = NotedCall(1, "pack_padded_sequence", Site("train.py", 31), reason="first")
LIKE = Entry(FLOATS, call=CALL, like=Module("GRU", 5))


def of_call(chosen: Module | None = None) -> State:
    """A window on a call of a recording, whose module somebody has chosen since."""
    state = showing(FLOATS, None, of=CALL)
    document = state.document
    assert document is not None
    assert document.of is not None
    return (
        state
        if chosen is None
        else replace(state, documents=state.documents.with_current(replace(document, module=chosen)))
    )


def test_for_what_comes_the_module_of_the_batch_before_goes_on_unless_it_came_with_that() -> None:
    own, spare = Module("RNN", 3), Module("GRU", 7)
    assert before(State(spare=spare), Entry(FLOATS)) is spare
    assert before(showing(FLOATS), Entry(IDS)) == Module()
    assert before(showing(FLOATS, own, spare=spare), Entry(IDS)) is spare


def test_what_a_call_has_packed_is_stepped_by_what_ran_on_it_unless_somebody_has_chosen() -> None:
    chosen, stored = Module("RNN", 3), Module(hidden=1, weights=WEIGHTS)
    assert before(State(), LIKE) is LIKE.like
    assert before(State(spare=stored), LIKE) is stored
    assert before(of_call(), LIKE) is LIKE.like
    assert before(of_call(chosen), LIKE) is chosen
    assert before(of_call(stored), LIKE) is stored
    brought = showing(FLOATS, chosen, of=CALL, spare=Module("GRU", 7))  # a call that ran a module of its own
    document = brought.document
    assert document is not None
    edited = replace(brought, documents=brought.documents.with_current(replace(document, module=stored)))
    assert before(edited, LIKE) is LIKE.like
