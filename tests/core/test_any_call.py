"""Whatever is given, the rules say something or nothing; they never fail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed, PackedFields, Padded, Sequences
from packviz.core.rules import check
from packviz.core.texts.report import report_text

X_DTYPES = st.sampled_from(["float32", "float16", "int64", "uint8", "bool", "complex64"])
LENGTH_DTYPES = st.sampled_from(["int64", "int32", "float32", "bool", "complex64", "uint8"])
VALUES = [0, 1, 2, 5, -1, 0.5, np.nan, np.inf, -np.inf, 1e30]


def filled(random: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Few different values, those among them that the dtype can hold."""
    values = VALUES if np.dtype(dtype).kind in "fc" else [0, 1, 2, 5]
    with np.errstate(over="ignore"):
        return random.choice(np.array(values), shape, p=_weights(len(values))).astype(dtype)


def _weights(n: int) -> list[float]:
    return [0.4, *[0.6 / (n - 1)] * (n - 1)]


@st.composite
def any_calls(draw: st.DrawFn) -> Batch:
    """Calls that are wrong in any way: x and lengths of any rank, NaN and infinite lengths, contradictory fields."""
    random = np.random.default_rng(draw(st.integers(0, 9999)))
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    x = filled(random, shape, draw(X_DTYPES))
    rows = shape[0] if shape else 1
    places = draw(st.sampled_from([(rows,), (rows,), (rows,), (), (rows, 1), (0,), (rows + 1,), shape[:2], (2,)]))
    lengths = filled(random, places, draw(LENGTH_DTYPES))
    call = Call(
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([0, 1, -1, 0.5, float("nan"), float("inf")])),
        draw(st.sampled_from([None, None, 1, 9])),
    )
    carrier = draw(st.sampled_from([Padded(), Sequences(), Packed()]))
    if draw(st.integers(0, 5)) == 0:
        carrier = Packed(fields=PackedFields(x, np.array([2, 3, 0]), np.array([0, 0]), None))
    return make_batch(
        x,
        lengths,
        call,
        origin=draw(st.sampled_from(["given", "guessed", "mask", "packed"])),
        lengths_listed=draw(st.booleans()),
        lengths_device=draw(st.sampled_from(["cpu", "cpu", "cuda:0"])),
        carrier=carrier,
    )


@pytest.mark.filterwarnings("error")
@settings(max_examples=300)
@given(any_calls())
def test_any_call_is_checked_without_an_exception_or_a_warning(batch: Batch) -> None:
    report = check(batch)
    for finding in report.findings:
        assert all(0 <= row < batch.rows for row in finding.rows), finding.code
        for row, first, stop in finding.spans.tolist():
            assert row in finding.rows, finding.code
            assert 0 <= first < stop <= batch.steps, finding.code
        assert finding.title
        assert finding.detail.endswith("."), finding.code
    assert report_text(report)


@settings(max_examples=200)
@given(any_calls())
def test_every_edit_that_is_offered_can_be_made(batch: Batch) -> None:
    for finding in check(batch).findings:
        if finding.edit is not None:
            check(finding.edit.apply(batch))


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=3, max_side=5)))
def test_any_numbers_of_measurements_are_checked(x: np.ndarray) -> None:
    check(make_batch(x, np.full(len(x), x.shape[1]), Call(True, False)))
