"""What is raised where a PackedSequence, or a pair that is returned, is taken apart into another number of names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message, num

PACKS = ("pack_padded_sequence", "pack_sequence")
FIELDS = 4
_TARGETS = re.compile(r"^(?:for )?[(\[]?(?P<targets>[\w.]{1,60}(?: ?, ?\*?[\w.]{1,60}){0,8}),?[)\]]? ?(?:=|in )")
_NAMED_PACKED = re.compile(r"(?:=|in) ?\(?(?:[\w.]{1,60}\.)?(?:packed\w{0,40}|\w{1,40}_packed|pack)\)? ?:?$")
_CALL = re.compile(r"(?:=|\bin) ?(?:\w{1,60}\.){0,8}(?P<name>\w{1,60}) ?\(.*\) ?:?$")
"""What is called outermost: its result is what is taken apart."""
_MODULE = re.compile(r"\w{0,40}(?:lstm|gru|rnn|encoder|decoder)\w{0,20}", re.IGNORECASE)


@message(
    "values to unpack (expected",
    rf"(?P<how>too many|not enough) values to unpack \(expected {num('want')}(?:, got {num('got')})?\)",
    "ValueError: too many values to unpack (expected 2)",
)
def _values(said: Said) -> Iterable[Suspect]:
    """Something is taken apart into more or fewer names than it has parts."""
    want, line = said.n("want"), said.line
    if not line or not _TARGETS.match(line):
        return
    call = _CALL.search(line)
    called = "" if call is None else call["name"]
    if called in PACKS or _NAMED_PACKED.search(line):
        if want != FIELDS:
            yield (
                "taken-apart",
                f"`{line}` takes a PackedSequence apart into {want}, but it has {FIELDS} fields: data, batch_sizes, "
                "sorted_indices and unsorted_indices.",
            )
    elif called == "pad_packed_sequence":
        if want != 2:
            yield "taken-apart", f"`{line}`: pad_packed_sequence returns a pair, the padded output and its lengths."
    elif _MODULE.fullmatch(called) and want != 2:
        why = f"`{line}`: a recurrent module returns a pair, output and state; that of an nn.LSTM is itself a pair."
        yield "taken-apart", why
