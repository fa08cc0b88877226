"""What fails around a packed batch, really raised where this machine can."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

import packviz
from packviz.core.messages.explain import explain
from tests.core.messages.raising import X, bare, causes, first, pack, packed, raised

OUT = torch.ones(3, 4, 2)  # as unpacked from an x of 5 steps
CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "a mask on the output": (lambda: OUT * torch.ones(3, 5, 1), "time-shrinks"),
    "a loss of both flattened": (
        lambda: nn.CrossEntropyLoss()(torch.ones(12, 4), torch.ones(15).long()),
        "time-shrinks",
    ),
    "a loss by class": (lambda: nn.CrossEntropyLoss()(torch.ones(3, 9, 4), torch.ones(3, 5).long()), "time-shrinks"),
    "a squared loss": (lambda: torch.sub(OUT, X), "time-shrinks"),
    "a binary loss": (lambda: nn.BCELoss()(torch.ones(3, 4), torch.ones(3, 5)), "time-shrinks"),
    "logits": (lambda: nn.BCEWithLogitsLoss()(torch.ones(3, 4), torch.ones(3, 5)), "time-shrinks"),
    "an index by mask": (lambda: OUT[torch.ones(3, 5).bool()], "time-shrinks"),
    "output and input glued": (lambda: torch.cat([OUT, X], 2), "time-shrinks"),
    "rows that were dropped": (lambda: torch.ones(2, 4)[torch.ones(3, 4).bool()], "lengths-count"),
    "CTC": (
        lambda: nn.CTCLoss()(
            torch.ones(4, 3, 5).log_softmax(2), torch.ones(3, 2).long(), torch.tensor([5, 4, 4]), torch.tensor([2] * 3)
        ),
        "length-exceeds-time",
    ),
    "an embedding of floats": (lambda: nn.Embedding(3, 2)(torch.ones(3)), "embedding-dtype"),
    "sequences of other features": (lambda: pack_sequence([torch.ones(3, 2), torch.ones(2, 3)]), "sequences-differ"),
    "two devices": (lambda: nn.GRU(2, 4)(X.to("meta")), "other-device"),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_raised_leads_to_what_was_done(name: str) -> None:
    call, code = CALLS[name]
    error = raised(call)
    assert first(error) == code
    assert name == "sequences of other features" or code in causes(bare(error))


def test_sizes_that_do_not_match_are_told_apart_by_their_traceback() -> None:
    rising = packed(5, [2, 3])
    unpacked = raised(lambda: pad_packed_sequence(rising))
    assert causes(unpacked) == ["packed-inconsistent"]
    assert {"time-shrinks", "packed-inconsistent"} <= set(causes(bare(unpacked)))
    assert "packed-inconsistent" in causes(raised(lambda: nn.LSTM(2, 4)(rising)))


def test_unpacking_in_another_layout_is_a_cause_and_the_first_where_the_batch_fits_the_numbers() -> None:
    for lengths in ([3, 2, 5], [3, 2, 4]):  # the longest is T, or is not
        out, _ = pad_packed_sequence(nn.LSTM(2, 4)(pack(lengths))[0])
        for call in (lambda o=out: o * torch.ones(3, 5, 1), lambda o=out: torch.cat([o, X], 2)):
            error = raised(call)
            assert "unpacked-layout" in causes(error)
            assert first(error) == "time-shrinks"  # as likely, and more usual
            told = packviz.explain(error, X, lengths, batch_first=True, enforce_sorted=False)
            assert told.causes[0].code == "unpacked-layout"
            assert "3 is the number of rows" in told.causes[0].why
    assert first(raised(lambda: nn.BCELoss()(torch.ones(3, 5), torch.ones(5, 3)))) == "unpacked-layout"
    again, _ = pad_packed_sequence(pack([3, 2, 4]), batch_first=True)
    shrunk = packviz.explain(raised(lambda: again * X), X, [3, 2, 4], batch_first=True, enforce_sorted=False)
    assert shrunk.causes[0].code == "time-shrinks"


def test_a_saved_packed_sequence_is_told_how_to_load() -> None:
    file = io.BytesIO()
    torch.save(pack([3, 2, 1]), file)
    file.seek(0)
    error = raised(lambda: torch.load(file, weights_only=True))
    assert first(error) == "loading-packed"
    fix = explain(error).causes[0].fix
    file.seek(0)
    there: dict[str, Any] = {"torch": torch, "path": file}
    exec(str(fix), there)  # the fix really loads it
    assert there["packed"].data.shape == (6, 2)


def test_another_class_that_torch_does_not_load_has_no_cause_here() -> None:
    assert (
        causes("WeightsUnpickler error: Unsupported global: GLOBAL argparse.Namespace was not an allowed global") == []
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Gather got an input of invalid size: got [10,35,9961], but expected [10,26,9961]", "time-shrinks"),
        ("ValueError: gather got an input of invalid size: got 10x110x29, but expected 10x226x29", "time-shrinks"),
        ("RuntimeError: rnn: hx is not contiguous", "hx-not-contiguous"),
        ("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED. This error may appear if you passed in a non-contiguous input.",
         "hx-not-contiguous"),
        ("Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
         "other-device"),
        ("RuntimeError: CUDA error: device-side assert triggered", "embedding-index"),
        ("The shape of the mask [5, 3] at index 0 does not match the shape of the indexed tensor [3, 5] at index 0",
         "unpacked-layout"),
        ("Segmentation fault (core dumped)", "hidden-shape"),
    ],
)  # fmt: skip
def test_what_this_machine_can_not_raise_is_known_by_the_words_of_public_threads(words: str, code: str) -> None:
    assert first(words) == code


def test_cudnn_names_no_cause_and_nothing_but_possible_ones_are_named() -> None:
    told = explain("RuntimeError: CUDNN_STATUS_EXECUTION_FAILED")
    assert {"length-exceeds-time", "length-not-positive", "other-device"} <= {cause.code for cause in told.causes}
    assert all(cause.confirmed is None for cause in told.causes)
    assert "on the CPU" in told.means
