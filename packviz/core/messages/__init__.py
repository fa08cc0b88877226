"""The messages that torch raises around packing, and what each can come from. MESSAGES holds them all.

To add one, write a function under `@message(...)` into the module of its theme: its sample is tested with it.
"""

from __future__ import annotations

from packviz.core.messages import around, dtypes, exports, kinds, masks, packing, running, states, unpacking
from packviz.core.messages.causes import CAUSES, Plain
from packviz.core.messages.table import MESSAGES, Frame, Message, Said, Suspect, known

__all__ = ["CAUSES", "MESSAGES", "ROOMS", "Frame", "Message", "Plain", "Said", "Suspect", "known"]

ROOMS = (around, dtypes, exports, kinds, masks, packing, running, states, unpacking)
"""The modules that hold the messages; importing them fills MESSAGES."""
