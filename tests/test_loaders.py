"""check_loader: a whole data loader, against check of each batch."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset, IterableDataset

import packviz
from packviz.core.batch import Call
from packviz.core.checked import Checked
from packviz.core.errors import BatchError, Defect
from packviz.loaders import _Reading
from packviz.torch_side.asking.report import report_on

# Of a machine with fewer cores than workers torch warns.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")


class Words(Dataset[Tensor]):
    """Sequences of 1 to 30 steps, 4 features each; the same ones each time."""

    def __init__(self, count: int = 48) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        random = np.random.default_rng(index)
        return torch.from_numpy(random.standard_normal((int(random.integers(1, 31)), 4)).astype(np.float32) + 9)


def padded(items: list[Tensor]) -> tuple[Tensor, Tensor]:
    return pad_sequence(items, batch_first=True), torch.tensor([len(item) for item in items])


def one_too_many(items: list[Tensor]) -> tuple[Tensor, Tensor]:
    x, lengths = padded(items)
    shortest = int(lengths.argmin())
    lengths[shortest] += 1
    return x, lengths


OPTIONS: dict[str, Any] = {"batch_first": True, "enforce_sorted": False}


def test_a_loader_is_counted_as_check_counts_each_batch() -> None:
    loader = DataLoader(Words(), 8, collate_fn=one_too_many)
    found = packviz.check_loader(loader, **OPTIONS)
    reports = [packviz.check(x, lengths, **OPTIONS) for x, lengths in loader]
    counted = Counter(finding.code for report in reports for finding in report.findings)
    assert {o.code: o.batches for o in found.findings} == counted
    assert found.batches == found.wrong == found.asked == 6
    assert not found.ok
    [silent] = [o for o in found.findings if o.code == "length-counts-padding"]
    assert [place.source for place in silent.places] == [f"batch {i}" for i in range(5)]
    assert found.padding.data == sum(int(lengths.sum()) for _, lengths in loader)


def test_a_right_one_is_ok_and_torch_is_asked_about_the_first() -> None:
    found = packviz.check_loader(DataLoader(Words(), 8, collate_fn=padded), sample=0, **OPTIONS)
    assert found.ok
    assert found.asked == 1
    assert packviz.check_loader(DataLoader(Words(), 8, collate_fn=padded), sample=1, **OPTIONS).asked == 6
    assert packviz.check_loader(DataLoader(Words(), 8, collate_fn=padded), ask=False, **OPTIONS).asked == 0


def test_the_sample_hangs_on_the_seed_alone() -> None:
    batches = [padded([item]) for item in map(Words().__getitem__, range(40))]
    asked = [packviz.check_loader(iter(batches), sample=0.3, seed=seed, **OPTIONS).asked for seed in (1, 1, 2, 3, 4)]
    assert asked[0] == asked[1]
    assert len(set(asked)) > 1
    assert all(4 <= n <= 24 for n in asked)


def test_torch_is_not_asked_where_it_is_not_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packviz.torch_side.asking.verdict.ask", lambda *_, **__: pytest.fail("torch was asked"))
    packviz.check_loader(DataLoader(Words(), 8, collate_fn=one_too_many), ask=False, **OPTIONS)


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_random_numbers_and_the_next_epoch_are_as_they_would_have_been(workers: int) -> None:
    def epoch(check: bool) -> list[Any]:
        torch.manual_seed(5)
        generator = torch.Generator().manual_seed(7)
        loader = DataLoader(
            Words(),
            8,
            shuffle=True,
            collate_fn=padded,
            num_workers=workers,
            generator=generator,
            persistent_workers=workers > 0,
        )
        if check:
            packviz.check_loader(loader, ask=False, **OPTIONS)
        return [torch.rand(2).tolist(), [x.sum().item() for x, _ in loader], torch.rand(2).tolist()]

    assert epoch(True) == epoch(False)


def batches_of_every_form() -> list[Any]:
    x, lengths = padded([Words()[i] for i in range(4)])
    mask = torch.arange(x.shape[1]) < lengths[:, None]
    labels = torch.where(mask, 3, -100)
    return [
        (x, lengths),
        [x, lengths],
        {"x": x, "lengths": lengths, "labels": labels},
        {"input": x, "mask": mask},
        pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False),
        (x, lengths, labels),
        (x, labels, lengths),
        (x, lengths, torch.tensor([0, 1, 0, 1])),
        packviz.load("sample:first-batch"),
        [row[:n] for row, n in zip(x, lengths.tolist(), strict=True)],
        (x.numpy(), lengths.tolist()),
        x,
    ]


@pytest.mark.parametrize("number", range(len(batches_of_every_form())))
def test_every_form_of_a_batch_is_read(number: int) -> None:
    found = packviz.check_loader([batches_of_every_form()[number]], **OPTIONS)
    assert found.troubles == ()
    assert (found.batches, found.measured) == (1, 1)
    assert found.ok, found


def test_labels_beside_x_are_held_against_it() -> None:
    x, lengths = padded([Words()[i] for i in range(4)])
    labels = torch.full(x.shape[:2], -100)
    for row, n in enumerate(lengths.tolist()):
        labels[row, : max(1, n - 2)] = 3
    alike = packviz.check(x, lengths, beside={"labels": labels}, **OPTIONS)
    found = packviz.check_loader([(x, lengths, labels)], **OPTIONS)
    assert {o.code for o in found.findings} == {finding.code for finding in alike.findings}
    assert any("label" in o.code for o in found.findings)
    found = packviz.check_loader([(x, lengths)], beside={"labels": labels}, **OPTIONS)
    assert {o.code for o in found.findings} == {finding.code for finding in alike.findings}


def test_items_that_can_not_be_told_apart_are_named() -> None:
    ids = torch.tensor([[1, 2, 3], [4, 5, 0]])
    batch = (ids, torch.tensor([3, 2]), ids.clone())
    [trouble] = packviz.check_loader([batch], **OPTIONS).troubles
    assert trouble.startswith("batch 0: ")
    assert 'with fields=("x", "lengths", …)' in trouble
    found = packviz.check_loader([batch], fields=("x", "lengths", "labels"), **OPTIONS)
    assert (found.batches, found.unread) == (1, 0)
    [trouble] = packviz.check_loader([batch], fields=("x", "lengths"), **OPTIONS).troubles
    assert trouble == "batch 0: it has 3 items, but fields names 2: give each item a name."


def test_a_dict_may_say_its_own_options() -> None:
    x, lengths = padded([Words()[i] for i in range(4)])
    assert packviz.check_loader([{"x": x, "lengths": lengths, **OPTIONS}]).ok


def test_one_that_can_not_be_read_is_told_and_the_others_follow() -> None:
    x, lengths = padded([Words()[i] for i in range(4)])
    found = packviz.check_loader([(x, lengths), "epoch 2", None, (x, lengths)], **OPTIONS)
    assert (found.batches, found.unread, found.ok) == (2, 2, False)
    assert found.troubles[0].startswith("batch 1: ")
    assert found.troubles[1].startswith("batch 2: ")


class Failing(Words):
    def __getitem__(self, index: int) -> Tensor:
        if index == 9:
            raise OSError("shard 9 is gone")
        return super().__getitem__(index)


def test_what_the_loader_raises_is_told_and_the_others_follow() -> None:
    found = packviz.check_loader(DataLoader(Failing(), 8, collate_fn=padded), **OPTIONS)
    assert (found.batches, found.unread) == (5, 1)
    assert found.troubles == ("batch 1: the loader raises OSError: shard 9 is gone.",)


class Endless:
    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        raise ConnectionError("no answer")


def unlucky(items: list[Tensor]) -> Any:
    if len(items[0]) % 2:
        raise KeyError("word")
    raise ValueError("row 3: is\nodd")


@pytest.mark.parametrize("workers", [0, 2])
def test_what_a_worker_raises_is_told_and_not_its_frames(workers: int) -> None:
    found = packviz.check_loader(DataLoader(Words(16), 1, collate_fn=unlucky, num_workers=workers), limit=9)
    where = r" \(worker process [01]\)" if workers else ""
    assert found.unread == 9
    for trouble in found.troubles:
        told = rf"batch \d: the loader raises (KeyError: 'word'|ValueError: row 3: is odd){where}[.,].*"
        assert re.fullmatch(told, trouble)


class Endlessly:
    """A dataset that has no end but the one that it says."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        return padded([Words()[index], Words()[index + 1]])


