"""Small calls for the tests of the rules, and torch, which is asked what it does with them."""

from collections.abc import Callable

import numpy as np
import torch
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import Finding
from packviz.core.report import Report
from packviz.core.rules import check


def batch_of(
    x: object, lengths: object, batch_first: bool = True, enforce_sorted: bool = False, **how: object
) -> Batch:
    grid = np.asarray(x, dtype=np.float32)
    call = Call(batch_first, enforce_sorted, **how)
    return make_batch(grid if batch_first else grid.swapaxes(0, 1), lengths, call)


def find(report: Report, code: str) -> Finding | None:
    return next((finding for finding in report.findings if finding.code == code), None)


def one(batch: Batch, code: str) -> Finding:
    finding = find(check(batch), code)
    assert finding is not None, code
    return finding


def packed(batch: Batch) -> PackedSequence:
    return pack_padded_sequence(
        torch.tensor(batch.x),
        torch.tensor(batch.counts),
        batch_first=batch.call.batch_first,
        enforce_sorted=batch.call.enforce_sorted,
    )


def raised_by(call: Callable[[], object]) -> str | None:
    try:
        call()
    except (RuntimeError, IndexError) as error:
        return str(error)
    return None


@st.composite
def calls(draw: st.DrawFn) -> Batch:
    """Small calls, most of them wrong somewhere: sizes of 0, lengths of any sign and any number."""
    rows, steps = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    few = st.integers(0, 6)
    n = draw(st.one_of(st.just(rows), few))
    most = draw(st.sampled_from([steps, steps + 2]))
    least = draw(st.sampled_from([1, -1]))
    lengths = draw(st.lists(st.integers(least, max(least, most)), min_size=n, max_size=n))
    if draw(st.booleans()):
        lengths.sort(reverse=True)
    random = np.random.default_rng(draw(st.integers(0, 99)))
    x = random.integers(0, 3, (rows, steps, 1))
    return batch_of(x, np.array(lengths, dtype=np.int64), draw(st.booleans()), draw(st.booleans()))
