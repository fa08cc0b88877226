"""What is different about a call from the one before it at the same site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from packviz.core.texts.wording import listed

if TYPE_CHECKING:
    from packviz.core.noted import NotedCall, Tier

CLOSENESS: tuple[Tier, ...] = ("invariants", "sample", "rules", "torch")
"""How closely a call is looked at, the least first."""


def before(calls: Sequence[NotedCall], call: NotedCall) -> NotedCall | None:
    """The last call before this one that the same process made at the same site, the same function; None of the first.
    `calls`: in the order of their numbers."""
    earlier = (
        other
        for other in reversed(calls)
        if other.number < call.number
        and (other.site, other.call, other.process, other.worker) == (call.site, call.call, call.process, call.worker)
    )
    return next(earlier, None)


def differences(before: NotedCall, now: NotedCall) -> tuple[str, ...]:
    """What differs, each in a few words, `T 60 → 80`, what was found and what came of it first; () where nothing that
    was noted does. That something is there now, or no longer, is said only of two calls of which the other one was
    looked at as closely: else it is found, or nothing is said."""
    old, new = (tuple(dict.fromkeys(code for code, _ in one.findings)) for one in (before, now))
    found, gone = [code for code in new if code not in old], [code for code in old if code not in new]
    closer = CLOSENESS.index(now.tier) - CLOSENESS.index(before.tier)
    said = [
        f"{'found' if closer > 0 else 'now'} {listed(found)}" if found else "",
        f"no longer {listed(gone)}" if gone and closer >= 0 else "",
        ("it raised" if now.error else "it returned") if before.outcome != now.outcome else "",
        _changed("B", before.rows, now.rows),
        _changed("T", before.steps, now.steps),
        _changed("F", _sizes(before.features), _sizes(now.features)),
        *_lengths(before, now),
        _changed("", before.dtype, now.dtype),
        _changed("", before.device, now.device),
        _changed("", before.module, now.module),
    ]
    if before.module == now.module and before.fingerprint != now.fingerprint:
        said.append("other weights")
    return tuple(filter(None, said))


def _lengths(before: NotedCall, now: NotedCall) -> list[str]:
    if not (before.measured and now.measured):  # the 0 of one that could not be told is no number to go from or to
        return []
    return [
        _changed("shortest", before.shortest, now.shortest),
        _changed("longest", before.longest, now.longest),
        _changed("N", before.total, now.total),
    ]


def _changed(name: str, old: object, new: object) -> str:
    if old == new:
        return ""
    told = " → ".join("none" if one == "" else f"{one:,}" if isinstance(one, int) else str(one) for one in (old, new))
    return f"{name} {told}".strip()


def _sizes(features: tuple[int, ...]) -> str:
    return " × ".join(map(str, features)) or "none"
