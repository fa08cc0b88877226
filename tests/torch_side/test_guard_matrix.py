"""Before and after, bit for bit: all kinds of modules × all calls × {returns, raises, interrupted} × {1, 8 threads}."""

from __future__ import annotations

import contextlib
import functools
import io
import random
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import packviz

X = torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(0))
LENGTHS = [5, 3, 2]
for row, length in enumerate(LENGTHS):
    X[row, length:] = 0
CALL = {"batch_first": True}
Fault = Callable[[], object]


class Wild(nn.Module):
    """Changes, at each run, all that a module can get at; then does `fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.rnn, self.norm, self.drop = nn.GRU(2, 3, batch_first=True), nn.BatchNorm1d(2), nn.Dropout(0.5)
        self.fault, self.hidden, self.calls, self.cache = fault, torch.zeros(3), [], {"a": [1], "b": {2}}
        self.array, self.chance, self.noise = np.zeros(3), random.Random(0), torch.Generator().manual_seed(3)
        self.drawn, self.memory = np.random.default_rng(0), bytearray(b"abc")
        self.rnn.weight_hh_l0.grad = torch.ones_like(self.rnn.weight_hh_l0)

    def forward(self, x: Any, lengths: Any = None) -> Any:
        self.hidden = self.hidden + 1
        self.calls.append(len(self.calls))
        self.cache["a"].append(3)
        self.cache["b"].add(4)
        self.cache["c"] = 5
        self.array += 1
        self.memory += b"d"
        self.chance.random()
        self.drawn.random()
        torch.rand(1, generator=self.noise)
        random.random()
        np.random.rand()
        torch.rand(1)
        torch.set_grad_enabled(True)
        torch.set_num_threads(3)
        warnings.simplefilter("error")
        with torch.no_grad():
            self.rnn.bias_hh_l0.add_(1)
            self.rnn.weight_hh_l0.grad.mul_(2)  # type: ignore[union-attr]
        self.rnn.bias_ih_l0.requires_grad_(False)
        self.rnn.train(not self.rnn.training)
        self.register_forward_hook(lambda *given: None)
        self.fault()
        data = self.norm(x.data if isinstance(x, PackedSequence) else x.reshape(-1, 2))
        return self.rnn(x._replace(data=data) if isinstance(x, PackedSequence) else data.reshape(x.shape))


def nothing() -> None:
    return None


def raises() -> None:
    raise ZeroDivisionError("on purpose")


def interrupts() -> None:
    raise KeyboardInterrupt


FAULTS: dict[str, Fault] = {"returns": nothing, "raises": raises, "interrupted": interrupts}


def hooked(fault: Fault) -> nn.Module:
    module = nn.LSTM(2, 3, batch_first=True)
    module.register_forward_hook(lambda *given: fault())
    return module


def parametrised(fault: Fault) -> nn.Module:
    return parametrizations.weight_norm(nn.GRU(2, 3, batch_first=True), "weight_hh_l0")


KINDS: dict[str, Callable[[Fault], nn.Module]] = {
    "wild": Wild,
    "hooked": hooked,
    "plain": lambda fault: nn.LSTM(2, 3, batch_first=True),
    "parametrised": parametrised,
    "wrapped": lambda fault: nn.DataParallel(Wild(fault)),
    "stacked": lambda fault: nn.LSTM(2, 3, 2, batch_first=True, bidirectional=True, dropout=0.5),
}
CALLS: dict[str, Callable[[nn.Module], object]] = {
    "check": lambda module: packviz.check(X, LENGTHS, module=module, **CALL),
    "explain": lambda module: packviz.explain("padding-left", X, LENGTHS, module=module, **CALL),
    "trace": lambda module: packviz.trace(module, X, LENGTHS, **CALL),
    "probe": lambda module: packviz.probe(module, X, LENGTHS, **CALL),
    "probe a lambda": lambda module: packviz.probe(lambda x, lengths: module(x), X, LENGTHS, **CALL),
    "probe a partial": lambda module: packviz.probe(functools.partial(_called, module), X, LENGTHS, **CALL),
}


def _called(module: nn.Module, x: Any, lengths: Any) -> Any:
    return module(x)


def bits(thing: Any) -> Any:
    """All that can be told of a thing, as something that compares by value."""
    if isinstance(thing, torch.Tensor):
        held = io.BytesIO()
        torch.save(thing.detach(), held)
        return (str(thing.dtype), thing.tolist(), thing.requires_grad, bits(thing.grad) if thing.is_leaf else None)
    if isinstance(thing, nn.Module):
        return type(thing).__name__, {name: bits(value) for name, value in vars(thing).items()}
    if isinstance(thing, dict):
        return [(bits(key), bits(value)) for key, value in thing.items()]
    if isinstance(thing, list | tuple):
        return [bits(item) for item in thing]
    if isinstance(thing, np.ndarray):
        return thing.tobytes()
    if isinstance(thing, random.Random):
        return thing.getstate()
    if isinstance(thing, torch.Generator):
        return thing.get_state().tolist()
    if isinstance(thing, np.random.Generator):
        return bits(thing.bit_generator.state)
    return thing if isinstance(thing, int | float | str | bytes | bytearray | set | None) else id(thing)


def of_process() -> Any:
    return (
        random.getstate(),
        bits(np.random.get_state()),
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.are_deterministic_algorithms_enabled(),
        [str(each) for each in warnings.filters],
    )


def said(call: Callable[[nn.Module], object], module: nn.Module) -> str:
    """What comes of a call, in words: the same for the same."""
    try:
        return repr(call(module))
    except KeyboardInterrupt:
        return "interrupted"
    except packviz.BatchError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_changed(kind: str, call: str, fault: str) -> None:
    module = KINDS[kind](FAULTS[fault])
    before, process = bits(module), of_process()
    first = said(CALLS[call], module)
    assert bits(module) == before
    assert of_process() == process
    assert said(CALLS[call], module) == first
    wild = kind == "hooked" or (kind in ("wild", "wrapped") and call != "trace")
    assert (first == "interrupted") == (fault == "interrupted" and wild)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_changed_from_eight_threads_that_share_a_module(kind: str, call: str, fault: str) -> None:
    module = KINDS[kind](FAULTS[fault])
    alone = said(CALLS[call], module)
    before, process = bits(module), of_process()
    start = threading.Barrier(8)

    def ask(_: int) -> str:
        start.wait()
        return said(CALLS[call], module)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {alone}
    assert bits(module) == before
    assert of_process() == process


def test_loading_and_pasting_from_eight_threads_leaves_no_filter_behind(tmp_path: Any) -> None:
    torch.save((X, torch.tensor(LENGTHS)), tmp_path / "b.pt")
    before = [str(each) for each in warnings.filters]

    def work(number: int) -> None:
        packviz.load(tmp_path / "b.pt")
        packviz.check([1 + 0j, 2], [2 + 1j]) if number < 0 else None
        packviz.check(X, np.array([5 + 1j, 3, 2]), **CALL)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(64)))
    assert [str(each) for each in warnings.filters] == before


def test_one_that_can_not_be_put_back_does_not_keep_the_others_from_it() -> None:
    from packviz.torch_side.put_back import as_it_was

    class Stubborn(dict):  # type: ignore[type-arg]
        def clear(self) -> None:
            raise OSError("I stay")

    module = nn.Linear(1, 1)
    module.odd, module.seen = Stubborn(a=1), [1]

    def change() -> None:
        with as_it_was(module):
            module.odd["b"] = 2
            module.seen.append(2)
            module.eval()

    with pytest.raises(RuntimeError, match=r"not all could be put back as it was: OSError: I stay"):
        change()
    assert module.training
    assert module.seen == [1]


@pytest.mark.parametrize("call", ["probe", "probe a lambda"])
def test_a_lazy_module_stays_lazy_or_is_refused_with_the_way_out(call: str) -> None:
    class Lazy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.LazyLinear(3)

        def forward(self, x: Any, lengths: Any = None) -> Any:
            return self.linear(x)

    module = Lazy()
    told = said(CALLS[call], module)
    assert torch.nn.parameter.is_lazy(module.linear.weight)
    assert told.startswith("refused: the sizes of the Lazy") == (call != "probe")


def test_running_statistics_behind_a_lambda_hold_no_nan() -> None:
    norm = nn.BatchNorm1d(2)
    packviz.probe(lambda x, lengths: norm(x.reshape(-1, 2)).reshape(x.shape), X, LENGTHS, **CALL)
    assert norm.running_mean.tolist() == [0, 0]
    assert norm.num_batches_tracked == 0


@pytest.mark.parametrize(
    "module",
    [
        lambda: nn.LSTM(2, 3, batch_first=True, device="meta"),
        lambda: torch.jit.script(nn.GRU(2, 3, batch_first=True)),
        lambda: torch.ao.nn.quantized.dynamic.LSTM(2, 3, batch_first=True),
        lambda: nn.LSTM(2, 3, batch_first=True).half(),
        lambda: nn.LSTM(4, 3, batch_first=True),
        lambda: nn.DataParallel(nn.LSTM(2, 3, batch_first=True)),
        lambda: nn.Linear(2, 3),
        lambda: nn.Identity(),
    ],
    ids=["meta", "scripted", "quantised", "half", "misfit", "wrapped", "linear", "identity"],
)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.filterwarnings("ignore")
def test_every_kind_of_module_gives_a_report_or_a_batch_error(module: Callable[[], nn.Module], call: str) -> None:
    assert said(CALLS[call], module())


def test_a_misfit_that_torch_does_not_notice_is_told_by_the_probe() -> None:
    report = packviz.probe(nn.LSTM(2, 3), torch.ones(3, 2, 1), [3, 3])
    assert not report.ok


@pytest.mark.parametrize(
    "hx",
    [
        None,
        (None, None),
        torch.zeros(1, 3, 3),
        (torch.zeros(1, 3, 3, device="meta"),) * 2,
        (torch.zeros(1, 3, 3).to_sparse(),) * 2,
        object(),
    ],
    ids=["none", "nones", "one", "meta", "sparse", "object"],
)
@pytest.mark.parametrize("call", ["check", "probe", "trace"])
def test_any_initial_state_gives_a_report_or_a_batch_error(hx: object, call: str) -> None:
    module = nn.LSTM(2, 3, batch_first=True)
    ways: dict[str, Callable[[], object]] = {
        "check": lambda: packviz.check(X, LENGTHS, module=module, hx=hx, **CALL),
        "probe": lambda: packviz.probe(module, X, LENGTHS, hx=hx, **CALL),
        "trace": lambda: packviz.trace(module, X, LENGTHS, hx=hx, **CALL),
    }
    with contextlib.suppress(packviz.BatchError):
        assert ways[call]()


def test_what_a_caller_packs_afterwards_is_packed() -> None:
    assert pack_padded_sequence(X, LENGTHS, True).data.shape == (10, 2)
