"""Labels and what else stands beside x; the loss of the installed torch is asked what it leaves out."""

import numpy as np
import pytest
import torch
from torch import nn

import packviz
from packviz.core.findings import Severity
from packviz.core.report import Report
from tests.core.oracle import find

X = torch.tensor([[5, 9, 7, 2, 0], [8, 2, 0, 0, 0], [6, 4, 3, 11, 2]])
LENGTHS = [4, 2, 5]
TAGS = torch.tensor([[1, 1, 2, 3, -100], [1, 3, -100, -100, -100], [2, 1, 1, 1, 3]])
CODES = ("labels-unshifted", "labels-order", "labels-lengths", "labels-padding")


def checked(batch_first: bool = True, x: torch.Tensor = X, lengths: object = LENGTHS, **beside: object) -> Report:
    return packviz.check(
        x if batch_first else x.T, lengths, batch_first=batch_first, enforce_sorted=False, beside=beside, ask=False
    )


def told(report: Report) -> list[str]:
    return [f.code for f in report.findings if f.code in CODES]


@pytest.mark.parametrize("batch_first", [True, False])
def test_right_labels_are_silent(batch_first: bool) -> None:
    turned = (lambda y: y) if batch_first else (lambda y: y.T)
    shifted = torch.full_like(X, -100)
    for row, n in enumerate(LENGTHS):
        shifted[row, : n - 1] = X[row, 1:n]
    for labels in (TAGS, shifted, shifted[:, :-1], torch.tensor([1, 0, 1]), TAGS.float()):
        given = labels if labels.ndim == 1 else turned(labels)
        assert told(checked(batch_first, labels=given)) == []
    zeros = TAGS.where(TAGS != -100, torch.tensor(0))
    assert told(checked(batch_first, labels=turned(zeros), ignore_index=0)) == []
    assert told(checked(batch_first, label_lengths=[2, 1, 3], order=[2, 0, 1])) == []


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("padding", [0, -100])
def test_labels_that_are_x_are_named_and_shifted(batch_first: bool, padding: int) -> None:
    labels = X.clone()
    labels[X == 0] = padding
    report = checked(batch_first, labels=labels if batch_first else labels.T, ignore_index=padding)
    finding = find(report, "labels-unshifted")
    assert finding is not None
    assert finding.severity is Severity.WARNING
    given = X if batch_first else X.T
    names = {"torch": torch, "x": given.clone(), "labels": None, "lengths": torch.tensor(LENGTHS)}
    exec(str(finding.fix), names)
    made = names["labels"] if batch_first else names["labels"].T  # type: ignore[attr-defined]
    assert (
        [row[: n - 1].tolist() for row, n in zip(made, LENGTHS, strict=True)]
        == [  # type: ignore[call-overload]
            row[1:n].tolist() for row, n in zip(X, LENGTHS, strict=True)
        ]
    )
    assert all((row[n - 1 :] == -100).all() for row, n in zip(made, LENGTHS, strict=True))  # type: ignore[call-overload]
    assert told(checked(batch_first, labels=names["labels"])) == []


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("padding", [-100, 0])
def test_labels_of_other_rows_are_found_by_where_they_end(named: bool, padding: int) -> None:
    order = torch.tensor([1, 0, 2])
    left = TAGS[order].where(TAGS[order] != -100, torch.tensor(padding))
    beside = {"labels": left, "ignore_index": padding, **({"order": order} if named else {})}
    finding = find(checked(**beside), "labels-order")
    assert finding is not None
    assert finding.severity is (Severity.SILENT if named else Severity.WARNING)
    assert finding.rows == (0, 1)
    if named:
        names: dict[str, object] = dict(beside)
        exec(str(finding.fix), names)
        assert told(checked(**{name: names[name] for name in beside})) == []


def test_lengths_of_labels_are_held_against_those_of_x() -> None:
    assert find(checked(label_lengths=[2, 4, 5]), "labels-order") is not None
    long = find(checked(label_lengths=[4, 3, 5]), "labels-lengths")
    assert long is not None
    assert long.rows == (1,)
    scores = torch.rand(5, 1, 7).log_softmax(2)
    loss = nn.CTCLoss()(scores, torch.tensor([[1, 2, 3]]), torch.tensor([2]), torch.tensor([3]))
    assert bool(loss.isinf())  # as the detail says
    assert "CTCLoss returns inf" in long.detail


def test_labels_that_end_elsewhere_or_have_other_rows_are_named() -> None:
    longer = TAGS.clone()
    longer[1, 2:4] = 1
    finding = find(checked(labels=longer), "labels-lengths")
    assert finding is not None
    assert finding.rows == (1,)
    assert "labels of row 1 end after 4 steps, and its length is 2" in finding.detail
    other = find(checked(labels=TAGS[:2]), "labels-lengths")
    assert other is not None
    assert "another number of rows" in other.title


@pytest.mark.parametrize("batch_first", [True, False])
def test_padding_that_the_loss_counts_is_named_and_set_to_what_it_leaves_out(batch_first: bool) -> None:
    padded = TAGS.where(TAGS != -100, torch.tensor(0))
    scores, real = torch.rand(3, 5, 12), TAGS != -100
    loss = nn.CrossEntropyLoss()
    assert loss(scores.flatten(0, 1), padded.flatten()) != loss(scores[real], padded[real])  # it counts them
    given = padded.clone() if batch_first else padded.T.clone()
    finding = find(checked(batch_first, labels=given), "labels-padding")
    assert finding is not None
    assert finding.severity is Severity.NOTE  # ignore_index=0 may have been said
    names = {"torch": torch, "labels": given, "lengths": LENGTHS}
    exec(str(finding.fix), names)
    made = given if batch_first else given.T
    assert made.tolist() == TAGS.tolist()
    torch.testing.assert_close(loss(scores.flatten(0, 1), made.flatten()), loss(scores[real], padded[real]))


def test_it_is_a_warning_where_it_is_sure() -> None:
    used = TAGS.where(TAGS != -100, torch.tensor(1))  # 1 is a label as well
    for beside in ({"labels": used}, {"labels": TAGS, "ignore_index": 0}, {"labels": TAGS.clamp(min=-1)}):
        finding = find(checked(**beside), "labels-padding")
        assert finding is not None
        assert finding.severity is Severity.WARNING


def test_where_the_lengths_are_wrong_these_are_mended_first() -> None:
    assert told(checked(lengths=[4, 2, 9], labels=X)) == []


def test_what_is_nothing_beside_x_is_refused_in_one_sentence() -> None:
    with pytest.raises(packviz.BatchError, match=r"beside\['weight'\] is nothing that is known beside x"):
        checked(weight=[1, 2, 3])
    with pytest.raises(packviz.BatchError):
        checked(labels="no")


def test_random_labels_of_right_rows_raise_no_alarm() -> None:
    for seed in range(300):
        random = np.random.default_rng(seed)
        rows, steps = int(random.integers(1, 6)), int(random.integers(1, 8))
        lengths = random.integers(1, steps + 1, rows)
        beyond = np.arange(steps) >= lengths[:, None]
        x = np.where(beyond, 0, random.integers(1, 50, (rows, steps)))
        labels = np.where(beyond, -100, random.integers(0, 5, (rows, steps)))
        report = checked(x=torch.tensor(x), lengths=lengths, labels=labels)
        assert not [f for f in report.findings if f.code in CODES and f.severity is not Severity.NOTE], seed
