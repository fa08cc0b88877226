"""Faults that are made around packing, put into functions that are right: each mutant is one of them with one fault.

The sources of a right function and of all that it calls are changed at one place, or what goes in and comes out of it
is. Which mutants are wrong is not known here: alone.py says.
"""

from __future__ import annotations

import ast
import copy
import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from tests.torch_side.probe import functions
from tests.torch_side.probe.functions import RIGHT

Text = ast.unparse
SORTED = "{}.sort(descending=True)[0]"
OF_A_DIMENSION = {"sum", "mean", "amax", "max", "softmax", "cumsum", "logsumexp", "stack", "cat"}


@dataclass(frozen=True)
class Mutant:
    """One right function with one fault. `told`: which function, and what is other in it."""

    function: str
    told: str
    make: Callable[[], Callable[..., Any]]

    @property
    def batch_first(self) -> bool:
        return RIGHT[self.function].batch_first

    def __str__(self) -> str:
        return f"{self.function}: {self.told}"


def mutants(name: str) -> list[Mutant]:
    """All of one right function, none twice."""
    found = [Mutant(name, told, make) for told, make in (*_within(name), *_around(name))]
    return list({mutant.told: mutant for mutant in found}.values())


# ---- one place of the source -----------------------------------------------------------------------------------------


