"""Hostile pastes: what people do paste, cut, doubled, swapped, nested, and filled with what is no number."""

from __future__ import annotations

import random
from collections.abc import Callable

SEEDS = (
    "[[1, 2, 3], [4, 5, 0]]\nlengths = [3, 2]",
    "tensor([[1., 2., 3.],\n        [4., 5., 0.]])",
    "x = torch.tensor([[1, 2], [3, 0]], dtype=torch.long, device='cuda:0')\nlengths = torch.tensor([2, 1])\n"
    "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
    ">>> x\ntensor([[[0.1, nan], [inf, -1e-3]]])\n>>> lengths\ntensor([2])\n>>> x.shape\ntorch.Size([1, 2, 2])",
    '{"x": [[1, 2, 0], [3, 0, 0]], "lengths": [2, 1], "batch_first": true}',
    '{"x": [[1, 2]], "lengths": [2]}\n{"x": [[3, 4]], "lengths": [1]}\n',
    "1,2,3\n4,5,\n6,,\n",
    "length,a,b\n2,1,2\n1,3,\n",
    "a\tb\tc\n1.5\t2.5\t3\n-1\tnan\t\n",
    "1 2 3\n4 5 6\n",
    "PackedSequence(data=tensor([1, 4, 2, 3]), batch_sizes=tensor([2, 1, 1]), sorted_indices=None, unsorted_indices=None)",
    "[tensor([1, 2, 3]), tensor([4, 5])]",
    "array([[1, 2], [3, 4]], dtype=int32)",
    "x = pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], batch_first=True)\nlengths = [len(s) for s in x]",
    "x = torch.zeros(3)\nq = tensor([[1, 2]]).unsqueeze(-1).float().to(torch.float64)",
    'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\nRuntimeError: Length of all samples has to be '
    "greater than 0, but found an element in 'lengths' that is <= 0\n",
    "x = [[1, 2, 3], [4, 5]]\nmask = [[True, True, True], [True, True, False]]",
    "x: [[1+2j, 3-1j]]\nlengths=(2,)",
    "tensor([[1, 2, ..., 3]])",
)
WORDS = (
    *(
        "nan",
        "inf",
        "-",
        "+",
        ".",
        ",",
        ";",
        ":",
        "=",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        '"""',
        "\\",
        "#",
        "\n",
        "\t",
    ),
    *(
        " ",
        "\r\n",
        "\0",
        "\ufeff",
        "\ud800",
        "\u2028",
        "\U0001f600",
        "０",
        "é",
        "True",
        "None",
        "null",
        "...",
        "lambda: 0",
    ),
    *(
        "1e999",
        "1e-999",
        "9" * 25,
        "0x" + "f" * 40,
        "0b1",
        "1_000",
        "1j",
        "+ 1j",
        "-0",
        "00",
        "1.",
        ".5",
        "--1",
        "2**63",
    ),
    *(
        "tensor(",
        "torch.tensor([",
        "array(",
        "PackedSequence(",
        "dtype=",
        "dtype='i4,,'",
        "dtype=torch.bfloat16",
        "size=(",
    ),
    *(
        ".unsqueeze(-1)",
        ".to('meta')",
        ".float()",
        ".tolist()",
        "pack_sequence(",
        "pad_packed_sequence(x, total_length=",
    ),
    *(
        "x",
        "lengths",
        "mask",
        "batch_first=True",
        "for s in",
        "[_packviz_0]",
        '{"\ufffd number list": 0}',
        "sample:",
        "x = x",
    ),
    *(
        "[[",
        "]]",
        "[],",
        "[[]]",
        "()",
        "{}",
        "[,]",
        "1,,2",
        "lengths = -1",
        "lengths = [9223372036854775808]",
        "\x1b[31m",
    ),
)


def paste(random: random.Random) -> str:
    """One hostile text; the same for the same state of `random`."""
    text = random.choice(SEEDS)
    for _ in range(random.randint(1, 4)):
        text = random.choice(CHANGES)(text, random)
    return text[:20_000]


def _cut(text: str, random: random.Random) -> str:
    a, b = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
    return random.choice((text[:a], text[b:], text[a:b], text[:a] + text[b:]))


def _put(text: str, random: random.Random) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(WORDS) * random.choice((1, 1, 1, 2, 3, 40)) + text[at:]


def _replace(text: str, random: random.Random) -> str:
    at = random.randint(0, max(0, len(text) - 1))
    return text[:at] + random.choice(WORDS) + text[at + random.randint(1, 3) :]


def _double(text: str, random: random.Random) -> str:
    a, b = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
    return text[:b] + text[a:b] * random.choice((1, 2, 30)) + text[b:]


def _join(text: str, random: random.Random) -> str:
    return random.choice(("\n", " ", ", ", "\n\n")).join((text, random.choice(SEEDS)))


def _nest(text: str, random: random.Random) -> str:
    depth = random.choice((1, 2, 40, 70, 2000))
    left, right = random.choice(("[]", "()", "{}", ("[1, ", "]"), ("tensor(", ")"), ("-", "")))
    return left * depth + text + right * random.choice((depth, depth, depth - 1, 0))


def _number(text: str, random: random.Random) -> str:
    """Other digits in the place of one."""
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = random.choice(places)
    huge = (
        "9" * random.choice((19, 20, 400, 5000)),
        "0x" + "f" * 5000,
        "1" * 400 + " + 1j",
        "1e400",
        "-0",
        "nan",
        "1.5",
    )
    return text[:at] + random.choice(huge) + text[at + 1 :]


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (_cut, _put, _put, _replace, _double, _join, _nest, _number)
