"""Where a batch came from, as it is displayed and as Python reads it again."""

from __future__ import annotations

import pytest

from packviz.core.source import Source

SWAP, SHIFT, ROW = Source.swapped, Source.shifted, Source.as_one_row


@pytest.mark.parametrize(
    ("done", "shown"),
    [
        ((), "b.npz"),
        ((SWAP,), "b.npz (swapped)"),
        ((SWAP, SWAP), "b.npz"),
        ((SHIFT,), "b.npz (shifted)"),
        ((SHIFT, SHIFT), "b.npz (shifted)"),
        ((SWAP, SHIFT, SWAP), "b.npz (swapped) (shifted) (swapped)"),
        ((SHIFT, SWAP, SWAP, SHIFT), "b.npz (shifted)"),
        ((ROW,), "b.npz (as one row)"),
        ((ROW, SWAP), "b.npz (as one row) (swapped)"),
    ],
)
def test_what_was_done_to_x_is_shown_behind_the_name_and_leaves_the_name_alone(done: tuple, shown: str) -> None:
    source = Source("b.npz")
    for change in done:
        source = change(source)
    assert source.shown == str(source) == f"{source}" == shown
    assert source.name == "b.npz"
    assert source.untouched == (shown == "b.npz")
    assert not source.sample


def test_a_name_that_looks_like_a_change_is_a_name() -> None:
    odd = Source("b (swapped)")
    assert odd.untouched
    assert odd.swapped().shown == "b (swapped) (swapped)"
    assert odd.swapped().swapped() == odd


def test_a_sample_stays_one_whatever_is_done_to_it() -> None:
    source = Source("first-batch", sample=True)
    assert source.swapped().sample
    assert source != Source("first-batch")


def test_one_of_several_batches_in_a_file_is_shown_behind_it() -> None:
    third = Source("ten.pt", entry="3")
    assert third.shown == "ten.pt[3]"
    assert third.swapped().shown == "ten.pt[3] (swapped)"
    assert (third.swapped().name, third.swapped().entry) == ("ten.pt", "3")


def test_in_a_line_a_name_breaks_none() -> None:
    odd = Source("a\nb.npz", entry="x\ty")
    assert odd.shown == "a\nb.npz[x\ty]"
    assert str(odd) == "a\N{REPLACEMENT CHARACTER}b.npz[x\N{REPLACEMENT CHARACTER}y]"
