"""A noted call is the same after it was written as a line and read again, whatever else a line holds."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.core.batch import BatchError
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Reason, Recording, Site, Tier, check_options, noted_from

whole = st.integers(0, 2**40)
sites = st.builds(Site, st.text(), whole, st.text())
calls = st.builds(
    NotedCall,
    number=whole,
    call=st.sampled_from(["pack_padded_sequence", "pad_packed_sequence", "nn.LSTM"]),
    site=sites,
    error=st.text(),
    rows=whole,
    steps=whole,
    features=st.lists(whole, max_size=3).map(tuple),
    total=st.integers(-(2**40), 2**40),
    shortest=st.integers(-(2**40), 2**40),
    longest=st.integers(-(2**40), 2**40),
    findings=st.lists(st.tuples(st.text(), st.sampled_from(Severity)), max_size=3).map(tuple),
    tier=st.sampled_from(get_args(Tier)),
    reason=st.sampled_from(get_args(Reason)),
    time=st.floats(0, 1e9),
    process=st.integers(0, 2**63 - 1),
    thread=st.text(),
    worker=st.integers(-1, 64),
)


@given(calls)
def test_a_call_is_the_same_after_it_was_written_and_read(call: NotedCall) -> None:
    assert noted_from(json.loads(json.dumps(call.to_dict()))) == call


@given(calls, st.dictionaries(st.text(min_size=1).map("new_".__add__), st.integers()))
def test_fields_of_a_newer_version_are_passed_over(call: NotedCall, more: dict[str, Any]) -> None:
    assert noted_from(call.to_dict() | more) == call


FIELDS = [*NotedCall._fields, "path", "line"]
plain = st.none() | st.booleans() | st.integers() | st.text()
lines = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS), inner))


@given(lines)
def test_whatever_a_line_holds_is_a_call_or_one_sentence(line: object) -> None:
    said = ""
    try:
        call = noted_from(line)
    except BatchError as error:
        said = str(error)
    assert re.fullmatch(r"it holds a call that can't be read \(.*\)\.", said, re.DOTALL) or isinstance(call, NotedCall)


@pytest.mark.parametrize("odd", [{"rows": "3"}, {"rows": True}, {"findings": [["a", "worst"]]}, {"site": {}}])
def test_a_field_of_another_kind_is_refused(odd: dict[str, Any]) -> None:
    line = NotedCall(1, "nn.LSTM", Site("a.py", 1)).to_dict()
    with pytest.raises(BatchError, match="it holds a call that can't be read"):
        noted_from(line | odd)


def test_its_name_site_and_outcome_are_said_in_a_word() -> None:
    call = NotedCall(17, "pack_padded_sequence", Site("/home/a/train.py", 31, "step"))
    assert (call.name, call.site.shown, call.outcome) == ("17 train.py:31", "train.py:31", "returned")
    assert Site("C:\\runs\\train.py", 31).shown == "train.py:31"
    assert call._replace(error="ValueError: no").outcome == "raised ValueError: no"
    told = call._replace(module="nn.LSTM(3, 6)").told()
    assert {"site": "train.py:31", "function": "step", "number": 17, "outcome": "returned"}.items() <= told.items()


def test_its_worst_finding_is_what_it_raised() -> None:
    call = NotedCall(1, "nn.LSTM", Site("a.py", 1))
    assert call.worst is None
    found = call._replace(findings=(("all-padding-row", Severity.NOTE), ("padding-left", Severity.SILENT)))
    assert found.worst is Severity.SILENT
    assert found._replace(error="ValueError: no").worst is Severity.ERROR


def test_the_share_of_padding_is_that_of_its_cells() -> None:
    call = NotedCall(1, "nn.LSTM", Site("a.py", 1), rows=2, steps=5, total=7)
    assert call.padding == pytest.approx(0.3)
    assert call._replace(total=12).padding == 0.0
    assert call._replace(rows=0).padding == 0.0


def test_a_recording_has_the_batches_of_the_calls_that_are_kept() -> None:
    first, second = (NotedCall(n, "nn.LSTM", Site("a.py", n), reason=why) for n, why in ((1, ""), (2, "raised")))  # type: ignore[arg-type]
    assert Recording("a.packviz", (first, second)).kept == (second,)


@pytest.mark.parametrize("keep", [-1, True, False, "3", 3.0, None])
def test_how_many_are_kept_is_a_whole_number(keep: Any) -> None:
    with pytest.raises(ValueError, match=r"keep is .* but a number of calls, 0 or more, is expected"):
        check_options(keep, "finding")
    check_options(0, "error")
    check_options(np.int64(3), "always")


@pytest.mark.parametrize("when", ["never", None, 3, ""])
def test_there_are_three_reasons_to_write(when: Any) -> None:
    with pytest.raises(ValueError, match="but 'error', 'finding' or 'always' is expected"):
        check_options(3, when)


@pytest.mark.parametrize("name", ["number", "rows", "steps", "total", "longest", "process"])
def test_a_number_of_more_bits_than_any_array_holds_is_none(name: str) -> None:
    line = {"number": 1, "call": "nn.LSTM", "site": {"path": "train.py", "line": 31}}
    assert noted_from({**line, name: 2**63 - 1}).number >= 1
    with pytest.raises(BatchError, match=f"{name} has more than 63 bits"):
        noted_from({**line, name: 2**63})
