"""Where somebody is: the moment of the walk, the row, the cells that are selected, and what the pointer is on."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.moments import Moment
from packviz.core.texts.wording import rows_listed

START = Moment(0)


@dataclass(frozen=True)
class Place:
    """A cell of the batch: a row and a step; -1 where the pointer is on no row (a bar, an axis).

    `state`, `unit`: the state of that row after that step, and the unit of it, where the pointer is on one."""

    row: int
    step: int
    state: str = ""
    unit: int = -1


@dataclass(frozen=True)
class Block:
    """Selected cells: these rows, ascending, at the steps from `first` to `last`, both of them too."""

    rows: tuple[int, ...]
    first: int
    last: int

    @property
    def cells(self) -> int:
        """How many they are."""
        return len(self.rows) * (self.last - self.first + 1)

    def __str__(self) -> str:
        """`rows 2, 3, 4, t0 to t7`."""
        steps = f"t{self.first}" if self.first == self.last else f"t{self.first} to t{self.last}"
        return f"{rows_listed(self.rows)}, {steps}"


@dataclass(frozen=True)
class Cursor:
    """The one cursor of all panes: the moment of the walk, the selected row, what the pointer is on, and the cell that
    the inspector stays on. `shown`: the cell that somebody asked to be shown, and how many before it. `block`: the
    cells that are selected, where they are more than one."""

    moment: Moment = START
    row: int = 0
    hover: Place | None = None
    pinned: Place | None = None
    shown: tuple[Place, int] | None = None
    block: Block | None = None

    @property
    def cell(self) -> Place:
        """The cell under the pointer; the current one where it is on none."""
        return self.hover if self.hover is not None and self.hover.row >= 0 else Place(self.row, self.step)

    @property
    def step(self) -> int:
        """The step of the moment."""
        return self.moment.step

    @property
    def shown_pass(self) -> tuple[int, int]:
        """The layer and the direction of the moment: those whose states are shown."""
        return self.moment.layer, self.moment.direction
