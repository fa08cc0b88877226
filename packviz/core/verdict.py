"""What the installed torch did with a call: the outcome of packing, of the run, of unpacking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Stage = Literal["pack", "run", "unpack"]
STAGES: tuple[Stage, ...] = ("pack", "run", "unpack")

CRASHES = "brings the interpreter down"
"""How the text of an outcome begins that is no exception: Python itself is gone."""


@dataclass(frozen=True)
class Outcome:
    """What one call really did: `ok` and what came back, or the exception, its class and exact message.

    `ok` is None where the call was not made, because the one before it raised; `text` then says so.
    """

    call: str  # "pack_padded_sequence", "nn.LSTM", "pad_packed_sequence"
    ok: bool | None
    text: str  # "returns data (9,), batch_sizes [3, 3, 2, 1]" or "RuntimeError: ..."

    @property
    def said(self) -> str:
        """`raises RuntimeError: …`; of what is no exception, its text as it is."""
        return f"raises {self.text}" if self.ok is False and not self.text.startswith(CRASHES) else self.text

    def to_dict(self) -> dict[str, Any]:
        return {"call": self.call, "ok": self.ok, "text": self.text}


@dataclass(frozen=True)
class Verdict:
    """What the installed torch did with exactly this call: pack, run, unpack, really asked."""

    version: str
    pack: Outcome
    run: Outcome
    unpack: Outcome

    @property
    def outcomes(self) -> tuple[Outcome, Outcome, Outcome]:
        """What the calls did, in the order in which they are made."""
        return self.pack, self.run, self.unpack

    def to_dict(self) -> dict[str, Any]:
        return {"version": self.version, **{stage: getattr(self, stage).to_dict() for stage in STAGES}}
