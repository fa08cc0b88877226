"""Codes by themselves: asked about, misspelt, listed."""

import pytest

from packviz.core.batch import BatchError
from packviz.core.breaches import PROBED
from packviz.core.catalogue import CODES
from packviz.core.codes import all_codes, code_asked, code_help, code_title, codes_text
from packviz.core.messages import CAUSES


def test_a_code_is_known_however_it_is_written() -> None:
    assert code_asked(" Lengths-Count\n") == "lengths-count"
    assert code_asked("unpacked-layout") == "unpacked-layout"
    assert code_asked("Rows-Mixed ") == "rows-mixed"
    for text in ("lengths count", "hello", "", "start (10) + length (1) exceeds dimension size (10)."):
        assert code_asked(text) is None


def test_a_code_that_is_nearly_one_is_put_right() -> None:
    with pytest.raises(BatchError, match=r"did you mean lengths-count\?"):
        code_asked("lengths-cuont")
    with pytest.raises(BatchError, match="--codes"):
        code_asked("quite-another-thing-it-is")


@pytest.mark.parametrize("code", [*CODES, *CAUSES, *PROBED])
def test_every_code_has_help_and_a_title_of_one_line(code: str) -> None:
    assert code_help(code).startswith(f"{code}\n\n")
    assert code_title(code)
    assert not {"\n"} & set(code_title(code))
    assert not code_title(code).endswith(".")


def test_all_codes_are_listed_once() -> None:
    listed = [code for _, codes in all_codes() for code in codes]
    assert sorted(listed) == sorted({*CODES, *CAUSES, *PROBED})
    lines = codes_text().splitlines()
    for code in listed:
        assert sum(line.split()[:1] == [code] for line in lines) == 1


def test_there_is_no_help_without_a_code() -> None:
    with pytest.raises(KeyError):
        code_help("no-such-code")
