"""NaN and infinities: what they do is asked of torch's modules."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import Severity
from packviz.core.rules import check
from tests.core.oracle import batch_of, find, one, packed

NAN, INF = float("nan"), float("inf")
X = [[0.5, 1.25, -0.5, 0], [0.75, 0.5, NAN, 1.5], [1.0, -0.25, 0, 0]]
LENGTHS = [3, 4, 2]


def with_features(x: object) -> np.ndarray:
    return np.array(x)[:, :, None]


def test_a_nan_inside_the_length_is_silent_and_named() -> None:
    finding = one(batch_of(X, LENGTHS), "nan-in-data")
    assert finding.severity is Severity.SILENT
    assert finding.title == "Row 1: NaN in its data"
    assert finding.detail == (
        "x[1, 2] is NaN, inside the length 4: torch packs it, and every state and output of the row is NaN from t2 on, "
        "and the loss with it."
    )
    assert (finding.rows, finding.cells) == ((1,), [(1, 2)])


@pytest.mark.parametrize("module", [nn.LSTM, nn.GRU, nn.RNN, lambda *n, **k: nn.RNN(*n, nonlinearity="relu", **k)])
def test_torch_turns_that_row_nan_from_that_step_on_and_no_other(module: type[nn.RNNBase]) -> None:
    torch.manual_seed(0)
    batch = batch_of(with_features(X), LENGTHS)
    out, h_n = module(1, 5, batch_first=True)(packed(batch))
    out, _ = pad_packed_sequence(out, batch_first=True)
    assert out.isnan().any(2).tolist() == [[False] * 4, [False, False, True, True], [False] * 4]
    h_n = h_n[0] if isinstance(h_n, tuple) else h_n
    assert h_n[0].isnan().all(1).tolist() == [False, True, False]
    back, _ = module(1, 5, batch_first=True, bidirectional=True)(packed(batch))
    backward = pad_packed_sequence(back, batch_first=True)[0][:, :, 5:]
    assert backward[1].isnan().any(1).tolist() == [True, True, True, False]


def test_an_infinity_inside_the_length_drives_gates_to_their_limits_and_the_gradient_to_nan() -> None:
    torch.manual_seed(0)
    x = [[0.69, -INF, 1.1, 0], [0.41, 1.39, 0.92, 1.61], [1.79, 0.22, 0, 0]]
    finding = one(batch_of(x, LENGTHS), "inf-in-data")
    assert finding.severity is Severity.SILENT
    assert (finding.rows, finding.cells) == ((0,), [(0, 1)])
    assert "x[0, 1] is infinite, inside the length 3" in finding.detail
    lstm = nn.LSTM(1, 5, batch_first=True)
    _, (h_n, _) = lstm(packed(batch_of(with_features(x), LENGTHS)))
    assert h_n.isfinite().all()
    gates = torch.sigmoid(lstm.weight_ih_l0 * -INF)
    assert set(gates.flatten().tolist()) <= {0.0, 1.0}
    h_n.sum().backward()
    assert lstm.weight_ih_l0.grad is not None
    assert lstm.weight_ih_l0.grad.isnan().any()
    two = np.repeat(with_features(x), 2, axis=2)
    _, (h_n, _) = nn.LSTM(2, 5, batch_first=True)(packed(batch_of(two, LENGTHS)))
    assert h_n[0, 0].isnan().any()  # inf - inf, in gates whose weights differ in sign


def test_of_a_cell_with_features_the_first_that_is_nan_is_named() -> None:
    x = np.ones((2, 3, 4))
    x[1, 1, 2:] = NAN
    finding = one(batch_of(x, [3, 3], batch_first=False), "nan-in-data")
    assert finding.detail.startswith("x[1, 1] is NaN in feature 2, inside the length 3")
    assert one(batch_of(x.reshape(2, 3, 2, 2), [3, 3]), "nan-in-data").detail.startswith(
        "x[1, 1] is NaN in feature (1, 0)"
    )


def test_many_cells_make_one_finding() -> None:
    x = [[NAN, 1, NAN, NAN], [1, 2, NAN, 4]]
    finding = one(batch_of(x, [4, 4]), "nan-in-data")
    assert finding.title == "2 rows: NaN in their data"
    assert finding.detail.startswith("Row 0: x[0, 0] is NaN")
    assert finding.detail.endswith("In all, 4 cells of 2 rows are NaN.")
    assert finding.spans.tolist() == [[0, 0, 1], [0, 2, 4], [1, 2, 3]]
    assert one(batch_of(x[:1], [4]), "nan-in-data").detail.endswith("In all, 3 cells of the row are NaN.")


def test_nan_beyond_the_lengths_is_a_note_and_may_be_the_padding_value() -> None:
    x = [[0.5, 1.25, -0.5, NAN], [0.75, 0.5, 1.0, 1.5], [1.0, -0.25, NAN, NAN]]
    batch = batch_of(x, LENGTHS)
    finding = one(batch, "nan-in-padding")
    assert finding.severity is Severity.NOTE
    assert finding.spans.tolist() == [[0, 3, 4], [2, 2, 4]]
    assert finding.fix == 'padding_value = float("nan")'
    assert finding.edit is not None
    assert {f.code for f in check(finding.edit.apply(batch)).findings} == {"last-output"}
    assert check(batch).ok


@pytest.mark.parametrize("batch_first", [True, False])
def test_nan_among_other_padding_is_filled(batch_first: bool) -> None:
    x = [[0.5, 1.25, -0.5, 0], [0.75, 0.5, 1.0, 1.5], [1.0, -0.25, NAN, 0]]
    batch = batch_of(x, LENGTHS, batch_first)
    finding = one(batch, "nan-in-padding")
    assert finding.edit is None
    fix = finding.fix
    assert fix is not None
    # By another padding value there is data beyond the lengths, which filling would wipe out.
    assert one(batch.with_call(padding_value=-1), "nan-in-padding").fix is None
    names = {"torch": torch, "x": torch.tensor(batch.x), "lengths": LENGTHS}
    exec(fix, names)  # our own text, in a test
    filled = names["x"] if batch_first else names["x"].T  # type: ignore[attr-defined]
    assert filled.tolist() == [[0.5, 1.25, -0.5, 0], [0.75, 0.5, 1.0, 1.5], [1.0, -0.25, 0, 0]]


def test_nan_that_is_the_padding_value_is_padding_but_for_what_is_packed_between_data() -> None:
    x = [[0.5, NAN, NAN, NAN], [0.75, NAN, 1.0, 1.5], [NAN, NAN, NAN, NAN]]
    report = check(batch_of(x, [2, 4, 1], padding_value=NAN))
    told = {f.code: f.cells for f in report.findings if f.severity is not Severity.NOTE}
    assert told == {"length-counts-padding": [(0, 1)], "nan-in-data": [(1, 1)], "row-all-padding": [(2, 0)]}
    assert find(report, "padding-inside") is None


def test_infinities_that_are_the_padding_value_are_padding_too() -> None:
    x = [[0.5, INF, INF], [0.75, INF, 1.0], [1.0, -INF, INF]]
    told = one(batch_of(x, [1, 3, 2], padding_value=INF), "inf-in-data")
    assert told.cells == [(1, 1), (2, 1)]


def test_whole_numbers_and_rows_without_a_valid_length_have_none() -> None:
    assert not {"nan-in-data", "inf-in-data"} & codes(make_batch(np.ones((2, 3), dtype=np.int64), [3, 3], Call(True)))
    assert "nan-in-data" not in codes(batch_of([[NAN, 1], [1, 2]], [0, 2]))
    assert "nan-in-data" not in codes(batch_of([[1, 2], [NAN, 2]], [2]))


def test_complex_numbers_have_them_in_either_part() -> None:
    x = np.array([[1 + 1j, complex(1, NAN), complex(INF, 0)]])
    report = check(make_batch(x, [3], Call(True, False)))
    assert find(report, "nan-in-data").cells == [(0, 1)]  # type: ignore[union-attr]
    assert find(report, "inf-in-data").cells == [(0, 2)]  # type: ignore[union-attr]


def codes(batch: Batch) -> set[str]:
    return {finding.code for finding in check(batch).findings}


@pytest.mark.parametrize(("code", "value"), [("nan-in-data", NAN), ("inf-in-data", INF)])
def test_the_snippet_takes_them_out(code: str, value: float) -> None:
    x = np.array([[1, value, 3]], dtype=np.float32)
    fix = one(batch_of(x, [3]), code).fix
    assert fix is not None
    names = {"torch": torch, "x": torch.tensor(x)}
    exec(fix, names)  # our own text, in a test
    assert names["x"].tolist() == [[1, 0, 3]]  # type: ignore[attr-defined]
