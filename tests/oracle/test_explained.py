"""Whatever torch raises in a verdict is known to `explain`, and the finding that stands for it is among its causes."""

import warnings
from collections.abc import Iterable, Iterator

import packviz
from packviz.core.findings import Severity
from packviz.core.report import Report
from packviz.core.verdict import CRASHES, STAGES
from tests.module_calls import module_call
from tests.oracle.calls import call_of
from tests.oracle.sweep import checked

CALLS, MODULES = 300, 300


def reports() -> Iterator[tuple[str, Report]]:
    """Calls right and wrong, and modules with states that fit and do not, each checked."""
    for seed in range(CALLS):
        try:
            yield f"call {seed}", checked(call_of(seed))
        except packviz.BatchError:  # no batch, no verdict
            continue
    for seed in range(MODULES):
        call = module_call(seed)
        yield f"module call {seed}", packviz.check(call.x, call.lengths, **call.options, module=call.module, hx=call.hx)


def missed(report: Report) -> Iterable[str]:
    """The texts that are not known, or whose cause is not named."""
    raising = [stage for stage in STAGES if getattr(report.verdict, stage).ok is False]
    for stage in raising:
        text = getattr(report.verdict, stage).text
        if text.startswith(CRASHES):
            continue  # in packviz's own words
        codes = {cause.code for cause in packviz.explain(text).causes}
        errors = [f for f in report.findings if f.severity is Severity.ERROR and stage in f.stages and not f.behind]
        named = {code for f in errors for code in (f.code, *f.instead)}
        if not codes:
            yield f"{text}: no cause is known"
        elif not named & codes and not (stage == "unpack" and "run" in raising):
            yield f"{text}: {sorted(named)} is not among {sorted(codes)}"


def test_every_message_of_a_verdict_is_known_and_leads_to_its_finding() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        texts = [(name, report) for name, report in reports()]
        wrong = [f"{name}: {sentence}" for name, report in texts for sentence in missed(report)]
    assert not wrong, "\n".join(wrong[:20])
    raised = sum(report.verdict is not None and report.verdict.run.ok is False for _, report in texts)
    assert raised > MODULES // 4
