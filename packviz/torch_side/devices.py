"""Which torch is installed, and the devices on which it can step a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packviz.core.batch import BatchError

if TYPE_CHECKING:
    import torch


def version() -> str:
    """The version of the installed torch: "2.13.0+cpu"."""
    import torch

    return str(torch.__version__)


def available() -> tuple[str, ...]:
    """Names of the devices, "cpu" first: ("cpu", "cuda:0", "cuda:1", "mps")."""
    import torch

    cuda = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return ("cpu", *cuda, *mps)


def device_named(name: str) -> torch.device:
    """The device of that name. Raises BatchError where this machine has none such."""
    import torch

    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    names = available()
    if device is not None and (str(device) in names or any(here.startswith(f"{device}:") for here in names)):
        return device
    raise BatchError(f"device {name!r} is not to be had here: choose one of {', '.join(names)}.")
