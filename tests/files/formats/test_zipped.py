"""What the beginning of a zip file tells."""

from __future__ import annotations

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from packviz.files.formats.zipped import first_name


def test_the_first_name_is_read_from_the_first_header():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("x.npy", b"1")
        archive.writestr("y.npy", b"2")
    assert first_name(data.getvalue()) == "x.npy"


@given(st.binary(max_size=64).map(lambda tail: b"PK\x03\x04" + tail) | st.binary(max_size=64))
def test_any_bytes_may_come(head):
    assert first_name(head) is None or head.startswith(b"PK")
