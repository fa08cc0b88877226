"""Calls that stand where torch runs them by itself: that they are there is known, how often they run is not.

A Recording counts in `unseen`, by reason, what could not be seen. For most reasons the number is that of the calls that
were made. For those that are made and read here it is not, and so they are said in other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from packviz.core.calls.words import count_of
from packviz.core.texts.wording import count, listed

if TYPE_CHECKING:
    from packviz.core.noted import Site

COMPILED, SCRIPTED = "compiled into a graph by torch.compile: ", "in TorchScript: "
"""How these reasons begin. The number behind the first is how many calls the graph has, or, where torch.compile made
several of the same lines, that of the graph with most of them. Behind the second it is 1."""
SEEN = ("not kept", "noted", "not written")
"""How reasons begin whose calls were seen: they say what became of what was noted of them."""
MOST_NAMED = 6
"""Calls that are named in a sentence; of more it is said how many."""


def compiled(call: str, site: Site | None) -> str:
    """The reason why the runs of a call at this site, None where it is not known, are not seen: torch.compile."""
    return f"{COMPILED}{_at(call, site)}"


def scripted(call: str, site: Site | None) -> str:
    """The same of TorchScript."""
    return f"{SCRIPTED}{_at(call, site)}"


def _at(call: str, site: Site | None) -> str:
    return call if site is None else f"{call} at {site.shown}"


def runs_alone(why: str) -> bool:
    """Whether it is one of these reasons: how many were counted is then how many there are, and not how many ran."""
    return why.startswith((COMPILED, SCRIPTED))


def counted(unseen: Mapping[str, int] | None) -> dict[str, int]:
    """The reasons why calls that were made were not seen, each with their number."""
    return {why: many for why, many in (unseen or {}).items() if not runs_alone(why) and not why.startswith(SEEN)}


def sentences(unseen: Mapping[str, int] | None) -> list[str]:
    """What is said of all other reasons: a sentence for torch.compile, one for TorchScript, and one for each of those
    whose calls were seen, as far as there are any."""
    known = unseen or {}
    many = sum(n for why, n in known.items() if why.startswith(COMPILED))
    told = []
    if many:
        was, its = ("was", "its") if many == 1 else ("were", "their")
        places = _named(why.removeprefix(COMPILED) for why in known if why.startswith(COMPILED))
        told.append(
            f"{count(many, 'call')} {was} compiled into a graph by torch.compile, {its} runs are not seen: {places}."
        )
    if any(why.startswith(SCRIPTED) for why in known):
        places = _named(why.removeprefix(SCRIPTED) for why in known if why.startswith(SCRIPTED))
        told.append(f"What TorchScript runs is not seen: {places}.")
    return told + [_became(why, many) for why, many in known.items() if why.startswith(SEEN)]


def _became(why: str, many: int) -> str:
    said = " ".join(why.split()).rstrip(".")
    return f"{said[0].upper()}{said[1:]}." if said.startswith(SEEN[-1]) else f"{count_of(many)} {said}."


def _named(places: Iterable[str]) -> str:
    every = [" ".join(place.split()) for place in places]
    more = len(every) - MOST_NAMED
    return listed([*every[:MOST_NAMED], *([f"{more:,} more"] if more > 0 else [])])
