"""Pasted text; torch is asked what it printed."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from packviz.core.batch import BatchError, Call
from packviz.core.cancel import Cancelled, Watch
from packviz.core.carrier import Packed, Padded, Sequences
from packviz.files.paste.paste import LARGEST, parse_paste

X = [[1.0, 2.0, 0.0], [3.0, 0.0, 0.0]]
LENGTHS = [2, 1]
DTYPES = [
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64),
    *(torch.int32, torch.int8, torch.uint8, torch.bool, torch.complex64),
]


@st.composite
def tensors(draw):
    shape = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    dtype = draw(st.sampled_from(DTYPES))
    torch.manual_seed(draw(st.integers(0, 2**31)))
    x = torch.randint(-100, 100, shape).to(dtype) if draw(st.booleans()) else (torch.randn(shape) * 9).to(dtype)
    if dtype.is_floating_point and draw(st.booleans()):
        odd = torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0], dtype=dtype)
        x.view(-1)[:4] = odd[: x.numel()]
    return x


def printed(obj: object) -> str:
    """As torch prints it in full, with all the digits that it needs: it counts those after the point."""
    torch.set_printoptions(profile="full", precision=40)
    try:
        return repr(obj)
    finally:
        torch.set_printoptions(profile="default")


def same(batch, x: torch.Tensor) -> bool:
    held = torch.from_numpy(batch.x.copy()).to(x.dtype)
    return batch.dtype == str(x.dtype).removeprefix("torch.") and torch.equal(
        torch.view_as_real(held)
        if held.is_complex()
        else held.nan_to_num(12345.0)
        if held.is_floating_point()
        else held,
        torch.view_as_real(x) if x.is_complex() else x.nan_to_num(12345.0) if x.is_floating_point() else x,
    )


@given(tensors(), st.sampled_from(["{}", "x = {}", ">>> x\n{}\n", "In [1]: x\nOut[1]: \n{}", "{{'x': {}}}", "x: {}"]))
@example(torch.tensor([[8.5, 0.0276993848383426666259765625]], dtype=torch.float64), "{}")
def test_a_printed_tensor_comes_back_exactly(x, around):
    assert same(parse_paste(around.format(printed(x))), x)


@given(tensors())
def test_a_printed_array_comes_back_exactly(x):
    array = x.float().numpy() if x.dtype is torch.bfloat16 else x.numpy()
    with np.printoptions(threshold=10**9, floatmode="unique"):
        batch = parse_paste(repr(array))
    np.testing.assert_array_equal(batch.x, array)
    assert batch.x.dtype == array.dtype


@given(st.lists(st.integers(1, 6), min_size=1, max_size=6), st.sampled_from(DTYPES[:-1]))
def test_a_printed_packed_sequence_comes_back(lengths, dtype):
    x = torch.ones(len(lengths), max(lengths), 2, dtype=dtype)
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    batch = parse_paste(printed(packed))
    assert same(batch, pad_packed_sequence(packed, batch_first=True)[0])
    assert batch.lengths.tolist() == lengths
    assert isinstance(batch.carrier, Packed)


def test_what_autograd_and_devices_add_to_a_print_is_passed_over():
    x = torch.tensor(X, requires_grad=True)
    assert parse_paste(repr(x)).x.tolist() == X
    assert parse_paste(repr(x * 1)).x.tolist() == X
    text = f"tensor({X}, device='cuda:0', dtype=torch.float64, grad_fn=<AddmmBackward0 object at 0x7f>)"
    assert parse_paste(text).dtype == "float64"
    assert parse_paste("tensor([], size=(0, 3))").x.shape == (0, 3)


DUMPS = {
    "two values": f"{X}\n{LENGTHS}",
    "two prints": f"tensor({X})\n\ntensor({LENGTHS})",
    "a tuple": f"(tensor({X}),\n tensor({LENGTHS}))",
    "python": f">>> x\ntensor([[1., 2., 0.],\n        [3., 0., 0.]])\n>>> lengths\n{LENGTHS}\n",
    "ipython": f"In [3]: x\nOut[3]:\ntensor({X})\n\nIn [4]: lengths\nOut[4]: tensor({LENGTHS})",
    "pdb": f"(Pdb) x\ntensor({X})\n(Pdb) p lengths\n{LENGTHS}",
    "continued": ">>> x = torch.tensor([[1., 2., 0.],\n...                   [3., 0., 0.]])\n>>> lengths = [2, 1]",
    "assignments": f"import torch  # (B, T\nx = torch.tensor({X})\nlengths = torch.tensor({LENGTHS})\nprint(x[0])",
    "other names": f"inputs = {X}\nseq_lens = {LENGTHS}\nseq_len = 3",
    "tuple": f"x, lengths = torch.tensor({X}), {LENGTHS}",
    "dict": f"{{'x': tensor({X}), 'lengths': {LENGTHS}}}",
    "json": f'{{"x": {X}, "lengths": {LENGTHS}}}',
    "labelled": f"x: {X}\nlengths: {LENGTHS}",
    "a function": f"def f(self):\n    x = torch.tensor({X})\n    lengths = {LENGTHS}\n    a = [i, n]\n    if a:",
    "a nested pair": f"[{X}, {LENGTHS}]",
    "numpy str": "[[1. 2. 0.]\n [3. 0. 0.]]\n[2 1]",
    "windows": f"x = {X}\r\nlengths = {LENGTHS}\r\n",
}


@pytest.mark.parametrize("kind", DUMPS)
def test_x_and_lengths_are_found_however_they_are_written(kind):
    batch = parse_paste(DUMPS[kind])
    assert (batch.x.tolist(), batch.dtype, batch.source.shown) == (X, "float32", "paste")
    assert (batch.lengths.tolist(), batch.given.origin) == (LENGTHS, "given")
    assert batch.call == Call()


CALLS = {
    "pack_padded_sequence(x, lengths)": Call(False, True),
    "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)": Call(True, False),
    "return nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), True)": Call(True, True),
    "out, h = lstm(rnn_utils.pack_padded_sequence(\n    x,\n    lengths,\n    enforce_sorted=False,\n))": Call(
        False, False
    ),
    "pack_padded_sequence(x, lengths, batch_first=self.batch_first)": Call(False, True),
    "p = pack_padded_sequence(input=x, lengths=lengths)\nx, lengths = pad_packed_sequence(p, True, -1, 7)": Call(
        False, True, -1, 7
    ),
    "y = pad_packed_sequence(packed, total_length=4)": Call(False, True, 0, 4),
}


@pytest.mark.parametrize("code", CALLS)
def test_the_options_of_a_call_in_the_text_win_over_the_defaults(code):
    batch = parse_paste(f"x = torch.tensor({X})\nlengths = torch.tensor({LENGTHS})\n{code}")
    assert batch.call == CALLS[code]
    assert batch.lengths.tolist() == LENGTHS


SHOWN = Call(True, False, -1)


@pytest.mark.parametrize("kind", DUMPS)
def test_a_text_without_a_call_is_read_with_the_options_of_the_caller(kind):
    assert parse_paste(DUMPS[kind], SHOWN).call == SHOWN


def test_a_call_in_the_text_that_leaves_an_option_out_says_torchs_default_of_it():
    text = f"x = {X}\nlengths = {LENGTHS}\npack_padded_sequence(x, lengths{{}})"
    assert parse_paste(text.format(""), SHOWN).call == Call(False, True, -1)
    assert parse_paste(text.format(", batch_first=True"), SHOWN).call == Call(True, True, -1)
    assert parse_paste(text.format(", batch_first=flag"), SHOWN).call == Call(True, True, -1)


def test_options_that_were_given_win_over_the_call_in_the_text():
    text = f"pack_padded_sequence(torch.tensor({X}), {LENGTHS}, batch_first=True)"
    batch = parse_paste(text, Call(batch_first=False, total_length=9), frozenset({"batch_first"}))
    assert batch.call == Call(False, True, 0, 9)


SEQUENCES = [
    "[[1, 2, 3], [4]]",
    "[1, 2, 3]\n[4]",
    "[tensor([1, 2, 3]), tensor([4])]",
    "seqs = [[1, 2, 3], [4]]",
    "1\t2\t3\n4\t\t\n",
]
PACKED_SEQUENCES = [
    "pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])], enforce_sorted=False)",
    "a = torch.tensor([1, 2, 3])\nb = torch.tensor([4])\npacked = pack_sequence([a, b], False)",
]


@pytest.mark.parametrize("text", [*SEQUENCES, *PACKED_SEQUENCES])
def test_sequences_are_the_input_of_pack_sequence(text):
    batch = parse_paste(text)
    assert (type(batch.carrier), batch.x.tolist(), batch.lengths.tolist()) == (
        Sequences,
        [[1, 2, 3], [4, 0, 0]],
        [3, 1],
    )
    assert batch.call == Call(True, text not in PACKED_SEQUENCES)


@pytest.mark.parametrize("enforce_sorted", [False, True])
@pytest.mark.parametrize("text", SEQUENCES)
def test_sequences_alone_say_nothing_about_sorting(text, enforce_sorted):
    assert parse_paste(text, Call(False, enforce_sorted)).call == Call(True, enforce_sorted)


def test_pack_sequence_without_a_word_on_sorting_has_the_default_of_torch():
    assert parse_paste("pack_sequence([torch.tensor([1, 2]), torch.tensor([3])])").call.enforce_sorted


def test_padded_in_the_text_with_lengths_that_are_counted_there():
    batch = parse_paste(
        "seqs = [torch.tensor([1., 2.]), torch.tensor([3.])]\n"
        "x = pad_sequence(seqs, batch_first=True, padding_value=-1)\n"
        "lengths = torch.tensor([len(s) for s in seqs])\n"
        "pack_padded_sequence(x, lengths, batch_first=True)"
    )
    assert (batch.x.tolist(), batch.lengths.tolist(), type(batch.carrier)) == (
        [[1.0, 2.0], [3.0, -1.0]],
        [2, 1],
        Padded,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no text"),
        (" \n\t", "no text"),
        ("hello world", "line 1: 'hello world'"),
        ("42", "one number"),
        (
            "x = torch.randn(3, 4)\nlengths = [1, 2, 3]",
            r"line 1: x is 'torch.randn\(3, 4\)', which packviz does not run",
        ),
        (f"x = {X}\nlengths = mask.sum(1)", r"line 2: lengths is 'mask.sum\(1\)'"),
        (f"x = {X}\npack_padded_sequence(x, mask.sum(1))", r"line 2: lengths is 'mask.sum\(1\)'"),
        ("import x\nx = [[1, 2],\n     [3, 'a']]", "text"),
        ("1\t2\n3\ty", "line 2, column 2: 'y'"),
        ("\n\nx = torch.tensor([[1, 2]", "line 3: a .* never closed"),
        ("tensor([[1, 2, ..., 9]])", r"line 1: .*set_printoptions\(profile=\"full\"\).*torch\.save"),
        ("a\n[[1], [2],\n [tensor([1]), ...]]", "summarised"),
        ("[[" + "9" * 5000 + "]]", "line 1: .*thousands of digits"),
        ("[[99999999999999999999]]", "67 bits"),
        ("[" * 100_000, "never closed"),
        ("[" * 100 + "1" + "]" * 100, "deep"),
        ("f" + "(" * 100 + ")" * 100, "deep"),
        ("-" * 100_000 + "[[1]]", "can't be read"),
        ("x" + ".x" * 50_000 + "(1)", "can't be read"),
        ("x = " + "1+" * 50_000 + "(1)", "x is|can't be read"),
        (f"{X}\n{X}\n{X}", "3 values"),
        ("\0(\0", "never closed"),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_batch_is_refused_in_one_sentence_with_its_line(text, said):
    with pytest.raises(BatchError, match=said) as raised:
        parse_paste(text)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 400


def test_a_summarised_print_of_torch_itself_is_refused():
    for text in (repr(torch.rand(50, 50)), repr(np.ones((50, 50))), str(np.ones((50, 50)))):
        with pytest.raises(BatchError, match=r"line \d+: the print is summarised"):
            parse_paste(text)


def test_nothing_is_run(tmp_path):
    trap = Path(tmp_path / "sprung")
    text = f"x = [[1, 2]]\nlengths = [2]\nopen({str(trap)!r}, 'w')\n__import__('os').mkdir({str(trap)!r})"
    assert parse_paste(text).x.tolist() == [[1, 2]]
    assert not trap.exists()


WORDS = st.sampled_from(
    [
        *("[", "]", "(", ")", "{", "}", ",", "\n", " ", "1", "-2.", "nan", "x", "lengths", "=", "tensor", "array"),
        *("torch.", "dtype=", "torch.float16", "...", "'", '"', "#", ">>> ", "pack_padded_sequence", "pack_sequence"),
        *("[[1,2],[3,4]]", "PackedSequence(data=", "batch_sizes=", "size=(0,", "None", "True", ":", ".long()"),
        *("pad_sequence", "\\", "\t", "Out[1]: ", "{'x':", "1e999", "9" * 20, "[len(s) for s in x]", "batch_first="),
    ]
)


@given(st.lists(WORDS, max_size=25).map("".join))
@example("x=tensor([[1,2],[3,4]],dtype=torch.float16)\npack_padded_sequence(x,[1,2],batch_first=[1,2])")
@example("pad_sequence(1)")
@example("pad_sequence([])")
@example("PackedSequence(data=[1,2],batch_sizes=[1,2])")
@example("tensor([],size=(0,1e999))")
@example("{}")
def test_texts_made_of_what_the_grammar_knows_raise_nothing_but_batch_error(text):
    with suppress(BatchError):
        parse_paste(text)


@given(st.text())
def test_any_text_raises_nothing_but_batch_error(text):
    with suppress(BatchError):
        parse_paste(text)


def test_a_text_that_is_too_large_is_refused_with_the_way_out():
    with pytest.raises(BatchError, match=r"more than the 64 .*\.npy or \.pt"):
        parse_paste("[" + " " * LARGEST)
    with pytest.raises(BatchError, match=r"torch\.save"):
        parse_paste("f(a)\n" * 500_000)


def test_a_long_paste_can_be_cancelled():
    with pytest.raises(Cancelled):
        parse_paste(f"x = {X}", watch=Watch(cancelled=lambda: True))


def test_printed_lengths_say_on_which_device_they_are():
    batch = parse_paste("x = torch.ones(2)\nx = tensor([[1, 2], [3, 0]])\nlengths = tensor([2, 1], device='cuda:0')")
    assert (batch.given.device, batch.lengths.tolist()) == ("cuda:0", [2, 1])
    moved = parse_paste("x = tensor([[1, 2], [3, 0]])\nlengths = torch.tensor([[2], [1]]).cuda()")
    assert (moved.given.device, moved.given.array.tolist()) == ("cuda:0", [[2], [1]])


def test_lengths_written_as_a_list_are_a_list_and_in_a_tensor_they_are_not():
    listed = parse_paste("x = [[1, 2], [3, 0]]\nlengths = [2, nan]")
    assert listed.given.listed
    assert parse_paste("x = [[1, 2], [3, 0]]\nlengths = tensor([2, nan])").given.is_vector


def test_one_sequence_is_a_batch_for_the_checks_to_speak_of():
    assert parse_paste("[1, 2, 3]").x.shape == (3,)
