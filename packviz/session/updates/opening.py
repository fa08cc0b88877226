"""What opening batches, walking from one to another and closing them make of a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from packviz.core.batch import Batch, Call
from packviz.core.calls.words import none_kept
from packviz.core.expressions.parse import Expression
from packviz.core.module import Module
from packviz.core.stop_list import Stops
from packviz.core.texts.quoting import elided
from packviz.core.texts.wording import count
from packviz.session import actions as act
from packviz.session.document import Document, Documents, OfCall, next_number
from packviz.session.loads import Entry, Loaded, LoadRequest
from packviz.session.saving import in_no_file, modified
from packviz.session.scene.words import layout_note
from packviz.session.state import Message, Offer, State, Told
from packviz.session.updates.dispatch import dispatch
from packviz.session.updates.edits import recorded, visited, without_told
from packviz.session.updates.fitting import before, fitted
from packviz.session.updates.listed import with_listed
from packviz.session.updates.saving import restored


@dispatch.register
def _(action: act.Open, state: State) -> State:
    return opened(state, (Entry(action.batch, action.module),))


@dispatch.register
def _(action: act.OpenAll, state: State) -> State:
    return opened(state, action.entries)


@dispatch.register
def _(action: act.GoTo, state: State) -> State:
    return walked(state, action.place)


@dispatch.register
def _(action: act.GoBy, state: State) -> State:
    return walked(state, state.documents.open + action.places)


@dispatch.register
def _(action: act.Close, state: State) -> State:
    documents = state.documents
    place = documents.open if action.place is None else action.place
    if not 0 <= place < len(documents):
        return state
    closed, now = documents.all[place], documents.all[documents.open]
    lost = bool(in_no_file(Documents((closed,)), state.clean))
    told = f"{closed.source} was closed, and its changes are in no file: Ctrl+Z brings it back."
    said = Message(told) if lost else None
    state = recorded(state, documents.without(place), f"close {closed.source}")
    if not len(state.documents):
        state = replace(state, spare=closed.module, told=None)
    return replace(visited(state, now.number) if closed is now else state, message=said)


def opened(state: State, entries: Sequence[Entry], shown: int = 0) -> State:
    """The state with these batches as documents, one of them shown, with the module that there was where it fits."""
    if not entries:
        return state
    said, documents = "", []
    for place, entry in enumerate(entries):
        fit = fitted(before(state, entry), entry)
        said = fit.said if place == shown else said
        spare = (state.spare_stops, state.spare_watches)
        stops, watches = spare if state.document is None else state.document.marks_for_another()
        documents.append(made_of(entry, fit.module, stops, watches))
    more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
    number = None if state.document is None else state.document.number
    label = f"open {entries[shown].batch.source}{more}"
    changed = bool(in_no_file(state.documents, state.clean))  # nobody has said that it may be put away
    listed = state.documents.with_opened(documents, beside=changed)
    state = visited(recorded(state, listed.at(listed.open + shown), label), number)
    state = replace(state, clean=(*state.clean, *documents))
    return replace(state, look=state.look.afresh(), message=Message(said) if said else None, told=None)


def made_of(entry: Entry, module: Module, stops: Stops, watches: tuple[Expression, ...]) -> Document:
    """The document of a batch that was read, stepped by this module."""
    brought, batch = entry.module is not None, entry.batch
    of = None if entry.call is None else OfCall(batch.source.name, entry.call, batch, module)
    return Document(batch, module, stops, watches, entry.notes, brought, next_number(), of, entry.by)


def walked(state: State, place: int) -> State:
    """The state with the document at this place open; the module goes along, unless that document has its own."""
    documents = state.documents
    if place == documents.open or not 0 <= place < len(documents):
        return state
    there, left = documents.at(place), documents.all[documents.open]
    document, said = there.all[place], ""
    if not (document.has_own_module or left.has_own_module or document.module == left.module):
        fit = fitted(left.module, Entry(document.batch))
        there, said = there.with_current(replace(document, module=fit.module)), fit.said
    state = replace(state, documents=there, results=state.results.at_rest())
    there_now = without_told(visited(state, left.number), left.batch)
    return replace(there_now, message=Message(said) if said else None)


def loaded(state: State, request: LoadRequest, found: Loaded) -> State:
    """The state once a load is there: its batches open, what could not be read said, its error message explained."""
    state = replace(state, loading=None)
    if found.recording is not None:
        state = with_listed(state, found.recording, found.others)
        if not found.entries:
            recording = found.recording.recording
            text = f"{elided(recording.place)}: {none_kept(recording)}."
            return replace(state, message=Message(text, bad=bool(recording.damage)))
    if found.session:
        asked = _asked_first(state, found, request.kept)
        return restored(state, found, request.kept) if asked is None else replace(state, message=asked)
    offered = _offered(state, found)
    if offered is not None:
        return replace(state, message=offered)
    if found.entries:
        state = opened(state, found.entries, found.shown)
        fit = "" if state.message is None else state.message.text
        batch = found.entries[found.shown].batch
        usual, offers = _read_as_usual(state, batch, request)
        said = " ".join(filter(None, (found.trouble, request.note or layout_note(batch, request), usual, fit)))
        message = Message(said, bool(found.trouble), offers) if said else None
        state = replace(state, message=message, usual_said=state.usual_said or bool(usual))
    else:
        state = replace(state, message=Message(found.trouble, bad=True) if found.trouble else None)
    if found.explanation is not None:
        return replace(state, told=Told(found.explanation, alone=not found.entries))
    return state


@dispatch.register
def _(action: act.OpenSession, state: State) -> State:
    return restored(state, action.found, action.kept)


def _asked_first(state: State, found: Loaded, kept: bool) -> Message | None:
    """What to ask before a session takes the place of what is open, where that would put away what is in no file."""
    lost = len(in_no_file(state.documents, state.clean))
    if lost:
        said = f"{count(lost, 'batch', 'batches')} of those that are open {'has' if lost == 1 else 'have'} changes"
        said, it = f"{said} that are in no file", "it" if lost == 1 else "them"
    elif state.file and modified(state.documents, state.clean, state.file):
        said, it = f"{Path(state.file).name} has changes that are not saved", "them"
    else:
        return None
    name = "the work that was kept" if kept else elided(Path(found.session).name)
    offer = Offer("Open it all the same", act.OpenSession(found, kept))
    return Message(f"{said}, and {name} takes the place of all that is open. Ctrl+S saves {it} first.", offers=(offer,))


def _offered(state: State, found: Loaded) -> Message | None:
    """What to ask of a paste that may be the lengths of the open batch: a row of numbers that is called lengths, or has
    as many numbers as the batch has rows."""
    batch, lengths = state.batch, found.lengths
    if batch is None or lengths is None or (found.entries and len(lengths) != batch.rows):
        return None
    take = Offer("Take them as its lengths", act.SetLengths(lengths))
    if not found.entries:
        held = f"The paste holds {count(len(lengths), 'length')} and no x."
        return Message(f"{held} {batch.source} has {count(batch.rows, 'row')}.", offers=(take,))
    held = f"The paste holds {count(len(lengths), 'whole number')}, and {batch.source} has as many rows."
    return Message(held, offers=(take, Offer("Open them as a batch", act.OpenAll(found.entries))))


def _read_as_usual(state: State, batch: Batch, request: LoadRequest) -> tuple[str, tuple[Offer, ...]]:
    """What to say of a batch that was read with options that somebody has chosen for an earlier one; once."""
    chosen = {name: on for name, on in asdict(state.usual).items() if on != getattr(Call(), name)}
    read = request.call == state.usual and request.sample is None and not request.typed and not state.usual_said
    if not (chosen and read and all(getattr(batch.call, name) == on for name, on in chosen.items())):
        return "", ()
    said = ", ".join(f"{name}={on}" for name, on in chosen.items())
    return (
        f"What says no options is read with {said} now, as you chose.",
        (Offer("Read it with torch's defaults", act.SetUsual(Call())),),
    )
