"""What the processor can do, as far as it decides which of torch's kernels runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

FOR_BFLOAT16 = ("AVX512BW", "AVX512VL", "AVX512DQ")
"""What oneDNN needs of an x86 processor for bfloat16. Source: mkldnn_bf16_device_check of ATen."""


@lru_cache(maxsize=1)
def takes_bfloat16() -> bool:
    """Whether oneDNN computes in bfloat16 here; where NumPy does not tell what the processor has, it is taken to."""
    return _takes(_features())


def _takes(features: Mapping[str, bool]) -> bool:
    return all(features.get(name, True) for name in FOR_BFLOAT16)


def _features() -> Mapping[str, bool]:
    """What NumPy has found in this processor, by name; nothing where this NumPy keeps it elsewhere."""
    inside = getattr(getattr(np, "_core", None), "_multiarray_umath", None)
    found: Mapping[str, bool] = getattr(inside, "__cpu_features__", {})
    return found
