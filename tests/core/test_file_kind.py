from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.file_kind import head_of, kind_in
from packviz.files.kept.container import KINDS, opening, sniff, whole_file


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_says_in_its_first_bytes_what_it_holds(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.packviz"
    path.write_bytes(whole_file(kind, {"program": '"kind": "other"'}, {"a.json": b"{}" * 1000}))  # type: ignore[arg-type]
    assert kind_in(head_of(path)) == kind
    assert sniff(head_of(path))


def test_one_that_was_packed_anew_says_it_too() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        about = b'{"packviz": 1,"kind":"session"}'
        info = tarfile.TarInfo("packviz.json")
        info.size = len(about)
        archive.addfile(info, io.BytesIO(about))
    assert kind_in(packed.getvalue()) == "session"


def test_of_no_other_file_is_anything_said() -> None:
    whole = opening("session", {})
    for other in (b"", b"x", b'{"kind": "session"}', whole[:512], b"." + whole[1:]):
        assert kind_in(other) == ""


@given(st.binary(max_size=2000))
def test_whatever_the_bytes_are(data: bytes) -> None:
    assert kind_in(data) == ""
