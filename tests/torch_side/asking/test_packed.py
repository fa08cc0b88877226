"""The verdict on a PackedSequence that contradicts itself, whatever torch does with it: raise, return, or crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from hypothesis import given
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

import packviz
from packviz.core.batch import Batch
from packviz.core.findings import Severity
from packviz.core.module import Module
from packviz.core.report import Report
from packviz.core.verdict import CRASHES, Outcome
from packviz.files.objects import to_batch
from packviz.torch_side.asking import other_process
from packviz.torch_side.asking import packed as ask_packed
from packviz.torch_side.asking.asked import ending
from packviz.torch_side.asking.verdict import ask
from tests.core.oracle import find
from tests.hand_made import Fields, agree, hand_made, made

D, S = torch.arange(1.0, 6)[:, None], torch.tensor
SPEC = Module()
NOT_INVERSE = PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([1, 2, 0]))


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    yield
    other_process.close()


def words_of(call: Callable[[], object]) -> str:
    with pytest.raises(Exception) as raised:  # noqa: PT011
        call()
    return f"{type(raised.value).__name__}: {raised.value}"


def severity(report: Report) -> Severity | None:
    finding = find(report, "packed-inconsistent")
    return None if finding is None else finding.severity


# One of each kind that does no harm where it is asked, so that torch can be asked here as well.
RAISING = {
    "rises": PackedSequence(D, S([2, 3])),
    "sums to more": PackedSequence(D, S([3, 3])),
    "sums to less": PackedSequence(D, S([2, 2])),
    "starts with zero": PackedSequence(D, S([0, 5])),
    "starts below zero": PackedSequence(D, S([-1, 6])),
    "is empty": PackedSequence(D, S([], dtype=torch.int64)),
    "is a matrix": PackedSequence(D, S([[3, 2]])),
    "holds fractions": PackedSequence(D, S([3.0, 2.0])),
    "holds int32": PackedSequence(D, S([3, 2], dtype=torch.int32)),
    "names no row": PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([2, 0, 3])),
    "indexes with floats": PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([2.0, 0.0, 1.0])),
}
RETURNING = {
    "ends with zero": PackedSequence(D, S([5, 0])),
    "is no inverse": NOT_INVERSE,
    "names a row twice": PackedSequence(D, S([3, 2]), S([0, 0, 1]), S([0, 1, 2])),
    "drops a row": PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([2, 0])),
    "repeats a row": PackedSequence(D, S([3, 2]), S([1, 2, 0]), S([2, 0, 1, 0])),
    "has unsorted_indices alone": PackedSequence(D, S([3, 2]), None, S([2, 0, 1])),
}


@pytest.mark.parametrize("how", RAISING)
def test_what_raises_is_an_error_in_torchs_own_words(how: str) -> None:
    packed = RAISING[how]
    report = packviz.check(packed)
    assert severity(report) is Severity.ERROR
    assert report.verdict is not None
    assert report.verdict.pack.ok
    assert report.verdict.run.text == words_of(lambda: torch.nn.LSTM(1, 6)(packed))
    if report.verdict.unpack.ok is False:
        assert report.verdict.unpack.text == words_of(lambda: pad_packed_sequence(packed, batch_first=True))
    assert report.unexplained is None
    assert not report.ok


@pytest.mark.parametrize("how", RETURNING)
def test_what_returns_all_the_same_is_silent(how: str) -> None:
    packed = RETURNING[how]
    report = packviz.check(packed)
    assert severity(report) is Severity.SILENT
    assert report.verdict is not None
    x, lengths = pad_packed_sequence(torch.nn.LSTM(1, 6)(packed)[0], batch_first=True)
    assert report.verdict.unpack.text == f"returns {tuple(x.shape)}, lengths {lengths.tolist()}"


@pytest.mark.parametrize("sizes", [[5, -1], [5, -100000], [5, -(2**60)], [3, -1, 3]], ids=str)
def test_what_ends_the_interpreter_is_an_error_and_this_one_goes_on(sizes: list[int]) -> None:
    report = packviz.check(PackedSequence(D, S(sizes)))
    assert report.verdict is not None
    assert report.verdict.unpack.ok is False
    assert report.verdict.unpack.text.startswith(f"{CRASHES}: SIG")
    assert severity(report) is Severity.ERROR


@given(hand_made())
def test_a_contradiction_is_an_error_where_a_stage_raises_and_else_silent_and_nothing_else_is_one(
    fields: Fields,
) -> None:
    packed = made(fields)
    report = packviz.check(packed)
    verdict = report.verdict
    assert verdict is not None
    if agree(fields):
        assert severity(report) is None
        x, lengths = pad_packed_sequence(packed, batch_first=True)
        assert report.batch.x.tolist() == x.tolist()
        assert report.batch.lengths.tolist() == lengths.tolist()
        return
    raised = [stage.ok for stage in (verdict.pack, verdict.run, verdict.unpack)]
    assert severity(report) is (Severity.ERROR if False in raised else Severity.SILENT)
    assert report.unexplained is None
    assert None not in raised or raised == [False, None, None]


def batch_of(*fields: Any) -> Batch:
    return to_batch(PackedSequence(*fields))


def test_a_constructor_that_raises_is_the_first_stage() -> None:
    batch = to_batch({"data": D, "batch_sizes": S([3, 2]), "sorted_indices": S([0, 9, 1])})
    verdict = ask(batch, SPEC)
    assert verdict.pack.text == words_of(lambda: PackedSequence(D, S([3, 2]), S([0, 9, 1])))
    assert verdict.run.text == verdict.unpack.text == "not reached: PackedSequence raised"


def test_the_module_of_the_spec_gets_data_as_the_spec_prepares_it() -> None:
    wrong = [S([3, 2]), S([1, 2, 0]), S([1, 2, 0])]
    run = ask(batch_of(torch.arange(5), *wrong), Module(cell="GRU", hidden=3)).run
    assert (run.call, run.text) == ("nn.GRU", "returns out (5, 3), h_n (1, 3, 3)")
    assert ask(batch_of(torch.arange(5), *wrong), Module(inputs="embedding")).run.ok
    assert ask(batch_of(torch.ones(5, 2, 2).bfloat16(), *wrong), SPEC).run.ok
    verdict = ask(batch_of(torch.ones(5, 1, dtype=torch.complex64), *wrong), SPEC)
    assert verdict.run.text.startswith("not asked: x holds complex64")
    assert verdict.unpack.text == "returns (3, 2, 1), lengths [2, 1, 2]"


@pytest.mark.parametrize(
    "module", [torch.nn.LSTM(1, 2), torch.nn.GRU(1, 2, 2, bidirectional=True), torch.nn.RNN(3, 2), torch.nn.GRU(1, 4)]
)
def test_a_users_own_module_is_asked_through_one_that_is_like_it(module: torch.nn.RNNBase) -> None:
    verdict = ask(to_batch(NOT_INVERSE), SPEC, own=module)
    if module.input_size == 3:
        assert verdict.run.text == words_of(lambda: module(NOT_INVERSE))
    else:
        out, states = module(NOT_INVERSE)
        h = states[0] if isinstance(states, tuple) else states
        assert verdict.run.text.startswith(f"returns out {tuple(out.data.shape)}, h_n {tuple(h.shape)}")


def test_an_initial_state_goes_along() -> None:
    module, hx = torch.nn.GRU(1, 2), torch.zeros(1, 2, 2)
    verdict = ask(to_batch(NOT_INVERSE), SPEC, own=module, hx=hx)
    assert verdict.run.text == words_of(lambda: module(NOT_INVERSE, hx))
    assert ask(to_batch(NOT_INVERSE), Module(cell="GRU", hidden=2), hx=hx).run.text == verdict.run.text


def test_a_module_that_is_none_of_torchs_is_not_asked_for_its_own_good() -> None:
    verdict = ask(to_batch(NOT_INVERSE), SPEC, own=torch.nn.Sequential(torch.nn.LSTM(1, 2)))
    assert verdict.run.ok is None
    assert verdict.run.text.startswith("not asked: torch may end the process that it is asked in")
    assert verdict.unpack.ok


def test_options_of_unpacking_hold() -> None:
    batch = to_batch(NOT_INVERSE).with_call(total_length=4)
    assert ask(batch, SPEC).unpack.text == "returns (3, 4, 6), lengths [2, 1, 2]"


def test_out_of_memory_says_how_much_there_was() -> None:
    unpack = ask(batch_of(D, S([10**12, 2])), SPEC).unpack
    assert unpack.ok is False
    assert unpack.text.endswith("(asked with 4 GiB of memory)")


def test_where_nothing_can_be_asked_the_finding_stays_as_it_was_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(call: object) -> None:
        raise other_process.Unavailable("its process did not start")

    monkeypatch.setattr(ask_packed, "ask_elsewhere", no)
    report = packviz.check(PackedSequence(D, S([2, 3])))
    assert report.verdict is not None
    assert [report.verdict.pack.ok, report.verdict.run.ok, report.verdict.unpack.ok] == [None, None, None]
    assert report.verdict.pack.text == (
        "not asked: torch may end the process that it is asked in, and its process did not start"
    )
    assert severity(report) is Severity.ERROR


def test_data_that_is_too_large_to_be_sent_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_packed, "MOST_BYTES", 8)
    assert ask(to_batch(NOT_INVERSE), SPEC).run.text.startswith("not asked")


def test_a_call_that_takes_too_long_has_raised_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_packed, "SECONDS", 0.3)
    n = 10**6
    verdict = ask(batch_of(torch.ones(n, 1), torch.ones(n, dtype=torch.int64), None, S([0])), Module(cell="RNN"))
    assert (verdict.run.ok, verdict.run.text) == (None, "not asked to the end: it had not returned after 0.3 s")
    assert verdict.unpack.ok


def test_what_is_returned_before_the_process_ends_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "pack": Outcome("PackedSequence", True, "returns data (5, 1)"),
        "run": Outcome("nn.LSTM", True, "returns out (5, 6)"),
        "unpack": Outcome("pad_packed_sequence", True, "returns (3, 2, 6)"),
    }
    monkeypatch.setattr(ask_packed, "ask_elsewhere", lambda call: other_process.Answer(told, False, -6))
    unpack = ask(to_batch(NOT_INVERSE), SPEC).unpack
    assert (unpack.ok, unpack.text) == (False, f"{ending(-6)}, right after it has returned (3, 2, 6)")


def test_unpacking_is_asked_on_its_own_where_the_run_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = Outcome("PackedSequence", True, "returns data (5, 1)")
    unpack = Outcome("pad_packed_sequence", True, "returns (3, 2, 1)")

    def ask_elsewhere(call: ask_packed.PackedCall) -> other_process.Answer:
        if call.module is not None:
            return other_process.Answer({"pack": pack}, False, -11)
        return other_process.Answer({"pack": pack, "unpack": unpack}, True, 0)

    monkeypatch.setattr(ask_packed, "ask_elsewhere", ask_elsewhere)
    verdict = ask(to_batch(NOT_INVERSE), SPEC)
    assert (verdict.run.ok, verdict.run.text) == (False, ending(-11))
    assert verdict.unpack == unpack
