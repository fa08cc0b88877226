"""Files that hold several batches."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.cases import Case, Truth, ids, last, lengths_of, measured, padded
from tests.corpus.writing import as_json, lines, npz, pt, safetensors


def cases() -> Iterator[Case]:
    lengths = [lengths_of(4, 9 + i, 301 + i) for i in range(3)]
    batches = [padded(ids(n, 301 + i)) for i, n in enumerate(lengths)]
    truths = {str(i): Truth(n, x) for i, (n, x) in enumerate(zip(lengths, batches, strict=True))}
    pairs = list(zip(batches, lengths, strict=True))
    yield Case("epoch_pairs.pt", pt(pairs), truths)
    dicts = [{"tokens": x, "tokens_lengths": n} for x, n in pairs]
    yield Case("epoch_dicts.pt", pt(dicts), truths)
    yield Case("epoch.json", as_json(dicts), truths)
    yield Case("epoch.jsonl", lines(dicts), truths)
    bert = [{"input_ids": x, "attention_mask": (x > 0).astype(int)} for x in batches]
    yield Case("epoch_bert.pt", pt(bert), truths)
    parts = {
        f"{part}_{i}": value for i, pair in enumerate(pairs) for part, value in zip(("x", "lengths"), pair, strict=True)
    }
    yield Case("epoch.npz", npz(**parts), truths)
    named = {name: {"x": x, "lengths": n} for name, (x, n) in zip(("train", "val", "test"), pairs, strict=True)}
    by_name = {name: truths[str(i)] for i, name in enumerate(named)}
    yield Case("splits.pt", pt(named), by_name)
    flat = {f"{name}.{part}": value for name, pair in named.items() for part, value in pair.items()}
    yield Case("splits.safetensors", safetensors(**flat), by_name)
    mel_lengths = [lengths_of(4, 40 + i, 311 + i, least=25) for i in range(2)]
    mels = [padded(measured(n, 20, 311 + i)) for i, n in enumerate(mel_lengths)]
    some = [{"mel": last(x), "mel_lengths": n} for x, n in zip(mels, mel_lengths, strict=True)]
    mel_truths = {str(i): Truth(n, x) for i, (n, x) in enumerate(zip(mel_lengths, mels, strict=True))}
    yield Case("epoch_mels.pt", pt(some), mel_truths, ("time last",))
    yield Case("batches_of_tensors.pt", pt(mels), refused=("x[1]",))
