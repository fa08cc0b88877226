"""The catalogue: derived from the rules and the samples, complete, and true; torch is asked by `report_on`."""

from __future__ import annotations

import re

import pytest

import packviz
from packviz.core.batch import BatchError
from packviz.core.catalogue import CODES, MEANINGS, WIDTH, entry, help_text
from packviz.core.findings import Severity
from packviz.core.report import Report
from packviz.core.rules import RULES
from packviz.core.samples import finding_samples
from packviz.torch_side.asking.report import report_on
from tests.module_calls import module_call

each_code = pytest.mark.parametrize("code", CODES)


def report_of(code: str) -> Report:
    found = finding_samples()[code]
    return report_on(found.load(), found.module)


def test_every_rule_has_a_sample_and_every_sample_a_rule() -> None:
    assert sorted(finding_samples()) == sorted(RULES)


def test_every_rule_is_in_the_catalogue_once() -> None:
    assert sorted(CODES) == sorted(RULES)


@each_code
def test_the_sample_of_a_finding_has_it(code: str) -> None:
    [found] = [finding for finding in report_of(code).findings if finding.code == code]
    assert found.severity in entry(code).severities


@pytest.mark.parametrize("seed", [*range(40), 3074, 3549])
def test_no_finding_has_a_severity_that_the_catalogue_does_not_name(seed: int) -> None:
    call = module_call(seed)
    report = packviz.check(call.x, call.lengths, module=call.module, hx=call.hx, **call.options)
    for finding in report.findings:
        assert finding.severity in entry(finding.code).severities, finding.code


@each_code
def test_a_sample_has_no_error_but_what_torch_raises_and_nothing_that_torch_raises_is_left_unexplained(
    code: str,
) -> None:
    report = report_of(code)
    assert report.verdict is not None
    for finding in report.findings:
        if finding.severity is Severity.ERROR:
            raised = [stage for stage in finding.stages if getattr(report.verdict, stage).ok is False]
            assert raised or finding.behind, f"torch does not raise for {finding.code}"
    assert report.unexplained is None


@each_code
def test_a_sample_of_a_warning_or_a_note_has_nothing_worse(code: str) -> None:
    worst = entry(code).severities[0]
    if worst in (Severity.WARNING, Severity.NOTE):
        assert all(finding.severity.rank >= worst.rank for finding in report_of(code).findings)


@each_code
def test_the_help_of_a_finding_is_a_title_a_text_and_where_it_was_met(code: str) -> None:
    about = entry(code)
    assert about.title.endswith(".")
    assert "\n" not in about.title
    assert about.body
    assert about.sample.look.endswith(".")
    assert about.severities
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", pain) for pain in about.pains)


@each_code
def test_the_help_in_the_terminal_says_all_of_it_within_its_width(code: str) -> None:
    about, text = entry(code), help_text(code)
    assert max(len(line) for line in text.splitlines()) <= WIDTH
    flat = " ".join(text.split())
    for said in (code, about.title, f"sample:{code}", about.sample.look, *about.pains):
        assert said in flat
    for severity in about.severities:
        assert f"{severity.value}: {MEANINGS[severity]}." in flat


def test_severities_come_worst_first() -> None:
    assert entry("lengths-count").severities == (Severity.ERROR, Severity.SILENT)


def test_the_codes_are_theme_by_theme_and_begin_with_the_lengths() -> None:
    themes = [RULES[code].look.__module__ for code in CODES]
    assert len(set(themes)) == sum(a != b for a, b in zip(themes, [*themes[1:], ""], strict=True))
    assert themes[0].endswith(".lengths")


def test_the_commonest_pain_leads_to_its_finding() -> None:
    assert entry("lengths-device").pains == ("pytorch/pytorch#43227",)
    assert entry("length-exceeds-time").pains == ("batmanlab/drugEmbedding#8",)


def test_a_misspelt_code_is_answered_with_the_right_one() -> None:
    with pytest.raises(BatchError, match=r"no finding 'length-count': did you mean lengths-count\?"):
        entry("length-count")
    with pytest.raises(BatchError, match=r"there are .*length-exceeds-time"):
        help_text("zzz")
