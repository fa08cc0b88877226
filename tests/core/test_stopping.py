"""At which finding torch stops: what is quoted of each, and that none stands behind what torch went past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.findings import Finding, Severity
from packviz.core.report import Report, place
from packviz.core.rules import check
from packviz.core.stopping import IN_ORDER, first_met, heard, is_at
from packviz.core.verdict import STAGES, Outcome, Stage, Verdict
from tests.module_calls import module_call

CALLS: dict[Stage, str] = {"pack": "pack_padded_sequence", "run": "nn.LSTM", "unpack": "pad_packed_sequence"}
CODES = ("total-length-too-short", "length-exceeds-time", "module-input-size", "hidden-shape", "packed-inconsistent")


def verdict(*did: bool | None) -> Verdict:
    """One in which the three stages returned, raised or were not asked."""
    said = {True: "returns", False: "RuntimeError: of the {}", None: "not reached"}
    return Verdict("2", *(Outcome(CALLS[s], ok, said[ok].format(s)) for s, ok in zip(STAGES, did, strict=True)))


VERDICTS = [verdict(*did) for did in product((True, False, None), repeat=3)]


def found(code: str, severity: Severity = Severity.ERROR, **more: object) -> Finding:
    return Finding(code, severity, "title", "detail", **more)  # type: ignore[arg-type]


def told(findings: Sequence[Finding]) -> dict[str, tuple[str, str | None]]:
    return {f.code: (f.severity.value, f.behind) for f in findings}


def assert_stands(report: Report) -> None:
    """Each finding is in its place, and behind none but an error of this very report."""
    errors = {f.code for f in report.findings if f.severity is Severity.ERROR}
    assert all(f.behind is None or f.behind in errors for f in report.findings), told(report.findings)
    assert list(report.findings) == sorted(report.findings, key=place)


SIZE = found("module-input-size", Severity.SILENT, stage="run", asked=True)
BEYOND = found("length-exceeds-time", stage="run", also=("unpack",), asked=True, behind="module-input-size")
SHORT = found("total-length-too-short", stage="unpack")


def test_a_finding_does_not_stay_behind_one_that_torch_passed() -> None:
    findings = heard([replace(SIZE, severity=Severity.ERROR), BEYOND, SHORT], verdict(True, True, False))
    assert told(findings) == {
        "module-input-size": ("silent", None),
        "length-exceeds-time": ("silent", None),
        "total-length-too-short": ("error", None),
    }
    assert findings[1].torch == "says nothing"


def test_what_a_later_call_raises_about_something_else_is_not_quoted_of_it() -> None:
    free = replace(BEYOND, behind=None)
    passed = heard([free, SHORT], verdict(True, True, False))
    assert [f.torch for f in passed] == ["says nothing", "pad_packed_sequence raises RuntimeError: of the unpack"]
    [alone] = heard([free], verdict(True, True, False))
    assert (alone.severity, alone.torch) == (Severity.ERROR, "pad_packed_sequence raises RuntimeError: of the unpack")


def test_torch_may_stop_at_it_later_than_at_what_it_stood_behind() -> None:
    findings = heard([replace(SIZE, severity=Severity.ERROR), BEYOND], verdict(True, True, False))
    assert told(findings) == {"module-input-size": ("silent", None), "length-exceeds-time": ("error", None)}
    assert findings[1].stage == "unpack"


def test_it_stays_behind_what_torch_stopped_at() -> None:
    findings = heard([replace(SIZE, severity=Severity.ERROR), BEYOND], verdict(True, False, False))
    assert told(findings)["length-exceeds-time"] == ("error", "module-input-size")
    assert findings[1].torch == "does not get here: it stops at module-input-size"


def test_what_nobody_asked_stays_as_the_rule_has_it() -> None:
    hidden = found("hidden-shape", stage="run", also=("unpack",), asked=True)
    assert told(heard([hidden], verdict(True, None, True))) == {"hidden-shape": ("error", None)}
    assert told(heard([hidden], verdict(True, True, True))) == {"hidden-shape": ("silent", None)}


STAGED = st.sampled_from([("pack",), ("run",), ("unpack",), ("run", "unpack"), ("pack", "run", "unpack"), ()])


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report of some findings, each perhaps behind an error that is there."""
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=4))
    findings = []
    for code in codes:
        first, *also = draw(STAGED) or (None,)
        severity = draw(st.sampled_from((Severity.ERROR, Severity.SILENT)))
        asked = first is not None and draw(st.booleans())
        findings.append(found(code, severity, stage=first, also=tuple(also), asked=asked))
    errors = [f.code for f in findings if f.severity is Severity.ERROR]
    if errors:
        findings = [
            replace(f, behind=draw(st.sampled_from((None, *(c for c in errors if c != f.code))))) for f in findings
        ]
    batch = make_batch(np.ones((2, 3), np.float32), [3, 2], Call(True))
    return replace(check(batch), findings=tuple(sorted(findings, key=place)))


