from __future__ import annotations

from hypothesis import given

from packviz.core.calls.unseen import compiled, scripted
from packviz.core.findings import Severity
from packviz.core.noted import NotedCall, Recording, Site
from packviz.core.texts.html.recording import MOST_CALLS, recording_html
from tests.core.texts.html.pages import check_page, hostile_text

SITE = Site("/home/me/train.py", 31, "fit")


def call(number: int, *findings: tuple[str, Severity], error: str = "") -> NotedCall:
    return NotedCall(number, "pack_padded_sequence", SITE, error, 64, 200, (8,), 6400, 3, 200, findings=findings)


def test_the_worst_calls_come_first_and_of_many_only_these_are_listed() -> None:
    calls = [call(number) for number in range(1, 2001)]
    calls[1233] = call(1234, ("length-counts-padding", Severity.SILENT))
    calls[1500] = call(1501, error="RuntimeError: no")
    recording = Recording("train.packviz", tuple(calls), "train.py --lr 1", "2.13.0", unseen={"while compiling": 3})
    made = recording._repr_html_()
    assert made == recording_html(recording)
    said = check_page(made).words
    assert said.index("1501") < said.index("1234") < said.index("64 × 200 × 8", said.index("1234"))
    assert f"The {MOST_CALLS} worst are listed." in said
    for part in ("2000 calls around packing, 2 with", "train.py:31", "while compiling: 3", "train.py --lr 1"):
        assert part in said
    assert made.count("<tr>") == MOST_CALLS + 1 + 4
    assert len(made) < 60_000


def test_a_recording_that_broke_off_and_an_empty_one_say_so() -> None:
    assert "ended before the recording did" in check_page(Recording("", (call(1),), whole=False)._repr_html_()).words
    assert "0 calls" in check_page(Recording("")._repr_html_()).words


@given(hostile_text, hostile_text)
def test_a_hostile_program_gets_no_tag_in(one: str, other: str) -> None:
    noted = NotedCall(1, one, Site(other, 3, one), other, findings=((one, Severity.ERROR),))
    check_page(Recording(one, (noted,), other, one, unseen={other: 1})._repr_html_())


def test_what_a_compiler_runs_by_itself_is_said_in_a_sentence() -> None:
    unseen = {compiled("nn.LSTM", SITE): 1, scripted("nn.GRU", None): 1, "while tracing": 3}
    said = check_page(recording_html(Recording("", (call(1),), unseen=unseen))).words
    assert "1 call was compiled into a graph by torch.compile, its runs are not seen: nn.LSTM at train.py:31." in said
    assert "What TorchScript runs is not seen: nn.GRU." in said
    assert "while tracing: 3" in said
    assert "compile: nn.LSTM at train.py:31: 1" not in said
