"""The docstrings that are the texts of help pages: python -OO drops them from the code, but not from the file."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable
from functools import cache
from typing import Any


def docstring_of(function: Callable[..., Any]) -> str:
    """Its docstring, without its indent; nothing where it has none."""
    if function.__doc__ is not None:
        return inspect.cleandoc(function.__doc__)
    code = function.__code__
    return _docstrings(code.co_filename).get((code.co_name, code.co_firstlineno), "")


@cache
def _docstrings(filename: str) -> dict[tuple[str, int], str]:
    """The docstrings of a file's functions by name and line, as their code has them; with decorators, theirs counts."""
    found = {}
    for node in ast.walk(ast.parse("".join(linecache.getlines(filename)))):
        if isinstance(node, ast.FunctionDef):
            line = min((decorator.lineno for decorator in node.decorator_list), default=node.lineno)
            found[node.name, line] = ast.get_docstring(node) or ""
    return found
