"""`packviz.check_loader`: a whole data loader is checked before it is trained on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from packviz.core.batch import OPTIONS, Batch, BatchError, Call
from packviz.core.bucketing import WINDOW
from packviz.core.checked import Checked
from packviz.core.errors import Defect, Undecided, only_batch_errors
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.core.options import call_of
from packviz.core.report import Report
from packviz.core.summary import Summary
from packviz.core.tally import Tally
from packviz.core.texts.quoting import cut, shown
from packviz.torch_side.asking.report import report_on

SAMPLE = 0.01
"""The share of the batches without a finding that torch is asked about."""

MOST_RAISED = 10
"""Times on end that a loader may raise until it is given up."""

_DIED = "DataLoader worker (pid"
"""How torch begins what it raises when a worker has died."""

_SENT = re.compile(r"Caught \w+ in DataLoader (?P<where>worker process \d+)\.\nOriginal Traceback[^\n]*\n")


def check_loader(
    loader: Iterable[Any],
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    module: Any = None,
    beside: Mapping[str, Any] | None = None,
    fields: Sequence[str] | None = None,
    limit: int | None = None,
    ask: bool = True,
    sample: float = SAMPLE,
    seed: int = 0,
    window: int = WINDOW,
) -> Summary:
    """What is wrong with the batches of a data loader, and what sorting their rows by length would save.

    `loader`: a DataLoader, or any iterable of batches: pairs (x, lengths), dicts, PackedSequences, tuples with labels;
    all that `check` takes. The options are those of `check`, for each batch; `beside` goes with every one of them, as
    {"ignore_index": 0} does. `fields`: the names of the items of a batch that is a tuple, such as
    ("x", "lengths", "labels"), where they can't be told apart. `limit`: at most so many batches are taken.
    `ask`: torch is asked about the first batch, each in which the rules find more than a note, and a `sample` of the
    others, 0 to 1, drawn after `seed`; False: about none. `window`: how many batches on end are taken together where
    rows are sorted by length; see `Summary.padding`.

    The loader is iterated once, from its start, in this process: what is an iterator, such as a generator, has given
    those batches away. Random numbers, the loader's generators and its workers are afterwards as they were; what the
    dataset itself counts or reads is not. No batch is kept. One that can't be read, or that the loader raises in place
    of, is counted and told, and the others follow. To see how far it is, hand over `tqdm(loader)`. Ctrl+C ends it: what
    was found until then is printed on standard error, and KeyboardInterrupt goes on. Raises BatchError where `loader`
    is one batch, or is none that can be iterated.
    """
    _whole("limit", 1 if limit is None else limit, 1, "of batches, or None,")
    _whole("window", window, 1, "of batches")
    _whole("seed", seed, 0, "of at least 0")
    if not 0 <= sample <= 1:
        raise BatchError(f"sample is {sample}, but a share of the batches, 0 to 1, is expected.")
    _refuse_one_batch(loader)
    from packviz.torch_side.loading import loader_as_it_was

    reading = _Reading(call_of(batch_first, enforce_sorted, padding_value, total_length), fields, beside, module)
    tally = Tally(window)
    with loader_as_it_was(loader):
        try:
            for number, batch, trouble in _each(loader, limit):
                place = f"batch {number}"
                try:
                    if trouble:
                        raise BatchError(trouble)
                    drawn = number == 0 or np.random.default_rng([seed, number]).random() < sample
                    tally.add(Checked.of(reading.report(batch, place, ask, drawn)))
                except BatchError as error:
                    tally.add(Checked(place, trouble=f"{place}: {error}"))
                del batch
        except KeyboardInterrupt:
            _tell_so_far(tally)
            raise
        except RuntimeError as error:  # torch raises it wherever the main thread is
            died = error.__cause__ if isinstance(error, Defect) else error
            if not str(died).startswith(_DIED):
                raise
            place = f"batch {tally.seen}"
            tally.add(Checked(place, trouble=f"{place}: {_given_up(died)}"))
        return tally.summary(stopped=limit is not None and tally.seen >= limit)


def _tell_so_far(tally: Tally) -> None:
    """Ctrl+C: what was found until then, on standard error, as long as somebody reads it."""
    if not tally.seen or sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        text = shown(str(tally.summary(interrupted=True)))
        sys.stderr.write(f"\npackviz.check_loader was interrupted. Until then:\n\n{text}\n\n")
        sys.stderr.flush()


def _whole(name: str, value: Any, least: int, of: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BatchError(f"{name} is {cut(repr(value), 40)}, but a whole number {of} is expected.")


class _Reading:
    """How each batch is read and checked."""

    def __init__(self, call: Call, fields: Sequence[str] | None, beside: Mapping[str, Any] | None, module: Any) -> None:
        self.call, self.fields, self.beside, self.module = call, fields, beside, module
        self.changed = frozenset(name for name in OPTIONS if getattr(call, name) != getattr(Call(), name))

    def report(self, batch: Any, place: str, ask: bool, drawn: bool) -> Report:
        """All findings on a batch. `drawn`: torch is asked whatever they are; else where they are more than notes."""
        with only_batch_errors():
            read = self._batch(batch, place)
            report = report_on(read, Module(), own=self.module, ask=False)
            flagged = any(finding.severity is not Severity.NOTE for finding in report.findings)
            if ask and (drawn or flagged):
                report = report_on(read, Module(), own=self.module)
            return report

    def _batch(self, batch: Any, place: str) -> Batch:
        from packviz.files.companions import with_companions
        from packviz.files.known.collated import is_x_and_lengths
        from packviz.files.objects import to_batch

        if isinstance(batch, Batch):
            return batch
        named = _named(batch, self.fields)
        if isinstance(named, tuple) and len(named) == 2 and all(map(is_x_and_lengths, named)):
            raise BatchError('it is two pairs (x, lengths): say which is x, with fields=("x", "target").')
        # As in `check`: options hold as they are, but a dict may say its own.
        given = self.changed if isinstance(named, Mapping) else frozenset(OPTIONS)
        try:
            read = to_batch(named, None, self.call, options_given=given, source=place)
        except Undecided as error:
            way = 'say which, with fields=("x", "lengths", …), a name an item.'
            raise BatchError(f"{str(error).rstrip('.')}; or {way}") from None
        if self.beside is None:
            return read
        more = with_companions(read, self.beside, asked=True)
        names = {companion.name for companion in more.beside}
        return replace(more, beside=(*(own for own in read.beside if own.name not in names), *more.beside))


def _named(batch: Any, fields: Sequence[str] | None) -> Any:
    """A batch that is a tuple or a list as a dict, where its items have names. Raises BatchError where they are not as
    many."""
    if fields is None or isinstance(batch, Mapping) or not isinstance(batch, list | tuple):
        return batch
    if len(batch) != len(fields):
        raise BatchError(f"it has {len(batch)} items, but fields names {len(fields)}: give each item a name.")
    return dict(zip(fields, batch, strict=True))


def _each(loader: Iterable[Any], limit: int | None) -> Iterator[tuple[int, Any, str]]:
    """The number of each batch, the batch, and what the loader raised in its place, a sentence."""
    kind = type(loader)
    if getattr(kind, "__iter__", None) is None and not hasattr(kind, "__getitem__"):
        raise BatchError(f"loader is a {kind.__name__}, but a DataLoader or an iterable of batches is expected.")
    batches = iter(loader)  # what it raises itself is its own, and says more
    raised, known = 0, None if hasattr(kind, "__iter__") else _length(loader)
    most = min((end for end in (limit, known) if end is not None), default=None)
    for number in count() if most is None else range(most):
        try:
            batch = next(batches)
        except StopIteration:
            return
        except Exception as error:  # of a dataset, or of what collates: theirs, and told as such
            raised += 1
            error.__traceback__ = None  # its frames would hold the workers for a while after the end
            said = _said(error)
            if raised == MOST_RAISED:
                yield number, None, f"{said}, for the {raised}th time on end: it is given up here."
                return
            if _lost_a_worker(batches):
                yield number, None, _given_up(error)
                return
            yield number, None, f"{said.rstrip('.')}."
        else:
            raised = 0
            yield number, batch, ""


def _length(loader: Any) -> int | None:
    """How many items it says that it has: a dataset without an iterator of its own may never come to an end by
    itself. None where it says nothing."""
    try:
        return len(loader)
    except TypeError:
        return None


def _said(error: BaseException) -> str:
    return f"the loader raises {type(error).__name__}: {cut(' '.join(_reason(error).split()))}"


def _given_up(error: BaseException | None) -> str:
    said = "" if error is None else _said(error).rstrip(".")
    return f"{said}: one of its workers has died, and it is given up here."


def _reason(error: BaseException) -> str:
    """What an error says; of one that a worker has sent, which torch says with all its frames, what it said there."""
    text = str(error)
    sent = _SENT.match(text)
    if sent is None:
        return text
    said = text[sent.end() :].rpartition("\n  ")[2].partition("\n")[2]
    return f"{said.partition(': ')[2] or said} ({sent['where']})" if said else text


def _lost_a_worker(batches: Iterator[Any]) -> bool:
    """Whether a worker of a DataLoader has died: an epoch ends there, and what it still had to give may be waited for
    for ever."""
    return not all(worker.is_alive() for worker in getattr(batches, "_workers", ()))


def _refuse_one_batch(loader: Any) -> None:
    """Raises BatchError where it is one batch, whose rows or names would be taken for batches, or the name of files."""
    from packviz.files.arrays import is_array
    from packviz.files.known.held import is_pair
    from packviz.files.packed import is_packed

    if isinstance(loader, str | bytes):
        raise BatchError("loader is a text, but a DataLoader is expected: files are checked by packviz check FILE.")
    one = isinstance(loader, Batch | Mapping) or is_packed(loader) or is_array(loader)
    if one or (isinstance(loader, list | tuple) and len(loader) == 2 and is_pair(*loader)):
        raise BatchError(
            f"loader is a {type(loader).__name__} that is one batch, but an iterable of batches is expected: give it "
            "to packviz.check, or in a list."
        )
