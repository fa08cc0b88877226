from __future__ import annotations

import numpy as np

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.session import actions as act
from packviz.session.selectors import report_of
from packviz.session.state import State, showing
from packviz.session.updates.update import update


def checked(state: State) -> State:
    answer = report_of(state)
    assert answer is not None
    return update(state, act.Computed(answer.request, answer.request.do(UNWATCHED)))


def test_each_finding_comes_in_turn_both_ways_at_its_first_cell() -> None:
    lengths = [3, 2, 5]
    x = np.array([[1, 2, 3, 4, 0], [5, 6, 0, 0, 0], [7, 8, 9, 0, 0]])
    state = checked(showing(make_batch(x, lengths, Call(True, False))))
    answer = report_of(state)
    assert answer is not None
    assert answer.result is not None
    findings = answer.result.findings
    assert len(findings) >= 2
    codes = []
    for _ in range(len(findings) + 1):
        state = update(state, act.WalkFindings(1))
        codes.append(state.walked)
        found = next(f for f in findings if f.code == state.walked)
        if found.laid_out:
            assert state.cursor.shown is not None
            place = state.cursor.shown[0]
            assert (place.row, place.step) == found.cell(0)
    assert codes == [*(f.code for f in findings), findings[0].code]
    state = update(state, act.WalkFindings(-1))
    assert state.walked == findings[-1].code
    first = update(checked(showing(make_batch(x, lengths, Call(True, False)))), act.WalkFindings(-1))
    assert first.walked == findings[-1].code


def test_where_there_are_none_that_is_said_and_before_the_check_nothing_happens() -> None:
    state = showing(make_batch([[1.0, 2.0], [3.0, 4.0]], [2, 2], Call(True)))
    assert update(state, act.WalkFindings(1)) is state
    state = checked(state)
    answer = report_of(state)
    assert answer is not None
    assert answer.result is not None
    walked = update(state, act.WalkFindings(1))
    if not answer.result.findings:
        assert walked.message is not None
        assert walked.message.text == "There are no findings to go to."
