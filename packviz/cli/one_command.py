"""The parser of one command's options, by itself: `packviz run` needs no other, and loads nothing of the rest."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import NoReturn

MISSING = "the following arguments are required: "  # as argparse says it


class Parser(argparse.ArgumentParser):
    """One command's parser: its errors are one line, and say what was probably meant."""

    def __init__(self, *, prog: str, epilog: str, about: str, usage: str) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=about,
            epilog=epilog,
            allow_abbrev=False,
            add_help=False,
            argument_default=argparse.SUPPRESS,
            formatter_class=lambda prog: argparse.RawTextHelpFormatter(prog, max_help_position=38, width=100),
        )

    def error(self, message: str) -> NoReturn:
        """One line on standard error, and exit code 2."""
        if message.startswith(MISSING):
            message = f"{message.removeprefix(MISSING)} is missing"
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help tells more\n")

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The options that were typed, and only those."""
        options, unknown = self.parse_known_args(joined(words))
        files = getattr(options, "files", None)
        if files is not None and all(word == "-" or not word.startswith("-") for word in unknown):
            files += unknown  # those that came after an option
            unknown = []
        if unknown:
            self.error(self._unknown(unknown, getattr(options, "file", None) or ""))
        return options

    def _unknown(self, words: Sequence[str], file: str) -> str:
        extra = [word for word in words if not word.startswith("-")]
        if extra and words[0] == extra[0]:
            return f"one FILE is expected, but {extra[0]!r} came after it"
        name = words[0].split("=")[0]
        known = [option for option in self._option_string_actions if option.startswith("--")]
        close = difflib.get_close_matches(name, known, n=1)
        return f"there is no option {name}" + (f", did you mean {close[0]}?" if close else "")


def joined(words: Sequence[str]) -> list[str]:
    """`--lengths -1,2` as `--lengths=-1,2`: argparse takes a value that begins with a minus for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("--lengths", "--padding-value", "--entry") and re.match(r"-(\d|\.\d|inf)", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined
