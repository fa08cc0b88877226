"""A batch with all that was kept beside it: its module, the numbers of its initial state, the call that it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from packviz.core.arrays import frozen
from packviz.core.batch import Batch
from packviz.core.module import Module
from packviz.core.noted import NotedCall
from packviz.core.saved import Marks


@dataclass(frozen=True, eq=False)
class Whole:
    """What was written of one batch.

    `module`: None where none was written. `hx`: the numbers of its initial state, h_0, and c_0 of an LSTM, in the order
    of the batch; read-only. `call`: the one of a recording that it is of. `more`: JSON that was written beside it.
    `marks`: those of a document of a session; `open`: that one was open.
    """

    batch: Batch
    module: Module | None = None
    hx: tuple[NDArray[Any], ...] = ()
    call: NotedCall | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    marks: Marks | None = None
    open: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "hx", tuple(map(frozen, self.hx)))

    @property
    def stepped(self) -> Module | None:
        """The module with the numbers of its hx: the one to step."""
        return None if self.module is None else self.module.with_numbers(self.hx)
