"""Whether a module can go on stepping another batch, and what becomes of it where it can't."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from packviz.core.batch import BatchError
from packviz.core.input_plan import input_size, plan_inputs
from packviz.core.module import INPUT_TEXTS, Module
from packviz.core.texts.quoting import elided
from packviz.session.loads import Entry
from packviz.session.state import State


class Fit(NamedTuple):
    """The module that steps a batch, and what had to be changed for it, in a sentence, or nothing."""

    module: Module
    said: str


def before(state: State, entry: Entry) -> Module:
    """The module that there is for a batch that comes: the one of the batch before, unless it came with that; but for
    what a call of a recording packed the one that ran on it, as long as nobody has chosen another."""
    left = state.document
    module = state.spare if left is not None and left.brought else state.module
    chosen = left is not None and left.of is not None and not left.brought and left.module != left.of.module
    return module if entry.like is None or module.stored is not None or chosen else entry.like


def fitted(module: Module, entry: Entry) -> Fit:
    """The module that was there before, for this batch: with its weights and its inputs where they fit; or the one that
    the batch brings along."""
    module, lost = module.chosen(), module.stored
    here = elided(entry.batch.source.shown)
    if entry.module is not None:
        own = entry.module
        if lost is None or own.stored is not None:
            return Fit(own, "")
        return Fit(
            own,
            f"{here} brings its own {own.name}: the weights of {elided(lost.source)} are put aside.",
        )
    batch, changes = entry.batch, []
    if module.inputs != "auto" and not _goes_in(module, entry):
        changes.append(
            f"Inputs are back to “{INPUT_TEXTS['auto']}”: “{INPUT_TEXTS[module.inputs]}” does not fit {here}."
        )
        module = replace(module, inputs="auto")
    size = input_size(batch, module)
    if module.stored is not None and module.input_size != size:
        changes.append(
            f"The weights of {elided(module.stored.source)} take F = {module.input_size}, but {here} has F = {size}: "
            f"they are put aside, and an {module.name}({size}, {module.hidden}) with seed {module.seed} is stepped."
        )
        module = module.drawn()
    return Fit(module, " ".join(changes))


def _goes_in(module: Module, entry: Entry) -> bool:
    """Whether x can become what the module takes in the way that was chosen. A batch that goes in no way at all is no
    reason to choose another."""
    batch = entry.batch
    try:
        plan_inputs(batch, module)
    except BatchError:
        try:
            plan_inputs(batch, replace(module, inputs="auto"))
        except BatchError:
            return True
        return False
    return True