def _within(name: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    for used in _used(name):
        for told, changed in _changed(_definitions()[used]):
            yield f"{used}: {told}", _maker(name, used, changed)


@cache
def _definitions() -> dict[str, Any]:
    """Name → the definition of each function and class of functions.py, without its decorators."""
    tree = ast.parse(inspect.getsource(functions))
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in found.values():
        node.decorator_list = []
    return {name: node for name, node in found.items() if name not in ("right", "wrong", "Right", "Wrong", "Output")}


def _used(name: str) -> list[str]:
    """The definitions that a function uses, itself first."""
    found, known = [name], _definitions()
    for each in found:
        names = [node.id for node in ast.walk(known[each]) if isinstance(node, ast.Name)]
        found.extend(dict.fromkeys(n for n in names if n in known and n not in found))
    return found


def _maker(name: str, used: str, changed: ast.AST) -> Callable[[], Any]:
    """What makes the function, with this definition in the place of its own."""

    def make() -> Any:
        wanted = [changed if each == used else _definitions()[each] for each in _used(name)]
        tree = ast.Module(wanted, [])
        space = {**vars(functions), "viewed": viewed}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # what can't be right is found out when it is called
            exec(compile(ast.unparse(tree), f"<{name}>", "exec", dont_inherit=True), space)
        return space[name]()

    return make


def viewed(value: Tensor, one: int, other: int) -> Tensor:
    """The shape of a transposed tensor, without having been transposed."""
    shape = list(value.shape)
    shape[one], shape[other] = shape[other], shape[one]
    return value.reshape(shape)


def _changed(definition: Any) -> Iterator[tuple[str, ast.AST]]:
    nodes = list(ast.walk(definition))
    for at, node in enumerate(nodes):
        for new in _replacements(node):
            tree = copy.deepcopy(definition)
            old = list(ast.walk(tree))[at]
            told = f"{Text(node)} → {new}"
            yield told, _Replace(old, ast.parse(new, mode="eval").body).visit(tree)
    if any(isinstance(node, ast.Name) and node.id == "pack_padded_sequence" for node in nodes):
        yield "nothing is packed", _NotPacked().visit(copy.deepcopy(definition))


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


class _NotPacked(ast.NodeTransformer):
    """The module runs over the padded x."""

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        return node.args[0] if Text(node.func) == "pack_padded_sequence" else node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.generic_visit(node)
        unpacks = isinstance(node.value, ast.Call) and Text(node.value.func) == "pad_packed_sequence"
        return node.value.args[0] if unpacks and isinstance(node.value, ast.Call) else node


def _replacements(node: ast.AST) -> Iterator[str]:
    """What may be written in the place of an expression by mistake."""
    match node:
        case ast.Call():
            yield from _of_call(node)
        case ast.BinOp(left, op, right):
            a, b = Text(left), Text(right)
            match op:
                case ast.Mult():
                    yield from (a, b)
                case ast.Div():
                    yield from (a, f"{a} / {b}.max()", f"{a} / len({b})")
                case ast.Sub():
                    yield from (a, "-1", f"({a} - 2).clamp(min=0)")
                case ast.Add():
                    yield a
        case ast.UnaryOp(ast.Invert(), operand):
            yield Text(operand)
        case ast.Compare(left, [ast.Lt()], [right]):
            yield from (f"{Text(left)} {other} {Text(right)}" for other in ("<=", ">", ">="))
        case ast.Subscript(value, slice):
            yield from _of_place(Text(value), slice)
        case ast.Attribute(value, "unsorted_indices"):
            yield f"{Text(value)}.sorted_indices"
        case ast.Attribute(value, "T"):
            yield f"viewed({Text(value)}, 0, 1)"
        case ast.Constant(bool() as flag):
            yield str(not flag)


def _of_place(value: str, place: ast.expr) -> Iterator[str]:
    match place:
        case ast.Constant(int() as at):
            yield f"{value}[{-1 if at == 0 else 0}]"
        case ast.Tuple(parts):
            for at, part in enumerate(parts):
                if Text(part) in ("0", "t"):
                    other = {"0": "-1", "t": "t - 1"}[Text(part)]
                    yield f"{value}[{', '.join([*map(Text, parts[:at]), other, *map(Text, parts[at + 1 :])])}]"
        case ast.Name() | ast.Call() | ast.Attribute():
            yield value


def _of_call(node: ast.Call) -> Iterator[str]:
    args, function = [Text(arg) for arg in node.args], Text(node.func)
    last = function.rpartition(".")[2]
    for keyword in node.keywords:
        rest = copy.copy(node)
        rest.keywords = [each for each in node.keywords if each is not keyword]
        if keyword.arg is not None:
            yield Text(rest)
    if last in OF_A_DIMENSION and args and args[-1] in ("0", "1"):
        yield f"{function}({', '.join([*args[:-1], '01'[args[-1] == '0']])})"
    if isinstance(node.func, ast.Attribute):
        yield from _of_method(Text(node.func.value), last, args)
    given = ", ".join(args[2:] + [Text(keyword) for keyword in node.keywords])
    more = f", {given}" if given else ""
    match function, args:
        case (("pack_padded_sequence" | "mask_of" | "unpad_sequence" | "packed_run" | "at_last" | "pooled"), _):
            n = args[-1]
            front = f"{function}({', '.join(args[:-1])}, "
            rest = ", ".join(Text(keyword) for keyword in node.keywords)
            rest = f", {rest})" if rest else ")"
            others = (SORTED.format(n), f"torch.full_like({n}, int({n}.max()))", f"{n}.flip(0)")
            yield from (front + other + rest for other in others)
            yield f"{front}({n} + 1).clamp(max=max({n})){rest}"
    match function, args:
        case "pack_padded_sequence", [x, n]:
            yield f"pack_padded_sequence({x}, {n}{more})._replace(sorted_indices=None, unsorted_indices=None)"
            yield f"pack_padded_sequence({x}.flip(1), {n}{more})"
        case "at_last", [out, _]:
            yield from (f"{out}[:, -1]", f"{out}[:, 0]", f"{out}.mean(1)")
        case "pooled", [out, _]:
            yield from (f"{out}.mean(1)", f"{out}.sum(1)", f"{out}.amax(1)", f"{out}[:, -1]")
        case "mask_of", [x, n]:
            yield f"torch.ones({x}.shape[:2], dtype=torch.bool)"
            yield f"mask_of({x}, {n}).flip(1)"
        case "torch.where", [_, a, b]:
            yield from (a, b)
        case "torch.cat", [parts, _] if parts.startswith("[*"):
            yield from (f"{parts[2:-1]}.reshape({parts[2:-1]}.shape[1], -1)", f"{parts[2:-1]}[0]", f"{parts[2:-1]}[-1]")
        case "torch.arange", [size]:
            yield f"torch.arange({size}).flip(0)"
        case "F.dropout", [value]:
            yield value


def _of_method(value: str, method: str, args: list[str]) -> Iterator[str]:
    match method, args:
        case "masked_fill", [mask, fill]:
            yield value
            if fill != "0":
                yield f"{value}.masked_fill({mask}, 0)"
        case "transpose", [one, other]:
            yield from (value, f"viewed({value}, {one}, {other})")
        case "sum", ["1"]:
            yield from (f"{value}.mean(1)", f"{value}.amax(1)", f"{value}[:, -1]")
        case "repeat_interleave", [times, "0"]:
            yield f"{value}.repeat({times}, 1, 1)"
        case "repeat_interleave", [times]:
            yield f"{value}.repeat({times})"
        case "gather", ["0", _]:
            yield f"{value}[-1:]"
        case (("argsort" | "softmax" | "relu"), _):
            yield value


# ---- what goes in, and what comes out --------------------------------------------------------------------------------

In = Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]
"""(x, lengths, the dimension of steps) → what the function is given in their place."""


def _sorted(x: Tensor, n: Tensor, s: int) -> tuple[Tensor, Tensor]:
    lengths, order = n.sort(descending=True)
    return x.index_select(1 - s, order), lengths