@settings(max_examples=500)
@given(reports(), st.sampled_from(VERDICTS))
def test_whatever_torch_does_no_finding_is_behind_what_is_no_error_of_the_report(report: Report, did: Verdict) -> None:
    after = report.with_verdict(did)
    assert_stands(after)
    assert sorted(f.code for f in after.findings) == sorted(f.code for f in report.findings)
    assert all(f.torch is not None for f in after.findings if f.behind is not None)
    again = after.with_verdict(did)
    assert told(again.findings) == told(after.findings)


@pytest.mark.parametrize("seeds", [range(n, n + 100) for n in range(0, 400, 100)])
def test_the_same_of_calls_with_modules_and_states_that_do_not_fit(seeds: range) -> None:
    behind = 0
    for seed in seeds:
        call = module_call(seed)
        module = {"module": call.module, "hx": call.hx, "ask": False}
        for total in (None, 1):
            report = packviz.check(call.x, call.lengths, **call.options, total_length=total, **module)
            assert_stands(report)
            behind += any(f.behind is not None for f in report.findings)
            for did in VERDICTS:
                assert_stands(report.with_verdict(did))
    assert behind > 3


def test_a_length_beyond_the_end_that_the_lstm_took_is_silent_though_unpacking_raises_about_total_length() -> None:
    x, lstm = torch.tensor([[2.0]], dtype=torch.bfloat16), torch.nn.LSTM(1, 3, dtype=torch.bfloat16)
    packed = pack_padded_sequence(x, [4], batch_first=True)
    try:
        out = lstm(packed)[0]
    except RuntimeError:
        pytest.skip("this processor's nn.LSTM raises about the missing features")
    with pytest.raises(ValueError, match="total_length=0"):
        pad_packed_sequence(out, True, total_length=0)
    assert pad_packed_sequence(out, True)[0].shape == (1, 4, 3)
    report = packviz.check(x, [4], batch_first=True, total_length=0, module=lstm)
    assert told(report.findings) == {
        "total-length-too-short": ("error", None),
        "length-exceeds-time": ("silent", None),
        "module-input-size": ("silent", None),
    }
    assert_stands(report)
    mended = packviz.check(x, [4], batch_first=True, module=lstm)  # what was silent stays so once total_length is right
    assert told(mended.findings) == {"length-exceeds-time": ("silent", None), "module-input-size": ("silent", None)}


def test_unpacking_fills_a_tensor_with_padding_value_before_it_misses_a_step() -> None:
    x = torch.ones(2, 3, 2, dtype=torch.float16)
    packed = pack_padded_sequence(x, [5, 2], batch_first=True)
    with pytest.raises(RuntimeError, match="without overflow"):
        pad_packed_sequence(packed, True, padding_value=1e6)
    lstm = torch.nn.LSTM(2, 3, dtype=torch.float16)
    report = packviz.check(x, [5, 2], batch_first=True, padding_value=1e6, module=lstm)
    assert told(report.findings)["padding-value-too-large"] == ("error", None)
    [large] = [f for f in report.findings if f.code == "padding-value-too-large"]
    assert "without overflow" in (large.torch or "")
    assert_stands(report)


def test_unpacking_compares_total_length_before_anything_else() -> None:
    x = torch.ones(2, 3, 2, dtype=torch.float16)
    packed = pack_padded_sequence(x, [5, 2], batch_first=True)
    with pytest.raises(ValueError, match="total_length=1"):
        pad_packed_sequence(packed, True, padding_value=1e6, total_length=1)
    assert IN_ORDER["unpack"][:2] == ("total-length-too-short", "padding-value-too-large")


def test_what_stands_in_the_place_of_another_finding_is_what_torch_meets() -> None:
    stands_for = found("lengths-one-cause", stage="run", instead=("length-exceeds-time",))
    assert first_met("run", [stands_for], IN_ORDER["run"]) == "length-exceeds-time"
    assert is_at(stands_for, "length-exceeds-time")
    assert not is_at(SHORT, "length-exceeds-time")
    assert first_met("unpack", [replace(SHORT, severity=Severity.SILENT)], IN_ORDER["unpack"]) is None


def test_a_cause_that_torch_meets_as_another_one_is_met_there() -> None:
    swapped = found("layout-swapped", stage="pack")
    assert is_at(swapped, "lengths-count")
    assert is_at(swapped, "length-exceeds-time")
    assert not is_at(swapped, "lengths-unsorted")
    assert is_at(swapped, None)


def test_what_its_own_call_raises_is_about_it_whatever_else_stops_there() -> None:
    certain = found("packed-inconsistent", stage="run")
    assert not is_at(SIZE, first_met("run", [certain], IN_ORDER["run"]))
    assert told(heard([certain, SIZE], verdict(True, False, None)))["module-input-size"] == ("error", None)


def test_of_a_call_that_was_not_made_nothing_is_quoted() -> None:
    [short] = heard([SHORT], verdict(True, False, None))
    assert (short.severity, short.torch) == (Severity.ERROR, None)
