"""torch's words, against torch asked directly, for every line of torch-facts that a verdict can show."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from packviz.core.batch import Batch, Call, make_batch
from packviz.core.carrier import Packed, Sequences
from packviz.core.module import Module
from packviz.torch_side.asking.pack import ask_pack, ask_unpack
from packviz.torch_side.asking.verdict import ask

X = [[1, 2, 3, 0, 0], [4, 5, 0, 0, 0], [6, 7, 8, 9, 0]]
SPEC = Module()


def batch_of(
    lengths: Any, *, x: Any = X, batch_first: bool = True, enforce_sorted: bool = False, **options: Any
) -> Batch:
    total = options.pop("total_length", None)
    return make_batch(x, lengths, Call(batch_first, enforce_sorted, options.pop("padding_value", 0), total), **options)


def words_of(call: Callable[[], object]) -> str:
    """What torch says when it is asked directly."""
    with pytest.raises(Exception) as raised:  # noqa: PT011
        call()
    return f"{type(raised.value).__name__}: {raised.value}"


def packed(batch: Batch) -> PackedSequence:
    x, lengths = torch.from_numpy(batch.x.copy()), torch.from_numpy(batch.lengths.copy())
    return pack_padded_sequence(x, lengths, batch.call.batch_first, batch.call.enforce_sorted)


def ready(batch: Batch) -> PackedSequence:
    """The batch cast to float32, with one feature."""
    return packed(make_batch(batch.x.astype(np.float32)[..., None], batch.lengths, batch.call))


def test_a_good_call_returns_in_all_three_stages() -> None:
    verdict = ask(batch_of([3, 2, 4]), SPEC)
    assert verdict.version == torch.__version__
    assert verdict.pack.to_dict() == {
        "call": "pack_padded_sequence",
        "ok": True,
        "text": "returns data (9,), batch_sizes [3, 3, 2, 1]",
    }
    assert verdict.run.call == "nn.LSTM"
    assert verdict.run.text == "returns out (9, 6), h_n (1, 3, 6), c_n (1, 3, 6)"
    assert verdict.unpack.text == "returns (3, 4, 6), lengths [3, 2, 4]"


@pytest.mark.parametrize("cell", ["GRU", "RNN"])
def test_other_cells_return_one_state(cell: Any) -> None:
    verdict = ask(batch_of([3, 2, 4]), Module(cell=cell, hidden=2))
    assert (verdict.run.call, verdict.run.text) == (f"nn.{cell}", "returns out (9, 2), h_n (1, 3, 2)")


@pytest.mark.parametrize(
    "batch",
    [
        batch_of([3, 0, 4]),
        batch_of([3, -1, 4]),
        batch_of([3, 2, 4], enforce_sorted=True),
        batch_of([3, 2, 4, 1]),
        batch_of([3, 2], enforce_sorted=True),
        batch_of([], x=np.zeros((0, 5))),
        batch_of([1, 1], x=np.zeros((2, 0))),
        batch_of([3, 2, 4], batch_first=False, enforce_sorted=True),
    ],
    ids=lambda batch: f"{batch.lengths.tolist()} {batch.x.shape} {batch.call.batch_first} {batch.call.enforce_sorted}",
)
def test_packing_that_raises_says_torchs_exact_words_and_the_rest_is_not_reached(batch: Batch) -> None:
    verdict = ask(batch, SPEC)
    assert verdict.pack.ok is False
    assert verdict.pack.text == words_of(lambda: packed(batch))
    assert verdict.run.ok is None
    assert verdict.unpack.ok is None
    assert verdict.run.text == verdict.unpack.text == "not reached: pack_padded_sequence raised"


def test_a_length_above_t_packs_and_both_of_the_next_calls_say_their_own_words() -> None:
    batch = batch_of([3, 2, 6])
    verdict = ask(batch, SPEC)
    assert verdict.pack.text == "returns data (10,), batch_sizes [3, 3, 2, 1, 1, 1]"
    assert verdict.run.ok is False
    assert verdict.run.text == words_of(lambda: torch.nn.LSTM(1, 6)(ready(batch)))
    assert verdict.run.text == "RuntimeError: start (10) + length (1) exceeds dimension size (10)."
    assert verdict.unpack.ok is False
    assert verdict.unpack.text == words_of(lambda: pad_packed_sequence(packed(batch), batch_first=True))


def test_a_length_that_counts_padding_raises_nothing() -> None:
    verdict = ask(batch_of([3, 2, 5], x=[[1, 2, 3, 4, 0], [5, 6, 0, 0, 0], [7, 8, 9, 0, 0]]), SPEC)
    assert [stage.ok for stage in (verdict.pack, verdict.run, verdict.unpack)] == [True, True, True]


def test_fewer_lengths_than_rows_silently_drop_rows() -> None:
    verdict = ask(batch_of([3, 2]), SPEC)
    assert verdict.pack.text == "returns data (5,), batch_sizes [2, 2, 1]"
    assert verdict.unpack.text == "returns (2, 3, 6), lengths [3, 2]"


def test_a_layout_mixed_up_is_packed_without_a_word() -> None:
    verdict = ask(batch_of([5, 3], x=np.ones((3, 5)), batch_first=False), SPEC)
    assert verdict.pack.ok
    assert verdict.pack.text == f"returns data (6,), batch_sizes {[2, 2, 2, 1, 1]}"


@pytest.mark.parametrize("lengths", [np.array([3.0, 2.5, 4.9]), np.array([True] * 3), np.array([3, 2, 4], dtype="i4")])
def test_lengths_go_to_torch_as_they_were_given(lengths: np.ndarray) -> None:
    batch = batch_of(lengths)
    assert ask(batch, SPEC).pack.text.endswith(f"batch_sizes {packed(batch).batch_sizes.tolist()}")


def test_unpacking_keeps_max_of_lengths_steps_or_total_length() -> None:
    assert ask(batch_of([3, 2, 4]), SPEC).unpack.text.startswith("returns (3, 4, 6)")
    assert ask(batch_of([3, 2, 4], total_length=5), SPEC).unpack.text.startswith("returns (3, 5, 6)")
    short = batch_of([3, 2, 4], total_length=2)
    verdict = ask(short, SPEC)
    assert verdict.run.ok
    out = torch.nn.LSTM(1, 6)(ready(short))[0]
    assert verdict.unpack.text == words_of(lambda: pad_packed_sequence(out, True, 0.0, 2))


def test_the_padding_value_and_the_layout_reach_unpacking() -> None:
    batch = batch_of([3, 2, 4], padding_value=-7.5)
    padded = ask_unpack(batch, ask_pack(make_batch(batch.x.astype(float), batch.lengths, batch.call)).result).result[0]
    assert padded[1, 2] == -7.5
    swapped = batch_of([3, 2, 4], x=np.array(X).T, batch_first=False)
    assert ask(swapped, SPEC).unpack.text == "returns (4, 3, 6), lengths [3, 2, 4]"


def test_a_users_own_module_gets_the_batch_as_it_was_given() -> None:
    batch = batch_of([3, 2, 4], x=np.array(X, dtype=np.float32))
    module = torch.nn.LSTM(1, 3)
    verdict = ask(batch, SPEC, own=module)
    assert verdict.run.text == words_of(lambda: module(packed(batch)))
    assert verdict.run.text == "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x9 and 1x12)"
    whole = batch_of([3, 2, 4], x=np.array(X)[..., None])
    verdict = ask(whole, SPEC, own=module)
    assert verdict.run.text == words_of(lambda: module(packed(whole)))
    assert "must have the same dtype" in verdict.run.text
    assert verdict.unpack.text == "returns (3, 4, 1), lengths [3, 2, 4]"


def test_a_module_of_many_layers_and_a_class_of_ones_own_are_run_too() -> None:
    batch = batch_of([3, 2, 4], x=np.array(X, dtype=np.float32)[..., None])
    verdict = ask(batch, SPEC, own=torch.nn.GRU(1, 3, num_layers=2, bidirectional=True))
    assert verdict.run.text == "returns out (9, 6), h_n (4, 3, 3)"

    class Mine(torch.nn.Module):
        def forward(self, packed: PackedSequence) -> str:
            return "nothing of use"

    assert ask(batch, SPEC, own=Mine()).run.to_dict() == {"call": "Mine", "ok": True, "text": "returns out str"}


def test_initial_states_of_the_wrong_size_raise_torchs_words() -> None:
    batch = batch_of([3, 2, 4])
    wrong = torch.zeros(1, 2, 6)
    verdict = ask(batch, SPEC, hx=(wrong, wrong))
    assert verdict.run.text == words_of(lambda: torch.nn.LSTM(1, 6)(ready(batch), (wrong, wrong)))
    right = np.zeros((1, 3, 6), dtype=np.float32)
    assert ask(batch, SPEC, hx=(right, right)).run.ok
    assert ask(batch, Module(cell="GRU"), hx=right).run.ok


def test_what_can_not_be_prepared_is_not_asked_and_says_why() -> None:
    verdict = ask(batch_of([2, 1], x=[[1j, 2], [3, 0]]), SPEC)
    assert verdict.pack.ok
    assert verdict.run.ok is None
    assert verdict.run.text.startswith("not asked: x holds complex128, but a recurrent module takes real numbers")
    assert verdict.unpack.text == "returns (2, 2), lengths [2, 1]"


def test_sequences_go_through_pack_sequence() -> None:
    batch = batch_of([4, 2, 3], x=[[1, 2, 3, 4], [5, 6, 0, 0], [7, 8, 9, 0]], carrier=Sequences())
    asked = ask_pack(batch)
    theirs = pack_sequence([torch.tensor([1, 2, 3, 4]), torch.tensor([5, 6]), torch.tensor([7, 8, 9])], False)
    assert asked.outcome.call == "pack_sequence"
    assert asked.result.data.equal(theirs.data)
    assert asked.sorted_indices is not None
    assert asked.sorted_indices.tolist() == theirs.sorted_indices.tolist()
    sorted_only = batch.with_call(enforce_sorted=True)
    assert ask_pack(sorted_only).outcome.text == words_of(
        lambda: pack_sequence([torch.zeros(4), torch.zeros(2), torch.zeros(3)])
    )
    assert ask(sorted_only, SPEC).run.text == "not reached: pack_sequence raised"


@pytest.mark.parametrize(
    ("lengths", "call"),
    [([4, 0, 3], "pack_sequence"), ([5, 2, 3], "pack_padded_sequence"), ([4, 2], "pack_padded_sequence")],
)
def test_sequences_whose_lengths_no_list_could_have_go_through_pack_padded_sequence(lengths: Any, call: str) -> None:
    batch = batch_of(lengths, x=[[1, 2, 3, 4], [5, 6, 0, 0], [7, 8, 9, 0]], carrier=Sequences())
    assert ask_pack(batch).outcome.call == call


def test_a_packed_sequence_is_packed_again_in_its_own_order() -> None:
    batch = batch_of([2, 2, 1], x=[[1, 2], [3, 4], [5, 0]], carrier=Packed(np.array([1, 0, 2])))
    asked = ask_pack(batch)
    assert asked.result.data.tolist() == [3, 1, 5, 4, 2]
    assert asked.result.unsorted_indices.tolist() == [1, 0, 2]
    assert asked.outcome.text.endswith(", packed again from the lengths of the PackedSequence")
    assert ask(batch, SPEC).unpack.text == "returns (3, 2, 6), lengths [2, 2, 1]"


def test_long_lists_lose_their_middle() -> None:
    verdict = ask(batch_of([40, 3], x=np.ones((2, 40))), SPEC)
    assert verdict.pack.text == "returns data (43,), batch_sizes [2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, …, 1]"


def test_torch_is_asked_without_a_trace_in_its_random_numbers() -> None:
    dropping = torch.nn.GRU(1, 2, 2, dropout=0.5)
    before = torch.get_rng_state()
    assert ask(batch_of([3, 2, 4]), Module(inputs="embedding")).run.ok
    assert ask(batch_of([3, 2, 4], x=np.ones((3, 5, 1), dtype="f4")), SPEC, own=dropping).run.ok
    assert torch.get_rng_state().equal(before)


def test_torch_is_not_asked_for_more_memory_than_a_mistyped_number_is_worth() -> None:
    verdict = ask(batch_of([3, 2, 10**15]), SPEC)
    assert [o.ok for o in (verdict.pack, verdict.run, verdict.unpack)] == [None, None, None]
    assert verdict.pack.text.startswith("not asked: lengths[2] is 1000000000000000, but x has 5 steps")
    assert verdict.run.text == "not reached: pack_padded_sequence was not asked"
    unpack = ask(batch_of([3, 2, 4], total_length=10**10), SPEC).unpack
    assert (unpack.ok, unpack.text) == (None, "not asked: what it returns, (3, 10000000000, 6), would take 671 GiB")


def test_what_torch_refuses_of_a_length_far_beyond_the_end_is_still_its_own_message() -> None:
    assert ask(batch_of([3, 0, 10**15]), SPEC).pack.ok is False
    assert ask(batch_of([3, 2, 10**15], enforce_sorted=True), SPEC).pack.ok is False


FLOATS = np.arange(1, 31, dtype="f4").reshape(3, 5, 2)


class Returns(torch.nn.Module):
    """Gives back what it was made with, or what that makes of its input."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result

    def forward(self, packed: PackedSequence) -> Any:
        return self.result(packed) if callable(self.result) else self.result


