"""The report in the terminal: short lines, all findings, nothing said by colour alone."""

import re
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.rules import check
from packviz.core.rules.meant import with_meant
from packviz.core.samples import sample
from packviz.core.texts.report import WIDTH, report_text
from packviz.core.verdict import Outcome, Verdict

VERDICT = Verdict(
    "2.13.0",
    Outcome("pack_padded_sequence", True, "returns data (10,), batch_sizes [3, 3, 2, 1, 1, 1]"),
    Outcome("nn.LSTM", False, "RuntimeError: start (10) + length (1) exceeds dimension size (10)."),
    Outcome("pad_packed_sequence", None, "not reached: nn.LSTM raised"),
)


def lines_of(batch: Batch) -> list[str]:
    return report_text(check(batch)).splitlines()


def test_the_header_tells_the_batch() -> None:
    lines = lines_of(sample("first-batch").load())
    assert lines[:5] == [
        "first-batch",
        "  x (3, 5) float32, 40% padding",
        "  batch_first=True, enforce_sorted=False",
        "  lengths      [3, 2, 4]",
        "  batch_sizes  [3, 3, 2, 1] → data has 9 rows",
    ]


def test_a_finding_is_told_with_its_cells_and_its_fix() -> None:
    text = report_text(check(sample("inconsistent-lengths").load()))
    assert "SILENT  length-counts-padding\n  Row 2: its length counts padding\n" in text
    assert "    cells  x[2, 3:5]\n" in text
    assert "    fix    lengths[2] = 3\n" in text
    assert "\n2 silent, 1 note\n" in text


def test_the_verdict_is_told_by_signs_and_the_exception_is_quoted() -> None:
    text = str(check(sample("beyond-the-end").load()).with_verdict(VERDICT))
    assert "What torch 2.13.0 does with this call" in text
    assert "  ✓ pack_padded_sequence  returns data (10,)" in text
    assert "  ✗ nn.LSTM               raises RuntimeError: start (10)" in text
    assert "  – pad_packed_sequence   not reached" in text
    assert "    torch  nn.LSTM raises RuntimeError: start (10) + length (1) exceeds dimension size (10)." in text


def test_a_report_without_a_verdict_says_that_torch_was_not_asked() -> None:
    report = check(sample("beyond-the-end").load())
    assert "\n\ntorch was not asked: these are the findings of the rules alone\n\n" in str(report)
    assert "not asked" not in str(report.with_verdict(VERDICT))


def test_no_findings_are_said_plainly() -> None:
    batch = make_batch(np.ones((2, 3)), [3, 3], Call(True))
    assert lines_of(batch)[-1] == "No findings: nothing is wrong with this call."


def test_notes_alone_are_said_to_be_harmless() -> None:
    assert "2 notes: nothing is wrong with this call." in lines_of(sample("first-batch").load())


def test_lengths_that_were_guessed_are_marked() -> None:
    batch = sample("first-batch").load()
    batch = batch.with_lengths(batch.lengths, "guessed")
    assert "  lengths      [3, 2, 4] (guessed from the padding)" in lines_of(batch)


def test_many_lengths_are_abbreviated_and_counted() -> None:
    text = report_text(check(sample("real-lengths").load()))
    assert "] (64 in all)" in text


def test_options_that_are_not_the_default_are_told() -> None:
    batch = sample("first-batch").load().with_call(total_length=5, padding_value=-1.0)
    assert "padding_value=-1, total_length=5" in report_text(check(batch))


def test_colour_adds_codes_and_changes_no_word() -> None:
    report = check(sample("beyond-the-end").load()).with_verdict(VERDICT)
    plain, coloured = report_text(report), report_text(report, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mERROR  length-exceeds-time\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@given(st.data())
def test_any_report_fits_the_width_and_names_each_finding(data: st.DataObject) -> None:
    rows, steps = data.draw(st.integers(0, 20)), data.draw(st.integers(0, 9))
    lengths = data.draw(st.lists(st.integers(-1, steps + 1), min_size=max(0, rows - 1), max_size=rows + 1))
    x = np.random.default_rng(rows).integers(0, 2, (rows, steps)).astype(np.float32)
    call = Call(True, data.draw(st.booleans()), data.draw(st.sampled_from([0.0, float("nan"), 0.1])))
    source = data.draw(st.sampled_from(["x", "/a/long/" * 30 + "path.npy", ""]))
    report = check(make_batch(x, np.array(lengths, dtype=np.int64), call, source=source))
    text = report_text(report.with_verdict(VERDICT))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert all(f"{f.severity.value.upper()}  {f.code}" in text for f in report.findings)


def test_the_line_that_takes_apart_sequences_laid_end_to_end_fits_the_width() -> None:
    text = report_text(check(make_batch(np.ones((3, 1), np.float32), [1, 2], Call(True, False))))
    assert "pack_sequence(rows, enforce_sorted=False)" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_what_torch_raises_and_no_finding_explains_is_not_called_right() -> None:
    batch = make_batch(np.ones((2, 3)), [3, 3], Call(True))
    text = str(check(batch).with_verdict(VERDICT))
    assert text.endswith("nn.LSTM raises, as quoted, and no finding explains it.")
    assert "nothing is wrong" not in text


def test_the_layout_is_told_with_its_reasons() -> None:
    told = "  layout       batch_first=True, padded on the right, certain: 3 lengths for 3 rows; x has 5 steps"
    assert told in lines_of(sample("first-batch").load())
    assert all(len(line) <= WIDTH for line in lines_of(sample("first-batch").load().with_swapped_layout()))


def test_a_mask_that_came_true_at_padding_is_marked() -> None:
    batch = sample("first-batch").load()
    batch = batch.with_lengths(batch.lengths, "mask")
    assert "  lengths      [3, 2, 4] (from the mask)" in lines_of(batch)
    inverted = replace(batch, mask_inverted=True)
    assert "  lengths      [3, 2, 4] (from the mask, which is True at padding)" in lines_of(inverted)


def test_guessed_lengths_are_never_said_to_be_right() -> None:
    text = str(check(guessed(make_batch(np.array([[1, 2, 0], [3, 4, 5]]), (), Call(True, False)))))
    assert "nothing is wrong with this call, if the guessed lengths are right." in text
    given = str(check(make_batch(np.array([[1, 2, 0], [3, 4, 5]]), [2, 3], Call(True, False))))
    assert "nothing is wrong with this call." in given


def test_a_layout_that_nothing_tells_is_named_beside_the_lengths_that_were_guessed() -> None:
    x = np.arange(1, 55, dtype=np.float32).reshape(6, 9)
    said = "nothing is wrong with this call, if the guessed lengths and batch_first=False are right"
    assert said in report_text(check(guessed(make_batch(x, [6] * 9, Call(False, False)))))
    x[3, 5:] = x[4, 2:] = 0
    told = report_text(check(guessed(make_batch(x, [6] * 9, Call(True, False)))))
    assert "if the guessed lengths are right" in told


def test_the_options_for_which_a_batch_is_meant_are_told_as_they_are_typed() -> None:
    x = np.zeros((4, 7, 3), np.float32)
    lengths = np.array([3, 7, 4, 5])
    x[np.arange(7) < lengths[:, None]] = 1
    told = report_text(with_meant(check(make_batch(x, lengths, Call(False, True)))))
    words = "With batch_first=True, enforce_sorted=False, 4 of them are gone: add --batch-first --no-enforce-sorted."
    assert words in " ".join(told.split())
    assert "are gone" not in report_text(with_meant(check(make_batch(x, lengths, Call(True, False)))))
