"""Batches of ids: what tokenizers and data loaders of texts give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.corpus.cases import Case, Truth, ids, lengths_of, padded
from tests.corpus.writing import as_json, npy, npz, printed, pt, safetensors, text


def cases() -> Iterator[Case]:
    yield from _tokenizers()
    yield from _loaders()
    yield from _paddings()
    yield from _ragged()


def _tokenizers() -> Iterator[Case]:
    n = lengths_of(5, 14, 101)
    x = padded(ids(n, 101))
    mask = (np.arange(14) < n[:, None]).astype(np.int64)
    bert = {"input_ids": x, "token_type_ids": np.zeros_like(x), "attention_mask": mask}
    truth = {"": Truth(n, x, padding=0)}
    yield Case("bert.pt", pt(bert), truth, ("attention_mask",))
    yield Case("bert.json", as_json(bert), truth, ("attention_mask",))
    yield Case("bert.safetensors", safetensors(**bert), truth)
    yield Case("bert_printed.txt", printed(bert, "batch"), truth)
    yield Case("bert_printed_bare.txt", printed(bert), truth)
    ones = padded(ids(n, 102), 1)
    roberta = {"input_ids": ones, "attention_mask": mask}
    yield Case("roberta.pt", pt(roberta), {"": Truth(n, ones, padding=1)}, ("padding_value 1",))
    left = padded(ids(n, 103), 50256, left=True)
    flipped = np.ascontiguousarray(mask[:, ::-1])
    yield Case(
        "gpt2_left.pt",
        pt({"input_ids": left, "attention_mask": flipped}),
        {"": Truth(n, left, padding=50256, side="left")},
        broken=("padding-left",),
    )
    labels = np.where(mask == 1, x, -100)
    yield Case("causal_labels.pt", pt({**bert, "labels": labels}), truth)
    seq2seq = {**bert, "labels": labels, "decoder_input_ids": labels.clip(0), "decoder_attention_mask": mask}
    yield Case("seq2seq.pt", pt(seq2seq), truth)
    nested = {"tokens": {"tokens": {"token_ids": x, "mask": mask.astype(bool)}}, "label": np.arange(5)}
    yield Case("allennlp.pt", pt(nested), truth, ("mask",))
    yield Case("wrapped.pt", pt({"inputs": bert, "targets": np.arange(5)}), truth)
    holes = mask.copy()
    holes[0, 1] = 0
    yield Case(
        "mask_with_hole.pt",
        pt({"input_ids": x, "attention_mask": holes}),
        {"": Truth(holes.sum(1), x)},
        broken=("mask-not-right",),
    )


def _loaders() -> Iterator[Case]:
    n = lengths_of(6, 17, 111)
    x = padded(ids(n, 111), 1, left=True)
    target = padded(ids(n, 112), 1)
    batch = {
        "id": np.arange(6),
        "nsentences": 6,
        "ntokens": int(n.sum()),
        "net_input": {"src_tokens": x, "src_lengths": n, "prev_output_tokens": target},
        "target": target,
    }
    yield Case(
        "fairseq.pt",
        pt(batch),
        {"": Truth(n, x, padding=1, side="left")},
        ("src_lengths",),
        broken=("padding-left",),
    )
    text_ = padded(ids(n, 113))
    yield Case("torchtext.pt", pt((np.ascontiguousarray(text_.T), n)), {"": Truth(n, text_)})
    yield Case("opennmt.npz", npz(src=text_, src_lengths=n, tgt=target), {"": Truth(n, text_)}, ("src_lengths",))
    speech, m = padded(ids(n * 3, 114)), n * 3
    espnet = {"speech": speech, "speech_lengths": m, "text": text_, "text_lengths": n}
    yield Case("espnet.pt", pt(espnet), {"": Truth(m, speech)}, ("speech_lengths",), asks=("--x", "speech"))
    yield Case("espnet_text.npz", npz(**espnet), {"": Truth(n, text_)}, ("text_lengths",), asks=("--x", "text"))
    yield Case("singular.pt", pt({"tokens": text_, "tokens_length": n}), {"": Truth(n, text_)}, ("tokens_length",))
    yield Case("seq_lens.npz", npz(seq=text_, seq_lens=n), {"": Truth(n, text_)})
    yield Case("unsorted_column.pt", pt((text_, n[:, None])), {"": Truth(n, text_)}, broken=("lengths-shape",))
    less = n - 1
    yield Case(
        "lengths_one_short.npz", npz(x=text_, lengths=less), {"": Truth(less, text_)}, broken=("lengths-one-cause",)
    )


def _paddings() -> Iterator[Case]:
    n = lengths_of(7, 18, 121)
    for value in (1, -100, 50256, -1):
        x = padded(ids(n, 121), value)
        truth = {"": Truth(n, x, padding=value)}
        yield Case(f"ids_padded_{value}.npz", npz(x=x), truth, (f"padding_value {value}",))
    x = padded(ids(n, 122), 1)
    yield Case("ids_padded_1_lengths.pt", pt((x, n)), {"": Truth(n, x, padding=1)}, ("padding_value 1",))
    yield Case("ids_padded_1_printed.txt", printed(x, "x"), {"": Truth(n, x, padding=1)}, ("padding_value 1",))
    yield Case("ids_zero.npy", npy(padded(ids(n, 123))), {"": Truth(n, padded(ids(n, 123)), padding=0)})
    full = padded(ids(np.full(7, 18), 124))
    yield Case("ids_no_padding.npy", npy(full), {"": Truth([18] * 7, full)}, open=True)
    left = padded(ids(n, 125), left=True)
    yield Case("ids_left_alone.npz", npz(input_ids=left), {"": Truth(n, left, side="left")}, broken=("padding-left",))
    one = padded(ids(n, 126), 2)
    one[3] = 2
    m = n.copy()
    m[3] = 1
    yield Case("ids_row_of_one_id.npz", npz(x=one), {"": Truth(m, one, padding=2)}, ("padding_value 2",))


def _ragged() -> Iterator[Case]:
    n = lengths_of(5, 12, 131)
    rows = ids(n, 131)
    truth = {"": Truth(n, rows=rows)}
    yield Case("list_of_tensors.pt", pt(rows), truth)
    yield Case(
        "tokenizer_unpadded.json", as_json({"input_ids": rows, "attention_mask": [r * 0 + 1 for r in rows]}), truth
    )
    examples = [{"input_ids": row, "attention_mask": row * 0 + 1} for row in rows]
    yield Case("uncollated.json", as_json(examples), truth, ("5 examples",))
    yield Case("uncollated.pt", pt(examples), truth, ("5 examples",))
    pairs = [(row, int(i)) for i, row in enumerate(rows)]
    yield Case("dataset_pairs.pt", pt(pairs), truth, ("5 examples",))
    yield Case("ragged.txt", text(f"{[row.tolist() for row in rows]}"), truth)
    mels = [np.random.default_rng(i).standard_normal((20, int(k))).astype(np.float32) for i, k in enumerate(n)]
    turned = {"": Truth(n, rows=[mel.T for mel in mels])}
    yield Case("mel_list.pt", pt(mels), turned, ("time last",))
