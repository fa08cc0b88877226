"""FILE, - or sample:NAME, and the options of the call that were typed, to a Batch."""

from __future__ import annotations

import argparse
import difflib
import errno
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.calls.words import beside_said
from packviz.core.errors import Undecided
from packviz.core.module import STORED, Module, Stored
from packviz.core.samples import SAMPLE, sample
from packviz.core.texts.quoting import elided
from packviz.files.addresses import is_address
from packviz.files.kept.parts import parts_beside

if TYPE_CHECKING:
    from packviz.files.loaded import Loaded

CHOSEN = ("cell", "hidden", "seed", "device", "layers", "directions", "projection", "nonlinearity", "initial")
"""What can be typed of the module: names of Module."""


@dataclass(frozen=True)
class Typed:
    """The options that were typed: they win over what a file says.

    `call`: torch's defaults, but for what was typed; `names`: the names of `Call` that were. `model`: the names
    and values of `Module` that were. `entry`: the name or the number of a batch in a file that holds several; `x`:
    which of several tensors is the batch; `axes`: how its dimensions lie.
    `weights`: the file of the module's, with the prefix of one of several modules, FILE:PREFIX; `stored`: what it
    holds, once it has been read. `piped`: all of standard input, where it has been read already.
    """

    call: Call = field(default_factory=Call)
    names: frozenset[str] = frozenset()
    lengths: tuple[float, ...] | None = None
    model: tuple[tuple[str, str | int], ...] = ()
    entry: str | None = None
    weights: str | None = None
    x: str | None = None
    axes: str | None = None
    stored: Stored | None = None
    piped: bytes | None = None

    @classmethod
    def of(cls, options: argparse.Namespace) -> Typed:
        """What the parsed command line holds."""
        typed = vars(options)
        call = {f.name: typed[f.name] for f in fields(Call) if f.name in typed}
        model = {name: typed[name] for name in CHOSEN if name in typed}
        named = {name: typed.get(name) for name in ("lengths", "entry", "weights", "x", "axes")}
        return cls(Call(**call), frozenset(call), model=tuple(model.items()), **named)

    def with_weights(self) -> Typed:
        """The same once the weights have been read. Raises BatchError where they can't be, or what was typed of the
        module contradicts them or itself."""
        if self.weights is None:
            _check(replace(Module(), **dict(self.model)))  # type: ignore[arg-type]
            return self
        from packviz.files.weights import load_weights

        path, _, prefix = self.weights.rpartition(":")
        whole = not path or Path(self.weights).exists()
        try:
            stored = load_weights(self.weights) if whole else load_weights(path, prefix=prefix)
        except Undecided as error:
            file = self.weights if whole else path
            raise BatchError(f"{str(error).rstrip('.')}, with --weights {file}:{error.choices[0]}") from None
        made = Module().with_weights(stored)
        for name, value in self.model:
            own = getattr(made, name)
            if name in (*STORED, "cell") and value != own:
                flag = FLAGS.get(name, f"--{name}")
                raise BatchError(f"{flag} {value} is typed, but {elided(stored.source)} holds weights of {own}.")
        return replace(self, stored=stored)

    def on(self, batch: Batch) -> Batch:
        """The batch with what was typed."""
        batch = batch.with_call(**{name: getattr(self.call, name) for name in self.names}) if self.names else batch
        return batch if self.lengths is None else batch.with_lengths(self.lengths)

    def spec(self, spec: Module | None = None) -> Module:
        """The module to step: the sample's or the default one, with what was typed; one that it brings along stays."""
        if self.stored is not None:
            base = Module() if spec is None or spec.held else spec
            rest = {name: value for name, value in self.model if name not in (*STORED, "cell")}
            return replace(base.with_weights(self.stored), **rest)  # type: ignore[arg-type]
        typed = {name: value for name, value in self.model if spec is None or not spec.held or name == "seed"}
        made = replace(spec or Module(), **typed)  # type: ignore[arg-type]
        return made if made.cell == "LSTM" or made.held else replace(made, projection=0)


STDIN = "standard input"
"""The name of what was piped in, for messages and as the source of its batches."""

FLAGS = {"directions": "--bidirectional", "projection": "--proj-size", "layers": "--layers", "hidden": "--hidden"}
"""What is typed for a field of Module, where its name is another."""


def _check(module: Module) -> None:
    """Raises BatchError where torch makes no such module."""
    if module.projection and module.cell != "LSTM":
        raise BatchError(f"--proj-size is for an LSTM: an {module.name} has no projection.")
    if module.projection >= module.hidden:
        sizes = f"--proj-size is {module.projection}, but the hidden size {module.hidden}"
        raise BatchError(f"{sizes}: it must be less.")


def read(name: str, typed: Typed) -> tuple[Batch, Module]:
    """The batch of that name, and the module to step. Raises BatchError, also where a file holds several batches and
    none was named."""
    loaded, spec = _read_one(name, typed)
    return loaded.made(), spec


