"""A callable's result may hold steps or states, in dimensions of any order and size: no leak in it is called clean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch
from tests.torch_side.probe.test_calls import batch_of, mask, probed, rows

STEPS, FEATURES = 7, 2
SHORT = [3, 7, 4]
"""Rows 0 and 2 have padding, row 1 has none."""


def features(lengths: Any = tuple(SHORT), steps: int = STEPS, width: int = FEATURES, batch_first: bool = True) -> Batch:
    random = np.random.default_rng(0)
    within = np.arange(steps) < np.array(lengths)[:, None]
    x = (random.normal(size=(len(lengths), steps, width)) * within[..., None]).astype(np.float32)
    return batch_of(x, lengths, batch_first)


def lstm_of(
    hidden: int = 5, layers: int = 1, both: bool = False, batch_first: bool = True, width: int = FEATURES
) -> Any:
    torch.manual_seed(0)
    return nn.LSTM(width, hidden, layers, bidirectional=both, batch_first=batch_first)


def packed_run(rnn: nn.LSTM, x: Tensor, lengths: Tensor) -> Any:
    out, state = rnn(pack_padded_sequence(x, lengths, batch_first=rnn.batch_first, enforce_sorted=False))
    return pad_packed_sequence(out, batch_first=rnn.batch_first)[0], state


LEAKS: dict[str, Callable[..., Any]] = {
    "h_n": lambda x, n: lstm_of()(x)[1][0],
    "the last step": lambda x, n: lstm_of()(x)[0][:, -1],
    "the last step, kept as a dimension": lambda x, n: lstm_of()(x)[0][:, -1:],
    "T features": lambda x, n: lstm_of(9)(x)[0][:, -1, :STEPS],
    "as many features as the second longest": lambda x, n: lstm_of(9)(x)[0][:, -1, :4],
    "T features, the first clean": lambda x, n: torch.cat([x[:, 0].repeat(1, 3), lstm_of()(x)[0][:, -1, :1]], 1),
    "T layers and directions": lambda x, n: torch.cat([lstm_of()(x[:, :1])[1][0].repeat(6, 1, 1), lstm_of()(x)[1][0]]),
    "h_n of two layers and directions": lambda x, n: lstm_of(5, 2, True)(x)[1][0],
    "states by row": lambda x, n: lstm_of(5, 2, True)(x)[1][0].transpose(0, 1),
    "all states": lambda x, n: lstm_of(5, 2, True)(x)[1],
    "a mean": lambda x, n: x.mean(1),
    "a greatest": lambda x, n: x.nan_to_num(0.0).amax(1),
    "outputs of the way back": lambda x, n: lstm_of(5, 1, True)(x)[0],
    "one clean tensor and one that is not": lambda x, n: {"a": x, "b": (x, x.sum(1))},
}


@pytest.mark.parametrize("fn", LEAKS.values(), ids=LEAKS)
def test_a_leak_is_found_in_a_result_of_any_shape(fn: Callable[..., Any]) -> None:
    assert rows(probed(fn, features())) == [0, 2]


@pytest.mark.parametrize("fn", [fn for name, fn in LEAKS.items() if "way back" not in name and "one clean" not in name])
def test_a_state_is_called_a_state_and_has_no_steps(fn: Callable[..., Any]) -> None:
    report = probed(fn, features())
    read = report.packed.reads[1]
    assert not read.out.any()
    assert list(read.final) == ["state"]
    assert "out from" not in str(report)


def test_features_as_many_as_the_steps_are_a_state() -> None:
    batch = features(width=STEPS)
    assert probed(lambda x, n: x.mean(1), batch).packed.reads[0].final["state"].tolist() == [[[True, False, True]]]
    assert probed(lambda x, n: (x * (torch.arange(x.shape[1]) < n[:, None])[..., None]).nan_to_num().sum(1), batch).ok


CLEAN: dict[str, Callable[..., Any]] = {
    "packed": lambda x, n: packed_run(lstm_of(5, 2, True), x, n),
    "states": lambda x, n: packed_run(lstm_of(5, 2, True), x, n)[1][0],
    "T features": lambda x, n: packed_run(lstm_of(STEPS), x, n)[1][0][0],
    "outputs beyond the lengths": lambda x, n: lstm_of()(x)[0],
    "a number a step": lambda x, n: lstm_of()(x)[0][..., 0],
    "a number a step, time first": lambda x, n: lstm_of()(x)[0][..., 0].T,
    "channels first": lambda x, n: lstm_of()(x)[0].transpose(1, 2),
    "the first step": lambda x, n: x[:, :1],
    "the last of each row": lambda x, n: lstm_of()(x)[0][torch.arange(len(n)), n - 1],
}


@pytest.mark.parametrize("fn", CLEAN.values(), ids=CLEAN)
def test_what_reads_no_padding_is_clean_in_any_shape(fn: Callable[..., Any]) -> None:
    assert probed(fn, features()).ok


def of_one_size(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but over another x it raises."""

    def only(x: Tensor, n: Tensor) -> Any:
        if x.shape[:2] != (3, STEPS):
            raise ValueError("one size only")
        return fn(x, n)

    return only


