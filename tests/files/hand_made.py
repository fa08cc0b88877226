"""Several batches that are drawn, and saved in each format that can hold several."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st
from numpy.typing import NDArray

from packviz.core.batch import Batch, Call


@dataclass(frozen=True, eq=False)
class Drawn:
    """x, (B, T) or (B, T, F), its lengths, and the options that it says itself."""

    x: NDArray[Any]
    lengths: list[int]
    options: dict[str, Any]

    def named(self) -> dict[str, Any]:
        """As a dict of NumPy arrays, lists and numbers."""
        return {"x": self.x, "lengths": self.lengths, **self.options}

    def as_tensors(self) -> dict[str, Any]:
        return {"x": torch.from_numpy(self.x), "lengths": torch.tensor(self.lengths), **self.options}

    def as_lists(self) -> dict[str, Any]:
        return {"x": self.x.tolist(), "lengths": self.lengths, **self.options}

    def is_in(self, batch: Batch | None) -> bool:
        """Whether a batch that was read is this one."""
        if batch is None:
            return False
        same = np.array_equal(batch.x, self.x) and batch.lengths.tolist() == self.lengths
        return same and batch.call == Call(**self.options)


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    rows, steps = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    shape = (rows, steps, *draw(st.sampled_from([(), (1,), (2,)])))
    whole = draw(st.booleans())
    values = np.random.default_rng(draw(st.integers(0, 9))).normal(size=shape) * 8 + 0.25
    x = values.astype(np.int64) if whole else np.round(values * 4).astype(np.float32) / 4 + np.float32(0.125)
    lengths = draw(st.lists(st.integers(0, 6), min_size=rows, max_size=rows))
    options = draw(st.sampled_from([{}, {"batch_first": True}, {"enforce_sorted": False, "total_length": 7}]))
    return Drawn(x, lengths, options)


SOME = st.lists(drawn(), min_size=2, max_size=5)
NAMES = st.lists(
    st.sampled_from(["first", "val_3", "the worst", "a.b", "Zürich", "7"]), min_size=5, max_size=5, unique=True
)


def torch_saved(obj: object) -> bytes:
    data = io.BytesIO()
    torch.save(obj, data)
    return data.getvalue()


def archive(named: dict[str, Any]) -> bytes:
    data = io.BytesIO()
    np.savez(data, **named)
    return data.getvalue()


def lines(values: list[Any]) -> bytes:
    return "\n".join(map(json.dumps, values)).encode()
