"""Every field of what is saved comes back: of each class that a session is made of, each field was something else than
its default in what is saved here, and is the same when it is read. A new field fails here until it is saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed, PackedFields
from packviz.core.expressions.parse import Expression, parse
from packviz.core.lengths import Filed, Lengths
from packviz.core.module import Drawn, GivenStates, Held, Module, StateFacts, Stored, held_module
from packviz.core.moments import Moment
from packviz.core.saved import Marks, SavedDocument, SavedSession
from packviz.core.source import Source
from packviz.core.stop_list import Stops
from packviz.core.stops import AtStep, RowEnds
from packviz.files.kept.sessions import read_session, save_session
from packviz.files.objects import to_batch
from tests.files.kept.wholes import same

WRITTEN_OTHERWISE = (Expression,)
"""Classes that are written as the text that somebody typed, which test_marks.py holds against what it means."""


def batches() -> Iterator[Batch]:
    x = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    named = {"x": torch.from_numpy(x), "lengths": [4, 2], "labels": torch.zeros(2, 4, dtype=torch.int64)}
    beside = to_batch({**named, "batch_first": True}, None)
    assert beside.beside
    lengths = Lengths(
        np.array([3.5, 1]),
        np.array([3, 1]),
        "cuda:0",
        True,
        "mask",
        Filed(np.array([4, 4]), "guessed", (("batch_first", True),)),
    )
    source = Source("a.pt", True, "3", ("swapped", "edited"), "inputs", "BTF")
    made = make_batch(x, lengths, Call(True, False, 7.5, 9), source=source, dtype="bfloat16", mask=x[..., 0] > 2)
    yield replace(made, mask_inverted=True, mask_steps=3, read_as=("time last",), beside=beside.beside)
    packed = torch.nn.utils.rnn.pack_sequence([torch.ones(2), torch.ones(4)], enforce_sorted=False)
    yield to_batch(packed, None)
    indices = np.array([1, 0])
    odd = PackedFields(np.ones(3, dtype=np.float32), np.array([2, 2]), indices, indices)
    yield replace(make_batch(np.ones((2, 2), dtype=np.float32), [2, 2]), carrier=Packed(indices, odd))


def modules() -> Iterator[Module]:
    lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True, proj_size=2, bias=False)
    arrays = {name: value.detach().numpy() for name, value in lstm.named_parameters()}
    states = (np.ones((4, 2, 2), dtype=np.float32), None)
    yield Module(weights=Stored("w.pt", arrays, "float16", "encoder.", True, True, states), initial="drawn")
    numbers = [np.full((2, 2, 5), 0.5, dtype=np.float32)]
    held = held_module("RNN", 3, 5, layers=2, dtype="float64", bias=False, class_name="Mine", nonlinearity="relu")
    held = replace(held, hx=(StateFacts((2, 2, 5), "float64"),), hx_given="tensor", batch_first=True, device="cuda:0")
    yield held.with_numbers(numbers, "run.packviz", 17)
    yield Module(None, 9, 3, inputs="embedding", embedding_size=5, directions=2, projection=2, weights=Drawn())


def session() -> SavedSession:
    stops = Stops((AtStep(1), RowEnds()), frozenset({RowEnds()}), ((AtStep(1), 3),))
    marks = Marks(stops, (parse("h[2]"),), "look at row 2", True, Moment(2, 1, 1), 1, True)
    pairs = zip(batches(), modules(), strict=True)
    return SavedSession(tuple(SavedDocument(*pair, marks) for pair in pairs), 2, "mine.packviz", "0a1b")


def found_in(thing: Any) -> Iterator[Any]:
    """All that it is made of, each dataclass with itself first."""
    if isinstance(thing, tuple | list | frozenset):
        for part in thing:
            yield from found_in(part)
    elif is_dataclass(thing) and not isinstance(thing, WRITTEN_OTHERWISE):
        yield thing
        for one in fields(thing):
            yield from found_in(getattr(thing, one.name))


def is_default(thing: Any, one: Any) -> bool:
    held = getattr(thing, one.name)
    default = one.default_factory() if one.default_factory is not MISSING else one.default
    return default is not MISSING and same(held, default)


def test_every_field_comes_back(tmp_path: Path) -> None:
    saved = session()
    save_session(tmp_path / "a.packviz", saved)
    assert same(read_session(tmp_path / "a.packviz"), saved)
    changed: dict[type, set[str]] = defaultdict(set)
    for thing in found_in(saved):
        changed[type(thing)] |= {one.name for one in fields(thing) if one.init and not is_default(thing, one)}
    for kind, names in changed.items():
        assert names == {one.name for one in fields(kind) if one.init}, kind
    assert {Batch, Call, Source, Lengths, Filed, Packed, PackedFields, Module, Stored, Held, GivenStates} <= set(
        changed
    )
    assert {StateFacts, Marks, Stops, SavedDocument, SavedSession} <= set(changed)
