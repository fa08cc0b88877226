"""Exports, compilers and other devices: what the installed torch raises itself, and the words of public threads."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.messages.explain import explain
from tests.core.messages.raising import X, bare, causes, first, raised

LENGTHS = torch.tensor([5, 3, 2])


class Packs(nn.Module):
    """Packs and does not unpack."""

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> Any:
        return pack_padded_sequence(x, lengths, batch_first=True)


class Runs(nn.Module):
    """Packs, runs and unpacks."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> Any:
        out, _ = self.lstm(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return pad_packed_sequence(out, batch_first=True)[0]


class Listed(nn.Module):
    """Takes lengths of which TorchScript knows no type."""

    def forward(self, x: torch.Tensor, lengths: list) -> torch.Tensor:  # type: ignore[type-arg]
        return pack_padded_sequence(x, lengths, batch_first=True).data


CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "an export of packing alone": (
        lambda: torch.onnx.export(Packs(), (X, LENGTHS), io.BytesIO(), dynamo=False),
        "export-pairs",
    ),
    "torch.export": (lambda: torch.export.export(Runs(), (X, LENGTHS)), "compile-break"),
    "one graph": (lambda: torch.compile(Runs(), fullgraph=True, backend="eager")(X, LENGTHS), "compile-break"),
    "one graph of packing": (
        lambda: torch.compile(Packs(), fullgraph=True, backend="eager")(X, LENGTHS),
        "compile-break",
    ),
    "TorchScript": (lambda: torch.jit.script(Listed()), "script-lengths"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_what_torch_raises_leads_to_what_was_done(name: str) -> None:
    call, code = CALLS[name]
    error = raised(call)
    assert first(error) == code, error
    assert first(bare(error)) == code


@pytest.mark.filterwarnings("ignore")
def test_without_one_graph_it_is_compiled_around_packing() -> None:
    module = Runs()
    made = torch.compile(module, backend="eager")(X, LENGTHS)
    torch.testing.assert_close(made, module(X, LENGTHS))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Non-zero status code returned while running ScatterElements "
         "node. Name:'/ScatterElements' Status Message: indices element out of data bounds, idx=2 must be within the "
         "inclusive range [-2,1]", "export-fixed"),
        ("torch._dynamo.exc.Unsupported: 'inline in skipfiles: TorchDynamo purposely graph breaks on RNN, GRU, LSTMs'",
         "compile-break"),
        ("UserWarning: RNN module weights are not part of single contiguous chunk of memory. This means they need to "
         "be compacted at every call", "weights-apart"),
        ("RuntimeError: Expected a 'cuda' device type for generator but found 'cpu'", "default-device"),
        ("RuntimeError: Expected object of backend CPU but got backend CUDA for argument #2 'lengths'",
         "default-device"),
        ("NotImplementedError: The operator 'aten::_pack_padded_sequence' is not currently implemented for the MPS "
         "device. If you want this op to be added in priority", "mps-missing"),
        ("RuntimeError: LSTM with projections is not currently supported with MPS.", "mps-missing"),
        ("RuntimeError: Placeholder storage has not been allocated on MPS device!", "other-device"),
    ],
)  # fmt: skip
def test_what_this_machine_can_not_raise_is_known_by_the_words_of_public_threads(words: str, code: str) -> None:
    assert first(words) == code


def test_another_operation_that_a_mac_lacks_has_nothing_to_do_with_packing() -> None:
    assert causes("The operator 'aten::linalg_qr' is not currently implemented for the MPS device") == []


def test_a_list_of_lengths_may_lie_on_the_gpu_by_default_in_old_versions() -> None:
    told = explain("'lengths' argument should be a 1D CPU int64 tensor, but got 1D cuda:0 Long tensor")
    assert told.causes[0].code == "lengths-device"
    assert "set_default_tensor_type" in told.causes[0].look
