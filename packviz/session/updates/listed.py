"""Whose calls are listed: those of the recording that the open document is of, of several that were opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from packviz.session.listing import OpenRecording
from packviz.session.state import State

MOST = 4
"""Recordings that stay at hand beside the one that is listed: each holds a line of each of its calls."""


def with_listed(state: State, recording: OpenRecording, others: Sequence[OpenRecording] = ()) -> State:
    """The state with the calls of this recording listed, and others of it at hand: these, and that which was listed."""
    was = [] if state.recording is None else [state.recording]
    places, beside = {recording.recording.place}, []
    for one in (*others, *was, *state.recordings):
        if one.recording.place not in places:
            places.add(one.recording.place)
            beside.append(one)
    return replace(state, recording=recording, recordings=tuple(beside[:MOST]))


def following(before: State, state: State) -> State:
    """The state with the calls listed that the open document is one of, where it has become another document."""
    now, then = state.document, before.document
    if now is None or now.of is None or (then is not None and then.number == now.number):
        return state
    if state.recording is not None and state.recording.recording.place == now.of.place:
        return state
    own = next((one for one in state.recordings if one.recording.place == now.of.place), None)
    return state if own is None else with_listed(state, own)
