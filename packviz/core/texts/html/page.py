"""The frame of all that a notebook shows: its colours in light and dark, and how words get into it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from packviz.core.look.colour import sequence_colours, text_on
from packviz.core.look.theme import THEMES, Theme, ThemeName
from packviz.core.texts.quoting import cut

MOST_WORDS = 2000
"""Characters of one text of the user's, or about the user's, that are shown."""
HUES = 30
"""Colours of rows before they come again, see `sequence_colours`."""
USED = (
    "panel", "panel_border", "card", "text", "muted", "accent", "error", "silent", "warning", "note", "good", "grid",
    "padding", "hatch", "ended",
)  # fmt: skip

_BARRED = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
"""Characters that XML does not know, that control a terminal, and that turn the direction of a line."""

# The system's choice, unless the notebook has one of its own: JupyterLab, VS Code, Colab.
_DARK = 'body[data-jp-theme-light="false"] .packviz, body.vscode-dark .packviz, html[theme="dark"] .packviz'
_LIGHT = 'body[data-jp-theme-light="true"] .packviz, body.vscode-light .packviz, html[theme="light"] .packviz'
_LAYOUT = """
.packviz{font:13px/1.45 system-ui,sans-serif;color:var(--text);background:var(--panel);border:1px solid
var(--panel_border);border-radius:6px;padding:10px 14px;max-width:900px;overflow-x:auto}
.packviz h4{margin:0 0 4px;font-size:14px;color:var(--text)}
.packviz p{margin:4px 0}
.packviz .muted{color:var(--muted)}
.packviz .good{color:var(--good)}
.packviz .error,.packviz .silent{color:var(--error)}
.packviz .warning{color:var(--warning)}
.packviz .note{color:var(--note)}
.packviz ul{list-style:none;margin:6px 0;padding:0}
.packviz li{background:var(--card);border-radius:4px;margin:4px 0;padding:6px 10px}
.packviz pre,.packviz code{font:12px/1.4 ui-monospace,monospace;color:var(--text);background:none}
.packviz pre{margin:4px 0 0;white-space:pre-wrap}
.packviz table{font:inherit;border-collapse:collapse;margin:6px 0;background:none}
.packviz tr,.packviz tr:hover{background:none}
.packviz td,.packviz th{color:var(--text);text-align:left;vertical-align:top;padding:1px 12px 1px 0;border:0}
.packviz th{font-weight:400;color:var(--muted)}
.packviz svg{display:block;margin:8px 0;max-width:100%;height:auto}
.packviz svg text{font:9px system-ui,sans-serif;fill:var(--muted)}
.packviz .on{stroke:var(--error);stroke-width:1.5;fill:none}
.packviz .lines{stroke:var(--panel);stroke-width:1;fill:none}
.packviz .hatch{stroke:var(--hatch);stroke-width:1;fill:none}
.packviz .pad{fill:var(--padding)}
.packviz .ended{fill:var(--ended)}
"""


def words(text: object, most: int = MOST_WORDS) -> str:
    """A text as part of a page: no tag, no attribute and no control character of it gets through."""
    return escape(_BARRED.sub("\N{REPLACEMENT CHARACTER}", cut(str(text), most)), quote=True)


def element(tag: str, inner: str, kind: str = "") -> str:
    """`<p class="kind">inner</p>`; `inner` is HTML already."""
    return f'<{tag} class="{kind}">{inner}</{tag}>' if kind else f"<{tag}>{inner}</{tag}>"


def facts_table(facts: Iterable[tuple[str, str]]) -> str:
    """Names and what they are, both plain text, a line each."""
    lines = "".join(f"<tr><th>{words(name)}</th><td>{words(said)}</td></tr>" for name, said in facts)
    return element("table", lines) if lines else ""


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """A table of plain texts, with a heading."""
    top = "".join(element("th", words(name)) for name in head)
    rows = "".join(element("tr", "".join(element("td", words(cell)) for cell in line)) for line in lines)
    return element("table", element("tr", top) + rows)


def page(title: str, *parts: str) -> str:
    """All of it, well-formed; `title` is plain text, `parts` are HTML."""
    head = element("h4", words(title, 200))
    return f'<div class="packviz"><style>{_style()}</style>{head}{"".join(parts)}</div>'


def _style() -> str:
    dark, light = _colours("dark"), _colours("light")
    return (
        f".packviz{{{light}}}@media (prefers-color-scheme:dark){{.packviz{{{dark}}}}}"
        f"{_DARK}{{{dark}}}{_LIGHT}{{{light}}}{_LAYOUT}{_hues()}"
    )


def _colours(name: ThemeName) -> str:
    theme = THEMES[name]
    named = [f"--{colour}:{getattr(theme, colour)}" for colour in USED]
    fills, texts = hues(theme)
    named += [f"--s{hue}:{fill};--t{hue}:{text}" for hue, (fill, text) in enumerate(zip(fills, texts, strict=True))]
    return ";".join(named)


def _hues() -> str:
    return "".join(
        f".packviz .s{hue}{{fill:var(--s{hue})}}.packviz svg .t{hue}{{fill:var(--t{hue})}}" for hue in range(HUES)
    )


def hues(theme: Theme) -> tuple[list[str], list[str]]:
    """The colours of rows 0 to HUES - 1, "#rrggbb", and those of text on them."""
    fills = sequence_colours(HUES, theme)
    return [_hex(fill) for fill in fills.tolist()], [_hex(text) for text in text_on(fills).tolist()]


def _hex(colour: Iterable[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
