"""A paste holds a batch, a message, or both."""

import traceback

import pytest
import torch
from torch import nn

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import Cancelled, Watch
from packviz.files.paste.pasted import read_paste
from tests.core.messages.raising import raised

X = torch.tensor([[1.0, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]])
LENGTHS = [3, 2, 6]
TOO_LONG = "start (10) + length (1) exceeds dimension size (10)."


def printed() -> str:
    """What Python really prints when a length is too large."""
    packed = nn.utils.rnn.pack_padded_sequence(X.unsqueeze(-1), LENGTHS, batch_first=True, enforce_sorted=False)
    return "".join(traceback.format_exception(raised(lambda: nn.LSTM(1, 6)(packed))))


def session() -> str:
    call = "packed = pack_padded_sequence(x.float().unsqueeze(-1), lengths, batch_first=True, enforce_sorted=False)"
    return f">>> x\n{X}\n>>> lengths\n{LENGTHS}\n>>> {call}\n>>> nn.LSTM(1, 6)(packed)\n{printed()}>>> "


def test_a_batch_alone_has_no_explanation() -> None:
    pasted = read_paste(f"x = {X.tolist()}\nlengths = {LENGTHS}")
    assert pasted.batch is not None
    assert pasted.explanation is None


def test_a_message_alone_has_no_batch() -> None:
    for text in (TOO_LONG, f"RuntimeError: {TOO_LONG}", f"why this?\n\n{TOO_LONG}\n\nI have 3 rows.", printed()):
        pasted = read_paste(text)
        assert (pasted.batch, pasted.trouble) == (None, "")
        assert pasted.explanation is not None
        assert pasted.explanation.causes[0].code == "length-exceeds-time"


def test_a_session_holds_both() -> None:
    pasted = read_paste(session())
    assert pasted.batch is not None
    assert pasted.batch.x.shape == (3, 5, 1)
    assert pasted.batch.counts.tolist() == LENGTHS
    assert pasted.batch.call == Call(batch_first=True, enforce_sorted=False)
    assert pasted.explanation is not None
    assert TOO_LONG in pasted.explanation.message


def test_what_a_program_prints_before_it_dies_takes_its_options_from_the_traceback() -> None:
    frame = (
        '  File "a.py", line 3, in f\n    p = pack_padded_sequence(emb(x), n, batch_first=True, enforce_sorted=False)'
    )
    pasted = read_paste(f"{X}\n{LENGTHS}\nTraceback (most recent call last):\n{frame}\nRuntimeError: {TOO_LONG}")
    assert pasted.batch is not None
    assert pasted.batch.call == Call(batch_first=True, enforce_sorted=False)
    assert pasted.batch.counts.tolist() == LENGTHS


@pytest.mark.parametrize(
    "text",
    [
        "Expected hidden\n size (1, 3, 6), got\n [1, 2, 6]",
        "Expected hidden size (1, 3, 6), got [1, 2, 6]",
        "Input batch size 3 doesn't match hidden0 batch size 2",
        "RuntimeError: shape '[3, 1, 1]' is invalid for input of size 2",
    ],
)
def test_the_numbers_of_a_message_are_taken_for_no_batch(text: str) -> None:
    pasted = read_paste(text)
    assert pasted.batch is None
    assert pasted.explanation is not None
    assert pasted.explanation.known


def test_an_exception_that_nobody_knows_is_said_to_be_unknown() -> None:
    pasted = read_paste("ValueError: the moon is full")
    assert pasted.batch is None
    assert pasted.explanation is not None
    assert (pasted.explanation.message, pasted.explanation.known) == ("ValueError: the moon is full", False)


def test_a_batch_that_can_not_be_read_beside_a_message_says_why() -> None:
    pasted = read_paste(f">>> x\n{torch.rand(60, 60)}\nRuntimeError: {TOO_LONG}")
    assert pasted.batch is None
    assert pasted.explanation is not None
    assert "summarised" in pasted.trouble


def test_what_is_neither_is_refused() -> None:
    with pytest.raises(BatchError, match="no batch"):
        read_paste("hello")


def test_it_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        read_paste(session(), watch=Watch(cancelled=lambda: True))


@pytest.mark.parametrize(
    ("text", "lengths", "opens"),
    [
        ("lengths = tensor([3, 2, 6])", (3, 2, 6), False),
        ("seq_lens = [3, 2, 6]", (3, 2, 6), False),
        ("[3, 2, 6]", (3, 2, 6), True),
        ("tensor([3, 2, 6])", (3, 2, 6), True),
        ("3, 2, 6", (3, 2, 6), True),
        ("3\n2\n6", (3, 2, 6), True),
        ("[3.0, 2.0]", None, True),
        ("[[3, 2], [6, 1]]", None, True),
        (f"x = {X.tolist()}\nlengths = [3, 2, 4]", None, True),
    ],
)
def test_a_row_of_whole_numbers_may_be_lengths(text: str, lengths: object, opens: bool) -> None:
    pasted = read_paste(text)
    assert pasted.lengths == lengths
    assert (pasted.batch is not None) is opens


def test_lengths_that_are_no_whole_numbers_are_none_to_offer() -> None:
    with pytest.raises(BatchError, match="The text holds lengths and no x"):
        read_paste("lengths = [3.5, 2]")
