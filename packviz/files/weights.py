"""The weights of one recurrent layer, from a state_dict in a .pt, .pth or .safetensors file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.errors import Undecided
from packviz.core.module import FLOAT_DTYPES, KIND_OF_GATES, Stored
from packviz.files.arrays import Values, is_tensor, values_of
from packviz.files.formats.pt import load_safetensors, load_tensors
from packviz.files.loaded import at_place
from packviz.files.opened import opened

SUFFIXES = (".pt", ".pth", ".safetensors")
FIRST = "weight_ih_l0"
REQUIRED = (FIRST, "weight_hh_l0")
BIASES = ("bias_ih_l0", "bias_hh_l0")
DEEPEST = 8
_HOW = "save its state_dict: torch.save(module.state_dict(), path)"
_RECURRENT = re.compile(r"(?:weight|bias)_(?:ih|hh|hr)_l(?P<layer>\d+)(?P<reverse>_reverse)?$")


def weights_filter() -> str:
    """The filter of an open dialog for weights."""
    return f"Weights ({' '.join('*' + suffix for suffix in SUFFIXES)});;All files (*)"


def load_weights(path: str | PathLike[str], watch: Watch = UNWATCHED, *, prefix: str | None = None) -> Stored:
    """The weights of the one LSTM, GRU or RNN in a state_dict, under whatever prefix; biases may be missing. Of several
    the one whose names begin with `prefix`.

    Shapes: weight_ih_l0 (G H, F), weight_hh_l0 (G H, H), biases (G H,), where G is 4, 3 or 1. Raises BatchError,
    naming the file, where there is none, Undecided where there are several, and for more than one layer or direction.
    """
    with opened(path, watch) as (stream, name), at_place(name):
        if Path(name).suffix.lower() == ".safetensors":
            tensors = load_safetensors(stream, _RECURRENT)
        else:
            tensors = dict(_tensors(load_tensors(stream, _HOW)))
        try:
            return _weights(tensors, name)
        except Undecided as error:
            if prefix is None:
                raise
            picked: Stored = error.pick(prefix)
            return picked


def _tensors(held: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The recurrent tensors of a state_dict, or of one inside a checkpoint, by their full name."""
    if not isinstance(held, Mapping) or depth > DEEPEST:
        return
    for name, value in held.items():
        if isinstance(value, Mapping):
            yield from _tensors(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(name, str) and is_tensor(value) and _RECURRENT.search(name):
            yield f"{prefix}{name}", value


def _weights(tensors: Mapping[str, Any], source: str) -> Stored:
    starts = sorted(name.removesuffix(FIRST) for name in tensors if name.endswith(FIRST))
    if not starts:
        raise BatchError(
            f"it holds no {FIRST}, so no weights of an nn.LSTM, nn.GRU or nn.RNN: save module.state_dict()."
        )
    if len(starts) > 1:
        listed = ", ".join(start or "(no prefix)" for start in starts[:8])
        text = f"it holds {len(starts)} recurrent modules ({listed}): save the state_dict of the one to step."
        raise Undecided(text, starts, lambda prefix: _under(tensors, prefix, source))
    return _under(tensors, starts[0], source)


def _under(tensors: Mapping[str, Any], prefix: str, source: str) -> Stored:
    """The weights whose names begin so."""
    _check_extent([name.removeprefix(prefix) for name in tensors if name.startswith(prefix)])
    missing = [name for name in REQUIRED if prefix + name not in tensors]
    if missing:
        raise BatchError(f"it holds {prefix}{FIRST}, but no {prefix}{missing[0]}: save module.state_dict() again.")
    present = [name for name in (*REQUIRED, *BIASES) if prefix + name in tensors]
    values = {name: values_of(tensors[prefix + name], prefix + name) for name in present}
    _check_shapes(values, prefix)
    dtype = values[FIRST].dtype
    return Stored(source, {name: value.array for name, value in values.items()}, dtype, prefix)


def _check_extent(names: list[str]) -> None:
    """Refuse what can't be stepped yet."""
    found = [match for name in names if (match := _RECURRENT.fullmatch(name))]
    layers = 1 + max(int(match["layer"]) for match in found)
    directions = 2 if any(match["reverse"] for match in found) else 1
    if layers > 1 or directions > 1:
        raise BatchError(
            f"its module has {layers} layer{'s' * (layers > 1)} and {directions} direction{'s' * (directions > 1)}, "
            "but only one layer and one direction can be stepped yet."
        )
    if "weight_hr_l0" in names:
        raise BatchError("its module has a projection (proj_size), which can't be stepped yet.")


def _check_shapes(values: Mapping[str, Values], prefix: str) -> None:
    shapes = {name: value.array.shape for name, value in values.items()}
    hh = shapes["weight_hh_l0"]
    if len(hh) != 2 or not hh[1] or hh[0] % hh[1] or hh[0] // hh[1] not in KIND_OF_GATES:
        raise BatchError(
            f"{prefix}weight_hh_l0 has shape {hh}, but (4 H, H) is expected of an LSTM, "
            "(3 H, H) of a GRU, (H, H) of an RNN."
        )
    ih = shapes[FIRST]
    if len(ih) != 2 or ih[0] != hh[0] or not ih[1]:
        raise BatchError(f"{prefix}{FIRST} has shape {ih}, but ({hh[0]}, F) is expected beside weight_hh_l0 of {hh}.")
    biases = [name for name in BIASES if name in shapes]
    if len(biases) == 1:
        raise BatchError(f"it holds {prefix}{biases[0]} alone, but both biases or none are expected.")
    for name in biases:
        if shapes[name] != (hh[0],):
            raise BatchError(f"{prefix}{name} has shape {shapes[name]}, but ({hh[0]},) is expected.")
    dtypes = {value.dtype for value in values.values()}
    if len(dtypes) > 1 or not dtypes <= FLOAT_DTYPES:
        raise BatchError(
            f"its weights are of {', '.join(sorted(dtypes))}, but all of one floating-point dtype are expected."
        )
