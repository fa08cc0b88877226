"""The themes: every text is readable on what is behind it."""

from dataclasses import fields
from itertools import product

import pytest

from packviz.core.look.theme import TEXT_ON, THEMES, Theme, rgb_of


def luminance(rgb: tuple[int, int, int]) -> float:
    """As WCAG 2.2 writes it, apart from the code of core/colour.py."""
    r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in (c / 255 for c in rgb)]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize(("name", "pair"), list(product(THEMES, TEXT_ON)))
def test_text_of_the_window_has_a_contrast_of_at_least_4_5(name: str, pair: tuple[str, str]) -> None:
    low, high = sorted(luminance(THEMES[name].rgb(colour)) for colour in pair)  # type: ignore[index]
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_every_colour_of_a_theme_is_a_hex_colour() -> None:
    for name, theme in THEMES.items():
        assert theme.name == name
        assert len(theme.colours()) == len(fields(Theme)) - 1
        assert all(0 <= part <= 255 for rgb in theme.colours().values() for part in rgb)
    assert rgb_of("#0102ff") == (1, 2, 255)
