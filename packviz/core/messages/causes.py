"""What a message can come from: what to look at, and the way out, for each code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Plain:
    """A cause, when no batch is at hand: a title, what to look at, and Python to copy, or None.

    `elsewhere`: it lies outside the padded batch, so that no check of a batch can find it or rule it out.
    """

    title: str
    look: str
    fix: str | None = None
    elsewhere: bool = False


CAUSES: Mapping[str, Plain] = {
    "length-exceeds-time": Plain(
        "A length is beyond the end of x",
        "Compare max(lengths) with T, the steps of x: x.size(1) with batch_first=True, else x.size(0). Were the steps "
        "pooled, strided or stacked after the lengths were taken? Then divide all lengths in the same way: a clamp "
        "would hide that the shorter ones are wrong, too. Only where the sequences were cut to T is a clamp right.",
        "# pooled by 2: lengths = (lengths + 1) // 2, by the formula of the layer; cut to T:\n"
        "lengths = lengths.clamp(max=x.size(1))  # x.size(0) without batch_first",
    ),
    "layout-swapped": Plain(
        "batch_first is the wrong way round",
        "Compare x.shape with len(lengths): the dimension that is as long as lengths is the batch. Without "
        "batch_first=True torch takes x as (T, B, *).",
        "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
    ),
    "lengths-count": Plain(
        "There is not one length for each row",
        "Compare len(lengths) with the number of rows, x.size(0) with batch_first=True, else x.size(1).",
    ),
    "lengths-unsorted": Plain(
        "The lengths are not in decreasing order",
        "enforce_sorted=True, the default, wants the longest row first. Only export to ONNX needs that.",
        "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
    ),
    "length-not-positive": Plain(
        "A length is 0 or negative",
        "Look for the rows with lengths <= 0: empty texts, or masks without a single True. Drop them before packing.",
        "keep = lengths > 0\nx, lengths = x[keep], lengths[keep]  # x[:, keep] without batch_first",
    ),
    "length-not-finite": Plain(
        "A length is NaN or infinite",
        "torch makes whole numbers of the lengths; a NaN becomes a huge negative one. Look where they are computed, "
        "such as a division by 0.",
    ),
    "lengths-are-mask": Plain(
        "A mask was passed as lengths",
        "lengths has one number a row: the count of its cells that are data. A mask has one for each cell.",
        "lengths = mask.sum(1).cpu()",
    ),
    "lengths-shape": Plain(
        "lengths is no vector",
        "Look at lengths.shape: it must be (B,), one length a row, not (B, 1), and not a single number.",
        "lengths = lengths.flatten()",
    ),
    "lengths-device": Plain(
        "The lengths do not lie on the CPU",
        "Look at lengths.device: x may lie on any device, lengths must be on the CPU, where pack_padded_sequence reads "
        "them. In old versions of torch a list of lengths becomes a tensor where set_default_tensor_type says, "
        "which may "
        "be the GPU.",
        "packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)",
    ),
    "batch-empty": Plain(
        "The batch is empty",
        "Look at x.shape for a 0, and at the last batch of the loader. Skip such a batch before packing.",
    ),
    "batch-rank": Plain(
        "x has fewer than two dimensions",
        "Look at x.shape: a batch has rows and steps. A single sequence needs a batch of one row.",
        "x = x.unsqueeze(0)  # one row, with batch_first=True",
    ),
    "packed-inconsistent": Plain(
        "The PackedSequence contradicts itself",
        "Was it made or changed by hand? batch_sizes must fall, hold no 0 and sum to the rows of data; sorted_indices "
        "and unsorted_indices must be permutations that undo each other. To change the data, keep the rest.",
        "packed = packed._replace(data=f(packed.data))  # f keeps the number of rows",
    ),
    "module-input-size": Plain(
        "The features of x do not fit the module",
        "Compare x.size(-1) with the module's input_size. An x of whole numbers or without features needs an embedding "
        "or unsqueeze(-1).",
        "x = x.unsqueeze(-1)  # where x has no features, and input_size is 1",
    ),
    "module-dtype": Plain(
        "x, or hx, has another dtype than the module",
        "Compare x.dtype, and that of hx, with the dtype of the weights, float32 unless said otherwise. NumPy's floats "
        "are float64; token ids are whole numbers, which need an nn.Embedding first.",
        "x = x.to(next(module.parameters()).dtype)",
    ),
    "hidden-shape": Plain(
        "The initial state does not fit the module or the batch",
        "hx is (layers × directions, B, H), with batch_first=True too; a pair of them for an nn.LSTM. B is that of "
        "this batch, and the last batch of a loader may be smaller.",
        "h_0 = torch.zeros(module.num_layers * (2 if module.bidirectional else 1), len(lengths), module.hidden_size)",
    ),
    "total-length-too-short": Plain(
        "total_length is below the longest length",
        "total_length pads the output and never cuts it: it must be at least max(lengths).",
        "out, lengths = pad_packed_sequence(packed, batch_first=True, total_length=x.size(1))",
    ),
    "time-shrinks": Plain(
        "Unpacking returned fewer steps than x has",
        "pad_packed_sequence returns max(lengths) steps, not T. What still has T steps, such as a mask, labels or the "
        "output of another GPU, no longer fits.",
        "out, lengths = pad_packed_sequence(packed, batch_first=True, total_length=x.size(1))",
    ),
    "mask-narrow": Plain(
        "The mask has max(lengths) steps, and not T",
        "Compare mask.shape with x.shape[:2]: a mask that is made of the lengths alone ends at the longest of them. "
        "Make it with T steps (max_len, where a function makes it), or unpack without total_length and lay it on that.",
        "mask = torch.arange(x.size(1)) < torch.as_tensor(lengths)[:, None]  # True at data, (B, T)",
    ),
    "mask-not-right": Plain(
        "The mask does not begin with data in each row",
        "Print mask[:, 0], or mask[0] of one that is (T, B): it must be True in each row. A row that is padded on the "
        "left, an empty row, a mask that is True at padding, or one that lies the other way round begins with False.",
        "mask = torch.arange(x.size(1)) < torch.as_tensor(lengths)[:, None]  # True at data, (B, T)",
    ),
    "mask-layout": Plain(
        "The mask lies the other way round",
        "Compare mask.shape with that of what it goes with. nn.MultiheadAttention and nn.Transformer take a "
        "key_padding_mask of (B, T) whatever batch_first is, True at padding; a CRF takes one as its emissions lie.",
        "mask = mask.T",
        elsewhere=True,
    ),
    "mask-kind": Plain(
        "What was given as a mask is none",
        "A key_padding_mask is a matrix (B, T) of booleans, True at padding; attn_mask is (T, T), and says which step "
        "sees which. Lengths, whole numbers and masks of 0 and 1 are not taken for one.",
        "key_padding_mask = torch.arange(x.size(1)) >= torch.as_tensor(lengths)[:, None]  # True at padding",
        elsewhere=True,
    ),
    "last-output": Plain(
        "An output is read beyond the end of its row",
        "Row r has its last output at lengths[r] - 1; h_n holds just that.",
        "last = out[torch.arange(len(lengths)), lengths - 1]  # one direction, batch_first=True",
    ),
    "backward-final": Plain(
        "Both directions were counted as one",
        "A bidirectional module returns 2 × H features, and h_n of (layers × 2, B, H). A layer behind it takes 2 × H.",
        "head = torch.nn.Linear(2 * module.hidden_size, classes)",
    ),
    "embedding-index": Plain(
        "A token id is beyond the embedding",
        "Compare x.max() with num_embeddings, and look for ids below 0. The padding id must be inside, too.",
        "assert 0 <= x.min() and x.max() < embedding.num_embeddings",
        elsewhere=True,
    ),
    "embedding-dtype": Plain(
        "The embedding was given floats",
        "nn.Embedding takes ids, whole numbers. Padding or NumPy may have made floats of them.",
        "x = x.long()",
        elsewhere=True,
    ),
    "ragged-rows": Plain(
        "Sequences of several lengths were put into one tensor",
        "A tensor has no ragged rows. Pad the sequences, or pack them as they are; in a DataLoader give a collate_fn.",
        "packed = pack_sequence([torch.tensor(s) for s in sequences], enforce_sorted=False)",
        elsewhere=True,
    ),
    "sequences-differ": Plain(
        "The sequences differ in more than their length",
        "Look at the shapes of the sequences: they are (L, *), and * must be the same for all of them.",
        elsewhere=True,
    ),
    "not-a-tensor": Plain(
        "A list was given where torch takes a tensor",
        "Padded lists: torch.tensor(x). A list of tensors of several lengths: pack_sequence takes it.",
        "packed = pack_sequence([torch.as_tensor(s) for s in sequences], enforce_sorted=False)",
        elsewhere=True,
    ),
    "lengths-not-numbers": Plain(
        "The lengths are no whole numbers",
        "Print lengths: it holds a string, None, or tensors of more than one element.",
        "lengths = [len(s) for s in sequences]",
        elsewhere=True,
    ),
    "packed-as-tensor": Plain(
        "A PackedSequence was used as a tensor",
        "Only nn.LSTM, nn.GRU and nn.RNN take a PackedSequence. Work on packed.data, or unpack it first.",
        "packed = packed._replace(data=layer(packed.data))",
        elsewhere=True,
    ),
    "taken-apart": Plain(
        "It was taken apart into another number of names than it has parts",
        "pack_padded_sequence and pack_sequence return one PackedSequence, a named tuple of four fields; "
        "pad_packed_sequence returns output and lengths; nn.LSTM returns output, (h_n, c_n), nn.GRU and nn.RNN output, "
        "h_n.",
        "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)\n"
        "out, (h_n, c_n) = lstm(packed)\n"
        "out, lengths = pad_packed_sequence(out, batch_first=True)",
        elsewhere=True,
    ),
    "tensor-as-packed": Plain(
        "What was unpacked is no PackedSequence",
        "A module returns a PackedSequence only if it was given one; and it returns a pair, output and state.",
        "out, h_n = module(packed)\nout, lengths = pad_packed_sequence(out, batch_first=True)",
        elsewhere=True,
    ),
    "loading-packed": Plain(
        "torch.load does not trust a PackedSequence",
        "weights_only=True, the default, loads tensors and a few known types. Name PackedSequence as safe, or save x "
        "and lengths instead. packviz opens such files as they are.",
        "with torch.serialization.safe_globals([torch.nn.utils.rnn.PackedSequence]):\n    packed = torch.load(path)",
        elsewhere=True,
    ),
    "other-device": Plain(
        "Not all tensors lie on one device",
        "x, hx and the module must lie on one device; the lengths stay on the CPU.",
        "packed = packed.to(next(module.parameters()).device)",
        elsewhere=True,
    ),
    "hx-not-contiguous": Plain(
        "The initial state is a view that cuDNN can't read",
        "hx was made by slicing, transposing or expanding another tensor; cuDNN wants it in one piece.",
        "hx = hx.contiguous()",
        elsewhere=True,
    ),
    "unpacked-layout": Plain(
        "It was unpacked in another layout than it was packed in",
        "Compare batch_first of pack_padded_sequence with that of pad_packed_sequence, which is False unless said "
        "otherwise: without it the output is (T, B, H), whatever the batch and the module were.",
        "out, lengths = pad_packed_sequence(packed, batch_first=True)",
        elsewhere=True,
    ),
    "export-pairs": Plain(
        "What is exported packs, and does not unpack",
        "Pack, run and unpack inside the module that is exported, with nothing but the recurrent module in between; or "
        "leave packing out of the export, and give the exported model rows of one length.",
        "packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True)\nout, state = module(packed)\n"
        "out, lengths = pad_packed_sequence(out, batch_first=True)",
        elsewhere=True,
    ),
    "export-fixed": Plain(
        "The export has written down the order of the rows",
        "Export with enforce_sorted=True, and sort the rows by falling length before the model; name the batch and the "
        "steps as dynamic, or run the model with as many rows as it was exported with.",
        'torch.onnx.export(model, (x, lengths), path, dynamic_axes={"x": {0: "batch", 1: "steps"}, "lengths": {0: '
        '"batch"}}'
        ', input_names=["x", "lengths"])  # and enforce_sorted=True where it packs',
        elsewhere=True,
    ),
    "compile-break": Plain(
        "Packing can't be compiled into one graph",
        "Leave fullgraph=True out, so that packing runs as it is; or compile what stands around it, and pack "
        "outside. To "
        "export, give rows of one length, or take a mask in place of packing.",
        "model = torch.compile(model)  # without fullgraph=True",
        elsewhere=True,
    ),
    "script-lengths": Plain(
        "The lengths have another type than TorchScript was told",
        "Annotate them as torch.Tensor, or as List[int]: a bare list says nothing of what it holds.",
        "def forward(self, x: torch.Tensor, lengths: torch.Tensor): ...",
        elsewhere=True,
    ),
    "weights-apart": Plain(
        "The weights do not lie in one piece",
        "Call flatten_parameters() at the start of forward, where nn.DataParallel copies the module, or once after "
        "loading or copying it.",
        "module.flatten_parameters()",
        elsewhere=True,
    ),
    "default-device": Plain(
        "New tensors are made on the GPU",
        "Leave the default on the CPU and move what is meant with .to(device). Lengths that are a list become a tensor "
        "where the default says, and old versions of torch then refuse them; a DataLoader needs a generator of that "
        "device.",
        "torch.set_default_dtype(torch.float32)  # in place of set_default_tensor_type\nlengths = lengths.cpu()",
        elsewhere=True,
    ),
    "mps-missing": Plain(
        "The GPU of this Mac lacks an operation of packing",
        "A newer torch may have it. Set PYTORCH_ENABLE_MPS_FALLBACK=1 before torch is imported, so that it runs on the "
        "CPU, or move the recurrent module and the packed batch there.",
        "out, state = module.cpu()(packed.cpu())",
        elsewhere=True,
    ),
    "padding-value-too-large": Plain(
        "padding_value does not fit into the output",
        "pad_packed_sequence fills a tensor of the dtype of the packed data. Whole numbers hold no NaN, no infinity "
        "and nothing beyond their own range, and half precision ends at 65504.",
        "out, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=0)",
    ),
}
"""The causes by their codes: those of findings, and more for what no check of a batch can see."""
