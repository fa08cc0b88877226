"""What the results of jobs make of a state, by the type of the request; and what becomes of those that fail."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import Any

from packviz.core.module import Stored
from packviz.session import actions as act
from packviz.session import selectors
from packviz.session.listing import OpenRecording
from packviz.session.loads import Entry, Loaded, LoadRequest, WeightsRequest
from packviz.session.recordings import CallRequest, ReloadRequest
from packviz.session.requests import Request, TorchInfo, TorchRequest
from packviz.session.results import Done, Failed, Running
from packviz.session.saving import Conflict, DropRequest, KeepRequest, Saved, SaveRequest
from packviz.session.state import Loading, Message, Offer, State
from packviz.session.updates.dispatch import dispatch, update
from packviz.session.updates.opening import loaded
from packviz.session.updates.recordings import call_opened, reloaded
from packviz.session.updates.saving import not_saved, saved

LOADS = (LoadRequest, WeightsRequest, CallRequest, ReloadRequest)


@dispatch.register(act.Computed)
def _(action: act.Computed[Any], state: State) -> State:
    return arrived(action.request, action.result, state)


@singledispatch
def arrived(request: Request[Any], result: Any, state: State) -> State:
    """The state once a request has its result, by the type of the request."""
    done = Done(result, request.nbytes(result))
    return replace(state, results=state.results.with_answer(request, done, selectors.shown(state)))


@arrived.register
def _(request: TorchRequest, result: TorchInfo, state: State) -> State:
    return replace(state, torch=result)


@arrived.register
def _(request: LoadRequest, result: Loaded, state: State) -> State:
    return loaded(state, request, result) if _awaited(state, request) else state


@arrived.register
def _(request: WeightsRequest, result: Stored, state: State) -> State:
    if not _awaited(state, request):
        return state
    return update(replace(state, loading=None), act.SetModel(state.module.with_weights(result)))


@arrived.register
def _(request: CallRequest, result: Entry, state: State) -> State:
    return call_opened(state, request, result) if _awaited(state, request) else state


@arrived.register
def _(request: ReloadRequest, result: OpenRecording, state: State) -> State:
    return reloaded(state, result) if _awaited(state, request) else state


@arrived.register
def _(request: SaveRequest, result: Saved | Conflict, state: State) -> State:
    return saved(state, request, result)


@arrived.register
def _(request: KeepRequest, result: None, state: State) -> State:
    return replace(state, keeping=None, unkept=False) if state.keeping == request else state


@arrived.register
def _(request: DropRequest, result: None, state: State) -> State:
    return replace(state, dropping=None)


def _awaited(state: State, request: Request[Any]) -> bool:
    """Whether this is the load that is under way."""
    return state.loading is not None and state.loading.request == request


@dispatch.register
def _(action: act.Failed, state: State) -> State:
    request = action.request
    if isinstance(request, LOADS):
        if not _awaited(state, request):
            return state
        offers: tuple[Offer, ...] = ()
        if isinstance(request, LoadRequest | WeightsRequest):
            offers = tuple(
                Offer(name or "(no prefix)", act.Load(request.with_choice(name, action.option)))
                for name in action.choices
            )
        elif isinstance(request, CallRequest):
            offers = (Offer("Read the recording again", act.ReloadRecording()),)
        return replace(state, loading=None, message=Message(action.text, bad=True, offers=offers))
    if isinstance(request, SaveRequest | KeepRequest | DropRequest):
        return not_saved(state, request, action.text)
    failed = Failed(action.text)
    return replace(state, results=state.results.with_answer(request, failed, selectors.shown(state)))


@dispatch.register
def _(action: act.Progressed, state: State) -> State:
    request = action.request
    if isinstance(request, LOADS):
        return replace(state, loading=Loading(request, action.fraction)) if _awaited(state, request) else state
    running = Running(action.fraction)
    if request not in selectors.shown(state) or state.results.of(request) == running:
        return state
    return replace(state, results=state.results.with_answer(request, running, selectors.shown(state)))
