"""Keys beside x in files: labels and their like come along with the batch."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import packviz
from packviz.core.batch import BatchError, make_batch
from packviz.files.companions import with_companions

X = [[5, 9, 7, 2, 0], [8, 2, 0, 0, 0], [6, 4, 3, 11, 2]]
NAMED = {"x": X, "lengths": [4, 2, 5], "labels": X, "label_lengths": [4, 2, 5], "note": "text"}


@pytest.mark.parametrize("suffix", ["npz", "pt", "json"])
def test_labels_in_a_file_are_held_against_x(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"batch.{suffix}"
    arrays = {name: np.array(value) for name, value in NAMED.items() if name != "note"}
    if suffix == "npz":
        np.savez(path, **arrays)
    elif suffix == "pt":
        torch.save({name: torch.tensor(array) for name, array in arrays.items()}, path)
    else:
        path.write_text(json.dumps(NAMED), encoding="utf-8")
    batch = packviz.load(path, batch_first=True, enforce_sorted=False)
    assert {one.name for one in batch.beside} == {"labels", "label_lengths"}
    assert batch.lengths.tolist() == [4, 2, 5]
    assert "labels-unshifted" in [f.code for f in packviz.check(batch).findings]


def test_labels_are_not_taken_for_x_nor_their_lengths_for_its_own() -> None:
    named = {"embedded": np.ones((3, 5, 2)), "labels": np.array(X), "label_lengths": np.array([1, 1, 1])}
    report = packviz.check(named, batch_first=True, enforce_sorted=False)
    assert report.batch.x.shape == (3, 5, 2)
    assert report.batch.given.origin == "guessed"
    alone = packviz.check({"y": np.array(X)}, batch_first=True, enforce_sorted=False)
    assert alone.batch.x.shape == (3, 5)


def test_what_is_no_companion_is_passed_over_in_a_file_and_refused_where_it_is_asked_for() -> None:
    batch = make_batch(X, [4, 2, 5])
    assert with_companions(batch, {"order": "no", "weight": [1.0]}) is batch
    with pytest.raises(BatchError):
        with_companions(batch, {"order": "no"}, asked=True)
