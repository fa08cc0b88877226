"""The causes: each a finding, or outside what a check can see; their fixes are Python that runs."""

import ast

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from packviz.core.messages import CAUSES
from packviz.core.rules import RULES


@pytest.mark.parametrize("code", CAUSES)
def test_a_cause_is_a_finding_or_lies_elsewhere(code: str) -> None:
    assert (code in RULES) != CAUSES[code].elsewhere


@pytest.mark.parametrize("code", CAUSES)
def test_a_cause_says_what_to_look_at_and_its_fix_is_python(code: str) -> None:
    plain = CAUSES[code]
    assert plain.look.endswith(".")
    assert not plain.title.endswith(".")
    ast.parse(plain.fix or "")


def test_the_data_of_a_packed_sequence_can_be_replaced_as_the_fix_says() -> None:
    packed = pack_padded_sequence(torch.ones(3, 5, 2), [3, 2, 5], batch_first=True, enforce_sorted=False)
    there = {"packed": packed, "f": lambda data: data * 2}
    exec(str(CAUSES["packed-inconsistent"].fix), there)
    out, _ = torch.nn.GRU(2, 4)(there["packed"])
    assert out.data.shape == (10, 4)
    assert torch.equal(there["packed"].data, 2 * packed.data)


def test_the_fixes_of_lengths_and_states_do_what_they_say() -> None:
    x, lengths = torch.ones(3, 5, 2), torch.tensor([3, 0, 7])
    there = {"x": x, "lengths": lengths, "torch": torch, "pack_padded_sequence": pack_padded_sequence}
    exec(str(CAUSES["length-exceeds-time"].fix), there)
    assert there["lengths"].tolist() == [3, 0, 5]
    exec(str(CAUSES["length-not-positive"].fix), there)
    assert there["lengths"].tolist() == [3, 5]
    exec(str(CAUSES["lengths-unsorted"].fix), there)
    there["module"] = torch.nn.GRU(2, 4, num_layers=2, bidirectional=True)
    exec(str(CAUSES["hidden-shape"].fix), there)
    assert there["module"](there["packed"], there["h_0"])[1].shape == (4, 2, 4)
