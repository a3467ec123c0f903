"""Sweeps that are killed, and clusters: nothing lost, doubled or torn. In full: benchmarks/kills.py."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))

import kills  # noqa: E402
from dask_cluster import cluster as dask_cluster  # noqa: E402

from sim.experiments import cluster, run_all, specify  # noqa: E402

pytestmark = pytest.mark.once


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="forks; on Windows: benchmarks/kills.py --spawn")
def test_a_handful_of_kills_changes_no_byte(tmp_path):
    found = kills.kill_sweeps(5, 24, tmp_path)
    assert {key: found[key] for key in kills.FAULTS} == dict.fromkeys(kills.FAULTS, 0)
    assert sum(found[kind] for kind in kills.KINDS) == 5


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="groups of processes are killed as POSIX has them")
def test_a_cluster_does_all_runs_though_a_worker_dies_and_says_so_when_the_scheduler_does(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("sim.experiments.pool.PATIENCE", 120.0)
    runs = [specify("plain", seed=seed, work="works_for_tests:seed_only") for seed in range(1, 41)]
    with dask_cluster(tmp_path) as dask:
        with cluster(dask.address) as pool:
            outcomes = []
            for outcome in run_all(runs, executor=pool, store=tmp_path / "kept"):
                outcomes.append(outcome)
                if len(outcomes) == 3:
                    dask.kill("worker-0")
            assert len(outcomes) == 40 and not any(outcome.fault for outcome in outcomes)
        more = [specify("plain", seed=seed, work="works_for_tests:seed_only") for seed in range(30, 400)]
        with pytest.raises(ConnectionError, match=r"has gone.*kept"), cluster(dask.address) as pool:
            for place, _ in enumerate(run_all(more, executor=pool, store=tmp_path / "kept")):
                if place == 20:
                    dask.kill("scheduler")
        dask.kill("worker-1")  # workers end with their scheduler, if nobody ends them
        dask.start_scheduler()
        dask.start_worker(1)
        left = [o for o in run_all(more, executor=dask.address, store=tmp_path / "kept") if o.seconds]
        assert 0 < len(left) < 360
        assert len(list((tmp_path / "kept" / "parts").iterdir())) == 399
