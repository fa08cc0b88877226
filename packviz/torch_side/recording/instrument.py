"""The code of torch's functions, made again from its source so that they say when they are called.

Only the code object of a function is exchanged. The function itself stays the same object, so that names which were
bound to it before are noticed, too; file, lines and columns are torch's own, so that tracebacks, warnings, TorchScript
and torch.compile find what they always do.
"""

from __future__ import annotations

import ast
import copy
import linecache
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any

MARK = "packviz notes"
"""Stands in the new code until the object that is told of the calls takes its place."""

CALL, RESULT, ERROR, DYNAMO = "_packviz_call", "_packviz_result", "_packviz_error", "_packviz_dynamo"
"""The names that the new code has more than the old one."""


def instrumented(functions: Mapping[str, FunctionType], notes: Any) -> dict[str, CodeType]:
    """Codes for these functions, by the kind of their calls, all of one file, that tell `notes` of each call.

    Told are `notes.begin(kind, *arguments)` before it runs, `notes.returned(what begin gave, result)` and
    `notes.raised(what begin gave, error)`. `notes.dynamo(callback)` sets the callback of torch.compile in this thread
    and gives the one before: nothing that is told is compiled. While torch.compile looks at the function itself, it
    is as it was. A function is left out where it is not what its source says, as where somebody has exchanged it
    before, and where its source is not at hand.
    """
    path = next(iter(functions.values())).__code__.co_filename
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
        plain = _codes(compile(tree, path, "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return {}
    nodes = {(node.name, _first_line(node)): node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    fit: dict[str, CodeType] = {}
    for kind, function in functions.items():
        code = function.__code__
        node = nodes.get((code.co_name, code.co_firstlineno))
        if node is not None and plain.get(_place(code)) == code and "torch" in function.__globals__:
            _rewrite(node, kind)
            fit[kind] = code
    made = _codes(compile(tree, path, "exec", dont_inherit=True)) if fit else {}
    return {kind: _told(made[_place(code)], notes) for kind, code in fit.items()}


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """All codes inside that of a module, by their qualified name and first line."""
    found: dict[tuple[str, int], CodeType] = {}
    ahead = [code]
    while ahead:
        inner = [const for const in ahead.pop().co_consts if isinstance(const, CodeType)]
        found |= {_place(const): const for const in inner}
        ahead += inner
    return found


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _told(code: CodeType, notes: Any) -> CodeType:
    consts = tuple(notes if type(const) is str and const == MARK else const for const in code.co_consts)
    return code.replace(co_consts=consts)


def _rewrite(node: ast.FunctionDef, kind: str) -> None:
    """The body twice: as it is, for torch.compile, and inside what tells of its beginning and its end."""
    told = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    head, body = (node.body[:1], node.body[1:]) if told else ([], node.body)
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    begin = ast.Assign([_name(CALL, ast.Store())], _call("begin", ast.Constant(kind), *map(_name, names)))
    returns = _Returns()
    watched = [found for statement in body for found in returns.all_of(copy.deepcopy(statement))]
    if not isinstance(body[-1], ast.Return):  # it may come to its end without one
        watched += _uncompiled(ast.Expr(_call("returned", _name(CALL), ast.Constant(None))))
    raised = ast.Expr(_call("raised", _name(CALL), _name(ERROR)))
    gone = ast.Delete([_name(name, ast.Del()) for name in (CALL, DYNAMO)])  # a traceback may be shown with its names
    handler = ast.ExceptHandler(_name("BaseException"), ERROR, [*_uncompiled(raised), gone, ast.Raise()])
    # Not is_compiling: that is true of all that runs in Python, in any thread, while one of them compiles.
    asked = ast.Call(_member(_member(_name("torch"), "compiler"), "is_dynamo_compiling"), [], [])
    twice = ast.If(asked, body, [*_uncompiled(begin), ast.Try(watched, [handler], [], [])])
    node.body = [*head, ast.fix_missing_locations(ast.copy_location(twice, node))]


def _name(name: str, context: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(name, context or ast.Load())


def _call(what: str, *values: ast.expr) -> ast.Call:
    return ast.Call(_member(ast.Constant(MARK), what), list(values), [])


def _member(value: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(value, name, ast.Load())


def _uncompiled(statement: ast.stmt) -> list[ast.stmt]:
    """The statement, with torch.compile's callback away from this thread while it runs."""
    away = ast.Assign([_name(DYNAMO, ast.Store())], _call("dynamo", ast.Constant(None)))
    return [away, ast.Try([statement], [], [], [ast.Expr(_call("dynamo", _name(DYNAMO)))])]


class _Returns(ast.NodeTransformer):
    """Tells of what is returned; the functions inside are left as they are."""

    def all_of(self, statement: ast.stmt) -> list[ast.stmt]:
        made = self.visit(statement)
        return made if isinstance(made, list) else [made]

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        kept = ast.Assign([_name(RESULT, ast.Store())], node.value or ast.Constant(None))
        told = _uncompiled(ast.Expr(_call("returned", _name(CALL), _name(RESULT))))
        made = [kept, *told, ast.Return(_name(RESULT))]
        return [ast.fix_missing_locations(ast.copy_location(statement, node)) for statement in made]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node
