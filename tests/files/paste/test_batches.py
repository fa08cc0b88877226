"""Where one batch of a text ends and the next begins."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from packviz.core.batch import BatchError, Call
from packviz.files.paste.batches import Batches
from packviz.files.paste.pasted import read_paste
from packviz.files.registry import loads, loads_all
from tests.files.hand_made import SOME, Drawn

A, B, C = ([[1, 2, 0], [3, 0, 0]], [2, 1]), ([[4, 5], [6, 0]], [2, 1]), ([[7, 8, 9]], [3])
CALL = "packed = pack_padded_sequence(x, lengths, batch_first=True)"


def read(text: str) -> list[tuple[object, object]]:
    """(x, lengths) of each batch in a text, None for one that can't be read."""
    batches = [loaded.batch for loaded in loads_all(text.encode(), "train.log")]
    return [(None, None) if batch is None else (batch.x.tolist(), batch.lengths.tolist()) for batch in batches]


def printed(x: object, lengths: object, form: str = "x = {}\nlengths = {}") -> str:
    return form.format(torch.tensor(x), lengths)


FORMS = {
    "x first": "x = {}\nlengths = {}",
    "between the lines of a log": "[epoch 3] loss 0.25\nx = {}\nlengths = {}\nstep done in 3 ms",
    "other names": "inputs = {}\nseq_lens = {}",
    "with colons": "x: {}\nlengths: {}",
    "a session": ">>> x\n{}\n>>> lengths\n{}",
    "no names": "{}\n{}",
    "a dict": "{{'x': {}, 'lengths': {}}}",
    "a dict with a name": "batch = {{'x': {}, 'lengths': {}}}",
    "a call": "x = {}\nlengths = {}\npacked = pack_padded_sequence(x, lengths, True)",
    "a call of its own": "packed = pack_padded_sequence({}, {}, batch_first=True)",
    "a call with other names": "a = {}\nb = {}\np = pack_padded_sequence(a.float().unsqueeze(-1).cpu(), b)",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_as_many_as_there_are_come_in_their_order(form: str) -> None:
    text = "\n".join(printed(*batch, form) for batch in (A, B, C))
    found = [(x if "unsqueeze" not in form else [[c[0] for c in row] for row in x], n) for x, n in read(text)]  # type: ignore[attr-defined]
    assert found == [A, B, C]
    if form.startswith(("x ", "x:", "inputs", "a ", "packed")):  # what could be read as one batch before: the last
        assert loads(text.encode(), "train.log").lengths.tolist() == C[1]
    assert read(printed(*A, form))[0][1] == A[1]
    assert len(read(printed(*A, form))) == 1


@given(SOME)
def test_prints_come_back_with_the_last_one_as_the_one_batch(some: list[Drawn]) -> None:
    text = "\n".join(f"x = torch.tensor({one.x.tolist()})\nlengths = torch.tensor({one.lengths})" for one in some)
    for one, loaded in zip(some, loads_all(text.encode(), "train.log"), strict=True):
        assert loaded.batch is not None
        assert (loaded.batch.x.tolist(), loaded.batch.lengths.tolist()) == (one.x.tolist(), one.lengths)
        assert loaded.source == f"train.log[{loaded.name}]"
    last = loads(text.encode(), "train.log")
    assert (last.x.tolist(), last.source.shown) == (some[-1].x.tolist(), "train.log")


X, N = "x = [[1, 2, 0], [3, 0, 0]]", "lengths = [2, 1]"
ONE = {
    "lengths that are mended": f"{X}\n{N}\nlengths = [1, 1]",
    "lengths that are mended after a call": f"{X}\n{N}\n{CALL}\nlengths = [1, 1]\n{CALL}",
    "a call that is tried again": f"{X}\n{N}\n{CALL}\n{CALL}",
    "an x that is tried again": f"{X}\n{N}\n{CALL}\nx = x.float()\n{CALL}",
    "an x under another name": f"{X}\n{N}\n{CALL}\ny = x.unsqueeze(-1)\np = pack_padded_sequence(y, lengths)",
    "an x that is made of itself": f"{X}\n{N}\nx = x.float()\nlengths = lengths.tolist()",
    "an x that is mended": f"{X}\n{N}\nx = [[1, 2, 3], [4, 0, 0]]",
    "two x and then lengths": f"{X}\nx = [[1, 2, 3], [4, 0, 0]]\n{N}",
    "lengths around x": f"{N}\n{X}\n{N}",
    "x alone, again and again": f"{X}\n{X}\n{X}",
    "a call in the middle": f"{X}\n{N}\n{CALL}\n{X}\n{N}",
    "rows without names": "tensor([1, 2])\ntensor([3])\ntensor([4, 5])",
}


@pytest.mark.parametrize("text", ONE.values(), ids=ONE)
def test_work_on_one_batch_is_one_batch(text: str) -> None:
    [loaded] = loads_all(text.encode(), "session.txt")
    assert (loaded.name, loaded.source) == ("", "session.txt")
    assert read_paste(text).batches == ()


def test_lengths_may_come_first() -> None:
    assert read("\n".join(printed(*batch[::-1], "lengths = {}\nx = {}") for batch in (A, B))) == [A, B]


def test_a_log_that_is_cut_off_ends_with_an_x_without_lengths() -> None:
    text = "\n".join([printed(*A), printed(*B), "x = [[7, 8, 9], [1, 0, 0]]"])
    first, _, third = [loaded.batch for loaded in loads_all(text.encode(), "-", Call(batch_first=True))]
    assert first is not None
    assert third is not None
    assert (first.given.origin, third.given.origin) == ("given", "guessed")
    assert third.lengths.tolist() == [3, 1]
    assert len(read(f"{printed(*A)}\n{printed(*B)}\nlengths = [2, 2]")) == 2


def test_each_call_has_its_own_options_and_its_own_mask() -> None:
    form = "x = {}\nlengths = {}\n%sp = pack_padded_sequence(x, lengths, %s)\nprint(1)"
    text = "\n".join(
        [
            printed(*A, form % ("mask = [[1, 1, 0], [1, 0, 0]]\n", "batch_first=True")),
            "out = pad_packed_sequence(p, total_length=9)",
            printed(*B, form % ("", "enforce_sorted=False")),
        ]
    )
    first, second = [loaded.batch for loaded in loads_all(text.encode(), "-")]
    assert first is not None
    assert second is not None
    assert first.call == Call(batch_first=True, total_length=9)
    assert second.call == Call(enforce_sorted=False)
    assert (first.mask is None, second.mask is None) == (False, True)


def test_a_call_that_the_text_shows_once_says_the_options_of_all_prints() -> None:
    text = "\n".join(["p = pack_padded_sequence(x, lengths, batch_first=True)", printed(*A), printed(*B)])
    assert [loaded.batch.call for loaded in loads_all(text.encode(), "-") if loaded.batch] == [
        Call(batch_first=True)
    ] * 2


def test_an_x_that_can_not_be_read_is_named_among_the_others() -> None:
    text = "\n".join([printed(*A), CALL, "x = next(batches)", CALL, printed(*B), CALL])
    good, bad, last = loads_all(text.encode(), "train.py")
    assert (good.batch is None, last.batch is None) == (False, False)
    assert bad.trouble.startswith(
        "train.py[1]: line 5: the batch of the call is 'next(batches)', which packviz does not"
    )


def test_a_paste_of_several_opens_the_last_print_and_of_a_list_the_first_that_can_be_read() -> None:
    pasted = read_paste("\n".join([printed(*A), printed(*B)]))
    assert pasted.batch is not None
    assert (pasted.batch.x.tolist(), pasted.batch.source.shown) == (B[0], "paste")
    assert [loaded.source for loaded in pasted.batches] == ["paste[0]", "paste[1]"]
    listed = read_paste('[{"y": 3}, {"x": [[1, 2]], "lengths": [2]}]')
    assert listed.batch is not None
    assert listed.batch.source.shown == "paste[1]"
    assert listed.batches[0].trouble.startswith("paste[0]: it holds y, but ")
    with pytest.raises(BatchError, match=r"^paste: none of its 2 batches can be read\."):
        read_paste('[{"y": 3}, {"z": 4}]')


def test_prints_beyond_what_is_read_in_one_go_are_still_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packviz.files.paste.pasted.MOST_BATCHES", 1)
    pasted = read_paste("\n".join([printed(*A), printed(*B)]))
    assert pasted.batch is not None
    assert pasted.batches == ()


def test_a_message_beside_several_is_explained_and_the_last_of_them_is_the_one() -> None:
    pasted = read_paste("\n".join([printed(*A), printed(*B), "RuntimeError: start (10) + length (1) exceeds it (10)."]))
    assert pasted.explanation is not None
    assert pasted.batch is not None
    assert pasted.batch.x.tolist() == B[0]
    assert len(pasted.batches) == 2


def test_what_is_shown_of_a_name_follows_it_at_once() -> None:
    shown = loads(b"x\n[[4, 5], [6, 0]]\nlengths\n[2, 1]", "-")
    assert (shown.x.tolist(), shown.lengths.tolist()) == B
    bound_since = loads("\n".join(["x", X, N, "[2, 1]"]).encode(), "-")
    assert (bound_since.x.tolist(), bound_since.lengths.tolist()) == A


@example([X, N, "x", "[2, 1]", N])
@example([N, "x", X, N, "[2, 1]"])
@given(st.lists(st.sampled_from([X, N, CALL, "x = x.float()", "y = x", "x = f()", "x", "[[1, 2], [3, 0]]", "[2, 1]"])))
def test_whatever_is_bound_in_whatever_order_one_batch_is_what_it_was(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        one = loads(text.encode() or b" ", "-")
    except BatchError:
        return
    batches = [loaded.batch for loaded in loads_all(text.encode(), "-")]
    if len(batches) == 1:
        assert batches[0] is not None
        assert (batches[0].x.tolist(), batches[0].lengths.tolist()) == (one.x.tolist(), one.lengths.tolist())
    echoed = sum(pair == ("x", "[2, 1]") for pair in pairwise(lines))  # x printed anew, of one dimension
    assert len(batches) <= max(1, echoed + sum(line.startswith(("x = [", "[[")) or line == CALL for line in lines))


def test_names_are_told_apart_by_what_they_were_printed_from() -> None:
    batches = Batches()
    batches.bound("x", [[1]])
    batches.bound("lengths", [1])
    batches.bound("x", [[1.0]], frozenset({"x"}))
    assert [len(batches.prints), batches.prints[0].complete] == [1, True]
    batches.bound("x", [[2]])
    assert [list(printed.names) for printed in batches.prints] == [["x", "lengths"], ["x"]]
    assert batches.origins["x"] != batches.origins["lengths"]
