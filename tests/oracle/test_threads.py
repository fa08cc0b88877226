"""The public threads that people opened about packing, each rebuilt from its facts: the cause is named, and the row."""

import io

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence, pad_sequence

import packviz


def found(report, code):
    finding = next((f for f in report.findings if f.code == code), None)
    assert finding is not None, [f.code for f in report.findings]
    return finding


def ragged(lengths, features=(4,)):
    """Noise of these lengths, padded with zeros: (B, T, *)."""
    noise = torch.Generator().manual_seed(0)
    return pad_sequence([torch.rand(n, *features, generator=noise) + 0.5 for n in lengths], batch_first=True)


def words_of(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever torch raises
        call()
    return str(caught.value)


def test_pytorch_43227_lengths_on_the_gpu():
    x, lengths = ragged([5, 3, 2]), torch.tensor([5, 3, 2])
    elsewhere = lengths.to("meta")  # every machine has this device, and torch refuses it in the same words
    report = packviz.check(x, elsewhere, batch_first=True)
    finding = found(report, "lengths-device")
    assert finding.severity == "error"
    assert ".cpu()" in finding.fix
    assert words_of(lambda: pack_padded_sequence(x, elsewhere, batch_first=True)) in finding.torch
    said = packviz.explain(
        "RuntimeError: 'lengths' argument should be a 1D CPU int64 tensor, but got 1D cuda:0 Long tensor"
    )
    assert said.causes[0].code == "lengths-device"


def test_ray_21392_and_rl_3711_the_state_at_the_last_step_instead_of_the_last_valid_one():
    x, lengths = ragged([2, 5]), [2, 5]
    finding = found(packviz.check(x, lengths, batch_first=True, enforce_sorted=False), "last-output")
    assert finding.rows == (0,)
    assert "lengths - 1" in finding.fix
    probe = packviz.probe(torch.nn.LSTM(4, 3, batch_first=True), x, lengths, batch_first=True, enforce_sorted=False)
    assert probe.ok, "packed, no state reads padding"
    unpacked = str(probe).lower()
    assert "unpacked" in unpacked
    assert "row 0" in unpacked.replace("rows", "row")


def test_pytorch_3662_the_final_states_of_two_directions():
    module = torch.nn.LSTM(4, 3, bidirectional=True, batch_first=True)
    x, lengths = ragged([4, 2]), [4, 2]
    finding = found(packviz.check(x, lengths, batch_first=True, module=module), "backward-final")
    assert finding.severity == "note"
    names = {"torch": torch}
    with torch.no_grad():
        out, (h_n, _) = module(pack_padded_sequence(x, lengths, batch_first=True))
    padded, _ = pad_packed_sequence(out, batch_first=True)
    names |= {"h_n": h_n, "out": padded, "lengths": torch.tensor(lengths)}
    exec(finding.fix, names)  # the Python that is offered
    made = next(v for k, v in names.items() if isinstance(v, torch.Tensor) and v.shape == (2, 6) and k != "out")
    assert torch.equal(made, torch.cat([padded[torch.arange(2), torch.tensor(lengths) - 1, :3], padded[:, 0, 3:]], 1))


def test_pytorch_8026_lengths_that_are_not_sorted():
    x, lengths = ragged([2, 4, 3]), [2, 4, 3]
    finding = found(packviz.check(x, lengths, batch_first=True), "lengths-unsorted")
    assert finding.rows == (1,)
    assert finding.edit.enforce_sorted is False
    assert words_of(lambda: pack_padded_sequence(x, lengths, batch_first=True)) in finding.torch


def test_mead_677_rows_sorted_and_lengths_not():
    x = ragged([4, 3, 2])  # sorted by hand, but its lengths are in the order of the batch
    for enforce_sorted in (False, True):  # and True, of which torch says something, is not what is wrong
        report = packviz.check(x, [2, 4, 3], batch_first=True, enforce_sorted=enforce_sorted)
        finding = found(report, "lengths-one-cause")
        assert finding.rows == (0, 1, 2)
        assert finding.title == "The lengths are those of the rows in another order"
        assert finding.severity == ("error" if enforce_sorted else "silent")
        assert finding.edit.lengths == (4, 3, 2)
        assert [f.code for f in report.findings if f.severity != "note"] == ["lengths-one-cause"]


def test_mead_677_outputs_put_back_by_the_wrong_indices():
    packed = pack_padded_sequence(ragged([2, 4, 3]), [2, 4, 3], batch_first=True, enforce_sorted=False)
    wrong = PackedSequence(packed.data, packed.batch_sizes, packed.sorted_indices, packed.sorted_indices)
    assert packed.sorted_indices.tolist() != packed.unsorted_indices.tolist()
    assert found(packviz.check(wrong), "packed-inconsistent").severity == "silent"


def test_pytorch_11514_a_word_without_characters():
    x, lengths = ragged([3, 1, 2]), [3, 0, 2]
    finding = found(packviz.check(x, lengths, batch_first=True, enforce_sorted=False), "length-not-positive")
    assert finding.rows == (1,)
    words = words_of(lambda: pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    assert words in finding.torch
    assert packviz.explain(words, x, lengths, batch_first=True, enforce_sorted=False).causes[0].rows == (1,)


def test_pytorch_144207_lengths_below_the_steps_of_x_cut_it_silently():
    x, lengths = torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(0)), [4, 2, 3]
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False)
    finding = found(report, "length-cuts-data")
    assert finding.severity == "silent"
    assert finding.rows == (0, 1, 2)
    assert finding.cell_count == 1 + 3 + 2
    assert "4 steps" in found(report, "time-shrinks").title


