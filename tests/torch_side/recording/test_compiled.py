"""What torch.compile puts into a graph is counted where it stands, and nothing that it makes is touched."""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo import config
from torch._dynamo.utils import counters
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence
from torch.utils.checkpoint import checkpoint

from packviz.core.noted import Recording
from packviz.torch_side.recording.compiled import COMPILER, EXPORTING, Compiled, site_in
from packviz.torch_side.recording.recorder import Recorder
from tests.torch_side.recording.programs import Model, batch


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@pytest.fixture
def recurrent() -> Iterator[None]:
    """torch.compile compiles recurrent modules, too."""
    with config.patch(allow_rnn=True):
        yield


class Stack(nn.Module):
    """Several recurrent modules, of which three run at one line."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.LSTM(3, 3, batch_first=True) for _ in range(3)])
        self.last = nn.GRU(3, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)[0]
        return self.last(x)[0]


def line_of(text: str) -> str:
    """Where it stands in this file: `test_compiled.py:40`."""
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return f"{Path(__file__).name}:{next(n for n, line in enumerate(lines, 1) if text in line)}"


def recorded(tmp_path: Path, program: Callable[[], Any]) -> tuple[Any, Recording]:
    recorder = Recorder(str(tmp_path / "run.packviz"))
    recorder.start()
    try:
        result = program()
    finally:
        found = recorder.stop()
    return result, found


WHY = "compiled into a graph by torch.compile: "


@pytest.mark.parametrize("backend", ["eager", "aot_eager", pytest.param("inductor", marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_recurrent_modules_in_a_graph_are_counted_where_they_stand(
    tmp_path: Path, recurrent: None, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "inductor":
        from torch._inductor import config

        monkeypatch.setattr(config, "compile_threads", 1)  # its threads would outlive the test
    model, x = Stack(), torch.rand(2, 5, 3)
    made = torch.compile(model, backend=backend)

    def program() -> list[Tensor]:
        with torch.no_grad():
            return [made(x) for _ in range(3)]

    outputs, found = recorded(tmp_path, program)
    assert found.unseen == {
        f"{WHY}nn.LSTM at {line_of('x = layer(x)[0]')}": 3,
        f"{WHY}nn.GRU at {line_of('return self.last(x)[0]')}": 1,
    }
    assert found.calls == ()
    torch._dynamo.reset()
    with torch.no_grad():
        plain = torch.compile(model, backend=backend)(x)
    assert all(torch.equal(output, plain) for output in outputs)


@pytest.mark.parametrize("dynamic", [None, True, False])
def test_a_graph_for_each_size_counts_the_same_calls_once(
    tmp_path: Path, recurrent: None, dynamic: bool | None
) -> None:
    """torch.compile itself says how many graphs it made."""

    def program() -> tuple[list[Tensor], dict[str, Any]]:
        torch._dynamo.reset()
        counters.clear()
        torch.manual_seed(0)
        made = torch.compile(nn.LSTM(3, 4, batch_first=True), backend="eager", dynamic=dynamic, fullgraph=True)
        with torch.no_grad():
            outputs = [made(torch.ones(rows, steps, 3))[0] for rows, steps in ((2, 5), (3, 5), (4, 6), (2, 5))]
        return outputs, {name: dict(counters[name]) for name in ("frames", "graph_break", "stats", "recompiles")}

    plain, told = program()
    (outputs, meanwhile), found = recorded(tmp_path, program)
    assert all(map(torch.equal, outputs, plain))
    assert meanwhile == told
    assert told["stats"]["unique_graphs"] > 1 or dynamic is True
    assert list((found.unseen or {}).values()) == [1]


@pytest.mark.filterwarnings("ignore::UserWarning")  # torch looks at .grad of what has none
def test_explain_says_the_same_of_graphs_and_breaks_and_guards_one_function_more(
    tmp_path: Path, recurrent: None
) -> None:
    """The one by which the new code knows that it is compiled; nobody exchanges that, so it always holds."""

    def program() -> tuple[list[tuple[int, ...]], Counter[str]]:
        told, guards = [], Counter[str]()
        for model, given in ((Stack(), (torch.ones(2, 5, 3),)), (Model(), batch())):
            torch._dynamo.reset()
            found = torch._dynamo.explain(model)(*given)
            told.append((found.graph_count, found.graph_break_count, found.op_count))
            guards.update(re.sub(r"\d+", "n", guard.name) for guard in found.out_guards)
        return told, guards

    told, guards = program()
    (meanwhile, more), _ = recorded(tmp_path, program)
    assert meanwhile == told
    assert not guards - more
    added = [name.partition(".torch.")[2] for name in more - guards]
    assert sorted(added) == ["compiler", "compiler.is_dynamo_compiling"]


def test_a_module_in_a_graph_inside_the_graph_is_counted_without_its_place(tmp_path: Path, recurrent: None) -> None:
    module = nn.GRU(3, 4)

    def run(x: Tensor) -> Tensor:
        return checkpoint(lambda given: module(given)[0], x, use_reentrant=False)

    def program() -> Tensor:
        return torch.compile(run, backend="eager", fullgraph=True)(torch.ones(5, 2, 3, requires_grad=True))

    _, found = recorded(tmp_path, program)
    assert found.unseen == {f"{WHY}nn.GRU": 1}


def test_a_forward_that_python_runs_after_all_is_seen_and_not_counted(tmp_path: Path, recurrent: None) -> None:
    """Of a PackedSequence the compiler can't tell the sizes: it gives up inside the module."""
    made = torch.compile(nn.LSTM(3, 4), backend="eager")
    packed = pack_padded_sequence(*batch(), batch_first=True, enforce_sorted=False)
    _, found = recorded(tmp_path, lambda: made(packed))
    assert [call.call for call in found.calls] == ["nn.LSTM"]
    assert not found.unseen


