"""The commands about the values of x: which feature is shown, and where its colours begin and end."""

from __future__ import annotations

from dataclasses import replace

from packviz.session import actions as act
from packviz.session.actions import Action
from packviz.session.scene.panes import limits_shown
from packviz.session.scene.resolve import Scene
from packviz.session.state import NORM, Range
from packviz.ui.commands.command import Command, is_open


def has_features(scene: Scene) -> bool:
    batch = scene.controls.batch
    return batch is not None and batch.feature_count > 1


def at_feature(scene: Scene, by: int) -> Action | None:
    """So many features on, round and round; before the first one is the norm over all of them."""
    batch, look = scene.controls.batch, scene.controls.look
    if batch is None:
        return None
    return act.SetLook(look.at_feature((look.feature - NORM + by) % (batch.feature_count + 1) + NORM))


def lock_range(scene: Scene) -> Action | None:
    """Keep the range of values as it is now, or let it go."""
    look = scene.controls.look
    if look.range is not None and look.range.locked:
        return act.SetLook(replace(look, range=replace(look.range, locked=False)))
    return act.SetLook(
        replace(look, colour="value", range=Range(*limits_shown(scene.controls.batch, look), locked=True))
    )


FEATURES = (
    Command(
        "next_feature",
        "Next feature",
        "View/Feature",
        ("]",),
        lambda s: at_feature(s, 1),
        group=1,
        enabled=has_features,
    ),
    Command(
        "previous_feature",
        "Previous feature",
        "View/Feature",
        ("[",),
        lambda s: at_feature(s, -1),
        tip="Before the first one is the norm over all",
        group=1,
        enabled=has_features,
    ),
    Command(
        "norm",
        "Norm over features",
        "View/Feature",
        ("N",),
        lambda s: act.SetLook(s.controls.look.at_feature(0 if s.controls.look.feature < 0 else NORM)),
        group=1,
        ticked=lambda s: s.controls.look.feature < 0,
        enabled=has_features,
    ),
)
SCALE = (
    Command(
        "histogram",
        "Histogram…",
        "View/Scale",
        ("H",),
        method="show_histogram",
        tip="How x or a state is spread; the ends of the colours are dragged in it",
        group=1,
        enabled=is_open,
    ),
    Command(
        "over_time",
        "A unit over time…",
        "View/Scale",
        ("P",),
        method="show_over_time",
        tip="One unit of a state over all steps, the selected rows together",
        group=1,
        enabled=is_open,
    ),
    Command(
        "range",
        "Range of values…",
        "View/Scale",
        method="edit_range",
        tip="Where the colours of x begin and end",
        group=1,
        enabled=is_open,
    ),
    Command(
        "lock_range",
        "Lock the range",
        "View/Scale",
        action=lock_range,
        tip="For other features and batches, too",
        group=1,
        ticked=lambda s: s.controls.look.range is not None and s.controls.look.range.locked,
        enabled=is_open,
    ),
    Command(
        "reset_range",
        "Reset the range",
        "View/Scale",
        action=lambda s: act.SetLook(replace(s.controls.look, range=None)),
        group=1,
        enabled=lambda s: s.controls.look.range is not None,
    ),
    Command(
        "link_scales",
        "One scale for all states",
        "View/Scale",
        action=lambda s: act.SetLook(replace(s.controls.look, linked=not s.controls.look.linked)),
        group=1,
        ticked=lambda s: s.controls.look.linked,
    ),
)
