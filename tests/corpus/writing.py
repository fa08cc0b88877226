"""How the corpus is written: one function a format, each giving what writes a value to a path."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

Write = Callable[[Path], None]


def tensors(value: Any) -> Any:
    """The same with tensors in the place of arrays."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, Mapping):
        return {name: tensors(part) for name, part in value.items()}
    return type(value)(map(tensors, value)) if isinstance(value, list | tuple) else value


def plain(value: Any) -> Any:
    """The same with lists in the place of arrays."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    return list(map(plain, value)) if isinstance(value, list | tuple) else value


def pt(value: Any) -> Write:
    """torch.save of the value, its arrays as tensors."""
    return lambda path: torch.save(tensors(value), path)


def npz(**named: Any) -> Write:
    """np.savez."""
    return lambda path: np.savez(path, **named)


def npy(array: Any) -> Write:
    """np.save."""
    return lambda path: np.save(path, array)


def as_json(value: Any) -> Write:
    """json.dump."""
    return lambda path: path.write_text(json.dumps(plain(value)))


def lines(values: list[Any]) -> Write:
    """JSON, one value a line."""
    return lambda path: path.write_text("".join(f"{json.dumps(plain(value))}\n" for value in values))


def safetensors(**named: Any) -> Write:
    """safetensors.torch.save_file."""

    def write(path: Path) -> None:
        from safetensors.torch import save_file

        save_file(tensors(named), path)

    return write


def printed(value: Any, name: str = "") -> Write:
    """What `print(value)` writes, after `name = ` where there is one."""
    return lambda path: path.write_text(f"{name} = {tensors(value)!r}\n" if name else f"{tensors(value)!r}\n")


def text(words: str) -> Write:
    """A text as it is."""
    return lambda path: path.write_text(words)
