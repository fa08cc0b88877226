"""What batches that programs show make of a state: they are added, the newest in front, and of many the oldest go.

No undo is added, and none takes them away: they come while somebody edits, whose own steps an undo takes back.
"""

from __future__ import annotations

from dataclasses import replace

from packviz.core.texts.wording import count
from packviz.session import actions as act
from packviz.session.document import Document, Documents
from packviz.session.receiving import newest
from packviz.session.saving import same_work
from packviz.session.state import Message, Offer, State
from packviz.session.updates.dispatch import dispatch
from packviz.session.updates.edits import visited
from packviz.session.updates.fitting import before, fitted
from packviz.session.updates.opening import made_of


@dispatch.register
def _(action: act.Receive, state: State) -> State:
    if not action.entries:
        return state
    documents, said = _made(action, state)
    front = len(state.documents) == 0 or (action.front and not _stays(state, action.entries[-1].by))
    number = None if state.document is None else state.document.number
    listed = Documents((*state.documents.all, *documents), state.documents.open)
    if front:
        listed = listed.at(len(listed) - 1)
    history = state.history.mapped(lambda then: then.with_more(documents))
    state = replace(state, documents=listed, history=history, clean=(*state.clean, *documents))
    state, dropped = _bounded(state)
    state = replace(state, put_away=state.put_away + dropped + action.lost)
    if front:
        state = visited(replace(state, results=state.results.at_rest(), look=state.look.afresh(), told=None), number)
    return replace(state, message=_message(action, state, said if front else "", documents[-1], front))


def _made(action: act.Receive, state: State) -> tuple[tuple[Document, ...], str]:
    """The documents of what came, and what had to be changed about the module for the last one."""
    left, said = state.document, ""
    marks = (state.spare_stops, state.spare_watches) if left is None else left.marks_for_another()
    documents = []
    for entry in action.entries:
        fit = fitted(before(state, entry), entry)
        said = fit.said
        documents.append(made_of(entry, fit.module, *marks))
    return tuple(documents), said


def _stays(state: State, by: str) -> bool:
    """Whether somebody has gone from the last batch of this line of a program to another one: they look at that, while
    a loop goes on."""
    last = next((document for document in reversed(state.documents.all) if document.by == by), None)
    return bool(by) and last is not None and last is not state.document


def _bounded(state: State) -> tuple[State, int]:
    """The state without the oldest of what programs have shown, where it is too many, and how many they are. What is
    open, was changed, now or in an edit that can be done again, or has been saved, stays."""
    clean = {document.number: document for document in state.clean}
    changed = {
        document.number
        for snapshot in (*state.history.past, *state.history.future)
        for document in snapshot.documents.all
        if document.by and not same_work(document, clean.get(document.number))
    }
    may_go = [
        document
        for document in reversed(state.documents.all)
        if document.by
        and document.number > state.saved_up_to
        and document.number not in changed
        and same_work(document, clean.get(document.number))
    ]
    stay = newest((document.batch, document.module if document.brought else None) for document in may_go)
    gone = {document.number for document in may_go[stay:] if document is not state.document}
    if not gone:
        return state, 0
    documents = state.documents.without_numbers(gone)
    history = state.history.mapped(lambda then: then.without_numbers(gone))
    left = tuple(document for document in state.clean if document.number not in gone)
    visits = {number: visit for number, visit in state.visits.items() if number not in gone}
    return replace(state, documents=documents, history=history, clean=left, visits=visits), len(gone)


def _message(action: act.Receive, state: State, said: str, last: Document, front: bool) -> Message:
    """Who shows the newest, and what has become of the others."""
    sentences = [action.entries[-1].notes, said]
    offers: tuple[Offer, ...] = ()
    place = state.documents.place_of(last.number)
    if not front and place is not None:
        sentences.append("It stands at the end of the list.")
        offers = (Offer("Show it", act.GoTo(place)),)
    if state.put_away:
        many = count(state.put_away, "older batch", "older batches")
        sentences.append(f"{many} that programs have shown, and nobody has changed, {_went(state.put_away)} put away.")
    return Message(" ".join(filter(None, sentences)), offers=offers)


def _went(many: int) -> str:
    return "was" if many == 1 else "were"
