"""What `run` and `record` note of a program: its calls around packing, each with its site, and which of them are kept.

A call is noted in a line; a kept one has its batch, too, with the sizes of its module and hx. Times are seconds since
the recording began.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_type_hints

from packviz.core.damage import NOTHING_LOST, Damage, Lost
from packviz.core.errors import BatchError
from packviz.core.findings import Severity

if TYPE_CHECKING:
    from packviz.core.whole import Whole

Tier = Literal["invariants", "sample", "rules", "torch"]
"""How closely a call was looked at: the vectorised invariants of its lengths and of the cells at each length; all rules
over a bounded sample of its cells; all rules; all rules, and torch asked."""

Reason = Literal["", "raised", "first", "last", "always", "damaged"]
"""Why a call is kept: it raised; it is the first of a kind of finding at its site; it is among the last; all are. "" of
one that is not, "damaged" of one whose batch can't be read any more."""
NOT_KEPT: tuple[Reason, ...] = ("", "damaged")


class Site(NamedTuple):
    """Where a call is made: the file as Python names it, the line, from 1, and the function."""

    path: str
    line: int
    function: str = ""

    @property
    def shown(self) -> str:
        """In a word: `train.py:31`."""
        return f"{PurePath(self.path.replace(chr(92), '/')).name}:{self.line}"

    def __str__(self) -> str:
        return self.shown


