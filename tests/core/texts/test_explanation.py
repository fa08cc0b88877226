"""An explanation in the terminal."""

import packviz
from packviz.core.messages.explain import explain
from packviz.core.rules import check
from packviz.core.texts.explanation import NO_MESSAGE, UNKNOWN, explanation_text, unknown_text
from packviz.core.texts.report import WIDTH
from tests.core.oracle import batch_of

TOO_LONG = "RuntimeError: start (3) + length (1) exceeds dimension size (3)."
REPORT = check(batch_of([[1, 2, 0], [3, 0, 0]], [4, 1]))


def test_the_message_stands_first_and_the_causes_are_numbered() -> None:
    lines = explanation_text(explain(TOO_LONG)).splitlines()
    assert lines[0] == TOO_LONG
    assert [line for line in lines if line[:3] in ("1. ", "2. ", "3. ")] == [
        "1. A length is beyond the end of x",
        "2. batch_first is the wrong way round",
        "3. The PackedSequence contradicts itself",
    ]


def test_with_the_batch_the_row_is_named_and_what_is_ruled_out_is_said_to_be() -> None:
    text = explanation_text(explain(TOO_LONG, REPORT))
    assert "1. Row 0: its length is beyond the end of x\n   length-exceeds-time · in this batch" in text
    assert "packed-inconsistent · not in this batch" in text
    assert text.count("     fix    ") == 1  # nothing is to be mended where nothing is wrong


def test_a_batch_that_has_none_of_the_causes_says_so() -> None:
    assert "In x none of these was found." in explanation_text(explain("Cannot pack empty tensors.", REPORT))


def test_lines_are_no_longer_than_the_terminal_but_for_python() -> None:
    for line in explanation_text(explain(TOO_LONG, REPORT)).splitlines():
        assert len(line) <= WIDTH or "fix" in line


def test_what_is_not_known_is_said_plainly() -> None:
    assert unknown_text(explain("hello")) == NO_MESSAGE
    assert unknown_text(explain("OddError: hello")) == UNKNOWN
    clean = check(batch_of([[1, 2, 0], [3, 0, 0]], [2, 1]))
    assert unknown_text(explain("OddError: hello", clean)).endswith("found none in x.")


def test_colours_are_only_put_where_they_are_asked_for() -> None:
    told = explain(TOO_LONG)
    assert "\x1b" not in explanation_text(told)
    assert "\x1b[1m" in explanation_text(told, colour=True)


def test_that_nothing_was_found_is_never_said_of_a_batch_in_which_the_checks_find_something() -> None:
    wrong = packviz.check([[1, 2, 0], [3, 4, 5]], [3, 2], batch_first=True)
    for message in ("Cannot pack empty tensors.", "OddError: hello", "nothing at all"):
        told = explain(message, wrong)
        text = " ".join(explanation_text(told).split())
        assert "found none" not in text
        assert "But the checks find in x: The lengths are those of the rows in reverse order (lengths-one-cause" in text
        assert told.to_dict()["beside"] == ["lengths-one-cause"]
    clean = explanation_text(explain("OddError: hello", packviz.check([[1, 2], [3, 0]], [2, 1], batch_first=True)))
    assert "But" not in clean
    many = packviz.check([[1, 0, 0], [3, 4, 5], [1, 2, 2], [0, 0, 0]], [2, 7, 1, 0], batch_first=True, ask=False)
    assert "and 2 more" in explanation_text(explain("OddError: hello", many))
