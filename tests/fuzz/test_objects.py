"""Any Python object gives a report or a BatchError of one sentence, and none of its code runs that is not asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

import packviz

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.complex_numbers(), st.none(), st.text(max_size=3)
)
ODD = st.sampled_from(
    [
        Decimal(1),
        Fraction(1, 2),
        datetime.date(2000, 1, 1),
        np.datetime64("2000-01-01"),
        np.float16(1),
        np.array(["a"]),
        np.zeros((0, 3)),
        np.zeros((2, 3, 0)),
        np.array([[1, None]], dtype=object),
        torch.zeros(2, 3),
        torch.zeros(2, 3, device="meta"),
        torch.zeros(2, 3).to_sparse(),
        b"ab",
        range(3),
        {1, 2},
        slice(1),
        int,
        len,
    ]
)
THINGS = st.recursive(
    st.one_of(NUMBERS, ODD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(st.text(max_size=7), inner, max_size=3)
    ),
    max_leaves=12,
)


def told(x: object, lengths: object = None, **more: Any) -> None:
    report, refused = None, ""
    try:
        report = packviz.check(x, lengths, ask=False, **more)
    except packviz.BatchError as error:
        refused = str(error)
    if report is None:
        assert 0 < len(refused) < 2000
        return
    alone = repr(dataclasses.replace(report, findings=()))
    assert 0 < len(alone) < 1000
    assert len(repr(report)) < len(alone) + 1000 * len(report.findings) + 100


@example(((0, 0), (0, 0)), None, None, False)
@given(THINGS, st.one_of(st.none(), THINGS), st.one_of(st.none(), THINGS), st.booleans())
@settings(deadline=None)
def test_whatever_it_is_it_is_told(x: object, lengths: object, mask: object, batch_first: bool) -> None:
    told(x, lengths, batch_first=batch_first)
    told(x, lengths, mask=mask)
    told({"x": x, "lengths": lengths, "batch_first": batch_first})


@given(THINGS, THINGS)
@settings(deadline=None)
def test_so_are_options(value: object, other: object) -> None:
    for name in ("padding_value", "total_length", "batch_first", "enforce_sorted"):
        told([[1, 2], [3, 0]], [2, 1], **{name: value})
        told({"x": [[1, 2], [3, 0]], name: other})


class Loud:
    """Says so where any code of it is run."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")

    def __len__(self) -> int:
        raise AssertionError("its length was asked for")

    def __iter__(self) -> Any:
        raise AssertionError("it was walked through")

    def __bool__(self) -> bool:
        raise AssertionError("it was asked whether it is true")


@pytest.mark.parametrize("form", ["alone", "list", "rows", "dict", "pair", "cell"])
def test_no_code_of_a_foreign_object_is_run(form: str) -> None:
    one = Loud()
    x: Any = {
        "alone": one,
        "list": [one],
        "rows": [[1, 2], one],
        "dict": {"x": one},
        "pair": (one, [1]),
        "cell": [[one, 1], [2, 3]],
    }[form]
    told(x)
    told(np.ones((2, 3)), [3, 2], mask=None)
    with contextlib.suppress(packviz.BatchError):
        packviz.check(np.ones((2, 3)), x)


def test_lists_that_hold_themselves_are_refused() -> None:
    circle: list[Any] = [[1, 2]]
    circle.append(circle)
    told(circle)
    told([circle, circle])
    told([[1]], circle)


def test_tensors_that_have_no_numbers_here_are_refused() -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        fake = torch.randn(2, 3)
    told(fake, [3, 2])
    seen: list[int] = []

    def inside(x: torch.Tensor) -> torch.Tensor:
        told(x, [2, 1])
        seen.append(1)
        return x

    torch.func.vmap(inside)(torch.randn(2, 3, 4))
    assert seen


FORMS: tuple[Any, ...] = (lambda n: n, lambda n: [n], lambda n: [[n, 1]], lambda n: {"x": [[n]]}, lambda n: [[1], [n]])


@pytest.mark.parametrize("form", FORMS)
def test_numbers_of_thousands_of_digits_are_told_by_their_size(form: Any) -> None:
    told(form(10**5000))
    told(np.ones((1, 3)), form(-(10**5000)))
    for name in ("padding_value", "total_length", "batch_first"):
        told([[1, 2], [3, 0]], [2, 1], **{name: form(10**5000)})
        told({"x": [[1, 2], [3, 0]], name: form(10**5000)})
