"""What x becomes before it goes through the module: floats of shape (rows, steps, F), as core/input_plan.py decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packviz.core.batch import Batch
from packviz.core.input_plan import InputPlan, plan_inputs
from packviz.core.module import Module
from packviz.torch_side.seed import generator_at
from packviz.torch_side.tensors import x_of

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Prepared:
    """x as the module takes it, on the CPU.

    `x`: (B, T, F) or (T, B, F), in the layout of the batch. `plan`: what was done to it.
    `drawn`: the generator's state after the embedding was made, from which the module's weights are drawn; None
    without an embedding.
    """

    x: torch.Tensor
    plan: InputPlan
    drawn: torch.Tensor | None

    @property
    def said(self) -> str:
        """What was done to x, in a few words: "whole numbers cast to float32, F = 1"."""
        return self.plan.said

    @property
    def input_size(self) -> int:
        """F."""
        return self.plan.input_size

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of x now."""
        return self.x.dtype


def prepare(batch: Batch, module: Module) -> Prepared:
    """x as the module takes it, by its `inputs`. Raises BatchError where x can't become floats that way."""
    import torch

    plan = plan_inputs(batch, module)
    x, drawn = x_of(batch), None
    with torch.inference_mode():
        if plan.ids is not None:
            with generator_at(module.seed) as generator:
                embedding = torch.nn.Embedding(plan.ids, plan.width, dtype=getattr(torch, plan.dtype), device="cpu")
                drawn = generator.get_state()
            x = embedding(x.long())
        elif plan.cast is not None:
            x = x.to(getattr(torch, plan.cast))
        if plan.unsqueeze:
            x = x.unsqueeze(-1)
        if plan.flatten:
            x = x.flatten(2)
    return Prepared(x, plan, drawn)
