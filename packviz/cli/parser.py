"""The command line: its commands, their options and their help."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from packviz.cli.checking.options import add_checking
from packviz.cli.groups import add_call, add_entry, add_general, add_model
from packviz.cli.manual import (
    ABOUT,
    CHECK_ENDS,
    CHECK_FILE_HELP,
    EXPLAIN_ENDS,
    FILE_HELP,
    PROBE_ENDS,
    RENDER_ENDS,
    TRACE_ENDS,
    WINDOW_ENDS,
)
from packviz.cli.one_command import Parser
from packviz.cli.running.words import run_parser
from packviz.cli.running.words import typed as run_typed
from packviz.cli.values import (
    count_typed,
    expression,
    size_typed,
)

COMMANDS = ("check", "explain", "probe", "render", "run", "trace")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace with `command` ("window", "check", "explain", …) and what was typed."""
    words = list(words)
    if words[:1] == ["run"]:
        options = run_typed(words[1:])
        options.command = "run"
        return options
    if words and words[0] in COMMANDS:
        parser = PARSERS[words[0]]()
        options = parser.parse(words[1:])
        options.command = words[0]
        if options.command == "check":
            _look_at_stdin(parser, options)
        if options.command == "explain":
            _look_at_words(parser, options)
        if options.command == "probe" and len(options.words) > 2:
            parser.error(f"one FILE is expected, but {options.words[2]!r} came after it")
        return options
    parser = window_parser()
    options = parser.parse(words)
    options.command = "window"
    _look_at_stdin(parser, options)
    _look_at_files(parser, options)
    return options


def _look_at_stdin(parser: Parser, options: argparse.Namespace) -> None:
    if options.files.count("-") > 1:
        parser.error("standard input can be read only once")
    if getattr(options, "merge", False):
        odd = next(
            (name for name in ("shard", "exclude", "baseline", "jobs", "dask", "entry") if name in options), None
        )
        if odd is not None:
            parser.error(f"--merge checks nothing, it reads what was printed: leave --{odd} out")


def _look_at_files(parser: Parser, options: argparse.Namespace) -> None:
    """Several files may be a command that is misspelt or in the wrong place, and its words."""
    if len(options.files) < 2:
        return
    first = options.files[0]
    command = difflib.get_close_matches(first, COMMANDS, n=1)
    if first in COMMANDS:
        parser.error(f"{first} comes before its options")
    if command and not Path(first).exists():
        parser.error(f"there is no command {first}, did you mean {command[0]}?")
    if "entry" in options:
        parser.error(f"--entry names a batch of one FILE, but there are {len(options.files)}")


def _look_at_words(parser: Parser, options: argparse.Namespace) -> None:
    if not options.words and not options.codes:
        parser.error("TEXT is missing: a message, a traceback or a code; --codes lists the codes")
    if options.words and options.codes:
        parser.error("--codes lists all codes, and takes no TEXT")
    if options.words == ["-"] and getattr(options, "batch", None) == "-":
        parser.error("standard input can be read only once")


def window_parser() -> Parser:
    """`packviz [FILE... | -]`."""
    parser = Parser(prog="packviz", usage="packviz [FILE... | -] [options]", about=ABOUT, epilog=WINDOW_ENDS)
    parser.add_argument("files", metavar="FILE", nargs="*", default=[], help=FILE_HELP)
    add_entry(parser)
    add_call(parser)
    add_model(parser)
    add_general(parser)
    return parser


def check_parser() -> Parser:
    """`packviz check FILE... | -`."""
    parser = Parser(
        prog="packviz check",
        usage="packviz check FILE | FOLDER | PATTERN | ADDRESS ... | - [options]",
        about="What is wrong with batches and their lengths, and what torch really does with them.",
        epilog=CHECK_ENDS,
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help=CHECK_FILE_HELP)
    add_entry(parser)
    add_call(parser)
    add_checking(parser)
    add_general(parser)
    return parser


