"""Lists of thousands of tensors."""

from __future__ import annotations

import gc

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled, Watch
from packviz.files.paste import long_lists
from packviz.files.paste.long_lists import LONG, long_list
from packviz.files.paste.paste import parse_paste
from packviz.files.paste.script import Script

ELEMENT = st.sampled_from(
    [
        "tensor([1, 2])",
        "[3]",
        "tensor([[1., 2.]])",
        "{'x': [[1, 2]], 'lengths': [2]}",
        "(1, 2)",
        "a",
        "x)",
        "'a, b'",
        "",
    ]
)


def found_in(text: str) -> str:
    script = Script()
    try:
        script.take(text)
        return f"{script.reader.names} {script.loose} {script.garbage is None} {list(script.unread)}"
    except BatchError as error:
        return str(error)


@given(st.lists(ELEMENT, max_size=8), st.sampled_from(["{}", "y = {}", "f({})", "{}[0], [5]", "[[1], {}]", "list({})"]))
def test_elements_that_are_read_one_by_one_are_what_they_are_together(elements: list[str], around: str) -> None:
    text = "a = [[7]]\n" + around.format(f"[{', '.join(elements)}]") + "\nb = [8]"
    whole = found_in(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_lists, "LONG", 0)
        assert found_in(text) == whole


def test_its_elements_are_those_between_its_own_commas() -> None:
    found = long_list("x = [" + "f(1, [2]), {3, 4}, '],'," * LONG + "]; y", "_mark_")
    assert found is not None
    assert (found.before, found.after, len(found.elements)) == ("x = ", "; y", 3 * LONG)
    assert [element.strip() for element in found.elements[:3]] == ["f(1, [2])", "{3, 4}", "'],'"]


@pytest.mark.parametrize(
    "code", ["[1, 2]", "x = 5" * LONG, "[a, b" * LONG, "[a]" + "y" * LONG, "[a,,b" + ",c" * LONG + "]"]
)
def test_other_code_has_none(code: str) -> None:
    assert long_list(code, "_mark_") is None


def test_thousands_of_printed_tensors_are_sequences() -> None:
    tensors = [torch.arange(1 + index % 3) + index for index in range(3000)]
    batch = parse_paste(f"seqs = {tensors}\nn = [1, 2]")
    assert batch.lengths.tolist() == [len(tensor) for tensor in tensors]
    assert batch.x.tolist() == torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True).tolist()
    assert gc.isenabled()


def test_it_can_be_cancelled_between_two_elements() -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        parse_paste(f"x = {[torch.ones(1)] * 3000}", watch=Watch(cancelled=cancelled))
