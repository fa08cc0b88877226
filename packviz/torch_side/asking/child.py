"""A process of its own that asks torch about a PackedSequence that contradicts itself: some end the interpreter.

`serve` answers call after call, each in a fork of its own, so that none finds the memory that the one before it has
damaged. `once` answers one call, where there is no safe fork. Started by torch_side/asking/other_process.py, as
`python -m packviz.torch_side.asking.child`.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.carrier import PackedFields
from packviz.core.module import held_module
from packviz.core.packed import is_permutation
from packviz.core.texts.wording import abridged
from packviz.core.verdict import Outcome
from packviz.torch_side.asking.asked import Asked, asked, raised, shape
from packviz.torch_side.asking.run import ask_here
from packviz.torch_side.asking.wire import DONE, ENDED, PACK, READY, UNPACK, PackedCall, decode, framed, read_frame
from packviz.torch_side.module import build, hx_of

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

Say = Callable[[str, Outcome], None]

IDLE_S = 300
"""Without a call for so long the process ends; the next call starts another."""


def answer(call: PackedCall, say: Say) -> None:
    """Say what torch does with the call, stage by stage, each as soon as it is known: the next may be the last.

    Where the module raises, unpacking is asked of the PackedSequence itself.
    """
    import torch

    with torch.no_grad():
        made = _made(call)
        say("pack", made.outcome)
        if made.result is None:
            return
        out = made.result
        if call.module is not None:
            ran = _ran(call, out)
            say("run", ran.outcome)
            out = out if ran.result is None else ran.result
            del ran
        unpacked = _unpacked(call, out)
        say("unpack", unpacked.outcome)
    del made, out, unpacked
    gc.collect()  # memory that was written over is often noticed only when it is given back


def serve(answers: int) -> None:
    """Answer the calls that come on standard input, into the file descriptor `answers`, until it is closed."""
    _warm()
    _say(answers, {READY: True})
    while select.select([0], [], [], IDLE_S)[0]:
        frame = read_frame(lambda size: os.read(0, size))
        if frame is None:
            return
        fork = os.fork()
        if fork == 0:
            with contextlib.suppress(BaseException):
                _answer_within_limits(frame, answers)
            os._exit(0)
        _, status = os.waitpid(fork, 0)
        _say(answers, {ENDED: os.waitstatus_to_exitcode(status)})


def once(answers: int) -> None:
    """Answer the one call on standard input."""
    import torch

    torch.set_num_threads(1)
    frame = read_frame(sys.stdin.buffer.read)
    if frame is not None:
        _say(answers, {READY: True})
        _answer_within_limits(frame, answers)


def _answer_within_limits(frame: bytes, answers: int) -> None:
    call = decode(frame)
    _limit(call)

    def say(stage: str, outcome: Outcome) -> None:
        _say(answers, {"stage": stage, **outcome.to_dict()})

    answer(call, say)
    _say(answers, {DONE: True})


def _limit(call: PackedCall) -> None:
    """Memory and time; an alarm that nobody handles ends the process, wherever it is."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = pages * resource.getpagesize() + call.memory
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, call.seconds)


def _warm() -> None:
    """Answer a call, so that all is imported that an answer needs: no fork has to."""
    import torch

    torch.set_num_threads(1)
    fields = PackedFields(np.zeros((1, 1), dtype=np.float32), np.ones(1, dtype=np.int64))
    answer(PackedCall(fields, "float32", module=held_module()), lambda stage, outcome: None)
    gc.collect()
    gc.freeze()


def _say(answers: int, told: dict[str, Any]) -> None:
    left = framed(json.dumps(told).encode())
    while left:
        left = left[os.write(answers, left) :]


def _made(call: PackedCall) -> Asked:
    """The PackedSequence; one that has sorted_indices alone exists only past the constructor, which would add the
    other."""
    from torch.nn.utils.rnn import PackedSequence

    fields = call.fields
    data = _tensor(fields.data, call.dtype)
    sizes, order, back = (
        None if array is None else _tensor(array)
        for array in (fields.batch_sizes, fields.sorted_indices, fields.unsorted_indices)
    )
    made = asked(PACK, lambda: PackedSequence(data, sizes, order, back), _made_words)
    alone = fields.sorted_indices is not None and back is None and is_permutation(fields.sorted_indices)
    if made.result is None or not alone:
        return made
    return Asked(made.outcome, PackedSequence._make((data, sizes, order, None)))


def _ran(call: PackedCall, packed: PackedSequence) -> Asked:
    assert call.module is not None
    known = replace(call.module, device="cpu")
    name = known.name
    try:
        module, hx = build(known), hx_of(known)
        if call.ready is not None:
            packed = packed._replace(data=_tensor(call.ready, call.ready_dtype))
    except (BatchError, RuntimeError, TypeError) as error:
        said = str(error) if isinstance(error, BatchError) else raised(error)
        return Asked(Outcome(name, None, f"not asked: {said}"), None)
    return ask_here(module, packed, hx, name)


def _unpacked(call: PackedCall, packed: PackedSequence) -> Asked:
    from torch.nn.utils.rnn import pad_packed_sequence

    def unpack() -> tuple[Tensor, Tensor]:
        return pad_packed_sequence(packed, call.batch_first, call.padding_value, call.total_length)

    return asked(UNPACK, unpack, lambda pair: f"returns {shape(pair[0])}, lengths {_listed(pair[1])}")


def _made_words(packed: PackedSequence) -> str:
    return f"returns data {shape(packed.data)}, batch_sizes {_listed(packed.batch_sizes)}"


def _listed(tensor: Tensor) -> str:
    return f"[{abridged(tensor)}]" if tensor.dim() == 1 else f"of shape {shape(tensor)}"


def _tensor(array: Any, dtype: str | None = None) -> Tensor:
    import torch

    tensor = torch.from_numpy(array)
    return tensor if dtype is None else tensor.to(getattr(torch, dtype))


def main(words: list[str]) -> None:
    """`serve` or `once`. Whatever prints on standard output meanwhile, torch too, does not get between the answers."""
    warnings.simplefilter("ignore")
    _plain_signals()
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    (serve if words == ["serve"] else once)(answers)


def _plain_signals() -> None:
    """As in a new shell: a process inherits which signals its parent ignores and blocks, but waits for its forks, and
    counts on its alarm."""
    if hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])


if __name__ == "__main__":
    main(sys.argv[1:])
