from __future__ import annotations

import pytest

from packviz.files.known.names import is_time_last_name, lengths_name, likely_names, paired, usual_x_name


@pytest.mark.parametrize(
    ("dimensions", "pairs"),
    [
        ({"mel": 3, "mel_lengths": 1}, {"mel": "mel_lengths"}),
        ({"tokens": 2, "tokens_length": 1}, {"tokens": "tokens_length"}),
        ({"feats": 3, "feats_lens": 1}, {"feats": "feats_lens"}),
        ({"target": 2, "inputs": 2, "target_lengths": 1}, {}),
        ({"targets": 2, "target_len": 1}, {"targets": "target_len"}),
        ({"src_tokens": 2, "prev_output_tokens": 2, "src_lengths": 1}, {"src_tokens": "src_lengths"}),
        (
            {"encoder_cont": 3, "encoder_cat": 3, "encoder_lengths": 1},
            {"encoder_cont": "encoder_lengths", "encoder_cat": "encoder_lengths"},
        ),
        ({"x": 2, "lengths": 1}, {}),
        ({"x": 2, "seq_len": 0}, {}),
    ],
)
def test_lengths_belong_to_the_name_that_they_repeat(dimensions: dict[str, int], pairs: dict[str, str]) -> None:
    assert paired(dimensions) == pairs


def test_lengths_of_another_name_are_none_of_x() -> None:
    named = {"x": 3, "y": 2, "y_lengths": 1}
    assert lengths_name(named, "x") is None
    assert lengths_name(named, "y") == "y_lengths"
    assert lengths_name({"target": 2, "inputs": 2, "target_lengths": 1}, "target") == "target_lengths"
    assert lengths_name({"x": 3, "y": 2, "lengths": 1, "y_lengths": 1}, "x") == "lengths"


def test_one_number_that_is_named_like_lengths_is_none() -> None:
    assert lengths_name({"x": 3, "seq_len": 0}, "x") is None


def test_labels_and_positions_are_not_likely_to_be_x_unless_there_is_nothing_else() -> None:
    assert likely_names(["id", "net", "target", "position_ids", "lengths"]) == ["id", "net"]
    assert likely_names(["target", "lengths"]) == ["target"]


def test_a_usual_name_is_one_in_any_case() -> None:
    assert usual_x_name(["y", "_Input_IDs"]) == "_Input_IDs"


@pytest.mark.parametrize("name", ["mel", "mels", "log_mel", "input_features", "processed_signal", "wav", "spectrogram"])
def test_time_may_be_last_under_these_names(name: str) -> None:
    assert is_time_last_name(name)
    assert not is_time_last_name(f"my_{name}_ids")
