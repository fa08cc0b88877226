"""The fixes: the finding is gone after its edit, and the Python does to tensors what the edit does to the batch."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.cells.guess import guessed
from packviz.core.findings import Finding
from packviz.core.rules import check

NAN = float("nan")


@st.composite
def wrong_batches(draw: st.DrawFn) -> Batch:
    """Batches of up to nine rows with random lengths, so that fixes of one row and of many occur."""
    rows, steps = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    n = draw(st.sampled_from([rows, rows, rows, max(1, rows - 1), rows + 1]))
    lengths = draw(st.lists(st.integers(-1, steps + 2), min_size=n, max_size=n))
    padding = draw(st.sampled_from([0.0, 0.0, 1.5, -1.0, NAN, float("inf")]))
    features = draw(st.sampled_from([(), (), (1,), (2, 2)]))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    x = random.choice(
        np.array([padding, 2, 3, NAN], dtype=np.float32), (rows, steps, *features), p=[0.5, 0.2, 0.2, 0.1]
    )
    batch_first = draw(st.booleans())
    call = Call(batch_first, draw(st.booleans()), padding)
    return make_batch(x if batch_first else x.swapaxes(0, 1), lengths, call)


def fixed(batch: Batch, finding: Finding) -> Batch:
    assert finding.edit is not None
    return finding.edit.apply(batch)


@given(wrong_batches())
def test_after_its_edit_a_finding_is_gone(batch: Batch) -> None:
    for finding in check(batch).findings:
        if finding.edit is not None:
            assert finding.code not in [f.code for f in check(fixed(batch, finding)).findings]


@given(wrong_batches())
def test_the_python_of_a_fix_gives_the_lengths_of_the_edit(batch: Batch) -> None:
    for finding in check(batch).findings:
        if finding.edit is None or finding.edit.lengths is None:
            continue
        names = {"torch": torch, "x": torch.tensor(batch.x), "lengths": torch.tensor(batch.lengths)}
        assert finding.fix is not None
        lines = finding.fix.splitlines()  # what packs and unpacks with them is run in test_every_fix.py
        exec("\n".join(line for line in lines if "pack" not in line), names)  # our own text, in a test
        assert names["lengths"].tolist() == list(finding.edit.lengths), finding.fix  # type: ignore[attr-defined]


@given(wrong_batches())
def test_one_fix_after_the_other_leaves_nothing_wrong(batch: Batch) -> None:
    for _ in range(12):
        findings = [f for f in check(batch).findings if f.edit is not None and f.severity in ("error", "silent")]
        if not findings:
            break
        batch = fixed(batch, findings[0])
    # What should stand in the place of a NaN or an infinity that is packed, only its owner knows.
    left = {f.code for f in check(batch).findings if f.severity in ("error", "silent")}
    assert left <= {"nan-in-data", "inf-in-data"}


def test_a_fix_of_few_rows_works_on_a_list_too() -> None:
    batch = make_batch(np.array([[1, 0], [2, 0]]), [2, 2], Call(True, False))
    names: dict[str, object] = {"lengths": [2, 2]}
    [finding] = [f for f in check(batch).findings if f.code == "length-counts-padding"]
    assert finding.fix is not None
    exec(finding.fix, names)
    assert names["lengths"] == [1, 1]


@pytest.mark.parametrize("dtype", ["bool", "int8"])
def test_a_fix_of_few_rows_works_where_the_dtype_of_the_lengths_cannot_hold_it(dtype: str) -> None:
    x = np.arange(1, 401).reshape(2, 200)
    batch = make_batch(x, np.array([1, 1], dtype=dtype), Call(True, False))
    [finding] = [f for f in check(batch).findings if f.code == "length-cuts-data"]
    names: dict[str, object] = {"torch": torch, "lengths": torch.tensor(batch.lengths)}
    exec(str(finding.fix), names)
    assert names["lengths"].tolist() == [200, 200]  # type: ignore[attr-defined]


def test_edits_bear_the_words_of_their_buttons() -> None:
    x = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [4, 5, 6, 0]], dtype=np.float32)

    def labels(lengths: list[int], **options: bool) -> set[str]:
        call = Call(True, **{"enforce_sorted": False, **options})
        return {f.edit.label for f in check(make_batch(x, lengths, call)).findings if f.edit is not None}

    assert labels([2, 1, 3]) == {"Keep T: total_length=4"}
    assert labels([2, 1, 4]) == {"Set length 3"}
    assert labels([4, 4, 4]) == {"Set 3 lengths"}
    assert "enforce_sorted=False" in labels([2, 1, 3], enforce_sorted=True)
    assert "Set 3 lengths from the data" in labels([2, 1])


def ran(batch_first: bool, then: Callable[[dict[str, object]], None]) -> dict[str, object]:
    """The tensors of a call: x of 3 × 5, out of an LSTM over it, unpacked, and h_n."""
    torch.manual_seed(0)
    lstm, x, lengths = torch.nn.LSTM(2, 3), torch.rand(3, 5, 2), torch.tensor([2, 1, 4])
    given_x = x if batch_first else x.transpose(0, 1)
    packed = pack_padded_sequence(given_x, lengths, batch_first=batch_first, enforce_sorted=False)
    packed_out, (h_n, _) = lstm(packed)
    out, lengths = pad_packed_sequence(packed_out, batch_first=batch_first)
    names: dict[str, object] = {"torch": torch, "x": given_x, "out": out, "lengths": lengths, "h_n": h_n}
    names |= {"packed": packed_out, "pad_packed_sequence": pad_packed_sequence}
    names |= {"pack_padded_sequence": pack_padded_sequence}
    then(names)
    return names


def fix_of(code: str, batch_first: bool, **options: bool) -> str:
    x = np.array([[1, 2, 0, 0, 0], [3, 0, 0, 0, 0], [4, 5, 6, 7, 0]], dtype=np.float32)
    call = Call(batch_first, **{"enforce_sorted": False, **options})
    report = check(make_batch(x if batch_first else x.T, [2, 1, 4], call))
    [fix] = [f.fix for f in report.findings if f.code == code]
    assert fix is not None
    return fix


def test_the_snippet_for_the_last_output_gives_h_n_in_both_layouts() -> None:
    for batch_first in (True, False):
        names = ran(batch_first, lambda names, b=batch_first: exec(fix_of("last-output", b), names))  # type: ignore[misc]
        torch.testing.assert_close(names["last"], names["h_n"][0])  # type: ignore[index]


def test_the_fix_of_time_shrinks_keeps_all_steps() -> None:
    for batch_first in (True, False):
        names = ran(batch_first, lambda names, b=batch_first: exec(fix_of("time-shrinks", b), names))  # type: ignore[misc]
        assert names["out"].shape == ((3, 5, 3) if batch_first else (5, 3, 3))  # type: ignore[attr-defined]


def test_the_fix_of_unsorted_lengths_packs() -> None:
    for batch_first in (True, False):
        fix = fix_of("lengths-unsorted", batch_first, enforce_sorted=True)
        names = ran(batch_first, lambda names, fix=fix: exec(fix, names))  # type: ignore[misc]
        assert names["packed"].batch_sizes.tolist() == [3, 2, 1, 1]  # type: ignore[attr-defined]


@st.composite
def left_padded(draw: st.DrawFn) -> Batch:
    """Batches that are padded on the left, of few rows and of many, ids and measurements, some with lengths of T."""
    rows, steps = draw(st.integers(1, 9)), draw(st.integers(2, 8))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    lengths = random.integers(1, steps + 1, rows)
    features = draw(st.sampled_from([(), (2,)]))
    x = random.integers(1, 9, (rows, steps, *features)).astype(draw(st.sampled_from(["int64", "float32"])))
    x[0, -1] = 12
    x[np.arange(steps) < steps - lengths[:, None]] = 0
    if draw(st.booleans()):
        x[random.integers(rows)] = 0
    batch_first = draw(st.booleans())
    call = Call(batch_first, False)
    how = draw(st.sampled_from(["given", "full", "guessed", "one wrong"]))
    if how == "full":
        lengths[:] = steps
    if how == "one wrong":
        lengths[0] = draw(st.integers(0, steps + 1))
    batch = make_batch(x if batch_first else x.swapaxes(0, 1), lengths, call)
    return guessed(batch) if how == "guessed" else batch


@given(left_padded())
def test_rows_are_shifted_in_the_window_as_the_snippet_shifts_them(batch: Batch) -> None:
    finding = next((f for f in check(batch).findings if f.code == "padding-left"), None)
    if finding is None:
        return
    after = fixed(batch, finding)
    assert "padding-left" not in [f.code for f in check(after).findings]
    for row in finding.rows:
        held = np.roll(batch.grid[row], -sum(1 for r, _ in finding.cells if r == row), axis=0)
        np.testing.assert_array_equal(after.grid[row], held)
    others = [row for row in range(batch.rows) if row not in finding.rows]
    np.testing.assert_array_equal(after.grid[others], batch.grid[others])
    if finding.fix is not None:
        names = {"torch": torch, "x": torch.tensor(batch.x), "lengths": torch.tensor(batch.lengths)}
        exec(finding.fix, names)  # our own text, in a test
        np.testing.assert_array_equal(names["x"].numpy(), after.x)  # type: ignore[attr-defined]
        assert names["lengths"].tolist() == after.lengths.tolist()  # type: ignore[attr-defined]


@pytest.mark.parametrize("dtype", ["int64", "float32"])
@pytest.mark.parametrize("rows", [3, 9])
def test_a_left_padded_batch_is_right_after_its_fix(rows: int, dtype: str) -> None:
    lengths = np.arange(1, rows + 1)
    x = np.where(np.arange(rows) >= rows - lengths[:, None], np.arange(2, rows + 2), 0).astype(dtype)
    for told in (lengths, np.full(rows, rows)):
        batch = make_batch(x, told, Call(True, False))
        finding = next((f for f in check(batch).findings if f.code == "padding-left"), None)
        if finding is None:
            assert dtype == "float32"
            assert rows == 3
            continue
        assert finding.fix is not None
        after = fixed(batch, finding)
        assert check(after).ok
        assert after.lengths.tolist() == lengths.tolist()
        assert after.source.shown == "x (shifted)"
