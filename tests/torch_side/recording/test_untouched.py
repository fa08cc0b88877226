"""A program computes the same, bit for bit, whether it is recorded or not; and everything is as it was afterwards."""

from __future__ import annotations

import random
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules import module as of_all
from torch.nn.utils import rnn
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from packviz.core.calls.unseen import counted, sentences
from packviz.core.noted import Recording
from packviz.torch_side.recording.recorder import Recorder
from packviz.torch_side.recording.swaps import watched
from tests.torch_side.recording.programs import Model, batch, sequences, trained, wrong

BOUND_BEFORE = pack_padded_sequence, pack_sequence, pad_packed_sequence


class On:
    """A recorder that is on, and what it noted."""

    found: Recording


@contextmanager
def on(tmp_path: Path, **options: Any) -> Iterator[On]:
    recorder, held = Recorder(str(tmp_path / "run.packviz"), **options), On()
    recorder.start()
    try:
        yield held
    finally:
        held.found = recorder.stop()


def codes() -> list[CodeType]:
    return [function.__code__ for functions in watched() for function in functions.values()]


def hooks() -> dict[str, list[Any]]:
    return {name: list(held.items()) for name, held in vars(of_all).items() if name.startswith("_global_") and held}


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Tensor):
        return ours.dtype == theirs.dtype and torch.equal(ours, theirs)
    if isinstance(ours, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs)


def both(tmp_path: Path, program: Callable[[], Any], **options: Any) -> tuple[Any, Any, Recording]:
    """What a program gives without and with a recorder, and what that noted."""
    plain = program()
    with on(tmp_path, **options) as held:
        recorded = program()
    return plain, recorded, held.found


@pytest.mark.parametrize("options", [{}, {"when": "always"}, {"ask": True}, {"keep": 0}], ids=str)
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_outputs_and_gradients_are_the_same_to_the_bit(tmp_path: Path, kind: str, options: dict[str, Any]) -> None:
    plain, recorded, found = both(tmp_path, lambda: trained(kind=kind, bidirectional=True), **options)
    assert same(plain, recorded)
    assert len(found.calls) == 9
    assert not found.unseen


def test_random_numbers_are_those_that_would_have_been_drawn(tmp_path: Path) -> None:
    def drawn() -> list[Any]:
        torch.manual_seed(1)
        np.random.seed(2)
        random.seed(3)
        wrong()
        trained(1)
        return [torch.rand(3), np.random.rand(3).tolist(), random.random()]

    plain, recorded, _ = both(tmp_path, drawn, ask=True)
    assert same(plain, recorded)


def test_code_objects_and_hooks_are_put_back(tmp_path: Path) -> None:
    def modes() -> tuple[object, ...]:
        return torch.is_grad_enabled(), torch.get_num_threads(), sys.getswitchinterval()

    before, hooked, settings = codes(), hooks(), modes()
    names = set(vars(rnn)), set(vars(nn.LSTM))
    with on(tmp_path):
        assert all(now is not then for now, then in zip(codes(), before, strict=True))
        assert hooks() == hooked
        trained(1)
    assert all(now is then for now, then in zip(codes(), before, strict=True))
    assert hooks() == hooked
    assert modes() == settings
    assert (set(vars(rnn)), set(vars(nn.LSTM))) == names


def test_all_is_put_back_when_the_block_raises(tmp_path: Path) -> None:
    def program() -> None:
        with on(tmp_path):
            trained(1)
            raise ZeroDivisionError

    before = codes()
    with pytest.raises(ZeroDivisionError):
        program()
    assert all(now is then for now, then in zip(codes(), before, strict=True))


def test_the_last_of_several_puts_back(tmp_path: Path) -> None:
    before = codes()
    one, other = Recorder(str(tmp_path / "a")), Recorder(str(tmp_path / "b"))
    one.start()
    other.start()
    one.stop()
    wrong()
    assert len(other.stop().calls) == 1
    assert all(now is then for now, then in zip(codes(), before, strict=True))


def test_functions_are_the_same_objects_with_the_same_names(tmp_path: Path) -> None:
    told = [(function.__name__, function.__qualname__, function.__doc__) for function in BOUND_BEFORE]
    places = [(code.co_filename, code.co_firstlineno, code.co_name, code.co_argcount) for code in codes()]
    with on(tmp_path):
        assert (rnn.pack_padded_sequence, rnn.pack_sequence, rnn.pad_packed_sequence) == BOUND_BEFORE
        assert [(one.__name__, one.__qualname__, one.__doc__) for one in BOUND_BEFORE] == told
        assert [(c.co_filename, c.co_firstlineno, c.co_name, c.co_argcount) for c in codes()] == places


