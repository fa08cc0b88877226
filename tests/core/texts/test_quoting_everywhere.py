"""However long what the user has given is, a sentence about it stays a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import packviz
from packviz.core.errors import BatchError
from packviz.core.texts.quoting import LONGEST, elided
from packviz.files.paste.pasted import read_paste
from packviz.files.weights import load_weights
from packviz.torch_side.asking.asked import LONGEST_OF_TORCH

MOST = 4 * LONGEST  # a place, a value and what packviz says of them


def said(work: Any) -> str:
    with pytest.raises((BatchError, TypeError)) as raised:
        work()
    return str(raised.value)


@given(st.text(st.characters(codec="ascii", exclude_characters="/\0"), min_size=1, max_size=5000))
def test_a_long_path_keeps_its_beginning_and_its_file(name: str) -> None:
    shown = elided(name)
    assert len(shown) <= LONGEST
    assert shown == name or (name.startswith(shown.split("…")[0]) and name.endswith(shown.rpartition("…")[2]))


@pytest.mark.parametrize("suffix", [".pt", ".npy", ".npz", ".json", ".csv", ".txt", ".safetensors", ""])
def test_a_long_name_of_a_file_is_cut_in_its_middle(suffix: str, tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(12):
        deep /= "d" * 200
    path = deep / f"batch{suffix}"
    for work in (lambda: packviz.load(path), lambda: load_weights(path)):
        text = said(work)
        assert len(text) < MOST
        assert f"batch{suffix}: " in text


@settings(max_examples=60)
@given(
    st.text(min_size=1, max_size=40),
    st.sampled_from(["{0}", "x = [{0}", "lengths: {0}", "[[1, 2], [{0}]]", "a\n{0}\n[1, "]),
)
def test_a_long_text_that_is_no_batch_gets_a_short_sentence(word: str, form: str) -> None:
    text = form.format(word * (5000 // len(word)))
    try:
        found: Any = read_paste(text)
    except BatchError as error:
        found = str(error)
    assert not isinstance(found, str) or len(found) < MOST


class Loud(torch.nn.Module):
    """A module of a user's that raises with all it holds."""

    def forward(self, x: Any) -> Any:
        raise ValueError("z" * 5000)


def test_what_a_users_module_raises_is_cut_and_what_torch_raises_is_not() -> None:
    report = packviz.check(torch.ones(2, 3, 1), [3, 2], batch_first=True, module=Loud())
    assert report.verdict is not None
    assert len(report.verdict.run.text) < LONGEST + 40
    probed = packviz.probe(lambda x, lengths: Loud()(x), torch.ones(2, 3, 1), [3, 2], batch_first=True)
    assert "z" * (LONGEST + 1) not in str(probed)
    theirs = packviz.check(torch.ones(2, 3, 1), [2, 3], batch_first=True)
    with pytest.raises(RuntimeError) as raised:
        torch.nn.utils.rnn.pack_padded_sequence(torch.ones(2, 3, 1), torch.tensor([2, 3]), True)
    assert theirs.verdict is not None
    assert LONGEST < len(str(raised.value)) < LONGEST_OF_TORCH
    assert str(raised.value) in theirs.verdict.pack.text


def test_options_and_lengths_of_any_size_are_cut() -> None:
    x = torch.ones(2, 3)
    for options in ({"batch_first": "y" * 5000}, {"padding_value": "y" * 5000}, {"total_length": "9" * 5000}):
        assert len(said(lambda options=options: packviz.check(x, [3, 2], **options))) < MOST
    assert len(said(lambda: packviz.check(x, "y" * 5000))) < MOST
    assert "y" * (LONGEST + 1) not in said(lambda: packviz.load("sample:" + "y" * 5000))
    assert len(said(lambda: packviz.explain("y" * 5000, None, [1]))) < MOST
