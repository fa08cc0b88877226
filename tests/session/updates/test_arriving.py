"""A result that is not awaited any more changes nothing; a failure is said, and nothing else."""

from __future__ import annotations

import numpy as np

from packviz.core.batch import make_batch
from packviz.core.saved import SavedSession
from packviz.session import actions as act
from packviz.session.document import Documents
from packviz.session.loads import Entry, Loaded, LoadRequest
from packviz.session.saving import SaveRequest
from packviz.session.state import showing
from packviz.session.updates.update import update

STATE = showing(make_batch(np.ones((2, 3)), [2, 2]))


def test_a_load_that_was_given_up_brings_nothing() -> None:
    late = LoadRequest(1, paths=("a.pt",))
    found = Loaded((Entry(make_batch(np.ones((2, 3)), [1, 1])),))
    assert update(STATE, act.Computed(late, found)) is STATE
    assert update(STATE, act.Failed(late, "no")) is STATE
    assert update(STATE, act.Progressed(late, 0.5)) is STATE


def test_a_save_after_another_one_counts_no_more() -> None:
    old = SaveRequest(1, "a.packviz", SavedSession(), Documents())
    assert update(STATE, act.Computed(old, None)) is STATE


def test_a_load_that_failed_leaves_the_open_batch() -> None:
    request = LoadRequest(1, paths=("a.pt",))
    state = update(update(STATE, act.Load(request)), act.Failed(request, "a.pt: no.", ("x", "y")))
    assert (state.documents, state.loading) == (STATE.documents, None)
    assert state.message is not None
    assert [offer.label for offer in state.message.offers] == ["x", "y"]
