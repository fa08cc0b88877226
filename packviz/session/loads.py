"""Ways in: requests that read files, a paste, a sample, what was piped in, or weights; and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import Watch
from packviz.core.model import ModelSpec, Weights
from packviz.core.texts.wording import count
from packviz.session.requests import Request

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation

MOST_TROUBLES = 3  # sentences about files that can't be read; of more, how many


@dataclass(frozen=True, eq=False)
class Entry:
    """One batch that was read, and the module that it brings along, if any; `notes`: what there is to say about it."""

    batch: Batch
    module: ModelSpec | None = None
    notes: str = ""


@dataclass(frozen=True, eq=False)
class Loaded:
    """What came of a load: batches, in order, and of a paste what its error message means.

    `trouble`: what of it could not be read, in a sentence or more.
    """

    entries: tuple[Entry, ...] = ()
    explanation: Explanation | None = None
    trouble: str = ""


@dataclass(frozen=True)
class LoadRequest(Request[Loaded]):
    """Read files, a paste or a sample. Exactly one of `paths`, `text`, `sample`, `data` is set.

    `data`: what was piped in, bytes of any format.

    `call`: the options, for want of others; what the file or the text says itself wins over them, except over those
    named in `typed`, which were typed on the command line. `serial` tells two requests for the same thing apart.
    """

    kind: ClassVar[str] = "load"
    serial: int
    paths: tuple[str, ...] = ()
    text: str | None = None
    sample: str | None = None
    data: bytes | None = None
    call: Call = field(default_factory=Call)
    typed: frozenset[str] = frozenset()
    lengths: tuple[float, ...] | None = None
    note: str = ""  # a sentence to show once it is open

    @property
    def name(self) -> str:
        """What is being read, in a word or two."""
        if self.data is not None:
            return "standard input"
        if len(self.paths) > 1:
            return f"{len(self.paths)} files"
        return self.sample or (Path(self.paths[0]).name if self.paths else "the paste")

    def do(self, watch: Watch) -> Loaded:
        """The batches. Of several files, those that can be read. Raises BatchError where there is none, Cancelled."""
        if self.sample is not None:
            from packviz.core.samples import sample

            found = sample(self.sample)
            own = None if found.spec == ModelSpec() else found.spec  # any other is as good as the one that was there
            return Loaded((Entry(found.load(), own, self.note),))
        if self.paths:
            return self._files(watch)
        if self.data is not None:
            from packviz.files.registry import loads

            batch = loads(self.data, self.name, self.call, self.typed, lengths=self.lengths, watch=watch)
            return Loaded((Entry(batch),))
        from packviz.files.paste.pasted import read_paste

        pasted = read_paste(self.text or "", self.call, self.typed, watch=watch)
        entries = () if pasted.batch is None else (Entry(pasted.batch),)
        return Loaded(entries, pasted.explanation, pasted.trouble)

    def _files(self, watch: Watch) -> Loaded:
        troubles: list[str] = []
        entries = tuple(self._each_file(watch, troubles))
        if not entries:
            raise BatchError(told(troubles))
        return Loaded(entries, trouble=told(troubles))

    def _each_file(self, watch: Watch, troubles: list[str]) -> Iterator[Entry]:
        from packviz.files.registry import load

        share = 1 / len(self.paths)
        for place, path in enumerate(self.paths):
            part = _part_of(watch, place * share, share)
            try:
                batch = load(path, self.call, self.typed, lengths=self.lengths, watch=part)
            except BatchError as error:
                troubles.append(str(error))
            else:
                yield Entry(batch)


@dataclass(frozen=True)
class WeightsRequest(Request[Weights]):
    """Read the weights of the module from a state_dict; a load like any other, so that there is one at a time."""

    kind: ClassVar[str] = "load"
    serial: int
    path: str

    @property
    def name(self) -> str:
        """What is being read, in a word."""
        return Path(self.path).name

    def do(self, watch: Watch) -> Weights:
        """The weights. Raises BatchError, Cancelled."""
        from packviz.files.weights import load_weights

        return load_weights(self.path, watch)


def told(troubles: list[str]) -> str:
    """What could not be read, the first few sentences whole."""
    more = len(troubles) - MOST_TROUBLES
    rest = [f"{count(more, 'more file')} can't be read either."] if more > 0 else []
    return " ".join([*troubles[:MOST_TROUBLES], *rest])


def _part_of(watch: Watch, start: float, share: float) -> Watch:
    """The same watch, for a part of the work that begins at `start` and is `share` of it."""
    progress = watch.progress
    if progress is None:
        return watch
    return Watch(lambda fraction: progress(start + share * fraction), watch.cancelled)
