"""What walking from one finding to the next makes of a state."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.selectors import report_of
from packviz.session.state import Message, State
from packviz.session.updates.dispatch import dispatch, update


@dispatch.register
def _(action: act.WalkFindings, state: State) -> State:
    answer = report_of(state)
    report = None if answer is None else answer.result
    if report is None:
        return state
    if not report.findings:
        return replace(state, message=Message("There are no findings to go to."))
    codes = [finding.code for finding in report.findings]
    here = codes.index(state.walked) if state.walked in codes else -1 if action.by > 0 else 0
    found = report.findings[(here + action.by) % len(codes)]
    state = replace(state, walked=found.code)
    if found.laid_out:
        return update(state, act.Show(*found.cell(0)))
    return update(state, act.Show(found.rows[0])) if found.rows else state
