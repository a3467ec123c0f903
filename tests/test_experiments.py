"""Many runs: named by a hash, carried out by processes, kept whole, done once, set aside when they kill."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pandas as pd
import pytest
from works_for_tests import seed_only

import sim
from sim.experiments import FIRMS, MONTHS, Here, Local, SetAside, Store, run_all, specify, tables_of
from sim.experiments.store import DamagedPart
from sim.experiments.working import as_table, carry_out, plain

SMALL = {"market.customers": 150}


def of_seeds(count: int, work: str = "works_for_tests:seed_only", **options: object) -> list:
    return [specify("plain", seed=seed, work=work, options=options) for seed in range(1, count + 1)]


# ---------------------------------------------------------------- what a run is


def test_two_spellings_of_one_run_have_one_hash_and_any_difference_another():
    one = specify("two_cafes", policies={"Corner": "basic"}, months=36, seed=4)
    other = specify(sim.load("two_cafes"), change={"firms.Corner.policy": {"name": "basic"}}, seed=4)
    assert one.hash == other.hash and len(one.hash) == 64
    others = [
        specify("two_cafes", policies={"Corner": "basic"}, seed=5),
        specify("two_cafes", policies={"Express": "basic"}, seed=4),
        specify("two_cafes", policies={"Corner": "basic"}, months=35, seed=4),
        specify("two_cafes", policies={"Corner": "basic"}, seed=4, work=MONTHS),
        specify("two_cafes", policies={"Corner": "basic"}, seed=4, options={"from": 3}),
    ]
    assert len({one.hash, *(o.hash for o in others)}) == 6


def test_the_hash_carries_the_version_of_the_model(monkeypatch):
    before = specify("plain").hash
    monkeypatch.setattr("sim.experiments.specification.MODEL_VERSION", "another")
    assert specify("plain").hash != before


def test_a_specification_crosses_as_plain_data():
    one = specify("two_cafes", change={"talk.unhappy_tells": 3}, seed=2**64 - 1)
    again = type(one).from_plain(json.loads(json.dumps(one.plain())))
    assert again.hash == one.hash and again.scenario.changes == one.scenario.changes


def test_a_wrong_address_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"talk\.unhapy_tells: unknown.*talk\.unhappy_tells"):
        specify("plain", change={"talk.unhapy_tells": 3})


# ---------------------------------------------------------------- what a run gives


def test_firms_and_months_are_those_of_a_run_alone():
    runs = [specify("plain", months=14, seed=2, change=SMALL, work=work) for work in (FIRMS, MONTHS)]
    firms, months = tables_of(runs, executor=Here())
    alone = sim.run("plain", months=14, seed=2, change=SMALL)
    assert list(firms["firm"]) == list(alone.firms.index)
    for metric in ("customers", "profit", "customer_equity", "annual_retention"):
        assert firms[metric].tolist() == pytest.approx(
            alone.firms[metric].tolist(), rel=0, abs=0, nan_ok=True
        )
    pd.testing.assert_frame_equal(months, alone.months)


def test_processes_give_the_same_to_the_bit_and_the_store_too(tmp_path):
    runs = [specify("plain", months=3, seed=seed, change=SMALL) for seed in (1, 2)]
    with Local(2) as pool:
        far = tables_of(runs, executor=pool, store=tmp_path / "kept")
    kept = tables_of(runs, executor=Refusing(), store=tmp_path / "kept")
    for a, b, c in zip(tables_of(runs, executor=Here()), far, kept, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)
        pd.testing.assert_frame_equal(a, c, check_exact=True)


class Refusing:
    """An executor that must not be asked."""

    def submit(self, *_: object) -> None:
        raise AssertionError("this run is kept, and must not be done again")


def test_gaps_texts_and_yes_or_no_come_back_as_they_were():
    table = seed_only(specify("plain", seed=7))
    pd.testing.assert_frame_equal(as_table(plain(table)), table)


# ---------------------------------------------------------------- kept


def test_a_damaged_part_is_found_whatever_bit_was_flipped_and_done_again(tmp_path):
    [one] = of_seeds(1)
    store = Store(tmp_path / "kept")
    assert [o.seconds > 0 for o in run_all([one], store=store, executor=Here())] == [True]
    whole = store.part(one.hash).read_bytes()
    wanted = store.read(one)
    silent = []
    for place in range(0, len(whole), 3):
        store.part(one.hash).write_bytes(
            whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :]
        )
        try:
            if store.read(one) != wanted:
                silent.append(place)
        except DamagedPart:
            continue
    assert silent == []
    store.part(one.hash).write_bytes(whole[: len(whole) // 2])
    [again] = run_all([one], store=store, executor=Here())
    assert again.seconds > 0 and store.part(one.hash).read_bytes() == whole


def test_a_full_disk_stops_cleanly_and_what_was_done_is_kept(tmp_path, monkeypatch):
    store, runs, before = Store(tmp_path / "kept"), of_seeds(3), os.fsync

    def full(handle: int) -> None:
        if len(store.done()) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        before(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="is full; the runs that were done are kept"):
        list(run_all(runs, store=store, executor=Here()))
    assert len(store.done()) == 2 and not list((store.folder / ".writing").iterdir())
    monkeypatch.undo()
    assert [o.seconds > 0 for o in run_all(runs, store=store, executor=Here())] == [False, False, True]


def test_a_strangers_folder_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="something else"):
        Store(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


# ---------------------------------------------------------------- deaths and faults


def test_a_run_that_kills_its_worker_twice_is_set_aside_and_all_others_are_done(tmp_path):
    (tmp_path / "deaths").mkdir()
    runs = of_seeds(5, "works_for_tests:poison", deaths=str(tmp_path / "deaths"))
    with Local(2) as pool:
        outcomes = {o.specification.seed: o for o in run_all(runs, store=tmp_path / "kept", executor=pool)}
    assert [seed for seed, o in sorted(outcomes.items()) if o.fault] == [3]
    assert outcomes[3].fault == "it killed its worker 2 times"
    assert len(list((tmp_path / "deaths").iterdir())) in (
        2,
        3,
    )  # twice alone; before that once where others were under way
    said = json.loads((tmp_path / "kept" / "set_aside" / f"{runs[2].hash}.json").read_text())
    assert said["seed"] == 3 and said["scenario"] == "plain" and "killed" in said["why"]
    with pytest.raises(SetAside, match=r"seed 3.*killed its worker"):
        tables_of(runs, store=tmp_path / "kept", executor=Refusing())


def test_workers_that_somebody_outside_kills_condemn_no_run():
    """A worker is killed while four runs are under way, and once more while each of them is alone."""

    class Killed:
        workers, renewed = 2, 0

        def __init__(self):
            self.alone: Counter[int] = Counter()

        def renew(self):
            self.renewed += 1

        def submit(self, function, said):
            done: Future = Future()
            self.alone[said["seed"]] += self.renewed > 0
            if self.alone[said["seed"]] < 2:
                done.set_exception(BrokenProcessPool("ended abruptly"))
            else:
                done.set_result({"columns": {"firm": ("str", ["North"])}, "seconds": 0.0})
            return done

    pool = Killed()
    outcomes = list(run_all(of_seeds(4), executor=pool))
    assert sorted(o.specification.seed for o in outcomes) == [1, 2, 3, 4] and not any(
        o.fault for o in outcomes
    )
    assert pool.renewed == 5 and set(pool.alone.values()) == {2}


def test_a_run_that_fails_is_set_aside_with_the_fault_and_may_be_tried_again(tmp_path):
    runs = of_seeds(3, "works_for_tests:faulty")
    outcomes = sorted(
        run_all(runs, store=tmp_path / "kept", executor=Here()), key=lambda o: o.specification.seed
    )
    assert [bool(o.fault) for o in outcomes] == [False, True, False]
    assert (
        outcomes[1].fault.startswith("KeyError: 'nothing") and Path(__file__).parent.name in outcomes[1].fault
    )
    tried: list[int] = []
    for outcome in run_all(
        runs, store=tmp_path / "kept", executor=Here(), again=True, progress=lambda *n: tried.append(n)
    ):
        assert bool(outcome.fault) == (outcome.specification.seed == 2)
    assert tried == [(1, 3), (2, 3), (3, 3)]


def test_a_worker_with_another_model_is_refused(monkeypatch):
    monkeypatch.setattr("sim.experiments.specification.MODEL_VERSION", "0")
    with pytest.raises(RuntimeError, match="install the same Tenfold"):
        list(run_all(of_seeds(1), executor=Here()))


def test_a_store_whose_making_was_cut_short_is_made_whole(tmp_path):
    (tmp_path / "kept" / "parts").mkdir(parents=True)
    assert not Store(tmp_path / "kept").done()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="something else than finished runs"):
        Store(tmp_path / "mine")


def test_a_file_of_contacts_that_is_another_where_a_worker_is_stops_the_runs(tmp_path):
    file = tmp_path / "who.csv"
    file.write_text("0,1\n1,2\n", encoding="utf-8")
    world = sim.load("plain").save(tmp_path / "world.toml")
    one = specify(world, change=SMALL | {"talk.network": "file", "talk.edges": "who.csv"}, months=1)
    assert len(tables_of([one], executor=Here())[0])
    said = one.plain()
    file.write_text("0,1\n", encoding="utf-8")
    assert "has changed" in carry_out(said)["refused"]
    file.unlink()
    assert "cannot read the file of contacts" in carry_out(said)["refused"]
