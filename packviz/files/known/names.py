"""The names under which frameworks keep x, its lengths, and what is beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from packviz.core.batch import OPTIONS
from packviz.core.cells.companions import kind_of
from packviz.files.masks import is_mask_name

X_NAMES = (
    *("x", "xs", "inputs", "input", "batch", "padded", "x_padded", "padded_x", "packed", "data", "sequences", "seqs"),
    *("seq", "sequence", "tokens", "input_ids", "token_ids", "ids", "obs", "observations", "observation"),
)
LENGTHS_NAMES = (
    *("lengths", "lens", "length", "len", "seq_lens", "seq_len", "seq_lengths", "seq_length", "sequence_lengths"),
    *("input_lengths", "x_lengths", "x_lens", "sizes", "lengths_x", "input_sizes", "input_percentages", "num_frames"),
)
TIME_LAST = re.compile(
    r"(log_?)?(mels?|mel_?specs?|specs?|specgrams?|spectrograms?|fbanks?|mfccs?|linear|feats)(_db|_padded)?"
    r"|input_features|processed_signal|audio_signal|wavs?|waves?|waveforms?|audios?|sigs?"
)
"""Names of what is kept with time last, (B, F, T), by some frameworks, and (B, T, F) by others."""

_LENGTHS_LIKE = re.compile(r"(^|_)(len|lens|length|lengths)$")
_STEM = re.compile(r"(?P<stem>.+?)_?(?:lens?|lengths?|sizes|percentages?)")
_BESIDE = re.compile(
    r"(.*_)?(labels?|targets?|actions?|rewards?|returns?|positions?|position_ids)|y(_true)?|tgt|trg"
    r"|decoder_.*|prev_output_tokens|token_type_ids|special_tokens_mask|loss_mask|edge_(index|attr)|offset_mapping"
    r"|next_(obs|observations?)"
)


def plain(name: str) -> str:
    """The name as it is compared: in lower case, without underscores before it."""
    return name.lower().lstrip("_")


def usual_x_name(names: Iterable[str]) -> str | None:
    """The one of these names that x usually has, whatever its case; None where there is none."""
    by_lower = {plain(name): name for name in reversed(list(names))}
    return next((by_lower[usual] for usual in X_NAMES if usual in by_lower), None)


def names_beside(names: Iterable[str]) -> Iterator[str]:
    """The names that are none of lengths, of a mask or of an option: one of them may be x."""
    beside = (is_lengths_name, is_mask_name, OPTIONS.__contains__)
    return (name for name in names if not any(known(name) for known in beside))


def likely_names(names: Iterable[str]) -> list[str]:
    """Those of `names_beside` that are not those of labels, positions, actions and the like, or, where there is no
    other, all."""
    there = list(names_beside(names))
    return [name for name in there if not _BESIDE.fullmatch(plain(name)) and kind_of(name) is None] or there


@lru_cache(256)
def is_lengths_name(name: str) -> bool:
    """Whether a value of that name holds lengths."""
    lower = plain(name)
    return lower in LENGTHS_NAMES or _LENGTHS_LIKE.search(lower) is not None


def is_time_last_name(name: str) -> bool:
    """Whether a value of that name may have time last, (B, F, T)."""
    return TIME_LAST.fullmatch(plain(name)) is not None


def paired(dimensions: Mapping[str, int]) -> dict[str, str]:
    """The lengths of each name that has some of its own and may be x: K with K_lengths, K_length, K_lens; or K_tokens,
    K_cont where no name is K.

    `dimensions`: of each value.
    """
    pairs, likely = _pairs(dimensions), set(likely_names(dimensions))
    if any(dimensions[name] >= 2 for name in likely):  # labels have lengths, too
        return {name: lengths for name, lengths in pairs.items() if name in likely}
    return pairs


def _pairs(dimensions: Mapping[str, int]) -> dict[str, str]:
    """The same of every name."""
    pairs: dict[str, str] = {}
    wide = [name for name in names_beside(dimensions) if dimensions[name] >= 2]
    for name in _vectors(dimensions):
        found = _STEM.fullmatch(plain(name))
        stem = None if found is None else found["stem"]
        same = [other for other in wide if stem is not None and plain(other) in (stem, f"{stem}s")]
        begins = [other for other in wide if stem is not None and plain(other).startswith(f"{stem}_")]
        for other in same[:1] or begins:
            pairs.setdefault(other, name)
    return pairs


def lengths_name(dimensions: Mapping[str, int], x: str | None = None) -> str | None:
    """Under which of these names the lengths of x are, or None; one number named seq_len or length is none, and those
    of another name, as y_lengths beside y, are not its."""
    pairs = _pairs(dimensions)
    if x in pairs:
        return pairs[x]
    others = {lengths for name, lengths in pairs.items() if name != x} if x is not None else set()
    names = [name for name in _vectors(dimensions) if name not in others and kind_of(name) is None]
    by_lower = {plain(name): name for name in reversed(names)}
    for usual in LENGTHS_NAMES:
        if usual in by_lower:
            return by_lower[usual]
    return names[0] if len(names) == 1 else None


def _vectors(dimensions: Mapping[str, int]) -> list[str]:
    """The names of lengths; one number named seq_len or length is none."""
    return [name for name in dimensions if is_lengths_name(name) and (name[-1] in "sS" or dimensions[name] > 0)]
