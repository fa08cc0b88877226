"""Documents packed in one row, and what else is no padded batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from tests.corpus.cases import Case, Truth, ids, lengths_of, measured
from tests.corpus.writing import as_json, npz, printed, pt, safetensors


def cases() -> Iterator[Case]:
    n = lengths_of(6, 40, 201, least=5)
    rows = ids(n, 201)
    flat, ends = np.concatenate(rows), np.concatenate([[0], np.cumsum(n)])
    truth = {"": Truth(n, rows=rows)}
    said = ("6 documents", "one row")
    cu = {"input_ids": flat, "cu_seqlens": ends.astype(np.int32), "max_seqlen": int(n.max())}
    yield Case("flash_varlen.pt", pt(cu), truth, (*said, "cu_seqlens"))
    yield Case("flash_varlen_row.pt", pt({**cu, "input_ids": flat[None]}), truth, (*said, "cu_seqlens"))
    yield Case("flash_varlen.npz", npz(**cu), truth, (*said, "cu_seqlens"))
    yield Case("flash_varlen.safetensors", safetensors(input_ids=flat, cu_seqlens=ends), truth, said)
    yield Case("flash_varlen.json", as_json(cu), truth, said)
    positions = np.concatenate([np.arange(k) for k in n])
    labels = flat.copy()
    labels[ends[:-1]] = -100
    flattened = {"input_ids": flat[None], "labels": labels[None], "position_ids": positions[None]}
    yield Case("flattening_collator.pt", pt(flattened), truth, (*said, "position_ids"))
    yield Case("flattening_printed.txt", printed({k: v for k, v in flattened.items() if k != "labels"}), truth, said)
    yield Case("flattening_cu.pt", pt({**flattened, "cu_seq_lens_q": ends, "cu_seq_lens_k": ends}), truth, said)
    numbered = np.repeat(np.arange(1, 7), n)
    yield Case(
        "mask_numbers.pt",
        pt({"input_ids": flat[None], "attention_mask": numbered[None]}),
        truth,
        (*said, "attention_mask"),
    )
    yield Case(
        "mamba_seq_idx.pt", pt({"input_ids": flat[None], "seq_idx": numbered[None] - 1}), truth, (*said, "seq_idx")
    )
    yield from _in_rows()
    yield from _flat(n)
    yield from _nested(n)
    yield from _packed_fields()


def _in_rows() -> Iterator[Case]:
    """Several rows, each of several documents, with padding at the end of a row."""
    lengths = [[7, 5, 3], [12, 4], [6, 6, 6]]
    rows = [row for i, some in enumerate(lengths) for row in ids(np.array(some), 210 + i)]
    x, segments, positions = (np.zeros((3, 18), dtype=np.int64) for _ in range(3))
    at = iter(rows)
    for i, some in enumerate(lengths):
        start = 0
        for number, length in enumerate(some, 1):
            x[i, start : start + length] = next(at)
            segments[i, start : start + length] = number
            positions[i, start : start + length] = np.arange(length)
            start += length
    truth = {"": Truth([k for some in lengths for k in some], rows=rows)}
    said = ("8 documents", "3 rows")
    maxtext = {"inputs": x, "inputs_segmentation": segments, "inputs_position": positions}
    yield Case("maxtext.npz", npz(**maxtext), truth, (*said, "inputs_segmentation"))
    yield Case("segment_ids.pt", pt({"tokens": x, "segment_ids": segments}), truth, (*said, "segment_ids"))
    yield Case("axolotl.pt", pt({"input_ids": x, "attention_mask": segments}), truth, (*said, "attention_mask"))
    cut = [row[:3] if i == 4 or i == 7 else row for i, row in enumerate(rows)]
    short = {"input_ids": x[:, :15], "position_ids": positions[:, :15]}
    yield Case("positions_rows.pt", pt(short), {"": Truth(list(map(len, cut)), rows=cut)}, (*said, "position_ids"))
    yield Case("positions_padded.pt", pt({"input_ids": x, "position_ids": positions}), refused=("position_ids",))


def _flat(n: np.ndarray) -> Iterator[Case]:
    rows = measured(n, 4, 221)
    flat, ends = np.concatenate(rows), np.concatenate([[0], np.cumsum(n)])
    truth = {"": Truth(n, rows=rows)}
    yield Case("values_offsets.pt", pt({"values": flat, "offsets": ends}), truth, ("6 sequences", "offsets"))
    yield Case("values_offsets.npz", npz(values=flat, offsets=ends[:-1]), truth, ("6 sequences", "offsets"))
    yield Case("values_lengths.pt", pt({"values": flat, "lengths": n}), truth, ("6 sequences", "lengths"))
    graphs = {
        "x": flat,
        "edge_index": np.zeros((2, 9), dtype=np.int64),
        "batch": np.repeat(np.arange(6), n),
        "ptr": ends,
    }
    yield Case("graphs.pt", pt(graphs), truth, ("6 sequences", "ptr"))
    yield Case("graphs_batch.pt", pt({"x": flat, "batch": np.repeat(np.arange(6), n)}), truth, ("6 sequences", "batch"))
    crossed = {"x": flat, "batch": np.random.default_rng(1).permutation(np.repeat(np.arange(6), n))}
    yield Case("graphs_mixed.pt", pt(crossed), refused=("batch",))
    wrong = ends.copy()
    wrong[-1] += 5
    yield Case("offsets_wrong.pt", pt({"values": flat, "offsets": wrong}), refused=("offsets",))
    packed = {"input_ids": np.arange(int(n.sum())), "cu_seqlens": ends + 1}
    yield Case("cu_seqlens_wrong.pt", pt(packed), refused=("cu_seqlens",))


def _nested(n: np.ndarray) -> Iterator[Case]:
    rows = measured(n, 3, 231)
    truth = {"": Truth(n, rows=rows)}

    def jagged(value: object) -> torch.Tensor:
        return torch.nested.nested_tensor([torch.from_numpy(row) for row in rows], layout=torch.jagged)

    yield Case("jagged.pt", lambda path: torch.save(jagged(0), path), truth, ("nested",))
    yield Case("jagged_dict.pt", lambda path: torch.save({"x": jagged(0)}, path), truth, ("nested",))


def _packed_fields() -> Iterator[Case]:
    """A PackedSequence that lost its type on the way through a loader or to a device."""
    n = lengths_of(5, 13, 241)
    rows = measured(n, 3, 241)
    packed = torch.nn.utils.rnn.pack_sequence([torch.from_numpy(row) for row in rows], enforce_sorted=False)
    fields = tuple(field.numpy() for field in packed)
    data, sizes, order, back = fields
    truth = {"": Truth(n, rows=rows)}
    said = ("PackedSequence", "lost its type")
    yield Case("packed_tuple.pt", pt(fields), truth, said)
    yield Case("packed_list.pt", pt(list(fields)), truth, said)
    named = {"data": data, "batch_sizes": sizes, "sorted_indices": order, "unsorted_indices": back}
    yield Case("packed_dict.npz", npz(**named), truth)
    yield Case("packed_dict.safetensors", safetensors(**named), truth)
    yield Case("packed_other_names.pt", pt({"a": data, "b": sizes, "c": order, "d": back}), truth, said)
    yield Case("packed_nested.pt", pt({"batch": list(fields), "labels": np.arange(5)}), truth, said)
    down = np.sort(n)[::-1].copy()
    stacked = measured(down, 3, 242)
    plain = torch.nn.utils.rnn.pack_sequence([torch.from_numpy(row) for row in stacked])
    pair = [plain.data.numpy(), plain.batch_sizes.numpy(), None, None]
    yield Case("packed_sorted.pt", pt(pair), {"": Truth(down, rows=stacked)}, said)
