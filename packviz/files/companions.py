"""What was found beside x, such as labels, as the companions of its batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from packviz.core.batch import Batch, BatchError
from packviz.core.cells.companions import NAMES, companion
from packviz.core.texts.quoting import cut
from packviz.files.arrays import values_of


def with_companions(batch: Batch, named: Mapping[str, object], *, asked: bool = False) -> Batch:
    """The batch with what stands beside it, by name: labels, label_lengths, order, ignore_index, and their like.

    `asked`: somebody gave it as such: then what can't be one is refused with a BatchError; else it is passed over.
    """
    found = []
    for name, value in named.items():
        try:
            one = companion(str(name), values_of(value, str(name)).array)
        except BatchError:
            if asked:
                raise
            continue
        if one is None and asked:
            known = ", ".join(names[0] for names in NAMES.values())
            raise BatchError(f"beside[{cut(str(name), 40)!r}] is nothing that is known beside x; there are {known}.")
        found += [one] if one is not None else []
    return replace(batch, beside=tuple(found)) if found else batch
