"""The one error of packviz's own."""

from __future__ import annotations


class BatchError(ValueError):
    """What was given is not a batch. The text is one sentence, ready to be shown: which file, row or
    index; what was expected; what to do."""
