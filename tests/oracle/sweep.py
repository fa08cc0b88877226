"""What torch does with a call, asked here, against what packviz says of it."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

import packviz
from packviz.core.findings import Finding, Severity
from packviz.core.report import Report, place
from packviz.core.verdict import STAGES
from tests.oracle.calls import CallMade, call_of, packed_of
from tests.oracle.truth import truth_of

SWAPPED = "layout-swapped"


@dataclass
class Tally:
    """What a sweep came to. `wrong`: a sentence for each disagreement."""

    calls: int = 0
    raised: int = 0
    refused: int = 0
    silent: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = ", ".join(f"{code} {n}" for code, n in sorted(self.codes.items()))
        return (
            f"{self.calls} calls: torch raised in {self.raised}, {self.silent} were silently wrong, {self.refused} "
            f"were refused as no batch; {len(self.wrong)} disagreements.\n{told}"
        )


Judge = Callable[[CallMade, Report | None], Iterable[str]]
"""What else is held against a call and its report, None where it was refused: a sentence for each fault."""


def sweep(seeds: Iterable[int], judge: Judge = lambda call, report: ()) -> Tally:
    """Compares each of these calls, which is checked once for all that is asked of it."""
    tally = Tally()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of complex lengths and the like
        for seed in seeds:
            _compare(call_of(seed), tally, judge)
    return tally


def _compare(call: CallMade, tally: Tally, judge: Judge) -> None:
    tally.calls += 1
    truth = truth_of(call) if call.kind != "packed" else None
    try:
        report = checked(call)
    except packviz.BatchError as error:
        tally.refused += 1
        if (truth is not None and not truth["pack"].startswith("!")) or not str(error):
            tally.wrong.append(f"refused ({error}), but torch packs it: {call}")
        tally.wrong.extend(f"{problem}: {call}" for problem in judge(call, None))
        return
    except Exception as error:
        tally.wrong.append(f"{type(error).__name__}: {error}: {call}")
        return
    tally.codes.update(finding.code for finding in report.findings)
    tally.raised += any(getattr(report.verdict, stage).ok is False for stage in STAGES)
    tally.silent += any(finding.severity is Severity.SILENT for finding in report.findings)
    problems = [*_said(report, truth), *_errors(report), *standing(report), *judge(call, report)]
    if truth is not None and call.kind == "padded" and truth["packed"] is not None:
        problems += _cells(call, report, truth["packed"])
    if call.kind == "packed":
        problems += _fields(call, report)
    tally.wrong.extend(f"{problem}: {call}" for problem in problems)


def checked(call: CallMade, *, ask: bool = True) -> Report:
    options = {**call.options, "ask": ask}
    if call.kind == "packed":
        try:
            x: Any = packed_of(call)
        except (RuntimeError, IndexError):
            x = dict(zip(("data", "batch_sizes", "sorted_indices", "unsorted_indices"), call.x, strict=True))
    else:
        x = call.x
    if call.module is not None:
        options |= {"module": call.module, "hx": call.hx}
    return packviz.check(x, call.lengths, **options)


def _said(report: Report, truth: dict[str, Any] | None) -> Iterable[str]:
    """The verdict is what torch really did, word for word."""
    if truth is None:
        return
    for stage in STAGES:
        true, said = truth.get(stage, "?"), getattr(report.verdict, stage)
        if true == "?" or said.ok is None:
            if true.startswith("!") and stage == "pack":
                yield f"{stage} raised {true}, but was not asked: {said.text}"
        elif true.startswith("!") and (said.ok or said.text != true[1:]):
            yield f"{stage} raised {true}, but packviz says {said.text}"
        elif true == "ok" and not said.ok:
            yield f"{stage} returned, but packviz says {said.text}"


def _errors(report: Report) -> Iterable[str]:
    """Whatever raised is explained, and no error is claimed where nothing raised."""
    raising = [stage for stage in STAGES if getattr(report.verdict, stage).ok is False]
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    for stage in raising:
        about = [f for f in errors if stage in f.stages and f.behind is None]
        if not about and not (stage == "unpack" and "run" in raising):
            yield f"{stage} raised {getattr(report.verdict, stage).text}, and no error explains it: {_codes(report)}"
    if report.unexplained:
        yield f"unexplained: {report.unexplained}"
    for finding in errors:
        if finding.behind is None and not any(stage in raising for stage in finding.stages):
            unasked = [getattr(report.verdict, stage).ok is None for stage in finding.stages]
            if not all(unasked) or not finding.stages:
                yield f"{finding.code} is claimed as an error of {finding.stages}, but {report.verdict}"
        text = getattr(report.verdict, finding.stage).text if finding.stage in raising else ""
        if finding.behind is None and text and text not in (finding.torch or ""):
            yield f"{finding.code} does not quote torch: {finding.torch}"
    yield from _causes(errors, report)


def standing(report: Report) -> Iterable[str]:
    """The findings stand in their order, and behind none but errors that are there, too."""
    places = [place(finding) for finding in report.findings]
    if places != sorted(places):
        yield f"the findings are not worst first: {_codes(report)}"
    errors = {finding.code for finding in report.findings if finding.severity is Severity.ERROR}
    for finding in report.findings:
        if finding.behind is not None and finding.behind not in errors:
            yield f"{finding.code} stands behind {finding.behind}, which is no error of the report: {_codes(report)}"


CAUSES = (
    ("has to be greater than 0", {"length-not-positive", "length-not-finite", "lengths-are-mask"}),
    ("must be sorted in decreasing order", {"lengths-unsorted", "length-not-finite", "lengths-are-mask"}),
    ("Expected `len(lengths)` to be equal to batch_size", {"lengths-count", SWAPPED}),
    ("int64 tensor, but got 1D", {"lengths-device"}),
    ("int64 tensor, but got", {"lengths-shape", "lengths-are-mask", "lengths-device"}),
    ("Index is supposed to be a vector", {"lengths-shape", "lengths-are-mask"}),
    ("Cannot copy out of meta tensor", {"lengths-device"}),
    ("Cannot pack empty tensors", {"batch-empty", "lengths-count", "batch-rank"}),
    ("Dimension out of range", {"batch-rank", "hidden-shape"}),
    ("without overflow", {"length-not-finite"}),
    ("index out of range in self", {"lengths-count", SWAPPED, "hidden-shape", "lengths-are-mask", "batch-rank"}),
    ("exceeds dimension size", {"length-exceeds-time", SWAPPED, "hidden-shape"}),
    ("Expected total_length to be at least", {"total-length-too-short"}),
    ("does not match weight dtype", {"module-dtype"}),
    ("input.size(-1) must be equal", {"module-input-size"}),
    ("Expected hidden", {"hidden-shape"}),
)
"""Torch's words, and the codes that may name their cause."""