def test_what_is_a_sequence_ends_where_it_says() -> None:
    dataset: Any = Endlessly()
    assert packviz.check_loader(dataset, ask=False, **OPTIONS).batches == 3
    found = packviz.check_loader(dataset, ask=False, limit=2, **OPTIONS)
    assert (found.batches, found.stopped) == (2, True)


@pytest.mark.parametrize("where", ["report_on", "Checked"])
def test_a_worker_whose_death_torch_tells_in_the_midst_of_a_check_is_told(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "DataLoader worker (pid 7) exited unexpectedly with exit code 3. Details are lost due to multiprocessing."
    real, calls = report_on, list[int]()

    def heard(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError(told)
        return real(*args, **kwargs) if where == "report_on" else Checked.of(*args, **kwargs)

    monkeypatch.setattr(f"packviz.loaders.{where}", heard if where == "report_on" else SimpleChecked(heard))
    found = packviz.check_loader(DataLoader(Words(), 8, collate_fn=padded), ask=False, **OPTIONS)
    assert (found.batches, found.unread) == (2, 1)
    assert found.troubles == (
        f"batch 2: the loader raises RuntimeError: {told[:-1]}: one of its workers has died, and it is given up here.",
    )


class SimpleChecked:
    """Checked, of which each batch is made by another function."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def __call__(self, *args: Any, **kwargs: Any) -> Checked:
        return Checked(*args, **kwargs)


def test_another_error_of_ours_is_no_worker_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("odd")

    monkeypatch.setattr("packviz.loaders.report_on", fails)
    with pytest.raises(Defect, match="RuntimeError: odd"):
        packviz.check_loader(DataLoader(Words(), 8, collate_fn=padded), **OPTIONS)


def test_a_loader_that_always_raises_is_given_up() -> None:
    found = packviz.check_loader(Endless())
    assert (found.batches, found.unread) == (0, 10)
    assert found.troubles[-1].endswith("for the 10th time on end: it is given up here.")


def test_a_loader_that_raises_now_and_then_is_not_given_up() -> None:
    class Loader:
        """Every other batch raises."""

        def __init__(self) -> None:
            self.number = 0

        def __iter__(self) -> Loader:
            return self

        def __next__(self) -> Any:
            self.number += 1
            if self.number > 24:
                raise StopIteration
            if self.number % 2:
                raise ValueError("odd")
            return padded([Words()[0]])

    found = packviz.check_loader(Loader(), ask=False, **OPTIONS)
    assert (found.batches, found.unread) == (12, 12)


def interrupted(after: int) -> Iterator[Any]:
    """So many batches, in each of which a row counts a padding cell, then Ctrl+C."""
    torch.rand(1)
    for i in range(after):
        yield one_too_many([Words()[i], Words()[i + 1]])
    raise KeyboardInterrupt


def test_ctrl_c_ends_it_and_puts_random_numbers_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        packviz.check_loader(interrupted(0))
    assert torch.equal(before, torch.get_rng_state())
    assert capsys.readouterr() == ("", "")  # nothing was found out


def test_ctrl_c_says_what_was_found_until_then(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        packviz.check_loader(interrupted(3), ask=False, **OPTIONS)
    whole = packviz.check_loader(interrupted(3), limit=3, ask=False, **OPTIONS)
    out, err = capsys.readouterr()
    assert out == ""
    head, _, rest = err.partition("Until then:\n\n")
    assert head == "\npackviz.check_loader was interrupted. "
    assert rest.startswith("3 batches, 6 rows: 0 are fine, 3 wrong, interrupted, there may be more\n")
    assert rest.split("\n")[1:] == [*str(whole).split("\n")[1:], "", ""]


@pytest.mark.parametrize("stream", ["none", "closed", "full"])
def test_ctrl_c_reaches_the_program_whatever_became_of_standard_error(
    stream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    held = Full() if stream == "full" else io.StringIO()
    if stream == "closed":
        held.close()
    monkeypatch.setattr("sys.stderr", None if stream == "none" else held)
    with pytest.raises(KeyboardInterrupt):
        packviz.check_loader(interrupted(2), ask=False, **OPTIONS)


def test_not_one_batch_more_than_the_limit_is_taken() -> None:
    taken: list[int] = []

    def batches() -> Iterator[Any]:
        for i in range(10):
            taken.append(i)
            yield padded([Words()[i]])

    rest = batches()
    found = packviz.check_loader(rest, limit=3, ask=False, **OPTIONS)
    assert (found.batches, found.stopped, taken) == (3, True, [0, 1, 2])
    assert not packviz.check_loader(rest, ask=False, **OPTIONS).stopped
    assert taken == list(range(10))
    assert not packviz.check_loader(batches(), limit=11, ask=False, **OPTIONS).stopped


class Stream(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return (padded([item]) for item in map(Words().__getitem__, range(5)))


def test_an_iterable_dataset_is_one_more_loader() -> None:
    assert packviz.check_loader(DataLoader(Stream(), batch_size=None), **OPTIONS).batches == 5


def test_a_module_is_run_over_what_torch_is_asked_about() -> None:
    gru = nn.GRU(5, 8, batch_first=True)
    found = packviz.check_loader(DataLoader(Words(), 8, collate_fn=padded), module=gru, **OPTIONS)
    assert found.wrong == 6
    assert "module-input-size" in {o.code for o in found.findings}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((torch.zeros(3, 4),), "loader is a Tensor that is one batch"),
        (({"x": [[1]]},), "loader is a dict that is one batch"),
        (((torch.zeros(3, 4), torch.tensor([4, 2, 1])),), "loader is a tuple that is one batch"),
        (("data/",), "loader is a text, but a DataLoader is expected: files are checked by packviz check FILE."),
        ((7,), "loader is a int, but a DataLoader or an iterable of batches is expected."),
    ],
)
def test_what_is_no_loader_is_refused(given: tuple[Any, ...], said: str) -> None:
    with pytest.raises(BatchError, match=re.escape(said)):
        packviz.check_loader(*given)


@pytest.mark.parametrize(
    "options",
    [{"limit": 0}, {"limit": True}, {"window": 0}, {"sample": 2}, {"batch_first": 1}, {"window": 1.5}, {"seed": -1}],
)
def test_options_that_mean_nothing_are_refused_before_anything_is_taken(options: Any) -> None:
    taken: list[int] = []
    with pytest.raises(BatchError, match=f"{next(iter(options))} is "):
        packviz.check_loader((taken.append(1) for _ in range(3)), **options)
    assert taken == []


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=8), st.integers(1, 4))
def test_padding_is_counted_from_the_lengths(drawn: list[list[int]], window: int) -> None:
    batches = [(np.ones((len(lengths), 10)), lengths) for lengths in drawn]
    found = packviz.check_loader(batches, ask=False, window=window, **OPTIONS)
    assert found.padding.cells == sum(10 * len(lengths) for lengths in drawn)
    assert found.padding.data == sum(map(sum, drawn))
    assert found.padding.window == window


def test_no_batch_is_kept() -> None:
    import weakref

    alive: list[weakref.ref[Any]] = []
    most = 0

    def batches() -> Iterator[Any]:
        nonlocal most
        for i in range(30):
            x, lengths = padded([Words()[i]])
            alive.append(weakref.ref(x))
            most = max(most, sum(ref() is not None for ref in alive))
            yield x, lengths
            del x

    packviz.check_loader(batches(), ask=False, **OPTIONS)
    assert most <= 3


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.integers(1, 7), min_size=1, max_size=5), st.integers(0, 3)), min_size=1, max_size=9),
    st.integers(1, 4),
)
def test_the_figures_are_those_of_batches_that_are_really_dealt_out_again(
    drawn: list[tuple[list[int], int]], window: int
) -> None:
    """Against rows that are moved about, one by one, and batches that are padded again."""
    batches = [(np.ones((len(lengths), max(lengths) + more)), lengths) for lengths, more in drawn]
    found = packviz.check_loader(batches, ask=False, window=window, **OPTIONS)

    def dealt(some: list[list[int]]) -> int:
        rows = sorted(n for lengths in some for n in lengths)
        cells = 0
        for lengths in some:
            taken, rows = rows[: len(lengths)], rows[len(lengths) :]
            cells += sum(max(taken) for _ in taken)
        return cells

    every = [lengths for lengths, _ in drawn]
    flat = sorted(n for lengths in every for n in lengths)
    padding = found.padding
    assert padding.cells == sum(x.size for x, _ in batches)
    assert padding.cut == sum(max(lengths) for lengths in every for _ in lengths)
    assert padding.windowed == sum(dealt(every[i : i + window]) for i in range(0, len(every), window))
    assert padding.sorted == dealt(every)
    assert padding.padding == pytest.approx(1 - sum(flat) / padding.cells)
    assert padding.saved(padding.sorted) == pytest.approx(1 - dealt(every) / padding.cells)
    spread = found.lengths.to_dict()
    assert (spread["rows"], spread["shortest"], spread["longest"]) == (len(flat), flat[0], flat[-1])
    assert spread["mean"] == pytest.approx(sum(flat) / len(flat))
    for share in (0.5, 0.9, 0.99):
        least = next(n for n in flat if sum(m <= n for m in flat) >= share * len(flat))
        assert spread["quantiles"][f"{share:g}"] == least
    spans = spread["histogram"]
    assert [span["rows"] for span in spans] == [sum(span["from"] <= n <= span["to"] for n in flat) for span in spans]
    assert [n for span in spans for n in range(span["from"], span["to"] + 1)] == list(range(flat[0], flat[-1] + 1))


class Worker:
    def is_alive(self) -> bool:
        return False


class Widowed(Endless):
    """As the iterator of a DataLoader, one of whose processes was killed."""

    _workers = (Worker(),)


def test_a_loader_whose_worker_has_died_is_given_up() -> None:
    found = packviz.check_loader(Widowed(), ask=False)
    assert found.troubles == (
        "batch 0: the loader raises ConnectionError: no answer: one of its workers has died, and it is given up here.",
    )


def test_what_goes_with_every_batch_takes_the_place_of_what_one_brings() -> None:
    x, lengths = padded([Words()[0], Words()[1]])
    own, given = (torch.full(x.shape[:2], value) for value in (1, 2))
    call = Call(True, False)
    for beside, wanted in ((None, own), ({"labels": given}, given)):
        read = _Reading(call, None, beside, None)._batch(((x, lengths), own), "batch 0")
        [labels] = read.beside
        assert labels.name == "labels"
        assert np.array_equal(labels.array, wanted.numpy())


def test_a_loader_that_can_not_begin_says_why_in_its_own_words() -> None:
    class Loader:
        def __iter__(self) -> Any:
            raise TypeError("cannot pickle '_thread.lock' object")

    with pytest.raises(TypeError, match=r"cannot pickle '_thread\.lock' object"):
        packviz.check_loader(Loader())


def test_what_is_iterated_by_number_is_a_loader_too() -> None:
    class Numbered:
        def __getitem__(self, number: int) -> Any:
            if number == 2:
                raise IndexError
            return np.ones((2, 3), np.float32), [3, 3]

    assert packviz.check_loader(Numbered(), batch_first=True).batches == 2  # type: ignore[arg-type]
