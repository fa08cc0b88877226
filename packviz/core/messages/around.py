"""What stands around a packed batch and fails because of it: losses, masks, embeddings, devices, files."""

from __future__ import annotations

from collections.abc import Iterable

from packviz.core.messages.table import Said, Suspect, message, num, shape

SWAPPED = "Where one of them is the unpacked output, it may be (T, B, H), and the other (B, T), or the other way round."
SHRUNK = "Where one of them is the unpacked output, it has max(lengths) steps, and the other has T."


@message(
    "must match the size of tensor b",
    rf"the size of tensor a \({num('a')}\) must match the size of tensor b \({num('b')}\) at non-singleton dimension "
    rf"{num('dim')}",
    "RuntimeError: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1",
)
def _sizes(said: Said) -> Iterable[Suspect]:
    """Two tensors do not fit onto each other."""
    a, b, dim = said["a"], said["b"], said["dim"]
    differ = f"One tensor has {a}, the other {b} in dimension {dim}"
    packed = f"batch_sizes rises or holds a 0: {a} rows stand beside {b}."
    if said.inside("pad_packed_sequence"):
        yield "packed-inconsistent", packed
    elif said.inside("pack_sequence", "pad_sequence", "pack_padded_sequence"):
        yield "sequences-differ", f"{differ} of their features."
    elif said.running:
        if dim == "0":
            yield "hidden-shape", f"hx has {a} rows, and the first step of the batch has {b}."
            yield "packed-inconsistent", packed
        else:
            yield "module-input-size", f"{differ}: x has more than one dimension of features."
            yield "hidden-shape", f"{differ}: hx does not fit the module."
    else:
        yield "time-shrinks", f"{differ}. {SHRUNK}"
        if dim in ("0", "1"):
            yield "unpacked-layout", f"{differ}. {SWAPPED}"
        yield "packed-inconsistent", f"If it comes from the module or from pad_packed_sequence: {packed}"
        yield "hidden-shape", f"If it comes from the module: hx has {a} rows, and the batch has {b}."
        yield "lengths-count", f"If these are rows: with fewer lengths than rows torch drops rows; {differ.lower()}."
        if not said.frames:
            yield "module-input-size", f"If it comes from the module: {differ.lower()} of the features of x."


@message(
    "doesn't match the broadcast shape",
    rf"output with shape {shape('got')} doesn't match the broadcast shape {shape('want')}",
    "RuntimeError: output with shape [2, 12] doesn't match the broadcast shape [2, 2, 12]",
)
def _broadcast(said: Said) -> Iterable[Suspect]:
    """What is added in place does not fit into what it is added to."""
    got, want = said.sizes("got"), said.sizes("want")
    why = f"Numbers of shape {want} are to go into {got}"
    features = "module-input-size", f"{why}: x has more than one dimension of features."
    hidden = "hidden-shape", f"{why}: hx does not fit the batch."
    packed = "packed-inconsistent", f"{why}: batch_sizes rises, or does not fit the rows of data."
    if said.inside("pad_packed_sequence"):
        yield packed
    elif said.running or not said.frames:
        yield from (features, packed, hidden) if len(got) < len(want) else (packed, hidden, features)
    if not said.running and not said.inside("pad_packed_sequence"):
        yield "time-shrinks", f"{why}. {SHRUNK}"


@message(
    "to match target batch_size",
    rf"expected input batch_size \({num('got')}\) to match target batch_size \({num('want')}\)",
    "ValueError: Expected input batch_size (12) to match target batch_size (20).",
)
def _loss(said: Said) -> Iterable[Suspect]:
    """A loss was given more or fewer targets than outputs."""
    got, want = said.n("got"), said.n("want")
    yield (
        "time-shrinks",
        f"There are {got} outputs and {want} targets. Where both were flattened, the outputs have B × max(lengths) "
        "steps, and the targets B × T.",
    )
    if got < want:
        yield "lengths-count", f"If these are rows: with fewer lengths than rows torch drops rows, here {want - got}."


@message(
    "expected target size",
    rf"expected target size {shape('want')}, got {shape('got')}",
    "RuntimeError: Expected target size [3, 4], got [3, 5]",
)
def _target(said: Said) -> Iterable[Suspect]:
    """The targets of a loss have another shape than the outputs."""
    yield from _two_shapes("targets", said.sizes("got"), "outputs", said.sizes("want"))


