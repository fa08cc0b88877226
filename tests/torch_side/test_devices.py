import pytest
import torch

from packviz.core.batch import BatchError
from packviz.torch_side import devices


def test_the_cpu_is_always_there_and_first() -> None:
    names = devices.available()
    assert names[0] == "cpu"
    assert len([name for name in names if name.startswith("cuda:")]) == torch.cuda.device_count()


def test_every_device_that_is_named_can_be_had() -> None:
    for name in devices.available():
        assert str(devices.device_named(name)) == name


@pytest.mark.parametrize("name", ["cuda:99", "gpu", "meta"])
def test_a_device_that_is_not_there_is_refused_by_name(name: str) -> None:
    with pytest.raises(BatchError, match=f"device '{name}' is not to be had here: choose one of cpu"):
        devices.device_named(name)


def test_the_version_is_torchs() -> None:
    assert devices.version() == torch.__version__
