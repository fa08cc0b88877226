"""A mask beside x: the names under which it is looked for, and what it does for the lengths of the batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packviz.core.batch import Batch, BatchError
from packviz.core.cells.bits import Bools
from packviz.core.cells.masks import as_mask, with_mask
from packviz.files.arrays import is_array, values_of

AT_PADDING = ("key_padding_mask", "src_key_padding_mask")
"""Names of torch's own for masks that are True at padding."""

MASK_NAMES = ("mask", "attention_mask", "padding_mask", *AT_PADDING)


@dataclass(frozen=True)
class MaskFound:
    """A mask as it was found, not yet checked: `name` under which, and whether somebody gave it as a mask (`asked`)."""

    value: object
    name: str = "mask"
    asked: bool = False

    @property
    def inverted(self) -> bool | None:
        """Whether it is True at padding, where its name says so; None where only the batch can tell."""
        return True if self.name in AT_PADDING else None


_MASK_LIKE = re.compile(r"(?!(?:loss|label|target|decoder|special_tokens|mlm|causal|tgt)_).*_(?:pad(?:ding)?_)?mask")


def is_mask_name(name: str) -> bool:
    """Whether a value of that name is a mask."""
    lower = name.lower().lstrip("_")
    return lower in MASK_NAMES or _MASK_LIKE.fullmatch(lower) is not None


def mask_among(named: Mapping[str, Any]) -> MaskFound | None:
    """The mask among named values, or None. Nothing is read but the mask itself."""
    by_lower = {name.lower().lstrip("_"): name for name in reversed(list(named))}
    like = [name for name in by_lower if is_mask_name(name)]
    usual = next((name for name in MASK_NAMES if name in by_lower), like[0] if len(like) == 1 else None)
    if usual is None:
        return None
    value = named[by_lower[usual]]
    return MaskFound(value, usual) if is_array(value) or isinstance(value, list | tuple) else None


def masked(batch: Batch, found: MaskFound | None, *, derive: bool) -> Batch:
    """The batch with the mask that came with it; with `derive`, and where it is one, with the lengths that it says.

    Raises BatchError where its sizes are not those of x, or where what was given as a mask is none.
    """
    mask = None if found is None else _matrix(found)
    if found is None or mask is None:
        return batch
    return with_mask(batch, mask, inverted=found.inverted, derive=derive)


def _matrix(found: MaskFound) -> Bools | None:
    """(·, ·) bool; None of what only bears the name, as additive masks of attention and masks of (T, T) heads do."""
    try:
        array = values_of(found.value, found.name).array
    except BatchError:
        if found.asked:
            raise
        return None
    mask = as_mask(array)
    if mask is None and found.asked:
        raise BatchError(
            f"mask has shape {array.shape} and holds {array.dtype}, but a matrix of True and False, or of 1 and 0, as "
            "large as x in its first two dimensions is expected."
        )
    return mask