class NotedCall(NamedTuple):
    """One call around packing that a program made, as far as it was looked at.

    `number`: which one of all calls of the recording, from 1. `call`: the function or the module, as in
    `Outcome.call`: "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "nn.LSTM". `error`: the class and
    the message of what it raised, "" where it returned. `rows`, `steps`: B and T; `features`: the sizes of the
    dimensions after them; `total`: N, the sum of the lengths; `shortest`, `longest`: of the lengths. All 0 where they
    could not be told. `dtype`, `device`: torch's names of those of x. `findings`: the codes found, each with its
    severity, worst first. `module`: in a few words, "nn.LSTM(32, 256, num_layers=2)", "" where it is none.
    `fingerprint`: of its weights, "" of none. `process`, `thread`: which ones, `worker`: of a DataLoader, -1 elsewhere.
    """

    number: int
    call: str
    site: Site
    error: str = ""
    rows: int = 0
    steps: int = 0
    features: tuple[int, ...] = ()
    total: int = 0
    shortest: int = 0
    longest: int = 0
    dtype: str = ""
    device: str = "cpu"
    findings: tuple[tuple[str, Severity], ...] = ()
    tier: Tier = "invariants"
    reason: Reason = ""
    module: str = ""
    fingerprint: str = ""
    time: float = 0.0
    process: int = 0
    thread: str = ""
    worker: int = -1

    @property
    def name(self) -> str:
        """What its batch is called in the recording: `17 train.py:31`."""
        return f"{self.number} {self.site.shown}"

    @property
    def outcome(self) -> str:
        """`returned`, or `raised ValueError: …`."""
        return f"raised {self.error}" if self.error else "returned"

    @property
    def kept(self) -> bool:
        """Whether the recording has its batch."""
        return self.reason not in NOT_KEPT

    @property
    def damaged(self) -> bool:
        """Whether the recording had its batch, which can't be read any more."""
        return self.reason == "damaged"

    @property
    def worst(self) -> Severity | None:
        """The severity of its worst finding; error where it raised; None where nothing was found."""
        if self.error:
            return Severity.ERROR
        if not self.findings:  # as of most of ten thousand
            return None
        return min((severity for _, severity in self.findings), key=lambda severity: severity.rank, default=None)

    @property
    def measured(self) -> bool:
        """Whether its lengths could be told, and with them N and its padding: not those with a fraction, those of a
        mask, or those that lie on a GPU."""
        return self.rows > 0 and self.steps > 0 and any((self.total, self.shortest, self.longest))

    @property
    def padding(self) -> float:
        """The share of its cells that are padding, 0 to 1, where it is `measured`."""
        cells = self.rows * self.steps
        return 1.0 - min(max(self.total, 0), cells) / cells if cells > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As a line of a recording."""
        line = self._asdict()
        line["site"] = self.site._asdict()
        line["features"] = list(self.features)
        line["findings"] = [[code, severity.value] for code, severity in self.findings]
        return line

    def told(self) -> dict[str, Any]:
        """As the "call" in the JSON of `packviz check`."""
        return {
            "site": self.site.shown,
            "path": self.site.path,
            "line": self.site.line,
            "function": self.site.function,
            "number": self.number,
            "call": self.call,
            "outcome": self.outcome,
            "module": self.module or None,
            "process": self.process,
            "thread": self.thread,
            "time": self.time,
        }


def noted_from(line: object, sites: dict[Site, Site] | None = None) -> NotedCall:
    """The call in a line of a recording; fields that a newer version added are passed over. `sites`: those of other
    calls, shared with them. Raises BatchError where it is none."""
    try:
        return _noted(line, {} if sites is None else sites)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BatchError(f"it holds a call that can't be read ({type(error).__name__}: {error}).") from None


def _noted(line: object, sites: dict[Site, Site]) -> NotedCall:
    if not isinstance(line, Mapping):
        raise TypeError("it is no object")
    said = line["site"]
    site = Site(str(said["path"]), int(said["line"]), str(said.get("function", "")))
    given: dict[str, Any] = {name: line[name] for name in _PLAIN if name in line}
    for name, value in given.items():
        if type(value) not in _PLAIN[name]:  # of ten thousand calls: what JSON gives is of no subclass
            raise TypeError(f"{name} is {type(value).__name__}")
        if type(value) is int and not -MOST <= value <= MOST:
            raise ValueError(f"{name} has more than 63 bits")
    return NotedCall(
        **{**given, "time": float(given.get("time", 0.0))},
        site=sites.setdefault(site, site),
        features=tuple(int(n) for n in line.get("features", ())),
        findings=tuple((str(code), Severity(severity)) for code, severity in line.get("findings", ())),
    )


MOST = 2**63 - 1
_PLAIN: Mapping[str, frozenset[type]] = {
    name: {int: frozenset({int}), float: frozenset({int, float})}.get(kind, frozenset({str}))
    for name, kind in get_type_hints(NotedCall).items()
    if name not in ("site", "features", "findings")
}


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """All calls of a recording, in order, and what was said at its end.

    `place`: the file. `program`: what was run, as it was typed. `torch`: its version. `calls`: as far as they could be
    read. `whole`: the recording came to its end; not where the program was killed. `unseen`: why calls could not be
    seen or looked at, each with how many: "while compiling", "inside packviz: TypeError …". `read`: reads the batch of
    the call of a number from the file; None of a recording that lies in no file. `damage`: what of the file can't be
    read, or is not what was written; `lost`: the calls that are lost by that. `beside`: the names of the files in its
    folder in which other processes noted calls that are not in it, since the program was killed, or is still running.
    """

    place: str
    calls: tuple[NotedCall, ...] = ()
    program: str = ""
    torch: str = ""
    whole: bool = True
    unseen: Mapping[str, int] | None = None
    read: Callable[[int], Whole] | None = None
    damage: tuple[Damage, ...] = ()
    lost: Lost = NOTHING_LOST
    beside: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[NotedCall, ...]:
        """The calls whose batches it has."""
        return tuple(call for call in self.calls if call.kept)

    def load(self, number: int) -> Whole:
        """What was kept of the call of this number: its batch, with its module and hx. Raises BatchError where nothing
        was, or it can't be read."""
        if self.read is None:
            raise BatchError(f"call {number} can't be read: this recording lies in no file.")
        return self.read(number)

    def __str__(self) -> str:
        from packviz.core.texts.calls import recording_text

        return recording_text(self)

    __repr__ = __str__  # what somebody sees who loads one in a console

    def _repr_html_(self) -> str:
        from packviz.core.texts.html.recording import recording_html

        return recording_html(self)


def check_options(keep: Any, when: Any) -> None:
    """Raises ValueError where they are none of `packviz.record`."""
    if when not in ("error", "finding", "always"):
        raise ValueError(f"when is {when!r}, but 'error', 'finding' or 'always' is expected.")
    if isinstance(keep, bool) or not isinstance(keep, Integral) or keep < 0:
        raise ValueError(f"keep is {keep!r}, but a number of calls, 0 or more, is expected.")
