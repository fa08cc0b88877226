"""Rule 4 of the house, looked at in real ones: what a dataclass holds of arrays can't be written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import torch

import packviz
from packviz.core.batch import Call, make_batch
from packviz.core.budget import MEMORY
from packviz.core.calls.lanes import binned, lanes_of
from packviz.core.cells.evidence import gather
from packviz.core.checked import Checked
from packviz.core.expressions.parse import parse
from packviz.core.look.spread import spread_of
from packviz.core.module import GivenStates, held_module
from packviz.core.noted import NotedCall, Site
from packviz.core.origins import OfX
from packviz.core.replaying import rows_held
from packviz.core.rules import check
from packviz.core.stops import Where, search
from packviz.core.texts.html.grids import of_batch
from packviz.core.whole import Whole
from packviz.files.arrays import values_of
from packviz.files.formats.cells import Form, read_rows
from packviz.files.known.pieces import pieces
from packviz.files.sequences import sequences_of
from packviz.session import actions as act
from packviz.session.others import OtherWeights
from packviz.session.scene.lines import lines_of
from packviz.session.scene.resolve import resolve
from packviz.session.state import Look
from packviz.session.updates.update import update
from tests.session.scene.test_resolve import opened, work
from tests.test_architecture import dataclasses_with_arrays, files, name_of

ROOMS = ("core/", "files/", "session/")
MADE_ELSEWHERE = {
    "Stored": "of a file: tests/files/test_weights.py",
    "_Values": "of an expression, while it is evaluated",
}
"""Dataclasses with arrays in these rooms that none of the batches below leads to."""

Found = tuple[str, np.ndarray[Any, Any]]


def arrays_in(obj: object, where: str = "", seen: set[int] | None = None) -> Iterator[Found]:
    """Every array that is kept, in a field or a cached property, by the dataclasses that lead from here; and where."""
    seen = set() if seen is None else seen
    if isinstance(obj, np.ndarray):
        yield where, obj
    if id(obj) in seen or isinstance(obj, type):
        return
    seen.add(id(obj))
    if is_dataclass(obj):
        kind = type(obj)
        kept = [field.name for field in fields(obj)]
        kept += [name for name in dir(kind) if isinstance(getattr(kind, name), cached_property)]
        for name in kept:
            yield from arrays_in(getattr(obj, name), f"{kind.__name__}.{name}", seen)
    elif isinstance(obj, Mapping):
        for part in obj.values():
            yield from arrays_in(part, where, seen)
    elif isinstance(obj, list | tuple):
        for part in obj:
            yield from arrays_in(part, where, seen)


@cache
def made() -> dict[str, object]:
    """What leads to the dataclasses of the core, from arrays that can be written to."""
    lengths = np.array([4, 7, 2, 5])
    x = np.where(np.arange(7) < lengths[:, None], 1, 0).astype(np.float32)
    mask = x != 0
    nan, left = x.copy(), x[:, ::-1].copy()
    nan[0, 4], nan[1, 2], nan[2, :2] = 3, np.nan, 0
    ids = np.where(mask, np.arange(1, 8), 0)
    call = Call(True, False)
    column = make_batch(nan, lengths[:, None], call, mask=mask)
    odd = packviz.check(contradictory())
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(x), lengths, True, False)
    lstm, features = torch.nn.LSTM(1, 2, batch_first=True), torch.tensor(x)[..., None]
    trace = packviz.trace(lstm, features, lengths, batch_first=True, enforce_sorted=False)
    batches = {
        "clean": make_batch(x, lengths, call),
        "wrong": make_batch(nan, lengths - 1, call),
        "left": make_batch(left, lengths, call, mask=mask[:, ::-1].copy()),
        "ids": make_batch(ids, lengths + 1, call, mask=mask),
        "mask as lengths": make_batch(x, mask, call),
        "column": column,
        "other layout": column.with_swapped_layout(),
        "shifted": column.with_rows_shifted(np.array([1, 0, 0, 2])),
        "other lengths": column.with_lengths(np.array([1, 2, 3, 4])),
        "guessed": packviz.check(torch.tensor(nan), batch_first=True).batch,
        "of a mask": packviz.check(nan, mask=mask, batch_first=True).batch,
        "sequences": packviz.check([np.ones(3), np.ones(2)]).batch,
        "packed": packviz.check(packed).batch,
        "contradictory": odd.batch,
        "labels": packviz.check(ids, lengths, batch_first=True, enforce_sorted=False, beside={"labels": ids}).batch,
    }
    return {
        **batches,
        **{f"evidence of {name}": gather(batch) for name, batch in batches.items()},
        **{f"report on {name}": check(batch) for name, batch in batches.items()},
        "trace": trace,
        "gradients": packviz.gradients(lstm, features, lengths, batch_first=True, enforce_sorted=False),
        "ragged": sequences_of([[1], [2, 3]]),
        "spread": spread_of(nan),
        "checked": Checked.of(check(batches["wrong"])),
        "summary": packviz.check_loader([(x, lengths)], batch_first=True, enforce_sorted=False, ask=False),
        "searched": search(trace, (Where(parse("h > 0")),), (parse("absmax(h)"),)),
        "watched": watched(),
        **replayed(lstm),
        "pieces": pieces(mask),
        "lines": lines_of(trace, "h", 0, (1,), (0, 0)),
        "rows": read_rows("1,2\n3,\n", Form(",")),
        "values": [values_of(np.ones(3)), values_of(torch.ones(3)), values_of([[1, 2], [3, 4]])],
        "probe": packviz.probe(lstm, features, lengths, batch_first=True, enforce_sorted=False),
        **recorded(x, lengths),
        **scenes(),
        "probe of wrong": packviz.probe(lstm, features, [7] * 4, batch_first=True, enforce_sorted=False),
    }


def replayed(lstm: torch.nn.LSTM) -> dict[str, object]:
    """What is computed again of a run that is kept as checkpoints."""
    with MEMORY.within(4000):
        kept = packviz.trace(lstm, torch.ones(2, 60, 1), [60, 50], batch_first=True)
    assert kept.replays is not None
    return {"segment": kept.replays.segment(0), "rows held": rows_held(kept.replays, kept.packing, (1,))}


def recorded(x: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> dict[str, object]:
    """What is kept of a program's calls, and drawn of them."""
    calls = [NotedCall(n, "nn.LSTM", Site("train.py", n), rows=4, steps=7, total=20, longest=7) for n in range(1, 4)]
    lanes, batch = lanes_of(calls, np.arange(3)), make_batch(x, lengths, Call(True, False))
    states = (np.zeros((1, 4, 2), dtype=np.float32),) * 2
    return {
        "lanes": lanes,
        "bins": binned(lanes, 2),
        "whole": Whole(batch, held_module(numbers=GivenStates(states)), states),
        "drawing": of_batch(batch, None, check(batch).findings),
    }


