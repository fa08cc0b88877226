from __future__ import annotations

import re

import numpy as np
from hypothesis import given

from packviz.core.look.colour import contrast, sequence_colours
from packviz.core.look.theme import THEMES, rgb_of
from packviz.core.texts.html.page import HUES, MOST_WORDS, USED, element, facts_table, hues, page, table, words
from tests.core.texts.html.pages import Seen, check_page, hostile_text


@given(hostile_text, hostile_text)
def test_no_tag_and_no_attribute_of_a_text_gets_through(one: str, other: str) -> None:
    made = page(
        one,
        facts_table([(one, other)]),
        table((one, other), [(other, one)]),
        element("p", words(one), "muted"),
        element("pre", words(other)),
    )
    check_page(made)


@given(hostile_text)
def test_the_words_themselves_are_shown(text: str) -> None:
    shown = "".join(letter for letter in text if letter.isalnum() and letter.isascii())
    seen = Seen(element("p", words(text)))
    assert "".join(letter for letter in seen.words if letter.isalnum() and letter.isascii()) == shown


def test_a_text_of_any_length_is_cut() -> None:
    assert len(words("<" * 10**6)) <= 4 * MOST_WORDS + 1


def test_it_follows_the_system_and_what_notebooks_say_of_themselves() -> None:
    made = page("x")
    assert "@media (prefers-color-scheme:dark)" in made
    assert 'body[data-jp-theme-light="false"] .packviz' in made
    assert 'body[data-jp-theme-light="true"] .packviz' in made
    assert "body.vscode-dark .packviz" in made
    for theme in THEMES.values():
        assert f"--panel:{theme.panel}" in made


def test_every_colour_that_is_used_is_defined_and_every_rule_is_about_the_page_alone() -> None:
    style = re.search(r"<style>(.*)</style>", page("x"), re.DOTALL)[1]
    used = set(re.findall(r"var\(--([a-z_]+\d*)\)", style))
    assert used <= {*USED, *(f"{kind}{hue}" for kind in "st" for hue in range(HUES))}
    bare = style.replace("@media (prefers-color-scheme:dark){", "")
    selectors = [rule.rpartition("}")[2] for rule in bare.split("{")[:-1]]
    assert selectors
    assert all(".packviz" in one for selector in selectors for one in selector.split(","))


def test_rows_have_the_colours_of_the_window_and_text_on_them_can_be_read() -> None:
    for theme in THEMES.values():
        fills, texts = hues(theme)
        assert [rgb_of(fill) for fill in fills] == [tuple(fill) for fill in sequence_colours(HUES, theme).tolist()]
        rgb = np.array([[rgb_of(fill), rgb_of(text)] for fill, text in zip(fills, texts, strict=True)])
        assert contrast(rgb[:, 0], rgb[:, 1]).min() >= 4.5
    again = sequence_colours(2 * HUES)
    assert (again[:HUES] == again[HUES:]).all()