def test_names_that_were_bound_before_are_seen(tmp_path: Path) -> None:
    pack, pack_rows, unpack = BOUND_BEFORE
    bound = nn.LSTM(1, 2).forward
    with on(tmp_path) as held:
        packed = pack_rows([row[:, None] for row in sequences(3, 2)])
        unpack(packed)
        bound(packed)
        pack(batch()[0], [7, 5, 5, 3, 2], True)
    calls = ["pack_sequence", "pad_packed_sequence", "nn.LSTM", "pack_padded_sequence"]
    assert [call.call for call in held.found.calls] == calls


def test_a_traceback_is_line_for_line_what_it_is_without(tmp_path: Path) -> None:
    def told() -> str:
        x, lengths = batch()
        lengths[1] = 9
        text = ""
        for call in (lambda: Model()(x, lengths), lambda: pack_sequence([x[0], x[1, :, :2]])):
            try:
                call()
            except RuntimeError:
                text += traceback.format_exc()
        return text

    plain, recorded, _ = both(tmp_path, told)
    assert plain == recorded
    assert "packviz_call" not in plain


def test_a_warning_points_where_it_would(tmp_path: Path) -> None:
    """torch warns of lists of lengths while it traces, two frames up."""

    def told() -> list[tuple[str, int]]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.jit.trace(lambda x: pack_padded_sequence(x, [3, 2]).data, torch.ones(3, 2, 1), check_trace=False)
        return [(found.filename, found.lineno) for found in caught if "Python list" in str(found.message)]

    plain, recorded, found = both(tmp_path, told)
    assert plain == recorded
    assert plain
    assert counted(found.unseen) == {"while tracing": 1}
    assert [said.partition(" at ")[0] for said in sentences(found.unseen)] == [
        "What TorchScript runs is not seen: pack_padded_sequence"
    ]


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("first", ["recorded", "plain"])
def test_compiled_modules_break_no_more_and_compute_the_same(tmp_path: Path, backend: str, first: str) -> None:
    from torch._dynamo.utils import counters

    def compiled() -> tuple[Any, ...]:
        torch._dynamo.reset()
        counters.clear()
        torch.manual_seed(0)
        model = Model()
        made = torch.compile(model, backend=backend)
        outputs = []
        for seed in range(3):
            output = made(*batch(seed, rows=4))
            output.sum().backward()
            outputs.append(output.detach())
        gradients = [parameter.grad for parameter in model.parameters()]
        told = {name: dict(counters[name]) for name in ("frames", "graph_break", "stats")}
        return outputs, gradients, told

    sides = {"recorded": lambda: recorded(tmp_path, compiled), "plain": compiled}
    found = {name: sides[name]() for name in (first, *(name for name in sides if name != first))}
    result, noted = found["recorded"]
    assert same(result[:2], found["plain"][:2])
    assert result[2] == found["plain"][2]
    assert [call.call for call in noted.calls] == ["pack_padded_sequence", "nn.LSTM", "pad_packed_sequence"] * 3
    torch._dynamo.reset()


def recorded(tmp_path: Path, program: Callable[[], Any]) -> tuple[Any, Recording]:
    with on(tmp_path) as held:
        result = program()
    return result, held.found


def test_what_was_compiled_before_is_seen_and_compiled_once_more_at_most(tmp_path: Path) -> None:
    """torch.compile watches the code of what it calls. The new code is always the same, so it compiles for it once."""
    from torch._dynamo.utils import counters

    torch._dynamo.reset()
    model = Model()
    made = torch.compile(model, backend="eager")
    plain = made(*batch())
    frames = counters["frames"]["total"]
    for _ in range(3):
        result, found = recorded(tmp_path, lambda: made(*batch()))
        assert torch.equal(result, plain)
        assert len(found.calls) == 3
        assert torch.equal(made(*batch()), plain)
        assert counters["frames"]["total"] <= frames + 1
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_inductor_computes_the_same(tmp_path: Path) -> None:
    torch._dynamo.reset()
    torch.manual_seed(0)
    model = Model()
    plain = torch.compile(model)(*batch())
    torch._dynamo.reset()
    result, found = recorded(tmp_path, lambda: torch.compile(model)(*batch()))
    assert torch.equal(result, plain)
    assert len(found.calls) == 3
    torch._dynamo.reset()


def test_scripted_functions_run_as_they_do_and_can_be_made_meanwhile(tmp_path: Path) -> None:
    class Scripted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(3, 4, batch_first=True)

        def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0]

    torch.manual_seed(0)
    model = Scripted()
    plain = model(*batch())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        before = torch.jit.script(model)
        with on(tmp_path):
            meanwhile = torch.jit.script(model)
            assert torch.equal(meanwhile(*batch()), plain)
            assert torch.equal(before(*batch()), plain)