@pytest.mark.parametrize("allow", [False, True])
def test_packing_is_left_to_python_by_torch_compile_and_seen(tmp_path: Path, allow: bool) -> None:
    x, lengths = batch()

    def pack(given: Tensor) -> Tensor:
        return pack_padded_sequence(given, lengths, batch_first=True, enforce_sorted=False).data * 2

    def unpack(data: Tensor, sizes: Tensor) -> Tensor:
        return pad_packed_sequence(PackedSequence(data, sizes))[0] * 2

    def rows(given: Tensor) -> Tensor:
        return pack_sequence([given[0], given[1]]).data * 2

    def program() -> None:
        torch.compile(pack, backend="eager")(x)
        torch.compile(unpack, backend="eager")(torch.ones(3, 2), torch.tensor([2, 1]))
        torch.compile(rows, backend="eager")(x)
        torch.compile(nn.GRU(3, 4), backend="eager")(pack_padded_sequence(x, lengths, True, False))

    with config.patch(allow_rnn=allow):
        _, found = recorded(tmp_path, program)
    assert [call.call for call in found.calls] == [
        *("pack_padded_sequence", "pad_packed_sequence", "pack_sequence", "pack_padded_sequence", "nn.GRU")
    ]
    assert not found.unseen


def test_what_other_threads_run_while_one_compiles_is_seen(tmp_path: Path) -> None:
    """torch says of all threads that it compiles."""
    seen: list[bool] = []

    def backend(graph: Any, _: Any) -> Any:
        def run() -> None:
            seen.append(torch.compiler.is_compiling())
            Model()(*batch())

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        return graph

    _, found = recorded(tmp_path, lambda: torch.compile(lambda x: x + 1, backend=backend)(torch.ones(2)))
    assert seen == [True]
    assert [call.call for call in found.calls] == ["pack_padded_sequence", "nn.LSTM", "pad_packed_sequence"]


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
def test_what_is_exported_is_counted_and_not_noted(tmp_path: Path) -> None:
    model, x = nn.GRU(3, 4), torch.ones(5, 2, 3)

    def program() -> str:
        return str(torch.export.export(model, (x,), strict=False).graph)

    plain = program()
    graph, found = recorded(tmp_path, program)
    assert graph == plain
    assert found.unseen == {EXPORTING: 1}
    assert found.calls == ()


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
def test_what_the_compiler_exports_is_none_of_its_graphs(tmp_path: Path, recurrent: None) -> None:
    _, found = recorded(tmp_path, lambda: torch._dynamo.export(nn.GRU(3, 4))(torch.ones(5, 2, 3)))
    assert found.unseen == {EXPORTING: 1}


def test_a_module_whose_forward_is_broken_in_two_is_seen_and_not_counted(tmp_path: Path, recurrent: None) -> None:
    """What stands before the break is in a graph, and the compiler has traced the rest: but Python runs it."""

    class Breaks(nn.GRU):
        def check_forward_args(self, *given: Any) -> None:
            torch._dynamo.graph_break()
            super().check_forward_args(*given)

    _, found = recorded(tmp_path, lambda: torch.compile(Breaks(3, 4), backend="eager")(torch.ones(5, 2, 3)))
    assert [call.call for call in found.calls] == ["nn.GRU"]
    assert not found.unseen


def test_a_compiler_that_never_comes_is_not_waited_for_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, COMPILER, raising=False)
    finders = list(sys.meta_path)
    _, found = recorded(tmp_path, lambda: finders.append(sys.meta_path[0]))
    assert finders.pop() not in finders, "it was waited for"
    assert sys.meta_path == finders
    assert not found.unseen


def test_the_compiler_has_no_hook_of_ours_afterwards(tmp_path: Path) -> None:
    from torch._dynamo import convert_frame

    before, finders = dict(convert_frame._bytecode_hooks), list(sys.meta_path)
    recorded(tmp_path, lambda: None)
    assert dict(convert_frame._bytecode_hooks) == before
    assert sys.meta_path == finders


def test_a_defect_of_ours_is_counted_and_the_program_compiles(
    tmp_path: Path, recurrent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Compiled, output: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(Compiled, "_read", fails)
    made = torch.compile(nn.GRU(3, 4), backend="eager")
    _, found = recorded(tmp_path, lambda: made(torch.ones(5, 2, 3)))
    assert found.unseen == {"inside packviz: ZeroDivisionError: ours": 1}


def test_the_place_is_the_innermost_of_the_program(tmp_path: Path) -> None:
    frames = [("/a/main.py", 3, "<module>"), ("/a/b/model.py", 7, "forward"), (torch.nn.__file__, 9, "forward")]
    site = site_in("".join(f'  File "{path}", line {line}, in {name}\n    code\n' for path, line, name in frames))
    assert site is not None
    assert (site.path, site.line, site.function) == ("/a/b/model.py", 7, "forward")
    assert site_in("") is None
