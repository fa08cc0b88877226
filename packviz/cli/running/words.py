"""The command line of `packviz run`: its options come first, and all that follows the program is the program's."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from packviz.cli.manual import RUN_ENDS
from packviz.cli.one_command import Parser
from packviz.cli.running.program import folder as working_directory
from packviz.core.file_kind import head_of, kind_in
from packviz.core.texts.quoting import elided

KEEP = 200
WITH_VALUE = ("--save", "--keep", "--when")
OF_PYTHON = "bBdEiIOPqRsSuvWxX"
"""Options that python takes, in one letter."""
WHEN = ("error", "finding", "always")


def run_parser() -> Parser:
    """`packviz run SCRIPT [ARGS…]`, and `packviz run -m MODULE [ARGS…]`."""
    parser = Parser(
        prog="packviz run",
        usage="packviz run [options] SCRIPT [ARGS...] | -m MODULE [ARGS...]",
        about="Runs a program as python runs it, and notes every call around packing: where it is made, whether it\n"
        "raises, and what is wrong with its batch. Of a correct program nothing is said or written.",
        epilog=RUN_ENDS,
    )
    script_help = (
        "the program: a file, a folder or a zip with a\n__main__.py, - for standard input; the rest is its own"
    )
    parser.add_argument("target", metavar="SCRIPT", nargs="?", help=script_help)
    parser.add_argument("-m", metavar="MODULE", dest="module", help="a module, as python -m runs it")
    group = parser.add_argument_group("the recording")
    group.add_argument("--save", metavar="FILE", help="where it is written (default: SCRIPT.packviz, in this folder)")
    group.add_argument(
        "--keep", metavar="N", type=_kept, default=KEEP, help=f"how many of the last calls it has (default: {KEEP})"
    )
    group.add_argument(
        "--when",
        choices=WHEN,
        default="finding",
        help="what it is written for: an error, any finding\nabove a note, or always (default: finding)",
    )
    group.add_argument(
        "--ask", action="store_true", default=False, help="ask torch, too, about each call that is flagged"
    )
    group = parser.add_argument_group("general")
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    return parser


def typed(words: Sequence[str]) -> argparse.Namespace:
    """What was typed after `packviz run`: `save` (None where it was not said), `keep`, `when`, `ask`, and the program:
    `target`, whether it is a `module`, and its `args`. Exits with 2 and one line where that is no command line."""
    parser = run_parser()
    head, name, module, args = _split(parser, words)
    options = parser.parse(head)
    if not name:
        parser.error("MODULE is missing after -m" if module else "SCRIPT is missing, or -m MODULE")
    options.save = getattr(options, "save", None)
    if options.save is not None:
        _look_at_place(parser, options.save)
    options.target, options.module, options.args = name, module, args
    return options


def _split(parser: Parser, words: Sequence[str]) -> tuple[list[str], str, bool, tuple[str, ...]]:
    """The options of ours, the name of the program, whether it is a module, and what is its own: argparse has no words
    for a line that ends in another program's."""
    head: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
            break
        if word == "-" or not word.startswith("-"):
            break
        if word.startswith("-m"):
            name, *args = (word[2:], *words[at + 1 :]) if word != "-m" else words[at + 1 :] or [""]
            return head, name, True, tuple(args)
        if word.startswith("-c"):
            parser.error("code after -c is not taken: write it to a file, or pipe it into packviz run -")
        if word[1] in OF_PYTHON:
            parser.error(f"{word[:2]} is python's own: type python {elided(word)} -m packviz run")
        taken = 2 if word in WITH_VALUE else 1
        head += words[at : at + taken]
        at += taken
    name, *args = words[at:] or [""]
    return head, name, False, tuple(args)


def _look_at_place(parser: Parser, name: str) -> None:
    """Said before the program runs, which may take a day."""
    if not name:
        parser.error("the name after --save is empty")
    if os.path.isdir(name):
        parser.error(f"{elided(name)} is a folder, but the name of a file is expected")
    if not os.path.isabs(name) and not working_directory():
        parser.error(f"{elided(name)} can't be written: the working directory has been removed")
    folder = os.path.dirname(os.path.abspath(name))
    if not os.path.isdir(folder):
        parser.error(f"{elided(name)} can't be written: there is no folder {elided(os.path.dirname(name))}")
    if not os.access(name if os.path.exists(name) else folder, os.W_OK):
        parser.error(f"{elided(name)} can't be written: permission denied")
    if os.path.isfile(name) and not _replaceable(name):
        parser.error(f"{elided(name)} is there already, and is no recording: give another name, or remove it")


def _replaceable(name: str) -> bool:
    """Whether a file is empty, or is a recording."""
    try:
        head = head_of(name)
        return not head or kind_in(head) == "recording"
    except OSError:
        return True  # nothing is known of it


def _kept(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 <= int(text) <= 10**9:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a whole number from 0 to 1000000000")
    return int(text)