def _causes(errors: list[Finding], report: Report) -> Iterable[str]:
    """The error that is not behind another names a cause of these very words."""
    if report.batch.contradictory is not None:
        return
    for stage in STAGES:
        said = getattr(report.verdict, stage)
        if said.ok is not False or (stage == "unpack" and report.verdict and report.verdict.run.ok is False):
            continue
        named = {code for f in errors if stage in f.stages and f.behind is None for code in (f.code, *f.instead)}
        fits = next((codes for words, codes in CAUSES if words in said.text), None)
        if fits is not None and not named & fits:
            yield f"{stage} raised {said.text}, which {sorted(named)} do not mean"
        quoting = [f for f in errors if f.stage == stage and f.behind is None]
        if fits is not None and (strange := [f.code for f in quoting if not {f.code, *f.instead} & fits]):
            yield f"{stage} raised {said.text}, which is not of {strange}"


def _cells(call: CallMade, report: Report, packed: Any) -> Iterable[str]:
    """Dropped rows, and dropped and added cells, are each covered by a silent finding; and none is made up."""
    # What says of all rows at once what is wrong with them is an error where torch raises about some of them.
    silent = [finding for finding in report.findings if finding.severity is Severity.SILENT or finding.instead]
    if any(finding.code == SWAPPED for finding in report.findings):
        return  # which says it of the whole batch
    x = call.x if call.options["batch_first"] else call.x.transpose(0, 1)
    counts = _counts(packed)
    holds = _data(x, call.options["padding_value"])
    nan = torch.isnan(x).reshape(*x.shape[:2], -1).any(2).numpy()
    told, marked = {row for finding in silent for row in finding.rows}, _marked(silent, x.shape[:2])
    shifted = {row for finding in silent if finding.code == "padding-left" for row in finding.rows}
    for row in range(len(x)):
        if row >= len(counts):
            if row not in told:
                yield f"row {row} is dropped, and no silent finding says so: {_codes(report)}"
            continue
        if counts[row] > x.shape[1]:
            continue  # an error of the run
        end = max([1, *(np.flatnonzero(holds[row]) + 1)])
        added = range(end, counts[row])
        dropped = [t for t in range(counts[row], x.shape[1]) if holds[row, t] and not nan[row, t]]
        if (added or dropped) and row not in told:
            yield f"row {row}: padding {list(added)} is packed, data {dropped} is not: {_codes(report)}"
        for t in (*added, *dropped):
            if row not in shifted and not marked[row, t]:
                yield f"cell ({row}, {t}) is in no silent finding: {_codes(report)}"
    for finding in silent:
        for row, t in finding.cells:
            if finding.code == "length-counts-padding" and (holds[row, t] or t >= counts[row]):
                yield f"length-counts-padding names ({row}, {t}), which is data or not packed"
            if finding.code == "length-cuts-data" and (not holds[row, t] or t < counts[row]):
                yield f"length-cuts-data names ({row}, {t}), which is padding or packed"


