"""A paste as the window takes it: a batch, an error message to explain, or both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.carrier import Padded
from packviz.core.errors import only_batch_errors
from packviz.core.messages.explain import Explanation, explain
from packviz.core.patience import timed
from packviz.files.lengths import lengths_given
from packviz.files.loaded import Loaded, Wanted, each_of
from packviz.files.paste.found import Found, LengthsAlone
from packviz.files.paste.paste import PASTE, parse_text
from packviz.files.paste.tracebacks import without_tracebacks
from packviz.files.several import MOST_BATCHES

LONGEST_MESSAGE = 1 << 16
"""Characters of a text that is no batch and may hold a message, wrapped anywhere."""


@dataclass(frozen=True, eq=False)
class Pasted:
    """What a paste holds: a batch, or None; an explanation of its error message, or None.

    `trouble`: why what stands beside the message can't be read as a batch, in a sentence, or nothing. `batches`: all
    of them in their order, where the text holds several; `batch` is then the one that it holds last, of several prints
    of x and lengths, and of a list the first that can be read. `lengths`: where the text holds nothing but a row of
    whole numbers, which may be lengths; `batch` is then that row, or None where it is named lengths.
    """

    batch: Batch | None
    explanation: Explanation | None = None
    trouble: str = ""
    batches: tuple[Loaded, ...] = ()
    lengths: tuple[int, ...] | None = None


def read_paste(
    text: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    x: str | None = None,
    axes: str | None = None,
    watch: Watch = UNWATCHED,
) -> Pasted:
    """The batch or the batches in a text, and what its error message means, where it has one. `x`: which of several
    tensors is the batch, where their names do not tell; `axes`: how its dimensions lie.

    Raises BatchError, one sentence, where it holds neither, and Cancelled when `watch` says so.
    """
    watch = timed(watch, "reading this text")
    with only_batch_errors():
        try:
            pasted = _read(text, Wanted(call or Call(), options_given, x=x, axes=axes), watch)
        except LengthsAlone as error:
            lengths = _whole(lengths_given(error.lengths).array)
            if lengths is None:
                raise
            return Pasted(None, trouble=str(error), lengths=lengths)
        return replace(pasted, lengths=_row(pasted))


def _row(pasted: Pasted) -> tuple[int, ...] | None:
    """The numbers of a text that may as well be lengths: one row of them, and nothing else."""
    batch = pasted.batch
    if batch is None or pasted.batches or pasted.explanation is not None:
        return None
    alone = batch.given.origin == "guessed" and isinstance(batch.carrier, Padded) and batch.mask is None
    return _whole(batch.x) if alone else None


def _whole(array: NDArray[Any]) -> tuple[int, ...] | None:
    """A row of whole numbers, none of them below 0; None of anything else."""
    if array.dtype.kind not in "iu" or not array.size or array.size != max(array.shape, default=0):
        return None
    return None if (array < 0).any() else tuple(array.reshape(-1).tolist())


def _read(text: str, wanted: Wanted, watch: Watch) -> Pasted:
    rest, told = without_tracebacks(text)
    if not told:
        return _unnamed(text, wanted, watch)
    explanation = explain(told)
    if "[" not in rest:
        return Pasted(None, explanation)
    try:
        return _batches(rest, explanation, wanted, watch)
    except BatchError as error:
        return Pasted(None, explanation, str(error))


def _unnamed(text: str, wanted: Wanted, watch: Watch) -> Pasted:
    """No line of the text is a message; a short one may be, as a whole, one that was wrapped."""
    explanation = explain(text) if len(text) <= LONGEST_MESSAGE else None
    if explanation is None or not explanation.known:
        return _batches(text, None, wanted, watch)
    if 2 * len(explanation.message) >= len(text):
        return Pasted(None, explanation)
    try:
        return _batches(text, explanation, wanted, watch)
    except BatchError:
        return Pasted(None, explanation)


def _batches(text: str, explanation: Explanation | None, wanted: Wanted, watch: Watch) -> Pasted:
    found = wanted.found(lambda: parse_text(text, watch))
    if isinstance(found, Found):
        return Pasted(wanted.settled(found, PASTE), explanation)
    whole = None if found.whole is None else wanted.settled(wanted.found(found.whole), PASTE)
    if whole is not None and len(found.names) > MOST_BATCHES:
        return Pasted(whole, explanation)
    batches = tuple(each_of(found, PASTE, wanted, watch))
    batch = whole or next(loaded.batch for loaded in batches if loaded.batch is not None)
    return Pasted(batch, explanation, batches=batches)
