"""What is told of a batch while its results come in."""

from __future__ import annotations

from packviz.core.batch import Call, make_batch
from packviz.core.findings import Severity
from packviz.core.rules import check
from packviz.core.samples import sample
from packviz.session.answers import Earlier
from packviz.session.scene.told import findings, is_silent, torch_says, trouble, with_verdict

GOOD = check(make_batch([[1, 2, 3], [4, 5, 0]], [3, 2], Call(True, True)))
BAD = check(sample("beyond-the-end").load())


def test_trouble_is_in_the_rows_and_cells_of_what_is_more_than_a_note() -> None:
    assert trouble(None).rows == frozenset()
    assert trouble(GOOD).rows == frozenset()
    found = trouble(BAD)
    worse = [one for one in BAD.findings if one.severity in (Severity.ERROR, Severity.SILENT)]
    assert found.rows == {row for one in worse for row in one.rows}
    assert set(found.marks[:, 3]) <= {severity.rank for severity in Severity if severity is not Severity.NOTE}


def test_while_a_batch_is_being_checked_the_cards_of_an_edit_ago_stay() -> None:
    waiting = findings(None, Earlier(BAD, "the last lengths"), "checking…", "")
    assert (waiting.cards, waiting.checking, waiting.of) == (BAD.findings, True, "the last lengths")
    nothing = findings(None, None, "checking…", "")
    assert (nothing.cards, nothing.checking) == ((), True)
    assert not findings(BAD, None, "", "").checking
    assert with_verdict(BAD, None) is BAD
    assert with_verdict(None, None) is None


def test_that_torch_raises_nothing_is_no_good_news_where_something_is_wrong() -> None:
    assert not is_silent(None)
    assert is_silent(check(sample("inconsistent-lengths").load()))
    says = torch_says(None, None, None, "asking torch…", True, False)
    assert says.title == "What torch does with this call"
    assert says.asking
