"""What is said of a cell that goes forward through a run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.moments import Moment
from packviz.core.origins import OfX
from packviz.core.reach import Reach, _percent

NAN = float("nan")


def reach(*influence: list[float], directions: int = 1, step: int = 2) -> Reach:
    """Of x[5, 2], whose packed index is 11."""
    held = {divmod(place, directions): np.array(values) for place, values in enumerate(influence)}
    return Reach(OfX(5, step, 0), 11, held)


def test_each_way_is_told_from_where_it_is_read_to_what_is_left() -> None:
    found = reach([0, 0, 1.0, 0.1, 0.02], [0.3, 0.4, 0.5, 0, 0], directions=2)
    assert found.sentences == (
        "data[11], read at t2 by layer 0 → and layer 0 ←.",
        "layer 0 →: largest after t2, 1; 0 before t2. "
        "h_n[0, 5] gets 0.02, 2% of what it had after t2: it has nearly vanished.",
        "layer 0 ←: largest after t2, 0.5; 0 after t2. h_n[1, 5] gets 0.3, 60% of what it had after t2.",
    )
    assert found.finals.tolist() == [0.02, 0.3]
    assert [way.end for way in found.ways] == [Moment(4), Moment(0, 0, 1)]
    assert [way.peak for way in found.ways] == [Moment(2), Moment(2, 0, 1)]


@pytest.mark.parametrize(
    ("influence", "told"),
    [
        ([0, 0, 0, 0], "layer 0: nothing of it arrives. h_n[0, 5] gets 0."),
        ([0, 0, 0.5, 0], "layer 0: largest after t2, 0.5; 0 before t2. h_n[0, 5] gets 0: nothing of it is left."),
        ([0, 0, 0.5, 2], "layer 0: largest after t3, 2; 0 before t2. h_n[0, 5] gets 2."),
        (
            [0, 0, 1, 1e-4],
            "layer 0: largest after t2, 1; 0 before t2. "
            "h_n[0, 5] gets 0.0001, 0.01% of what it had after t2: it has vanished.",
        ),
        (
            [0, 0, 1, NAN],
            "layer 0: largest after t2, 1; 0 before t2; NaN from t3 on. h_n[0, 5] is NaN: nothing can be said of it.",
        ),
        (
            [0, 0, NAN, NAN],
            "layer 0: no number; 0 before t2; NaN from t2 on. h_n[0, 5] is NaN: nothing can be said of it.",
        ),
    ],
)
def test_zeros_and_what_is_no_number_are_said_plainly(influence: list[float], told: str) -> None:
    assert reach(influence).sentences[1] == told


def test_of_the_first_step_nothing_is_said_of_before() -> None:
    assert reach([1.0, 0.5], step=0).sentences == (
        "data[11], read at t0 by layer 0.",
        "layer 0: largest after t0, 1. h_n[0, 5] gets 0.5, 50% of what it had after t0.",
    )


def test_it_says_over_what_its_norm_goes() -> None:
    one = reach([1.0], step=0)
    assert "with it, to first order" in one.measured
    assert "with its 3 numbers" in Reach(one.of, 0, one.influence, 3).measured
    assert "with the 3 numbers of its embedding" in Reach(one.of, 0, one.influence, 3, True).measured
    assert "with its embedding" in Reach(one.of, 0, one.influence, 1, True).measured


def test_its_numbers_can_not_be_changed() -> None:
    found = reach([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        found.influence[0, 0][0] = 3
    with pytest.raises(TypeError):
        found.influence[0, 0] = np.zeros(2)  # type: ignore[index]
    assert not found.finals.flags.writeable


@given(
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 6).flatmap(
        lambda n: st.lists(st.lists(st.floats(0, 1e300), min_size=n, max_size=n), min_size=6, max_size=6)
    ),
)
def test_every_way_has_its_largest_and_its_end(directions: int, layers: int, rows: list[list[float]]) -> None:
    found = reach(*rows[: layers * directions], directions=directions, step=0)
    for slot, way in enumerate(found.ways):
        values = found.influence[way.peak.layer, way.peak.direction]
        assert way.slot == slot == way.peak.layer * directions + way.peak.direction
        assert way.most == values.max() == values[way.peak.step]
        assert way.final == values[0 if way.peak.direction else -1]
        assert way.told.endswith(".")


@given(st.floats(1e-12, 1))
def test_a_share_keeps_at_least_one_digit(share: float) -> None:
    said = _percent(share)
    value = float(said.removesuffix("%")) / (100 if said.endswith("%") else 1)
    assert value == pytest.approx(share, rel=0.51)
    assert "e+" not in said
