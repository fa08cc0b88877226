"""The order of a walk, against three loops; the order itself against what torch makes depend on what."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.moments import Moment, Moments


def walked(steps: int, layers: int, directions: int) -> list[Moment]:
    found = []
    for layer in range(layers):
        for direction in range(directions):
            for step in range(steps) if direction == 0 else range(steps - 1, -1, -1):
                found.append(Moment(step, layer, direction))
    return found


SIZES = st.tuples(st.integers(0, 9), st.integers(1, 4), st.integers(1, 2))


@given(SIZES)
def test_the_moments_are_those_of_three_loops(sizes: tuple[int, int, int]) -> None:
    moments, naive = Moments(*sizes), walked(*sizes)
    assert len(moments) == len(naive)
    assert list(moments) == naive
    assert [moments[i] for i in range(len(naive))] == naive
    assert [moments[i - len(naive)] for i in range(len(naive))] == naive
    assert [moments.index_of(moment) for moment in naive] == list(range(len(naive)))
    rows = zip(moments.step.tolist(), moments.layer.tolist(), moments.direction.tolist(), strict=True)
    assert list(rows) == naive


@given(SIZES, st.tuples(*[st.integers(-12, 12)] * 3), st.integers(-30, 30))
def test_a_moment_is_found_or_the_nearest_one_and_moved_within_the_walk(
    sizes: tuple[int, int, int], place: tuple[int, int, int], by: int
) -> None:
    moments, naive, moment = Moments(*sizes), walked(*sizes), Moment(*place)
    assert (moment in moments) == (moment in naive)
    if moment not in naive:
        with pytest.raises(ValueError, match="no moment of a walk of"):
            moments.index_of(moment)
    if not naive:
        with pytest.raises(ValueError, match="no moments"):
            moments.nearest(moment)
        return
    nearest = moments.nearest(moment)
    assert nearest == min(naive, key=lambda other: sum(abs(a - b) for a, b in zip(other, moment, strict=True)))
    assert moments.moved(moment, by) == naive[min(max(naive.index(nearest) + by, 0), len(naive) - 1)]


@given(SIZES, st.data())
def test_what_is_known_of_steps_comes_in_the_order_of_the_walk(
    sizes: tuple[int, int, int], data: st.DataObject
) -> None:
    steps, layers, directions = sizes
    shape = data.draw(st.sampled_from([(steps,), (directions, steps), (layers, directions, steps)]))
    known = np.arange(int(np.prod(shape))).reshape(shape)
    by_all = np.broadcast_to(known, (layers, directions, steps))
    walk = [by_all[moment.layer, moment.direction, moment.step] for moment in walked(*sizes)]
    assert Moments(*sizes).along(known).tolist() == walk


def test_no_array_of_it_can_be_written_to_and_none_is_made_before_it_is_asked_for() -> None:
    moments = Moments(3, 2, 2)
    made = {"step", "layer", "direction"}
    assert not made & set(vars(moments))
    known = np.arange(3)
    for array in (moments.step, moments.layer, moments.direction, moments.along(known)):
        assert array.shape == (12,)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert moments.step is moments.step
    assert known.flags.writeable


def test_a_single_moment_of_a_walk_of_any_length_is_had_at_once() -> None:
    moments = Moments(10**12, 3, 2)
    assert moments[10**12] == Moment(10**12 - 1, 0, 1)
    assert moments[-1] == Moment(0, 2, 1)
    assert moments.index_of(Moment(0, 2, 0)) == 4 * 10**12
    assert moments.moved(Moment(10**12 - 1), 2) == Moment(10**12 - 2, 0, 1)
    assert Moment(10**12) not in moments


def test_walks_of_the_same_sizes_are_equal() -> None:
    assert Moments(3, 2, 2) == Moments(3, 2, 2) != Moments(3, 2, 1)
    assert len({Moments(3), Moments(3, 1, 1), Moments(4)}) == 2
    assert Moment(3) == (3, 0, 0)
    assert (3,) not in Moments(4)
    assert "abc" not in Moments(4)


@pytest.mark.parametrize("sizes", [(-1, 1, 1), (3, 0, 1), (3, 1, 0), (3, 1, 3)])
def test_sizes_of_no_walk_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="make no walk"):
        Moments(*sizes)
    with pytest.raises(IndexError, match="moment 3 of a walk of 3 moments"):
        Moments(3)[3]
    with pytest.raises(IndexError, match="moment -4"):
        Moments(3)[-4]


def test_torch_reads_the_steps_of_a_direction_in_this_order() -> None:
    """A NaN in x at one step is in the output of that direction from the moment on at which it is read."""
    module, moments = torch.nn.RNN(2, 3, bidirectional=True), Moments(4, 1, 2)
    for damaged in range(4):
        x = torch.ones(4, 1, 2)
        x[damaged] = torch.nan
        out = module(x)[0].reshape(4, 2, 3)
        for direction in range(2):
            read = [moment for moment in moments if moment.direction == direction]
            spoilt = [moment for moment in read if out[moment.step, direction].isnan().any()]
            assert spoilt == read[read.index(Moment(damaged, 0, direction)) :]


def test_nothing_in_torch_depends_on_a_later_moment() -> None:
    """NaN in the weights of one layer and direction is in what comes later, never in what comes before."""
    moments = Moments(4, 3, 2)
    for layer, direction in [(layer, direction) for layer in range(3) for direction in range(2)]:
        module = torch.nn.RNN(2, 3, 3, bidirectional=True)
        with torch.no_grad():
            getattr(module, f"bias_ih_l{layer}{'_reverse' * direction}").fill_(torch.nan)
        h_n = module(torch.ones(4, 1, 2))[1].reshape(3, 2, 3)
        spoilt = [moment for moment in moments if h_n[moment.layer, moment.direction].isnan().any()]
        start = moments.index_of(next(m for m in moments if (m.layer, m.direction) == (layer, direction)))
        assert spoilt
        assert min(map(moments.index_of, spoilt)) == start
