"""What walking the calls of a recording makes of a state: the open one takes the place of the one before, and no undo
is added. A call that somebody has edited keeps a place of its own."""

from __future__ import annotations

from dataclasses import replace

from packviz.core.calls.choosing import kept_from, nearest_kept
from packviz.core.calls.words import NONE_LISTED, beside_it, count_of, damage_said, nearest_said, not_kept
from packviz.core.noted import NotedCall
from packviz.session import actions as act
from packviz.session import selectors
from packviz.session.document import Document
from packviz.session.listing import OpenRecording
from packviz.session.loads import Entry
from packviz.session.recordings import CallRequest
from packviz.session.state import Loading, Message, State
from packviz.session.updates.dispatch import dispatch
from packviz.session.updates.edits import visited, without_told
from packviz.session.updates.fitting import before, fitted
from packviz.session.updates.opening import made_of, walked


@dispatch.register
def _(action: act.OpenCall, state: State) -> State:
    recording = state.recording
    call = None if recording is None else recording.call(action.number)
    if recording is None or call is None:
        return state
    if call.kept or not action.near:
        return _to(state, recording, call)
    nearest = nearest_kept(recording.calls, recording.lanes.places, recording.numbered[call.number])
    return (
        _to(state, recording, call) if nearest is None else _to(state, recording, nearest, nearest_said(call, nearest))
    )


@dispatch.register
def _(action: act.CallBy, state: State) -> State:
    recording = state.recording
    if recording is None:
        return state
    call = kept_from(recording.calls, recording.places, number_ahead(state), action.by)
    if call is not None:
        return _to(state, recording, call)
    if recording.kept or not recording.recording.kept:
        return state  # at the end of the list; or it was said when the recording was opened
    none = "No call of those that are listed was kept" if len(recording.places) else NONE_LISTED
    return replace(state, message=Message(f"{none}: there is no batch to go to."))


@dispatch.register
def _(action: act.ChooseCalls, state: State) -> State:
    recording = state.recording
    if recording is None or action.which == recording.which:
        return state
    return replace(state, recording=recording.listing(which=action.which))


@dispatch.register
def _(action: act.OrderCalls, state: State) -> State:
    recording = state.recording
    if recording is None:
        return state
    return replace(state, recording=recording.listing(order=recording.order.by_column(action.column)))


@dispatch.register
def _(action: act.ReloadRecording, state: State) -> State:
    request = selectors.reload_of(state)
    return state if request is None else replace(state, loading=Loading(request), message=None)


@dispatch.register
def _(action: act.CloseRecording, state: State) -> State:
    if state.recording is None:
        return state
    reading = state.loading is not None and isinstance(state.loading.request, CallRequest)
    return replace(state, recording=None, loading=None if reading else state.loading)


def number_ahead(state: State) -> int | None:
    """The number of the call that is on its way; else of the one that is open; None where none is."""
    if state.loading is not None and isinstance(state.loading.request, CallRequest):
        return state.loading.request.call.number
    return None if state.call is None else state.call.number


def _to(state: State, recording: OpenRecording, call: NotedCall, said: str = "") -> State:
    if not call.kept:
        text = f"Call {call.number:,} was {not_kept(call)}: there is nothing of it to open."
        return replace(state, message=Message(text))
    at = state.documents.call_at(recording.recording.place, call.number)
    if at is not None:
        reading = state.loading is not None and isinstance(state.loading.request, CallRequest)
        there = walked(replace(state, loading=None) if reading else state, at)
        return _saying(there, said) if said else there
    return replace(state, loading=Loading(selectors.call_of(recording, call, said)), message=None)


def _saying(state: State, said: str) -> State:
    """The state with this said before what it says already."""
    more = "" if state.message is None else state.message.text
    return replace(state, message=Message(" ".join(filter(None, (said, more)))))


def call_opened(state: State, request: CallRequest, entry: Entry) -> State:
    """The state once the batch of a call is there: open, with the stops and watches that mean something in it."""
    state = replace(state, loading=None)
    left, batch = state.document, state.batch
    module = fitted(before(state, entry), entry)
    marks = (state.spare_stops, state.spare_watches) if left is None else left.marks_for_another()
    document = made_of(entry, module.module, *marks)
    number = None if left is None or left.as_read else left.number
    clean = state.clean if number is not None or left is None else _without(state.clean, left)
    documents = state.documents.with_call(document)
    state = replace(
        state, documents=documents, clean=(*clean, document), results=state.results.at_rest(), look=state.look.afresh()
    )
    said = " ".join(filter(None, (request.said, module.said)))
    return replace(without_told(visited(state, number), batch), message=Message(said) if said else None)


def _without(clean: tuple[Document, ...], left: Document) -> tuple[Document, ...]:
    """These without the call that gives way: else the batches of all that were walked over stayed in memory."""
    return tuple(document for document in clean if document.number != left.number)


def reloaded(state: State, recording: OpenRecording) -> State:
    """The state once the calls of the recording have been read again."""
    then = 0 if state.recording is None else len(state.recording.calls)
    more = len(recording.calls) - then
    said = f"{count_of(more)} more" if more > 0 else "no new calls" if not more else f"{count_of(-more)} fewer"
    worse, beside = damage_said(recording.recording), beside_it(recording.recording)
    message = Message(" ".join(filter(None, (f"Read again: {said}.", worse, beside))), bad=bool(worse))
    return replace(state, loading=None, recording=recording, message=message)
