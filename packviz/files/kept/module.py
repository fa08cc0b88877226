"""A module as JSON and arrays, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from numpy.typing import NDArray

from packviz.core.batch import BatchError
from packviz.core.module import CellKind, Drawn, Held, Initial, Inputs, Module, StateFacts, Stored
from packviz.files.kept.facts import Facts, flag, one_of, text, whole

Named = Callable[[str], NDArray[Any]]


def module_facts(module: Module, arrays: dict[str, NDArray[Any]]) -> Facts:
    """What is said of it in JSON; stored weights go to `arrays`, under `weights.NAME`, and the numbers of the initial
    state that was given with them under `states.NUMBER`. The numbers of another hx are beside it, not in it."""
    arrayed = ("weights", "hx", "numbers")
    facts = {one.name: getattr(module, one.name) for one in fields(Module) if one.name not in arrayed}
    stored = module.stored
    if stored is None:
        kind: Facts = {"kind": "held" if module.held else "drawn"}
    else:
        arrays |= {f"weights.{name}": array for name, array in stored.arrays.items()}
        kind = {"kind": "stored", "names": list(stored.arrays), "source": stored.source}
        kind |= {"dtype": stored.dtype, "prefix": stored.prefix, "single": stored.single, "yours": stored.yours}
        kind["states"] = [part is not None for part in stored.states]
        arrays |= {f"states.{place}": part for place, part in enumerate(stored.states) if part is not None}
    hx = None if module.hx is None else [None if part is None else asdict(part) for part in module.hx]
    return {**facts, "weights": kind, "hx": hx}


def module_of(facts: Facts, arrays: Named) -> Module:
    """The module of these facts; `arrays` gives the one of a name. Raises BatchError, KeyError, TypeError or ValueError
    where they are none."""
    said = facts["weights"]
    weights: Drawn | Held | Stored = Held() if said["kind"] == "held" else Drawn()
    if said["kind"] == "stored":
        named = {text(name): arrays(f"weights.{name}") for name in said["names"]}
        texts = (text(said["dtype"]), text(said["prefix"]))
        there = enumerate(said.get("states", []))  # neither they nor `yours` are in the first files
        states = tuple(arrays(f"states.{place}") if flag(held) else None for place, held in there)
        single, yours = flag(said["single"]), flag(said.get("yours", False))
        weights = Stored(text(said["source"]), named, *texts, single, yours, states)
        if weights.cell is None:
            raise BatchError("it is damaged: the weights of its module are none of an nn.LSTM, nn.GRU or nn.RNN.")
    cell, size = facts["cell"], facts["input_size"]
    hx = facts["hx"]
    return Module(
        cell=None if cell is None else one_of(CellKind, cell),
        weights=weights,
        inputs=one_of(Inputs, facts["inputs"]),
        initial=one_of(Initial, facts["initial"]),
        input_size=None if size is None else whole(size),
        dtype=None if facts["dtype"] is None else text(facts["dtype"]),
        hx=None if hx is None else tuple(None if part is None else _state_of(part) for part in hx),
        hidden=whole(facts["hidden"], least=1),
        seed=whole(facts["seed"]),
        embedding_size=whole(facts["embedding_size"]),
        layers=whole(facts["layers"], least=1),
        directions=whole(facts["directions"], 2, least=1),
        projection=whole(facts["projection"]),
        device=text(facts["device"]),
        nonlinearity=text(facts["nonlinearity"]),
        hx_given=text(facts["hx_given"]),
        class_name=text(facts["class_name"]),
        bias=flag(facts["bias"]),
        batch_first=flag(facts["batch_first"]),
    )


def _state_of(facts: Facts) -> StateFacts:
    return StateFacts(tuple(map(whole, facts["shape"])), text(facts["dtype"]))
