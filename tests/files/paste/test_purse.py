"""What values take is known before they are made."""

from __future__ import annotations

import numpy as np
import pytest

from packviz.core.batch import BatchError
from packviz.files.arrays import Values
from packviz.files.packed import PackedParts
from packviz.files.paste.paste import parse_paste
from packviz.files.paste.purse import EACH_ARRAY, EACH_NUMBER, Purse
from packviz.files.paste.script import Script
from packviz.files.ragged import Ragged

TENSOR = Values(np.zeros((2, 3)), "float64")


def test_a_value_weighs_its_bytes_and_a_list_all_that_is_in_it() -> None:
    purse = Purse()
    assert purse.weighed(TENSOR) == (48 + EACH_ARRAY, 2)
    assert purse.weighed(3) == (EACH_NUMBER, 0)
    assert purse.weighed(Ragged(np.zeros(4), np.array([1, 3]), "float64")) == (32 + EACH_ARRAY, 2)
    assert purse.weighed(PackedParts(TENSOR, 1))[0] == 48 + EACH_ARRAY + 3 * EACH_NUMBER
    pair = purse.listed([TENSOR, TENSOR])
    assert purse.weighed(purse.listed((pair, {}))) == (2 * (48 + EACH_ARRAY) + EACH_NUMBER, 4)


def test_what_is_spent_counts_until_nothing_is_left() -> None:
    purse = Purse(budget=100)
    purse.spend(60)
    purse.spend(40)
    with pytest.raises(
        BatchError, match=r"what this text makes would take 101 B of memory, more than the 100 B .*--memory"
    ):
        purse.spend(1)


def test_lists_in_lists_are_counted_without_looking_into_them() -> None:
    purse, made = Purse(), [1.0, 2.0]
    for _ in range(7):
        made = purse.listed([made] * 9)
    with pytest.raises(BatchError, match=r"would take .* GiB"):
        purse.listed([made] * 9)
    made = [1.0]
    for _ in range(31):
        made = purse.listed([made])
    with pytest.raises(BatchError, match="nested more than 32 deep"):
        purse.listed([purse.listed([made])])


def grown(line: str, times: int) -> str:
    return "\n".join([line, *(f"q{i + 1} = {{}}[{', '.join([f'q{i}'] * 10)}]{{}}" for i in range(times))])


@pytest.mark.parametrize(
    "text",
    [
        grown("q0 = tensor([[1.0, 2.0]])", 9).format(*["tensor(", ")"] * 9),
        grown("q0 = [1.0, 2.0]", 12).format(*["", ""] * 12) + "\nx = q12",
        grown("q0 = [[1.0, 2.0]]", 9).format(*["pad_sequence(", ")"] * 9),
        grown("q0 = tensor([1])", 9).format(*["", ""] * 9) + "\nlengths = [len(q) for q in q9]",
        "a = tensor([" + "1," * 100_000 + "])\nb = tensor([1])\nx = pad_sequence([a" + ", b" * 30_000 + "])",
        "x = tensor([" + "1," * 200_000 + "])\n" + "x = x.double()\nx = x.long()\n" * 400,
        "[[" + "1," * 100_000 + "]," + "[1]," * 100_000 + "]",
    ],
    ids=lambda text: text[:20],
)
def test_a_few_bytes_that_stand_for_gigabytes_are_refused_at_once(text: str) -> None:
    with pytest.raises(BatchError, match=r"would take .* GiB of memory, more than the .* allowed: .*--memory"):
        parse_paste(text)


def test_who_reads_a_text_says_how_much_it_may_make() -> None:
    text = "x = tensor([[1, 2]]).double()\nlengths = [2]"
    for budget, fits in ((10, False), (10_000, True)):
        script = Script(purse=Purse(budget))
        if fits:
            script.take(text)
        else:
            with pytest.raises(BatchError, match=r"^line 1: .* more than the 10 B"):
                script.take(text)
