"""What torch does with a call, really asked, without packviz."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from tests.oracle.calls import CallMade


def truth_of(call: CallMade) -> dict[str, Any]:
    """What each stage returned, "ok", or raised, "!" and its text; `packed`: what packing returned."""
    bf, es = call.options["batch_first"], call.options["enforce_sorted"]
    told: dict[str, Any] = {}
    try:
        if call.kind == "sequences":
            packed = pack_sequence(call.x, enforce_sorted=es)
        elif call.lengths is None:
            return {"pack": "?", "packed": None}
        else:
            packed = pack_padded_sequence(call.x, call.lengths, bf, es)
    except Exception as error:
        return {"pack": _text(error), "packed": None}
    told |= {"pack": "ok", "packed": packed}
    out = packed
    if call.module is not None and not _undefined(call, packed):
        told["run"] = "ok"
        try:
            with torch.no_grad():
                out = call.module(packed, *(() if call.hx is None else (call.hx,)))[0]
        except Exception as error:
            told["run"] = _text(error)
            out = packed
        try:
            first = True if call.kind == "sequences" else bf
            pad_packed_sequence(out, first, call.options["padding_value"], call.options["total_length"])
            told["unpack"] = "ok"
        except Exception as error:
            told["unpack"] = _text(error)
    return told


def _undefined(call: CallMade, packed: Any) -> bool:
    """Whether what torch does is undefined: an nn.LSTM over packed data compares no sizes where a faster kernel takes
    the run, and may then read memory that is not its own. packviz asks that in another process; it is not asked here.
    """
    if not isinstance(call.module, torch.nn.LSTM):
        return False
    module, data = call.module, packed.data
    if data.dtype != module.weight_ih_l0.dtype or data.shape[1:] != (module.input_size,):
        return True
    if call.hx is None:
        return False
    if not isinstance(call.hx, tuple):
        return True
    count, rows = module.num_layers * (2 if module.bidirectional else 1), int(packed.batch_sizes[0])
    shapes = [(count, rows, module.proj_size or module.hidden_size), (count, rows, module.hidden_size)]
    return [tuple(part.shape) for part in call.hx] != shapes or any(part.dtype != data.dtype for part in call.hx)


def _text(error: Exception) -> str:
    return f"!{type(error).__name__}: {error}".rstrip()
