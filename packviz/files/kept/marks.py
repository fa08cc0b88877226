"""Stops, watches and the cursor of a document as JSON, and back."""

from __future__ import annotations

from typing import Any

from packviz.core.batch import BatchError
from packviz.core.expressions.parse import Expression, ExpressionError, parse, parse_truth
from packviz.core.moments import Moment
from packviz.core.saved import Marks
from packviz.core.stop_list import Stops
from packviz.core.stops import USUAL, AtStep, Stop, Where
from packviz.files.kept.facts import Facts, flag, text, whole


def marks_facts(marks: Marks) -> Facts:
    """What is said of them in JSON."""
    stops = marks.stops
    return {
        "stops": [
            {"stop": _said(stop), "on": stop not in stops.off, "from": stops.first_hit(stop)} for stop in stops.stops
        ],
        "watches": [str(watch) for watch in marks.watches],
        "notes": marks.notes,
        "brought": marks.brought,
        "moment": list(marks.moment),
        "row": marks.row,
        "stepped": marks.stepped,
    }


def marks_of(facts: Facts) -> Marks:
    """The marks of these facts; a stop or a watch that another version knows, and this one does not, is left out.

    Raises KeyError, TypeError or ValueError where they are none."""
    stops = Stops()
    for said in facts["stops"]:
        stop = _stop(said["stop"])
        if stop is not None and stop not in stops.stops:
            stops = stops.toggled(stop).starting(stop, whole(said["from"], least=1))
            stops = stops if flag(said["on"]) else stops.switched(stop)
    watches = (_expression(text(watch)) for watch in facts["watches"])
    step, layer, direction = map(whole, facts["moment"])
    return Marks(
        stops,
        tuple(dict.fromkeys(watch for watch in watches if watch is not None)),
        text(facts["notes"]),
        flag(facts["brought"]),
        Moment(step, layer, direction),
        whole(facts["row"]),
        flag(facts["stepped"]),
    )


def _said(stop: Stop) -> Facts:
    if isinstance(stop, AtStep):
        return {"kind": stop.kind, "step": stop.step}
    if isinstance(stop, Where):
        return {"kind": stop.kind, "expression": str(stop.expression)}
    if stop not in USUAL:
        raise BatchError(f"a breakpoint of the kind {stop.kind!r} can't be saved.")
    return {"kind": stop.kind}


def _stop(said: Any) -> Stop | None:
    kind = said["kind"]
    if kind == AtStep.kind:
        return AtStep(whole(said["step"]))
    if kind == Where.kind:
        try:
            return Where(parse_truth(text(said["expression"])))
        except ExpressionError:
            return None
    return next((usual for usual in USUAL if usual.kind == kind), None)


def _expression(said: str) -> Expression | None:
    try:
        return parse(said)
    except ExpressionError:
        return None
