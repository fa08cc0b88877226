from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from packviz.core.batch import Call, make_batch
from packviz.core.samples import sample
from packviz.session.actions import SetLengths, SetOption, SetValue
from packviz.ui.dialogs.entry import (
    EntryError,
    lengths_dialog,
    option_dialog,
    parse_lengths,
    parse_padding_value,
    parse_total_length,
    value_dialog,
)


@pytest.mark.parametrize(
    "text", ["3, 2, 4", "[3, 2, 4]", "3 2 4", "(3,2,4)", "lengths = [3, 2, 4]", "torch.tensor([3, 2, 4])", "3;2;4,"]
)
def test_lengths_are_read_as_people_write_them(text: str) -> None:
    assert parse_lengths(text) == (3, 2, 4)


def test_a_bad_length_is_named_by_its_index() -> None:
    with pytest.raises(EntryError, match=r"lengths\[1\] is 'two'"):
        parse_lengths("3, two, 4")


@given(st.text())
def test_any_text_is_lengths_or_one_sentence(text: str) -> None:
    for parse in (parse_lengths, parse_padding_value, parse_total_length):
        said = "."
        try:
            parse(text)
        except EntryError as error:
            said = str(error)
        assert said.endswith(".")


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_a_python_list_comes_back(lengths: list[int]) -> None:
    assert parse_lengths(str(lengths)) == tuple(lengths)


def test_a_bad_entry_gets_a_sentence_and_changes_nothing(qtbot: QtBot) -> None:
    dialog = lengths_dialog(sample("first-batch").load(), "3, 2, 4")
    qtbot.addWidget(dialog)
    asked: list[object] = []
    dialog.intent.connect(asked.append)
    dialog.show()
    dialog.field.setText("3, x, 4")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert "lengths[1]" in dialog.sentence.text()
    assert asked == []
    dialog.field.setText("3, 2, 5")
    dialog.accept()
    assert asked == [SetLengths((3, 2, 5))]


def test_total_length_can_be_nothing(qtbot: QtBot) -> None:
    dialog = option_dialog(sample("first-batch").load(), "total_length")
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.intent) as asked:
        dialog.accept()
    assert asked.args == [SetOption("total_length", None)]


def test_the_value_of_a_cell_is_typed_or_refused_in_a_sentence(qtbot: QtBot) -> None:
    batch = make_batch(np.arange(12, dtype=np.float32).reshape(2, 3, 2), [3, 2], Call(True, False))
    dialog = value_dialog(batch, 1, 2, 1)
    qtbot.addWidget(dialog)
    asked: list[object] = []
    dialog.intent.connect(asked.append)
    assert dialog.windowTitle() == "Value of x[1, 2, feature 1]"
    assert dialog.field.text() == "11.0"
    dialog.field.setText("much")
    dialog.accept()
    assert "'much' is no number" in dialog.sentence.text()
    assert asked == []
    dialog.field.setText("2.5")
    dialog.accept()
    assert asked == [SetValue(1, 2, 1, np.float32(2.5))]
