"""Ways in: requests that read files, a paste, a sample, what was piped in, or weights; and what comes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.calls.choosing import worst_kept
from packviz.core.calls.modules import ran_on
from packviz.core.calls.words import beside_it, damage_said
from packviz.core.cancel import Watch
from packviz.core.errors import Undecided
from packviz.core.module import Module, Stored
from packviz.core.noted import NotedCall
from packviz.core.saved import Marks
from packviz.core.texts.wording import count
from packviz.core.whole import Whole
from packviz.session.listing import OpenRecording
from packviz.session.requests import Request

if TYPE_CHECKING:
    from packviz.core.messages.explain import Explanation
    from packviz.files.kept.recordings import Recorded

SAMPLE = "sample:"  # as in core/samples.py, which reads all of them
MOST_TROUBLES = 3  # sentences about files that can't be read; of more, how many


@dataclass(frozen=True, eq=False)
class Entry:
    """One batch that was read, and the module that it brings along, if any; `notes`: what there is to say about it;
    `call`: the one of a recording that it is of, `like`: the module that ran on what it packed, where that is known;
    `marks`: of a document of a session, how it was left; `by`: the process and the line of a program that shows it."""

    batch: Batch
    module: Module | None = None
    notes: str = ""
    call: NotedCall | None = None
    marks: Marks | None = None
    like: Module | None = None
    by: str = ""


@dataclass(frozen=True, eq=False)
class Loaded:
    """What came of a load: batches, in order, and of a paste what its error message means.

    `shown`: the place of the one to show. `trouble`: what of it could not be read, in a sentence or more. `lengths`:
    the numbers of a paste that may be those of the open batch; there may be an entry that holds them as x. `session`:
    the file that they are a session of; `file`: of work that was kept, the session file that it belongs to; `identity`,
    `file_identity`: of what these held. `recording`: the one that was read; its worst call is among the entries, where
    its batch was kept. `others`: those that were read before it.
    """

    entries: tuple[Entry, ...] = ()
    explanation: Explanation | None = None
    trouble: str = ""
    shown: int = 0
    lengths: tuple[int, ...] | None = None
    recording: OpenRecording | None = None
    others: tuple[OpenRecording, ...] = ()
    session: str = ""
    file: str = ""
    identity: str = ""
    file_identity: str = ""


@dataclass(frozen=True)
class LoadRequest(Request[Loaded]):
    """Read files, a paste or a sample. Exactly one of `paths`, `text`, `sample` is set.

    `paths`: files, pipes, built-in samples as `sample:NAME`, or `-` for standard input.

    `call`: the options, for want of others; what the file or the text says itself wins over them, except over those
    named in `typed`, which were typed on the command line. `entry`: which batch of a file that holds several; all,
    where none is named. `serial` tells two requests for the same thing apart.
    """

    kind: ClassVar[str] = "load"
    serial: int
    paths: tuple[str, ...] = ()
    text: str | None = None
    sample: str | None = None
    call: Call = field(default_factory=Call)
    typed: frozenset[str] = frozenset()
    lengths: tuple[float, ...] | None = None
    entry: str | None = None
    note: str = ""  # a sentence to show once it is open
    x: str | None = None  # which of several tensors is the batch
    axes: str | None = None  # how its dimensions lie
    kept: bool = False  # it is work that was kept when packviz ended

    def with_choice(self, name: str, option: str = "x") -> LoadRequest:
        """The same, once somebody has said which of several tensors is the batch, or how its dimensions lie."""
        return replace(self, axes=name) if option == "axes" else replace(self, x=name)

    @property
    def name(self) -> str:
        """What is being read, in a word or two."""
        if len(self.paths) > 1:
            return f"{len(self.paths)} files"
        return self.sample or (_shown(self.paths[0]) if self.paths else "the paste")

    def do(self, watch: Watch) -> Loaded:
        """The batches. Of several files, those that can be read. Raises BatchError where there is none, Cancelled."""
        if self.sample is not None:
            return Loaded((_of_sample(self.sample, self.note),))
        if self.paths:
            return self._files(watch)
        from packviz.files.paste.pasted import read_paste

        pasted = read_paste(self.text or "", self.call, self.typed, x=self.x, axes=self.axes, watch=watch)
        if pasted.batch is None or not pasted.batches:
            alone = () if pasted.batch is None else (Entry(pasted.batch),)
            return Loaded(alone, pasted.explanation, pasted.trouble, lengths=pasted.lengths)
        there = [loaded.batch for loaded in pasted.batches if loaded.batch is not None]
        # Of several prints of x and lengths the last one counts: it is none of the list, but says the same.
        shown = next((place for place, batch in enumerate(there) if batch is pasted.batch), len(there) - 1)
        troubles = [loaded.trouble for loaded in pasted.batches if loaded.batch is None]
        return Loaded(tuple(map(Entry, there)), pasted.explanation, told(troubles), shown)

    def _files(self, watch: Watch) -> Loaded:
        troubles: list[str] = []
        entries: list[tuple[Entry, Whole | None]] = []
        recordings: list[Recorded] = []
        share = 1 / len(self.paths)
        for place, path in enumerate(self.paths):
            try:
                entries.extend(self._file(path, watch.part(place * share, share), troubles, recordings))
            except Undecided as error:
                if len(self.paths) == 1:
                    raise
                what = "which of its tensors is the batch" if error.option == "x" else "how the dimensions of x lie"
                troubles.append(f"{_shown(path)}: it can't be told {what}.")
            except BatchError as error:
                troubles.append(str(error))
        if not entries and not recordings:
            raise BatchError(told(troubles))
        found = self._session(entries, told(troubles))
        if not recordings:
            return found
        *others, last = (OpenRecording(known, options=self.typed_options).prepared() for known in recordings)
        return replace(found, recording=last, others=tuple(reversed(others)))

    def _session(self, entries: list[tuple[Entry, Whole | None]], trouble: str) -> Loaded:
        """What was read; where it is all documents of one session file, that."""
        found = Loaded(tuple(entry for entry, _ in entries), trouble=trouble)
        wholes = [whole for _, whole in entries if whole is not None and whole.marks is not None]
        if not wholes or len(self.paths) > 1 or self.entry is not None or len(wholes) < len(entries):
            return found
        shown = next((place for place, whole in enumerate(wholes) if whole.open), 0)
        file, identity, then = (str(wholes[0].more.get(name, "")) for name in ("file", "identity", "file_identity"))
        found = replace(found, shown=shown, session=self.paths[0])
        return replace(found, file=file, identity=identity, file_identity=then)

    def _recording(self, path: str, watch: Watch) -> Recorded | None:
        """The recording in a file, None of anything else. Raises BatchError where it can't be read, Cancelled."""
        from packviz.files.kept.recordings import recording_at

        if path == "-":
            return None
        found = recording_at(path, watch)
        if found is not None and (self.lengths, self.x, self.axes) != (None, None, None):
            raise BatchError(f"{path} is a recording, which says itself what x and its lengths are: leave that out.")
        return found

    def _file(
        self, path: str, watch: Watch, troubles: list[str], recordings: list[Recorded]
    ) -> Iterator[tuple[Entry, Whole | None]]:
        """Each batch of a file that can be read, and what came with it; what can't be read goes to the troubles. Of a
        recording, which goes to the recordings, only the worst call, or the one that was named.

        Raises BatchError, Cancelled."""
        from packviz.files import registry
        from packviz.files.opened import read_standard_input

        if path.startswith(SAMPLE):
            yield _of_sample(path.removeprefix(SAMPLE)), None
            return
        recording = self._recording(path, watch)
        if recording is not None:
            call = recording.named(self.entry) if self.entry is not None else worst_kept(recording.recording.calls)
            recordings.append(recording)
            troubles += filter(None, [damage_said(recording.recording), beside_it(recording.recording)])
            if call is not None:
                yield call_entry(recording, call, dict(self.typed_options), watch), None
            return
        data = read_standard_input(watch) if path == "-" else None
        wanted: dict[str, Any] = {"lengths": self.lengths, "x": self.x, "axes": self.axes, "watch": watch}
        if self.entry is not None and data is None:
            loaded = registry.load_one(path, self.call, self.typed, entry=self.entry, **wanted)
            yield Entry(loaded.made(), loaded.module), None
        elif self.entry is not None and data is not None:
            yield Entry(registry.loads(data, _shown(path), self.call, self.typed, entry=self.entry, **wanted)), None
        else:
            for loaded in (
                registry.load_each(path, self.call, self.typed, **wanted)
                if data is None
                else registry.loads_each(data, _shown(path), self.call, self.typed, **wanted)
            ):
                if loaded.batch is None:
                    troubles.append(loaded.trouble)
                else:
                    yield self._entry(loaded.batch, loaded.whole), loaded.whole

    def _entry(self, batch: Batch, whole: Whole | None) -> Entry:
        """A batch that was read; a document of a session as it was, with its own source, unless it was to be read in
        another way."""
        if whole is None:
            return Entry(batch)
        as_it_was = whole.marks is not None and not self.typed and self.lengths is None
        return Entry(whole.batch if as_it_was else batch, whole.stepped, marks=whole.marks)

    @property
    def typed_options(self) -> tuple[tuple[str, Any], ...]:
        """The options of the call that were typed, by their names."""
        return tuple((name, getattr(self.call, name)) for name in sorted(self.typed))


