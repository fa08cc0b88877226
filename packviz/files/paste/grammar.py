"""The values that a paste may hold, read from Python's syntax tree: numbers, lists, tensors; nothing is ever run.

Only literals, names bound to literals, and the few calls of `Reader._call` are understood. All else raises NotData.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from packviz.core.batch import BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.texts.quoting import excerpt
from packviz.files.arrays import Values, is_array, values_of
from packviz.files.packed import FIELDS, PackedParts
from packviz.files.paste import making
from packviz.files.paste.literals import SUMMARISED, NumberList
from packviz.files.paste.parsing import LONG_LIST, Parsed, Parser, last_name
from packviz.files.paste.purse import Purse
from packviz.files.ragged import Ragged

_CONSTANTS = {"nan": float("nan"), "inf": float("inf"), "NaN": float("nan"), "Infinity": float("inf")} | {
    "true": True,
    "false": False,
    "null": None,
}
_NUMPY_NAME = re.compile(r"[<>=|]?[A-Za-z_?][A-Za-z_]{0,20}\d{0,3}_?")
CHECK_EVERY = 256
MOST_BITS = 1024
"""Bits of a whole number that is read: of a longer one neither a float nor a text can be made."""
_PYTHON_TYPES = {"float": "float64", "int": "int64", "bool": "bool"}


class NotData(Exception):
    """The expression is none that packviz reads; `node` is the part that is not."""

    def __init__(self, node: ast.AST) -> None:
        super().__init__()
        self.node = node


@dataclass
class Reader:
    """Reads expressions; `names` are the values bound so far, `lists` the lists of numbers cut out of the text.

    `mark`: the word that stands for such a list, followed by its number in the piece of code that is read; `first`: the
    number in the text of the first one in this piece, which is `parsed`. `purse`: what the values made so far take, and
    may take.
    """

    lists: Sequence[NumberList] = ()
    watch: Watch = UNWATCHED
    names: dict[str, Any] = field(default_factory=dict)
    mark: str = "_packviz_"
    first: int = 0
    purse: Purse = field(default_factory=Purse)
    parser: Parser = field(default_factory=lambda: Parser("_packviz_", ()))
    parsed: Parsed = field(default_factory=lambda: Parsed((), ()))

    def value(self, node: ast.expr) -> Any:
        """The value of an expression: Values, a list, a tuple, a dict, PackedParts or a constant. Raises NotData."""
        match node:
            case ast.Constant(value=constant):
                if constant is Ellipsis:
                    raise BatchError(f"{SUMMARISED}.")
                if isinstance(constant, int) and constant.bit_length() > MOST_BITS:
                    raise NotData(node)
                return constant
            case ast.List(elts=items):
                if (numbers := self._numbers(node)) is not None:
                    return making.listed(numbers.read(self.watch))
                if _is_name(items, f"{self.mark}{LONG_LIST}"):
                    return self.purse.listed(self._elements(node))
                return self.purse.listed([self.value(item) for item in items])
            case ast.Tuple(elts=items):
                return self.purse.listed(tuple(self.value(item) for item in items))
            case ast.Dict(keys=keys, values=values):
                named = {self._key(key, node): self.value(item) for key, item in zip(keys, values, strict=True)}
                return self.purse.listed(named)
            case ast.Name(id=name):
                return self._name(name, node)
            case ast.Attribute(attr="nan" | "inf" as name):
                return _CONSTANTS[name]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                number = self._number(operand)
                return -number if isinstance(sign, ast.USub) else number
            case ast.BinOp(
                left=left, op=ast.Add() | ast.Sub() as sign, right=ast.Constant(value=complex() as imaginary)
            ):
                try:
                    return self._number(left) + (imaginary if isinstance(sign, ast.Add) else -imaginary)
                except OverflowError:
                    raise BatchError("a number has hundreds of digits, more than a complex number can hold.") from None
            case ast.ListComp():
                return self._each_length(node)
            case ast.Call(func=function, args=args, keywords=keywords):
                return self._call(node, last_name(function), args, keywords)
        raise NotData(node)

    def literal(self, node: ast.expr | None) -> tuple[bool, Any]:
        """(True, the constant) where the expression is one constant, else (False, None)."""
        if node is None:
            return False, None
        try:
            value = self.value(node)
        except NotData:
            return False, None
        return (True, value) if value is None or isinstance(value, bool | int | float) else (False, None)

    def _numbers(self, node: ast.expr) -> NumberList | None:
        """The list of numbers that was cut out of the text here, or None. Raises NotData where it holds names."""
        if not isinstance(node, ast.List) or len(node.elts) != 1 or not isinstance(node.elts[0], ast.Name):
            return None
        name, mark = node.elts[0].id, self.mark
        if not name.startswith(mark) or name.endswith(LONG_LIST):
            return None
        numbers = self.lists[self.first + int(name[len(mark) :] or 0)]
        if numbers.has_names:
            raise NotData(node)
        return numbers

    def _elements(self, node: ast.expr) -> list[Any]:
        """The elements of the long list in this piece of code, each of them read as a piece of its own."""
        whole, first, made = self.parsed, self.first, list[Any]()
        self.first += whole.first
        try:
            for index, code in enumerate(whole.elements):
                if index % CHECK_EVERY == 0:
                    self.watch.check()
                found = self.parser.parse(code)
                if found is None or len(found.body) != 1 or not isinstance(found.body[0], ast.Expr):
                    raise NotData(node)
                self.parsed = found
                made.append(self.value(found.body[0].value))
                self.first += code.count(self.mark)
        finally:
            self.parsed, self.first = whole, first
        return made

    def _key(self, key: ast.expr | None, node: ast.expr) -> str:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return key.value
        raise NotData(key or node)

    def _name(self, name: str, node: ast.expr) -> Any:
        if name in self.names:
            return self.names[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        raise NotData(node)

    def _number(self, node: ast.expr) -> Any:
        number = self.value(node)
        if isinstance(number, int | float | complex):
            return number
        raise NotData(node)

    def _call(self, node: ast.Call, name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> Any:
        named = {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
        if name in ("tensor", "as_tensor", "from_numpy", "array", "asarray", *making.LEGACY):
            return self._tensor(node, name, args, named)
        if name == "PackedSequence":
            return self._packed(node, args, named)
        if name == "pad_sequence" and (args or "sequences" in named):
            return self._padded(args, named)
        if isinstance(node.func, ast.Attribute) and (name in making.METHODS or name in ("to", "unsqueeze")):
            return self._method(node, node.func.value, name, args, named)
        if name in ("list", "tuple") and len(args) == 1 and not named:
            if isinstance(args[0], ast.Call) and last_name(args[0].func) == "map":
                return self._mapped_lengths(args[0])
            return self.value(args[0])
        raise NotData(node)

    def _tensor(self, node: ast.Call, name: str, args: list[ast.expr], named: Mapping[str, ast.expr]) -> Any:
        if name in making.LEGACY and len(args) != 1:
            raise NotData(node)
        if not args and "data" not in named:
            raise NotData(node)
        dtype = making.LEGACY.get(name) or self._dtype(args[1] if len(args) > 1 else named.get("dtype"))
        values = self._array(args[0] if args else named["data"], dtype, numpy=name in ("array", "asarray"))
        device = making.device_of(_text(named.get("device")))
        if values.listed or values.device != device:
            values = replace(values, device=device, listed=False)
        if not values.array.size and ("size" in named or "shape" in named):
            shape = self.value(named.get("size") or named["shape"])
            return making.emptied(values, shape)
        return values

    def _array(self, node: ast.expr, dtype: str | None, *, numpy: bool) -> Values:
        """The array of the first argument of tensor(...) or array(...), which may have a dtype of its own."""
        if (numbers := self._numbers(node)) is not None:
            read = numbers.read(self.watch)
            if not isinstance(read, np.ndarray):
                raise BatchError(f"line {numbers.line}: {making.RAGGED}")
            return making.typed(read, dtype, numpy=numpy)
        raw = self.value(node)
        made = making.array_of(raw, dtype, self.purse, numpy=numpy)
        if made is None:
            raise NotData(node)
        return made

    def _dtype(self, node: ast.expr | None) -> str | None:
        match node:
            case None | ast.Constant(value=None):
                return None
            case ast.Name(id=name):
                return _PYTHON_TYPES.get(name, excerpt(name))
            case ast.Attribute(attr=name):
                return excerpt(name)
            case ast.Constant(value=str() as name):
                try:
                    return np.dtype(name).name if _NUMPY_NAME.fullmatch(name) else excerpt(name)
                except (TypeError, ValueError, OverflowError):
                    return excerpt(name)
        raise NotData(node)

    def _packed(self, node: ast.expr, args: list[ast.expr], named: Mapping[str, ast.expr]) -> PackedParts:
        parts = dict(zip(FIELDS, args, strict=False)) | {name: named[name] for name in FIELDS if name in named}
        if "data" not in parts or "batch_sizes" not in parts:
            raise NotData(node)
        return PackedParts(**{name: self.value(part) for name, part in parts.items()})

    def _padded(self, args: list[ast.expr], named: Mapping[str, ast.expr]) -> Values:
        rows = self.value(args[0] if args else named["sequences"])
        _, first = self.literal(args[1] if len(args) > 1 else named.get("batch_first"))
        _, filler = self.literal(args[2] if len(args) > 2 else named.get("padding_value"))
        return making.padded(rows, self.purse, batch_first=bool(first), filler=filler or 0)

    def _method(
        self, node: ast.Call, owner: ast.expr, name: str, args: list[ast.expr], named: Mapping[str, ast.expr]
    ) -> Any:
        value = self.value(owner)
        if not is_array(value):
            raise NotData(node)
        there = values_of(value)
        if name == "unsqueeze":  # at the end only: each cell gets a feature
            if len(args) != 1 or self.literal(args[0]) not in ((True, -1), (True, there.array.ndim)):
                raise NotData(node)
            return making.with_a_feature(there)
        if name == "to":
            wanted = [arg for arg in (*args, named.get("dtype")) if isinstance(arg, ast.Attribute)]
            device = next(filter(None, map(_text, (*args, named.get("device")))), there.device)
            made = making.recast(there.array, excerpt(wanted[0].attr), self.purse) if wanted else there
            return replace(made, device=making.device_of(device))
        return making.same_numbers(there, name, self.purse)

    def _each_length(self, node: ast.ListComp) -> list[int]:
        """`[len(s) for s in sequences]`, also with s.size(0) and s.shape[0]."""
        match node:
            case ast.ListComp(elt=element, generators=[ast.comprehension(target=ast.Name(id=each), iter=rows, ifs=[])]):
                if self._written(element) in (f"len({each})", f"{each}.size(0)", f"{each}.shape[0]"):
                    return self._lengths(self.value(rows), node)
        raise NotData(node)

    def _written(self, node: ast.expr) -> str:
        """The code of a short expression."""
        if sum(1 for _ in islice(ast.walk(node), 20)) == 20:
            return ""
        shown = re.compile(rf"{self.mark}(\d*)")
        return shown.sub(lambda found: self.lists[self.first + int(found[1] or 0)].text[1:-1][:99], ast.unparse(node))

    def _mapped_lengths(self, node: ast.Call) -> list[int]:
        match node.args:
            case [ast.Name(id="len"), rows]:
                return self._lengths(self.value(rows), node)
        raise NotData(node)

    def _lengths(self, rows: Any, node: ast.AST) -> list[int]:
        if not isinstance(rows, list | tuple | Values | Ragged):
            raise NotData(node)
        return making.lengths_of(rows, self.purse)


def _is_name(items: Sequence[ast.expr], name: str) -> bool:
    return len(items) == 1 and isinstance(items[0], ast.Name) and items[0].id == name


def _text(node: ast.expr | None) -> str:
    """The text of a literal, as in device="cuda:0", or nothing."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