@message(
    "target size",
    rf"using a target size \({shape('got')}\) that is different to the input size \({shape('want')}\)"
    rf"|target size \({shape('got2')}\) must be the same as input size \({shape('want2')}\)",
    "ValueError: Target size (torch.Size([3, 5])) must be the same as input size (torch.Size([3, 4]))",
)
def _same_target(said: Said) -> Iterable[Suspect]:
    """The targets of a loss have another shape than the outputs."""
    mark = "" if said.has("got") else "2"
    yield from _two_shapes("targets", said.sizes(f"got{mark}"), "outputs", said.sizes(f"want{mark}"))


@message(
    "the shape of the mask",
    rf"the shape of the mask {shape('mask')} at index {num('dim')} does not match the shape of the indexed tensor "
    rf"{shape('of')}",
    "IndexError: The shape of the mask [3, 5] at index 1 does not match the shape of the indexed tensor "
    "[3, 4] at index 1",
)
def _mask(said: Said) -> Iterable[Suspect]:
    """A mask has another shape than what it is laid on."""
    yield from _two_shapes("mask", said.sizes("mask"), "tensor", said.sizes("of"))


def _two_shapes(one: str, first: tuple[int, ...], other: str, second: tuple[int, ...]) -> Iterable[Suspect]:
    """The causes why two shapes differ: fewer steps came out, or fewer rows, or the layout is another."""
    why = f"The {one} {'have' if one.endswith('s') else 'has'} shape {first}, the {other} {second}."
    shrinks = "time-shrinks", f"{why} {SHRUNK}"
    dropped = "lengths-count", f"{why} If the rows differ: with fewer lengths than rows torch drops rows."
    if len(first) >= 2 and first[:2] == second[:2][::-1] and first[0] != first[1]:
        yield "unpacked-layout", f"{why} One of them is (B, T), the other (T, B)."
        yield "layout-swapped", "If one of them is x, and it was packed in the wrong layout."
    if first[:1] != second[:1] and first[1:2] == second[1:2]:
        yield dropped
        yield shrinks
    else:
        yield shrinks
        if {*first[:2]} != {*second[:2]}:
            yield "unpacked-layout", f"{why} {SWAPPED}"


@message(
    "gather got an input of invalid size",
    rf"gather got an input of invalid size: got {shape('got')}, but expected {shape('want')}",
    "RuntimeError: Gather got an input of invalid size: got [10, 35, 9961], but expected [10, 26, 9961]",
)
def _gather(said: Said) -> Iterable[Suspect]:
    """nn.DataParallel glues together what its GPUs return, and the pieces differ in size."""
    got, want = said.sizes("got"), said.sizes("want")
    yield (
        "time-shrinks",
        f"One GPU returned {got}, another {want}: each unpacks to the longest of its own rows. Pass the same "
        "total_length on all of them.",
    )


@message(
    "sizes of tensors must match except in dimension",
    rf"sizes of tensors must match except in dimension {num('dim')}\. (?:expected size {num('want')} but got size "
    rf"{num('got')}|got {num('a')} and {num('b')})",
    "RuntimeError: Sizes of tensors must match except in dimension 2. Expected size 5 but got size 4 for tensor "
    "number 1 in the list.",
)
def _cat(said: Said) -> Iterable[Suspect]:
    """Tensors that are to be glued together differ in another dimension."""
    one, two = (said["want"], said["got"]) if said.has("want") else (said["a"], said["b"])
    differ = f"One tensor has {one}, another {two}."
    if said.running:
        yield "hidden-shape", f"{differ} The parts of hx differ in their rows."
        return
    yield "time-shrinks", f"{differ} {SHRUNK}"
    yield "unpacked-layout", f"{differ} {SWAPPED}"
    if not said.frames:
        yield "hidden-shape", f"If it comes from the module: {differ.lower()} The parts of hx differ in their rows."


@message(
    "expected input_lengths to have value at most",
    rf"expected input_lengths to have value at most {num('steps')}, but got value {num('length')}",
    "RuntimeError: Expected input_lengths to have value at most 4, but got value 5",
)
def _ctc(said: Said) -> Iterable[Suspect]:
    """CTCLoss was given a length beyond the end of the log-probabilities."""
    yield "length-exceeds-time", f"A length is {said['length']}, and there are {said['steps']} steps."


