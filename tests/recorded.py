"""Recordings for tests: calls with a batch each, as a program would leave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.findings import Severity
from packviz.core.module import Module, StateFacts, held_module
from packviz.core.noted import NotedCall, Site
from packviz.files.kept.batch import batch_bytes
from packviz.files.kept.recordings import RecordingWriter

TRAIN, EVAL = Site("/home/me/train.py", 31, "step"), Site("/home/me/eval.py", 12, "evaluate")
RAISED = "RuntimeError: Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
HIDDEN = 4


def batch_of(number: int, bad: bool = False) -> Batch:
    """(3, 6, 2) of numbers that are those of the call; a `bad` one has a length of 0."""
    x = np.random.default_rng(number).normal(size=(3, 6, 2)).astype(np.float32)
    lengths = [6, 4, 0 if bad else 2]
    for row, length in enumerate(lengths):
        x[row, length:] = 0
    return make_batch(x, lengths, Call(batch_first=True), source="x")


def hx_of(number: int) -> list[np.ndarray]:  # type: ignore[type-arg]
    """h_0 and c_0, (1, 3, HIDDEN) each."""
    return [
        np.random.default_rng(number + 10**6 * part).normal(size=(1, 3, HIDDEN)).astype(np.float32) for part in (1, 2)
    ]


def module_of() -> Module:
    """An nn.LSTM(2, HIDDEN) that takes them."""
    return replace(held_module("LSTM", 2, HIDDEN, batch_first=True), hx=(StateFacts((1, 3, HIDDEN)),) * 2)


def call_of(number: int, *, kept: bool = True, bad: bool = False, site: Site = TRAIN) -> NotedCall:
    """The line of a call; a `bad` one raised."""
    batch = batch_of(number, bad)
    findings = (("length-not-positive", Severity.ERROR),) if bad else ()
    return NotedCall(
        number,
        "nn.LSTM",
        site,
        error=RAISED if bad else "",
        rows=3,
        steps=6,
        features=(2,),
        total=int(batch.counts.sum()),
        shortest=int(batch.counts.min()),
        longest=6,
        dtype="float32",
        findings=findings,
        reason=("raised" if bad else "last") if kept else "",
        module=f"nn.LSTM(2, {HIDDEN})",
        time=number / 100,
    )


def record(
    path: Path,
    calls: int = 5,
    *,
    bad: tuple[int, ...] = (),
    kept: tuple[int, ...] = (),
    sites: Mapping[int, Site] | None = None,
    end: bool = True,
) -> Path:
    """A recording of so many calls, of which these are `bad`, and kept, and these are `kept`, too."""
    writer = RecordingWriter(path, program="train.py --lr 1", torch="2.13.0")
    for number in range(1, calls + 1):
        site = (sites or {}).get(number, TRAIN)
        call = call_of(number, kept=number in (*bad, *kept), bad=number in bad, site=site)
        if call.kept:
            made = batch_of(number, number in bad)
            writer.keep(call, batch_bytes(made, module_of(), hx_of(number), call=call))
        else:
            writer.note(call)
    if end:
        writer.end({})
    else:
        writer.flush()
    return path


def damaged(path: Path, *places: tuple[bytes, int]) -> Path:
    """A byte of a record is another: at so many bytes behind the beginning of its header."""
    data = bytearray(path.read_bytes())
    for name, at in places:
        data[data.index(name) + at] ^= 1
    path.write_bytes(data)
    return path
