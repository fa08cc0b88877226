"""The batch in what Python code hands over: an object, or a batch that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from packviz.core.batch import OPTIONS, Batch, Call


def batch_of(x: Any, lengths: Any, call: Call, mask: Any = None) -> Batch:
    """The batch that x is, with these lengths and this mask.

    The options are those of a call that was written down: they hold as they are. A dict may say its own, and so does a
    batch that is there already, as `load` gives it, which brings its lengths, too. Raises BatchError where x is none.
    """
    from packviz.files.objects import to_batch

    if isinstance(x, Batch):
        return with_given(x, lengths, mask)
    held = OPTIONS
    if isinstance(x, Mapping):
        held = tuple(name for name in OPTIONS if getattr(call, name) != getattr(Call(), name))
    return to_batch(x, lengths, call, options_given=frozenset(held), mask=mask)


def with_given(batch: Batch, lengths: Any, mask: Any) -> Batch:
    """A batch that is there already, with other lengths, another mask, or both. Raises BatchError."""
    from packviz.files.masks import MaskFound, masked

    batch = batch if lengths is None else batch.with_lengths(lengths)
    return masked(batch, mask if mask is None else MaskFound(mask, asked=True), derive=batch.given.origin == "guessed")
