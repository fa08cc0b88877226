"""The layout detective: what sizes, lengths, padding and mask say about how x lies, and how sure that is."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed, Sequences
from packviz.core.cells.bits import bits_of
from packviz.core.cells.guess import guessed
from packviz.core.cells.layout import Layout, detect
from packviz.core.cells.masks import with_mask
from packviz.core.cells.padding import filled_cells

IDS = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])
SQUARE = np.array([[7, 3, 9, 2], [4, 8, 0, 0], [6, 1, 5, 0], [2, 0, 0, 0]])


def of(x: object, lengths: object, batch_first: bool = True, **how: object) -> Layout:
    return detect(make_batch(np.asarray(x), np.asarray(lengths), Call(batch_first, False), **how))  # type: ignore[arg-type]


def told(layout: Layout) -> tuple[bool | None, str | None, str]:
    return layout.batch_first, layout.side, layout.certainty


def test_time_that_may_be_last_makes_a_layout_no_more_than_likely() -> None:
    x = np.random.default_rng(0).random((3, 40, 30)) + 1
    mels = np.where(np.arange(30) < np.array([30, 12, 21])[:, None, None], x, 0)
    for batch_first in (True, False):
        told = detect(make_batch(mels, [30, 12, 21], Call(batch_first)))
        assert (told.batch_first, told.certainty) == (True, "likely")
        assert told.reasons[-1] == "the longest length is its last dimension, too, 30: time may be last"
    steps = np.where((np.arange(40) < np.array([30, 12, 21])[:, None])[..., None], x, 0)
    assert detect(make_batch(steps, [30, 12, 21], Call(True))).certainty == "certain"


@pytest.mark.parametrize("batch_first", [True, False])
def test_the_number_of_lengths_decides_where_rows_and_steps_differ(batch_first: bool) -> None:
    layout = of(IDS, [3, 2, 4], batch_first)
    assert told(layout) == (True, "right", "certain")
    said = "3 lengths for 3 rows; x has 5 steps" if batch_first else "3 lengths for 5 rows"
    assert layout.reasons[0] == said
    assert layout.proves(True)
    assert not layout.proves(False)


@pytest.mark.parametrize("batch_first", [True, False])
def test_the_padding_decides_for_a_square_batch(batch_first: bool) -> None:
    layout = of(SQUARE, [4, 2, 3, 1], batch_first)
    assert told(layout) == (True, "right", "certain")
    assert layout.reasons[0] == "4 lengths for 4 rows of 4 steps"
    assert "with batch_first=True every row ends where its length says" in layout.reasons


@pytest.mark.parametrize(
    ("x", "lengths"),
    [
        (np.ones((3, 3)), [3, 3, 3]),  # no padding
        ([[1, 2, 3], [4, 5, 0], [6, 0, 0]], [3, 2, 1]),  # the same in both
        (np.ones((3, 3)), [1, 2, 3]),  # fits neither
        ([[1, 2, 0], [3, 4, 0], [5, 6, 7]], [3, 3, 3]),  # one T for all rows: the last row is full by chance
    ],
)
def test_a_square_batch_that_fits_both_ways_or_none_is_undecidable(x: object, lengths: list[int]) -> None:
    assert told(of(x, lengths))[::2] == (None, "undecidable")
    assert told(of(x, lengths, False))[::2] == (None, "undecidable")


def test_one_wrong_length_of_a_square_batch_does_not_turn_it() -> None:
    for row in range(4):
        for wrong in range(1, 5):
            lengths = [4, 2, 3, 1]
            lengths[row] = wrong
            assert not of(SQUARE, lengths).proves(False)


@pytest.mark.parametrize(
    ("x", "lengths", "reason"),
    [
        (np.array([1, 2, 3]), [3], "x has 1 dimension, but a batch has rows and steps"),
        (np.array(1.0), [1], "x has 0 dimensions, but a batch has rows and steps"),
        (np.ones((0, 4)), [], "x has no cells"),
        (np.ones((3, 4, 0)), [1, 2, 3], "x has no cells"),
        (np.ones((1, 1)), [1], "x has one row of one step, the same in either layout"),
    ],
)
def test_what_has_no_layout_is_said_to_be_undecidable(x: NDArray[np.generic], lengths: object, reason: str) -> None:
    assert of(x, np.array(lengths, dtype=np.int64)) == Layout(None, None, "undecidable", (reason,))


def test_lengths_that_fit_neither_number_decide_nothing() -> None:
    assert of(IDS, [3, 2]) == Layout(None, None, "undecidable", ("2 lengths for 3 rows; x has 5 steps",))
    assert told(of(np.ones((3, 5)), [3, 2]))[::2] == (None, "undecidable")


def test_fewer_lengths_that_fit_their_rows_are_not_taken_for_another_layout() -> None:
    x = np.array([[1, 2], [3, 0], [4, 5]])
    layout = of(x, [2, 1])
    assert told(layout)[::2] == (True, "likely")
    assert layout.reasons == ("2 lengths for 3 rows", "yet 2 rows end where the lengths say")


def test_a_length_beyond_the_end_leaves_the_layout_likely() -> None:
    assert told(of(IDS, [3, 2, 6])) == (True, None, "likely")


@pytest.mark.parametrize(
    ("x", "lengths", "side"),
    [
        (IDS, [3, 2, 4], "right"),
        (IDS, [5, 5, 5], "right"),  # the lengths count padding
        (IDS[:, ::-1], [2, 1, 3], None),
        ([[0, 0, 1, 2, 3], [0, 0, 0, 4, 5], [0, 6, 7, 8, 9]], [3, 2, 4], "left"),
        ([[0, 0, 1, 2, 3], [0, 0, 0, 4, 5], [0, 6, 7, 8, 9]], [5, 5, 5], "left"),
        (np.ones((3, 5)), [5, 5, 5], "none"),
        (np.ones((3, 5)), [3, 2, 4], None),  # filled beyond the lengths
        ([[0, 1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]], [5, 5, 5], None),  # one 0 may be a value
    ],
)
def test_the_side_of_the_padding(x: object, lengths: list[int], side: str | None) -> None:
    assert of(x, lengths).side == side
    assert of(np.asarray(x).T, lengths, False).side == side
    assert of(np.asarray(x), lengths, False).side == side  # read the wrong way round: found in the right one


def test_without_lengths_the_padding_alone_makes_a_layout_likely_never_certain() -> None:
    for batch_first in (True, False):
        layout = detect(guessed(make_batch(IDS, [], Call(batch_first))))
        assert told(layout) == (True, "right", "likely")
        assert layout.reasons[0] == "no lengths were given"
    assert told(detect(guessed(make_batch(np.ones((3, 5)), [], Call(True))))) == (None, "none", "undecidable")


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("across", [True, False])
def test_a_mask_that_pads_on_the_right_one_way_only_decides(batch_first: bool, across: bool) -> None:
    mask = (IDS != 0).T if across else IDS != 0
    layout = detect(with_mask(make_batch(np.ones((3, 5)), [], Call(batch_first)), mask))
    assert told(layout)[::2] == (True, "certain")
    assert f"with batch_first=True each of {3} rows of the mask is True, then False" in layout.reasons


def test_a_square_mask_decides_only_where_the_padding_tells_how_it_lies() -> None:
    bare = make_batch(np.ones((4, 4)), [], Call(True))
    assert detect(with_mask(bare, SQUARE != 0)).batch_first is None
    assert told(detect(with_mask(make_batch(SQUARE, [], Call(True)), (SQUARE != 0).T)))[::2] == (None, "undecidable")


def test_sequences_and_packed_sequences_lie_as_they_were_laid_out() -> None:
    for carrier in (Sequences(), Packed()):
        layout = of(IDS, [3, 2, 4], carrier=carrier)
        assert told(layout) == (True, "right", "certain")
        assert "no layout of its own" in layout.reasons[0]


def test_booleans_in_place_of_lengths_are_no_evidence() -> None:
    assert not of(IDS, [True, True, True, False, False]).proves(False)


def test_it_reads_as_one_line() -> None:
    assert str(of(IDS, [3, 2, 4])) == (
        "batch_first=True, padded on the right, certain: 3 lengths for 3 rows; x has 5 steps"
    )
    assert str(of(np.ones((2, 2)), [2, 2])).startswith("batch_first undecidable, not padded: 2 lengths")
    assert of(IDS, [3, 2, 4]).to_dict() == {
        "batch_first": True,
        "side": "right",
        "certainty": "certain",
        "reasons": ["3 lengths for 3 rows; x has 5 steps"],
    }


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Anything that a batch may be, most of it wrong."""
    random = np.random.default_rng(draw(st.integers(0, 9999)))
    shape = draw(st.sampled_from([(), (3,), (0, 3), (1, 1), (1, 4), (4, 1), (2, 2), (3, 3), (3, 5), (5, 3), (3, 3, 2)]))
    x = random.integers(0, 3, shape).astype(draw(st.sampled_from([np.int64, np.float32])))
    n = draw(st.sampled_from([0, 1, 2, 3, 4, 5]))
    lengths = random.integers(-1, 6, n).astype(draw(st.sampled_from([np.int64, np.float64, bool])))
    matrix = draw(st.booleans()) and len(shape) >= 2
    made = make_batch(x, x != 0 if matrix else lengths, Call(draw(st.booleans())))
    if len(shape) >= 2 and draw(st.booleans()):
        made = with_mask(made, random.integers(0, 2, shape[:2]).astype(bool), derive=draw(st.booleans()))
    return made


