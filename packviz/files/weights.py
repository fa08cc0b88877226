"""The weights of a recurrent module, of any layers and directions, from a state_dict in a .pt or .safetensors file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.errors import Undecided
from packviz.core.module import FLOAT_DTYPES, KIND_OF_GATES, Stored
from packviz.core.texts.quoting import cut, quoted
from packviz.files.arrays import Values, is_tensor, values_of
from packviz.files.formats.pt import load_safetensors, load_tensors
from packviz.files.loaded import at_place
from packviz.files.opened import opened

SUFFIXES = (".pt", ".pth", ".safetensors")
FIRST, FIRST_OF_CELL = "weight_ih_l0", "weight_ih"
DEEPEST = 8
MOST_LAYERS = 64
_HOW = "save its state_dict: torch.save(module.state_dict(), path)"
_RECURRENT = re.compile(r"(?:weight|bias)_(?:ih|hh|hr)(?:_l(?P<layer>\d{1,9})(?P<reverse>_reverse)?)?$")

Shape = tuple[int, ...]


def weights_filter() -> str:
    """The filter of an open dialog for weights."""
    return f"Weights ({' '.join('*' + suffix for suffix in SUFFIXES)});;All files (*)"


def load_weights(path: str | PathLike[str], watch: Watch = UNWATCHED, *, prefix: str | None = None) -> Stored:
    """The weights of the one LSTM, GRU or RNN in a state_dict, under whatever prefix; or of an LSTMCell, GRUCell or
    RNNCell. Biases may be missing. Of several the one whose names begin with `prefix`.

    Shapes, with G of 4, 3 or 1, and P = proj_size or H: weight_ih_l0 (G H, F), in layers above (G H, D P), weight_hh
    (G H, P), weight_hr (P, H), biases (G H,). Raises BatchError, naming the file, where there is none, where shapes
    contradict each other, and Undecided where there are several.
    """
    with opened(path, watch) as (stream, name), at_place(name):
        if Path(name).suffix.lower() == ".safetensors":
            tensors = load_safetensors(stream, _RECURRENT)
        else:
            tensors = dict(_tensors(load_tensors(stream, _HOW)))
        return _weights(tensors, name, prefix)


def _tensors(held: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The recurrent tensors of a state_dict, or of one inside a checkpoint, by their full name."""
    if not isinstance(held, Mapping) or depth > DEEPEST:
        return
    for name, value in held.items():
        if isinstance(value, Mapping):
            yield from _tensors(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(name, str) and is_tensor(value) and _RECURRENT.search(name):
            yield f"{prefix}{name}", value


def _weights(tensors: Mapping[str, Any], source: str, prefix: str | None) -> Stored:
    starts = sorted(
        {name.removesuffix(first) for name in tensors for first in (FIRST, FIRST_OF_CELL) if _ends(name, first)}
    )
    if not starts:
        raise BatchError(
            f"it holds no {FIRST}, so no weights of an nn.LSTM, nn.GRU or nn.RNN: save module.state_dict()."
        )
    if prefix is not None:
        fitting = [start for start in starts if start in (prefix, f"{prefix}.")]
        if not fitting:
            text = f"it holds no recurrent module under the prefix {quoted(prefix)}: {_listed(starts)}."
            raise BatchError(text)
        return _under(tensors, fitting[0], source)
    if len(starts) > 1:
        text = f"it holds {len(starts)} recurrent modules, {_listed(starts)}: say which is to be stepped."
        raise Undecided(text, starts, lambda chosen: _under(tensors, chosen, source))
    return _under(tensors, starts[0], source)


def _ends(name: str, first: str) -> bool:
    """Whether a name is that of the first tensor of a module; a prefix ends with a dot."""
    start = name.removesuffix(first)
    return start != name and (not start or start.endswith("."))


def _listed(starts: Sequence[str]) -> str:
    shown = [cut(start, 60) or "(no prefix)" for start in starts[:8]]
    return ", ".join([*shown, *(["…"] if len(starts) > 8 else [])])


def _under(tensors: Mapping[str, Any], prefix: str, source: str) -> Stored:
    """The weights whose names begin so."""
    named = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    named = {name: value for name, value in named.items() if _RECURRENT.fullmatch(name)}
    single = FIRST not in named
    if single:  # of an LSTMCell, a GRUCell or an RNNCell: the one layer of a module
        named = {f"{name}_l0": value for name, value in named.items() if "_l" not in name}
    values = {name: values_of(value, prefix + name) for name, value in named.items()}
    told = _Told(prefix, single)
    expected = _expected({name: value.array.shape for name, value in values.items()}, told)
    for name in expected:
        if name not in values:
            raise BatchError(f"it holds {told(FIRST)}, but no {told(name)}: save module.state_dict() again.")
    _check_dtypes(values.values())
    dtype = values[FIRST].dtype
    return Stored(source, {name: values[name].array for name in expected}, dtype, prefix, single)


class _Told:
    """The names as they stand in the file."""

    def __init__(self, prefix: str, single: bool) -> None:
        self._prefix, self._single = cut(prefix, 60), single

    def __call__(self, name: str) -> str:
        return self._prefix + (name.removesuffix("_l0") if self._single else name)


def _expected(shapes: Mapping[str, Shape], told: _Told) -> dict[str, Shape]:
    """The names and shapes of a whole module, in torch's order, as the first layer says. Raises BatchError where those
    that there are have other shapes."""
    if "weight_hh_l0" not in shapes:
        raise BatchError(f"it holds {told(FIRST)}, but no {told('weight_hh_l0')}: save module.state_dict() again.")
    found = [match for name in shapes if (match := _RECURRENT.fullmatch(name))]
    layers = 1 + max(int(match["layer"]) for match in found)
    if layers > MOST_LAYERS:
        raise BatchError(f"its module has {layers} layers, but at most {MOST_LAYERS} can be stepped.")
    ends = ("", "_reverse") if any(match["reverse"] for match in found) else ("",)
    rows, outputs = _of_hh(shapes, told)
    biases = [name for name in ("bias_ih", "bias_hh") if f"{name}_l0" in shapes]
    if len(biases) == 1:
        raise BatchError(f"it holds {told(biases[0] + '_l0')} alone, but both biases or none are expected.")
    ih = shapes[FIRST]
    if len(ih) != 2 or ih[0] != rows or not ih[1]:
        hh = shapes["weight_hh_l0"]
        raise BatchError(f"{told(FIRST)} has shape {ih}, but ({rows}, F) is expected beside weight_hh_l0 of {hh}.")
    expected: dict[str, Shape] = {}
    for layer in range(layers):
        for end in ends:
            inputs = ih[1] if layer == 0 else outputs * len(ends)
            of_layer: dict[str, Shape] = {"weight_ih": (rows, inputs), "weight_hh": (rows, outputs)}
            of_layer |= dict.fromkeys(biases, (rows,))
            if "weight_hr_l0" in shapes:
                of_layer["weight_hr"] = shapes["weight_hr_l0"]
            expected |= {f"{name}_l{layer}{end}": shape for name, shape in of_layer.items()}
    for name, shape in shapes.items():
        if shape != expected.get(name, shape):
            raise BatchError(f"{told(name)} has shape {shape}, but {expected[name]} is expected.")
    return expected


def _of_hh(shapes: Mapping[str, Shape], told: _Told) -> tuple[int, int]:
    """(gates × H, P): what weight_hh of the first layer says, and weight_hr with a projection."""
    hh, hr = shapes["weight_hh_l0"], shapes.get("weight_hr_l0")
    if hr is not None:
        if len(hh) != 2 or len(hr) != 2 or not 0 < hr[0] < hr[1] or hh != (4 * hr[1], hr[0]):
            raise BatchError(
                f"{told('weight_hr_l0')} has shape {hr} and {told('weight_hh_l0')} {hh}, but (P, H) and (4 H, P) are "
                "expected of an LSTM with proj_size = P, less than H."
            )
        return hh[0], hh[1]
    if len(hh) != 2 or not hh[1] or hh[0] % hh[1] or hh[0] // hh[1] not in KIND_OF_GATES:
        raise BatchError(
            f"{told('weight_hh_l0')} has shape {hh}, but (4 H, H) is expected of an LSTM, "
            "(3 H, H) of a GRU, (H, H) of an RNN."
        )
    return hh[0], hh[1]


def _check_dtypes(values: Iterable[Values]) -> None:
    dtypes = {value.dtype for value in values}
    if len(dtypes) > 1 or not dtypes <= FLOAT_DTYPES:
        raise BatchError(
            f"its weights are of {', '.join(sorted(dtypes))}, but all of one floating-point dtype are expected."
        )
