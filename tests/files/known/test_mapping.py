from __future__ import annotations

import numpy as np
import pytest

from packviz.core.errors import Undecided
from packviz.files.known.mapping import from_mapping, x_name

X, LENGTHS = np.ones((3, 4)), np.array([4, 2, 3])


def test_the_lengths_of_x_are_said_by_their_name() -> None:
    found = from_mapping({"feats": X, "feats_lens": LENGTHS, "text": X, "y": LENGTHS})
    assert found.x is X
    assert found.lengths is LENGTHS
    assert found.said == ("lengths from feats_lens",)
    assert from_mapping({"x": X, "lengths": LENGTHS}).said == ()


def test_each_of_several_is_picked_with_its_own_lengths() -> None:
    named = {"speech": X, "speech_lengths": LENGTHS, "text": 2 * X, "text_lengths": 2 * LENGTHS}
    with pytest.raises(Undecided) as caught:
        from_mapping(named)
    assert caught.value.choices == ("speech", "text")
    assert caught.value.pick("text").lengths is named["text_lengths"]


def test_x_is_found_in_a_dict_beside_its_labels_and_lengths_in_one_beside_x() -> None:
    inner = {"src_tokens": X, "src_lengths": LENGTHS, "prev_output_tokens": X}
    assert from_mapping({"id": LENGTHS, "net_input": inner, "target": X}).lengths is LENGTHS
    assert from_mapping({"inputs": X, "supervisions": {"num_frames": LENGTHS}}).lengths is LENGTHS


def test_a_usual_name_of_a_vector_gives_way_to_what_has_lengths() -> None:
    assert x_name({"ids": 1, "mel": 3, "mel_lengths": 1}) == "mel"
    assert x_name({"ids": 1, "mel": 3}) == "ids"