@pytest.mark.parametrize(
    "enter",
    [torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu")],
    ids=["no_grad", "inference", "autocast"],
)
def test_modes_around_the_calls_are_those_of_the_program(tmp_path: Path, enter: Any) -> None:
    def program() -> list[Any]:
        torch.manual_seed(0)
        model = Model()
        with enter():
            output = model(*batch())
            told = [torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu")]
        return [output.clone(), output.dtype, output.requires_grad, *told]

    plain, recorded, found = both(tmp_path, program)
    assert same(plain, recorded)
    assert len(found.calls) == 3
    assert not found.unseen


@pytest.mark.parametrize("ask", [False, True])
def test_who_watches_each_operation_sees_no_other_ones(tmp_path: Path, ask: bool) -> None:
    class Functions(TorchFunctionMode):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self.seen.append(str(func))
            return func(*args, **(kwargs or {}))

    class Operations(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self.seen.append(str(func))
            return func(*args, **(kwargs or {}))

    def program() -> list[Any]:
        torch.manual_seed(0)
        model, seen = Model(), []
        for mode in (Functions(), Operations()):
            with mode:
                model(*batch())
                wrong()
            seen.append(mode.seen)
        return seen

    plain, recorded, found = both(tmp_path, program, ask=ask)
    assert [one for one in plain[0] if "0x" not in one] == [one for one in recorded[0] if "0x" not in one]
    assert plain[1] == recorded[1]
    assert len(found.calls) == 8


def test_hooks_of_the_module_run_as_they_do(tmp_path: Path) -> None:
    def program() -> list[str]:
        model, told = Model(), []
        model.rnn.register_forward_pre_hook(lambda *_: told.append("before"))
        model.rnn.register_forward_hook(lambda *_: told.append("after"))
        handle = of_all.register_module_forward_hook(lambda module, *_: told.append(type(module).__name__))
        try:
            model(*batch())
        finally:
            handle.remove()
        return told

    plain, recorded, found = both(tmp_path, program)
    assert plain == recorded
    assert len(found.calls) == 3


def test_threads_are_seen_each_by_its_name(tmp_path: Path) -> None:
    model = Model()

    def run(seed: int) -> Tensor:
        threading.current_thread().name = f"thread-{seed}"
        return model(*batch(seed))

    with ThreadPoolExecutor(4) as pool:
        plain = list(pool.map(run, range(12)))
    with on(tmp_path) as held, ThreadPoolExecutor(4) as pool:
        recorded = list(pool.map(run, range(12)))
    assert same(plain, recorded)
    assert len(held.found.calls) == 36
    assert sorted(call.number for call in held.found.calls) == list(range(1, 37))
    assert {call.thread for call in held.found.calls} == {f"thread-{seed}" for seed in range(12)}


def test_calls_inside_torch_func_are_counted_and_left_alone(tmp_path: Path) -> None:
    model = nn.LSTM(3, 4)
    x = torch.ones(5, 2, 3)

    def program() -> Tensor:
        return torch.func.grad(lambda given: model(given)[0].sum())(x)

    plain, recorded, found = both(tmp_path, program)
    assert torch.equal(plain, recorded)
    assert found.unseen == {"a tensor inside torch.func": 1}
    assert [(call.call, call.rows) for call in found.calls] == [("nn.LSTM", 0)]


def test_tensors_on_another_device_are_not_read(tmp_path: Path) -> None:
    module = nn.LSTM(3, 4, device="meta")
    with on(tmp_path) as held:
        module(torch.ones(5, 2, 3, device="meta"))
    [call] = held.found.calls
    assert (call.device, call.rows, call.steps, call.findings) == ("meta", 2, 5, ())


def test_programs_that_turn_warnings_into_errors_get_none(tmp_path: Path) -> None:
    x = torch.tensor([[[float("nan")], [float("inf")]], [[1e30], [3e38]]])
    with warnings.catch_warnings(), np.errstate(all="warn"), on(tmp_path) as held:
        warnings.simplefilter("error")
        pack_padded_sequence(x, [2, 1], batch_first=True)
        pack_padded_sequence(x.half(), [2, 1], batch_first=True)
        pack_padded_sequence(x.bfloat16(), [2, 1], batch_first=True)
        pack_padded_sequence(x.to(torch.complex64), [2, 1], batch_first=True)
    assert not held.found.unseen
    assert len(held.found.calls) == 4


def test_a_function_that_somebody_exchanged_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mine(*given: Any, **options: Any) -> Any:
        return BOUND_BEFORE[1](*given, **options)

    monkeypatch.setattr(rnn, "pack_sequence", mine)
    code = mine.__code__
    with on(tmp_path) as held:
        assert mine.__code__ is code
        rnn.pack_sequence(sequences(3, 2))
    assert held.found.unseen == {"pack_sequence is not torch's own function": 1}
    assert [call.call for call in held.found.calls] == ["pack_padded_sequence"]
