"""`packviz.show`: the batch that a program holds, in a window."""

from __future__ import annotations

import sys
from typing import Any

from packviz.core.batch import Call
from packviz.core.errors import only_batch_errors
from packviz.core.module import Module
from packviz.core.options import call_of, refuse_hx_alone
from packviz.files.handed import batch_of
from packviz.showing.handing import hand_over
from packviz.showing.place import display_missing, own_place
from packviz.showing.shown import named_by, shown_bytes
from packviz.showing.site import site_of_call
from packviz.showing.wire import NoWindow


def show(
    x: Any,
    lengths: Any = None,
    *,
    batch_first: bool = False,
    enforce_sorted: bool = True,
    padding_value: float = 0,
    total_length: int | None = None,
    module: Any = None,
    hx: Any = None,
    block: bool = False,
) -> None:
    """Show a batch in the window, from a console, a debugger, a notebook or a running program.

    x and the options are those of `check`. `module`: an nn.LSTM, nn.GRU or nn.RNN, which the window steps with these
    very weights; of any other module its name is shown. `hx`: its initial state, in the order of the batch. All of it
    is copied at the moment of the call, from whatever device it lies on, and stays as it is.

    The window is a process of its own, and goes on where this one ends; the first call starts it, and each further one,
    from any process of this user on this display, adds its batch to it; of several windows, those that were opened by
    hand too, to the one that was used last. The newest 50 batches stay, and all that somebody has changed. `block`:
    return once the window is closed.

    Where no window can be shown, as over ssh, the report of `check` is printed, and the batch is written to a file in a
    folder that only this user can enter; the line that opens it elsewhere is printed, too. Raises BatchError where x is
    no batch.
    """
    call = call_of(batch_first, enforce_sorted, padding_value, total_length)
    aside = getattr(sys.modules.get("torch._dynamo"), "disable", None)
    do = _show if aside is None else aside(_show)  # torch.compile neither traces it nor warns of it
    do(x, lengths, call, module, hx, block)


show._torchdynamo_disable = True  # type: ignore[attr-defined]  # nor of the call


def _show(x: Any, lengths: Any, call: Call, module: Any, hx: Any, block: bool) -> None:
    refuse_hx_alone(module, hx)
    site = site_of_call()
    batch = named_by(batch_of(x, lengths, call), site)
    known: Module | None = None
    with only_batch_errors():
        if module is not None:
            from packviz.torch_side.taken import taken

            known = taken(module, hx)
        data = shown_bytes(batch, site, known)
    try:
        why = display_missing()
        if why is not None:
            raise NoWindow(why)
        hand_over(data, own_place(), block=block)
    except NoWindow as error:
        from packviz.showing.left import leave

        leave(data, batch, str(error), module=module, hx=hx)
