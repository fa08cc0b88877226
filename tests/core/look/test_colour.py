"""Colours: what differs must look different, and text must be readable, in both themes."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packviz.core.look import colour
from packviz.core.look.colour import DARK, LIGHT, Theme

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def wcag(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Contrast as the standard writes it, one number at a time, apart from the code under test."""

    def luminance(rgb: tuple[int, ...]) -> float:
        parts = [c / 255 for c in rgb[:3]]
        r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """How far two colours are apart, 0 to 255, weighted as the eye does (the "redmean" formula)."""
    a, b = np.asarray(one[:3], dtype=float), np.asarray(other[:3], dtype=float)
    red = (a[0] + b[0]) / 512
    return float(np.sqrt(((2 + red) * (a - b)[0] ** 2 + 4 * (a - b)[1] ** 2 + (3 - red) * (a - b)[2] ** 2) / 9))


def as_seen_without_green(rgb: np.ndarray) -> np.ndarray:
    """sRGB as a deuteranope sees it. Source: Machado, Oliveira and Fernandes 2009."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
    seen = np.clip(linear @ matrix.T, 0, 1)
    return 255 * np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)


@BOTH
def test_numbers_are_readable_on_every_colour_of_a_cell(theme: Theme) -> None:
    ramp = np.linspace(-1, 1, 257)
    odd = np.array([np.nan, np.inf, -np.inf, 9, -9])
    cells = np.concatenate(
        [
            colour.sequence_colours(40, theme),
            colour.sequential(ramp, -1, 1, theme)[:, :3],
            colour.diverging(ramp, 1, theme)[:, :3],
            colour.diverging(odd, 1, theme)[:, :3],
        ]
    )
    for text, back in zip(colour.text_on(cells), cells, strict=True):
        assert wcag(text, back) >= 4.5


@given(hnp.arrays(np.uint8, (5, 3)))
def test_text_on_any_colour_is_readable(rgb: np.ndarray) -> None:
    for text, back in zip(colour.text_on(rgb), rgb, strict=True):
        assert wcag(text, back) >= 4.5
        assert wcag(text, back) == pytest.approx(float(colour.contrast(text, back)))


@BOTH
def test_the_first_ten_sequences_are_told_apart(theme: Theme) -> None:
    ten = colour.sequence_colours(10, theme)
    assert min(apart(a, b) for a, b in combinations(ten, 2)) > 30


@BOTH
def test_the_first_eight_sequences_are_told_apart_without_seeing_green(theme: Theme) -> None:
    eight = as_seen_without_green(colour.sequence_colours(8, theme))
    assert min(apart(a, b) for a, b in combinations(eight, 2)) > 12


@BOTH
def test_colours_of_later_sequences_differ_from_those_of_the_first_ones(theme: Theme) -> None:
    colours = colour.sequence_colours(30, theme)
    assert len({tuple(c) for c in colours.tolist()}) == 30


@BOTH
def test_rows_keep_their_colour_when_more_rows_come(theme: Theme) -> None:
    np.testing.assert_array_equal(colour.sequence_colours(3, theme), colour.sequence_colours(50, theme)[:3])
    assert colour.sequence_colours(0, theme).shape == (0, 3)


@BOTH
@pytest.mark.parametrize("scale", ["diverging", "sequential"])
def test_padding_nan_infinities_and_clipped_values_never_look_like_zero_or_each_other(theme: Theme, scale: str) -> None:
    values = np.array([0.0, np.nan, np.inf, -np.inf, 9.0, -9.0])
    drawn = (
        colour.diverging(values, 1, theme) if scale == "diverging" else colour.sequential(values, 0, 1, theme)
    ).tolist()
    named = dict(zip(["zero", "nan", "inf", "-inf", "too high", "too low"], drawn, strict=True))
    named["padding"] = list(theme.rgb("padding"))
    for (one, a), (other, b) in combinations(named.items(), 2):
        # Padding is hatched besides, so that a near-neutral zero beside it may be close in colour.
        least = 8 if {one, other} == {"zero", "padding"} else 30
        assert apart(np.array(a), np.array(b)) > least, (one, other)


@BOTH
def test_special_values_differ_from_all_values_of_the_scales(theme: Theme) -> None:
    special = colour.diverging(np.array([np.nan, np.inf, -np.inf, 9.0, -9.0]), 1, theme)
    ramp = np.linspace(-1, 1, 65)
    for scale in (colour.diverging(ramp, 1, theme), colour.sequential(ramp, -1, 1, theme)):
        assert min(apart(a, b) for a in special for b in scale) > 12


@BOTH
def test_diverging_is_neutral_at_zero_blue_above_and_red_below(theme: Theme) -> None:
    low, zero, high = colour.diverging(np.array([-1.0, 0.0, 1.0]), 1.0, theme)[:, :3].astype(int)
    assert tuple(zero) == theme.rgb("neutral")
    assert low[0] > low[2]
    assert high[2] > high[0]


@BOTH
def test_the_ends_of_a_scale_are_not_clipped(theme: Theme) -> None:
    limit = float(np.float32(0.1))
    ends = colour.diverging(np.array([-0.1, 0.1]), limit, theme)[:, :3].tolist()
    assert list(theme.rgb("too_low")) not in ends
    assert list(theme.rgb("too_high")) not in ends


@BOTH
@given(
    values=hnp.arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(0, 4))),
    low=st.floats(-1e6, 1e6),
    span=st.floats(0, 1e6),
)
def test_any_values_become_opaque_pixels(theme: Theme, values: np.ndarray, low: float, span: float) -> None:
    for pixels in (colour.sequential(values, low, low + span, theme), colour.diverging(values, span, theme)):
        assert pixels.shape == (*values.shape, 4)
        assert pixels.dtype == np.uint8
        assert (pixels[..., 3] == 255).all()


def test_whole_numbers_and_scales_without_a_span_are_drawn() -> None:
    assert colour.sequential(np.array([3, 3]), 3, 3).shape == (2, 4)
    assert tuple(colour.diverging(np.array([0.0]), 0.0)[0, :3]) == DARK.rgb("neutral")
    assert colour.sequential(np.array([True, False]), 0, 1).shape == (2, 4)


def test_mixing_keeps_alpha_and_does_not_touch_its_input() -> None:
    cell = np.array([[10, 20, 30, 77]], dtype=np.uint8)
    assert colour.mix(cell, (110, 120, 130), 0.5).tolist() == [[60, 70, 80, 77]]
    assert cell.tolist() == [[10, 20, 30, 77]]
