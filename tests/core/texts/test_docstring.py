"""Help texts are the same with and without docstrings in the code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from packviz.core.rules import RULES
from packviz.core.texts import docstring
from packviz.core.texts.docstring import docstring_of

SAID = """
from packviz.core.messages import MESSAGES
from packviz.core.rules import RULES
print([rule.help for rule in RULES.values()], [message.means for message in MESSAGES])
"""


def plain() -> None:
    """One line.

    Another, indented.
    """


@pytest.mark.parametrize("function", [plain, *(rule.look for rule in RULES.values())], ids=lambda f: f.__name__)
def test_a_docstring_is_found_in_the_file_too(function, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = docstring_of(function)
    assert whole
    found = docstring._docstrings(function.__code__.co_filename)
    assert found[function.__code__.co_name, function.__code__.co_firstlineno] == whole


@pytest.mark.parametrize("flags", ["-O", "-OO", "-Werror"])
def test_optimised_python_has_the_same_help(flags: str) -> None:
    said = [
        subprocess.run([sys.executable, *given, "-c", SAID], capture_output=True, text=True, check=True).stdout
        for given in ([flags], [])
    ]
    assert said[0] == said[1]
    assert len(said[0]) > 10_000
