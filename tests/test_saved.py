"""Results in folders: written whole, never over anything, and repeated to the bit."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli import main
from sim.folders import FROM_SYSTEMS
from sim.model_version import MODEL_VERSION
from sim.runs import Run


@pytest.fixture(scope="module")
def cafes() -> Run:
    return sim.run("two_cafes", months=5)


def be_silent(market):
    """Nobody tells anybody."""


def test_a_saved_run_repeats_to_the_bit(tmp_path):
    change = {"talk.unhappy_tells": 7, "firms.Corner.plan.price": 1.05}
    run = sim.run(
        "two_cafes", months=4, seed=9, change=change, policies={"Express": {"name": "win_back", "offer": 0.2}}
    )
    folder = run.save(tmp_path / "deep" / "first")
    again = sim.run(folder)
    assert (again.hash, again.seed, again.months_done, again.title) == (run.hash, 9, 4, run.title)
    assert sim.run(str(folder)).hash == run.hash
    assert again.scenario.hash == run.scenario.hash
    assert sim.run(folder, seed=1).hash != run.hash
    assert sim.run(folder, months=2).months_done == 2
    said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert said["state_hash"] == run.hash and said["seed"] == 9 and said["changes"] == change
    assert not [file.name for file in folder.parent.iterdir() if file.name.startswith(".")]


def test_saved_tables_read_back(tmp_path, cafes):
    folder = cafes.save(tmp_path / "run")
    for name in ("firms", "months", "customers", "departures", "ledger", "rules"):
        table = pd.read_csv(folder / f"{name}.csv")
        assert len(table) == len(getattr(cafes, name)), name
    np.testing.assert_array_equal(pd.read_csv(folder / "months.csv")["profit"], cafes.months["profit"])


def test_nothing_is_overwritten(tmp_path, cafes):
    folder = cafes.save(tmp_path / "run")
    before = (folder / "run.json").read_bytes()
    other = sim.run("two_cafes", months=1)
    with pytest.raises(FileExistsError, match="is there already"):
        other.save(folder)
    assert (folder / "run.json").read_bytes() == before
    other.save(folder, force=True)
    assert sim.run(folder).hash == other.hash


def test_a_folder_of_something_else_is_never_touched(tmp_path, cafes):
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    for force in (False, True):
        with pytest.raises(FileExistsError, match="something else"):
            cafes.save(tmp_path, force=force)
    with pytest.raises(FileExistsError, match="is a file"):
        cafes.save(tmp_path / "photo.jpg", force=True)
    assert (tmp_path / "photo.jpg").read_bytes() == b"mine"


def test_a_result_with_a_file_of_yours_in_it_is_never_written_over(tmp_path, cafes):
    folder = cafes.save(tmp_path / "run")
    (folder / ".DS_Store").write_bytes(b"of a file manager")
    cafes.save(folder, force=True)
    for name in ("minutes.txt", "report.html", "months.xlsx"):
        (folder / name).write_text("mine")
        with pytest.raises(FileExistsError, match=rf"holds {name} beside results.*move it elsewhere"):
            cafes.save(folder, force=True)
        assert (folder / name).read_text() == "mine"
        (folder / name).unlink()
    (folder / "notes").mkdir()
    (folder / "notes" / "one.txt").write_text("mine")
    with pytest.raises(FileExistsError, match=r"holds notes and 1 more.*move them"):
        cafes.save(folder, force=True)
    assert (folder / "notes" / "one.txt").read_text() == "mine"


@pytest.mark.parametrize("name", sorted(FROM_SYSTEMS))
def test_what_file_managers_leave_in_a_folder_is_in_nobodys_way(tmp_path, cafes, name):
    from sim.commands.claims import _check_out
    from sim.commands.sensitivity import check_place
    from sim.experiments import Store
    from sim.experiments.claims import REDUCED

    for kind in ("run", "claims", "study", "store"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / name).write_bytes(b"of a file manager")
    assert cafes.save(tmp_path / "run") == tmp_path / "run" and (tmp_path / "run" / "run.json").is_file()
    _check_out(tmp_path / "claims", ["permission"], REDUCED, force=False)
    check_place(tmp_path / "study", False, "rivals")
    assert Store(tmp_path / "store").done() == set()
    for refuse in (lambda: _check_out(tmp_path / "study", ["permission"], REDUCED, force=False),
                   lambda: check_place(tmp_path / "study", True, "rivals")):  # fmt: skip
        (tmp_path / "study" / "mine.txt").write_text("mine")
        with pytest.raises((FileExistsError, ValueError), match="holds"):
            refuse()


def test_the_contact_network_beside_a_result_goes_with_it(tmp_path):
    (tmp_path / "who.csv").write_text("0,1\n1,2\n", encoding="utf-8")
    change = {"market.customers": 50, "talk.network": "file", "talk.edges": "who.csv"}
    run = sim.run(sim.load(sim.load("two_cafes").save(tmp_path / "own.toml")), months=1, change=change)
    folder = run.save(tmp_path / "run")
    assert (folder / "who.csv").is_file()
    assert run.save(folder, force=True) == folder
    pair = sim.compare(run.scenario, ["accountable"], months=1, seeds=1)
    assert pair.save(pair.save(tmp_path / "pair"), force=True) == tmp_path / "pair"


def test_a_failed_save_leaves_the_old_result_and_no_rest(tmp_path, cafes, monkeypatch):
    folder = cafes.save(tmp_path / "run")
    before = (folder / "months.csv").read_bytes()
    broken = sim.run("two_cafes", months=1)
    monkeypatch.setattr(Run, "ledger", property(lambda _self: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        broken.save(folder, force=True)
    assert (folder / "months.csv").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


def test_what_no_file_holds_is_named_and_asked_for_again(tmp_path):
    class Own(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=1.1)

    run = sim.run("two_cafes", months=2, policies={"Corner": Own()}, swap={"talk": be_silent})
    with pytest.warns(UserWarning, match="policy Corner=Own, swap talk cannot be written"):
        folder = run.save(tmp_path / "run")
    with pytest.raises(ValueError, match="policy Corner=Own, swap talk, which no file holds"):
        sim.run(folder)
    assert sim.run(folder, policies={"Corner": Own()}, swap={"talk": be_silent}).hash == run.hash
    for alone in (folder, str(folder / "scenario.toml")):
        with pytest.warns(
            UserWarning, match="also had policy Corner=Own, swap talk, which no file holds"
        ) as caught:
            assert sim.load(alone).market.months == 2
        assert caught[0].filename == __file__


def test_another_function_or_a_lucky_policy_given_again_is_told(tmp_path, recwarn):
    class Lucky(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=1 + np.random.default_rng().random() / 10)

    class Own(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=1.1)

    def loud(market):
        market.tell(market.customers.tenure >= 0, people=3, news="bad")

    swapped = sim.run("two_cafes", months=2, swap={"talk": be_silent}).save(tmp_path / "swapped")
    lucky = sim.run("two_cafes", months=2, policies={"Corner": Lucky()}).save(tmp_path / "lucky")
    recwarn.clear()
    with pytest.warns(UserWarning, match="swap talk, given again, is not what it had"):
        sim.run(swapped, swap={"talk": loud})
    with pytest.warns(UserWarning, match="policy Corner=Lucky, given again, is not what it had, draws luck"):
        sim.run(lucky, policies={"Corner": Lucky()})
    recwarn.clear()
    sim.run(swapped, swap={"talk": be_silent})
    sim.run(lucky, policies={"Corner": Own()})
    sim.run(swapped, swap={"talk": loud}, seed=3)
    assert not recwarn.list


def test_a_shipped_policy_given_as_an_object_is_saved(tmp_path):
    from sim.policies.levels import LevelByValue

    run = sim.run("two_cafes", months=2, policies={"Corner": LevelByValue(top_share=0.5)})
    assert sim.run(run.save(tmp_path / "run")).hash == run.hash


def test_no_policy_in_place_of_a_scenarios_is_saved(tmp_path):
    cutter = sim.load("two_cafes").with_changes(
        {"market.customers": 120, "firms.Corner.policy": "price_cutter"}
    )
    run = sim.run(cutter, months=2, policies={"Corner": None})
    again = sim.run(run.save(tmp_path / "run"))
    assert again.hash == run.hash != sim.run(cutter, months=2).hash


def test_a_run_that_no_longer_repeats_says_so(tmp_path):
    folder = sim.run("two_cafes", months=1).save(tmp_path / "run")
    sim.load(folder).with_changes({"firms.Corner.plan.price": 1.2}).save(folder / "scenario.toml", force=True)
    with pytest.warns(UserWarning, match="not those of the saved run"):
        sim.run(folder)


def test_the_scenario_of_a_saved_run_is_the_world_that_was_run(tmp_path):
    run = sim.run("two_cafes", months=4, seed=9, policies={"Corner": "price_cutter"})
    folder = run.save(tmp_path / "run")
    file = folder / "scenario.toml"
    for scenario in (sim.load(folder), sim.load(file), folder / "scenario.toml"):
        assert sim.run(scenario, seed=9).hash == run.hash
    assert sim.load(folder).market.months == 4 and sim.load(folder).firms["Corner"].policy == "price_cutter"
    pairs = [sim.compare(one, ["basic"], seeds=[9]) for one in (folder, sim.load(folder))]
    assert pairs[0].table.equals(pairs[1].table)
    twice = sim.run(folder).save(tmp_path / "twice")
    assert (twice / "scenario.toml").read_bytes() == file.read_bytes()
    assert (twice / "run.json").read_bytes() == (folder / "run.json").read_bytes()


def test_what_is_written_into_a_saved_scenario_holds_when_it_is_run(tmp_path):
    folder = sim.run("two_cafes", months=3, policies={"Corner": "price_cutter"}).save(tmp_path / "run")
    edited = sim.load(folder).with_changes({"firms.Corner.policy": "basic", "market.months": 2})
    edited.save(folder / "scenario.toml", force=True)
    with pytest.warns(UserWarning, match="the folder's files, or the program, were changed since"):
        again = sim.run(folder)
    assert again.hash == sim.run(edited).hash and again.months_done == 2
    assert again.policies["Corner"] == "basic"


def test_a_damaged_run_file_is_one_sentence(tmp_path):
    folder = sim.run("two_cafes", months=1).save(tmp_path / "run")
    (folder / "run.json").write_text('{"seed": 1}', encoding="utf-8")
    with pytest.raises(ValueError, match="not as Tenfold wrote it"):
        sim.run(folder)


# ---------------------------------------------------------------- a comparison from a saved run


def test_a_comparison_takes_seed_months_and_policies_of_a_saved_run(tmp_path):
    ran = sim.run("two_cafes", months=3, seed=7, policies={"Corner": "basic", "Express": "acquirer"})
    folder = ran.save(tmp_path / "run")
    pair = sim.compare(folder, ["accountable"], seeds=1)
    assert (pair.seeds, pair.months) == ([7], 3)
    assert pair.runs["as it is"].hash == ran.hash
    assert pair.runs["accountable"].policies == {"Corner": "accountable", "Express": "acquirer"}
    assert sim.compare(folder, ["accountable"], seeds=2, months=1).seeds == [7, 8]
    other = sim.compare(folder, ["accountable"], seeds=[3], months=1)
    assert (other.seeds, other.months) == ([3], 1)


def test_the_scenario_of_a_saved_comparison_is_the_base_that_was_run(tmp_path):
    from sim.show.report import told

    folder = sim.run("two_cafes", months=3, seed=7, policies={"Corner": "basic"}).save(tmp_path / "run")
    pair = sim.compare(folder, ["accountable"], seeds=1, months=2)
    kept = pair.save(tmp_path / "pair")
    assert sim.run(sim.load(kept), seed=7).hash == pair.runs["as it is"].hash
    assert told.of_comparison_folder(kept).scenario.hash == pair.scenario.hash


def test_a_comparison_refuses_a_saved_run_without_what_no_file_holds(tmp_path):
    with pytest.warns(UserWarning, match="cannot be written"):
        folder = sim.run("two_cafes", months=1, swap={"talk": be_silent}).save(tmp_path / "run")
    with pytest.raises(ValueError, match="swap talk, which no file holds"):
        sim.compare(folder, ["accountable"])
    assert sim.compare(folder, ["accountable"], seeds=1, swap={"talk": be_silent}).months == 1


# ---------------------------------------------------------------- another policy than the saved run's


@pytest.fixture(scope="module")
def cutter(tmp_path_factory):
    """A small saved run in which Corner was given a policy."""
    small = sim.load("two_cafes").with_changes({"market.customers": 120})
    ran = sim.run(
        small, months=3, policies={"Corner": {"name": "price_cutter", "below": 0.1}, "Express": "acquirer"}
    )
    return ran.save(tmp_path_factory.mktemp("saved") / "r")


def test_what_is_said_of_a_policy_now_wins_over_the_saved_run(cutter, capsys):
    basic = sim.run(cutter, policies={"Corner": "basic"})
    changed = sim.run(cutter, change={"firms.Corner.policy": "basic"})
    assert changed.hash == basic.hash != sim.run(cutter).hash and changed.policies["Corner"] == "basic"
    assert main(["run", str(cutter), "--policy", "Corner=basic", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["state_hash"] == basic.hash
    pair = sim.compare(cutter, {"basic": {"change": {"firms.Corner.policy": "basic"}}}, seeds=1)
    assert (
        pair.runs["basic"].hash == basic.hash
        and pair.of_seeds("basic", "profit")[0] != pair.of_seeds("as it is", "profit")[0]
    )
    assert sim.run(cutter, change={"market.months": 2}).months_done == 2
    assert sim.compare(cutter, ["basic"], seeds=1, change={"market.months": 2}).months == 2
    all_have = sim.compare(cutter, ["accountable"], seeds=1, change={"firms.Corner.policy": "basic"})
    assert all_have.runs["as it is"].hash == basic.hash


def test_a_changed_parameter_is_one_of_the_saved_runs_policy(cutter, capsys):
    cheap = sim.run(cutter, policies={"Corner": {"name": "price_cutter", "below": 0.3}})
    assert sim.run(cutter, change={"firms.Corner.policy.below": 0.3}).hash == cheap.hash
    assert main(["run", str(cutter), "--change", "firms.Corner.policy.below=0.3", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["state_hash"] == cheap.hash
    pair = sim.compare(cutter, {"cheap": {"change": {"firms.Corner.policy.below": 0.3}}}, seeds=1)
    assert pair.runs["cheap"].hash == cheap.hash
    words = ["compare", str(cutter), "basic", "--change", "firms.Corner.policy.below=0.3", "--seeds", "1"]
    assert main([*words, "--json", "--quiet"]) == 0
    capsys.readouterr()


# ---------------------------------------------------------------- a saved run, wherever it is opened


@pytest.fixture(scope="module")
def accountable(tmp_path_factory):
    """A run that differs from its scenario in seed, months and a policy; and the folder where it is saved."""
    run = sim.run("two_cafes", months=2, seed=7, policies={"Corner": "accountable"})
    return run, run.save(tmp_path_factory.mktemp("saved") / "acc")


def test_a_market_of_a_saved_run_is_that_run(accountable):
    run, folder = accountable
    market = sim.Market(folder)
    market.run_model()
    assert (market.state_hash, market.seed, market.month) == (run.hash, 7, 2)
    assert sim.Market(folder, seed=1, months=3, policies={"Corner": "basic"}).months == 3


def test_a_copy_and_a_page_of_a_saved_run_have_its_policies_and_say_the_rest(accountable, tmp_path, capsys):
    run, folder = accountable
    assert main(["new", str(tmp_path / "n.toml"), "--from", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "of seed 7" in said and "2 months, Corner=accountable" in said
    assert sim.run(tmp_path / "n.toml", seed=7).hash == run.hash
    assert main(["show", str(folder)]) == 0
    shown = capsys.readouterr()
    assert "accountable" in shown.out and "level_by_value" not in shown.out and "of seed 7" in shown.err


def test_a_market_of_a_saved_run_with_a_policy_that_no_file_holds_is_refused(tmp_path):
    class Mine(sim.Policy):
        def decide(self, view):
            return sim.Plan()

    with pytest.warns(UserWarning, match="Mine"):
        folder = sim.run("two_cafes", months=1, policies={"Corner": Mine}).save(tmp_path / "mine")
    with pytest.raises(ValueError, match="which no file holds"):
        sim.Market(folder)
    assert sim.Market(folder, policies={"Corner": Mine}).months == 1


def test_the_file_that_was_read_is_copied_and_no_namesake(tmp_path):
    shop = tmp_path / "shop"
    shop.mkdir()
    for name in ("scenario", "shop"):
        (shop / f"{name}.toml").write_text(f'tenfold = 1\ntitle = "The file {name}"\n', encoding="utf-8")
    for name in ("scenario", "shop"):
        copy = tmp_path / f"of_{name}.toml"
        assert main(["new", str(copy), "--from", str(shop / f"{name}.toml")]) == 0
        assert sim.load(copy).title == f"The file {name}"
    told = sim.load(shop).with_changes({"talk.unhappy_tells": 1})
    assert told.file == shop / "scenario.toml"


GONE = "mechanisms.supply.signal_clarity"


def test_a_result_of_another_model_says_so_before_what_is_gone_from_its_scenario(tmp_path, cafes):
    folder = cafes.save(tmp_path / "run")
    sim.run(folder)
    scenario = folder / "scenario.toml"
    scenario.write_text(scenario.read_text(encoding="utf-8") + f"\n[mechanisms.supply]\n{GONE[18:]} = 1\n")
    said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for name in ("run.json", "comparison.json"):
        (folder / "run.json").unlink(missing_ok=True)
        (folder / name).write_text(json.dumps({**said, "model_version": "2"}))
        for read in (sim.load, sim.run):
            with pytest.raises(ValueError, match=rf"{name}: it was made by model version 2") as error:
                read(folder)
            _version, gone = str(error.value).splitlines()
            assert f"{GONE}: is gone since model version 3" in gone
    with pytest.raises(ValueError, match=f"^{GONE}: is gone since model version 3"):
        sim.run("plain", change={GONE: 0.5})


def test_what_is_gone_is_there_no_more():
    from sim.scenario.gone import GONE as all_gone

    for address, one in all_gone.items():
        with pytest.raises(ValueError, match="is gone since"):
            sim.load("plain").with_changes({address: 1.0})
        assert 1 < int(one.since) <= int(MODEL_VERSION)
