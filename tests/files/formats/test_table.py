"""CSV and TSV."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import Cancelled, Watch
from packviz.core.carrier import Padded, Sequences
from packviz.files.formats import cells
from packviz.files.registry import load, loads

NUMBER = st.integers(-(2**63), 2**63 - 1) | st.floats(width=32)


def written(rows: list[list[object]], dialect: str = "excel") -> bytes:
    text = io.StringIO()
    csv.writer(text, dialect).writerows(rows)
    return text.getvalue().encode()


@given(
    st.lists(st.lists(NUMBER, min_size=1, max_size=6), min_size=1, max_size=8), st.sampled_from(["excel", "excel-tab"])
)
def test_rows_come_back_as_torch_makes_them(rows, dialect):
    name = "x.csv" if dialect == "excel" else "x.tsv"
    batch = loads(written(rows, dialect), name)
    expected = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(row, dtype=getattr(torch, batch.dtype)) for row in rows], batch_first=True
    )
    assert batch.dtype == ("int64" if all(isinstance(n, int) for row in rows for n in row) else "float32")
    np.testing.assert_array_equal(batch.x, expected.numpy())
    if len({len(row) for row in rows}) > 1:
        assert (type(batch.carrier), batch.lengths.tolist()) == (Sequences, [len(row) for row in rows])
    else:
        assert batch.given.origin == "guessed"


@pytest.mark.parametrize(
    ("text", "x", "lengths", "kind"),
    [
        ("1,2,3\n4,5,\n", [[1, 2, 3], [4, 5, 0]], [3, 2], Sequences),
        ("1,2,3\n4,5,,\n,,\n", [[1, 2, 3], [4, 5, 0]], [3, 2], Sequences),
        ("1,2,3\r\n4,5,0\r\n", [[1, 2, 3], [4, 5, 0]], [3, 2], Padded),
        ("t0,t1,length\n1,2,2\n3,0,1\n", [[1, 2], [3, 0]], [2, 1], Padded),
        ("Lengths;a;b\n2;1;2\n1;3;\n", [[1, 2], [3, 0]], [2, 1], Padded),
        ("a,b\n1,2\n3,4\n", [[1, 2], [3, 4]], [2, 2], Padded),
        (",0,1\n0,5,6\n1,7,8\n", [[5, 6], [7, 8]], [2, 2], Padded),
        ("1,5;2\n3;4\n", [[1.5, 2], [3, 4]], [2, 2], Padded),
        ("1 2 3\n4 5 0\n", [[1, 2, 3], [4, 5, 0]], [3, 2], Padded),
        ('"1","2"\n"3","0"\n', [[1, 2], [3, 0]], [2, 1], Padded),
    ],
)
def test_the_ways_tables_are_written(text, x, lengths, kind):
    batch = loads(text.encode(), "x.csv")
    assert batch.x.tolist() == x
    assert (batch.lengths.tolist(), type(batch.carrier)) == (lengths, kind)
    assert batch.call == Call(batch_first=True)


def test_a_table_says_batch_first_and_nothing_else():
    text = b"1,2,3\n4,5,0\n"
    assert loads(text, "x.csv", Call(False, False, -1, 4)).call == Call(True, False, -1, 4)
    typed = loads(text, "x.csv", Call(batch_first=False), frozenset({"batch_first"}))
    assert (typed.call, typed.rows, typed.lengths.tolist()) == (Call(), 3, [2, 2, 1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2\n3,oops\n", "line 2, column 2: 'oops'"),
        ("1,2\n\n3,,4\n", "line 3, column 2: an empty cell"),
        ("1,99999999999999999999\n2,3\n", "line 1, column 2: .* too large"),
        ("length,a\nx,2\n", "line 2, column 1: the length is 'x'"),
        ("a,b\n", "no numbers below"),
        (" \n\n", "empty"),
    ],
)
def test_errors_name_file_line_and_column(text, said):
    with pytest.raises(BatchError, match=rf"^x\.csv: {said}|^x\.csv: it .*{said}"):
        loads(text.encode(), "x.csv")


@given(
    st.text(alphabet=st.sampled_from("0123456789.,;\t\n \"-eEnaif'x#[")) | st.text(), st.sampled_from(["csv", "tsv"])
)
def test_any_text_raises_nothing_but_batch_error(text, suffix):
    with suppress(BatchError):
        loads(text.encode("utf-8", "surrogatepass"), f"x.{suffix}")


@given(st.binary(min_size=1))
def test_any_bytes_raise_nothing_but_batch_error(data):
    with suppress(BatchError):
        loads(data, "x.csv")


def test_reading_a_table_can_be_cancelled(tmp_path, monkeypatch):
    for rows, piece in (([[1, 2, 3]] * 2000, 1000), ([["1_0", 2]] * 2000, 1 << 20)):
        (tmp_path / "x.csv").write_bytes(written(rows))
        asked: list[bool] = []

        def cancelled(asked: list[bool] = asked) -> bool:
            asked.append(True)
            return len(asked) > 10

        monkeypatch.setattr(cells, "PIECE", piece)
        with pytest.raises(Cancelled):
            load(tmp_path / "x.csv", watch=Watch(cancelled=cancelled))


@pytest.mark.parametrize("huge", ["9" * 20, "1" + "_0001" * 30, "-" + "9" * 25])
def test_a_length_beyond_64_bits_however_it_is_written_is_named(huge: str) -> None:
    with pytest.raises(BatchError, match=r"line 3, column 1: the length is .*too large for 64 bits"):
        loads(f"length,a,b\n2,1,2\n{huge},3,4\n".encode(), "t.csv")