def test_pytorch_65890_fewer_steps_come_back():
    x = torch.nn.functional.pad(ragged([3, 2]), (0, 0, 0, 4))
    finding = found(packviz.check(x, [3, 2], batch_first=True), "time-shrinks")
    assert finding.severity == "note"
    assert finding.edit.total_length == 7


def test_drugembedding_8_a_length_beyond_the_end_of_x():
    x, lengths = ragged([171, 100, 90]), [171, 172, 90]
    report = packviz.check(x, lengths, batch_first=True, enforce_sorted=False)
    finding = found(report, "length-exceeds-time")
    assert finding.rows == (1,)
    assert "lengths[1] is 172" in finding.detail
    assert "exceeds dimension size" in finding.torch
    cause = packviz.explain(report.verdict.run.text, x, lengths, batch_first=True, enforce_sorted=False).causes[0]
    assert cause.code == "length-exceeds-time"
    assert cause.rows == (1,)


@pytest.mark.parametrize("lengths", [[10, 10, 10, 10, 10, 10, 10, 3, 2, 1], [6, 5, 4]])
def test_pytorch_1203_and_36448_batch_sizes_read_as_lengths(lengths):
    x = ragged(lengths)
    report = packviz.check(x, lengths, batch_first=True)
    assert report.ok
    assert report.packing.batch_sizes.tolist() == [sum(n > t for n in lengths) for t in range(max(lengths))]
    sizes = report.packing.batch_sizes
    mistaken = packviz.check(x, sizes, batch_first=True)  # and taken for lengths, they are found out
    assert (not mistaken.ok and mistaken.findings[0].rows) or mistaken.findings[0].code in (
        "lengths-count",
        "layout-swapped",
    )


def test_pytorch_78131_a_packed_sequence_made_by_hand():
    report = packviz.check(PackedSequence(torch.rand(5, 3), torch.tensor([2, 3])))
    finding = found(report, "packed-inconsistent")
    assert "batch_sizes" in finding.detail
    assert finding.severity in ("error", "silent")
    assert found(packviz.check(PackedSequence(torch.rand(1, 1), torch.tensor([], dtype=torch.int64))), finding.code)


def test_pytorch_nlp_51_an_initial_state_for_another_batch_size():
    x, lengths = ragged([4, 3, 2]), [4, 3, 2]
    module, h_0 = torch.nn.GRU(4, 6, batch_first=True), torch.zeros(1, 2, 6)
    finding = found(packviz.check(x, lengths, batch_first=True, module=module, hx=h_0), "hidden-shape")
    assert "(1, 3, 6)" in finding.detail
    assert "(1, 2, 6)" in finding.detail
    words = words_of(lambda: module(pack_padded_sequence(x, lengths, batch_first=True), h_0))
    assert words in finding.torch
    assert packviz.explain(words).causes[0].code == "hidden-shape"


def test_pytorch_1176_and_146744_batch_first_forgotten():
    x, lengths = torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(0)), [4, 2, 3]
    finding = found(packviz.check(x, lengths, enforce_sorted=False), "layout-swapped")
    assert finding.severity == "error"
    assert finding.edit.batch_first is True
    ids = pad_sequence(
        [torch.arange(1, n + 1) for n in (5, 3, 2, 4, 1)], batch_first=True
    )  # square, and nothing raises
    swapped = found(packviz.check(ids, [5, 3, 2, 4, 1], enforce_sorted=False), "layout-swapped")
    assert swapped.severity == "silent"
    assert swapped.edit.batch_first is True


def test_ml_agents_5206_padding_at_the_front():
    x = ragged([3, 5, 2]).flip(1)
    finding = found(packviz.check(x, [3, 5, 2], batch_first=True, enforce_sorted=False), "padding-left")
    assert finding.severity == "silent"
    assert finding.rows == (0, 2)
    assert finding.cells == [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)]


def test_element_research_433_zero_is_a_real_token():
    ids = torch.tensor([[3, 0, 7, 0], [5, 2, 0, 0]])
    guessed = packviz.check(ids, batch_first=True)
    assert guessed.batch.lengths.tolist() == [3, 2]
    assert 0 in found(guessed, "lengths-guessed").rows
    assert found(packviz.check(ids, [4, 2], batch_first=True), "padding-inside").rows == (0,)


def test_a_saved_packed_sequence_that_does_not_load():
    file = io.BytesIO()
    torch.save(pack_padded_sequence(ragged([3, 2]), [3, 2], batch_first=True), file)
    file.seek(0)
    words = words_of(lambda: torch.load(file, weights_only=True))
    cause = packviz.explain(words).causes[0]
    assert "safe_globals" in f"{cause.why} {cause.fix}"
