"""What is shown of a pasted error message: its causes, compared with the open batch; and putting it away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packviz.core.report import Report
from packviz.session import actions as act
from packviz.session.state import State, Told
from packviz.session.updates.dispatch import dispatch

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation


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
