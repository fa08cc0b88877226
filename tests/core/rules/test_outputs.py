"""What comes out: the steps that unpacking returns, and where the last output is."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import packviz
from packviz.core.carrier import Packed, PackedFields
from packviz.core.findings import Severity
from packviz.core.rules import check
from tests.core.oracle import batch_of, find, one, packed, raised_by


def test_time_shrinks_unless_total_length_is_given() -> None:
    batch = batch_of([[1, 2, 0], [1, 0, 0]], [2, 1])
    finding = one(batch, "time-shrinks")
    assert finding.severity is Severity.NOTE
    assert "(2, 2, …)" in finding.detail
    assert pad_packed_sequence(packed(batch), batch_first=True)[0].shape == (2, 2)
    assert find(check(batch.with_call(total_length=3)), "time-shrinks") is None


def test_with_total_length_even_the_longest_row_has_no_last_output_at_the_end() -> None:
    batch = batch_of([[1, 2, 0], [1, 0, 0]], [2, 1])
    assert one(batch, "last-output").rows == (1,)
    assert one(batch.with_call(total_length=3), "last-output").rows == (0, 1)
    assert one(batch_of([[1, 2, 0], [1, 0, 0]], [2, 1], batch_first=False), "last-output").title.startswith("out[-1]")


def test_nothing_is_said_of_an_output_that_unpacking_does_not_return() -> None:
    batch = batch_of([[1, 2, 3], [1, 0, 0]], [3, 1], total_length=2)
    with pytest.raises(ValueError, match="total_length"):
        pad_packed_sequence(packed(batch), batch_first=True, total_length=2)
    assert find(check(batch), "last-output") is None


def test_a_batch_that_is_half_padding_says_what_packing_saves() -> None:
    x = [[1, 2, 3, 4], [1, 0, 0, 0], [1, 0, 0, 0]]
    finding = one(batch_of(x, [4, 1, 1]), "padding-waste")
    assert finding.severity is Severity.NOTE
    assert finding.title == "50% of x is padding"
    assert finding.detail == (
        "6 of 12 cells are beyond the lengths. The packed run takes 6 cells instead of 12, 2 times fewer. x holds them "
        "all the same; rows of like length waste less."
    )
    assert len(packed(batch_of(x, [4, 1, 1])).data) == 6
    assert find(check(batch_of(x, [4, 2, 1])), "padding-waste") is None


def test_steps_that_no_row_has_are_better_cut_off() -> None:
    x = [[1, 2, 0, 0], [1, 0, 0, 0]]
    assert one(batch_of(x, [2, 1]), "padding-waste").detail.endswith("no row is longer than 2: x[:, :2] would do.")
    told = one(batch_of(x, [2, 1], batch_first=False), "padding-waste").detail
    assert told.endswith("no row is longer than 2: x[:2] would do.")


def test_nothing_is_said_of_outputs_that_there_are_not() -> None:
    codes = {"padding-waste", "last-output", "time-shrinks"}
    contradictory = PackedFields(np.ones(2), np.array([1, 2]))
    for batch in (
        batch_of([[1, 0, 0, 0], [1, 0, 0, 0]], [1, 5]),
        batch_of([[1, 0, 0, 0], [1, 0, 0, 0]], [0, 1]),
        batch_of([[1, 0, 0, 0], [1, 0, 0, 0]], [[1], [1]]),
        replace(batch_of([[1, 0, 0, 0], [1, 0, 0, 0]], [1, 1]), carrier=Packed(fields=contradictory)),
    ):
        assert not codes & {f.code for f in check(batch).findings}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("value", [-1e9, 65504.0, 65520.0, 3.4e38, 1e40, float("-inf"), float("nan")])
def test_a_padding_value_is_too_large_exactly_where_unpacking_raises(dtype: str, value: float) -> None:
    lstm = torch.nn.LSTM(1, 2, batch_first=True, dtype=getattr(torch, dtype))
    x = torch.ones(2, 3, 1, dtype=getattr(torch, dtype))
    with torch.no_grad():
        out, _ = lstm(pack_padded_sequence(x, [3, 3], batch_first=True))
    message = raised_by(lambda: pad_packed_sequence(out, batch_first=True, padding_value=value))
    for more in ({}, {"module": lstm}):
        report = packviz.check(x, [3, 3], batch_first=True, padding_value=value, **more)
        finding = find(report, "padding-value-too-large")
        assert (finding is not None) == (message is not None)
        assert report.unexplained is None
        if finding is not None:
            assert message in (finding.torch or "")


@pytest.mark.parametrize("value", [1e6, 1e39])
@pytest.mark.parametrize("lengths", [[1, 1], [3, 3], [5, 2]])
@pytest.mark.parametrize("features", [(), (1,), (2,)])
@pytest.mark.parametrize("dtypes", [("float16", "float16"), ("float16", "float32"), ("bfloat16", "bfloat16")])
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_where_a_batch_does_not_fit_its_module_the_padding_value_is_still_what_unpacking_stops_at(
    kind: str, dtypes: tuple[str, str], features: tuple[int, ...], lengths: list[int], value: float
) -> None:
    x = torch.ones(2, 3, *features, dtype=getattr(torch, dtypes[0]))
    module = getattr(nn, kind)(1, 2, dtype=getattr(torch, dtypes[1]))
    report = packviz.check(x, lengths, batch_first=True, padding_value=value, module=module)
    assert report.verdict is not None
    assert report.unexplained is None
    raises = "without overflow" in report.verdict.unpack.text
    quoting = [f.code for f in report.findings if "without overflow" in (f.torch or "")]
    assert quoting == (["padding-value-too-large"] if raises else [])
    assert (find(report, "padding-value-too-large") is not None) == raises


def test_of_a_bidirectional_module_no_step_of_the_output_is_offered() -> None:
    module = nn.LSTM(1, 3, 2, bidirectional=True, batch_first=True)
    x, lengths = torch.rand(3, 5, 1) + 1, torch.tensor([5, 2, 4])
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False, module=module)
    finding = find(report, "last-output")
    assert finding is not None
    assert "lengths - 1]" not in str(finding.fix)
    assert "no one step of the output has both" in finding.detail
    out, (h_n, _) = module(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    names = {"torch": torch, "h_n": h_n}
    exec(str(finding.fix), names)
    padded, _ = pad_packed_sequence(out, batch_first=True)
    torch.testing.assert_close(names["last"][:, 3:], padded[:, 0, 3:])
    torch.testing.assert_close(names["last"][:, :3], padded[torch.arange(3), lengths - 1, :3])
