"""From a message to its causes, and with the batch to its rows: torch raises, packviz names what was done."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import packviz
from packviz import Explanation
from packviz.core.messages.explain import compared, explain, explain_code
from packviz.core.report import Report
from packviz.core.rules import check
from packviz.core.verdict import Outcome, Verdict
from tests.core.messages.raising import pack, raised
from tests.core.oracle import batch_of

X = torch.tensor([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])


def asked(error: Exception | str, lengths: object, x: torch.Tensor = X, **options: object) -> Explanation:
    call = {"batch_first": True, "enforce_sorted": False} | options
    return packviz.explain(error, x, lengths, **call)  # type: ignore[arg-type]


def run(lengths: list[int]) -> Exception:
    return raised(lambda: nn.LSTM(1, 6)(pack(lengths, X.unsqueeze(-1))))


def test_without_a_batch_nothing_is_confirmed_and_no_row_is_named() -> None:
    told = explain(run([3, 2, 6]))
    assert told.known
    assert {cause.confirmed for cause in told.causes} == {None}
    assert {cause.rows for cause in told.causes} == {()}


def test_with_the_batch_its_cause_comes_first_with_the_row_and_the_fix() -> None:
    told = asked(run([3, 2, 6]), [3, 2, 6])
    cause = told.causes[0]
    assert (cause.code, cause.rows, cause.confirmed, cause.exact) == ("length-exceeds-time", (2,), True, True)
    assert cause.finding is not None
    assert cause.fix == cause.finding.fix
    ruled_out = [other.code for other in told.causes if other.confirmed is False]
    assert "packed-inconsistent" in ruled_out


def test_a_cause_that_the_batch_does_not_have_is_ruled_out_and_comes_last() -> None:
    told = asked("index out of range in self", [3, 2, 4])
    assert told.causes[-1].code == "lengths-count"
    assert told.causes[-1].confirmed is False
    assert told.causes[0].code == "embedding-index"
    assert told.causes[0].confirmed is None  # no check of a batch can see it


def test_the_same_message_leads_to_the_lengths_where_there_are_too_many() -> None:
    error = raised(lambda: pack([3, 2, 4, 1], X))
    told = asked(str(error), [3, 2, 4, 1])
    assert told.causes[0].code == "lengths-count"
    assert told.causes[0].exact


def test_the_batch_names_the_row_of_a_length_of_zero() -> None:
    told = asked(raised(lambda: pack([3, 0, 4], X)), [3, 0, 4])
    assert (told.causes[0].code, told.causes[0].rows) == ("length-not-positive", (1,))


def test_the_batch_names_the_row_of_an_unsorted_length() -> None:
    error = raised(lambda: pack_padded_sequence(X, [3, 2, 4], batch_first=True))
    told = asked(error, [3, 2, 4], enforce_sorted=True)
    assert (told.causes[0].code, told.causes[0].rows) == ("lengths-unsorted", (2,))


def test_a_layout_is_ruled_out_where_the_lengths_can_not_fit_the_other_one() -> None:
    def layout(told: Explanation) -> bool | None:
        return next(cause.confirmed for cause in told.causes if cause.code == "layout-swapped")

    assert layout(asked(run([3, 2, 6]), [3, 2, 6])) is False  # 3 lengths, 5 steps


def test_what_was_not_given_is_not_ruled_out() -> None:
    told = asked("input.size(-1) must be equal to input_size. Expected 2, got 3", [3, 2, 4])
    assert told.causes[0].confirmed is None
    told = asked("Expected hidden size (1, 3, 6), got [1, 2, 6]", [3, 2, 4])
    assert told.causes[0].confirmed is None


def test_a_loss_of_other_sizes_is_led_to_the_steps_that_were_lost() -> None:
    told = asked("Expected input batch_size (12) to match target batch_size (15).", [3, 2, 4])
    assert told.causes[0].code == "time-shrinks"
    assert told.causes[0].confirmed
    assert told.causes[0].fix is not None
    assert "total_length=5" in told.causes[0].fix


def test_notes_that_every_batch_has_confirm_nothing() -> None:
    told = asked("index 4 is out of bounds for dimension 1 with size 4", [3, 2, 4])
    assert next(cause.confirmed for cause in told.causes if cause.code == "last-output") is None


def test_an_unknown_message_has_no_causes_and_none_are_invented() -> None:
    for what in (ValueError("the moon is full"), "ValueError: the moon is full"):
        told = explain(what)
        assert (told.causes, told.known, told.message) == ((), False, "ValueError: the moon is full")
        assert "no cause" in str(told)
        assert not asked(what, [3, 2, 4]).causes


def verdict(text: str) -> Verdict:
    return Verdict(
        "9", Outcome("pack_padded_sequence", False, text), Outcome("nn.LSTM", None, ""), Outcome("u", None, "")
    )


def test_a_message_that_nobody_knows_is_explained_where_torch_raises_it_with_the_batch() -> None:
    report = check(batch_of([[1, 2], [3, 0]], [0, 1])).with_verdict(
        verdict("RuntimeError: words of torch 9 about this")
    )
    told = explain("RuntimeError: words of torch 9 about this", report)
    assert [(cause.code, cause.rows, cause.exact) for cause in told.causes] == [("length-not-positive", (0,), True)]
    assert not explain("RuntimeError: other words of torch 9", report).causes


def test_a_message_that_may_be_about_another_batch_is_not_ruled_out_by_this_one() -> None:
    report = check(batch_of([[1, 2], [3, 0]], [2, 1]))
    plain = explain("start (10) + length (1) exceeds dimension size (10).")
    told = compared(plain, report, same=False)
    assert [cause.code for cause in told.causes] == [cause.code for cause in plain.causes]
    assert {cause.confirmed for cause in told.causes} == {None}
    assert compared(plain, report).causes[-1].confirmed is False


def test_what_the_open_batch_lacks_is_marked_so_and_still_says_where_to_look() -> None:
    report = check(batch_of([[1, 2], [3, 0]], [2, 1]))
    told = compared(explain("start (10) + length (1) exceeds dimension size (10)."), report, same=False)
    lacking = {cause.code for cause in told.causes if cause.absent}
    assert {"length-exceeds-time", "packed-inconsistent"} <= lacking
    assert all(cause.look for cause in told.causes)
    words = str(told)
    assert "length-exceeds-time · not in this batch" in words
    assert "Compare max(lengths) with T" in words


def test_it_is_about_this_batch_where_torch_raises_it() -> None:
    text = "start (3) + length (1) exceeds dimension size (3)."
    raising = Verdict(
        "9", Outcome("p", True, ""), Outcome("nn.LSTM", False, f"RuntimeError: {text}"), Outcome("u", None, "")
    )
    report = check(batch_of([[1, 2], [3, 0]], [3, 1])).with_verdict(raising)
    assert compared(explain(text), report, same=False).causes[-1].confirmed is False


def test_a_batch_without_a_verdict_confirms_by_its_findings() -> None:
    report: Report = check(batch_of([[1, 2], [3, 0]], [4, 1]))
    cause = explain("start (3) + length (1) exceeds dimension size (3).", report).causes[0]
    assert (cause.confirmed, cause.exact, cause.rows) == (True, False, (0,))


def test_the_json_is_one_object_that_says_all() -> None:
    told = asked(run([3, 2, 6]), [3, 2, 6]).to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["causes"][0]["rows"] == [2]
    assert told["causes"][0]["finding"]["code"] == "length-exceeds-time"


def test_at_a_prompt_it_is_read_as_it_is_printed() -> None:
    told = asked(run([3, 2, 6]), [3, 2, 6])
    assert repr(told) == str(told)
    assert repr(told.causes[0]) == "Cause('length-exceeds-time', confirmed=True, rows=(2,))"


def test_a_code_is_explained_alone_and_with_a_batch() -> None:
    told = explain_code("length-exceeds-time")
    assert (told.code, told.known, told.causes) == ("length-exceeds-time", True, ())
    assert str(told) == told.help
    assert json.loads(json.dumps(told.to_dict()))["help"] == told.help
    report = check(batch_of([[1, 2], [3, 0]], [4, 1]))
    assert explain_code("length-exceeds-time", report).causes[0].rows == (0,)
    assert explain_code("padding-left", report).causes[0].confirmed is False
    with pytest.raises(KeyError):
        explain_code("no-such-code")


@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_a_batch_of_any_dtype_can_be_compared(dtype: type) -> None:
    told = packviz.explain("Cannot pack empty tensors.", np.ones((0, 5), dtype), [], batch_first=True)
    assert told.causes[0].code == "batch-empty"
    assert told.causes[0].confirmed
