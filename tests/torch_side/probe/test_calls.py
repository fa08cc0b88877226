"""The probe of callables: what they do with padding is known here, since they are written for it."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.probing import ProbeReport
from packviz.torch_side.probe.calls import probe_callable

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], dtype=np.float32)
LENGTHS = torch.tensor([3, 2, 4])


def batch_of(x: np.ndarray = X, lengths: Any = (3, 2, 4), batch_first: bool = True) -> Batch:
    return make_batch(x if batch_first else x.swapaxes(0, 1), np.array(lengths), Call(batch_first, False))


def probed(fn: Callable[..., Any], batch: Batch | None = None, **how: Any) -> ProbeReport:
    report = probe_callable(fn, batch or batch_of(), **how)
    assert len(report.runs) == 1
    return report


def rows(report: ProbeReport, fill: int | None = None) -> list[int]:
    if fill is None:
        return report.packed.rows.tolist()
    return np.flatnonzero(report.packed.reads[fill].any[0, 0]).tolist()


def drained(spy: SimpleQueue[Any]) -> list[Any]:
    return [spy.get() for _ in range(spy.qsize())]


def mask(x: Tensor, lengths: Tensor) -> Tensor:
    return torch.arange(x.shape[1]) < lengths[:, None]


def test_a_mean_over_all_steps_reads_padding_in_every_row_that_has_some() -> None:
    x = np.column_stack([X[:, :4], np.zeros((3, 0), dtype=np.float32)])
    report = probed(lambda x, lengths: x.mean(1), batch_of(x))
    assert rows(report) == [0, 1]
    assert not report.ok
    assert report.packed.reads[0].final["state"].tolist() == [[[True, True, False]]]


def test_a_mean_over_the_steps_of_each_row_reads_none() -> None:
    assert probed(lambda x, lengths: torch.where(mask(x, lengths), x, 0).sum(1) / lengths).ok


def test_padding_that_is_multiplied_by_0_shows_with_nan_only() -> None:
    report = probed(lambda x, lengths: (x * mask(x, lengths)).sum(1))
    assert rows(report, 0) == [0, 1, 2]
    assert rows(report, 1) == []


def test_padding_behind_nan_to_num_shows_with_large_values_only() -> None:
    report = probed(lambda x, lengths: x.nan_to_num().sum(1))
    assert rows(report, 0) == []
    assert rows(report, 1) == [0, 1, 2]


@pytest.mark.parametrize("pool", [torch.amax, torch.amin])
def test_both_signs_are_tried(pool: Callable[..., Tensor]) -> None:
    assert rows(probed(lambda x, lengths: pool(x.nan_to_num(), 1)), 1) == [0, 1, 2]


def test_outputs_before_the_length_count_and_those_beyond_do_not() -> None:
    assert probed(lambda x, lengths: x * 2).ok
    ahead = probed(lambda x, lengths: x.roll(-1, 1).unsqueeze(-1).expand(3, 5, 7))
    assert ahead.packed.reads[0].first.tolist() == [[[2, 1, 3]]]  # the last output of each row reads the cell after it


def test_outputs_in_the_other_layout_are_found_by_their_size() -> None:
    for batch_first in (True, False):

        def fn(x: Tensor, lengths: Tensor, batch_first: bool = batch_first) -> Tensor:
            time_first = x.T if batch_first else x
            return time_first.roll(-1, 0).unsqueeze(-1)

        report = probed(fn, batch_of(batch_first=batch_first))
        assert report.packed.reads[0].first.tolist() == [[[2, 1, 3]]]


class Tagger(nn.Module):
    """An encoder as it is written every day; `wrong`: it takes h_n of an unpacked run."""

    def __init__(self, wrong: bool = False) -> None:
        super().__init__()
        self.rnn = nn.LSTM(1, 4, 2, batch_first=True, bidirectional=True, dropout=0.5)
        self.dropout, self.wrong = nn.Dropout(), wrong

    def forward(self, x: Tensor, lengths: Tensor) -> Any:
        x = self.dropout(x.unsqueeze(-1))
        if self.wrong:
            return self.rnn(x)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, state = self.rnn(packed)
        return pad_packed_sequence(out, batch_first=True)[0], state


def test_a_module_is_called_and_its_outputs_and_states_are_told_apart() -> None:
    assert probed(Tagger()).ok
    wrong = probed(Tagger(wrong=True))
    read = wrong.packed.reads[0]
    assert read.out.all()
    assert read.final["state"].all()
    too_long = probed(Tagger(), batch_of(lengths=(3, 2, 5)))
    assert rows(too_long) == [2]
    assert too_long.module == "Tagger"


def test_a_packed_sequence_comes_back_into_the_order_of_the_batch() -> None:
    rnn = nn.GRU(1, 3, batch_first=True)

    def fn(x: Tensor, lengths: Tensor) -> Any:
        return rnn(pack_padded_sequence(x.unsqueeze(-1), lengths, batch_first=True, enforce_sorted=False))

    assert probed(fn).ok
    report = probed(fn, batch_of(lengths=(4, 2, 4)))
    assert report.packed.reads[0].first.tolist() == [[[3, -1, -1]]]
    assert report.packed.reads[0].final["state"].tolist() == [[[True, False, False]]]


def test_a_module_keeps_its_mode_its_buffers_and_the_random_numbers() -> None:
    class Counting(Tagger):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, x: Tensor, lengths: Tensor) -> Any:
            assert not self.training
            self.calls += 1
            return super().forward(x, lengths)

    module, drawn = Counting().train(), torch.get_rng_state()
    module.dropout.eval()
    for fn in (module, module.forward):
        assert probed(fn).ok
        assert module.training
        assert not module.dropout.training
        assert module.calls == 0
    assert torch.get_rng_state().equal(drawn)


def test_every_call_draws_the_same_random_numbers() -> None:
    assert probed(lambda x, lengths: nn.functional.dropout(torch.where(mask(x, lengths), x, 0), training=True)).ok


def test_a_callable_that_returns_something_else_each_time_is_not_judged() -> None:
    calls = iter(range(9))
    report = probed(lambda x, lengths: torch.full((len(x),), float(next(calls))))
    assert not report.ok
    assert "two runs over the same x differ" in report.packed.error


def test_x_itself_and_the_lengths_are_handed_over_as_copies() -> None:
    given_lengths = [3, 2, 4]

    def spoils(x: Tensor, lengths: list[int]) -> Tensor:
        x.zero_()
        lengths.clear()
        return x

    batch = batch_of()
    probed(spoils, batch, lengths=given_lengths)
    np.testing.assert_array_equal(batch.x, X)
    assert given_lengths == [3, 2, 4]


def test_lengths_go_in_as_they_were_given() -> None:
    spy: SimpleQueue[Any] = SimpleQueue()  # what a list would hold is put back

    def fn(x: Tensor, lengths: Any) -> Tensor:
        spy.put(lengths)
        return x

    probed(fn, lengths=[3, 2, 4])
    seen = drained(spy)
    assert all(type(lengths) is list for lengths in seen)
    assert seen.count([3, 2, 4]) >= 5
    assert seen.count([3, 3, 2, 3]) == 1  # over the x of another size
    probed(fn)
    seen = drained(spy)
    assert all(lengths.dtype == torch.int64 for lengths in seen)
    assert sum(lengths.equal(LENGTHS) for lengths in seen) >= 5


def test_what_takes_no_lengths_is_called_without_them() -> None:
    report = probed(nn.Sequential(nn.Unflatten(1, (1, 5)), nn.Conv1d(1, 2, 3, padding=1), nn.Flatten(1)))
    assert any("takes no lengths" in note for note in report.notes)
    assert rows(report) == [0, 1, 2]


# ---- whole numbers ---------------------------------------------------------------------------------------------------


def test_ids_are_filled_with_two_others_that_occur() -> None:
    torch.manual_seed(0)
    embedding = nn.Embedding(10, 3)
    batch = batch_of(X.astype(np.int64))
    spy: SimpleQueue[tuple[int, ...]] = SimpleQueue()

    def fn(x: Tensor, lengths: Tensor) -> Tensor:
        spy.put(tuple(set(x[~mask(x, lengths)].tolist())))
        return embedding(x)

    report = probed(fn, batch)
    assert report.ok
    assert {(0,), (1,), (9,)} <= set(drained(spy))
    assert [reads.fill for reads in report.packed.reads] == ["id 1", "id 9"]
    assert any("can't be NaN" in note for note in report.notes)
    assert rows(probed(lambda x, lengths: embedding(x).sum(1), batch)) == [0, 1, 2]
    too_long = batch_of(X.astype(np.int64), (3, 2, 5))
    assert rows(probed(lambda x, lengths: embedding(x), too_long)) == [2]


def test_without_another_id_nothing_can_be_filled_in_and_that_is_said() -> None:
    x = np.zeros((2, 3), dtype=np.int64)
    report = probed(lambda x, lengths: x.sum(1), make_batch(x, [1, 2], Call(True, False)))
    assert report.packed.reads == ()
    assert "no other one" in report.packed.error
    assert not report.ok
    assert probed(lambda x, lengths: x, make_batch(x, [3, 3], Call(True, False))).packed.error


def test_flags_are_filled_with_the_other_one() -> None:
    report = probed(lambda x, lengths: x.any(1), make_batch(np.array([[True, False]]), [1], Call(True, False)))
    assert [reads.fill for reads in report.packed.reads] == ["True"]


# ---- what comes back -------------------------------------------------------------------------------------------------


def test_what_it_raises_is_quoted() -> None:
    def fn(x: Tensor, lengths: Tensor) -> Tensor:
        raise IndexError("no such step")

    assert probed(fn).packed.error == "raises IndexError: no such step"


def test_what_it_raises_over_a_fill_alone_names_the_fill() -> None:
    def fn(x: Tensor, lengths: Tensor) -> Tensor:
        if x.isnan().any():
            raise ValueError("NaN!")
        return torch.where(mask(x, lengths), x, 0)

    report = probed(fn)
    assert not report.ok
    assert report.packed.errors == ("over padding filled with NaN: ValueError: NaN!",)
    assert not report.packed.reads[1].any.any()


@pytest.mark.parametrize("result", [3, None, "text", (), [1, "two"]])
def test_a_result_without_a_tensor_is_said_to_be_none(result: object) -> None:
    assert "no tensor" in probed(lambda x, lengths: result).packed.error


@pytest.mark.parametrize(
    "fn",
    [
        lambda x, lengths: x.sum(),
        lambda x, lengths: torch.where(mask(x, lengths), x, 0).sum(),
        lambda x, lengths: x.sum(0),
        lambda x, lengths: (x, x.sum()),
        lambda x, lengths: x[:2],
        lambda x, lengths: x.unsqueeze(-1).expand(3, 5, 3).sum((0, 1)) if len(x) == 3 else x.new_zeros(3),
    ],
)
def test_a_result_whose_rows_are_not_found_is_refused_and_never_clean(fn: Callable[..., Any]) -> None:
    report = probed(fn)
    assert not report.ok
    assert "does not have a row for each of the 3 rows of x" in report.packed.error
    assert report.packed.reads == ()


def test_a_callable_that_does_not_look_at_the_x_it_is_given_is_not_clean() -> None:
    outside = torch.tensor(X)
    assert "none of its dimensions grows" in probed(lambda x, lengths: outside.sum(1)).packed.error


def test_a_number_beside_the_tensors_that_changes_is_not_clean() -> None:
    report = probed(lambda x, lengths: (x, float(x.sum())))
    assert not report.ok
    assert "the result[1] reads padding" in report.packed.errors[0]
    assert probed(lambda x, lengths: (x, float(torch.where(mask(x, lengths), x, 0).sum()))).ok


def test_a_result_that_holds_what_can_not_be_looked_into_is_refused() -> None:
    assert "of type object" in probed(lambda x, lengths: (x, object())).packed.error


def test_results_lie_in_tuples_dicts_and_arrays() -> None:
    clean = {"out": lambda x: x.numpy(), "others": lambda x: [x, None, (x,)]}
    for make in clean.values():
        assert probed(lambda x, lengths, make=make: {"a": make(x), "n": 3}).ok
    assert rows(probed(lambda x, lengths: {"a": x, "b": [x.sum(1)]})) == [0, 1, 2]


def test_a_result_of_other_shapes_over_a_fill_is_an_error() -> None:
    report = probed(lambda x, lengths: x[:, : 4 if x.isnan().any() else 5])
    assert "other shapes" in report.packed.errors[0]


def test_of_fewer_steps_than_those_of_x_those_count_that_the_row_has_alone() -> None:
    x = np.array([[1.0, 2, 3, 4, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]], dtype=np.float32)
    report = probed(lambda x, lengths: x.unflatten(1, (-1, 2)) if x.shape[1] % 2 == 0 else x, batch_of(x, (4, 8)))
    assert report.ok
    assert rows(report) == []
    assert any("has steps of its own" in note for note in report.notes)
    report = probed(lambda x, lengths: nn.functional.avg_pool1d(x, 3, 2, ceil_mode=True), batch_of(x, (4, 8)))
    assert rows(report) == [0]


def test_of_fewer_steps_where_no_row_can_be_run_alone_any_change_counts() -> None:
    def eight_steps(x: Tensor, lengths: Tensor) -> Tensor:
        if x.shape[1] != 8:
            raise ValueError("8 steps, please")
        return x.unflatten(1, (-1, 2))

    x = np.array([[1.0, 2, 3, 4, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]], dtype=np.float32)
    report = probed(eight_steps, batch_of(x, (4, 8)))
    assert rows(report) == [0]
    assert any("does not have the steps of x" in note for note in report.notes)


@given(st.data())
def test_exactly_the_rows_whose_last_output_comes_from_padding_are_found(data: st.DataObject) -> None:
    """out[:, -1], the commonest mistake of all: wrong in every row that is shorter than T."""
    count, steps = data.draw(st.integers(1, 6)), data.draw(st.integers(2, 7))
    random = np.random.default_rng(data.draw(st.integers(0, 9999)))
    lengths = random.integers(1, steps + 1, count)
    x = np.where(np.arange(steps) < lengths[:, None], 1 + random.random((count, steps)), 0).astype(np.float32)
    batch = batch_of(x, lengths)
    gathered = torch.arange(count)
    assert rows(probed(lambda x, n: x.cumsum(1)[:, -1], batch)) == np.flatnonzero(lengths < steps).tolist()
    assert probed(lambda x, n: x.cumsum(1)[gathered, n - 1], batch).ok
