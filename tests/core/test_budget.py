"""What fits in the budget, and how it is said that something does not."""

import pytest

from packviz.core.budget import BYTES, afford, size
from packviz.core.errors import BatchError


def test_what_fits_is_no_matter() -> None:
    afford("x", BYTES)
    afford("x", 10, budget=10)


def test_what_does_not_fit_says_how_much_was_wanted_the_budget_and_the_option() -> None:
    with pytest.raises(BatchError, match=r"^x would take 8 GiB, more than the 2 GiB that are read: .*--memory\.$"):
        afford("x", 2**33)
    with pytest.raises(BatchError, match=r"x would take 11 bytes, more than the 10 bytes"):
        afford("x", 11, budget=10)


@pytest.mark.parametrize(
    ("bytes", "said"),
    [
        *((0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (20 * 2**20, "20 MiB")),
        *((7 * 2**29, "3.5 GiB"), (2**40, "1,024 GiB"), (10**400, "more than 1,000,000 GiB")),
    ],
)
def test_sizes_are_said_in_few_words(bytes: int, said: str) -> None:
    assert size(bytes) == said