@message(
    "one of the following scalar types: long, int",
    r"to have one of the following scalar types: Long, Int; but got (?:torch\.)?(?:cuda\.)?(?P<kind>\w{1,30}) instead",
    "RuntimeError: Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but "
    "got torch.FloatTensor instead",
)
def _ids(said: Said) -> Iterable[Suspect]:
    """An embedding looks up whole numbers only."""
    yield "embedding-dtype", f"x is a {said['kind']}."


@message(
    "device-side assert triggered",
    r"device-side assert triggered",
    "RuntimeError: CUDA error: device-side assert triggered",
)
def _assert(said: Said) -> Iterable[Suspect]:
    """A kernel on the GPU has failed some time ago; the traceback points at a later call. CUDA_LAUNCH_BLOCKING=1, or a
    run on the CPU, names the right one."""
    yield "embedding-index", "The usual one: an id is not below num_embeddings. The same batch on the CPU says so."
    yield "lengths-count", "An index_select of rows that are not there fails like this on a GPU."


@message("segmentation fault", r"segmentation fault\b", "Segmentation fault (core dumped)")
def _crash(said: Said) -> Iterable[Suspect]:
    """The interpreter was brought down: memory was read that is not its own. packviz check asks torch in another
    process, and says it without dying."""
    where = "If an nn.LSTM was running over a packed batch, which it does not check:"
    yield "hidden-shape", f"{where} hx may be smaller than the module counts on."
    yield "module-input-size", f"{where} x may have fewer features than input_size."
    yield "packed-inconsistent", f"{where} batch_sizes may ask for more rows than data has."


@message(
    "cudnn_status",
    r"cudnn_status_(?P<kind>execution_failed|bad_param|internal_error|not_supported|mapping_error)",
    "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
)
def _cudnn(said: Said) -> Iterable[Suspect]:
    """cuDNN failed, and names no cause: run the same batch on the CPU once, where torch does."""
    names = "cuDNN names no cause;"
    if said["kind"].lower() == "not_supported":
        yield "hx-not-contiguous", "x or hx may be a view that is not in one piece."
    yield "length-exceeds-time", f"{names} batch_sizes that sums to more than data is one that it does not look for."
    yield "length-not-positive", f"{names} old versions of torch let lengths of 0 through to it."
    yield "packed-inconsistent", f"{names} it trusts batch_sizes."
    yield "other-device", f"{names} x or hx may lie on another device than the module."
    yield "embedding-index", "A kernel before it may have failed, such as an id beyond an embedding."


@message(
    "is not contiguous",
    r"\b(?P<name>hx|cx|input)(?: tensor)? is not contiguous",
    "RuntimeError: rnn: hx is not contiguous",
)
def _contiguous(said: Said) -> Iterable[Suspect]:
    """cuDNN reads tensors in one piece only."""
    yield "hx-not-contiguous", f"{said['name']} is a slice, a transpose or an expansion of another tensor."


@message(
    "tensors are not at the same device",
    r"input and (?P<what>parameter|hidden) tensors are not at the same device, found input tensor at "
    r"(?P<a>[\w:]{1,20}) and \w{1,20} tensor at (?P<b>[\w:]{1,20})",
    "RuntimeError: Input and parameter tensors are not at the same device, found input tensor at cuda:0 and parameter "
    "tensor at cpu",
)
def _rnn_device(said: Said) -> Iterable[Suspect]:
    """x and the weights, or x and hx, lie on different devices."""
    what = "the weights" if said["what"].lower() == "parameter" else "hx"
    yield "other-device", f"x lies on {said['a']}, and {what} on {said['b']}."


@message(
    "to be on the same device",
    r"expected all tensors to be on the same device, but (?:found at least two devices, (?P<a>[\w:]{1,20}) and "
    r"(?P<b>[\w:]{1,20})|got)",
    "RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
)
def _device(said: Said) -> Iterable[Suspect]:
    """Tensors that are to work together lie on different devices."""
    where = f"One lies on {said['a']}, another on {said['b']}." if said.has("a") else "They lie on two."
    yield "other-device", f"{where} torch moves none of them."


@message(
    "torch.nn.utils.rnn.packedsequence",
    r"unsupported (?:global|class):?\s?(?:GLOBAL )?['`]?torch\.nn\.utils\.rnn\.PackedSequence",
    "WeightsUnpickler error: Unsupported global: GLOBAL torch.nn.utils.rnn.PackedSequence was not an allowed global by "
    "default.",
)
def _load(said: Said) -> Iterable[Suspect]:
    """torch.load with weights_only=True, its default, loads no type that it was not told to trust."""
    yield "loading-packed", "The file holds a PackedSequence."
