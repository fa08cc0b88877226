"""What is known of an open recording: lists are made once, and shared where they are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from packviz.core.calls.choosing import Order, Which
from packviz.files.kept.recordings import recorded
from packviz.session.listing import OpenRecording
from tests.recorded import EVAL, TRAIN, record


@pytest.fixture
def opened(tmp_path: Path) -> OpenRecording:
    return OpenRecording(recorded(record(tmp_path / "run.packviz", 6, bad=(4,), kept=(2,), sites={6: EVAL})))


def test_the_worst_are_listed_first_and_all_are_in_the_lanes(opened: OpenRecording) -> None:
    assert opened.places.tolist() == [3, 0, 1, 2, 4, 5]
    assert opened.lanes.places.tolist() == [0, 1, 2, 3, 4, 5]
    at_eval = opened.listing(which=Which(site=EVAL))
    assert (at_eval.places.tolist(), at_eval.lanes.places.tolist()) == ([5], [5])


def test_lanes_stay_the_same_ones_as_long_as_the_site_does(opened: OpenRecording) -> None:
    lanes = opened.lanes
    assert opened.listing(order=Order("number")).lanes is lanes
    assert opened.listing(which=Which(code="length-not-positive")).lanes is lanes
    assert opened.listing(which=Which(site=TRAIN)).lanes is not lanes


def test_a_call_is_found_by_its_number(opened: OpenRecording) -> None:
    assert opened.call(4) is opened.calls[3]
    assert opened.call(7) is None


def test_all_of_it_is_made_before_it_is_shown(opened: OpenRecording) -> None:
    assert opened.prepared() is opened
    assert {"numbered", "places", "lanes", "choices"} <= vars(opened).keys()
    again = opened.listing(which=Which(site=EVAL))
    assert again.choices is opened.choices
