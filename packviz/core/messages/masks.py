"""What layers that take a mask raise about it: nn.MultiheadAttention, nn.Transformer, and CRF layers."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message, num, shape

NARROW = "Where the mask is the shorter one, it was made of the lengths alone, and has max(lengths) steps."


@message(
    "expected key_padded_mask.shape",
    rf"expected key_padded_mask\.shape\[{num('dim')}\] to be {num('want')}, but got {num('got')}",
    "AssertionError: Expected key_padded_mask.shape[1] to be 5, but got 4",
)
def _padding_mask(said: Said) -> Iterable[Suspect]:
    """key_padding_mask must be (B, T) of the keys, whatever batch_first is."""
    want, got = said.n("want"), said.n("got")
    if said.n("dim") == 0:
        yield "mask-layout", f"There are {want} rows, and the mask has {got}: it may be (T, B)."
        yield "layout-swapped", f"If the batch has {got} rows: the layer takes steps for them, batch_first is another."
        return
    if got < want:
        yield "mask-narrow", f"The keys have {want} steps, and the mask {got}: it ends at the longest length."
    else:
        yield "time-shrinks", f"The mask has {got} steps, and the keys {want}: they may be an unpacked output."
    yield "mask-layout", f"If {got} is the number of rows: the mask is (T, B)."


@message(
    "mask size should match input size",
    r"mask size should match input size",
    "RuntimeError: Mask size should match input size",
)
def _encoder_mask(said: Said) -> Iterable[Suspect]:
    """nn.TransformerEncoder leaves padding out by a src_key_padding_mask, which must be (B, T)."""
    yield "mask-narrow", f"The mask has another number of steps than x. {NARROW}"
    yield "mask-layout", "Or it is (T, B)."


@message(
    "of key_padding_mask are supported",
    r"only bool and floating types of key_padding_mask are supported",
    "AssertionError: only bool and floating types of key_padding_mask are supported",
)
@message(
    "of src_key_padding_mask are supported",
    r"only bool and floating types of src_key_padding_mask are supported",
    "AssertionError: only bool and floating types of src_key_padding_mask are supported",
)
def _mask_dtype(said: Said) -> Iterable[Suspect]:
    """A key_padding_mask holds booleans, or floats that are added to the scores."""
    yield "mask-kind", "It holds whole numbers: lengths, or a mask of 0 and 1. And 1 at data would be turned, too."


@message(
    "expected `key_padding_mask` to be `none` or",
    r"expected `key_padding_mask` to be `None` or (?P<want>[12])-D but found (?P<got>\d{1,2})-D tensor instead",
    "AssertionError: For batched (3-D) `query`, expected `key_padding_mask` to be `None` or 2-D but found 1-D tensor "
    "instead",
)
def _mask_rank(said: Said) -> Iterable[Suspect]:
    """The mask has as many dimensions as the batch has without its features."""
    got, want = said.n("got"), said.n("want")
    if got == 1:
        yield "mask-kind", "It is a vector, as lengths are: it must be (B, T)."
    elif want == 1:
        yield "batch-rank", "The query is one sequence, (T, E): it has lost its batch, and the mask has not."
    else:
        yield "mask-kind", f"It has {got} dimensions, and {want} are expected: mask.squeeze(-1), or no mask of heads."


@message(
    "the shape of the 2d attn_mask is",
    rf"the shape of the 2D attn_mask is {shape('got')}, but should be {shape('want')}",
    "RuntimeError: The shape of the 2D attn_mask is torch.Size([3, 5]), but should be (5, 5).",
)
def _attention_mask(said: Said) -> Iterable[Suspect]:
    """attn_mask says which step sees which, (T, T); padding is left out by key_padding_mask, (B, T)."""
    got, want = said.sizes("got"), said.sizes("want")
    if want and got[1:] == want[1:]:
        yield "mask-kind", f"{got} is (B, T): it was given as attn_mask, and is a key_padding_mask."
    else:
        yield "mask-kind", f"{got} is neither (T, T) nor (B, T) of {want} steps. {NARROW}"


@message(
    "mask of the first timestep must all be on",
    r"mask of the first timestep must all be on",
    "ValueError: mask of the first timestep must all be on",
)
def _first_step(said: Said) -> Iterable[Suspect]:
    """A CRF begins with the first step of each row: that step must be data in all of them."""
    yield "mask-not-right", "Some row begins with False: it is padded on the left, empty, or the mask is turned round."
    yield "length-not-positive", "Where the mask is made of lengths, a length of 0 has no True at all."
    yield "mask-layout", "Where batch_first is another than that of the emissions, the columns are taken for rows."


@message(
    "the first two dimensions of emissions and mask must match",
    rf"the first two dimensions of emissions and (?:mask|tags) must match, got {shape('of')} and {shape('mask')}",
    "ValueError: the first two dimensions of emissions and mask must match, got (3, 5) and (3, 4)",
)
@message(
    "the first two dimensions of emissions and tags must match",
    rf"the first two dimensions of emissions and (?:mask|tags) must match, got {shape('of')} and {shape('mask')}",
    "ValueError: the first two dimensions of emissions and tags must match, got (3, 4) and (3, 5)",
)
def _emissions(said: Said) -> Iterable[Suspect]:
    """Tags and mask of a CRF have the rows and steps of its emissions."""
    of, other = said.sizes("of"), said.sizes("mask")
    told = f"The emissions are {of}, the other {other}."
    if of == other[::-1]:
        yield "mask-layout", f"{told} One is (B, T), the other (T, B)."
    if sum(other) < sum(of):
        yield "mask-narrow", f"{told} {NARROW}"
    else:
        yield "time-shrinks", f"{told} The emissions may be an unpacked output, of max(lengths) steps."
    yield "lengths-count", f"{told} If the rows differ: with fewer lengths than rows torch drops rows."