def scenes() -> dict[str, object]:
    """What the window is handed: of a batch that is right, one that is wrong, and one that has been probed."""
    right = opened()
    probed = work(update(right, act.Probe()))
    return {
        "scene": resolve(right, None),
        "scene of wrong": resolve(work(update(right, act.SetLength(0, 9))), None),
        "scene of a probe": resolve(probed, None),
        "scene of a cell": resolve(work(update(right, act.AskReach(OfX(0, 1, 0)))), None),
        "scene of two runs": resolve(work(update(right, act.HoldAgainst(OtherWeights()))), None),
        "scene of a gradient": resolve(work(update(right, act.SetLook(Look(colour="gradient")))), None),
        "scene of a contradiction": resolve(opened(packviz.check(contradictory()).batch), None),
    }


def watched() -> object:
    """A watch as the scene has it."""
    state = work(update(opened(), act.ToggleWatch(parse("absmax(h)"))))
    return resolve(state, None).stops.watches


def contradictory() -> dict[str, torch.Tensor]:
    """The fields of a PackedSequence that do not agree."""
    return {"data": torch.ones(4, 2), "batch_sizes": torch.tensor([1, 2, 1])}


def test_what_is_kept_in_arrays_can_not_be_written_to() -> None:
    found = {name: list(arrays_in(part, name)) for name, part in made().items()}
    assert [name for name, arrays in found.items() if not arrays] == []
    open_to = {name: {where for where, array in arrays if array.flags.writeable} for name, arrays in found.items()}
    assert {name: sorted(places) for name, places in open_to.items() if places} == {}


def test_all_dataclasses_with_arrays_of_the_core_are_looked_at() -> None:
    seen = {where.split(".")[0] for name, part in made().items() for where, _ in arrays_in(part, name)}
    wanted = {
        node.name for path in files() if name_of(path).startswith(ROOMS) for node, _ in dataclasses_with_arrays(path)
    }
    assert sorted(wanted - seen - set(MADE_ELSEWHERE)) == []


def test_an_array_that_can_be_written_to_would_be_seen() -> None:
    report = check(make_batch(np.ones((2, 3)), [3, 2], Call(True)))
    object.__setattr__(report.batch, "x", np.ones((2, 3)))
    assert "Batch.x" in {where for where, array in arrays_in(report) if array.flags.writeable}
