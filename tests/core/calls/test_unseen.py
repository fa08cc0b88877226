"""What is said of calls whose runs are not seen: what was counted, and no figure for what was not."""

from __future__ import annotations

import pytest

from packviz.core.calls.unseen import MOST_NAMED, compiled, counted, runs_alone, scripted, sentences
from packviz.core.noted import Site

SITE = Site("/a/train.py", 31, "step")


def test_a_sentence_says_how_many_calls_a_graph_has_and_where_they_stand() -> None:
    assert sentences({compiled("nn.LSTM", SITE): 1}) == [
        "1 call was compiled into a graph by torch.compile, its runs are not seen: nn.LSTM at train.py:31."
    ]
    [said] = sentences({compiled("nn.LSTM", SITE): 2, compiled("nn.GRU", None): 1})
    assert said.startswith("3 calls were compiled into a graph by torch.compile, their runs are not seen: ")
    assert said.endswith(": nn.LSTM at train.py:31 and nn.GRU.")


def test_of_torchscript_no_figure_is_said() -> None:
    unseen = {scripted("pack_padded_sequence", SITE): 1, scripted("nn.LSTM", None): 1}
    assert sentences(unseen) == ["What TorchScript runs is not seen: pack_padded_sequence at train.py:31 and nn.LSTM."]


@pytest.mark.parametrize(
    ("more", "end"),
    [
        (0, "nn.LSTM at a.py:5 and nn.LSTM at a.py:6."),
        (1, "nn.LSTM at a.py:6 and 1 more."),
        (2, "nn.LSTM at a.py:6 and 2 more."),
    ],
)
def test_of_many_some_are_named(more: int, end: str) -> None:
    unseen = {scripted("nn.LSTM", Site("a.py", line)): 1 for line in range(1, MOST_NAMED + 1 + more)}
    [said] = sentences(unseen)
    assert said.endswith(end)


@pytest.mark.parametrize("unseen", [None, {}])
def test_nothing_is_said_of_nothing(unseen: dict[str, int] | None) -> None:
    assert sentences(unseen) == []
    assert counted(unseen) == {}


def test_all_other_reasons_are_counted() -> None:
    unseen = {"while tracing": 4, compiled("nn.RNN", SITE): 2, scripted("nn.RNN", SITE): 1}
    assert counted(unseen) == {"while tracing": 4}
    assert [runs_alone(why) for why in unseen] == [False, True, True]


def test_of_calls_that_were_seen_it_is_said_what_became_of_them() -> None:
    unseen = {
        "not kept, since the last calls take more than 256 MiB": 1171,
        "noted, then forgotten, since so many were and nothing was found": 1,
        "not written: no space left on device": 3,
        "while tracing": 2,
    }
    assert sentences(unseen) == [
        "1,171 calls not kept, since the last calls take more than 256 MiB.",
        "1 call noted, then forgotten, since so many were and nothing was found.",
        "Not written: no space left on device.",
    ]
    assert counted(unseen) == {"while tracing": 2}
