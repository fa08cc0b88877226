"""Text as people paste it to Batch: JSON, cells of a table, or whatever `script` reads; nothing in it is ever run."""

from __future__ import annotations

import re

from packviz.core.batch import Batch, BatchError, Call
from packviz.core.cancel import UNWATCHED, Watch
from packviz.core.errors import only_batch_errors
from packviz.core.patience import timed
from packviz.files.arrays import Values
from packviz.files.formats.json_file import parse_json
from packviz.files.formats.table import parse_table
from packviz.files.loaded import Wanted
from packviz.files.paste.found import Found
from packviz.files.paste.literals import rows_alone
from packviz.files.paste.script import Script
from packviz.files.paste.tracebacks import without_tracebacks
from packviz.files.several import Several, chosen
from packviz.files.stream import Stream

PASTE = "paste"
"""The source of what was pasted."""

LARGEST = 64 * 1024 * 1024
_LISTED = re.compile(r"\[\s*\{")
_DATA = re.compile(r"[\[({=]")


def parse_paste(
    text: str,
    call: Call | None = None,
    options_given: frozenset[str] = frozenset(),
    *,
    watch: Watch = UNWATCHED,
) -> Batch:
    """The Batch that a text holds. Options that its calls say win over `call`, except those in `options_given`.

    Of several prints of x and lengths the last. Raises SeveralBatches where it holds a list of batches, BatchError,
    one sentence with the number of the line, and Cancelled when `watch` says so.
    """
    watch = timed(watch, "reading this text")
    with only_batch_errors():
        find, place = chosen(parse_text(text, watch), None, PASTE)
        return Wanted(call or Call(), options_given).settled(find(), place)


def sniff(head: bytes) -> bool:
    return b"\0" not in head or head[:2] in (b"\xff\xfe", b"\xfe\xff")


def read(stream: Stream) -> Found | Several:
    if stream.size > LARGEST:
        raise BatchError(_too_large(stream.size))
    return parse_text(stream.read_text(), stream.watch)


def parse_text(text: str, watch: Watch = UNWATCHED) -> Found | Several:
    """x, lengths and options in a text, or those of several batches: JSON, Python or a table, whichever it is."""
    if len(text) > LARGEST:
        raise BatchError(_too_large(len(text)))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\0", " ")
    start = text.lstrip()
    if not start:
        raise BatchError("There is no text to read: copy a printed tensor, a nested list or cells of a table first.")
    if start[0] == "{" or _LISTED.match(start):
        try:
            return parse_json(text, watch)
        except BatchError:
            pass  # a printed dict is no JSON
    if not _DATA.search(text):
        return _table(text, watch)
    rows = rows_alone(start, watch)
    if rows is not None:
        return Found(rows)
    text, told = without_tracebacks(text)
    if told and not text.strip():
        raise BatchError("The text holds an error message and no batch: packviz explain says what it means.")
    script = Script(watch)
    script.take(text)
    return script.read()


def _too_large(size: int) -> str:
    return f"The text has {size / 2**20:.0f} MiB, more than the {LARGEST >> 20} that are read: save x as .npy or .pt."


def _table(text: str, watch: Watch) -> Found:
    if not re.search(r"\d", text):
        shown = " ".join(text.lstrip()[:400].split())[:40]
        raise BatchError(f"line 1: {shown!r} is no batch: paste a nested list, a printed tensor or cells of a table.")
    found = parse_table(text, watch)
    x = found.x
    if isinstance(x, Values) and x.array.size < 2:
        raise BatchError("The text holds one number, but a batch needs rows of steps: [[1, 2, 3], [4, 5, 0]].")
    return found
