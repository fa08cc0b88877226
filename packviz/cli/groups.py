"""The groups of options that several commands have in common."""

from __future__ import annotations

import argparse
import sys
from importlib import metadata

from packviz import __version__
from packviz.cli.values import (
    axes_typed,
    entry_typed,
    hidden_size,
    layers_typed,
    lengths_typed,
    memory_typed,
    number,
    positive,
    projection_size,
    seconds_typed,
    seed_typed,
)
from packviz.core.budget import BYTES, size_text
from packviz.core.patience import SECONDS

CELLS = ("LSTM", "GRU", "RNN")


def add_entry(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--entry", metavar="NAME", type=entry_typed, help="which one, where FILE holds several")
    parser.add_argument("--x", metavar="NAME", type=entry_typed, help="which of several tensors is the batch")
    parser.add_argument(
        "--axes", metavar="BTF", type=axes_typed, help="how x lies, a letter a dimension:\nB rows, T steps, F features"
    )


def add_call(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "options of the call, with torch's names and defaults",
        "What a file or a paste says itself wins over the defaults,\nand what is typed here wins over both.",
    )
    group.add_argument(
        "--lengths", metavar="3,2,4", type=lengths_typed, help="one a row (default: the file's, or by the padding)"
    )
    switch = argparse.BooleanOptionalAction
    group.add_argument("--batch-first", action=switch, help="x is (B, T, *), not (T, B, *) (default: no)")
    group.add_argument("--enforce-sorted", action=switch, help="lengths must be descending (default: yes)")
    group.add_argument("--padding-value", metavar="V", type=number, help="what fills the padding (default: 0)")
    group.add_argument("--total-length", metavar="N", type=positive, help="steps to unpack to (default: the longest)")


def add_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the module that is stepped")
    group.add_argument("--cell", choices=CELLS, type=str.upper, help="(default: LSTM, or the sample's)")
    group.add_argument("--hidden", metavar="H", type=hidden_size, help="hidden size (default: 6)")
    group.add_argument("--layers", metavar="L", type=layers_typed, help="num_layers (default: 1)")
    group.add_argument(
        "--bidirectional", action="store_const", const=2, dest="directions", help="both directions (default: forward)"
    )
    group.add_argument(
        "--proj-size", metavar="P", type=projection_size, dest="projection", help="of an LSTM (default: 0, none)"
    )
    group.add_argument("--nonlinearity", choices=("tanh", "relu"), help="of an RNN (default: tanh)")
    group.add_argument(
        "--weights",
        metavar="FILE[:PREFIX]",
        help="a state_dict; PREFIX says which module of it",
    )
    group.add_argument(
        "--initial", choices=("zeros", "drawn"), help="h_0 and c_0: zeros, or drawn after the seed\n(default: zeros)"
    )
    group.add_argument("--seed", metavar="N", type=seed_typed, help="seed of its weights (default: 0)")
    group.add_argument("--device", metavar="D", help="cpu, cuda, cuda:1, mps (default: cpu)")


def add_general(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("general")
    group.add_argument(
        "--memory", metavar="SIZE", type=memory_typed, help=f"that may be taken (default: {size_text(BYTES)})"
    )
    group.add_argument(
        "--seconds",
        metavar="N",
        type=seconds_typed,
        help=f"that each file, paste or run may take (default: {SECONDS:g})",
    )
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    group.add_argument("--version", action="version", version=version(), help="show versions and exit")


def version() -> str:
    """One line: packviz, torch and Python, none of them imported for it."""
    try:
        torch = metadata.version("torch")
    except metadata.PackageNotFoundError:
        torch = "not installed"
    return f"packviz {__version__} (torch {torch}, Python {sys.version.split()[0]})"
