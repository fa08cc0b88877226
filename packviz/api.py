"""packviz in Python: `check`, `explain`, `probe`, `load` and `trace`. torch is imported when first needed, Qt never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike
from typing import TYPE_CHECKING, Any

from packviz.core.batch import OPTIONS, Batch, BatchError, Call
from packviz.core.budget import MEMORY, bytes_of
from packviz.core.errors import only_batch_errors
from packviz.core.module import Module
from packviz.core.options import call_of, refuse_hx_alone
from packviz.core.patience import TIME, seconds_of
from packviz.core.probing import ProbeReport
from packviz.core.report import Report
from packviz.core.texts.quoting import worded
from packviz.files.handed import batch_of, with_given
from packviz.torch_side.asking.report import report_on

if TYPE_CHECKING:
    from packviz.core.comparing import Comparison
    from packviz.core.gradients import Gradients
    from packviz.core.messages.explain import Explanation
    from packviz.core.noted import Recording
    from packviz.torch_side.stepping.returned import ModuleTrace


def check(
    x: Any,
    lengths: Any = None,
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    module: Any = None,
    hx: Any = None,
    mask: Any = None,
    beside: Mapping[str, Any] | None = None,
    ask: bool = True,
) -> Report:
    """What is wrong with a batch, and what torch really does with it.

    `x`: (B, T, *) with batch_first, else (T, B, *): a tensor, an array, a nested list; a list of sequences,
    (L, *) each; or a PackedSequence. `lengths`: (B,), guessed from the padding where left out. The other options are
    those of `pack_padded_sequence` and `pad_packed_sequence`. `module`: an nn.LSTM, nn.GRU or nn.RNN to run over it,
    or any other that takes a PackedSequence; it stays as it is. `hx`: its initial state, in the order of the batch.
    `mask`: (B, T) or (T, B), booleans or 0 and 1: which cells are data; the lengths are its, where they are left out.
    `beside`: what goes with x, by name: "labels" (or "targets", "tags", "y"), "label_lengths", "order", the permutation
    by which rows were sorted, and "ignore_index" of the loss; it is held against x and its lengths.
    `ask`: False for the rules alone, many times faster: torch is neither asked nor imported, `verdict` is None, the
    findings quote nothing, and no packed index is named that hangs on how torch sorts equal lengths.
    Raises BatchError where x is no batch.
    """
    call = call_of(batch_first, enforce_sorted, padding_value, total_length)
    refuse_hx_alone(module, hx)
    batch = batch_of(x, lengths, call, mask)
    with only_batch_errors():
        if beside is not None:
            from packviz.files.companions import with_companions

            batch = with_companions(batch, beside, asked=True)
        return report_on(batch, _brought(x), own=module, hx=hx, ask=ask)


def explain(
    message: Any,
    x: Any = None,
    lengths: Any = None,
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    module: Any = None,
    hx: Any = None,
    mask: Any = None,
) -> Explanation:
    """The causes of a message or a traceback that torch raised around packing, the likeliest first.

    `message`: a text, or the exception itself, of which those behind it are looked at, too; or the code of a finding,
    such as "padding-left", whose help it gives. `x`, `lengths` and the
    options are those of `check`: given the batch, what it confirms comes first, with its rows, and what it rules out
    last. Where no cause is known, none is invented. Raises BatchError where x is no batch, or where a code is
    misspelt.
    """
    from packviz.core.codes import code_asked
    from packviz.core.messages.explain import explain as explain_message
    from packviz.core.messages.explain import explain_code

    if not isinstance(message, str | BaseException):
        kind = type(message).__name__
        raise TypeError(f"explain() takes a text or an exception first, not a value of type {kind}")
    code = code_asked(message) if isinstance(message, str) else None
    if x is None:
        if lengths is not None:
            raise BatchError("lengths were given without the batch that they are for: give x, too.")
        return explain_message(message) if code is None else explain_code(code)
    report = check(
        x,
        lengths,
        batch_first=batch_first,
        enforce_sorted=enforce_sorted,
        padding_value=padding_value,
        total_length=total_length,
        module=module,
        hx=hx,
        mask=mask,
    )
    return explain_message(message, report) if code is None else explain_code(code, report)


def trace(
    module: Any,
    x: Any,
    lengths: Any = None,
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    hx: Any = None,
    device: Any = None,
) -> ModuleTrace:
    """Every state of one run of the module over the packed batch, step by step, layer by layer, in both directions.

    `module`: an nn.LSTM, nn.GRU or nn.RNN, which is run as in eval mode. x and the options are those of `check`. `hx`:
    its initial state, as the module takes it. `device`: where to step, the module's own if left out. The trace has what
    torch returns, too: `output`, a PackedSequence, `h_n` and `c_n`. A run with more states than memory may be taken for
    (PACKVIZ_MEMORY, 4 GiB) is kept as checkpoints: a state of it is computed again when it is asked for. Raises
    BatchError where the batch can't be packed or stepped.
    """
    from packviz.torch_side.stepping.trace import trace_module

    batch = batch_of(x, lengths, call_of(batch_first, enforce_sorted, padding_value, total_length))
    with only_batch_errors():
        return trace_module(module, batch, hx=hx, device=None if device is None else str(device))


def gradients(
    module: Any,
    x: Any,
    lengths: Any = None,
    *,
    of: str | tuple[int, int, int] = "h_n",
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    hx: Any = None,
) -> Gradients:
    """How much a scalar of a run over the packed batch hangs on every cell of x and on every hidden state.

    `module`: an nn.LSTM, nn.GRU or nn.RNN, run as in eval mode; it stays as it is. `of`: "h_n", the sum of all final
    hidden states; "mean", of all outputs in valid cells; or (row, step, unit) of the output. x and the options are
    those of `check`. Raises BatchError where the batch can't be packed or stepped, or there is no such scalar.
    """
    from packviz.torch_side.stepping.gradients import module_gradients

    batch = batch_of(x, lengths, call_of(batch_first, enforce_sorted, padding_value, total_length))
    with only_batch_errors():
        return module_gradients(module, batch, of=of, hx=hx)


def compare(
    module: Any,
    x: Any,
    lengths: Any = None,
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    hx: Any = None,
) -> tuple[Comparison, ...]:
    """A packed run held against the unpacked one, and what is often taken for its last output against `h_n`:
    `out[:, -1]`, the output at lengths - 1, the mean and the maximum over T. Each says in which rows it differs, and
    why.

    `module`: an nn.LSTM, nn.GRU or nn.RNN, run as in eval mode; it stays as it is. x and the options are those of
    `check`. Raises BatchError where the batch can't be packed or stepped.
    """
    from packviz.torch_side.stepping.comparisons import compare_module

    batch = batch_of(x, lengths, call_of(batch_first, enforce_sorted, padding_value, total_length))
    with only_batch_errors():
        return compare_module(module, batch, hx=hx)


def probe(
    module: Any,
    x: Any,
    lengths: Any = None,
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    hx: Any = None,
    device: Any = None,
) -> ProbeReport:
    """Whether the law holds of a module or a function: a row's result is the same alone, cut to its length, as in any
    batch.

    `module`: an nn.LSTM, nn.GRU or nn.RNN, run over the packed batch and over the padded x, layer by layer, to see
    which outputs and final states read padding; or any other module or callable, fn(x, lengths) or fn(x), that
    returns tensors of (B, T', *), (T', B, *) or (B, *), in tuples, lists, dicts or dataclasses. Either is held against
    the whole law: with other padding, over rows alone and in other company, with other data in other rows, and twice; a
    callable over x of another size, too. `findings` say what is broken, with rows, and `broken` where first; `ok` is
    False where it is, or where that can't be ruled out. `crossings` say which row of x each row of a result reads,
    `reached` which steps of its own. All of it takes at most 20 passes over the batch.
    x and the options are those of `check`. `hx`: of a recurrent module. `device`: where to run, the module's own if
    left out. Modules run in evaluation mode, and all that the callable reaches is as before afterwards, bit for bit.
    It can't see a batch_first that is the wrong way round where x is square (B == T).
    Raises BatchError where x is no batch or has no cells, and where the callable reads on from what can't be put back,
    such as a generator; what the module raises is in the report.
    """
    from packviz.torch_side.probe.calls import probe_callable
    from packviz.torch_side.probe.layers import is_recurrent
    from packviz.torch_side.probe.probes import probe_module

    batch = batch_of(x, lengths, call_of(batch_first, enforce_sorted, padding_value, total_length))
    where = None if device is None else str(device)
    if is_recurrent(module):
        with only_batch_errors():
            return probe_module(module, batch, hx=hx, device=where)
    if not callable(module):
        raise BatchError(f"module is a {type(module).__name__}, but a module or a callable fn(x, lengths) is expected.")
    if hx is not None:
        raise BatchError("hx is for an nn.LSTM, nn.GRU or nn.RNN: hand it over inside your callable, fn(x, lengths).")
    with only_batch_errors():
        return probe_callable(module, batch, lengths=lengths, device=where, beside=x)


def load(
    path: str | PathLike[str],
    *,
    entry: int | str | None = None,
    x: str | None = None,
    axes: str | None = None,
    memory: int | str | None = None,
    seconds: float | str | None = None,
    **options: Any,
) -> Batch | Recording:
    """The batch in a file, or the built-in one of `sample:NAME`; of a recording its calls, where none of them is named.

    `entry`: which one, by its name in the file or its number, where the file holds several: of a recording "17" or
    "17 train.py:31", a call whose batch was kept. `x`: the name of the tensor
    that is the batch, where there are several and their names do not tell. `axes`: how its dimensions lie, a letter
    each: B for its rows, T for its steps, F for features, as in "BFT" of mels with time last. `memory`: what may be
    taken for it, "8G" or a number of bytes; 4 GiB unless PACKVIZ_MEMORY says otherwise. `seconds`: how long it may
    take; 120 unless PACKVIZ_SECONDS says otherwise. `options` are those of `check`, with `lengths` and `mask`, and win
    over what the file says.

    Raises BatchError, one sentence that names the file, where it can't be read, and where it holds several batches and
    none was named: how many, and what to type.
    """
    from packviz.core.samples import SAMPLE, sample
    from packviz.files.registry import load as load_file

    lengths, mask = options.pop("lengths", None), options.pop("mask", None)
    odd = next((name for name in options if name not in OPTIONS), None)
    if odd is not None:
        own = ("entry", "x", "axes", "memory", "seconds", "lengths", "mask")
        raise TypeError(f"load() has no option {odd!r}; it has {', '.join((*own, *OPTIONS))}")
    name = str(path)
    if name.startswith(SAMPLE):
        if entry is not None:
            raise BatchError(f"{name} is one batch, so that there is no batch {worded(entry, 40)} in it.")
        batch = sample(name.removeprefix(SAMPLE)).load()
        call = asdict(call_of(**(asdict(batch.call) | options)))
        batch = batch.with_call(**{option: call[option] for option in options})
        return with_given(batch, lengths, mask)
    if entry is None and x is None and axes is None and lengths is None and mask is None and not options:
        from packviz.files.kept.recordings import recording_at

        with MEMORY.within(None if memory is None else bytes_of(memory)):
            found = recording_at(path)
        if found is not None:
            return found.recording
    wanted = call_of(**(asdict(Call()) | options))
    most = None if seconds is None else seconds_of(seconds)
    with MEMORY.within(None if memory is None else bytes_of(memory)), TIME.within(most):
        return load_file(path, wanted, frozenset(options), lengths=lengths, mask=mask, entry=entry, x=x, axes=axes)


def _brought(x: Any) -> Module:
    """The module that a built-in batch is about; one that is made to fit, of any other."""
    from packviz.core.samples import sample

    found = sample(x.source.name).module if isinstance(x, Batch) and x.source.sample else None
    return found if found is not None and found.held else Module()
