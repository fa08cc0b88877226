"""What is wanted of comparisons, and what is kept for them."""

from __future__ import annotations

from packviz.core.batch import make_batch
from packviz.session import actions as act
from packviz.session.others import Kept, Unpacked
from packviz.session.state import State, showing
from packviz.session.updates.update import update

OPEN = showing(make_batch([[1.0, 2]], [2]))


def test_a_comparison_is_wanted_until_it_is_put_away() -> None:
    wanted = update(OPEN, act.Compare())
    assert wanted.comparing
    assert update(wanted, act.Compare()) is wanted
    assert not update(wanted, act.Compare(False)).comparing


def test_a_run_is_held_against_one_other_at_a_time() -> None:
    held = update(OPEN, act.HoldAgainst(Unpacked()))
    assert held.other == Unpacked()
    assert update(held, act.HoldAgainst(Unpacked())) is held
    assert update(held, act.HoldAgainst(Kept())).other == Kept()
    assert update(held, act.HoldAgainst(None)).other is None


def test_keeping_a_run_says_what_to_do_next() -> None:
    nothing = State()
    assert update(nothing, act.KeepRun()) is nothing
    kept = update(OPEN, act.KeepRun())
    assert kept.kept is OPEN.document
    assert kept.message is not None
    assert "hold the new run against it" in kept.message.text
    assert update(kept, act.SetLength(0, 1)).kept is OPEN.document
