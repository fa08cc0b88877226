"""What modules and unpacking really raise is explained by what was really done."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence

from packviz.core.messages.explain import explain
from tests.core.messages.raising import bare, causes, first, pack, packed, raised

CELLS = (nn.LSTM, nn.GRU, nn.RNN)


def unpack(*args: Any, **options: Any) -> Any:
    return pad_packed_sequence(pack(*args), batch_first=True, **options)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("lengths", [[3, 2, 6], [3, 2, 9], [6, 6, 6], [6, 6, 1]])
@pytest.mark.parametrize("directions", [1, 2])
def test_a_length_beyond_the_end_is_the_first_cause(cell: Any, lengths: list[int], directions: int) -> None:
    error = raised(lambda: cell(2, 4, bidirectional=directions == 2)(pack(lengths)))
    assert first(error) == "length-exceeds-time"
    assert first(bare(error)) == "length-exceeds-time"


@pytest.mark.parametrize("lengths", [[3, 2, 6], [3, 2, 9], [6, 6, 6]])
def test_it_is_so_when_unpacking_finds_it(lengths: list[int]) -> None:
    error = raised(lambda: unpack(lengths))
    assert first(error) == "length-exceeds-time"
    assert "length-exceeds-time" in causes(bare(error))


def test_the_numbers_of_the_message_are_told() -> None:
    told = explain(raised(lambda: nn.GRU(2, 4)(pack([3, 2, 6])))).causes[0].why
    assert told.startswith("data has 10 rows, all of them used up at the last step of x")
    assert "one sequence goes on" in told
    assert "take 1 row each, but data holds 2 of 3" in explain(raised(lambda: unpack([3, 2, 6]))).causes[0].why


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("sizes", [[2, 3], [3, 0, 2], [3, 3], []])
def test_a_packed_sequence_that_contradicts_itself_is_among_the_causes(cell: Any, sizes: list[int]) -> None:
    assert "packed-inconsistent" in causes(raised(lambda: cell(2, 4)(packed(5, sizes))))


@pytest.mark.parametrize("sizes", [[2, 3], [3, 3], []])
def test_it_is_the_first_cause_or_the_next_when_unpacking_finds_it(sizes: list[int]) -> None:
    assert "packed-inconsistent" in causes(raised(lambda: pad_packed_sequence(packed(5, sizes))))[:2]


def test_indices_that_are_no_permutation_and_floats_as_batch_sizes_are_its_contradictions() -> None:
    assert first(raised(lambda: packed(5, [3, 2], [0, 1, 5]))) == "packed-inconsistent"
    assert first(raised(lambda: nn.GRU(2, 4)(packed(5, [3.0, 2.0])))) == "packed-inconsistent"
    assert first(raised(lambda: pad_packed_sequence(packed(5, [3.0, 2.0])))) == "packed-inconsistent"
    moved = raised(lambda: nn.utils.rnn.PackedSequence(torch.ones(5, 2), torch.tensor([3, 2], device="meta")))
    assert first(moved) == "packed-inconsistent"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", [(3, 5, 3), (3, 5), (3, 5, 2, 2)])
def test_features_that_the_module_does_not_take_are_the_first_cause(cell: Any, shape: tuple[int, ...]) -> None:
    error = raised(lambda: cell(2, 5)(pack([3, 2, 5], torch.ones(shape))))
    assert first(error) == "module-input-size"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("x", [torch.ones(3, 5, 3), torch.ones(3), torch.ones(3, 2, 2, 2)])
def test_they_are_so_where_x_is_not_packed(cell: Any, x: torch.Tensor) -> None:
    error = raised(lambda: cell(2, 5)(x))
    assert first(error) == first(bare(error)) == "module-input-size"


def test_a_total_length_that_is_too_short_is_told_with_both_numbers() -> None:
    error = raised(lambda: unpack([3, 2, 4], total_length=2))
    assert first(error) == "total-length-too-short"
    assert explain(error).causes[0].why == "total_length is 2, and the longest sequence has 4 steps."


def test_both_directions_counted_as_one_are_seen_in_the_layer_behind() -> None:
    out, _ = nn.GRU(2, 4, bidirectional=True)(pack([3, 2, 5]))
    assert first(raised(lambda: nn.Linear(4, 2)(out.data))) == "backward-final"


def test_a_view_to_all_steps_of_what_was_unpacked_has_shrunk() -> None:
    out, _ = unpack([3, 2, 4])
    error = raised(lambda: out.view(3, 5, 2))
    assert first(error) == "time-shrinks"
    assert "time-shrinks" in causes(bare(error))


def test_an_index_beyond_what_was_unpacked_may_have_shrunk_or_be_a_length() -> None:
    out, _ = unpack([3, 2, 4])
    assert causes(raised(lambda: out[:, 4])) == ["time-shrinks", "last-output"]
    assert first(raised(lambda: out[torch.arange(3), torch.tensor([4, 1, 3])])) == "time-shrinks"


def test_words_of_before_1_8_are_known() -> None:
    assert (
        first("RuntimeError: size mismatch, m1: [10 x 3], m2: [2 x 24] at THTensorMath.cpp:41") == "module-input-size"
    )
