"""Calls of a recurrent module on a packed batch, right and wrong, each drawn from a number; what torch's words mean."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import torch

from packviz.core.findings import Severity
from packviz.core.report import Report
from packviz.core.verdict import CRASHES

FLOATS = ("float32",) * 5 + ("float64", "float64", "float16", "bfloat16")
ODD = ("float64", "float16", "bfloat16", "int64", "bool", "complex64", "uint8", "int32")

HIDDEN, INPUT, DTYPE, LENGTH = "hidden-shape", "module-input-size", "module-dtype", "length-exceeds-time"

CAUSES: tuple[tuple[str, set[str]], ...] = (
    ("mat1 and mat2 shapes", {INPUT, HIDDEN}),
    ("same dtype", {DTYPE}),
    ("does not match weight dtype", {DTYPE}),
    ("get_mkldnn_dtype", {DTYPE}),
    ("itensor_view_from_dense", {DTYPE}),
    ("primitive descriptor", {DTYPE}),
    ("input must have 2", {INPUT}),
    ("input.size(-1)", {INPUT}),
    ("start (", {LENGTH, HIDDEN}),
    ("shape '[", {LENGTH, INPUT, HIDDEN}),
    ("size of tensor a", {HIDDEN, INPUT}),
    ("doesn't match the broadcast", {HIDDEN, INPUT}),
    ("Expected hidden", {HIDDEN}),
    ("INDICES element", {HIDDEN}),
    ("hidden states", {HIDDEN}),
    ("Odd number of params", {HIDDEN}),
    ("RNN parameters", {HIDDEN}),
    ("MatrixRef", {HIDDEN}),
    ("Expected more weights", {HIDDEN}),
    ("Sizes of tensors must match", {HIDDEN}),
    ("indexing axis dim", {HIDDEN}),
    ("index out of range", {HIDDEN}),
    ("out of range for tensor", {HIDDEN}),
    ("Dimension out of range", {HIDDEN}),
    ("select(): index", {HIDDEN}),
    ("out of bounds for dimension", {HIDDEN}),
    ("has no attribute", {HIDDEN}),
    ("is not callable", {HIDDEN}),
    ("not subscriptable", {HIDDEN}),
    ("invalid combination", {HIDDEN}),
    ("argument 'hx'", {HIDDEN}),
    ("expected Tensor as element", {HIDDEN}),
    ("brings the interpreter down", {HIDDEN, INPUT}),
)


RUN = frozenset({HIDDEN, INPUT, DTYPE, LENGTH})


def disagreement(call: ModuleCall, report: Report) -> str:
    """How packviz's findings on the run contradict what torch did with it; "" where they do not."""
    assert report.verdict is not None
    run = report.verdict.run
    errors = [f for f in report.findings if f.severity is Severity.ERROR and "run" in f.stages]
    wrong = (Severity.SILENT, Severity.ERROR)  # an error now: unpacking what came back raises
    silent = {f.code for f in report.findings if f.severity in wrong} & RUN
    stops = [f.code for f in errors if f.behind is None]
    if run.ok is None or report.unexplained is not None:
        return f"not explained: {run.text} {report.unexplained_text}"
    if run.ok is False:
        one = len(stops) == 1 or (len(stops) > 1 and run.text.startswith(CRASHES))  # no word says which of them it was
        if not one or not set(stops) <= causes_of(run.text):
            return f"{run.text!r} is not {stops}"
        return "" if not call.fits else f"{run.text!r}, although it fits"
    if errors:
        return f"it ran, and {[f.code for f in errors]} are errors"
    if call.fits:
        return f"it fits, and {silent} are silent" if silent else ""
    return "" if silent or call.harmless else "it does not fit, and nothing is silent"


def causes_of(message: str) -> set[str]:
    """The codes that a message of torch's can mean."""
    return next((codes for words, codes in CAUSES if words in message), set())


@dataclass
class ModuleCall:
    """x, lengths and options of `packviz.check`, with a module and its initial state."""

    x: torch.Tensor
    lengths: list[int]
    options: dict[str, Any]
    module: torch.nn.RNNBase
    hx: Any

    @property
    def fits(self) -> bool:
        """Whether everything is as torch's documentation wants it."""
        module, own = self.module, self.module.all_weights[0][0].dtype
        right = max(self.lengths) <= self.x.shape[1] and self.x.dtype == own
        if not right or self.x.shape[2:] != (module.input_size,):
            return False
        if self.hx is None:
            return True
        parts = self.hx if isinstance(self.hx, tuple) else (self.hx,)
        stacked, size = module.num_layers * (1 + module.bidirectional), module.proj_size or module.hidden_size
        shapes = [(stacked, len(self.lengths), last) for last in (size, module.hidden_size)]
        shapes = shapes[: 2 if module.mode == "LSTM" else 1]
        formed = isinstance(self.hx, tuple) == (module.mode == "LSTM") and len(parts) == len(shapes)
        tensors = formed and all(isinstance(part, torch.Tensor) and part.dtype == own for part in parts)
        return tensors and [tuple(part.shape) for part in parts] == shapes

    @property
    def harmless(self) -> bool:
        """Whether it is only the dtype of c_0 that differs, which torch then makes that of the module."""
        if not isinstance(self.hx, tuple) or len(self.hx) != 2 or not isinstance(self.hx[1], torch.Tensor):
            return False
        own = self.module.all_weights[0][0].dtype
        cast = ModuleCall(self.x, self.lengths, self.options, self.module, (self.hx[0], self.hx[1].to(own)))
        return cast.fits and torch.result_type(self.hx[1], torch.ones(1, dtype=own)) == own

    def __str__(self) -> str:
        hx = self.hx
        state = tuple(map(_said, hx)) if isinstance(hx, tuple) else _said(hx)
        own = self.module.weight_ih_l0.dtype
        return f"x {tuple(self.x.shape)} {self.x.dtype} {self.lengths} {self.options} {self.module} {own} hx {state}"


