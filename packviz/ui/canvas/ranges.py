"""What is in view of a canvas: a range on each of its two axes, kept inside limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Range = tuple[float, float]


@dataclass(frozen=True)
class Limits:
    """How far one axis may be seen: from `least` to `most`, and never less than `smallest` of it at once."""

    least: float = -0.5
    most: float = 1.5
    smallest: float = 1.0

    def inside(self, wish: Range) -> Range:
        """The range nearest to a wish: wide enough, about the same middle, then moved inside; the whole axis where the
        wish is larger than that."""
        first, stop = wish
        width = min(max(stop - first, self.smallest), self.most - self.least)
        first += (stop - first - width) / 2
        first = min(max(first, self.least), self.most - width)
        return first, first + width


@dataclass
class Ranges:
    """The ranges of x and y. `changed` is called whenever one of them is another one."""

    changed: Callable[[], None]
    x: Range = (0.0, 1.0)
    y: Range = (0.0, 1.0)
    x_limits: Limits = field(default_factory=Limits)
    y_limits: Limits = field(default_factory=Limits)

    def limit(self, x: Limits, y: Limits) -> None:
        """Other limits; what is in view is moved inside them when it is set again."""
        self.x_limits, self.y_limits = x, y

    def set(self, x: Range | None = None, y: Range | None = None) -> None:
        """Show these, as far as the limits let it; an axis that is None stays."""
        now = self.x_limits.inside(x) if x else self.x, self.y_limits.inside(y) if y else self.y
        if now != (self.x, self.y):
            self.x, self.y = now
            self.changed()
