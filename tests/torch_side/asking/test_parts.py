"""A run in parts ends where the whole run ends, cuts every cell out once, and never makes much at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import Cancelled, Watch
from packviz.core.module import Module
from packviz.core.verdict import Verdict
from packviz.torch_side.asking import pack as asking_pack
from packviz.torch_side.asking import parts
from packviz.torch_side.asking.verdict import ask

SIZES = st.integers(1, 3)


@st.composite
def runs(draw: st.DrawFn) -> tuple[nn.RNNBase, PackedSequence, Any]:
    """A module in eval mode, a packed batch that it takes, and an initial state or None."""
    kind = draw(st.sampled_from([nn.LSTM, nn.GRU, nn.RNN]))
    inputs, hidden, layers, both = draw(SIZES), draw(SIZES), draw(SIZES), draw(st.booleans())
    projects = kind is nn.LSTM and hidden > 1 and draw(st.booleans())
    more = {"proj_size": hidden - 1} if projects else {}
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    torch.manual_seed(draw(st.integers(0, 9)))
    module = kind(inputs, hidden, layers, bidirectional=both, bias=draw(st.booleans()), dtype=dtype, **more).eval()
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=8))
    enforce_sorted = draw(st.booleans())
    if enforce_sorted:
        lengths.sort(reverse=True)
    x = torch.randn(len(lengths), max(lengths), inputs, dtype=dtype)
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=enforce_sorted)
    states = None
    if draw(st.booleans()):
        outputs, stacked = hidden - 1 if projects else hidden, layers * (2 if both else 1)
        h = torch.randn(stacked, len(lengths), outputs, dtype=dtype)
        states = (h, torch.randn(stacked, len(lengths), hidden, dtype=dtype)) if kind is nn.LSTM else h
    return module, packed, states


@given(runs(), st.sampled_from([1, 200, 2000]), st.integers(1, 3))
@settings(deadline=None)
def test_the_states_are_those_of_the_whole_run_and_the_output_has_its_shape(
    run: tuple[nn.RNNBase, PackedSequence, Any], part: int, least: int
) -> None:
    module, packed, hx = run
    with pytest.MonkeyPatch.context() as patch, torch.no_grad():
        patch.setattr(parts, "PART", part)
        patch.setattr(parts, "LEAST_ROWS", least)
        patch.setattr(parts, "LEAST_STEPS", least)
        numbers = torch.full((len(packed.data), module(packed)[0].data.shape[1]), torch.nan, dtype=packed.data.dtype)
        out, final = parts.run_in_parts(module, packed, hx, take=numbers.__setitem__)
        theirs, expected = module(packed) if hx is None else module(packed, hx)
    torch.testing.assert_close(final, expected)
    torch.testing.assert_close(numbers, theirs.data)
    assert out.data.shape == theirs.data.shape
    assert out.data.dtype == theirs.data.dtype
    assert out.batch_sizes.equal(theirs.batch_sizes)
    assert out.data.untyped_storage().nbytes() == out.data.element_size()


@given(runs(), st.integers(1, 3000), st.integers(1, 3))
@settings(deadline=None)
def test_every_cell_is_run_once_and_a_part_takes_no_more_than_it_may(
    run: tuple[nn.RNNBase, PackedSequence, Any], part: int, least: int
) -> None:
    module, packed, hx = run
    packed = packed._replace(data=torch.arange(packed.data.numel()).reshape(packed.data.shape).to(packed.data.dtype))
    seen: list[PackedSequence] = []
    hook = module.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with pytest.MonkeyPatch.context() as patch, torch.no_grad(), hook:
        patch.setattr(parts, "PART", part)
        patch.setattr(parts, "LEAST_ROWS", least)
        patch.setattr(parts, "LEAST_STEPS", least)
        parts.run_in_parts(module, packed, hx)
        allowed = max(1, part // parts._bytes_a_cell(module))
    assert torch.cat([one.data for one in seen]).sort(0).values.equal(packed.data)
    for one in seen:
        few_rows, few_steps = int(one.batch_sizes[0]) <= max(least, allowed), len(one.batch_sizes) <= least
        assert len(one.data) <= allowed or (few_rows and (few_steps or module.bidirectional))


def test_a_forward_run_copies_nothing_of_the_data() -> None:
    packed = pack_padded_sequence(torch.ones(3, 5, 2), torch.tensor([5, 3, 2]), batch_first=True)
    pieces = [piece.packed.data for piece in parts._cut(packed, 4, forward=True)]
    assert len(pieces) > 1
    assert {piece.untyped_storage().data_ptr() for piece in pieces} == {packed.data.untyped_storage().data_ptr()}


def test_a_stretch_goes_on_until_its_steps_have_different_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LEAST_STEPS", 3)
    sizes = torch.tensor([5, 4, 3, 3, 3, 3, 1, 1])
    pieces = parts._cut(PackedSequence(torch.ones(23, 1), sizes), 1, forward=True)
    cut = [piece.packed.batch_sizes.tolist() for piece in pieces]
    assert cut == [[5, 4], [3, 3, 3], [3, 1], [1]]


def test_it_says_how_far_it_is_and_stops_between_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 1)
    monkeypatch.setattr(parts, "LEAST_STEPS", 1)
    packed = pack_padded_sequence(torch.ones(2, 4, 1), torch.tensor([4, 4]), batch_first=True)
    told: list[float] = []
    with torch.no_grad():
        parts.run_in_parts(nn.GRU(1, 2), packed, watch=Watch(told.append))
    assert told == [0, 0.25, 0.5, 0.75]
    batch = make_batch(np.ones((2, 4, 1), "f4"), [4, 4], Call(True))
    stopped = Watch(told.append, lambda: len(told) > 5)
    with pytest.raises(Cancelled):
        ask(batch, Module(hidden=2), watch=stopped)
    assert len(told) == 6


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("inputs", ["auto", "cast"])
@pytest.mark.parametrize("total_length", [None, 7, 3])
def test_the_verdict_of_a_run_in_parts_is_that_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, directions: int, inputs: Any, total_length: int | None
) -> None:
    batch = make_batch(np.ones((3, 5, 2), "f4"), [3, 2, 5], Call(True, False, total_length=total_length))
    module = Module(hidden=4, inputs=inputs, directions=directions)
    whole = ask(batch, module)
    assert whole.run.ok
    assert _in_small_parts(monkeypatch, lambda: ask(batch, module)) == whole


def test_a_run_that_does_not_fit_is_asked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = make_batch(np.ones((3, 5, 2), "f4"), [3, 2, 5], Call(True, False))
    monkeypatch.setattr(parts, "PART", 1)
    wrong = torch.zeros(1, 2, 4)
    said = ask(batch, Module(cell="GRU", hidden=4), hx=wrong).run
    with pytest.raises(RuntimeError) as raised:
        nn.GRU(2, 4)(pack_padded_sequence(torch.ones(3, 5, 2), torch.tensor([3, 2, 5]), True, False), wrong)
    assert (said.ok, said.text) == (False, f"RuntimeError: {raised.value}")


def _in_small_parts(monkeypatch: pytest.MonkeyPatch, call: Any) -> Verdict:
    """What the call returns, which runs in parts; its unpacking unpacks one feature."""
    made: list[int] = []
    run = parts.run_in_parts
    monkeypatch.setattr(parts, "PART", 1)
    monkeypatch.setattr(asking_pack, "LARGE", 0)
    monkeypatch.setattr(
        "packviz.torch_side.asking.run.run_in_parts", lambda *given, **how: made.append(1) or run(*given, **how)
    )
    verdict: Verdict = call()
    assert made
    return verdict


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layout", ["packed", "padded", "batch_first"])
@pytest.mark.parametrize("given", [False, True])
def test_what_is_kept_of_a_run_in_parts_is_all_that_the_module_puts_out(
    kind: Any, bidirectional: bool, layout: str, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 1 << 10)
    torch.manual_seed(0)
    module = kind(3, 5, num_layers=2, bidirectional=bidirectional, batch_first=layout == "batch_first").eval()
    rows, steps = 90, 11
    x = torch.randn(*((rows, steps) if layout == "batch_first" else (steps, rows)), 3)
    ready: Any = x
    if layout == "packed":
        lengths = torch.randint(1, steps + 1, (rows,))
        ready = pack_padded_sequence(x, lengths, enforce_sorted=False)
    hx: Any = None
    if given:
        h = torch.randn(4 if bidirectional else 2, rows, 5)
        hx = (h, torch.randn_like(h)) if kind is nn.LSTM else h
    asked: list[int] = []
    with torch.no_grad():
        out, final = parts.run_kept(module, ready, hx, watch=Watch(cancelled=lambda: bool(asked.append(1))))
        theirs, ended = module(ready) if hx is None else module(ready, hx)
    assert len(asked) > 1
    if layout == "packed":
        assert torch.equal(out.batch_sizes, theirs.batch_sizes)
        out, theirs = out.data, theirs.data
    torch.testing.assert_close(out, theirs)
    torch.testing.assert_close(final, ended)


def test_a_run_that_is_kept_can_be_given_up_between_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 1 << 10)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        parts.run_kept(nn.LSTM(3, 5), torch.randn(40, 90, 3), watch=Watch(cancelled=cancelled))
    assert len(asked) == 3


def test_what_torch_raises_over_sizes_that_do_not_agree_is_raised_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 1)
    module, packed = nn.GRU(1, 2), PackedSequence(torch.zeros(10, 1), torch.tensor([5, 5, 1]))
    with pytest.raises(RuntimeError) as theirs:
        module(packed)
    with pytest.raises(RuntimeError) as ours:
        parts.run_kept(module, packed)
    assert str(ours.value) == str(theirs.value)
