"""Tracebacks of Python, IPython and pytest are cut out of a text, and nothing else is."""

import time
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packviz.files.paste import tracebacks
from packviz.files.paste.tracebacks import by_lines, by_marks, without_tracebacks

ERROR = "RuntimeError: start (10) + length (1) exceeds dimension size (10)."
PYTHON = f"""Traceback (most recent call last):
  File "train.py", line 12, in <module>
    packed = pack_padded_sequence(emb(x), lengths, batch_first=True, total_length=7)
  File "/v/lib/python3.11/site-packages/torch/nn/utils/rnn.py", line 90, in pack_sequence
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=False)
           ^^^^^^^^^^^^^^^^^^^^
{ERROR}"""
IPYTHON = f"""RuntimeError                              Traceback (most recent call last)
Cell In[3], line 1
----> 1 pack_padded_sequence(x, lengths, batch_first=True)

File ~/v/lib/python3.11/site-packages/torch/nn/utils/rnn.py:338, in pack_padded_sequence(input, lengths)
    334     batch_dim = 0 if batch_first else 1
--> 337 data, batch_sizes = _VF._pack_padded_sequence(input, lengths, batch_first)

{ERROR}"""
CHAIN = f"""{PYTHON}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "train.py", line 14, in <module>
    raise Broken("it is broken")
mine.Broken: it is broken
in two lines"""
DATA = "tensor([[1, 2, 3],\n        [4, 5, 0]])"


@pytest.mark.parametrize("told", [PYTHON, IPYTHON, CHAIN, ERROR, f"E   {ERROR}", f"torch.OddError: {ERROR}"])
@pytest.mark.parametrize("shape", ["{d}\n{t}", "{t}\n{d}", ">>> x\n{d}\n>>> f(x)\n{t}\n>>> lengths\n[3, 2]", "{t}"])
def test_a_message_is_cut_out_and_the_data_stays_in_its_lines(told: str, shape: str) -> None:
    text = shape.format(d=DATA, t=told)
    rest, cut = without_tracebacks(text)
    assert cut.replace("\n", "") == told.replace("\n", "")
    kept = [line for line in rest.split("\n") if line and "batch_first = True" not in line]
    assert kept == [line for line in text.split("\n") if line and line not in told.split("\n")]
    assert rest.count("\n") == text.count("\n")


def test_the_options_of_the_call_are_left_behind_but_not_those_of_torchs_own() -> None:
    rest, _ = without_tracebacks(PYTHON)
    assert rest.split("\n") == ["", "", "batch_first = True; total_length = 7", "", "", "", ""]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = [[1, 2], [3, 0]]",
        DATA,
        ">>> raise_on = [1]\n>>> errors = [[1, 2]]",
        "name,error\n1,2\n3,4",
        "x = tensor([[1]])  # no Error here",
        "x = 1\n" * 500,
    ],
)
def test_a_text_without_a_message_stays_as_it_is(text: str) -> None:
    assert without_tracebacks(text) == (text, "")


def test_a_message_without_a_name_is_cut_out_of_a_short_text() -> None:
    message = "Expected hidden size (1, 3, 6), got [1, 2, 6]"
    assert without_tracebacks(f"{DATA}\n{message}") == (f"{DATA}\n", message)


def test_a_traceback_that_was_cut_off_ends_where_data_begins() -> None:
    rest, _ = without_tracebacks(f"{PYTHON.rsplit(chr(10), 1)[0]}\n{DATA}")
    assert rest.strip().endswith(DATA)


def test_what_python_prints_of_a_chain_is_cut_out_as_a_whole() -> None:
    try:
        try:
            {}["x"]
        except KeyError as error:
            raise RuntimeError("first line\nsecond line") from error
    except RuntimeError as error:
        printed = "".join(traceback.format_exception(error))
    assert without_tracebacks(f"{DATA}\n{printed}{DATA}")[0].split() == [*DATA.split(), *DATA.split()]


@given(st.text(alphabet=st.sampled_from("\n E:T>[]1aError"), max_size=300))
def test_every_line_stays_in_its_place(text: str) -> None:
    rest, _ = without_tracebacks(text + "\nValueError: x\n" + text)
    assert rest.count("\n") == 2 * text.count("\n") + 2


@pytest.mark.parametrize(
    "unit",
    ["Error: \n", "Traceback (most recent call last)\n", "RuntimeError\n", "  File x\n", " Error" * 300 + "\n", "E "],
)
def test_a_hostile_text_of_megabytes_is_read_at_once(unit: str) -> None:
    text = unit * (4_000_000 // len(unit))
    start = time.thread_time()
    without_tracebacks(text + "Error")
    assert time.thread_time() - start < 8


PARTS = st.sampled_from(
    [
        *(
            PYTHON,
            DATA,
            "ValueError: x",
            "Error",
            "RuntimeError",
            "  File x.py, line 3",
            "KeyboardInterrupt\n\n",
            "> x",
        ),
        *(
            "During handling of the above exception, another one",
            "an Error: no",
            "E   IndexError: y",
            "name",
            ">>> f()",
        ),
        *(" Error" * 400, "x = [1]", "", "Traceback (most recent call last)", "E", "ExceptionGroup: 2", "Group  "),
    ]
)


@given(st.lists(PARTS, max_size=30), st.sampled_from([1, 20, 2048]))
def test_of_a_long_text_only_the_lines_where_something_may_begin_are_looked_at(parts: list[str], window: int) -> None:
    text = "\n".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracebacks, "WINDOW", window)
        assert by_marks(text) == by_lines(text, short=False)
