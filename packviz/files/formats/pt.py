"""What torch.save wrote: read with weights_only=True, never unpickled. The only file here that imports torch."""

from __future__ import annotations

import codecs
import re
from textwrap import shorten
from typing import Any, BinaryIO, cast

from packviz.core.batch import BatchError
from packviz.core.cancel import Cancelled
from packviz.core.quiet import quiet
from packviz.core.texts.quoting import cut
from packviz.files.formats.zipped import first_name
from packviz.files.objects import interpret
from packviz.files.paste.found import Found
from packviz.files.several import Several, batches_in
from packviz.files.stream import Stream

_GLOBAL = re.compile(r"(?:GLOBAL|[Ff]unction|class) ([\w.]+)")
HEAD = 1024  # bytes that show whether a file is text
_HOW = "save tensors only: torch.save((x, lengths), path)"


def sniff(head: bytes) -> bool:
    name = first_name(head)
    return head[:1] == b"\x80" or (name is not None and name.endswith(("/data.pkl", "/byteorder", "/version")))


def read(stream: Stream) -> Found | Several:
    """A tensor; (x, lengths); a dict of x, lengths and options; a list of tensors; a PackedSequence; a list or a dict
    of several of those that say which part is x."""
    loaded = load_tensors(stream)
    return batches_in(loaded) or interpret(loaded)


def load_tensors(stream: Stream, how: str = _HOW) -> Any:
    """What the file holds, its tensors on the CPU. Raises BatchError where that would mean to run code from it.

    `how`: what to save instead, as the end of a sentence."""
    import torch
    from torch.nn.utils.rnn import PackedSequence

    stream.seek(0)
    text = _is_text(stream.read(HEAD) or b"")
    stream.seek(0)
    try:
        with quiet(), torch.serialization.safe_globals([PackedSequence]):
            return torch.load(cast(BinaryIO, stream), map_location="cpu", weights_only=True)
    except Cancelled:
        raise
    except MemoryError:
        raise BatchError("it does not fit in memory.") from None
    except Exception as error:  # a damaged file fails anywhere in torch, with any exception
        if stream.stopped is not None:
            raise stream.stopped from None
        raise BatchError(
            f"it seems to be text, not a torch.save file; {how}." if text else _reason(error, how)
        ) from None


def load_safetensors(stream: Stream, wanted: re.Pattern[str]) -> dict[str, Any]:
    """The tensors in a .safetensors file whose name matches `wanted`.

    All its bytes are read first: were the file mapped, one that is written over meanwhile would end the process.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    data = bytes(stream.read_all())
    try:
        return {name: tensor for name, tensor in load(data).items() if wanted.search(name)}
    except (SafetensorError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise BatchError(f"it is damaged or no .safetensors file ({_said(error)}).") from None


def _reason(error: Exception, how: str) -> str:
    text = str(error)
    if "TorchScript" in text:
        return f"it is a TorchScript program; {how}."
    named = _GLOBAL.search(text.rpartition("WeightsUnpickler error:")[2]) if "WeightsUnpickler" in text else None
    if named is not None:
        holds = "NumPy arrays pickled by torch.save" if "numpy" in named[1] else f"a {cut(named[1])}"
        return f"it holds {holds}, which only running code from the file could rebuild; {how}."
    if "WeightsUnpickler" in text:
        return "it is damaged or was not written by torch.save."
    return f"it is damaged or was not written by torch.save ({_said(error)})."


def _said(error: BaseException) -> str:
    """The first sentence of an error, or its kind where it says nothing: a KeyError says only the key."""
    said = re.split(r"[.:]?$|[.] ", (str(error).splitlines() or [""])[0], maxsplit=1)[0]
    return shorten(said, 160, placeholder=" …") if " " in said else type(error).__name__


def _is_text(head: bytes) -> bool:
    """Whether a file begins as UTF-8 text; a character may be cut at the end of the head."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char.isspace() for char in text)
