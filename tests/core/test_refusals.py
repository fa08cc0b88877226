"""Why torch packs nothing: the cause at which it stops first. All of it against torch: rules/test_shapes.py."""

from typing import Any

import numpy as np
import pytest

from packviz.core.batch import Call, make_batch
from packviz.core.refusals import Refusal, refused, unreadable

NAN = float("nan")


def refusal(x: Any, lengths: Any, call: Call | None = None, **how: Any) -> Refusal:
    found = refused(make_batch(x, lengths, call or Call(True), **how))
    assert found is not None
    return found


def test_a_right_call_is_not_refused() -> None:
    assert refused(make_batch(np.ones((2, 3)), [3, 2], Call(True))) is None


def test_a_list_is_converted_before_anything_else_and_a_tensor_is_not() -> None:
    listed = refusal(np.ones(3), [NAN], lengths_listed=True)
    assert (listed.code, listed.reason) == (
        "length-not-finite",
        "lengths[0] is nan, but a length is a whole number of steps.",
    )
    assert refusal(np.ones(3), [NAN]).code == "batch-rank"
    assert refusal(np.empty((0, 3)), [NAN]).code == "batch-empty"


@pytest.mark.parametrize(
    ("x", "lengths", "how", "code", "words"),
    [
        (np.ones(3), [3], {}, "batch-rank", "x has shape (3,), but a batch has rows and steps, at least (B, T)."),
        (np.ones((2, 3)), [[3], [2]], {}, "lengths-shape", "lengths is of shape (2, 1), but a vector is expected"),
        (np.ones((1, 3)), [[1, 1, 0]], {}, "lengths-are-mask", "lengths is of shape (1, 3)"),
        (np.ones((2, 3)), [3, 2], {"lengths_device": "cuda:0"}, "lengths-device", "of shape (2,), on cuda:0, but"),
        (np.ones((0, 3)), [1], {}, "batch-empty", "x has shape (0, 3)"),
        (np.ones((2, 3)), [1], {}, "lengths-count", "1 lengths were given, but x has 2 rows."),
        (np.ones((2, 3)), [1, 0], {}, "length-not-positive", "lengths[1] is 0, but"),
        (np.ones((2, 3)), [1, 2], {}, "lengths-unsorted", "lengths[0] is 1 and lengths[1] is 2, but"),
        (np.ones((3, 3)), [NAN, 2, 1], {}, "length-not-finite", "lengths[0] is nan, which torch reads as -92"),
    ],
)
def test_a_refusal_names_what_is_wrong(x: Any, lengths: Any, how: Any, code: str, words: str) -> None:
    found = refusal(x, lengths, **how)
    assert found.code == code
    assert words in found.reason


def test_sorting_comes_before_packing() -> None:
    x = np.ones((2, 3))
    assert refusal(x, [[3], [2], [1]], Call(True, False)).code == "lengths-shape"
    assert refusal(np.empty((0, 3)), [[3]], Call(True, True)).code == "batch-empty"
    assert refusal(np.empty((0, 3)), [[3]], Call(True, False)).code == "lengths-shape"
    assert refusal(x, [0] * 2, Call(True, False), lengths_device="meta").code == "lengths-device"
    assert refused(make_batch(x, [3], Call(True, False))) is None
    assert refusal(x, [3, 3, 3], Call(True, False)).code == "lengths-count"


def test_only_a_list_refuses_a_finite_number_that_is_too_large() -> None:
    assert unreadable(make_batch([[1.0]], [1e300, NAN, 2.0])).tolist() == [False, True, False]
    assert unreadable(make_batch([[1.0]], [1e300, NAN, 2.0], lengths_listed=True)).tolist() == [True, True, False]
    assert unreadable(make_batch([[1.0]], [2.0**63], lengths_listed=True)).tolist() == [False]
    assert not unreadable(make_batch([[1.0]], [1, -5])).any()