def wider(packed: PackedSequence) -> PackedSequence:
    return packed._replace(data=packed.data.repeat(1, 3))


@pytest.mark.parametrize(
    "make", [wider, lambda p: (wider(p), None), lambda p: [wider(p)]], ids=["alone", "tuple", "list"]
)
def test_what_a_module_returned_is_unpacked_and_not_what_it_was_given(make: Any) -> None:
    said = ask(batch_of([3, 2, 4], x=FLOATS), SPEC, own=Returns(make)).unpack
    assert said.text.startswith("returns (3, 4, 6)")


@pytest.mark.parametrize("result", [(), None, "x", {"out": 1}, (None, None), 3], ids=repr)
def test_a_module_may_return_anything(result: Any) -> None:
    assert ask(batch_of([3, 2, 4], x=FLOATS), SPEC, own=Returns(result)).run.ok is True


def test_a_contradictory_packed_sequence_of_a_module_is_unpacked_elsewhere() -> None:
    bad = PackedSequence(torch.ones(3, 2), torch.tensor([900, 900]))
    said = ask(batch_of([3, 2, 4], x=FLOATS), SPEC, own=Returns((bad, None))).unpack
    assert said.ok is False
    none = PackedSequence._make((None, None, None, None))
    assert ask(batch_of([3, 2, 4], x=FLOATS), SPEC, own=Returns(none)).unpack.ok is None


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_the_module_of_packviz_is_made_on_the_processor_whatever_the_default_device_is(device: str) -> None:
    batch = batch_of([3, 2, 4], x=FLOATS)
    with torch.device(device):
        assert ask(batch, SPEC).run.ok is True


PEAK = """
import numpy as np
import torch
from packviz.core.batch import Call, make_batch
from packviz.core.module import Module
from packviz.torch_side.asking.verdict import ask
from packviz.torch_side.memory import give_back, keep_little

def most(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) << 10

keep_little()
lengths = np.random.default_rng(0).integers(1, 501, 4000)
x = np.ones((4000, 500), np.float32)
ask(make_batch(x[:2], lengths[:2], Call(True, False)), Module())
batch = make_batch(x, lengths, Call(True, False))
give_back(x.nbytes)
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
before = most("VmRSS")
assert ask(batch, Module(hidden=64)).unpack.ok
print((most("VmHWM") - before) / x.nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's account of memory")
def test_a_large_run_takes_a_few_times_what_x_takes() -> None:
    """Asked in one run, this took more than 200 times what x takes."""
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, check=True, text=True)
    assert float(done.stdout) < 8
