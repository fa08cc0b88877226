"""`packviz probe`: what a module, or a function of the user's own, reads of the padding and of the other rows.

This is the one command that runs code of the user's: a file that is named with the function in it. It says so.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from packviz.cli.reading import Typed, read
from packviz.core.errors import BatchError, only_batch_errors
from packviz.core.probing import ProbeReport
from packviz.core.texts.quoting import elided, worded

TARGET = re.compile(r"(?P<file>.+\.py):(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)")
"""`module.py:function`, or a thing in it: `train.py:model.encoder`."""

Warn = Callable[[str], object]


def probed(target: str | None, name: str, typed: Typed, warn: Warn) -> ProbeReport:
    """The probe of the recurrent module that was typed, or of `target`, over the batch of that name. Raises BatchError
    where one of them can't be read or run. `warn` is told whose code is run."""
    if target is None:
        from packviz.torch_side.probe.probes import probe_spec

        batch, spec = read(name, typed)
        with only_batch_errors():
            return probe_spec(batch, spec)
    found = TARGET.fullmatch(target)
    if found is None:
        raise BatchError(
            f"{elided(target)} is no function of a file: write module.py:function, or leave it out to probe the "
            "recurrent module of --cell or --weights."
        )
    batch, _ = read(name, typed)
    path = Path(found["file"])
    if not path.is_file():
        raise BatchError(f"{elided(str(path))} can't be read: there is no such file.")
    warn(f"running {elided(str(path))}, which is your code; what it prints goes to standard error.")
    with redirect_stdout(sys.stderr):
        fn = _named(_module_of(path), found["name"], path)
        return _probe(fn, batch)


def _probe(fn: Any, batch: Any) -> ProbeReport:
    from packviz import probe
    from packviz.torch_side.tensors import to_tensor, x_of

    call = batch.call
    x, lengths = x_of(batch), to_tensor(batch.counts.copy())
    return probe(fn, x, lengths, batch_first=call.batch_first, enforce_sorted=call.enforce_sorted)


def _module_of(path: Path) -> ModuleType:
    """The file, run as a module, with its own folder first on the path, as python has it. Raises BatchError."""
    folder = str(path.resolve().parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, folder)
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise BatchError(f"{elided(str(path))} raises {_raised(error, path)} where it is run.") from error
    finally:
        sys.path.remove(folder)
    return module


def _raised(error: BaseException, path: Path) -> str:
    """`ValueError: … in line 12`, the line being the last one in that file."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == path.resolve()]
    said = f"{type(error).__name__}: {worded(str(error), 200)}"
    return f"{said} (line {lines[-1]})" if lines else said


def _named(module: ModuleType, name: str, path: Path) -> Any:
    """What has that name in the module. Raises BatchError where there is none, or it can't be called as it is."""
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            have = [each for each, value in vars(module).items() if _is_own(value, module) and not each.startswith("_")]
            some = f": it has {', '.join(have[:8])}" if have else ""
            raise BatchError(f"{elided(str(path))} has no {elided(name)}{some}.")
        found = getattr(found, part)
    if isinstance(found, type):
        raise BatchError(
            f"{elided(name)} of {elided(str(path))} is a class: name an instance of it, such as model = {name}(), or a "
            "function fn(x, lengths)."
        )
    return found


def _is_own(value: Any, module: ModuleType) -> bool:
    """Whether it can be called, and is no class or function that the module has imported."""
    return callable(value) and (not hasattr(value, "__name__") or value.__module__ == module.__name__)