IN: dict[str, In] = {
    "x is turned round in time": lambda x, n, s: (x.flip(s), n),
    "x is one step late": lambda x, n, s: (x.roll(1, s), n),
    "x is one step early": lambda x, n, s: (x.roll(-1, s), n),
    "the mean over T is taken off x": lambda x, n, s: (x - x.mean(s, keepdim=True), n),
    "the mean over B is taken off x": lambda x, n, s: (x - x.mean(1 - s, keepdim=True), n),
    "x is divided by its largest number": lambda x, n, s: (x / x.abs().max().clamp(min=1e-6), n),
    "x is sorted, the lengths are not": lambda x, n, s: (_sorted(x, n, s)[0], n),
    "the lengths are sorted, x is not": lambda x, n, s: (x, _sorted(x, n, s)[1]),
    "both are sorted": _sorted,
    "both are turned round": lambda x, n, s: (x.flip(1 - s), n.flip(0)),
    "all lengths are the longest": lambda x, n, s: (x, n.max().expand_as(n).clone()),
    "all lengths are T": lambda x, n, s: (x, torch.full_like(n, x.shape[s])),
    "lengths are one too long": lambda x, n, s: (x, (n + 1).clamp(max=x.shape[s])),
    "lengths are one too short": lambda x, n, s: (x, (n - 1).clamp(min=1)),
    "lengths are halved": lambda x, n, s: (x, (n + 1) // 2),
    "lengths are those of the row before": lambda x, n, s: (x, n.roll(1)),
    "x is cut to the longest": lambda x, n, s: (x.narrow(s, 0, int(n.max())), n),
    "x is cut to the shortest": lambda x, n, s: (x.narrow(s, 0, int(n.min())), n.clamp(max=int(n.min()))),
    "x is viewed": lambda x, n, s: (x.reshape(x.shape[1], x.shape[0], -1).reshape(x.shape), n),
    "rows and steps of x are viewed": lambda x, n, s: (viewed(x, 0, 1).reshape(x.shape).flip(2), n),
    "x is added up over rows": lambda x, n, s: (x.cumsum(1 - s), n),
    "features are turned round": lambda x, n, s: (x.flip(2), n),
}

OUT: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "turned round": lambda r, n: r.flip(0),
    "the mean over rows is taken off": lambda r, n: r - r.mean(0, keepdim=True),
    "sorted": lambda r, n: r[n.argsort(descending=True)],
    "put back though nothing was sorted": lambda r, n: r[n.argsort(descending=True).argsort()],
    "the row before": lambda r, n: r.roll(1, 0),
    "the row before is added": lambda r, n: torch.cat([r[:1], r[1:] + r[:-1]]),
    "added up over rows": lambda r, n: r.cumsum(0),
    "divided by B": lambda r, n: r / len(r),
    "divided by T": lambda r, n: r / r.shape[1],
    "divided by the longest": lambda r, n: r / n.max(),
    "divided by the lengths": lambda r, n: r / n.reshape(-1, *[1] * (r.ndim - 1)) if len(r) == len(n) else r,
    "the last step": lambda r, n: r[:, -1],
    "the first step": lambda r, n: r[:, 0],
    "the mean over steps": lambda r, n: r.mean(1),
    "the maximum over steps": lambda r, n: r.amax(1),
    "a softmax over steps": lambda r, n: r.softmax(1),
    "a softmax over rows": lambda r, n: r.softmax(0),
    "a softmax over features": lambda r, n: r.softmax(-1),
    "the place of the largest feature": lambda r, n: r.argmax(-1),
    "the place of the largest step": lambda r, n: r.argmax(1),
    "viewed": lambda r, n: r.reshape(r.shape[1], r.shape[0], -1),
    "viewed in its shape": lambda r, n: r.transpose(0, 1).reshape(r.shape),
    "transposed": lambda r, n: r.transpose(0, 1),
    "rows and steps in one": lambda r, n: r.reshape(-1, r.shape[-1]),
    "all in one row": lambda r, n: r.flatten(1),
    "nothing is left": lambda r, n: torch.zeros_like(r),
    "as it was": lambda r, n: r,
}


def _around(name: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    make, steps = RIGHT[name].make, 1 if RIGHT[name].batch_first else 0
    for told, change in IN.items():
        yield told, _given_others(make, change, steps)
    for told, after in OUT.items():
        yield f"the result: {told}", _changed_after(make, after)


def _given_others(make: Callable[[], Any], change: In, steps: int) -> Callable[[], Any]:
    def made() -> Any:
        fn = make()
        return lambda x, n: fn(*change(x, n, steps))

    return made


def _changed_after(make: Callable[[], Any], after: Callable[[Tensor, Tensor], Tensor]) -> Callable[[], Any]:
    def made() -> Any:
        fn = make()

        def run(x: Tensor, n: Tensor) -> Any:
            result = fn(x, n)
            if not isinstance(result, Tensor):
                raise TypeError("it returns no single tensor")
            return after(result, n)

        return run

    return made
