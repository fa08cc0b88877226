"""How x becomes what a recurrent module takes: floats with one feature dimension, (B, T, F) or (T, B, F).

It is decided here, and done by torch_side/inputs.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from packviz.core.batch import Batch, BatchError
from packviz.core.module import Module, is_float

MOST_EMBEDDED = 2**28
"""Numbers that an embedding may hold at most, ids × embedding_size: 1 GiB as float32."""


@dataclass(frozen=True)
class InputPlan:
    """What happens to x before the module: at most an embedding or a cast, then one feature dimension.

    `ids`: the rows of the embedding, or None where there is none; `width`: its embedding_size.
    `cast`: torch's name of the dtype that x is cast to, or None. `unsqueeze`: a feature dimension is added.
    `flatten`: the feature dimensions become one. `dtype`: of what comes out. `features`: the sizes of the feature
    dimensions of what comes out. `said`: the same in a few words, for the window.
    """

    ids: int | None
    width: int
    cast: str | None
    unsqueeze: bool
    flatten: bool
    dtype: str
    features: tuple[int, ...]
    said: str

    @property
    def input_size(self) -> int:
        """F of what comes out: how many numbers a cell has."""
        return prod(self.features)

    @property
    def as_given(self) -> bool:
        """Whether nothing is done to x."""
        return self.ids is None and self.cast is None and not self.unsqueeze and not self.flatten

    def expression(self, name: str, leading: int) -> str:
        """The Python that does it to the tensor called `name`, which has `leading` dimensions before the features."""
        text = name
        if self.ids is not None:
            text = f"embedding({name}.long())"
        elif self.cast is not None:
            text = f"{name}.to(torch.{self.cast})"
        if self.unsqueeze:
            text = f"{text}.unsqueeze(-1)"
        if self.flatten:
            text = f"{text}.flatten({leading})"
        return text

    def embedding(self) -> str | None:
        """The Python that makes the embedding, or None."""
        if self.ids is None:
            return None
        dtype = "" if self.dtype == "float32" else f", dtype=torch.{self.dtype}"
        return f"nn.Embedding({self.ids}, {self.width}{dtype})"


def input_size(batch: Batch, module: Module) -> int:
    """F of what the module takes: the features of a cell, each of them embedding_size wide under an embedding."""
    return batch.feature_count * (module.embedding_size if module.inputs == "embedding" else 1)


def plan_inputs(batch: Batch, module: Module) -> InputPlan:
    """The plan for this batch and this module, under its `inputs`. Raises BatchError where x can't become floats that
    way. Whole numbers become the dtype of the module's weights, float32 where it is made to fit x.
    """
    features, dtype = batch.features, batch.dtype
    if module.inputs == "given":
        return InputPlan(None, 0, None, False, False, dtype, features, f"{dtype} as given")
    if batch.x.ndim < 2:
        raise BatchError(f"x has shape {batch.x.shape}, but a module takes rows and steps: make it a batch first.")
    if batch.x.dtype.kind == "c":
        raise BatchError(f"x holds {dtype}, but a recurrent module takes real numbers: pass x.real or x.abs() instead.")
    wanted = module.dtype or "float32"
    size = input_size(batch, module)
    if batch.feature_count == 0:
        raise BatchError(f"x has no features, its shape is {batch.x.shape}, but a module needs at least one a cell.")
    if module.inputs == "embedding":
        return _embedded(batch, module, wanted, size)
    cast: str | None = None
    if (module.inputs == "cast" and dtype != wanted) or not is_float(dtype):
        cast = wanted
    how = f"{dtype} as given" if cast is None else f"{_kind(batch)} cast to {cast}"
    said = f"{how}, {_shape(features, size)}"
    return InputPlan(None, 0, cast, not features, len(features) > 1, cast or dtype, (size,), said)


def _embedded(batch: Batch, module: Module, wanted: str, size: int) -> InputPlan:
    if batch.x.dtype.kind not in "biu":
        raise BatchError(f"x holds {batch.dtype}, but an embedding takes whole numbers: choose inputs 'auto' instead.")
    if module.embedding_size < 1:
        raise BatchError(f"the embedding size is {module.embedding_size}, but it must be at least 1.")
    least, most = (int(batch.x.min()), int(batch.x.max())) if batch.x.size else (0, 0)
    if least < 0:
        cell = np.unravel_index(int(np.argmin(batch.x)), batch.x.shape)
        where = ", ".join(str(int(index)) for index in cell)
        raise BatchError(
            f"x[{where}] is {least}, but an embedding takes ids from 0 on: pad with 0, or choose inputs 'cast'."
        )
    if (most + 1) * module.embedding_size > MOST_EMBEDDED:
        raise BatchError(
            f"the largest id of x is {most}: an embedding of {most + 1} × {module.embedding_size} is too large to be "
            "made here; choose inputs 'cast', or a smaller embedding."
        )
    said = f"ids 0 to {most} through nn.Embedding({most + 1}, {module.embedding_size}), F = {size}"
    flatten = len(batch.features) > 0
    return InputPlan(most + 1, module.embedding_size, None, False, flatten, wanted, (size,), said)


def _kind(batch: Batch) -> str:
    return {"b": "booleans", "f": batch.dtype}.get(batch.x.dtype.kind, "whole numbers")


def _shape(features: tuple[int, ...], size: int) -> str:
    return f"features {features} flattened to F = {size}" if len(features) > 1 else f"F = {size}"
