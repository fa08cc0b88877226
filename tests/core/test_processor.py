"""What is said of the processor is what torch says of it."""

from __future__ import annotations

import pytest
import torch

from packviz.core.processor import FOR_BFLOAT16, _features, _takes, takes_bfloat16


def test_it_is_what_torch_says() -> None:
    if not torch.backends.mkldnn.is_available():
        pytest.skip("this torch has no oneDNN")
    assert takes_bfloat16() == torch.ops.mkldnn._is_mkldnn_bf16_supported()


def test_numpy_tells_what_the_processor_has() -> None:
    assert set(FOR_BFLOAT16) <= set(_features()) or not any("AVX" in name for name in _features())


@pytest.mark.parametrize("missing", FOR_BFLOAT16)
def test_all_of_it_is_needed_and_what_is_not_told_is_taken_to_be_there(missing: str) -> None:
    assert _takes({})
    assert _takes(dict.fromkeys(FOR_BFLOAT16, True))
    assert not _takes({missing: False})
