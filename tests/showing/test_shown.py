from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import Batch, BatchError, Call, make_batch
from packviz.core.noted import Site
from packviz.core.source import Source
from packviz.files.kept.batch import batch_bytes
from packviz.showing.shown import LONGEST, entry_of, named_by, said_of, shown_bytes
from packviz.torch_side.taken import taken

SITE = Site("/home/me/train.py", 31, "fit")
X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
TOLD = {"path": "/home/me/train.py", "line": 31, "function": "fit", "program": "train.py", "process": 4242}


def batch() -> Batch:
    return make_batch(X, [3, 2], Call(True, False))


def test_what_is_opened_is_what_was_shown_with_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/home/me/train.py", "--lr", "1"])
    entry = entry_of(bytearray(shown_bytes(named_by(batch(), SITE), SITE)))
    assert entry.batch.x.tobytes() == X.tobytes()
    assert entry.batch.lengths.tolist() == [3, 2]
    assert entry.batch.call == Call(True, False)
    number, _, site = entry.batch.source.shown.partition(" ")
    assert site == "train.py:31"
    assert named_by(batch(), SITE).source.shown == f"{int(number) + 1} train.py:31"
    assert entry.notes == f"Shown by train.py, process {os.getpid()}, in fit at train.py:31."
    assert entry.module is None


def test_it_is_copied_at_the_moment_of_the_call() -> None:
    x, gru = X.copy(), torch.nn.GRU(2, 3)
    before = gru.weight_ih_l0.detach().clone()
    data = shown_bytes(make_batch(x, [3, 2], Call(True, False)), SITE, taken(gru))
    x[:] = -1
    torch.nn.init.constant_(gru.weight_ih_l0, 7)
    entry = entry_of(data)
    assert entry.batch.x.tobytes() == X.tobytes()
    assert entry.module.stored.arrays["weight_ih_l0"].tobytes() == before.numpy().tobytes()


def test_a_module_comes_with_its_numbers_and_those_of_its_initial_state() -> None:
    torch.manual_seed(0)
    lstm, hx = torch.nn.LSTM(2, 3), (torch.randn(1, 2, 3), torch.randn(1, 2, 3))
    module = entry_of(shown_bytes(batch(), SITE, taken(lstm, hx))).module
    assert module is not None
    assert module.stored is not None
    assert module.stored.yours
    for name, value in lstm.state_dict().items():
        assert module.stored.arrays[name].tobytes() == value.numpy().tobytes()
    assert [part.tolist() for part in module.stored.states] == [part.tolist() for part in hx]


def test_a_batch_that_has_a_name_keeps_it_and_a_long_one_of_a_file_is_cut() -> None:
    named = replace(batch(), source=Source("ten.pt", entry="3"))
    assert named_by(named, SITE) is named
    assert len(named_by(batch(), Site("x" * 5000, 3)).source.shown) <= LONGEST + 10


@given(st.binary(max_size=300))
def test_bytes_that_are_no_batch_are_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(BatchError):
        entry_of(data)


@given(st.integers(0, 2**30), st.binary(min_size=1, max_size=8))
def test_a_batch_that_was_changed_on_the_way_is_a_batch_or_a_sentence(at: int, change: bytes) -> None:
    data = bytearray(shown_bytes(batch(), SITE))
    at %= len(data)
    data[at : at + len(change)] = change
    said = ""
    try:
        assert entry_of(data).batch.x.size <= 1000
    except BatchError as error:
        said = str(error)
    assert len(said) < 1000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=100),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*TOLD, "x"]), inner, max_size=5),
        max_leaves=8,
    )
)
def test_whatever_is_said_of_the_program_is_a_sentence_or_refused(told: object) -> None:
    try:
        said, by = said_of(told)
        assert by
    except BatchError as error:
        said = str(error)
    assert said.startswith("Shown by ") or said == "it does not say which program shows it."
    assert len(said) < 5 * LONGEST


def test_a_batch_that_no_program_shows_is_refused() -> None:
    with pytest.raises(BatchError, match="which program"):
        entry_of(batch_bytes(batch()))
    assert said_of(json.loads(json.dumps(TOLD)))[0] == "Shown by train.py, process 4242, in fit at train.py:31."
    assert said_of({**TOLD, "function": ""})[0] == "Shown by train.py, process 4242, at train.py:31."


def test_the_line_of_a_loop_is_one_and_each_that_is_typed_another() -> None:
    def by(**more: object) -> str:
        return said_of({**TOLD, **more})[1]

    assert by() == by(function="other")
    assert len({by(), by(line=32), by(process=1), by(path="/x/train.py"), by(typed=True), by(typed=True)}) == 6