@pytest.mark.parametrize("fn", LEAKS.values(), ids=LEAKS)
def test_a_callable_of_one_size_that_leaks_is_never_clean(fn: Callable[..., Any]) -> None:
    report = probed(of_one_size(fn), features())
    assert not report.ok
    assert sorted({*report.packed.rows.tolist(), *report.packed.undecided.tolist()}) == [0, 2]


def test_numbers_of_a_callable_of_one_size_may_be_steps_or_a_state_and_that_is_said() -> None:
    report = probed(of_one_size(lambda x, n: x[..., 0] * 2), features())
    assert (report.packed.rows.tolist(), report.packed.undecided.tolist()) == ([], [0, 2])
    assert not report.ok
    text = " ".join(str(report).split())
    assert "the result of 2 of 3 rows (rows 0, 2) changes only at steps beyond the lengths, if it holds steps" in text
    assert "it was compared both ways" in text
    assert "raises ValueError: one size only" in text
    assert probed(of_one_size(lambda x, n: torch.where(mask(x, n), x[..., 0], 0)), features()).ok


@pytest.mark.parametrize("fn", LEAKS.values(), ids=LEAKS)
def test_a_square_batch_hides_no_leak(fn: Callable[..., Any]) -> None:
    lengths = [7, 2, 7, 4, 7, 7, 6]
    assert rows(probed(fn, features(lengths))) == [1, 3, 6]


def test_a_batch_of_one_row_hides_no_leak() -> None:
    for fn in LEAKS.values():
        assert rows(probed(fn, features([5]))) == [0]
    for fn in CLEAN.values():
        assert probed(fn, features([5])).ok


@st.composite
def models(draw: st.DrawFn) -> tuple[Callable[..., Any], Batch, list[int]]:
    """A recurrent model over a small batch: outputs, states, or pooled, in some order of dimensions, as is or with
    as many features as may be; and the rows that read padding, as it is packed, masked, or neither."""
    count, steps = draw(st.integers(1, 5)), draw(st.integers(2, 6))
    lengths = np.random.default_rng(draw(st.integers(0, 999))).integers(1, steps + 1, count)
    batch_first, hidden = draw(st.booleans()), draw(st.integers(1, 6))
    both, layers = draw(st.booleans()), draw(st.integers(1, 3))
    packed, kind = draw(st.booleans()), draw(st.sampled_from(["states", "all", "last", "kept", "mean", "one", "out"]))
    rnn = lstm_of(hidden, layers, both, True)
    order = draw(st.permutations(range(3)))

    def fn(x: Tensor, n: Tensor) -> Any:
        x = x if batch_first else x.transpose(0, 1)
        out, (h, c) = packed_run(rnn, x, n) if packed else rnn(x)
        inside = (torch.arange(out.shape[1]) < n[:, None])[..., None]
        at = torch.arange(len(n))
        last = out[at, n - 1] if packed else out[:, -1]
        results = {
            "states": lambda: h.permute(order),
            "all": lambda: (out, (h, c)),
            "last": lambda: last,
            "kept": lambda: last[:, None],
            "mean": lambda: torch.where(inside, out, 0).sum(1) / n[:, None] if packed else out.mean(1),
            "one": lambda: {"a": out[:, 0], "b": last[:, 0]},
            "out": lambda: out.permute(order),
        }
        return results[kind]()

    leaks = not packed and (kind not in ("out",) or both)
    return fn, features(lengths, steps, FEATURES, batch_first), np.flatnonzero(leaks & (lengths < steps)).tolist()


@given(models())
def test_of_any_recurrent_model_exactly_the_rows_that_read_padding_are_found(
    model: tuple[Callable[..., Any], Batch, list[int]],
) -> None:
    fn, batch, expected = model
    report = probed(fn, batch)
    if batch.counts.max() > 1:
        assert rows(report) == expected
        assert not len(report.packed.undecided)
    else:  # there is no x of fewer steps
        assert report.ok <= (not expected)

    def of_this_size(x: Tensor, n: Tensor) -> Any:
        assert x.shape == batch.x.shape
        return fn(x, n)

    if expected:
        assert not probed(of_this_size, batch).ok
