"""Lines of Python as people paste them: nested lists, prints of tensors, assignments, calls that pack, a REPL's dump.

Nothing in it is ever run. Lines that are no data (imports, comments, prose) are passed over; what can't be read and
is needed is named with its line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.arrays import Values, is_array
from packviz.files.known.mapping import from_mapping
from packviz.files.known.names import X_NAMES, is_lengths_name
from packviz.files.masks import MaskFound, is_mask_name, mask_among
from packviz.files.objects import interpret
from packviz.files.packed import is_packed
from packviz.files.paste.batches import Batches, Called
from packviz.files.paste.found import Found, LengthsAlone, as_sequences
from packviz.files.paste.grammar import NotData, Reader
from packviz.files.paste.literals import TOO_MUCH, extract, nonce
from packviz.files.paste.parsing import Parser, last_name, quiet, unhurried
from packviz.files.paste.purse import Purse
from packviz.files.paste.statements import MOST_STATEMENTS, statements, without_asides
from packviz.files.ragged import Ragged, depth
from packviz.files.several import Several, batches_in

LARGEST_CODE = 2 * 1024 * 1024
CHECK_EVERY = 16
MANY = 5000
_ANGLED = re.compile(r"=<[^<>\n]*>")
_SIGNATURES = {
    "pack_padded_sequence": ("input", "lengths", "batch_first", "enforce_sorted"),
    "pack_sequence": ("sequences", "enforce_sorted"),
    "pad_packed_sequence": ("sequence", "batch_first", "padding_value", "total_length"),
}
_DEFAULTS = {"batch_first": False, "enforce_sorted": True}


@dataclass(frozen=True)
class Unread:
    """A piece of code that is no data, and its line."""

    line: int
    code: str

    def refuse(self, name: str) -> BatchError:
        return BatchError(
            f"line {self.line}: {name} is {self.code!r}, which packviz does not run: paste its printed value instead."
        )


@dataclass
class Script:
    """What was read so far of a pasted text: named values (in the reader), values without a name, the last call that
    packs."""

    watch: Watch = UNWATCHED
    purse: Purse = field(default_factory=Purse)
    reader: Reader = field(default_factory=Reader)
    parser: Parser = field(default_factory=lambda: Parser("", _SIGNATURES))
    loose: list[tuple[int, Any]] = field(default_factory=list)
    unread: dict[str, Unread] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)
    call: dict[str, Any] | None = None
    garbage: Unread | None = None
    echoed: str | None = None
    asked: str | None = None
    batches: Batches = field(default_factory=Batches)
    _chunk: str = ""

    def take(self, text: str) -> None:
        """Read the text, statement by statement."""
        mark = nonce(text)
        text = _ANGLED.sub("=None", without_asides(text))
        code, lists = extract(text, f"[{mark}]", LARGEST_CODE)
        self.parser = Parser(mark, _SIGNATURES)
        self.reader = Reader(lists, self.watch, mark=mark, purse=self.purse, parser=self.parser)
        with quiet(), unhurried() if len(lists) > MANY else nullcontext():
            for number, (line, chunk) in enumerate(statements(code)):
                if number % CHECK_EVERY == 0:
                    self.watch.check()
                    if number > MOST_STATEMENTS:
                        raise BatchError(TOO_MUCH)
                self._take_chunk(line, chunk)
                self.reader.first += chunk.count(mark)

    def read(self) -> Found | Several:
        """What the text holds: one batch, or several, one after the other."""
        return self._several() or self.found()

    def _several(self) -> Several | None:
        """The batches of a text that holds several; read as one, it is the last of them that counts, mostly."""
        data = self._data()
        if self._packs():
            calls = self.batches.calls
            return _numbered(len(calls), lambda i: self._of_call(calls[i]), self.found)
        if _names_x(data):
            printed = self.batches.printed()
            told = {name: value for name, value in data.items() if name in OPTIONS}
            several = _numbered(len(printed), lambda i: self._of_names(told | printed[i].names), self.found)
            return several or batches_in(data)
        values = [value for _, value in self.loose]
        if len(values) < 2:
            return batches_in(values[0]) if values else None
        paired = [(_dimensions(x) >= 2, _dimensions(n) == 1) for x, n in zip(values[::2], values[1::2], strict=False)]
        if len(values) % 2 == 0 and all(map(all, paired)):
            return _numbered(len(paired), lambda i: interpret(tuple(values[2 * i : 2 * i + 2])), None)
        return batches_in(values)

    def _of_call(self, called: Called) -> Found:
        return _found_of(called.call, called.options, mask_among(called.names))

    def _of_names(self, named: dict[str, Any]) -> Found:
        found = from_mapping(named)
        return replace(found, options={**found.options, **self.options})

    def _data(self) -> dict[str, Any]:
        return {name: value for name, value in self.reader.names.items() if _is_data(value) or name in OPTIONS}

    def _packs(self) -> bool:
        return self.call is not None and self.call.get("x") is not None

    def found(self) -> Found:
        """x, lengths and options: those of the packing call, else those with usual names, else by their shapes."""
        data = self._data()
        lengths = next((n for n in self.unread if is_lengths_name(n) and n.endswith("s") and n not in data), None)
        mask = mask_among(data)
        if self.call is not None and self._packs():
            return _found_of(self.call, self.options, mask)
        values = [value for _, value in self.loose]
        if _names_x(data):
            named = from_mapping(data)
            counts = named.lengths
            if counts is None and len(values) == 1 and _dimensions(values[0]) == 1:
                counts = values[0]
            if counts is None and lengths is not None and named.mask is None:
                raise self.unread[lengths].refuse(lengths)
            return replace(named, lengths=counts, options={**named.options, **self.options})
        options = {name: data[name] for name in OPTIONS if name in data} | self.options
        counts = next((value for name, value in data.items() if is_lengths_name(name)), None)
        inner = self._unnamed(values)
        if lengths is not None and inner.lengths is None and counts is None and mask is None:
            raise self.unread[lengths].refuse(lengths)
        counts = inner.lengths if counts is None else counts
        return replace(inner, lengths=counts, options={**inner.options, **options}, mask=mask or inner.mask)

    def _unnamed(self, values: list[Any]) -> Found:
        if not values:
            wanted = next((name for name in X_NAMES if name in self.unread), None)
            if wanted is not None:
                raise self.unread[wanted].refuse(wanted)
            if self.garbage is not None:
                raise BatchError(
                    f"line {self.garbage.line}: {self.garbage.code!r} can't be read: "
                    "paste a nested list, a printed tensor or cells of a table."
                )
            counts = next((value for name, value in self._data().items() if is_lengths_name(name)), None)
            if counts is not None:
                raise LengthsAlone(counts)
            raise BatchError("The text holds no batch: paste a nested list, a printed tensor or cells of a table.")
        if len(values) == 1:
            return interpret(values[0])
        if len(values) == 2 and _dimensions(values[0]) >= 2 and _dimensions(values[1]) == 1:
            return interpret(tuple(values))
        if all(_dimensions(value) == 1 for value in values):
            return Found(as_sequences(values))
        raise BatchError(
            f"The text holds {len(values)} values, the last in line {self.loose[-1][0]}, but x and then its "
            "lengths are expected: name them, x = ... and lengths = ..."
        )

    def _take_chunk(self, line: int, chunk: str) -> None:
        parsed = self.parser.parse(chunk)
        if parsed is None:
            self.garbage = self.garbage or Unread(line, self.parser.shown(chunk))
            return
        self._chunk, self.reader.parsed = chunk, parsed
        for statement, calls in zip(parsed.body, parsed.calls, strict=True):
            at = line + statement.lineno - 1
            try:
                self._take_statement(at, statement, calls)
            except BatchError as error:
                text = str(error)
                raise error if text.startswith("line ") else BatchError(f"line {at}: {text}") from None
            except RecursionError:
                raise BatchError(f"line {at}: the expression is nested too deep to be read.") from None

    def _take_statement(self, line: int, statement: ast.stmt, calls: tuple[ast.Call, ...]) -> None:
        self.batches.begin_statement()
        if not isinstance(statement, ast.Expr):
            self.echoed = self.asked = None  # what is shown of a name follows it at once
        for call in calls:
            self._take_call(line, call)
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(
                values
            ):
                for target, value in zip(targets, values, strict=True):
                    self._bind(line, target, value)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(line, target, value)
            case ast.AnnAssign(target=target, value=value, annotation=annotation):
                self._bind(line, target, value or annotation)
            case ast.Expr(value=ast.Name(id=name)) if name not in self.reader.names:
                self.echoed = name
            case ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
                self._take_loose(line, value)

    def _take_loose(self, line: int, node: ast.expr) -> None:
        try:
            value = self.reader.value(node)
        except NotData:
            self.garbage = self.garbage or Unread(line, self.parser.unparsed(node, self._chunk))
            return
        if _is_data(value):
            if self.echoed is not None:
                self.reader.names[self.echoed] = value
            else:
                self.loose.append((line, value))
            asked = self.echoed or self.asked
            if asked is not None and not isinstance(node, ast.Name):
                self.batches.bound(asked, value)
        self.echoed, self.asked = None, node.id if isinstance(node, ast.Name) else None

    def _bind(self, line: int, target: ast.expr, node: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        name = target.id
        try:
            value, used = self.reader.value(node), self._used(node)
            self.reader.names[name] = value
            self.unread.pop(name, None)
            if _is_data(value):
                self.batches.bound(name, value, used)
        except NotData:
            self.reader.names.pop(name, None)
            self.batches.unread(name)
            self.unread[name] = Unread(line, self.parser.unparsed(node, self._chunk))

    def _take_call(self, line: int, node: ast.Call) -> None:
        kind = last_name(node.func)
        args: dict[str, ast.expr] = dict(zip(_SIGNATURES[kind], node.args, strict=False))
        args |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        packs, before = kind != "pad_packed_sequence", self.batches.options
        for name in _SIGNATURES[kind]:
            if name not in OPTIONS or (not packs and name == "batch_first" and self.call is not None):
                continue
            known, value = self.reader.literal(args.get(name))
            if known or (packs and name not in args):
                self.options[name] = value if known else _DEFAULTS[name]
                self.batches.said(name, self.options[name])
        if packs:
            sequences = kind == "pack_sequence"
            x = self._argument(line, args.get("sequences" if sequences else "input"))
            counts = None if sequences else self._argument(line, args.get("lengths"))
            self.call = {"x": as_sequences(x) if sequences else x, "lengths": counts, "sequences": sequences}
            if x is not None:
                self.batches.called(self.call, self._used(args["sequences" if sequences else "input"]), before)

    def _used(self, node: ast.expr) -> frozenset[str]:
        """The names of data in an expression."""
        origins = self.batches.origins
        return frozenset(name for name in self.reader.parsed.names(node) if name in origins) if origins else frozenset()

    def _argument(self, line: int, node: ast.expr | None) -> Any:
        """The value of an argument; None for a name that stands for nothing in the text; else Unread."""
        if node is None:
            return None
        try:
            return self.reader.value(node)
        except NotData:
            if isinstance(node, ast.Name):
                return self.unread.get(node.id)
            return Unread(line, self.parser.unparsed(node, self._chunk))


def _found_of(call: Mapping[str, Any], options: Mapping[str, object], mask: MaskFound | None) -> Found:
    """What a call that packs is given. Raises BatchError where x or the lengths would have to be run."""
    x, counts = call["x"], call.get("lengths")
    if isinstance(x, Unread):
        raise x.refuse("the batch of the call")
    if isinstance(counts, Unread) and mask is not None and re.search(rf"\b{mask.name}\b", counts.code.lower()):
        counts = None  # `mask.sum(1)`: not run, but known
    if isinstance(counts, Unread):
        raise counts.refuse("lengths")
    inner = Found(x) if call["sequences"] else interpret(x)
    return replace(inner, lengths=counts, options={**inner.options, **options}, mask=mask)


def _numbered(count: int, find: Callable[[int], Found], whole: Callable[[], Found] | None) -> Several | None:
    return Several(tuple(map(str, range(count))), find, whole) if count > 1 else None


def _names_x(data: Mapping[str, Any]) -> bool:
    """Whether one of the names may be that of x."""
    return any(name not in OPTIONS and not is_lengths_name(name) and not is_mask_name(name) for name in data)


def _is_data(value: object) -> bool:
    if isinstance(value, Values | list | tuple | dict | Ragged):
        return not isinstance(value, Values) or value.array.ndim > 0
    return is_packed(value) or (is_array(value) and depth(value) > 0)


def _dimensions(value: object) -> int:
    if isinstance(value, Values):
        return value.array.ndim
    return 0 if isinstance(value, dict) or is_packed(value) else depth(value)
