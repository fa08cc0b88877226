"""The same work on a Dask cluster of two workers: the same output. Needs the extra `dask`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import packviz
from packviz.cli import main
from packviz.cli.checking.cluster import absolute, all_looked, on_cluster, version_here
from packviz.cli.checking.looking import Entry, Job, looked
from packviz.cli.reading import Typed
from packviz.core.errors import BatchError

CALL = ("--batch-first", "--no-enforce-sorted")


def test_names_are_known_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("a.npz") == str(tmp_path / "a.npz")
    assert [absolute(name) for name in ("s3://b/a.npz", "sample:x")] == ["s3://b/a.npz", "sample:x"]


def test_a_worker_does_what_is_done_here(tmp_path: Path) -> None:
    entry, job = Entry(0, str(tmp_path / "none.npz")), Job(Typed(), ask=False)
    assert [item.checked.trouble for item in all_looked(entry, job)] == [
        item.checked.trouble for item in looked(entry, job)
    ]
    assert version_here() == packviz.__version__


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BatchError, match=re.escape("pip install 'packviz[dask]'")):
        list(on_cluster([Entry(0, "a.npz")], Job(Typed()), "tcp://127.0.0.1:1"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with pytest.MonkeyPatch.context() as patch:
        here = str(Path(packviz.__file__).parents[1])
        patch.setenv("PYTHONPATH", os.pathsep.join([here, os.environ.get("PYTHONPATH", "")]))
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as made:
            yield made


@pytest.mark.dask
@pytest.mark.filterwarnings("default")  # of distributed's own
class TestCluster:
    @pytest.fixture(autouse=True)
    def _nothing_leaks(self) -> None:
        """In place of what every test gets: Dask's threads go on until the process ends."""

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("d").mkdir()
        for i in range(25):
            lengths = np.random.default_rng(i).integers(1, 9, 4)
            x = np.where(np.arange(10) < lengths[:, None], 1.0, 0.0)
            np.savez(f"d/b{i}.npz", x=x, lengths=lengths + (i % 5 == 0))
        Path("d/b7.npz").write_bytes(b"PK")

    @pytest.mark.parametrize("more", [("--rules-only",), (), ("--format", "json", "--rules-only")])
    def test_the_output_is_that_of_one_process(
        self, cluster: Any, more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told = []
        for where in (("--jobs", "1"), ("--dask", cluster.scheduler_address)):
            assert main(["check", str(tmp_path / "d"), "sample:first-batch", *CALL, *more, *where]) == 2
            told.append(capsys.readouterr())
        assert told[0] == told[1]
        assert told[0].out

    def test_relative_names_are_found_by_the_workers(self, cluster: Any, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", "d/b0.npz", *CALL, "--rules-only", "--dask", cluster.scheduler_address]) == 1
        assert str(Path("d/b0.npz").absolute()) in capsys.readouterr().out

    def test_workers_that_die_are_told_with_the_file(
        self, cluster: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from distributed import KilledWorker

        class Future:
            def result(self) -> Any:
                raise KilledWorker("key", "worker", 3)

        from distributed import Client

        real = Client.submit

        def submit(self: Any, function: Any, entry: Entry, job: Job, **kwargs: Any) -> Any:
            lost = entry.name.endswith("b3.npz")
            return Future() if lost else real(self, function, entry, job, **kwargs)

        monkeypatch.setattr(Client, "submit", submit)
        assert main(["check", "d", *CALL, "--rules-only", "--dask", cluster.scheduler_address]) == 2
        told = capsys.readouterr()
        assert "b3.npz: the workers of the cluster that checked it have died" in told.err
        assert "25 batches, " in told.out

    def test_a_cluster_that_goes_away_is_told_with_what_was_found_until_then(
        self, cluster: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from distributed import Client
        from distributed.comm import CommClosedError

        class Future:
            def result(self) -> Any:
                raise CommClosedError("connection reset by peer")

        real = Client.submit

        def submit(self: Any, function: Any, entry: Entry, job: Job, **kwargs: Any) -> Any:
            return Future() if entry.name.endswith("b20.npz") else real(self, function, entry, job, **kwargs)

        monkeypatch.setattr(Client, "submit", submit)
        address = cluster.scheduler_address
        assert main(["check", "d", *CALL, "--rules-only", "--dask", address]) == 2
        told = capsys.readouterr()
        gone = f"the Dask cluster at {address} has gone (CommClosedError: connection reset by peer): start it again"
        assert gone in told.err
        assert "packviz: interrupted at file 20 of 25.\n" in told.err
        assert "20 batches, " in told.out

    def test_where_no_scheduler_answers_that_is_said(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pytest.importorskip("distributed")
        monkeypatch.setattr("packviz.cli.checking.cluster.PATIENCE_S", 1)
        assert main(["check", "d", "--dask", "tcp://127.0.0.1:9"]) == 2
        assert "there is no Dask cluster at tcp://127.0.0.1:9" in capsys.readouterr().err
        assert main(["check", "d", "--dask", "nonsense"]) == 2

    def test_other_versions_are_refused(
        self, cluster: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("packviz.cli.checking.cluster.__version__", "9.9.9")
        assert main(["check", "d", "--dask", cluster.scheduler_address]) == 2
        assert "but here it is 9.9.9" in capsys.readouterr().err
