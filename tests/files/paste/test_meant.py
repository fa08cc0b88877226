"""What was read of a text means a batch: by its call, by its names, or by its shapes."""

from __future__ import annotations

from typing import Any

import pytest

from packviz.core.batch import BatchError
from packviz.files.paste.batches import Batches
from packviz.files.paste.found import Found, LengthsAlone
from packviz.files.paste.meant import Meant, Unread, is_data
from packviz.files.ragged import depth
from packviz.files.several import Several

X, LENGTHS = [[1, 2, 3], [4, 5, 0]], [3, 2]


def meant(names: dict[str, Any] | None = None, *loose: Any, **more: Any) -> Meant:
    numbered = list(enumerate(loose, 1))
    given: dict[str, Any] = {"unread": {}, "options": {}, "call": None, "garbage": None, "batches": Batches()}
    return Meant(names or {}, numbered, **{**given, **more})


@pytest.mark.parametrize(
    "read",
    [
        meant({"x": X, "lengths": LENGTHS}),
        meant({}, X, LENGTHS),
        meant({"lengths": LENGTHS}, X),
        meant({"x": X}, LENGTHS),
        meant({"y": [[9]]}, call={"x": X, "lengths": LENGTHS, "sequences": False}),
    ],
    ids=["names", "shapes", "lengths alone have a name", "x alone has a name", "the call"],
)
def test_it_is_found_in_its_call_under_its_names_or_by_its_shapes(read: Meant) -> None:
    found = read.read()
    assert isinstance(found, Found)
    assert (found.x, found.lengths) == (X, LENGTHS)


def test_x_and_lengths_again_and_again_are_several() -> None:
    found = meant({}, X, LENGTHS, X, [1, 1]).read()
    assert isinstance(found, Several)
    assert found.find(1).lengths == [1, 1]


def test_what_would_have_to_be_run_is_named_with_its_line() -> None:
    code = Unread(7, "make()")
    for read in (
        meant({"x": X}, unread={"lengths": code}),
        meant({}, unread={"x": code}),
        meant({}, call={"x": code, "lengths": None, "sequences": False}),
    ):
        with pytest.raises(BatchError, match=r"^line 7: .* is 'make\(\)', which packviz does not run"):
            read.read()
    with pytest.raises(BatchError, match=r"^line 7: 'make\(\)' can't be read"):
        meant({}, garbage=code).read()
    with pytest.raises(LengthsAlone):
        meant({"lengths": LENGTHS}).read()
    with pytest.raises(BatchError, match="holds 3 values, the last in line 3"):
        meant({}, X, X, LENGTHS).read()


def test_data_has_a_dimension() -> None:
    assert is_data(X)
    assert is_data({})
    assert not is_data(3)
    assert depth(X) == 2
