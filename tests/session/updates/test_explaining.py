"""What a pasted message makes of a state, and what is shown of it."""

from packviz.core.batch import Call, make_batch
from packviz.core.cancel import UNWATCHED
from packviz.session.actions import Computed, DismissExplanation, Load, Open, SetLength, Undo
from packviz.session.loads import LoadRequest
from packviz.session.scene.resolve import resolve
from packviz.session.state import State
from packviz.session.updates.update import update
from packviz.session.work import wanted

TOO_LONG = "RuntimeError: start (10) + length (1) exceeds dimension size (10)."
X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
GOOD = make_batch(X, [3, 2, 4], Call(True, False))
BAD = make_batch(X, [3, 2, 6], Call(True, False))


def pasted(state: State, text: str) -> State:
    request = LoadRequest(1, text=text)
    return update(update(state, Load(request)), Computed(request, request.do(UNWATCHED)))


def worked(state: State) -> State:
    """All that the state wants of the checks is there."""
    for kind, request in wanted(state).items():
        if kind in ("check", "verdict", "torch"):
            state = update(state, Computed(request, request.do(UNWATCHED)))
    return state


def test_a_message_alone_leaves_the_batch_as_it_is() -> None:
    before = update(State(), Open(GOOD))
    after = pasted(before, TOO_LONG)
    assert after.batch is GOOD
    assert (after.loading, after.message, after.history) == (None, None, before.history)
    shown = resolve(after, None).explanation
    assert shown is not None
    assert shown.message == TOO_LONG


def test_the_open_batch_is_compared_once_it_is_checked() -> None:
    state = pasted(update(State(), Open(BAD)), TOO_LONG)
    first = resolve(state, None)
    assert first.explanation is not None
    assert first.explanation.causes[0].confirmed is None
    done = resolve(worked(worked(state)), first)
    assert done.explanation is not None
    cause = done.explanation.causes[0]
    assert (cause.code, cause.rows, cause.confirmed, cause.exact) == ("length-exceeds-time", (2,), True, True)


def test_a_message_alone_may_be_about_another_batch_and_keeps_its_causes() -> None:
    shown = resolve(worked(pasted(update(State(), Open(GOOD)), TOO_LONG)), None).explanation
    assert shown is not None
    assert {cause.confirmed for cause in shown.causes} == {None}
    assert shown.causes[0].code == "length-exceeds-time"


def test_a_session_opens_its_batch_and_explains_its_message() -> None:
    state = pasted(update(State(), Open(GOOD)), f"x = {X}\nlengths = [3, 2, 6]\nbatch_first = True\n{TOO_LONG}")
    assert state.batch is not GOOD
    assert state.batch is not None
    assert state.batch.counts.tolist() == [3, 2, 6]
    shown = resolve(worked(state), None).explanation
    assert shown is not None
    assert shown.causes[0].confirmed
    assert shown.causes[-1].confirmed is False  # it is about this batch: what that does not have is ruled out


def test_what_can_not_be_read_beside_a_message_is_said_in_the_banner() -> None:
    state = pasted(update(State(), Open(GOOD)), f"x = [[1, 2, ..., 3]]\n{TOO_LONG}")
    assert state.batch is GOOD
    assert state.message is not None
    assert state.message.bad
    assert state.told is not None


def test_it_goes_with_another_batch_and_when_it_is_dismissed() -> None:
    state = pasted(update(State(), Open(GOOD)), TOO_LONG)
    assert update(state, Open(BAD)).told is None
    dismissed = update(state, DismissExplanation())
    assert dismissed.told is None
    assert update(dismissed, DismissExplanation()) is dismissed
    assert resolve(dismissed, None).explanation is None


def test_a_paste_without_a_message_explains_nothing() -> None:
    state = pasted(pasted(State(), TOO_LONG), "[[1, 2], [3, 0]]")
    assert state.told is None


def test_what_nobody_wants_any_more_is_dropped() -> None:
    request = LoadRequest(1, text=TOO_LONG)
    state = update(State(), Load(LoadRequest(2, text="[[1]]")))
    assert update(state, Computed(request, request.do(UNWATCHED))) is state


def test_the_explanation_is_the_same_object_while_nothing_changes_in_it() -> None:
    state = pasted(update(State(), Open(GOOD)), TOO_LONG)
    scene = resolve(state, None)
    assert resolve(state, scene).explanation is scene.explanation


def test_what_a_message_means_goes_with_the_x_that_it_was_compared_with() -> None:
    other = make_batch([[4, 5], [6, 0]], [2, 1], Call(True, False))
    second = update(update(State(), Open(GOOD)), Open(other))
    told = pasted(second, TOO_LONG)
    assert told.told is not None
    shorter = update(told, SetLength(0, 1))
    assert shorter.told is not None
    assert update(shorter, Undo()).told is not None
    assert update(told, Undo()).told is None
