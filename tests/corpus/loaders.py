"""What data loaders give: tuples, masks of all shapes, arrays one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.corpus.cases import Case, Truth, ids, last, lengths_of, measured, padded
from tests.corpus.writing import npz, pt


def cases() -> Iterator[Case]:
    n = lengths_of(5, 50, 401, least=8)
    rows = measured(n, 16, 401)
    x, tokens = padded(rows), padded(ids(n, 402))
    mask = np.arange(50) < n[:, None]
    labels = np.array([0, 1, 1, 0, 2])
    truth, of_ids, of_rows = {"": Truth(n, x)}, {"": Truth(n, tokens)}, {"": Truth(n, rows=rows)}
    yield Case("x_and_mask.pt", pt((x, mask)), truth, ("mask",))
    yield Case("ids_and_mask.pt", pt((tokens, mask.astype(np.int64))), of_ids, ("its mask the second",))
    yield Case("x_labels_lengths.pt", pt((x, labels, n)), truth, ("its lengths are item 2",))
    yield Case("x_lengths_labels.pt", pt((x, n, labels)), truth, ("its lengths are item 1",))
    four = pt((tokens, n, last(x), n))
    yield Case("text_and_mel.pt", four, truth, ("item 2", "time last"), asks=("--x", "2"))
    yield Case("ids_and_targets.pt", pt((tokens, np.roll(tokens, -1, axis=1))), refused=("two tensors of ids",))
    yield Case("mask_column.pt", pt({"x": last(x), "mask": mask[:, None].astype(np.float32)}), truth, ("time last",))
    yield Case("mask_of_attention.pt", pt({"input_ids": tokens, "attention_mask": mask[:, None, None]}), of_ids)
    added = np.where(mask, 0, -1e9).astype(np.float32)[:, None, None]
    yield Case("mask_added.pt", pt({"input_ids": tokens, "attention_mask": added}), of_ids, ("attention_mask",))
    yield Case("mask_at_padding.pt", pt({"x": x, "src_key_padding_mask": ~mask}), truth, ("True at padding",))
    yield Case("mask_by_name.npz", npz(feats=x, feats_pad_mask=~mask), truth, ("feats_pad_mask",))
    square = np.tril(np.ones((1, 50, 50), dtype=bool))
    full = padded(ids(np.full(1, 50), 403))
    yield Case(
        "mask_of_blocks.pt", pt({"input_ids": full, "attention_mask": square}), refused=("(1, 50, 50)", "lengths")
    )
    ctc = {"log_probs": x.swapaxes(0, 1).copy(), "targets": tokens[:, :9], "input_lengths": n, "target_lengths": n // 6}
    yield Case("ctc.pt", pt(ctc), truth, ("input_lengths",))
    flat = np.concatenate(rows)
    ends = np.cumsum(n)
    yield Case("starts_and_ends.npz", npz(data=flat, starts=ends - n, ends=ends), of_rows, ("starts and ends",))
    one = np.concatenate(ids(n, 402))
    yield Case("document_lengths.npz", npz(tokens=one, doc_lens=n), {"": Truth(n, rows=ids(n, 402))}, ("doc_lens",))
    row = {"input_ids": one[None], "labels": one[None], "seq_lens": [n.tolist()]}
    yield Case("row_and_lengths.pt", pt(row), {"": Truth(n, rows=ids(n, 402))}, ("5 documents", "one row"))
    terminals = np.zeros(len(flat), dtype=bool)
    terminals[ends - 1] = True
    flat_marks = {"observations": flat, "actions": flat[:, :2], "terminals": terminals, "timeouts": terminals & False}
    yield Case("offline.npz", npz(**flat_marks), of_rows, ("5 episodes", "terminals"))
    yield Case(
        "episodes.pt", pt([{"observations": row, "actions": row[:, :2]} for row in rows]), of_rows, ("5 examples",)
    )
    both = {"sig": (x[..., 0].copy(), (n / 50).astype(np.float32)), "labels": labels}
    yield Case("data_and_share.pt", pt(both), {"sig": Truth(n, x[..., 0])}, ("relative",))
    window = {"past_target": padded([row[:, 0] for row in rows], left=True), "future_target": x[:, :10, 0]}
    observed = np.ascontiguousarray(mask[:, ::-1]).astype(np.float32)
    yield Case(
        "window.pt",
        pt({**window, "past_observed_mask": observed}),
        {"": Truth(n, window["past_target"], side="left")},
        asks=("--x", "past_target"),
        broken=("padding-left",),
    )