def call_entry(known: Recorded, call: NotedCall, options: Mapping[str, Any], watch: Watch) -> Entry:
    """The batch of a kept call of a recording, with these options, and its module. Raises BatchError, Cancelled."""
    batch, module = known.opened(call, watch)
    like = ran_on(known.recording.calls, call) if module is None else None
    return Entry(batch.with_call(**options), module, call=call, like=like)


def _of_sample(name: str, note: str = "") -> Entry:
    from packviz.core.samples import sample

    found = sample(name)
    # A module that is like any other is none that it brings along.
    return Entry(found.load(), None if found.module == Module() else found.module, note)


def _shown(path: str) -> str:
    """A path in a word."""
    return "standard input" if path == "-" else Path(path).name


@dataclass(frozen=True)
class WeightsRequest(Request[Stored]):
    """Read the weights of the module from a state_dict; a load like any other, so that there is one at a time."""

    kind: ClassVar[str] = "load"
    serial: int
    path: str
    prefix: str | None = None  # of several modules, the one whose names begin so

    def with_choice(self, name: str, option: str = "x") -> WeightsRequest:
        """The same, once somebody has said which of several modules it is."""
        return replace(self, prefix=name)

    @property
    def name(self) -> str:
        """What is being read, in a word."""
        return Path(self.path).name

    def do(self, watch: Watch) -> Stored:
        """The weights. Raises BatchError, Cancelled."""
        from packviz.files.weights import load_weights

        return load_weights(self.path, watch, prefix=self.prefix)


def told(troubles: list[str]) -> str:
    """What could not be read, the first few sentences whole."""
    more = len(troubles) - MOST_TROUBLES
    rest = [f"{count(more, 'more file')} can't be read either."] if more > 0 else []
    return " ".join([*troubles[:MOST_TROUBLES], *rest])
