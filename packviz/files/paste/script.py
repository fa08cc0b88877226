"""Lines of Python as people paste them: nested lists, prints of tensors, assignments, calls that pack, a REPL's dump.

Nothing in it is ever run. Lines that are no data (imports, comments, prose) are passed over; what can't be read and
is needed is named with its line.
"""

from __future__ import annotations

import ast
import re
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from packviz.core.batch import OPTIONS, BatchError
from packviz.core.cancel import UNWATCHED, Watch
from packviz.files.paste.batches import Batches
from packviz.files.paste.found import Found, as_sequences
from packviz.files.paste.grammar import NotData, Reader
from packviz.files.paste.literals import TOO_MUCH, extract, nonce
from packviz.files.paste.meant import Meant, Unread, is_data
from packviz.files.paste.parsing import Parser, last_name, quiet, unhurried
from packviz.files.paste.purse import Purse
from packviz.files.paste.statements import MOST_STATEMENTS, statements, without_asides
from packviz.files.several import Several

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
        return self._meant.read()

    def found(self) -> Found:
        """The same, read as one."""
        return self._meant.found()

    @property
    def _meant(self) -> Meant:
        names = {name: value for name, value in self.reader.names.items() if is_data(value) or name in OPTIONS}
        return Meant(names, self.loose, self.unread, self.options, self.call, self.garbage, self.batches)

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
        if is_data(value):
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
            if is_data(value):
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
