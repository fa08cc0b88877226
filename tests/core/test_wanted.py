"""Where somebody wants to go, held against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Call, make_batch
from packviz.core.errors import BatchError
from packviz.core.packing import Packing, pack
from packviz.core.wanted import Wanted, parse_wanted, place_of

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], dtype=np.float32)
BATCH = make_batch(X, [3, 2, 4], Call(True, False))
PACKED = pack(BATCH)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("row 3", Wanted(row=3)),
        ("r3", Wanted(row=3)),
        ("t5", Wanted(step=5)),
        (" Step 5 ", Wanted(step=5)),
        ("5", Wanted(step=5)),
        ("x[3, 5]", Wanted(row=3, step=5)),
        ("3,5", Wanted(row=3, step=5)),
        ("(3, 5)", Wanted(row=3, step=5)),
        ("data[12]", Wanted(packed=12)),
        ("k 12", Wanted(packed=12)),
        ("= 7", Wanted(value=7)),
        ("== 7.5", Wanted(value=7.5)),
        ("-1", Wanted(value=-1)),
        ("7.5", Wanted(value=7.5)),
        ("inf", Wanted(value=float("inf"))),
    ],
)
def test_each_way_to_say_it(text: str, wanted: Wanted) -> None:
    assert parse_wanted(text) == wanted


def test_nan_is_a_value_too() -> None:
    wanted = parse_wanted("= nan").value
    assert wanted is not None
    assert np.isnan(wanted)


@given(st.text(max_size=30))
def test_whatever_is_typed_it_is_a_place_or_a_sentence(text: str) -> None:
    said = ""
    try:
        row, step = go(text)
    except BatchError as error:
        said = str(error)
    else:
        assert 0 <= row < 3
        assert step is None or 0 <= step < 5
    assert "\n" not in said
    assert len(said) < 300


def go(text: str, row: int = 0, step: int = 0) -> tuple[int, int | None]:
    assert isinstance(PACKED, Packing)
    return place_of(parse_wanted(text), BATCH, PACKED, row, step)


def test_rows_steps_and_packed_indices_lead_to_their_cells() -> None:
    assert go("row 2") == (2, None)
    assert go("t3", row=1) == (1, 3)
    assert go("x[2, 3]") == (2, 3)
    assert isinstance(PACKED, Packing)
    for k in range(PACKED.size):
        row, step = go(f"data[{k}]")
        assert step is not None
        assert PACKED.index([row], [step])[0] == k


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("row 3", "There is no row 3: the batch has 3 rows, from 0."),
        ("t5", "There is no t5: x has 5 steps, from t0."),
        ("data[9]", r"data\[9\] is beyond its end: data has 9 rows."),
        ("= 77", "No cell of x holds 77."),
        ("somewhere", "'somewhere' is no place of a batch: write row 3"),
        ("", "is no place"),
    ],
)
def test_what_is_not_there_is_said(text: str, said: str) -> None:
    with pytest.raises(BatchError, match=said):
        go(text)


def test_without_packed_data_there_is_no_packed_index() -> None:
    with pytest.raises(BatchError, match="The batch is not packed"):
        place_of(Wanted(packed=0), BATCH, None, 0, 0)


@given(st.integers(0, 2), st.integers(0, 4), st.sampled_from([0, 1, 5, 9]))
def test_a_value_is_looked_for_from_the_next_cell_on_round_and_round(row: int, step: int, value: int) -> None:
    cells = [(r, t) for r in range(3) for t in range(5)]
    start = cells.index((row, step)) + 1
    expected = next(cell for cell in [*cells[start:], *cells[:start]] if X[cell] == value)
    assert go(f"= {value}", row, step) == expected


def test_a_value_is_compared_as_x_holds_it_and_any_feature_will_do() -> None:
    x = np.zeros((2, 3, 2), dtype=np.float32)
    x[1, 2, 1], x[0, 1, 0] = 0.1, np.nan
    batch = make_batch(x, [3, 3], Call(True, False))
    assert place_of(Wanted(value=0.1), batch, None, 0, 0) == (1, 2)
    assert place_of(Wanted(value=float("nan")), batch, None, 0, 0) == (0, 1)
    whole = make_batch([[1, 2]], [2], Call(True))
    with pytest.raises(BatchError, match="No cell of x holds nan"):
        place_of(Wanted(value=float("nan")), whole, None, 0, 0)
