"""How somebody looked at batches the last time: colouring, the direction of time, the speed of play, the module; and
which file was open, which is offered, and not forced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

from packviz.core.batch import Batch
from packviz.core.expressions.parse import Expression, ExpressionError, parse, parse_truth
from packviz.core.module import LARGEST_HIDDEN, LARGEST_SEED, MOST_LAYERS, CellKind, Initial, Module
from packviz.core.stop_list import MOST_HITS
from packviz.core.stops import USUAL, AtStep, Stop, Where
from packviz.files.opened import is_file
from packviz.session.actions import (
    Action,
    Load,
    Say,
    SetLook,
    SetModel,
    SetSpeed,
    StopFrom,
    SwitchStop,
    ToggleStop,
    ToggleWatch,
)
from packviz.session.loads import LoadRequest
from packviz.session.scene.parts import Controls
from packviz.session.scene.stops import StopLine, StopsPart
from packviz.session.state import COLOURS, SPEEDS, Message, Offer
from packviz.session.store import Session
from packviz.ui.chrome.autosave import LAST
from packviz.ui.chrome.remembered import Remembered
from packviz.ui.commands.command import next_serial


def as_last_time(session: Session, remembered: Remembered) -> None:
    """Set what was remembered, as far as it is one of the choices."""
    look = session.state.look
    colour = next((by for by in COLOURS if by == remembered.text("colour")), look.colour)
    orientation = "right" if remembered.text("orientation") == "right" else look.orientation
    session.apply(SetLook(replace(look, colour=colour, orientation=orientation)))
    speed = next((speed for speed in SPEEDS if f"{speed:g}" == remembered.text("speed")), None)
    if speed is not None:
        session.apply(SetSpeed(speed))
    chosen = _module(remembered.text("module"))
    if chosen is not None and session.state.document is None and session.state.spare == Module():
        session.apply(SetModel(chosen))  # a batch that is there already has the module that it is shown with
    for action in _marks(remembered):
        session.apply(action)
    _offer(session, remembered.text("last"))


def _offer(session: Session, path: str) -> None:
    """On the built-in sample, which nobody asked for: the file that was open the last time. Work that was left unsaved
    is offered by Autosave, whatever is opened."""
    batch = session.state.batch
    if not path or batch is None or not batch.source.sample or not is_file(path) or Path(path).name == LAST:
        return
    text = f"{Path(path).name} was open the last time."
    again = Load(LoadRequest(next_serial(), paths=(path,)))
    session.apply(Say(Message(text, offers=(Offer("Open it", again),))))


def _module(said: str) -> Module | None:
    """The module of `LSTM 16 0 layers=2`: cell, hidden size, seed, and what else is not the default; None of anything
    else."""
    cell, hidden, seed, *words = [*said.split(), "", "", ""]
    more = dict(word.partition("=")[::2] for word in words if word)
    options = {name: read(more.pop(name)) for name, read in OPTIONS.items() if name in more}
    sizes = _whole(hidden, 1, LARGEST_HIDDEN), _whole(seed, 0, LARGEST_SEED)
    if more or cell not in get_args(CellKind) or None in sizes or None in options.values():
        return None
    module = Module(cast(CellKind, cell), int(hidden), int(seed), **options)
    return module if 0 <= module.projection < (module.hidden if cell == "LSTM" else 1) else None


def _whole(text: str, least: int, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 and least <= int(text) <= most else None


OPTIONS: Mapping[str, Callable[[str], Any]] = {
    "layers": lambda text: _whole(text, 1, MOST_LAYERS),
    "directions": lambda text: _whole(text, 1, 2),
    "projection": lambda text: _whole(text, 0, LARGEST_HIDDEN),
    "bias": {"False": False, "True": True}.get,
    "nonlinearity": {"relu": "relu", "tanh": "tanh"}.get,
    "initial": {name: name for name in get_args(Initial)}.get,
}
"""What is remembered of a module beside cell, hidden size and seed, as `str` writes it; None of what it can't be."""


OFF = "off "
"""Before one that is kept, but not stopped at."""

FROM = "from "
"""Before the number of the hit from which on one is stopped at, and a space."""


def _marks(remembered: Remembered) -> list[Action]:
    """The stops and watches of the last time, as far as they mean something still, each of them once."""
    found: dict[Stop | Expression, list[Action]] = {}
    for text in remembered.texts("stops"):
        said = text.removeprefix(OFF)
        first, kind = _from(said)
        stop = next((usual for usual in USUAL if usual.kind == kind), None) or _where(kind)
        if stop is not None and stop not in found:
            found[stop] = [ToggleStop(stop), StopFrom(stop, first), *([SwitchStop(stop)] if text != said else [])]
    for text in remembered.texts("watches"):
        try:
            watch = parse(text)
        except ExpressionError:
            continue  # of another version's grammar
        found.setdefault(watch, [ToggleWatch(watch)])
    return [action for actions in found.values() for action in actions]


def _from(said: str) -> tuple[int, str]:
    """From which hit on, and what: 3 and `h > 5` of `from 3 h > 5`; 1 and all of it where it is nothing like that."""
    number, space, what = said.removeprefix(FROM).partition(" ")
    first = _whole(number, 1, MOST_HITS) if said.startswith(FROM) and space else None
    return (1, said) if first is None else (first, what)


def _where(text: str) -> Stop | None:
    try:
        return Where(parse_truth(text))
    except ExpressionError:
        return None


def remember_stops(now: StopsPart, last: StopsPart, remembered: Remembered) -> None:
    """Keep the stops that mean something in another batch, and the watches."""
    stops = [_said(line) for line in now.stops if not isinstance(line.stop, AtStep)]
    if stops != [_said(line) for line in last.stops if not isinstance(line.stop, AtStep)]:
        remembered.put("stops", stops)
    watches = [str(line.expression) for line in now.watches]
    if watches != [str(line.expression) for line in last.watches]:
        remembered.put("watches", watches)


def _said(line: StopLine) -> str:
    said = str(line.stop.expression) if isinstance(line.stop, Where) else line.stop.kind
    said = f"{FROM}{line.first} {said}" if line.first > 1 else said
    return said if line.on else f"{OFF}{said}"


def remember(now: Controls, last: Controls, remembered: Remembered) -> None:
    """Keep what has changed since the last scene."""
    for name, new, old in (
        ("orientation", now.look.orientation, last.look.orientation),
        ("colour", now.look.colour, last.look.colour),
        ("speed", f"{now.play.speed:g}", f"{last.play.speed:g}"),
        ("module", _told(now.module), _told(last.module)),
        ("last", "" if now.batch is last.batch else _file(now.batch), ""),
    ):
        if new and new != old:
            remembered.put(name, new)


def _told(module: Module) -> str:
    """A module that packviz makes, as `_module` reads it; nothing of one that somebody holds in a program."""
    if module.held or module.inputs == "given":
        return ""
    given = {name: getattr(module, name) for name in OPTIONS if getattr(module, name) != getattr(Module(), name)}
    said = [str(module.cell), str(module.hidden), str(module.seed)]
    return " ".join([*said, *(f"{name}={value}" for name, value in given.items())])


def _file(batch: Batch | None) -> str:
    """The file that a batch is from; nothing of what is from none."""
    if batch is None or batch.source.sample or not is_file(batch.source.name):
        return ""
    return str(Path(batch.source.name).absolute())