def _counts(packed: Any) -> list[int]:
    """How many steps of each row are packed, in the order of the batch."""
    ranks = torch.arange(int(packed.batch_sizes[0]))
    counts = (packed.batch_sizes[None, :] > ranks[:, None]).sum(1)
    return (counts if packed.unsorted_indices is None else counts[packed.unsorted_indices]).tolist()


def _data(x: torch.Tensor, padding: float) -> np.ndarray:
    """(B, T) bool: which cells hold something else than the padding value."""
    value = torch.tensor(padding)
    if x.is_floating_point() or x.is_complex():
        value = value.to(x.dtype)
    differs = ~torch.isnan(x) if padding != padding else x != value
    return differs.reshape(*x.shape[:2], -1).any(2).numpy()


def _marked(findings: list[Finding], shape: Any) -> np.ndarray:
    marked = np.zeros((shape[0], shape[1]), dtype=bool)
    for finding in findings:
        for row, t in finding.cells:
            if t < shape[1]:
                marked[row, t] = True
    return marked


def _fields(call: CallMade, report: Report) -> Iterable[str]:
    """A PackedSequence that contradicts itself is found out, and no other."""
    data, sizes, order, back = call.x
    sizes = sizes.tolist()
    good = bool(sizes) and min(sizes) > 0 and sizes == sorted(sizes, reverse=True) and sum(sizes) == len(data)
    if good and order is not None:
        good = sorted(order.tolist()) == list(range(sizes[0]))
        if good and back is not None:
            good = [order.tolist().index(r) for r in range(sizes[0])] == back.tolist()
    elif good and back is not None:
        good = False
    found = [f for f in report.findings if f.code == "packed-inconsistent"]
    if good == bool(found):
        yield f"the fields are {'consistent' if good else 'contradictory'}, but the findings are {_codes(report)}"
    if found and found[0].severity not in (Severity.ERROR, Severity.SILENT):
        yield f"packed-inconsistent is {found[0].severity}"


def _codes(report: Report) -> list[str]:
    return [
        f"{f.severity} {f.code}{list(f.rows)[:8]}{f' behind {f.behind}' if f.behind else ''}" for f in report.findings
    ]
