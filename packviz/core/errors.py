"""The two errors of packviz's own: what was given is not a batch; and a defect of packviz."""

from __future__ import annotations

import platform
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from packviz.core.cancel import Cancelled, TooLong
from packviz.core.texts.quoting import cut, elided

MOST_FRAMES = 6
HOUSE = Path(__file__).parents[1]


class BatchError(ValueError):
    """What was given is not a batch. The text is one sentence, ready to be shown: which file, row or
    index; what was expected; what to do."""


class Undecided(BatchError):
    """It may be one of several things, and only who has it can say which. `choices`: their names. `option`: the one of
    `packviz.load` that says which, "x" or "axes"."""

    def __init__(
        self, text: str, choices: Sequence[str], pick: Callable[[str], Any] | None = None, option: str = "x"
    ) -> None:
        super().__init__(text)
        self.choices, self._pick, self.option = tuple(choices), pick, option

    def typed(self) -> str:
        """The text, with what is typed to say which: `…; say which, with --axes BTF or --axes BFT.`"""
        if not self.choices:
            return str(self)
        ways = [f"--{self.option} {shlex.quote(name)}" for name in self.choices]
        listed = ways[0] if len(ways) == 1 else f"{', '.join(ways[:-1])} or {ways[-1]}"
        return f"{str(self).rstrip('.')}{'; or' if self.option == 'x' else ';'} say which, with {listed}."

    def pick(self, name: str) -> Any:
        """What the one of this name is."""
        if self._pick is None or name not in self.choices:
            raise self
        return self._pick(name)

    def at(self, place: str) -> Undecided:
        """The same of what is at this place."""
        return Undecided(f"{elided(place)}: {self}", self.choices, self._pick, self.option)

    def inside(self, context: Callable[[], AbstractContextManager[None]]) -> Undecided:
        """The same, picked inside this context."""

        def pick(name: str) -> Any:
            with context():
                return self.pick(name)

        return Undecided(str(self), self.choices, pick, self.option)


class Defect(RuntimeError):
    """Something was raised in packviz that nothing there is meant to raise. The text says so, and what to send."""


class NoTorch(BatchError):
    """torch is needed, and can't be imported here."""


def no_torch(error: BaseException) -> NoTorch | None:
    """What to say of an error that the import of torch raised, where it is missing or its libraries are; None of any
    other."""
    if not isinstance(error, ImportError | OSError):
        return None
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        return NoTorch("torch is not installed here: install it.")
    missing = isinstance(error, ImportError) and (error.name or "").partition(".")[0] == "torch"
    if not missing and not any(_imports_torch(frame) for frame, _ in traceback.walk_tb(error.__traceback__)):
        return None
    return NoTorch(f"torch can't be imported here ({cut(' '.join(str(error).split())).rstrip('.')}): install it anew.")


def _imports_torch(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "torch"


@contextmanager
def only_batch_errors() -> Iterator[None]:
    """THE boundary of every way in. Whatever a file, a text or an object makes packviz or a library raise inside comes
    out as a BatchError, where it is known what it means, and else as a Defect; OSError but of torch's import, Cancelled
    and what is no Exception pass."""
    try:
        yield
    except TooLong as error:
        raise BatchError(str(error)) from None
    except (BatchError, Defect, Cancelled):
        raise
    except (ImportError, OSError) as error:
        told = no_torch(error)
        if told is not None:
            raise told from None
        if isinstance(error, ImportError):
            raise Defect(defect_text(error)) from error
        raise
    except MemoryError:
        raise BatchError("it does not fit in memory.") from None
    except RecursionError:
        raise BatchError("it is nested too deep to be read, but a batch has (B, T, *).") from None
    except Exception as error:
        raise Defect(defect_text(error)) from error


def defect_text(error: BaseException) -> str:
    """What to show of an exception that is a defect of packviz: a sentence, and below it the lines to send."""
    said = cut(" ".join(str(error).split()))
    return "\n".join(
        [
            "packviz failed here, which is its own defect and not the batch's: please send its developers these lines.",
            *(f"  {line}" for line in (*_versions(), *_frames(error), f"{type(error).__name__}: {said}".rstrip(": "))),
        ]
    )


def _versions() -> list[str]:
    """The versions of what is loaded already: nothing is imported to say that it failed."""
    from packviz import __version__

    loaded = {name: getattr(sys.modules.get(name), "__version__", "") for name in ("numpy", "torch", "PySide6")}
    others = ", ".join(f"{name} {version}" for name, version in loaded.items() if version)
    return [f"packviz {__version__}, Python {platform.python_version()}, {others}, {sys.platform}"]


def _frames(error: BaseException) -> list[str]:
    """The innermost lines of packviz's own that it went through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if HOUSE in Path(frame.filename).parents]
    return [
        f"{Path(frame.filename).relative_to(HOUSE.parent).as_posix()}:{frame.lineno} in {frame.name}"
        for frame in ours[-MOST_FRAMES:]
    ]
