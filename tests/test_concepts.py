"""The concepts of the texts: each is expressed by something that exists, and changes something."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.concepts import (
    SEEDS,
    Experiment,
    concepts,
    faults,
    find_concepts,
    is_watchable,
    page,
    table,
    try_concept,
    watched,
)
from sim.market import Market
from sim.mechanisms.profiling import ROWS

DOCS = Path(__file__).parents[1] / "docs"
PAGE, CLAIMS = ((DOCS / name).read_text(encoding="utf-8") for name in ("concepts.md", "claims.md"))

NO_OFFERS = Experiment(
    "plain",
    "column products",
    {"firms.North.policy": "proactive", "decide.levels.proactive.cross_sell": 0.0},
    {"decide.levels.proactive.cross_sell": 0.0},
)
"""Customers become more loyal by a level whose offers of other product lines are taken away."""

EXPERIMENTS = [one for one in concepts().values() if one.experiment]


def test_every_concept_is_registered_once():
    assert set(concepts()) == set(range(1, 127))
    assert len({one.name for one in concepts().values()}) == len(concepts())


@pytest.mark.parametrize("number", concepts())
def test_what_expresses_a_concept_exists(number):
    one = concepts()[number]
    assert faults(one) == []
    assert one.experiment is None or is_watchable(one.experiment.watch)


def _row(number: int) -> str:
    return next(line for line in PAGE.splitlines() if line.startswith(f"| {number} |"))


def _effect_on_the_page(number: int) -> float:
    return float(re.search(r", effect (\S+) \(", _row(number))[1].replace(",", ""))


@pytest.mark.parametrize("one", EXPERIMENTS, ids=[str(one.id) for one in EXPERIMENTS])
def test_an_experiment_tells_its_effect_from_0_on_other_seeds_and_with_the_sign_that_the_page_has(one):
    found = try_concept(one, first=SEEDS + 1)
    assert found.is_alive and np.sign(found.effect) == np.sign(_effect_on_the_page(one.id))


@pytest.mark.parametrize(
    "number, watch, sign",
    [
        (16, "column loyalty", 1),
        (20, "annual_retention", -1),
        (32, "profit", -1),
        (124, "loyalty", -1),
        (124, "count orders", -1),
        (126, "permission_base", -1),
    ],
)
def test_what_is_said_of_a_concept_is_so(number, watch, sign):
    one = concepts()[number]
    experiment = one.experiment or NO_OFFERS
    found = try_concept(one._replace(experiment=experiment._replace(watch=watch)), first=SEEDS + 1)
    assert found.is_alive and np.sign(found.effect) == sign


HOSTS = {"mechanisms.community.firms.North.hosting": 1.0}
SERVED = Experiment(
    "plain", "ledger service_labour", HOSTS, {**HOSTS, "mechanisms.community.peer_support": 0.0}
)
KNOWN = Experiment("field_sales", "voluntary_churn", {}, {"mechanisms.sales_force.knowledge_value": 0.0})


@pytest.mark.parametrize("number, experiment", [(78, SERVED), (18, KNOWN)])
def test_members_save_service_and_who_knows_the_account_keeps_it(number, experiment):
    found = try_concept(concepts()[number]._replace(experiment=experiment), first=SEEDS + 1)
    assert found.is_alive and found.effect < 0


def test_in_the_core_loyalty_sells_no_other_product_line():
    assert "in the core alone loyalty has no part" in concepts()[16].says
    found = try_concept(concepts()[16]._replace(experiment=NO_OFFERS), seeds=10)
    assert not found.is_alive and abs(found.effect) < 0.02
    assert "cost less fails" in CLAIMS.partition("## loyal_customers")[2].partition("\n## ")[0]
    assert "willingly fails" in CLAIMS.partition("## data")[2].partition("\n## ")[0]


def test_no_source_of_a_profile_identifies_a_stranger():
    seen = []
    for uses in (True, False):
        sources = {f"mechanisms.profiling.firms.North.{name}": uses for name in ROWS}
        change = {"market.customers": 400, "mechanisms.profiling.on": True, **sources}
        market = Market("plain", seed=1, months=1, change=change, threads=1)
        market.run_model()
        seen.append(market.customers)
    known, plain = seen
    assert (known.profile_known[0] > 0.0).any() and not plain.profile_known[0].any()
    assert (known.profile_known[0][known.identified[0] == 0] == 0.0).all()
    assert (known.identified == plain.identified).all()


@pytest.mark.parametrize("one", EXPERIMENTS, ids=[str(one.id) for one in EXPERIMENTS])
def test_no_experiment_watches_what_the_firm_itself_decides(one):
    decided = {"column level", "column social", "column structural", "column messages", "column offer", "count messages", "count offers",
               "count surveyed", "ledger levels", "ledger level_labour", "ledger surveys", "ledger advertising", "ledger training",
               "ledger partner_fees", "ledger commissions", "ledger discounts", "column discount", "known_customers"}  # fmt: skip
    assert one.experiment.watch not in decided


def test_the_page_has_every_concept_and_all_are_alive():
    for one in concepts().values():
        row = _row(one.id)
        assert one.name in row and all(f"`{name}`" in row for name in one.represented_by)
        assert one.says in row and (one.experiment is None or f"{one.experiment.watch}: " in row)
        assert ("; profit " in row) == (one.experiment is not None and one.experiment.watch != "profit")
    assert "not told from 0" not in PAGE
    assert len(re.findall(r"^\| \d+ \|", PAGE, flags=re.M)) == len(concepts())


def test_an_experiment_is_a_difference_of_twins():
    ten = concepts()[65]
    found = try_concept(ten, seeds=2, customers=200, months=6)
    change = {"market.customers": 200}
    values, profits = [], []
    for own in (ten.experiment.on, ten.experiment.off):
        market = Market("plain", seed=1, months=6, change={**change, **own}, threads=1)
        market.run_model()
        values.append(watched(market, ten.experiment.watch))
        profits.append(np.mean([market.metrics["profit"][month][0] for month in range(6)]))
    assert found.effects[0] == values[0] - values[1] > 0
    assert found.off == 0.0 and found.is_alive == (found.low > 0 or found.high < 0)
    later = try_concept(ten, first=2, seeds=1, customers=200, months=6)
    assert later.effects[0] == found.effects[1] != found.effects[0]
    assert found.profit[0] == pytest.approx((profits[0] - profits[1] + later.profit[0]) / 2)
    assert found.profit[1] < found.profit[0] < found.profit[2] and "; profit " in str(found)


@pytest.mark.parametrize(
    "low, high, alive",
    [(0.1, 0.2, True), (-2.0, -1.0, True), (-1.0, 1.0, False), (0.0, 0.0, False), (np.nan, np.nan, False)],
)
def test_a_concept_is_alive_where_its_interval_is_there_and_leaves_0_out(low, high, alive):
    assert try_concept(concepts()[65], seeds=1, customers=50, months=2)._replace(low=low, high=high).is_alive is alive  # fmt: skip


def test_a_measure_has_no_experiment():
    with pytest.raises(ValueError, match="margin multiple"):
        try_concept(concepts()[48])


def test_concepts_are_found_by_number_word_and_what_expresses_them():
    assert [one.id for one in find_concepts("65")] == [65]
    assert {one.id for one in find_concepts("whale")} >= {99, 100}
    assert 78 in {one.id for one in find_concepts("mechanism community")}
    with pytest.raises(ValueError, match="did you mean"):
        find_concepts("Cros-seling")


def test_a_fault_is_told():
    wrong = concepts()[1]._replace(
        represented_by=("column products", "policy nobody", "parameter buy.nothing")
    )
    assert [text.partition(":")[0] for text in faults(wrong)] == ["policy nobody", "parameter buy.nothing"]
    assert faults(concepts()[1]._replace(says="a note beside its experiment")) == []
    assert faults(concepts()[1]._replace(experiment=None))


def test_the_command_lists_and_tries(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sim.concepts.try_concept", lambda one, **_: try_concept(one, seeds=1, customers=100, months=3)
    )
    assert main(["concepts"]) == 0
    out = capsys.readouterr().out
    assert "Cross-selling" in out and "126" in out and max(map(len, out.splitlines())) <= 80
    assert main(["concepts", "65", "--quiet"]) == 0
    assert "told_bad" in capsys.readouterr().out
    assert main(["concepts", "8", "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["concepts"][0]["id"] == 8
    assert main(["concepts", "--out", "here"]) == 2
    assert main(["concepts", "--all", "--out", str(Path(__file__).parents[1] / "docs")]) == 2
    assert "--force writes over it" in capsys.readouterr().err
    assert main(["concepts", "nothing at all"]) == 2


def test_the_page_and_the_table_are_made_of_what_was_tried():
    tried = {65: try_concept(concepts()[65], seeds=2, customers=100, months=4)}
    assert table(tried).query("id == 65").alive.notna().all() and len(table(tried)) == len(concepts())
    assert "told_bad: " in page(tried, "Small.")
    line = next(line for line in page(tried, "Small.").splitlines() if line.startswith("| 65 |"))
    assert re.search(r"effect \S+ \(\S+ to \S+\); profit \S+ \(\S+ to \S+\)\. \|$", line)
    assert table(tried).set_index("id").loc[65, "profit"] == tried[65].profit[0]
    noted = page({104: try_concept(concepts()[104], seeds=2, customers=50, months=2)}, "Small.")
    assert f"). {concepts()[104].says} |" in noted
    assert "; profit " not in page(
        {105: try_concept(concepts()[105], seeds=2, customers=50, months=2)}, "Small."
    )


def test_concepts_are_explained():
    assert "Cookies: concept 36 of the texts" in repr(sim.explain("Cookies"))
