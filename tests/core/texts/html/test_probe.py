from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from torch import nn

import packviz
from packviz.core.texts.html.probe import drawn, probe_html
from tests.core.texts.html.pages import check_page, hostile_text

X = np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]], np.float32)[..., None]


def probed() -> packviz.ProbeReport:
    torch.manual_seed(0)
    return packviz.probe(nn.LSTM(1, 2), X, [3, 2, 5], batch_first=True, enforce_sorted=False)


def test_it_says_what_reads_padding_and_marks_it() -> None:
    report = probed()
    made = report._repr_html_()
    said = check_page(made).words
    assert not report.ok
    for part in ("Leak probe of nn.LSTM(1, 2)", "packed", "unpacked", "rows 0, 1", "data, packed"):
        assert part in said
    assert probe_html(report) == made
    # Unpacked, the module reads the padding of every row; row 2 counts its own as data.
    assert drawn(report).spans.tolist() == [[0, 3, 5], [1, 2, 5], [2, 4, 5]]


def test_findings_of_a_function_are_listed() -> None:
    report = packviz.probe(lambda x, lengths: x.mean(1), X, [3, 2, 4], batch_first=True, enforce_sorted=False)
    made = report._repr_html_()
    said = check_page(made).words
    assert report.findings
    assert made.count("<li>") == len(report.findings)
    assert all(finding.code in said for finding in report.findings)
    assert "broken: a row's result" in said


@given(hostile_text)
def test_a_module_with_a_hostile_name_gets_no_tag_in(name: str) -> None:
    from dataclasses import replace

    check_page(replace(REPORT, module=name, notes=(name,), broken=name)._repr_html_())


REPORT = probed()