def _read_one(name: str, typed: Typed) -> tuple[Loaded, Module]:
    """The same, with what came with it."""
    from packviz.files.loaded import Loaded

    if name.startswith(SAMPLE):
        for flag in ("entry", "x", "axes"):
            if getattr(typed, flag) is not None:
                raise BatchError(f"{name} is one batch: leave --{flag} out.")
        found = sample(sample_name(name))
        batch = typed.on(found.load())
        return Loaded("", batch.source.shown, batch), typed.spec(found.module)
    from packviz.files.registry import load_one, loads_one
    from packviz.files.several import SeveralBatches

    place, data = _taken(name, typed)
    wanted: dict[str, Any] = {"lengths": typed.lengths, "entry": typed.entry, "x": typed.x, "axes": typed.axes}
    try:
        if data is None:
            loaded = load_one(place, typed.call, typed.names, **wanted)
        else:
            loaded = loads_one(data, place, typed.call, typed.names, **wanted)
        return loaded, typed.spec(loaded.module)
    except SeveralBatches as error:
        raise SeveralBatches(error.place, error.names, "--entry ") from None
    except Undecided as error:
        raise BatchError(error.typed()) from None


def read_each(name: str, typed: Typed) -> Iterator[tuple[Loaded, Module]]:
    """Every batch of that name, as they are read, and the module to step: all that a file holds, or the one that was
    named. One that can't be read says why. Raises BatchError where none can."""
    from packviz.files.registry import load_each, loads_each

    if name.startswith(SAMPLE) or typed.entry is not None:
        loaded, spec = _read_one(name, typed)
        yield replace(loaded, name=""), spec
        return
    place, data = _taken(name, typed)
    wanted: dict[str, Any] = {"lengths": typed.lengths, "x": typed.x, "axes": typed.axes}
    try:
        if data is None:
            batches = load_each(place, typed.call, typed.names, **wanted)
        else:
            batches = loads_each(data, place, typed.call, typed.names, **wanted)
        for loaded in batches:
            told = loaded if loaded.undecided is None else replace(loaded, trouble=loaded.undecided.typed())
            yield told, typed.spec(loaded.module)
    except Undecided as error:
        raise BatchError(error.typed()) from None


def batches_of(names: Sequence[str], typed: Typed) -> Iterator[tuple[Batch | BatchError, Module]]:
    """Each batch of these files, or what is wrong in its place, and the module to step."""
    for name in names:
        try:
            for loaded, spec in read_each(name, typed):
                yield loaded.batch or BatchError(loaded.trouble), spec
        except BatchError as error:
            yield error, typed.spec()


def _taken(name: str, typed: Typed) -> tuple[str, bytes | None]:
    """The name for messages, and the bytes of standard input; None of a file or a pipe, such as <(python train.py).
    Raises BatchError where there is nothing to read."""
    if name == "-":
        return STDIN, read_stdin() if typed.piped is None else typed.piped
    look_at(name)
    return name, None


def sample_name(name: str) -> str:
    """`first-batch` of `sample:first-batch`. Raises BatchError where there is no such sample."""
    return sample(name.removeprefix(SAMPLE)).name


BATCH = ("a batch", "such as [[1,2,3],[4,5,0]] and lengths = [3, 2]", "nested lists, a printed tensor or a file")
MESSAGE = ("a message", "or a whole traceback", "what torch raised, or a whole traceback")


def read_stdin(wanted: tuple[str, str, str] = BATCH) -> bytes:
    """All of standard input. Raises BatchError where it is empty; says what is expected where somebody types.

    `wanted`: what is expected, an example of it, and what it can be.
    """
    from packviz.files.opened import read_standard_input

    what, _, kinds = wanted
    ask_for_input(wanted)
    data = read_standard_input()
    if not data.strip():
        raise BatchError(f"standard input is empty, but {what} is expected: {kinds}.")
    return data


def ask_for_input(wanted: tuple[str, str, str] = BATCH) -> None:
    """Says what is expected of standard input, where somebody types. Raises BatchError where it is closed."""
    what, example, _ = wanted
    if sys.stdin is None or sys.stdin.closed:
        raise BatchError(f"standard input is closed, but - reads {what} from it.")
    if sys.stdin.isatty():
        end = "Ctrl+Z and Enter" if os.name == "nt" else "Ctrl+D"
        print(f"Type or paste {what}, {example}, then {end}.", file=sys.stderr)


def look_at(name: str) -> None:
    """Raises BatchError where there is no such file, or it may not be read, before anything is opened.

    What lies at an address is seen once it is opened."""
    if not name:
        raise BatchError("the name of the file is empty, but a file with a batch is expected.")
    if is_address(name):
        return
    path = Path(name)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise BatchError(f"{name} can't be read: {reason(error)}.") from error
        if path.is_symlink():
            raise BatchError(f"{name} can't be read: it is a link that leads nowhere.") from error
        parts = [str(part) for part in parts_beside(name)]
        raise BatchError(f"there is no file {name}" + (f": {beside_said(parts)}" if parts else _hint(path))) from error
    if stat.S_ISDIR(mode):
        raise BatchError(f"{name} is a folder, but a file with a batch is expected.")
    if not os.access(path, os.R_OK):
        raise BatchError(f"{name} can't be read: permission denied.")


def reason(error: OSError) -> str:
    """The system's reason, without number and path."""
    return (error.strerror or str(error)).lower()


def _hint(path: Path) -> str:
    from packviz.cli.parser import COMMANDS

    command = difflib.get_close_matches(str(path), COMMANDS, n=1)
    if command:
        return f"; the command is packviz {command[0]} FILE."
    try:
        names = [other.name for other in path.parent.iterdir()]
    except OSError:
        return f": there is no folder {path.parent} either."
    close = difflib.get_close_matches(path.name, names, n=1, cutoff=0.75)
    return f", did you mean {path.with_name(close[0])}?" if close else "."