def explain_parser() -> Parser:
    """`packviz explain TEXT... | - | CODE`."""
    parser = Parser(
        prog="packviz explain",
        usage="packviz explain TEXT... | - | FILE | CODE | --codes [--batch FILE] [options]",
        about="What an error message or a traceback around packing means, and which row it comes from.",
        epilog=EXPLAIN_ENDS,
    )
    text_help = "a message, or the code of a finding; - reads\nstandard input, FILE is a text with a traceback"
    parser.add_argument("words", metavar="TEXT", nargs="*", default=[], help=text_help)
    parser.add_argument("--codes", action="store_true", default=False, help="list all codes, with a line each")
    group = parser.add_argument_group("the batch that it is about")
    group.add_argument("--batch", metavar="FILE", help=FILE_HELP)
    add_entry(group)
    add_call(parser)
    group = parser.add_argument_group("output")
    group.add_argument("--format", choices=("text", "json"), default="text", help="text, or one JSON object")
    add_general(parser)
    return parser


def render_parser() -> Parser:
    """`packviz render FILE | - -o OUT.png`."""
    parser = Parser(
        prog="packviz render",
        usage="packviz render FILE | - -o OUT.png [options]",
        about="The window on a batch as a picture. Needs no display.",
        epilog=RENDER_ENDS,
    )
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    add_entry(parser)
    group = parser.add_argument_group("output")
    group.add_argument("-o", "--output", metavar="PNG", required=True, help="the picture to write")
    group.add_argument("--step", metavar="T", type=count_typed, default=0, help="the step to show (default: 0)")
    group.add_argument(
        "--until", metavar="EXPR", type=expression, default=None, help="the step where it first holds, in its place"
    )
    group.add_argument("--layer", metavar="L", type=count_typed, default=0, help="the layer to show (default: 0)")
    group.add_argument("--direction", choices=("forward", "backward"), default="forward", help="the direction to show")
    group.add_argument(
        "--size", metavar="WxH", type=size_typed, default=(1600, 1000), help="pixels (default: 1600x1000)"
    )
    group.add_argument("--theme", choices=("light", "dark"), default="dark", help="(default: dark)")
    group.add_argument("--explain", metavar="TEXT", default=None, help="with what this error message means")
    group.add_argument(
        "--probe", action="store_true", default=False, help="with the leak probe, and what each row reads"
    )
    add_call(parser)
    add_model(parser)
    add_general(parser)
    return parser


def trace_parser() -> Parser:
    """`packviz trace FILE | -`."""
    parser = Parser(
        prog="packviz trace",
        usage="packviz trace FILE | - [options]",
        about="Steps a module over a batch, holds the run against torch's own, and says where an expression\n"
        "over its states first holds.",
        epilog=TRACE_ENDS,
    )
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    add_entry(parser)
    group = parser.add_argument_group("output")
    group.add_argument(
        "--until", metavar="EXPR", type=expression, default=None, help="where it first holds, such as 'absmax(h) > 5'"
    )
    group.add_argument("--format", choices=("text", "json"), default="text", help="text, or one JSON object")
    add_call(parser)
    add_model(parser)
    add_general(parser)
    return parser


def probe_parser() -> Parser:
    """`packviz probe [MODULE.py:FUNCTION] FILE | -`."""
    parser = Parser(
        prog="packviz probe",
        usage="packviz probe [MODULE.py:FUNCTION] FILE | - [options]",
        about="Whether a row's result depends on padding or on other rows, and which steps it reads: a recurrent "
        "module's, or that of a function of your own.",
        epilog=PROBE_ENDS,
    )
    parser.add_argument("words", metavar="FILE", nargs="+", help=FILE_HELP)
    add_entry(parser)
    group = parser.add_argument_group("output")
    group.add_argument("--format", choices=("text", "json"), default="text", help="text, or one JSON object")
    add_call(parser)
    add_model(parser)
    add_general(parser)
    return parser


PARSERS: Mapping[str, Callable[[], Parser]] = {
    "check": check_parser,
    "explain": explain_parser,
    "probe": probe_parser,
    "render": render_parser,
    "run": run_parser,
    "trace": trace_parser,
}
