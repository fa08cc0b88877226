"""The verdict: what a call did, in words and as JSON."""

import pytest

from packviz.core.verdict import CRASHES, STAGES, Outcome, Verdict


@pytest.mark.parametrize(
    ("ok", "text", "said"),
    [
        (True, "returns data (3,)", "returns data (3,)"),
        (None, "not reached", "not reached"),
        (False, "RuntimeError: no", "raises RuntimeError: no"),
        (False, f"{CRASHES}: SIGSEGV", f"{CRASHES}: SIGSEGV"),
    ],
)
def test_an_exception_is_raised_and_all_else_is_said_as_it_is(ok: bool | None, text: str, said: str) -> None:
    assert Outcome("nn.LSTM", ok, text).said == said


def test_the_json_has_every_stage_in_its_order() -> None:
    outcomes = [Outcome(stage, True, f"returns {stage}") for stage in STAGES]
    verdict = Verdict("2.x", *outcomes)
    assert list(verdict.outcomes) == outcomes
    told = verdict.to_dict()
    assert list(told) == ["version", *STAGES]
    assert told["run"] == {"call": "run", "ok": True, "text": "returns run"}
