"""The picture of what is offered after a crash is drawn, by a real crash."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.pictures.after_crash import SIZE, draw


@pytest.mark.usefixtures("qapp")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL there")
def test_the_next_window_is_drawn_with_what_it_offers(tmp_path: Path) -> None:
    draw(tmp_path / "offer.png")
    image = QImage(str(tmp_path / "offer.png"))
    assert (image.width(), image.height()) == SIZE
