"""What an expression is made of. Each part is a small frozen value, equal to any other of the same kind and parts; its
text is an expression again, of an equal value."""

from __future__ import annotations

from dataclasses import dataclass

STATES = ("h", "c", "i", "f", "g", "o", "r", "z", "n")
NUMBERS = ("step", "t", "layer", "direction", "forward", "backward", "inf", "nan")
OF_NUMBERS = ("abs", "change")
"""Functions of a number each: as many numbers come out as go in."""

REDUCTIONS = ("absmax", "max", "min", "mean", "norm", "sum", "std")
"""Functions that make one number of all units, and of all active rows, unless these are kept apart by `[row]`."""

TESTS = ("isnan", "isinf", "isfinite")
ALL_OR_ANY = ("any", "all")
FUNCTIONS = (*REDUCTIONS, *OF_NUMBERS, *TESTS, *ALL_OR_ANY)

EACH = "row"
"""The index that keeps rows apart: `norm(c[row])` is a norm for each row."""


@dataclass(frozen=True)
class Span:
    """The units, or the rows, from `first` on, before `stop`; None is the first and the last one."""

    first: int | None = None
    stop: int | None = None

    def __str__(self) -> str:
        return f"{'' if self.first is None else self.first}:{'' if self.stop is None else self.stop}"


Pick = int | str | Span


@dataclass(frozen=True)
class Number:
    """`5`, `1e-3`."""

    value: float
    truth = False

    def __str__(self) -> str:
        return repr(int(self.value)) if self.value.is_integer() and abs(self.value) < 1e15 else repr(self.value)


@dataclass(frozen=True)
class Name:
    """A number of the moment: `step`, `layer`, `direction`."""

    name: str
    truth = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class State:
    """`h`, `c[row]`, `h[2, 7]`, `f[:, 3]`; `at`: where it stands in the text, from 0."""

    name: str
    rows: Pick | None = None
    units: Pick | None = None
    at: int = 0
    truth = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and (self.name, self.rows, self.units) == (other.name, other.rows, other.units)

    def __hash__(self) -> int:
        return hash((self.name, self.rows, self.units))

    def __str__(self) -> str:
        inside = [str(index) for index in (self.rows, self.units) if index is not None]
        return f"{self.name}[{', '.join(inside)}]" if inside else self.name


@dataclass(frozen=True)
class Call:
    """`absmax(h)`, `isnan(c[2])`, `all(h < 1)`."""

    function: str
    of: Node

    @property
    def truth(self) -> bool:
        return self.function in (*TESTS, *ALL_OR_ANY)

    def __str__(self) -> str:
        return f"{self.function}({self.of})"


@dataclass(frozen=True)
class Negative:
    """`-x`."""

    of: Node
    truth = False

    def __str__(self) -> str:
        return f"-({self.of})"


@dataclass(frozen=True)
class Not:
    """`not x`."""

    of: Node
    truth = True

    def __str__(self) -> str:
        return f"not ({self.of})"


@dataclass(frozen=True, eq=False)
class Both:
    """Two numbers and `+ - * /` between them, or a comparison; two truths and `and` or `or`. `at`: of the operator."""

    left: Node
    operator: str
    right: Node
    at: int = 0

    @property
    def truth(self) -> bool:
        return self.operator not in ("+", "-", "*", "/")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Both) and (self.left, self.operator, self.right) == (
            other.left, other.operator, other.right,
        )  # fmt: skip

    def __hash__(self) -> int:
        return hash((self.left, self.operator, self.right))

    def __str__(self) -> str:
        return f"({self.left} {self.operator} {self.right})"


Node = Number | Name | State | Call | Negative | Not | Both
