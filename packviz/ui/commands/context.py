"""What can be done with a cell, a row or a step: the menu of the right button."""

from __future__ import annotations

from dataclasses import dataclass

from packviz.core.batch import Batch
from packviz.core.moments import Moment
from packviz.core.origins import OfState, OfX
from packviz.core.texts.wording import cells_named
from packviz.session import actions as act
from packviz.session.actions import Action
from packviz.session.cursor import Place
from packviz.session.scene.resolve import Scene
from packviz.ui.commands.copying import cell_text, row_text


@dataclass(frozen=True)
class Entry:
    """One line of the menu: its words, and the action that it asks for or the text that it copies. `group`: a line is
    drawn between groups. `shows`: the method that shows the window of what is asked."""

    text: str
    action: Action | None = None
    copies: str = ""
    group: int = 0
    ticked: bool | None = None
    shows: str = ""


def _is_packed(batch: Batch, row: int, step: int) -> bool:
    """Whether there is such a cell of x within the length of its row."""
    lengths = batch.row_lengths
    return 0 <= row < min(len(lengths), batch.rows) and 0 <= step < min(int(lengths[row]), batch.steps)


def entries_of(scene: Scene, place: Place) -> tuple[Entry, ...]:
    """The lines of the menu for a place; a row or a step of -1 is none."""
    batch, row, step = scene.controls.batch, place.row, place.step
    if batch is None:
        return ()
    found: list[Entry] = []
    if place.unit >= 0:
        of = OfState(place.state, Moment(step, scene.pointer.layer, scene.pointer.direction), row, place.unit)
        asked = f"Where does {place.state}[{row}, {place.unit}] come from?"
        found.append(Entry(asked, act.AskOrigin(of), shows="raise_origin"))
    if _is_packed(batch, row, step):
        going = act.AskReach(OfX(row, step, scene.controls.look.feature))
        found.append(Entry(f"Where does {cells_named(batch, row, step, step + 1)} go?", going, shows="raise_reach"))
    if row >= 0 and step >= 0:
        name = f"x[{row}, {step}]"
        found.append(Entry(f"Zoom to {name}", act.Show(row, step)))
        found.append(Entry(f"Pin the inspector to {name}", act.Pin(place)))
    elif row >= 0:
        found.append(Entry(f"Zoom to row {row}", act.Show(row)))
    if 0 <= step <= scene.pointer.last_step:
        stops = step in scene.pointer.breakpoints
        found.append(Entry(f"Step to t{step}", act.StepTo(step), group=1))
        found.append(Entry(f"Breakpoint on t{step}", act.ToggleBreakpoint(step), group=1, ticked=stops))
    if row >= 0 and 0 <= step < batch.steps and row < len(batch.row_lengths):
        found.append(Entry(f"End row {row} before t{step}: length {step}", act.SetLength(row, step), group=2))
        found.append(Entry(f"End row {row} after t{step}: length {step + 1}", act.SetLength(row, step + 1), group=2))
    if row >= 0 and cell_text(batch, row, step):
        found.append(Entry(f"Copy x[{row}, {step}]", copies=cell_text(batch, row, step), group=3))
    if row >= 0 and row < batch.rows:
        found.append(Entry(f"Copy row {row} as a list", copies=row_text(batch, row), group=3))
    return tuple(found)
