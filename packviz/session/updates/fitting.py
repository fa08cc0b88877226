"""Whether a module can go on stepping another batch, and what becomes of it where it can't."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from packviz.core.batch import BatchError
from packviz.core.input_plan import input_size, plan_inputs
from packviz.core.model import INPUT_TEXTS, ModelSpec
from packviz.session.loads import Entry


class Fit(NamedTuple):
    """The module that steps a batch, and what had to be changed for it, in a sentence, or nothing."""

    module: ModelSpec
    said: str


def fitted(module: ModelSpec, entry: Entry) -> Fit:
    """The module that was there before, for this batch: with its weights and its inputs where they fit; or the one that
    the batch brings along."""
    lost = module.weights
    if entry.module is not None:
        own = entry.module
        if lost is None or own.weights is not None:
            return Fit(own, "")
        return Fit(
            own, f"{entry.batch.source} brings its own nn.{own.cell}: the weights of {lost.source} are put aside."
        )
    batch, changes = entry.batch, []
    if module.inputs != "auto" and not _goes_in(module, entry):
        changes.append(
            f"Inputs are back to “{INPUT_TEXTS['auto']}”: “{INPUT_TEXTS[module.inputs]}” does not fit {batch.source}."
        )
        module = replace(module, inputs="auto")
    size = input_size(batch, module)
    if module.weights is not None and module.weights.inputs != size:
        takes = module.weights.inputs
        changes.append(
            f"The weights of {module.weights.source} take F = {takes}, but {batch.source} has F = {size}: they are put "
            f"aside, and an nn.{module.cell}({size}, {module.hidden}) with seed {module.seed} is stepped."
        )
        module = replace(module, weights=None)
    return Fit(module, " ".join(changes))


def _goes_in(module: ModelSpec, entry: Entry) -> bool:
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
