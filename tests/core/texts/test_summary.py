"""The summary as it is read in the terminal."""

from __future__ import annotations

import numpy as np

from packviz.core.checked import Checked, Told
from packviz.core.findings import Severity
from packviz.core.summary import Place, Summary
from packviz.core.tally import Tally
from packviz.core.texts.summary import guessed_text, many, place_text, summary_text


def some(count: int = 12, window: int = 4) -> Summary:
    tally = Tally(window)
    for i in range(count):
        lengths = np.array([10, 1 + i, 3])
        silent = Told("length-counts-padding", Severity.SILENT, "Row 1: its length counts padding", (1,), 1)
        tally.add(Checked(f"b{i}.npz", 3, 20, lengths, (silent,) if i % 3 == 0 else (), wrong=i % 3 == 0))
    tally.add(Checked("c.npz", trouble="c.npz: it is empty."))
    return tally.summary()


def test_it_says_how_many_what_where_and_what_sorting_would_save() -> None:
    text = summary_text(some())
    assert text.startswith("13 batches, 36 rows: 8 are fine, 4 wrong, 1 can't be read\ntorch was not asked")
    assert "SILENT   length-counts-padding  4 batches  b0.npz row 1; b3.npz row 1; b6.npz row 1; b9.npz row 1\n" in text
    assert "  c.npz: it is empty." in text
    assert "lengths   1 to 12, mean" in text
    padding = some().padding
    assert f"{padding.padding:.1%} of the 720 cells" in text
    assert f"within each 4 batches, which saves {padding.saved(padding.windowed):.1%} of the cells" in text
    assert "a packed run itself takes no steps on padding" in text


def test_bars_are_as_long_as_their_spans_have_rows() -> None:
    lines = [line for line in summary_text(some()).splitlines() if "█" in line]
    assert lines
    longest = max(line.count("█") for line in lines)
    assert longest == 32
    for line in lines:
        rows = int(line.split()[-1])
        assert abs(line.count("█") - 32 * rows / max(int(each.split()[-1]) for each in lines)) <= 1


def test_places_are_cut_where_the_line_is_full() -> None:
    tally = Tally()
    for i in range(9):
        told = Told("padding-left", Severity.WARNING, "x", tuple(range(8)), 30)
        tally.add(Checked(f"a/rather/long/name/of/a/file/number{i}.npz", 3, 20, None, (told,)))
    line = next(line for line in str(tally.summary()).splitlines() if "padding-left" in line)
    assert line.endswith("rows 0, 1, 2, 3, …; …")
    assert len(line) < 160


def test_a_place_names_its_rows() -> None:
    assert place_text(Place("a.npz")) == "a.npz"
    assert place_text(Place("a.npz", (4,), 1)) == "a.npz row 4"
    assert place_text(Place("a.npz", (4, 5), 2)) == "a.npz rows 4, 5"
    assert place_text(Place("a.npz", (1, 2, 3, 4), 4)) == "a.npz rows 1, 2, 3, 4"
    assert place_text(Place("a.npz", (1, 2, 3, 4, 5), 5)) == "a.npz rows 1, 2, 3, 4, …"
    assert place_text(Place("a.npz", (1, 2, 3, 4, 5), 9)) == "a.npz rows 1, 2, 3, 4, …"


def test_that_lengths_are_guessed_is_said_of_one_and_of_many() -> None:
    assert guessed_text(1) == (
        "the lengths of 1 batch are guessed from the padding: what is said of it holds if they are right"
    )
    assert guessed_text(1200).startswith(
        "the lengths of 1,200 batches are guessed from the padding: what is said of them "
    )
    tally = Tally()
    for guessed in (True, False, True):
        tally.add(Checked("a.npz", 3, 20, None, guessed=guessed))
    assert (tally.guessed, tally.summary().guessed, tally.summary().to_dict()["guessed"]) == (2, 2, 2)
    assert guessed_text(2) in summary_text(tally.summary())
    assert "guessed" not in summary_text(some())


def test_colour_changes_no_word() -> None:
    import re

    assert re.sub("\x1b\\[[0-9;]*m", "", summary_text(some(), colour=True)) == summary_text(some())


def test_what_is_fine_is_said_to_be() -> None:
    tally = Tally()
    tally.add(Checked("a", 2, 5, np.array([5, 5]), asked=True))
    assert str(tally.summary()).startswith(
        "1 batch, 2 rows: 1 is fine, 0 wrong\ntorch was asked about each\n\nNo findings."
    )
    assert "stopped at the limit" in str(tally.summary(stopped=True))
    assert "0 wrong, interrupted, there may be more\n" in str(tally.summary(interrupted=True))


def test_numbers_are_counted_in_words() -> None:
    assert [many(n, "batch", "batches") for n in (0, 1, 1200)] == ["0 batches", "1 batch", "1,200 batches"]