def _said(part: Any) -> Any:
    return (tuple(part.shape), part.dtype) if isinstance(part, torch.Tensor) else part


def module_call(seed: int) -> ModuleCall:
    """The call of that number: about a third fit, the others are wrong in one way or several."""
    dice = random.Random(seed)
    wrong = dice.choice(("", "", "features", "dtype", "hx", "hx", "hx", "lengths", "all", "all"))

    def spoil(what: str) -> bool:
        return wrong == what or (wrong == "all" and dice.random() < 0.5)

    rows, steps, inputs = dice.randint(1, 4), dice.randint(1, 4), dice.choice((1, 2, 3, 9))
    kind = dice.choice(("LSTM", "LSTM", "GRU", "RNN"))
    hidden, layers, both = dice.randint(2, 5), dice.choice((1, 1, 2, 3)), dice.random() < 0.35
    more: dict[str, Any] = {"bias": dice.random() < 0.7, "bidirectional": both, "num_layers": layers}
    if kind == "LSTM" and dice.random() < 0.25:
        more["proj_size"] = dice.randint(1, hidden - 1)
    own = dice.choice(FLOATS)
    module = getattr(torch.nn, kind)(inputs, hidden, dtype=getattr(torch, own), **more)
    lengths = [dice.randint(1, steps) for _ in range(rows)]
    if dice.random() < 0.4:
        lengths = [dice.randint(1, steps)] * rows
    if spoil("lengths"):
        lengths[dice.randrange(rows)] = steps + dice.randint(1, 3)
        lengths = [max(lengths)] * rows if dice.random() < 0.4 else lengths
    keeps = dice.random() < 0.5
    lengths.sort(reverse=keeps) if keeps else None
    features: tuple[int, ...] = (inputs,)
    if spoil("features"):
        features = dice.choice(((), (), (inputs + 1,), (1,), (inputs, 1), (1, inputs), (2, inputs), (rows, inputs + 1)))
    given = dice.choice(ODD) if spoil("dtype") else own
    x = torch.ones(rows, steps, *features).to(getattr(torch, given))
    states = [(layers * (1 + both), rows, more.get("proj_size", hidden)), (layers * (1 + both), rows, hidden)]
    states = states[: 2 if kind == "LSTM" else 1]
    hx: Any = None
    if spoil("hx"):
        hx = _wrong_state(dice, kind, states, own)
    elif dice.random() < 0.5:
        parts = tuple(torch.zeros(shape, dtype=getattr(torch, own)) for shape in states)
        hx = parts if kind == "LSTM" else parts[0]
    return ModuleCall(x, lengths, {"batch_first": True, "enforce_sorted": keeps}, module, hx)


def _wrong_state(dice: random.Random, kind: str, shapes: list[tuple[int, ...]], own: str) -> Any:
    parts: list[Any] = []
    at = dice.randrange(len(shapes))
    for place, shape in enumerate(shapes):
        one = dice.random() < 0.6
        hit = not one or place == at
        dtype = dice.choice(ODD) if hit and dice.random() < 0.25 else own
        sizes = _wrong_shape(dice, shape) if hit and dice.random() < 0.85 else shape
        parts.append(torch.zeros(sizes, dtype=getattr(torch, dtype)))
    if dice.random() < 0.1:
        parts[at] = None
    form = dice.random()
    if form < 0.06:
        return parts[0]
    if form < 0.12:
        return (parts[0],)
    if form < 0.18:
        return (*parts, parts[0])
    if form < 0.2:
        return torch.stack([torch.zeros(shapes[0])] * 2)
    if form < 0.22:
        return "zeros"
    return tuple(parts) if kind == "LSTM" else parts[0]


def _wrong_shape(dice: random.Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    stacked, rows, size = shape
    return dice.choice(
        (
            (stacked + 1, rows, size),
            (max(0, stacked - 1), rows, size),
            (stacked, rows + 1, size),
            (stacked, rows + 1, size),
            (stacked, rows + 2, size),
            (stacked, max(0, rows - 1), size),
            (stacked, 1, size),
            (stacked, rows, size + 1),
            (stacked, rows, max(1, size - 1)),
            (stacked, rows, 1),
            (rows, stacked, size),
            (rows, size),
            (stacked, size),
            (size,),
            (stacked, rows, size, 1),
            (1, stacked, rows, size),
        )
    )
