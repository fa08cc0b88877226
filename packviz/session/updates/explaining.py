"""What a pasted error message makes of a state, and what is shown of it: its causes, compared with the open batch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packviz.core.findings import Report
from packviz.session import actions as act
from packviz.session.requests import LoadRequest
from packviz.session.scene.words import layout_note
from packviz.session.state import Message, State, Told
from packviz.session.updates.dispatch import dispatch, update

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation
    from packviz.files.paste.pasted import Pasted


def told(state: State, request: LoadRequest, pasted: Pasted) -> State:
    """The state once a paste with an error message, or several batches are read: one is opened, where there is one."""
    state = replace(state, loading=None)
    message = Message(pasted.trouble, bad=True) if pasted.trouble else None
    if pasted.batch is not None:
        state = update(state, act.Open(pasted.batch))
        note = " ".join(filter(None, (several_note(pasted), request.note))) or layout_note(pasted.batch, request)
        message = Message(note) if note else None
    meant = None if pasted.explanation is None else Told(pasted.explanation, alone=pasted.batch is None)
    return replace(state, told=meant, message=message)


def several_note(pasted: Pasted) -> str:
    """How many batches there are, and which one is open; nothing where there is just one."""
    if pasted.batch is None or not pasted.batches:
        return ""
    bad = [loaded.trouble for loaded in pasted.batches if loaded.batch is None]
    return f"There are {len(pasted.batches):,} batches in it; {pasted.batch.source} is open." + "".join(
        f" {trouble}" for trouble in bad[:1]
    )


@dispatch.register
def _(action: act.DismissExplanation, state: State) -> State:
    return state if state.told is None else replace(state, told=None)


def explanation_part(meant: Told | None, report: Report | None) -> Explanation | None:
    """What is shown of a message: what the open batch has of its causes comes first.

    A message that came alone may be about another batch: what the open one does not have is not ruled out by it.
    """
    if meant is None:
        return None
    from packviz.core.messages.explain import compared  # with all the messages that it knows: not before it is wanted

    return meant.explanation if report is None else compared(meant.explanation, report, same=not meant.alone)
