"""What saving the open work, and opening what was saved, make of a state."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from packviz.core.saved import Marks, SavedDocument, SavedSession
from packviz.core.texts.wording import count as counted
from packviz.session import actions as act
from packviz.session.document import Document, Documents, next_number
from packviz.session.loads import Entry, Loaded
from packviz.session.saving import Conflict, DropRequest, KeepRequest, Saved, SaveRequest
from packviz.session.state import Message, State, Visit
from packviz.session.updates.dispatch import dispatch
from packviz.session.updates.edits import recorded, visited

_serial = count(1)


@dispatch.register
def _(action: act.Save, state: State) -> State:
    if not len(state.documents):
        return state
    session = replace(session_of(state), file="", identity="")
    own = state.file_identity if action.path == state.file else ""
    known = tuple(filter(None, (own, action.over)))
    request = SaveRequest(next(_serial), action.path, session, state.documents, known, action.anything)
    return replace(state, saving=request, conflict=None)


@dispatch.register
def _(action: act.Keep, state: State) -> State:
    return replace(state, keeping=KeepRequest(next(_serial), action.log, session_of(state)))


@dispatch.register
def _(action: act.DropKept, state: State) -> State:
    return replace(state, dropping=DropRequest(action.path), message=None)


def session_of(state: State) -> SavedSession:
    """The open work, with where somebody is in each document."""
    documents = tuple(_saved(state, document) for document in state.documents.all)
    return SavedSession(documents, state.documents.open, state.file, state.file_identity)


def saved(state: State, request: SaveRequest, done: Saved | Conflict) -> State:
    """The state once a session file is written, or was not, since something else would have been lost."""
    if state.saving != request:
        return state
    if isinstance(done, Conflict):
        return replace(state, saving=None, conflict=done)
    numbers = (state.saved_up_to, *(document.number for document in request.documents.all))
    state = replace(state, saves=state.saves + 1, saved_up_to=max(numbers))
    state = replace(state, file=request.path, file_identity=done.identity)
    return replace(state, saving=None, clean=request.documents.all)


def not_saved(state: State, request: SaveRequest | KeepRequest | DropRequest, text: str) -> State:
    """The state once something could not be written or removed: said, and nothing else has changed. Work that can't be
    kept is said once."""
    if isinstance(request, KeepRequest):
        said = state.message if state.unkept else Message(text, bad=True)
        return replace(state, keeping=None, unkept=True, message=said)
    state = replace(state, saving=None) if isinstance(request, SaveRequest) else replace(state, dropping=None)
    return replace(state, message=Message(text, bad=True))


def restored(state: State, found: Loaded, kept: bool) -> State:
    """The state with the documents of a session in the place of all others, as they were left; an undo goes back.

    `kept`: it is work that was in no file. Of a file some of whose documents are damaged those that are there are work
    without a file, so that no save replaces it before somebody has said so."""
    documents, visits = [], dict(state.visits)
    number = None if state.document is None else state.document.number
    for entry in found.entries:
        document = document_of(entry, entry.marks or Marks())
        documents.append(document)
        if entry.marks is not None:
            visits[document.number] = Visit(entry.marks.moment, entry.marks.row, entry.marks.stepped)
    listed = Documents(tuple(documents), found.shown)
    state = replace(state, visits=visits)
    state = visited(recorded(state, listed, f"open {found.session}"), number)
    many = counted(len(documents), "batch", "batches")
    said = f"Here is the work that was open when packviz ended: {many}." if kept else ""
    file, clean = (found.file, ()) if kept else (found.session, listed.all)
    identity = found.file_identity if kept else found.identity
    left = found.session if kept else ""
    if found.trouble:
        said, file, clean, left = " ".join(filter(None, (said, found.trouble))), "", (), ""
        identity = ""
    message = Message(said, bad=bool(found.trouble)) if said else None
    state = replace(state, file=file, file_identity=identity)
    return replace(state, look=state.look.afresh(), clean=clean, restored=left, message=message, told=None)


def document_of(entry: Entry, marks: Marks) -> Document:
    """A document as it was left."""
    assert entry.module is not None
    own = (marks.stops, marks.watches, marks.notes)
    return Document(entry.batch, entry.module, *own, brought=marks.brought, number=next_number())


def _saved(state: State, document: Document) -> SavedDocument:
    visit = state.visits.get(document.number)
    moment, row, stepped = (visit.moment, visit.row, visit.stepped) if visit is not None else (Marks().moment, 0, False)
    if document is state.document:
        moment, row, stepped = state.cursor.moment, state.cursor.row, state.stepped
    marks = Marks(document.stops, document.watches, document.notes, document.brought, moment, row, stepped)
    return SavedDocument(document.batch, document.module, marks)
