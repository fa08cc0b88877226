"""What a page of a notebook must be, whatever is in it: well-formed, of known tags and attributes alone, bounded."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from hypothesis import strategies as st

TAGS = frozenset(
    "div style h4 p table tr th td ul li strong pre svg rect title text path".split()  # noqa: SIM905
)
ATTRIBUTES = frozenset(
    "class xmlns role aria-label viewBox viewbox width height x y fill stroke d text-anchor".split()  # noqa: SIM905
)
"""html.parser lowers their case."""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></div><iframe src=javascript:alert(1)>",
    "]]>&lt;script&gt;&#60;b&#62;",
    "\x00\x07\x1b[31m\u202e\ud800\ufffe",
    "<svg/onload=alert(1)>",
)

hostile_text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(), max_size=40),
    st.text(st.sampled_from("<>\"'&;=/ onclick\x00\n\u202e"), max_size=40),
)


class Seen(HTMLParser):
    """The tags and attributes that a browser would see, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.classes: set[str] = set()
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.classes |= {value or "" for name, value in attrs if name == "class"}

    def handle_data(self, data: str) -> None:
        self.words += data


def check_page(page: str) -> Seen:
    """Fails unless it is a page, and such a one."""
    root = ET.fromstring(page)
    assert root.tag == "div"
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in TAGS, element.tag
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
    seen = Seen(page)
    assert seen.tags <= TAGS, seen.tags
    assert seen.attributes <= ATTRIBUTES, seen.attributes
    assert all(re.fullmatch(r"[a-z]+\d*", kind) for kind in seen.classes), seen.classes
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", seen.words)
    return seen