@given(batches())
def test_no_batch_is_too_odd_and_what_is_worked_out_already_changes_nothing(batch: Batch) -> None:
    layout = detect(batch)
    assert layout.reasons
    assert (layout.batch_first is None) == (layout.certainty == "undecidable")
    if batch.x.ndim >= 2 and batch.x.size:
        assert detect(batch, bits_of(filled_cells(batch))) == layout


@st.composite
def correct(draw: st.DrawFn) -> tuple[NDArray[np.float32], list[int]]:
    """A correct batch: (B, T) or (B, T, F) padded with zeros, genuine zeros inside now and then, and its lengths."""
    rows, steps = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    steps = rows if draw(st.booleans()) else steps
    lengths = draw(st.lists(st.integers(1, steps), min_size=rows, max_size=rows))
    random = np.random.default_rng(draw(st.integers(0, 9999)))
    least = draw(st.sampled_from([0, 1]))
    x = random.integers(least, 4, (rows, steps, *draw(st.sampled_from([(), (2,)])))).astype(np.float32)
    for row, length in enumerate(lengths):
        x[row, length - 1], x[row, length:] = 2, 0
    return x, lengths


@given(correct(), st.booleans())
@example((np.array([[0, 2], [2, 0]], dtype=np.float32), [2, 1]), True)
@example((np.array([[2, 0], [0, 2]], dtype=np.float32), [1, 2]), True)
@example((np.array([[0, 2], [0, 2]], dtype=np.float32), [2, 2]), False)
def test_a_correct_batch_is_never_said_to_lie_the_other_way(
    drawn: tuple[NDArray[np.float32], list[int]], batch_first: bool
) -> None:
    x, lengths = drawn
    layout = of(x if batch_first else x.swapaxes(0, 1), lengths, batch_first)
    assert layout.batch_first in (batch_first, None)
    assert layout.side in ("right", "none", None)


@given(correct())
def test_a_layout_that_is_certain_is_the_one_in_which_brute_force_finds_every_row_as_its_length_says(
    drawn: tuple[NDArray[np.float32], list[int]],
) -> None:
    x, lengths = drawn
    if x.shape[0] != x.shape[1]:
        return
    for batch_first in (True, False):
        layout = of(x, lengths, batch_first)
        ends = {}
        for first in (True, False):
            grid = x if first else x.swapaxes(0, 1)
            last = [max([t for t, cell in enumerate(row) if cell.any()], default=0) + 1 for row in grid]
            ends[first] = last == lengths
        if layout.certainty == "certain":
            assert ends[layout.batch_first is True]
            assert not ends[layout.batch_first is not True]
        if ends[True] and ends[False] and len(x) > 1:
            assert layout.certainty == "undecidable"
